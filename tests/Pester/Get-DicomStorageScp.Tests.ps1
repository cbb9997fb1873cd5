Describe 'Get-DicomStorageScp' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $first = Start-DicomStorageScp -Path "$TestDrive/1" -Port 0
        $second = Start-DicomStorageScp -Path "$TestDrive/2" -Port 0
    }

    AfterAll { Stop-DicomStorageScp -All -Force }

    It 'lists the running servers' {
        (Get-DicomStorageScp).Id | Should -Be @($first.Id, $second.Id)
    }

    It 'gets servers by id, also from the pipeline' {
        (Get-DicomStorageScp -Id $second.Id).Port | Should -Be $second.Port
        ($first, $second | Get-DicomStorageScp).Port | Should -Be @($first.Port, $second.Port)
    }

    It 'says which id does not run' {
        Get-DicomStorageScp -Id 99999 -ErrorVariable problem -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomServerNotFound,*'
        $problem[0].TargetObject | Should -Be 99999
    }

    It 'sees the servers of other runspaces' {
        $manifest = Join-Path $root 'out/DicomPS/DicomPS.psd1'
        $shell = [powershell]::Create()
        try { $shell.AddScript("Import-Module '$manifest'; (Get-DicomStorageScp).Id").Invoke() | Should -Contain $first.Id } finally { $shell.Dispose() }
        $first.State | Should -Be 'Running'
    }

    It 'completes ids' {
        $text = 'Get-DicomStorageScp -Id '
        (TabExpansion2 $text $text.Length).CompletionMatches.CompletionText | Should -Contain "$($first.Id)"
    }
}
