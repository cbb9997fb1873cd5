BeforeDiscovery { $canRun = $IsLinux -and (Test-Path /bin/sh) }

Describe 'Get-DicomService' -Skip:(-not $canRun) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Service.ps1"
        $folder = (New-Item -ItemType Directory "$TestDrive/s").FullName
        Use-ServiceFolder $folder
        foreach ($name in 'night', 'day') { $null = Register-DicomService $name { Start-DicomArchive ./archive } -Scope User -WarningAction SilentlyContinue }
    }

    AfterAll { Reset-ServiceFolder }

    AfterEach { Remove-Item "$folder/active", "$folder/result" -ErrorAction Ignore }

    It 'lists what is registered, by name, wildcards and pipeline' {
        (Get-DicomService).Name | Should -Be 'day', 'night'
        (Get-DicomService n*).Name | Should -Be 'night'
        ('NIGHT' | Get-DicomService).Name | Should -Be 'night'
        Get-DicomService x* | Should -BeNullOrEmpty
        Get-DicomService -Scope System | Where-Object Name -In night, day | Should -BeNullOrEmpty
    }

    It 'says which name is not registered' {
        $problem = { Get-DicomService nigth -ErrorAction Stop } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomServiceNotFound,*'
        $problem.TargetObject | Should -Be 'nigth'
    }

    It 'has <State> where systemd says <Active>' -ForEach @(
        @{ Active = 'active'; State = 'Running' }
        @{ Active = 'activating'; State = 'Starting' }
        @{ Active = 'deactivating'; State = 'Stopping' }
        @{ Active = 'inactive'; State = 'Stopped' }
        @{ Active = 'failed'; State = 'Failed' }
        @{ Active = 'something'; State = 'Unknown' }
    ) {
        Set-Content "$folder/active" $Active
        if ($Active -eq 'failed') { Set-Content "$folder/result" exit-code }
        $service = Get-DicomService night
        $service.State | Should -Be $State
        # No process of it told anything.
        $service.ProcessId | Should -BeNullOrEmpty
        if ($Active -eq 'failed') { $service.Detail | Should -Match 'It ended: exit-code, 1\. Its log says why, and: journalctl --user -u dicomps-night\.service' }
        else { $service.Detail | Should -BeNullOrEmpty }
    }

    It 'is Unknown without systemctl, and the session has no error' {
        $before = $env:PATH
        try {
            $env:PATH = ''
            $service = Get-DicomService night -ErrorAction Stop
        }
        finally { $env:PATH = $before }
        $service.State | Should -Be 'Unknown'
        $service.Detail | Should -Match 'systemctl cannot be run'
    }

    It 'tells a definition that cannot be read, and lists the others' {
        $path = "$folder/dicomps/services/broken/service.json"
        $null = New-Item -ItemType File -Force $path -Value '{ "Name": "oth'
        try {
            $services = Get-DicomService -ErrorVariable problem -ErrorAction SilentlyContinue
            $services.Name | Should -Be 'day', 'night'
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomServiceBroken,*'
        }
        finally { Remove-Item -Recurse (Split-Path $path) }
    }

    It 'exports as words, and fits 100 columns' {
        Measure-Width (Get-DicomService) | Should -BeLessOrEqual 100
        $row = Get-DicomService night | ConvertTo-Csv | ConvertFrom-Csv
        $row.State | Should -Be 'Stopped'
        $row.PSObject.Properties.Value -join ' ' | Should -Not -Match 'System\.|DicomPS\.[A-Z]'
    }

    It 'completes names' {
        (TabExpansion2 'Get-DicomService n' 18).CompletionMatches.CompletionText | Should -Contain 'night'
        (TabExpansion2 'Stop-DicomService d' 19).CompletionMatches.CompletionText | Should -Contain 'day'
    }
}
