# -Wait on the Start- cmdlets: whoever ends it, the server is stopped in order.
Describe '-Wait of the Start- cmdlets' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Process.ps1"
    }

    AfterEach {
        Stop-Pwsh $own
        $null = [DicomPS.Serving.RunningServer]::StopAllAsync().Wait(30000)
    }

    It 'writes the server of <Name>, stays until Ctrl+C and stops it then' -ForEach @(
        @{ Name = 'Start-DicomStorageScp'; Command = "Start-DicomStorageScp '{0}'" }
        @{ Name = 'Start-DicomScp'; Command = 'Start-DicomScp -OnEcho {{ }}' }
        @{ Name = 'Start-DicomArchive'; Command = "Start-DicomArchive '{0}'" }
    ) {
        $stopped = Stop-Midway "$($Command -f "$TestDrive/$Name") -Port 0 -Wait" -Until { $args[0].Count }
        $stopped.Output | Should -HaveCount 1
        $stopped.Output[0].Port | Should -BeGreaterThan 0
        $stopped.Output[0].State | Should -Be 'Stopped'
        $stopped.Milliseconds | Should -BeLessThan 20000
        [DicomPS.Serving.RunningServer]::All | Should -BeNullOrEmpty
        # The index is closed, and the next start need not look through the files.
        "$TestDrive/$Name/.dicomps-open" | Should -Not -Exist
    }

    It 'stops the server when the pipeline has had enough' {
        $server = Start-DicomStorageScp $TestDrive -Port 0 -Wait | Select-Object -First 1
        $server.State | Should -Be 'Stopped'
    }

    It 'ends when somebody else stops the server' {
        $shell = [powershell]::Create()
        try {
            $output = [Management.Automation.PSDataCollection[psobject]]::new()
            $null = $shell.AddScript("Import-Module '$root/out/DicomPS/DicomPS.psd1'; Start-DicomStorageScp '$TestDrive' -Port 0 -Wait; 'goes on'")
            $run = $shell.BeginInvoke([Management.Automation.PSDataCollection[psobject]]::new(), $output)
            $null = Wait-Until { $output.Count }
            Get-DicomStorageScp | Stop-DicomStorageScp
            $run.AsyncWaitHandle.WaitOne(60000) | Should -BeTrue
            $output[1] | Should -Be 'goes on'
        }
        finally { $shell.Dispose() }
    }

    It 'writes what blocks say, and with -Verbose who was refused' {
        $port = Get-FreePort
        $own = Start-Pwsh "Start-DicomScp -Port $port -AETitle DESK -RequireCalledAETitle -OnEcho { Write-Warning 'an echo came' } -Wait -Verbose"
        Wait-Port $port $own
        Test-DicomEcho "DESK@127.0.0.1:$port" -CallingAETitle CT1 -Quiet | Should -BeTrue
        Test-DicomEcho "OTHER@127.0.0.1:$port" -CallingAETitle CT2 -Quiet | Should -BeFalse
        if ($IsWindows) { Set-ItResult -Skipped -Because 'there is no SIGTERM'; return }
        Send-Term $own | Should -Be 0
        $own.Output.Result | Should -Match 'WARNING: CT1 C-ECHO: an echo came'
        $own.Output.Result | Should -Match 'VERBOSE: \S+ \S+ Refused CT2 '
        $own.Output.Result | Should -Not -Match 'WARNING: .*CT2'
        $own.Output.Result | Should -Match 'VERBOSE: Stopped: DESK'
    }

    It 'keeps what was acknowledged when SIGTERM comes while <Name> stores, and ends with 0' -ForEach @(
        @{ Name = 'Start-DicomStorageScp'; More = '-Duplicate KeepBoth' }
        @{ Name = 'Start-DicomArchive'; More = '' }
    ) -Skip:($IsWindows -or -not (Get-Command storescu -ErrorAction Ignore) -or -not (Test-Path '/usr/lib/python3/dist-packages/pydicom/data/test_files/CT_small.dcm')) {
        $port = Get-FreePort
        $folder = "$TestDrive/term-$Name"
        # A second server, which SIGTERM is meant for as well.
        $other = Get-FreePort
        $own = Start-Pwsh "`$null = Start-DicomArchive '$folder-other' -Port $other; $Name '$folder' -Port $port $More -Wait; 'after'; exit 0"
        Wait-Port $port $own
        $log = "$TestDrive/storescu-$Name"
        $sender = Start-Process storescu -ArgumentList '-v', '--repeat', 100000, 127.0.0.1, $port, "$samples/CT_small.dcm" -PassThru -RedirectStandardOutput "$log.out" -RedirectStandardError "$log.err"
        try {
            for ($i = 0; $i -lt 1200 -and @(Select-String 'Received Store Response' "$log.out", "$log.err" -ErrorAction Ignore).Count -lt 20; $i++) { Start-Sleep -Milliseconds 50 }
            $clock = [Diagnostics.Stopwatch]::StartNew()
            Send-Term $own | Should -Be 0
            # Not the grace of 30 s: what was under way was one instance.
            $clock.Elapsed.TotalSeconds | Should -BeLessThan 20
            $sender.WaitForExit(60000) | Should -BeTrue
            # Without a limit it waits for what the program wrote, too.
            $sender.WaitForExit()
        }
        finally { Stop-Peer $sender }
        $own.Output.Result | Should -Match 'after'
        $acknowledged = @(Select-String 'Received Store Response \(Success\)' "$log.out", "$log.err").Count
        $acknowledged | Should -BeGreaterOrEqual 20
        $files = @(Get-ChildItem $folder -Recurse -File -Filter *.dcm)
        if ($Name -eq 'Start-DicomStorageScp') {
            $files.Count | Should -BeGreaterOrEqual $acknowledged
            $files.Count | Should -BeLessOrEqual ($acknowledged + 1)
        }
        else {
            (Get-FileHash $files[0]).Hash | Should -Not -BeNullOrEmpty
            (Get-DicomFile $files[0].FullName).SOPInstanceUID | Should -Be (Get-DicomFile "$samples/CT_small.dcm").SOPInstanceUID
            "$folder/.dicomps-open" | Should -Not -Exist
        }
        "$folder-other/.dicomps-open" | Should -Not -Exist
        Get-ChildItem $folder -Recurse -File -Force -Filter .dicomps-*.part | Should -BeNullOrEmpty
    }

    It 'aborts after -StopTimeout what does not end' -Skip:$IsWindows {
        $port = Get-FreePort
        $own = Start-Pwsh "Start-DicomScp -Port $port -OnEcho { New-Item '$TestDrive/echo1'; Start-Sleep 600 } -HandlerTimeout 0 -StopTimeout 1 -Wait"
        Wait-Port $port $own
        $echo = Start-ThreadJob { Import-Module $using:root/out/DicomPS/DicomPS.psd1; Test-DicomEcho "DICOMPS@127.0.0.1:$using:port" -Quiet }
        Wait-Until { Test-Path "$TestDrive/echo1" } | Should -BeTrue
        $clock = [Diagnostics.Stopwatch]::StartNew()
        Send-Term $own | Should -Be 0
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 20
        Receive-Job $echo -Wait -AutoRemoveJob | Should -BeFalse
    }

    It 'leaves the process to a second SIGTERM' -Skip:$IsWindows {
        $port = Get-FreePort
        $own = Start-Pwsh "Start-DicomScp -Port $port -OnEcho { New-Item '$TestDrive/echo2'; Start-Sleep 600 } -HandlerTimeout 0 -StopTimeout 300 -Wait"
        Wait-Port $port $own
        $echo = Start-ThreadJob { Import-Module $using:root/out/DicomPS/DicomPS.psd1; Test-DicomEcho "DICOMPS@127.0.0.1:$using:port" -Quiet }
        Wait-Until { Test-Path "$TestDrive/echo2" } | Should -BeTrue
        & /bin/kill -TERM $own.Process.Id
        $own.Process.WaitForExit(2000) | Should -BeFalse
        Send-Term $own | Should -Not -Be 0
        $null = Receive-Job $echo -Wait -AutoRemoveJob
    }
}
