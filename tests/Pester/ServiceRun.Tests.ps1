# What a registered service does when the system starts it: exactly the command of its unit is run here.
BeforeDiscovery { $canRun = $IsLinux -and (Test-Path /bin/sh) }

Describe 'A registered service that runs' -Skip:(-not $canRun) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Process.ps1"
        . "$PSScriptRoot/Support.Service.ps1"
        # ExecStart= of the unit, by a shell that becomes the program, as systemd does.
        function Start-Unit($Service) {
            $line = [regex]::Match((Get-Content -Raw $Service.Registration), '(?m)^ExecStart=(.*)$').Groups[1].Value
            $start = [Diagnostics.ProcessStartInfo]::new('/bin/sh')
            $start.ArgumentList.Add('-c')
            $start.ArgumentList.Add("exec $line")
            $start.WorkingDirectory = [regex]::Match((Get-Content -Raw $Service.Registration), '(?m)^WorkingDirectory=(.*)$').Groups[1].Value
            $start.RedirectStandardOutput = $start.RedirectStandardError = $true
            $process = [Diagnostics.Process]::Start($start)
            [pscustomobject]@{ Process = $process; Output = $process.StandardOutput.ReadToEndAsync(); Errors = $process.StandardError.ReadToEndAsync() }
        }
        function Wait-Log($Service, [string] $Pattern) {
            for ($i = 0; $i -lt 2400; $i++) {
                if ((Test-Path $Service.LogPath) -and (Get-Content -Raw $Service.LogPath) -match $Pattern) { return }
                Start-Sleep -Milliseconds 50
            }
            throw "The log has no $Pattern`: $(Get-Content -Raw $Service.LogPath)"
        }
    }

    BeforeEach {
        $folder = (New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid().ToString('N').Substring(0, 8)))).FullName
        Use-ServiceFolder $folder -WithoutSystemd
        $port = Get-FreePort
        $quiet = @{ Scope = 'User'; WarningAction = 'SilentlyContinue'; WorkingDirectory = $folder }
    }

    AfterEach {
        Stop-Pwsh $own
        Reset-ServiceFolder
    }

    It 'stores, is seen from any session, and stops in order at SIGTERM, with <Ends>' -ForEach @(
        @{ Ends = '-Wait'; Wait = '-Wait' }
        @{ Ends = 'a script that has come to its end'; Wait = '' }
    ) -Skip:(-not (Get-Command storescu -ErrorAction Ignore) -or -not (Test-Path '/usr/lib/python3/dist-packages/pydicom/data/test_files/CT_small.dcm')) {
        $service = Register-DicomService night ([scriptblock]::Create("Start-DicomArchive ./archive -Port $port -AETitle NIGHT -RequireCalledAETitle $Wait")) @quiet
        $own = Start-Unit $service
        Wait-Port $port $own
        & storescu -aec NIGHT 127.0.0.1 $port "$samples/CT_small.dcm"
        $LASTEXITCODE | Should -Be 0
        Test-DicomEcho "WRONG@127.0.0.1:$port" -CallingAETitle CT9 -Quiet | Should -BeFalse
        for ($i = 0; $i -lt 600 -and -not (Get-DicomService night).Refused; $i++) { Start-Sleep -Milliseconds 100 }
        $seen = Get-DicomService night
        # systemd cannot be asked here, and what a file says is not what it would say.
        $seen.State | Should -Be 'Unknown'
        $seen.ProcessId | Should -Be $own.Process.Id
        $seen.Servers | Should -Be "Archive NIGHT:$port"
        $seen.Received | Should -Be 1
        $seen.Refused | Should -Be 1
        $seen.Detail | Should -Match "Process $($own.Process.Id) runs as this service"
        Measure-Width $seen | Should -BeLessOrEqual 100
        (Get-DicomArchive -Registered).Name | Should -Be 'night'
        (Get-DicomArchive -Registered).Received | Should -Be 1
        Get-DicomStorageScp -Registered | Should -BeNullOrEmpty
        Get-DicomScp -Registered | Should -BeNullOrEmpty
        # Of this process there is none.
        Get-DicomArchive | Where-Object Port -EQ $port | Should -BeNullOrEmpty

        { Unregister-DicomService night -ErrorAction Stop } | Should -Throw -ErrorId 'DicomServiceFailed,*'
        Send-Term $own | Should -Be 0
        @(Get-ChildItem "$folder/archive" -Recurse -File -Filter *.dcm) | Should -HaveCount 1
        "$folder/archive/.dicomps-open" | Should -Not -Exist
        (Get-DicomService night).ProcessId | Should -BeNullOrEmpty

        $log = @(Get-Content $service.LogPath)
        $log | ForEach-Object { $_ | Should -Match '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d [A-Z]+ ' }
        "$log" | Should -Match 'WARNING NIGHT: .*Refused CT9 at 127.0.0.1'
        "$log" | Should -Match 'INFO SIGTERM'
        $log[-1] | Should -Match 'night ends with 0'
        # What everybody may read has no patients.
        (& /usr/bin/stat -c %a $service.LogPath) | Should -Be '640'
    }

    It 'is not called running when its process is gone' {
        $service = Register-DicomService night ([scriptblock]::Create("Start-DicomStorageScp ./in -Port $port -Wait")) @quiet
        $own = Start-Unit $service
        Wait-Port $port $own
        for ($i = 0; $i -lt 600 -and -not (Get-DicomService night).ProcessId; $i++) { Start-Sleep -Milliseconds 100 }
        for ($i = 0; $i -lt 600 -and -not (Get-DicomStorageScp -Registered); $i++) { Start-Sleep -Milliseconds 100 }
        (Get-DicomStorageScp -Registered).Servers | Should -Match ":$port"
        $own.Process.Kill()
        $own.Process.WaitForExit()
        $seen = Get-DicomService night
        Get-DicomStorageScp -Registered | Should -BeNullOrEmpty
        $seen.State | Should -Be 'Unknown'
        $seen.ProcessId | Should -BeNullOrEmpty
        $seen.Servers | Should -BeNullOrEmpty
        $seen.Detail | Should -Match 'No process of it is alive. The last one told of itself at .* and did not end in order'
        # Another process with that number is not the service.
        $status = Get-Content -Raw "$folder/state/DicomPS/night/status.json" | ConvertFrom-Json
        $status.ProcessId = $PID
        $status | ConvertTo-Json -Depth 5 | Set-Content "$folder/state/DicomPS/night/status.json"
        (Get-DicomService night).ProcessId | Should -BeNullOrEmpty
        # Nor does a file that is none break the list.
        Set-Content "$folder/state/DicomPS/night/status.json" '{ "ProcessId": '
        (Get-DicomService night).State | Should -Be 'Unknown'
    }

    It 'logs each stream in one line, and of objects nothing that names a patient' {
        $block = {
            'a text'; Write-Warning "warn`nExtra line $([char] 27)[31m"; Write-Verbose 'more' -Verbose; Write-Host 'host'; Write-Error 'wrong'
            [pscustomobject]@{ PatientID = 4711; PatientName = 'DOE^JOHN'; PatientBirthDate = [datetime]::Today; StudyInstanceUID = '1.2.3'; Comment = 'DOE'; Count = 3; State = 'Ready' }
            [pscustomobject]@{ SOPInstanceUID = 'DOE^JANE' }
        }
        $service = Register-DicomService words $block @quiet
        $own = Start-Unit $service
        $own.Process.WaitForExit(180000) | Should -BeTrue
        $own.Process.ExitCode | Should -Be 0
        $log = (Get-Content $service.LogPath | ForEach-Object { $_ -replace '^\S+ ' }) -join '|'
        $log | Should -Match 'OUT a text\|WARNING warn Extra line \?\[31m\|VERBOSE more\|INFO host\|ERROR .*: wrong'
        $log | Should -Match 'OUT StudyInstanceUID=1\.2\.3, Count=3, State=Ready \(4 not shown\)'
        $log | Should -Not -Match 'DOE|4711'
        $null = Register-DicomService words $block @quiet -IncludePatientData -Force
        $own = Start-Unit $service
        $own.Process.WaitForExit(180000) | Should -BeTrue
        Get-Content -Raw $service.LogPath | Should -Match 'PatientID=4711, PatientName=DOE\^JOHN'
    }

    It 'ends with a failure when the script does, so that it is started again: <Name>' -ForEach @(
        @{ Name = 'throw'; Block = { throw 'no' }; Code = 1 }
        @{ Name = 'exit'; Block = { exit 3 }; Code = 3 }
        @{ Name = 'a terminating error'; Block = { Start-DicomStorageScp ./in -Port 1 -Address 203.0.113.1 -ErrorAction Stop }; Code = 1 }
    ) {
        $service = Register-DicomService fails $Block @quiet
        $own = Start-Unit $service
        $own.Process.WaitForExit(180000) | Should -BeTrue
        $own.Process.ExitCode | Should -Be $Code
        Get-Content -Raw $service.LogPath | Should -Match ' ERROR '
    }

    It 'ends with 0 also when its script does not end' {
        $service = Register-DicomService endless ([scriptblock]::Create("`$null = Start-DicomArchive ./archive -Port $port; while (`$true) { Start-Sleep 1 }")) @quiet
        $own = Start-Unit $service
        Wait-Port $port $own
        Send-Term $own | Should -Be 0
        "$folder/archive/.dicomps-open" | Should -Not -Exist
        Get-Content -Raw $service.LogPath | Should -Match 'did not end within 10 s'
    }

    It 'stops in order when a file asks for it, as on Windows' {
        $service = Register-DicomService asked ([scriptblock]::Create("Start-DicomArchive ./archive -Port $port -Wait")) @quiet
        $own = Start-Unit $service
        Wait-Port $port $own
        $null = New-Item -ItemType File "$folder/state/DicomPS/asked/stop"
        $own.Process.WaitForExit(180000) | Should -BeTrue
        $own.Process.ExitCode | Should -Be 0
        "$folder/archive/.dicomps-open" | Should -Not -Exist
    }

    It 'serves on when its log cannot be written, and says so once' {
        $null = New-Item -ItemType Directory "$folder/no.log"
        $service = Register-DicomService mute ([scriptblock]::Create("1..50 | ForEach-Object { `$_ }; Start-DicomStorageScp ./in -Port $port -Wait")) @quiet -LogPath "$folder/no.log"
        $own = Start-Unit $service
        Wait-Port $port $own
        Test-DicomEcho "DICOMPS@127.0.0.1:$port" -Quiet | Should -BeTrue
        Send-Term $own | Should -Be 0
        ([regex]::Matches($own.Errors.Result, 'cannot be written')).Count | Should -Be 1
    }
}

