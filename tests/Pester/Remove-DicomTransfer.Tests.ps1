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

    It 'says what goes with it before it asks' {
        $store = "$TestDrive/c.db"
        $null = New-DicomTransfer $store one OLD@127.0.0.1:104 NEW@127.0.0.1:105
        $null = '1.2.3', '1.2.4' | Add-DicomTransferItem $store one
        . "$PSScriptRoot/Support.Process.ps1"
        $asked = Start-Pwsh "Remove-DicomTransfer '$store' one -WhatIf"
        $asked.Output.Result | Should -BeLike '*(2 studies, 2 not at their end)*'
    }

    It 'leaves one alone that a worker has, and says what to do first' {
        $store = "$TestDrive/b.db"
        $slow = Start-DicomScp -Port 0 -Address 127.0.0.1 -HandlerTimeout 0 -OnFind { Start-Sleep 180 }
        $null = New-DicomTransfer $store busy "OLD@127.0.0.1:$($slow.Port)" "NEW@127.0.0.1:$($slow.Port)"
        $null = '1.2.3' | Add-DicomTransferItem $store busy
        $worker = [powershell]::Create().AddScript('param($module, $store) Import-Module $module; Start-DicomTransferWorker $store busy').AddArgument((Get-Module DicomPS).Path).AddArgument($store)
        try {
            $null = $worker.BeginInvoke()
            for ($i = 0; $i -lt 600 -and -not (Get-DicomTransfer $store busy).Running; $i++) { Start-Sleep -Milliseconds 100 }
            $problem = { Remove-DicomTransfer $store busy -Confirm:$false -ErrorAction Stop } | Should -Throw -PassThru
            $problem.FullyQualifiedErrorId | Should -BeLike 'DicomTransferBusy,*'
            $problem.ErrorDetails.RecommendedAction | Should -Match 'Stop-DicomTransfer'
            (Get-DicomTransfer $store).Name | Should -Be 'busy'
        }
        finally {
            $worker.Stop()
            $worker.Dispose()
            Stop-DicomScp $slow -Force
        }
        Remove-DicomTransfer $store busy -Confirm:$false
        Get-DicomTransfer $store | Should -BeNullOrEmpty
    }
}
