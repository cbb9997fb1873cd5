BeforeDiscovery { $canRun = $IsLinux -and (Test-Path /bin/sh) }

Describe 'Start-DicomService' -Skip:(-not $canRun) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Service.ps1"
    }

    BeforeEach {
        $folder = (New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid().ToString('N').Substring(0, 8)))).FullName
        Use-ServiceFolder $folder
        $null = Register-DicomService night { 1 } -Scope User -WarningAction SilentlyContinue
    }

    AfterEach { Reset-ServiceFolder }

    It 'has systemd start it' {
        Start-DicomService night | Should -BeNullOrEmpty
        Get-Content "$folder/asked" | Select-Object -Last 1 | Should -Match '^--user .* start dicomps-night\.service$'
        (Get-DicomService | Start-DicomService -PassThru).State | Should -Be 'Running'
    }

    It 'starts nothing with -WhatIf' {
        Start-DicomService night -WhatIf
        "$(Get-Content "$folder/asked")" | Should -Not -Match ' start '
    }

    It 'says what systemd says when it refuses' {
        $null = New-Item -ItemType File "$folder/refuse"
        $problem = { Start-DicomService night -ErrorAction Stop } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomServiceFailed,*'
        "$problem" | Should -Match 'night could not be started: Job failed'
        $problem.ErrorDetails.RecommendedAction | Should -Match 'journalctl --user -u dicomps-night'
    }

    It 'names the command where systemd does not run' {
        $line = (Get-DicomService night).CommandLine
        Reset-ServiceFolder
        Use-ServiceFolder $folder -WithoutSystemd
        $problem = { Start-DicomService night -ErrorAction Stop } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomServiceManagerMissing,*'
        "$problem" | Should -Match 'not been booted with systemd'
        $problem.ErrorDetails.RecommendedAction | Should -Match ([regex]::Escape($line))
    }

    It 'goes on with the others after one that is not there' {
        Start-DicomService none, night -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomServiceNotFound,*'
        (Get-DicomService night).State | Should -Be 'Running'
    }
}