Describe 'The log of a service' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        function New-Log([string] $Path, [long] $Bytes, [int] $Files) { [DicomPS.Services.RotatingLog]::new($Path, $Bytes, $Files, { param($said) $told.Add($said) }) }
    }

    BeforeEach { $told = [Collections.Generic.List[string]]::new() }

    It 'keeps so many files of such a size, the newest lines among them' {
        $path = "$TestDrive/kept/x.log"
        $log = New-Log $path 65536 3
        1..4000 | ForEach-Object { $log.Write('INFO', "line $_ $('x' * 60)") }
        $log.Dispose()
        (Get-ChildItem "$TestDrive/kept").Name | Sort-Object | Should -Be 'x.1.log', 'x.2.log', 'x.log'
        (Get-ChildItem "$TestDrive/kept" | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 65536
        $lines = 'x.2.log', 'x.1.log', 'x.log' | ForEach-Object { Get-Content "$TestDrive/kept/$_" } | ForEach-Object { [int] ($_ -split ' ')[3] }
        $lines[-1] | Should -Be 4000
        # None is lost or told twice between the files.
        $lines.Count | Should -Be (4000 - $lines[0] + 1)
        $told | Should -BeNullOrEmpty
    }

    It 'cuts a line that is too long, and keeps it one line' {
        $log = New-Log "$TestDrive/long.log" 65536 2
        $log.Write('INFO', "a`r`nb$([char] 0x2028)c$([char] 27)]0;x$([char] 7)")
        $log.Write('INFO', 'y' * 100000)
        $log.Dispose()
        $lines = [IO.File]::ReadAllLines("$TestDrive/long.log")
        $lines | Should -HaveCount 2
        $lines[0] | Should -Match 'INFO a b c\?\]0;x\?$'
        $lines[1].Length | Should -BeLessThan 8300
    }

    It 'goes on without its file, tells it once, and counts what was lost when it is there again' {
        $path = "$TestDrive/blocked.log"
        $null = New-Item -ItemType Directory $path
        $log = New-Log $path 65536 2
        1..100 | ForEach-Object { $log.Write('INFO', "lost $_") }
        $told | Should -HaveCount 1
        $told[0] | Should -Match 'cannot be written'
        $log.Lost | Should -Be 100
        Remove-Item $path
        Start-Sleep -Milliseconds 1200
        $log.Write('INFO', 'again')
        $log.Lost | Should -Be 0
        $log.Dispose()
        $lines = Get-Content $path
        $lines[0] | Should -Match 'WARNING 100 line\(s\) before this one could not be written'
        $lines[1] | Should -Match 'INFO again'
    }

    It 'loses a line on a full disk and never the one who writes' -Skip:(-not (Test-Path /dev/full)) {
        $null = New-Item -ItemType SymbolicLink "$TestDrive/full.log" -Target /dev/full
        $log = New-Log "$TestDrive/full.log" 65536 2
        1..10 | ForEach-Object { $log.Write('INFO', 'x') }
        $log.Lost | Should -Be 10
        $told | Should -HaveCount 1
        $log.Dispose()
    }
}
