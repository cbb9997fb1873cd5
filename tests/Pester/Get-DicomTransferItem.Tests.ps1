Describe 'Get-DicomTransferItem' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $store = "$TestDrive/a.db"
        $null = New-DicomTransfer $store one OLD@127.0.0.1:104 NEW@127.0.0.1:105
        $null = '1.2.3', '1.2.4' | Add-DicomTransferItem $store one
    }

    It 'lists by state and by study' {
        (Get-DicomTransferItem $store).StudyInstanceUID | Should -Be '1.2.3', '1.2.4'
        (Get-DicomTransferItem $store one -StudyInstanceUID 1.2.4).StudyInstanceUID | Should -Be '1.2.4'
        Get-DicomTransferItem $store one -State Failed, Done | Should -BeNullOrEmpty
        Get-DicomTransferItem $store one -StudyInstanceUID 1.2.5 | Should -BeNullOrEmpty
    }

    It 'stops early when enough came' { @(Get-DicomTransferItem $store one | Select-Object -First 1).Count | Should -Be 1 }
}
