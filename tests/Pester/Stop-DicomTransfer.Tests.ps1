Describe 'Stop-DicomTransfer' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $store = "$TestDrive/a.db"
        $null = New-DicomTransfer $store night OLD@127.0.0.1:104 NEW@127.0.0.1:105
        $null = '1.2.3', '1.2.4' | Add-DicomTransferItem $store night
    }

    It 'stops, and gives up what waits when that is said' {
        (Stop-DicomTransfer $store night -PassThru).State | Should -Be 'Stopped'
        $now = Stop-DicomTransfer $store night -Discard -PassThru
        $now.Cancelled, $now.Waiting | Should -Be 2, 0
        (Start-DicomTransferWorker $store night).Left | Should -Be 0
        Reset-DicomTransferItem $store night -State Cancelled
        (Get-DicomTransfer $store night).Waiting | Should -Be 2
    }
}
