Describe 'Remove-DicomTransfer' {
    BeforeAll { . "$PSScriptRoot/Support.ps1" }

    It 'removes one transfer and leaves the others' {
        $store = "$TestDrive/a.db"
        foreach ($name in 'one', 'two') {
            $null = New-DicomTransfer $store $name OLD@127.0.0.1:104 NEW@127.0.0.1:105
            $null = '1.2.3' | Add-DicomTransferItem $store $name
        }
        Remove-DicomTransfer $store one -WhatIf
        (Get-DicomTransfer $store).Name | Should -Be 'one', 'two'
        Remove-DicomTransfer $store one -Confirm:$false
        (Get-DicomTransfer $store).Name | Should -Be 'two'
        (Get-DicomTransferItem $store).Name | Should -Be 'two'
    }
}
