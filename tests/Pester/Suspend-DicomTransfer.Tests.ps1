Describe 'Suspend-DicomTransfer' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $store = "$TestDrive/a.db"
        foreach ($name in 'one', 'two') { $null = New-DicomTransfer $store $name OLD@127.0.0.1:104 NEW@127.0.0.1:105 }
    }

    It 'suspends by name, wildcards and pipeline' {
        (Suspend-DicomTransfer $store one -PassThru).State | Should -Be 'Suspended'
        Suspend-DicomTransfer $store t*
        (Get-DicomTransfer $store).State | Should -Be 'Suspended', 'Suspended'
        Get-DicomTransfer $store | Resume-DicomTransfer
        (Get-DicomTransfer $store).State | Should -Be 'Active', 'Active'
    }
}
