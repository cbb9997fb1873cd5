Describe 'Reset-DicomTransferItem' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $store = "$TestDrive/a.db"
        $null = New-DicomTransfer $store one OLD@127.0.0.1:104 NEW@127.0.0.1:105
        $null = '1.2.3', '1.2.4' | Add-DicomTransferItem $store one
        Stop-DicomTransfer $store one -Discard
    }

    It 'touches what is in the states alone, or one study' {
        Reset-DicomTransferItem $store one
        (Get-DicomTransfer $store one).Cancelled | Should -Be 2
        Get-DicomTransferItem $store one -StudyInstanceUID 1.2.4 | Reset-DicomTransferItem -State Cancelled
        $now = Get-DicomTransfer $store one
        $now.Cancelled, $now.Waiting | Should -Be 1, 1
    }
}
