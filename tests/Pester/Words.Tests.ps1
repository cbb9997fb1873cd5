# Words typed by habit, each tried on a peer: those of PowerShell, and those of DicomTools.
Describe 'Words' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        $server = Start-FindServer -Count 1
        $node = "SCP@127.0.0.1:$($server.Port)"
        $file = New-StudyFile "$TestDrive/files" @{ PatientID = 'P1' }
        function Get-Asked { ($server.Last -split '; ' | Where-Object { $_ -match '(Date|Time)=' }) -join '; ' }
    }

    AfterAll { $server.Stop(); Stop-DicomScp -All -Force; Stop-DicomArchive -All -Force; Stop-DicomStorageScp -All -Force }

    Context '-StartDate and -EndDate' {
        It 'asks for <Sent> with <Arguments>' -ForEach @(
            @{ Arguments = @{ StartDate = '2024-01-01'; EndDate = '2024-01-31' }; Sent = 'StudyDate=20240101-20240131' }
            @{ Arguments = @{ StartDate = '2024-01-31'; EndDate = '2024-01-31' }; Sent = 'StudyDate=20240131' }
            @{ Arguments = @{ StartDate = '20240101' }; Sent = 'StudyDate=20240101-' }
            @{ Arguments = @{ EndDate = '20240131' }; Sent = 'StudyDate=-20240131' }
            @{ Arguments = @{ EndDate = 20240228 }; Sent = 'StudyDate=-20240228' }
            @{ Arguments = @{ StartDate = [datetime] '2024-01-01 15:00'; EndDate = [datetime] '2024-01-31 09:30' }; Sent = 'StudyDate=20240101-20240131' }
            @{ Arguments = @{ StartDate = '2024-01-01T15:00'; EndDate = '2024-01-31T00:00' }; Sent = 'StudyDate=20240101-20240131' }
            @{ Arguments = @{ StartDate = '2024-01-01'; Before = '2024-02-01' }; Sent = 'StudyDate=20240101-20240131' }
            @{ Arguments = @{ After = '2024-01-01'; EndDate = '2024-01-31' }; Sent = 'StudyDate=20240101-20240131' }
        ) {
            $null = Find-DicomStudy $node @Arguments -WarningAction Ignore
            Get-Asked | Should -Be $Sent
        }

        It 'takes the words of dates: today is whole' {
            $null = Find-DicomStudy $node -StartDate -7d -EndDate today -WarningAction Ignore
            Get-Asked | Should -Be "StudyDate=$([datetime]::Today.AddDays(-7).ToString('yyyyMMdd'))-$([datetime]::Today.ToString('yyyyMMdd'))"
        }

        It 'finds what happened in the last second of the last day, and nothing of the next: <_>' -ForEach 'a peer', 'an index' {
            $files = @(
                New-StudyFile "$TestDrive/ends" @{ StudyInstanceUID = '1.2.1'; StudyDate = '20240131'; StudyTime = '235959.999'; PatientID = 'last' }
                New-StudyFile "$TestDrive/ends" @{ StudyInstanceUID = '1.2.2'; StudyDate = '20240201'; StudyTime = '000000'; PatientID = 'next' }
                New-StudyFile "$TestDrive/ends" @{ StudyInstanceUID = '1.2.3'; StudyDate = '20240101'; StudyTime = ''; PatientID = 'first' }
                New-StudyFile "$TestDrive/ends" @{ StudyInstanceUID = '1.2.4'; StudyDate = '20231231'; StudyTime = '235959'; PatientID = 'before' }
            )
            if ($_ -eq 'an index') {
                $files | Export-DicomIndex "$TestDrive/ends.db"
                $where = @{ Index = "$TestDrive/ends.db" }
            }
            else {
                $box = Start-DicomArchive "$TestDrive/box" -Port 0 -AETitle BOX
                $null = $files | Import-DicomFile -Archive $box
                $where = @{ Node = "BOX@127.0.0.1:$($box.Port)" }
            }

            (Find-DicomStudy @where -StartDate 2024-01-01 -EndDate 2024-01-31).PatientID | Sort-Object | Should -Be 'first', 'last'
            (Find-DicomStudy @where -EndDate 2024-01-31).PatientID | Sort-Object | Should -Be 'before', 'first', 'last'
        }

        It '<_> has both' -ForEach 'Find-DicomStudy', 'Find-DicomSeries', 'Find-DicomInstance', 'Find-DicomWorklist' {
            $null = & $_ $node -StartDate 2024-01-01 -EndDate 2024-01-31 -WarningAction Ignore -ErrorAction Ignore
            (Get-Command $_).Parameters.Keys | Should -Contain 'EndDate'
            $server.Last | Should -Match '20240101-20240131'
        }

        It 'refuses <Case>' -ForEach @(
            @{ Case = 'a day before the first'; Arguments = @{ StartDate = '2024-02-01'; EndDate = '2024-01-31' }; Words = 'up to the end of 2024-01-31' }
            @{ Case = '-StartDate with -After'; Arguments = @{ StartDate = '2024-01-01'; After = '2024-01-01' }; Words = '-StartDate and -After say the same' }
            @{ Case = '-EndDate with -Before'; Arguments = @{ EndDate = '2024-01-01'; Before = '2024-01-01' }; Words = '-EndDate and -Before say the same' }
            @{ Case = '-EndDate with -StudyDate'; Arguments = @{ EndDate = '2024-01-01'; StudyDate = '20240101' }; Words = '-StudyDate and -EndDate say the same' }
        ) {
            { Find-DicomStudy $node @Arguments } | Should -Throw -ErrorId 'DicomDateRangeInvalid,*' -ExpectedMessage "*$Words*"
        }

        It 'refuses a range where one day is meant' {
            { Find-DicomStudy $node -EndDate 2024-01-01..2024-01-31 } | Should -Throw -ExpectedMessage '*is no date*'
            { Find-DicomStudy $node -StartDate 20240101-20240131 } | Should -Throw -ExpectedMessage '*is no date*'
        }
    }

    It '-Date is a day or a range' {
        $null = Find-DicomStudy $node -Date 20240101-20240131 -WarningAction Ignore
        Get-Asked | Should -Be 'StudyDate=20240101-20240131'
    }

    It '-HostName with -AETitle, or as DicomTools has it, calls whom it names' {
        $named = Start-DicomScp -Port 0 -AETitle REMOTE -AllowedCallingAETitle ME -RequireCalledAETitle -OnFind { } -OnStore { }
        (Test-DicomEcho -HostName 127.0.0.1 -Port $named.Port -AETitle REMOTE -CallingAETitle ME).Success | Should -BeTrue
        (Test-DicomEcho -HostName 127.0.0.1 -Port $named.Port -LocalAETitle ME -RemoteAETitle REMOTE).Success | Should -BeTrue
        (Send-DicomFile $file -HostName 127.0.0.1 -Port $named.Port -AETitle REMOTE -LocalAETitle ME).Success | Should -BeTrue
        { Find-DicomStudy -HostName 127.0.0.1 -Port $named.Port -AETitle REMOTE -LocalAETitle ME -ErrorAction Stop } | Should -Not -Throw
        (Test-DicomEcho -HostName 127.0.0.1 -Port $named.Port -AETitle OTHER -LocalAETitle ME -ErrorAction Ignore).Success | Should -BeFalse
    }

    It '-UseTLS speaks TLS' {
        (Test-DicomEcho $node -UseTLS -ErrorAction SilentlyContinue -ErrorVariable problem).Success | Should -BeFalse
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomTls*'
    }

    It '-OutputDirectory is where instances go: <Name>' -ForEach @(
        @{ Name = 'Receive-DicomStudy'; Do = { Receive-DicomStudy "BOX@127.0.0.1:$($box.Port)" -StudyInstanceUID 1.2.9 -OutputDirectory "$TestDrive/out" } }
        @{ Name = 'Start-DicomStorageScp'; Do = { $in = Start-DicomStorageScp -OutputDirectory "$TestDrive/out" -Port 0 -AETitle IN; Send-DicomFile $study "IN@127.0.0.1:$($in.Port)" } }
        @{ Name = 'Move-DicomStudy'; Do = { Move-DicomStudy "BOX@127.0.0.1:$($box.Port)" -StudyInstanceUID 1.2.9 -OutputDirectory "$TestDrive/out" -CallingAETitle ME -LocalPort $port } }
    ) {
        $null = New-Item -ItemType Directory "$TestDrive/out"
        $study = New-StudyFile "$TestDrive/one" @{ StudyInstanceUID = '1.2.9' }
        $port = Get-FreePort
        $box = Start-DicomArchive "$TestDrive/get" -Port 0 -AETitle BOX -Destination @{ ME = "ME@127.0.0.1:$port" }
        try {
            $null = Import-DicomFile $study -Archive $box
            $null = & $Do
            @(Get-ChildItem "$TestDrive/out" -File -Recurse) | Should -HaveCount 1
        }
        finally {
            Stop-DicomArchive $box -Force
            Stop-DicomStorageScp -All -Force
            Remove-Item -Recurse -Force "$TestDrive/out", "$TestDrive/get", "$TestDrive/one"
        }
    }

    It '-MoveDestination names the destination' {
        $asked = [Collections.Concurrent.ConcurrentQueue[string]]::new()
        $mover = Start-DicomScp -Port 0 -AETitle MOVER -OnMove { ($using:asked).Enqueue($_.MoveDestination) }
        $null = Move-DicomStudy "MOVER@127.0.0.1:$($mover.Port)" -StudyInstanceUID 1.2.3 -MoveDestination ELSEWHERE -ErrorAction Ignore -WarningAction Ignore
        @($asked) | Should -Be 'ELSEWHERE'
    }

    It '-ThrottleLimit is how many associations there are: <Name>' -ForEach @(
        @{ Name = 'Send-DicomFile'; Do = { Send-DicomFile $file $node -ThrottleLimit 3 -WhatIf } }
        @{ Name = 'Find-DicomStudy'; Do = { Find-DicomStudy $node -ThrottleLimit 3 -StudyDate 20240101 -Split Auto -WarningAction Ignore } }
        @{ Name = 'Move-DicomStudy'; Do = { Move-DicomStudy $node -StudyInstanceUID 1.2.3 -Destination X -ThrottleLimit 3 -WhatIf } }
        @{ Name = 'Receive-DicomStudy'; Do = { Receive-DicomStudy $node -StudyInstanceUID 1.2.3 -Path "$TestDrive/x" -ThrottleLimit 3 -WhatIf } }
    ) {
        { & $Do } | Should -Not -Throw
        (Get-Command $Name).Parameters.Values | Where-Object { $_.Aliases -contains 'ThrottleLimit' } | Should -HaveCount 1
    }

    It '-Timeout ends each wait: <Name>' -ForEach @(
        @{ Name = 'Test-DicomEcho'; Do = { Test-DicomEcho $silent -Timeout 0.3 } }
        @{ Name = 'Find-DicomStudy'; Do = { Find-DicomStudy $silent -Timeout 0.3 } }
        @{ Name = 'Find-DicomWorklist'; Do = { Find-DicomWorklist $silent -Timeout 0.3 } }
        @{ Name = 'Send-DicomFile'; Do = { Send-DicomFile $file $silent -Timeout 0.3 -RetryCount 0 } }
        @{ Name = 'Move-DicomStudy'; Do = { Move-DicomStudy $silent -StudyInstanceUID 1.2.3 -Destination X -Timeout 0.3 -RetryCount 0 } }
        @{ Name = 'Receive-DicomStudy'; Do = { Receive-DicomStudy $silent -StudyInstanceUID 1.2.3 -Path "$TestDrive/silent" -Timeout 0.3 -RetryCount 0 } }
    ) {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        $silent = "X@127.0.0.1:$($listener.LocalEndpoint.Port)"
        # A block has no -ErrorAction, and whoever runs the tests may have set Stop.
        $ErrorActionPreference = 'Continue'
        try { $null = & $Do 3>$null 2>&1 | Tee-Object -Variable said }
        finally { $listener.Stop() }
        "$($said | Where-Object { $_ -is [Management.Automation.ErrorRecord] })" | Should -Match '0\.3 s'
    }
}
