BeforeDiscovery { $canRun = $IsLinux -and (Test-Path /bin/sh) }

Describe 'Stop-DicomService' -Skip:(-not $canRun) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Process.ps1"
        . "$PSScriptRoot/Support.Service.ps1"
    }

    BeforeEach {
        $folder = (New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid().ToString('N').Substring(0, 8)))).FullName
        Use-ServiceFolder $folder
        $null = Register-DicomService night { 1 } -Scope User -WarningAction SilentlyContinue
    }

    AfterEach { Reset-ServiceFolder }

    It 'has systemd stop it' {
        Start-DicomService night
        (Stop-DicomService night -PassThru).State | Should -Be 'Stopped'
        "$(Get-Content "$folder/asked")" | Should -Match ' stop dicomps-night\.service'
    }

    It 'stops nothing with -WhatIf' {
        Start-DicomService night
        Get-DicomService | Stop-DicomService -WhatIf
        (Get-DicomService night).State | Should -Be 'Running'
    }

    It 'names the signal where systemd does not run and the service does' {
        Reset-ServiceFolder
        Use-ServiceFolder $folder -WithoutSystemd
        $port = Get-FreePort
        $service = Register-DicomService night ([scriptblock]::Create("Start-DicomStorageScp '$folder/in' -Port $port")) -Scope User -Force -WarningAction SilentlyContinue
        $own = Start-Pwsh -Arguments '-NoProfile', '-NonInteractive', '-File', "$folder/dicomps/services/night/run.ps1"
        try {
            Wait-Port $port $own
            for ($i = 0; $i -lt 600 -and -not (Get-DicomService night).ProcessId; $i++) { Start-Sleep -Milliseconds 100 }
            $problem = { Stop-DicomService night -ErrorAction Stop } | Should -Throw -PassThru
            $problem.FullyQualifiedErrorId | Should -BeLike 'DicomServiceManagerMissing,*'
            $problem.ErrorDetails.RecommendedAction | Should -Match "kill -TERM $($own.Process.Id)"
            Send-Term $own | Should -Be 0
        }
        finally { Stop-Pwsh $own }
    }
}
