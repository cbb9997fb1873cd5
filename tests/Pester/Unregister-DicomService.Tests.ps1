BeforeDiscovery { $canRun = $IsLinux -and (Test-Path /bin/sh) }

Describe 'Unregister-DicomService' -Skip:(-not $canRun) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Service.ps1"
    }

    BeforeEach {
        $folder = (New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid().ToString('N').Substring(0, 8)))).FullName
        Use-ServiceFolder $folder
        Set-Content "$folder/own.ps1" '1'
        $null = Register-DicomService night { 1 } -Scope User -WarningAction SilentlyContinue
        $null = Register-DicomService day -FilePath "$folder/own.ps1" -Scope User -WarningAction SilentlyContinue
    }

    AfterEach { Reset-ServiceFolder }

    It 'stops it and removes what was written for it, and nothing else' {
        Start-DicomService night
        Unregister-DicomService night | Should -BeNullOrEmpty
        "$(Get-Content "$folder/asked")" | Should -Match 'disable --now dicomps-night\.service .*daemon-reload'
        (Get-DicomService).Name | Should -Be 'day'
        "$folder/dicomps/services/night" | Should -Not -Exist
        "$folder/config/systemd/user/dicomps-night.service" | Should -Not -Exist
        Get-DicomService | Unregister-DicomService
        Get-DicomService -Scope User | Should -BeNullOrEmpty
        "$folder/own.ps1" | Should -Exist
    }

    It 'removes nothing with -WhatIf' {
        Unregister-DicomService * -Scope User -WhatIf
        (Get-DicomService).Name | Should -Be 'day', 'night'
    }

    It 'keeps what somebody put into its folder or in place of its unit' {
        Set-Content "$folder/dicomps/services/night/mine.txt" 'x'
        Set-Content "$folder/config/systemd/user/dicomps-night.service" '[Unit]'
        Unregister-DicomService night
        "$folder/dicomps/services/night/mine.txt" | Should -Exist
        "$folder/config/systemd/user/dicomps-night.service" | Should -Exist
        (Get-DicomService).Name | Should -Be 'day'
    }

    It 'works where systemd does not run' {
        Reset-ServiceFolder
        Use-ServiceFolder $folder -WithoutSystemd
        Unregister-DicomService night -ErrorAction Stop
        (Get-DicomService).Name | Should -Be 'day'
    }
}
