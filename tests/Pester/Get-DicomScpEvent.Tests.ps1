Describe 'Get-DicomScpEvent' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        # Calls a server and is refused, or not.
        function Invoke-Caller($Server, $Calling, $Called = 'BOX') {
            $null = Test-DicomEcho "$Called@127.0.0.1:$($Server.Port)" -CallingAETitle $Calling -Quiet -ErrorAction SilentlyContinue
        }
    }

    BeforeEach {
        $server = Start-DicomStorageScp (Join-Path $TestDrive ([guid]::NewGuid())) -Port 0 -AETitle BOX -RequireCalledAETitle -AllowedCallingAETitle CT1, CT2
    }

    AfterEach {
        if (Get-DicomStorageScp) { Stop-DicomStorageScp -All -Force }
        if (Get-DicomScp) { Stop-DicomScp -All -Force }
        if (Get-DicomArchive) { Stop-DicomArchive -All -Force }
    }

    It 'says of two refused callers when, who, from where, why and what to do' {
        Invoke-Caller $server CT1 WRONG
        Invoke-Caller $server CT9
        $events = Get-DicomScpEvent
        $events.Kind | Should -Be 'Refused', 'Refused'
        $events.CallingAETitle | Should -Be 'CT1', 'CT9'
        $events.CalledAETitle | Should -Be 'WRONG', 'BOX'
        $events.RemoteAddress | Should -Be '127.0.0.1', '127.0.0.1'
        $events[0].Message | Should -Match "called the AE title 'WRONG', and this server is 'BOX'"
        $events[1].Message | Should -Match "'CT9' is not among those that may call"
        $events.Advice | Should -Match 'RequireCalledAETitle|AllowedCallingAETitle'
        ((Get-Date) - $events[1].Time).TotalSeconds | Should -BeLessThan 60
        $server.Refused | Should -Be 2
        $server.Associations | Should -Be 0
        [Math]::Abs(($server.LastErrorAt - $events[1].Time).TotalSeconds) | Should -BeLessThan 1
    }

    It 'shows the count of refused callers in the default table of every kind of server' {
        $null = Start-DicomScp -Port 0 -OnEcho { }
        $null = Start-DicomArchive (Join-Path $TestDrive 'archive') -Port 0
        Invoke-Caller $server CT9
        Get-DicomStorageScp | Out-String -Width 80 | Should -Match '(?s)Refused +Failed.*BOX.* 1 +0 '
        Get-DicomScp | Out-String -Width 80 | Should -Match 'Refused +Failed'
        Get-DicomArchive | Out-String -Width 80 | Should -Match 'Refused +Failed'
    }

    It 'tells a modality that finds no context in which it could send' {
        Find-DicomStudy "BOX@127.0.0.1:$($server.Port)" -CallingAETitle CT1 -PatientID 1 -ErrorAction SilentlyContinue
        # An association is told of once it is there: the caller may have it first.
        $null = Wait-Until { Get-DicomScpEvent -Kind Refused }
        $found = Get-DicomScpEvent -Kind Refused
        $found[0].Message | Should -Match 'can do nothing in it.*not served here: .*FIND'
        $found[0].SOPClass | Should -Match 'FIND'
    }

    It 'tells a failed request with its status, of every kind of server' {
        $scp = Start-DicomScp -Port 0 -AETitle DESK -OnEcho { 0xA700 }
        $null = Test-DicomEcho "DESK@127.0.0.1:$($scp.Port)" -Quiet -ErrorAction SilentlyContinue
        $null = Wait-Until { $scp | Get-DicomScpEvent -Kind Failed }
        $failed = $scp | Get-DicomScpEvent -Kind Failed
        $failed.Operation | Should -Be 'C-ECHO'
        $failed.StatusCode | Should -Be 0xA700
        $failed.AETitle | Should -Be 'DESK'
    }

    It 'counts what happens again, and takes -Last, -After and -Kind' {
        1..3 | ForEach-Object { Invoke-Caller $server CT9 }
        Invoke-Caller $server CT8
        $events = Get-DicomScpEvent
        $events.Times | Should -Be 3, 1
        @(Get-DicomScpEvent -Last 1).CallingAETitle | Should -Be 'CT8'
        @(Get-DicomScpEvent -After -5min).Length | Should -Be 2
        @(Get-DicomScpEvent -After (New-TimeSpan -Minutes 5)).Length | Should -Be 2
        @(Get-DicomScpEvent -After (Get-Date).ToUniversalTime().AddMinutes(-5)).Length | Should -Be 2
        Get-DicomScpEvent -After (Get-Date).ToUniversalTime().AddMinutes(5) | Should -BeNullOrEmpty
        @(Get-DicomScpEvent -After 0:00).Length | Should -Be 2
        @(Get-DicomScpEvent -After today -Kind Refused, Failed).Length | Should -Be 2
        Get-DicomScpEvent -After (Get-Date).AddHours(1) | Should -BeNullOrEmpty
        Get-DicomScpEvent -Kind Broken | Should -BeNullOrEmpty
    }

    It 'refuses a date that could be two' {
        # The rule of every other date (about_DicomPS, DATES).
        { Get-DicomScpEvent -After 03.02.25 } | Should -Throw '*2024-01-31T14:30*'
        { Get-DicomScpEvent -After 'some day' } | Should -Throw '*2024-01-31T14:30*'
        { Get-DicomScpEvent -After -30m } | Should -Throw '*write -30min*'
    }

    It 'takes servers by pipeline and id, those that have stopped too, and knows no others' {
        Invoke-Caller $server CT9
        Get-DicomStorageScp | Get-DicomScpEvent | Should -HaveCount 1
        Get-DicomScpEvent $server.Id | Should -HaveCount 1
        Get-DicomScpEvent -Id 999999 -ErrorAction SilentlyContinue -ErrorVariable failure | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'DicomServerNotFound*'
        Stop-DicomStorageScp $server
        Get-DicomScpEvent | Should -BeNullOrEmpty
        ($server | Get-DicomScpEvent).CallingAETitle | Should -Be 'CT9'
    }

    It 'is told once by Receive-DicomStorageScp -Verbose' {
        Invoke-Caller $server CT9
        Receive-DicomStorageScp $server -Verbose 4>&1 | Out-String | Should -Match "Refused CT9 at 127.0.0.1: .*may call.*AllowedCallingAETitle"
        Receive-DicomStorageScp $server -Verbose 4>&1 | Should -BeNullOrEmpty
        Receive-DicomStorageScp $server -Timeout 0.1 | Should -BeNullOrEmpty
    }

    It 'shows no control characters of strangers' {
        $escape = [char] 27
        $socket = [Net.Sockets.TcpClient]::new('127.0.0.1', $server.Port)
        try {
            # A-ASSOCIATE-RQ (PS3.8 9.3.2) with a calling title that sets the title of a terminal.
            $titles = 'BOX'.PadRight(16) + "$escape]0;pwn$([char] 7)".PadRight(16)
            $items = [Text.Encoding]::ASCII.GetBytes('1.2.840.10008.3.1.1.1')
            $body = [byte[]] (0, 1, 0, 0) + [Text.Encoding]::ASCII.GetBytes($titles) + [byte[]]::new(32) + [byte[]] (0x10, 0, 0, $items.Length) + $items + [byte[]] (0x50, 0, 0, 0)
            $request = [byte[]] (1, 0, 0, 0, 0, $body.Length) + $body
            $socket.GetStream().Write($request, 0, $request.Length)
            $null = $socket.GetStream().Read([byte[]]::new(64), 0, 64)
        }
        finally { $socket.Dispose() }
        $null = Wait-Until { Get-DicomScpEvent }
        $happened = Get-DicomScpEvent -Last 1
        "$($happened.CallingAETitle)$($happened.Message)$($happened.Advice)$happened" | Should -Not -Match $escape
        $server.LastError | Should -Not -Match $escape
    }

    It 'exports without a column that is an object, and fits 80 columns' {
        Invoke-Caller $server CT9
        $csv = Get-DicomScpEvent | ConvertTo-Csv | Out-String
        $csv | Should -Match 'Refused'
        $csv | Should -Not -Match 'System\.|DicomPS\.'
        $lines = (Get-DicomScpEvent | Out-String -Width 80) -split "`n" | ForEach-Object { ($_ -replace "`e\[[0-9;]*m").TrimEnd() }
        ($lines | Measure-Object -Property Length -Maximum).Maximum | Should -BeLessOrEqual 80
        $lines -join ' ' -replace '\s+', ' ' | Should -Match 'among'
    }
}
