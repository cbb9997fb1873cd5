BeforeDiscovery { $canRun = $IsLinux -and (Test-Path /bin/sh) }

Describe 'Register-DicomService' -Skip:(-not $canRun) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Process.ps1"
        . "$PSScriptRoot/Support.Service.ps1"
        $quiet = @{ Scope = 'User'; WarningAction = 'SilentlyContinue' }
        function Get-Unit([string] $Name) { Get-Content -Raw "$home2/config/systemd/user/dicomps-$Name.service" }
        # The words of ExecStart= as systemd.syntax(7) reads them.
        function Get-Words([string] $Unit) {
            $line = [regex]::Match($Unit, '(?m)^ExecStart=(.*)$').Groups[1].Value
            [regex]::Matches($line, '"((?:[^"\\]|\\.)*)"') | ForEach-Object { ($_.Groups[1].Value -replace '\\(.)', '$1').Replace('%%', '%').Replace('$$', '$') }
        }
    }

    BeforeEach {
        $home2 = (New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid().ToString('N').Substring(0, 8)))).FullName
        Use-ServiceFolder $home2
    }

    AfterEach { Reset-ServiceFolder }

    It 'writes a unit that runs the block with this module, enables it, and does not start it' {
        $service = Register-DicomService night { Start-DicomArchive ./archive -Wait } -Description 'Night archive' @quiet
        $service.GetType().FullName | Should -Be 'DicomPS.Services.RegisteredService'
        $service.State | Should -Be 'Stopped'
        $service.Enabled | Should -BeTrue
        $unit = Get-Unit night
        foreach ($line in 'Description=Night archive', 'Type=simple', 'Restart=on-failure', 'KillSignal=SIGTERM', 'TimeoutStopSec=60', 'NoNewPrivileges=yes', 'WantedBy=default.target', "WorkingDirectory=$PWD") {
            $unit | Should -Match "(?m)^$([regex]::Escape($line))$"
        }
        $words = @(Get-Words $unit)
        $words[-2] | Should -Be '-File'
        $words[0] | Should -Exist
        # The program of a dotnet tool would hand no signal on.
        $words[0] | Should -Not -BeLike '*/.dotnet/tools/pwsh'
        $run = Get-Content -Raw $words[-1]
        $run | Should -Match ([regex]::Escape("Import-Module '$(Resolve-Path "$root/out/DicomPS/DicomPS.psd1")'"))
        Get-Content -Raw $service.FilePath | Should -Match 'Start-DicomArchive ./archive -Wait'
        $asked = Get-Content "$home2/asked"
        "$asked" | Should -Match '--user .*daemon-reload'
        "$asked" | Should -Match 'enable dicomps-night.service'
        "$asked" | Should -Not -Match ' start '
    }

    It 'is read by systemd without a word, whatever stands in paths' -Skip:(-not (Get-Command systemd-analyze -ErrorAction Ignore)) {
        $odd = New-Item -ItemType Directory "$home2/a b'c`"d %h `$HOME \n ü"
        Set-Content -LiteralPath "$odd/it's 100%.ps1" "'ran' | Set-Content -LiteralPath ./ran.txt"
        $service = Register-DicomService odd -FilePath "$odd/it's 100%.ps1" -WorkingDirectory $odd -LogPath "$odd/log %t.log" -Description '50% "quoted" $HOME' @quiet
        $env:XDG_RUNTIME_DIR = $home2
        $said = & systemd-analyze verify --user "$home2/config/systemd/user/dicomps-odd.service" 2>&1
        $LASTEXITCODE | Should -Be 0 -Because "$said"
        "$said" | Should -Not -Match 'dicomps-odd'
        $words = @(Get-Words (Get-Unit odd))
        $own = Start-Pwsh -Arguments @($words | Select-Object -Skip $ownPwsh.Count)
        $own.Process.WaitForExit(60000) | Should -BeTrue
        $own.Process.ExitCode | Should -Be 0 -Because $own.Errors.Result
        Get-Content -LiteralPath "$odd/ran.txt" | Should -Be 'ran'
        $service.LogPath | Should -BeExactly "$odd/log %t.log"
        Get-Content -LiteralPath $service.LogPath | Select-Object -Last 1 | Should -Match '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d INFO odd ends with 0\.$'
    }

    It 'refuses <What>' -ForEach @(
        @{ What = 'a name with a line break'; Values = @{ Name = "a`nExecStartPre=/bin/evil" } }
        @{ What = 'a name that leaves its folder'; Values = @{ Name = '../x' } }
        @{ What = 'a name with a space'; Values = @{ Name = 'a b' } }
        @{ What = 'a name with a percent sign'; Values = @{ Name = 'a%h' } }
        @{ What = 'a name that ends with a line break'; Values = @{ Name = "a`n" } }
        @{ What = 'a description with a line break'; Values = @{ Description = "x`nExecStartPre=/bin/evil" } }
        @{ What = 'a description that takes in the next line'; Values = @{ Description = 'x\' }; Id = 'DicomArgumentInvalid' }
        @{ What = 'a log path with a line break'; Values = @{ LogPath = "/tmp/x`n[Service]" } }
        @{ What = 'a folder with a line break'; Values = @{ WorkingDirectory = "/tmp/x`nUser=root" } }
    ) {
        $values = @{ Name = 'odd' } + $quiet
        foreach ($key in $_.Values.Keys) { $values[$key] = $_.Values[$key] }
        $problem = { Register-DicomService -ScriptBlock { 1 } @values -ErrorAction Stop } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeLike "$(if ($Id) { $Id } else { 'DicomServiceNameInvalid' }),*"
        $problem.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        Get-ChildItem "$home2/config", "$home2/dicomps" -Recurse -File -ErrorAction Ignore | Should -BeNullOrEmpty
    }

    It 'refuses a name that is there, and replaces it with -Force' {
        $null = Register-DicomService twice { 'first' } @quiet
        $problem = { Register-DicomService twice { 'second' } @quiet -ErrorAction Stop } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomServiceExists,*'
        $service = Register-DicomService twice { 'second' } @quiet -Force
        Get-Content -Raw $service.FilePath | Should -Match 'second'
        Get-DicomService | Should -HaveCount 1
        Get-ChildItem "$home2" -Recurse -Filter *.tmp | Should -BeNullOrEmpty
    }

    It 'leaves a unit alone that it did not make, also with -Force' {
        $unit = "$home2/config/systemd/user/dicomps-mine.service"
        $null = New-Item -ItemType File -Force $unit -Value "[Unit]`n"
        $problem = { Register-DicomService mine { 1 } @quiet -Force -ErrorAction Stop } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomServiceExists,*'
        Get-Content -Raw $unit | Should -Be "[Unit]`n"
    }

    It 'changes nothing with -WhatIf' {
        Register-DicomService none { 1 } @quiet -WhatIf | Should -BeNullOrEmpty
        Get-ChildItem "$home2/config", "$home2/dicomps" -Recurse -File -ErrorAction Ignore | Should -BeNullOrEmpty
    }

    It 'says what was written and what starts it where systemd does not run' {
        Reset-ServiceFolder
        Use-ServiceFolder "$home2/none" -WithoutSystemd
        $service = Register-DicomService bare { 1 } -Scope User -WarningVariable warnings -WarningAction SilentlyContinue
        $service.State | Should -Be 'Unknown'
        $service.Enabled | Should -BeNullOrEmpty
        $service.ProcessId | Should -BeNullOrEmpty
        $service.Detail | Should -Match 'not been booted with systemd'
        "$($warnings[0])" | Should -Match 'dicomps-bare\.service was written, and is not enabled and not started'
        "$($warnings[0])" | Should -Match 'systemctl --user daemon-reload && systemctl --user enable --now dicomps-bare\.service'
        "$($warnings[0])" | Should -Match ([regex]::Escape($service.CommandLine))
    }

    It 'refuses <What> of the session' -ForEach @(
        @{ What = 'a variable'; Block = { $using:path } }
        @{ What = 'a variable in an expression'; Block = { Start-DicomArchive "$using:path" -Wait } }
    ) {
        $problem = { Register-DicomService x $Block @quiet -ErrorAction Stop } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomServiceScriptInvalid,*'
    }

    It 'takes a variable that a block within the script has from the script' {
        (Register-DicomService x { $to = 'a'; Start-DicomScp -OnStore { $using:to } -Wait } @quiet).Name | Should -Be 'x'
    }

    It 'refuses a script that is not there, is none, or cannot be read' {
        Set-Content "$home2/broken.ps1" 'if ('
        Set-Content "$home2/text.txt" '1'
        foreach ($case in @('absent.ps1', 'DicomFileNotFound'), @('broken.ps1', 'DicomServiceScriptInvalid'), @('text.txt', 'DicomServiceScriptInvalid')) {
            $problem = { Register-DicomService x -FilePath "$home2/$($case[0])" @quiet -ErrorAction Stop } | Should -Throw -PassThru
            $problem.FullyQualifiedErrorId | Should -BeLike "$($case[1]),*"
        }
    }

    It 'refuses an account where it means nothing, and one that is not there' {
        $problem = { Register-DicomService x { 1 } -Scope User -User nobody -ErrorAction Stop } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomParameterWithoutMeaning,*'
        $secret = [pscredential]::new('me', (ConvertTo-SecureString 'hidden-word' -AsPlainText -Force))
        $problem = { Register-DicomService x { 1 } -Scope User -Credential $secret -ErrorAction Stop } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomParameterWithoutMeaning,*'
        if ([Environment]::UserName -ne 'root') { return }
        foreach ($user in 'no-such-account', "root`nExecStartPre=/bin/evil") {
            $problem = { Register-DicomService x { 1 } -Scope System -User $user -ErrorAction Stop } | Should -Throw -PassThru
            $problem.FullyQualifiedErrorId | Should -BeLike 'DicomServiceNameInvalid,*'
        }
    }

    It 'has a unit of the system run as its account, with port 104 and no other right' -Skip:([Environment]::UserName -ne 'root') {
        $name = "test-$([guid]::NewGuid().ToString('N').Substring(0, 8))"
        try {
            $service = Register-DicomService $name { 1 } -Scope System -User daemon -LogPath "$home2/x.log" -WarningVariable warnings -WarningAction SilentlyContinue
            $service.Registration | Should -Be "/etc/systemd/system/dicomps-$name.service"
            $unit = Get-Content -Raw $service.Registration
            foreach ($line in 'User=daemon', 'AmbientCapabilities=CAP_NET_BIND_SERVICE', 'CapabilityBoundingSet=CAP_NET_BIND_SERVICE', 'ProtectSystem=full', "RuntimeDirectory=dicomps/$name", 'WantedBy=multi-user.target') {
                $unit | Should -Match "(?m)^$([regex]::Escape($line))$"
            }
            "$warnings" | Should -Not -Match 'root'
            if (Get-Command systemd-analyze -ErrorAction Ignore) {
                $said = & systemd-analyze verify $service.Registration 2>&1
                "$said" | Should -Not -Match "dicomps-$name"
            }
            $null = Register-DicomService $name { 1 } -Scope System -Force -WarningVariable warnings -WarningAction SilentlyContinue
            "$warnings" | Should -Match 'runs as root; -User names'
        }
        finally { Unregister-DicomService $name -Scope System }
        "/etc/systemd/system/dicomps-$name.service" | Should -Not -Exist
        "/etc/dicomps/services/$name" | Should -Not -Exist
    }

    It 'makes a task of Windows whose XML says the same' {
        $task = [DicomPS.Services.ServiceDefinition]::new()
        $task.Name = 'night'; $task.Scope = 'System'; $task.Description = 'a < b & "c"'; $task.WorkingDirectory = 'C:\Data & more'
        $task.Command = 'C:\Program Files\PowerShell\7\pwsh.exe', '-NoProfile', '-File', 'C:\Program Files\DicomPS Services\night\run.ps1'
        $xml = [xml] [DicomPS.Services.ScheduledTaskXml]::Text($task)
        $xml.Task.RegistrationInfo.Description | Should -Be 'a < b & "c"'
        $xml.Task.Triggers.BootTrigger.Enabled | Should -Be 'true'
        $xml.Task.Principals.Principal.UserId | Should -Be 'S-1-5-18'
        $xml.Task.Settings.ExecutionTimeLimit | Should -Be 'PT0S'
        $xml.Task.Actions.Exec.Command | Should -Be $task.Command[0]
        $xml.Task.Actions.Exec.Arguments | Should -Be '-NoProfile -File "C:\Program Files\DicomPS Services\night\run.ps1"'
        $xml.Task.Actions.Exec.WorkingDirectory | Should -Be 'C:\Data & more'
        $task.User = 'CLINIC\dicom'
        ([xml] [DicomPS.Services.ScheduledTaskXml]::Text($task)).Task.Principals.Principal.LogonType | Should -Be 'Password'
        $task.Scope = 'User'
        $xml = [xml] [DicomPS.Services.ScheduledTaskXml]::Text($task)
        $xml.Task.Triggers.LogonTrigger.UserId | Should -Be 'CLINIC\dicom'
        $xml.Task.Principals.Principal.LogonType | Should -Be 'InteractiveToken'
    }

    It 'quotes <Word> for Windows' -ForEach @(
        @{ Word = 'plain'; Quoted = 'plain' }
        @{ Word = 'C:\a b\'; Quoted = '"C:\a b\\"' }
        @{ Word = 'say "x"'; Quoted = '"say \"x\""' }
        @{ Word = 'a\"b c'; Quoted = '"a\\\"b c"' }
        @{ Word = ''; Quoted = '""' }
    ) {
        [DicomPS.Services.ScheduledTaskXml]::Quoted($Word) | Should -BeExactly $Quoted
    }
}
