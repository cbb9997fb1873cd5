BeforeDiscovery {
    $hasDcmtk = [bool] (Get-Command dcmqrscp -ErrorAction Ignore)
}

Describe 'Move-DicomStudy' -Skip:(-not $hasDcmtk) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        $store = Start-DicomStorageScp "$TestDrive/store" -Port 0 -AETitle STORE
        $archive = Start-MovingArchive $store.Port
        $node = $archive.Node
    }

    AfterAll {
        Stop-Peer $archive.Process
        Stop-DicomStorageScp -InputObject $store -Force
    }

    It 'moves a study to another node, as the peer counts it' {
        $null = Receive-DicomStorageScp $store
        $result = Move-DicomStudy $node -StudyInstanceUID 1.2.840.99.1 -Destination STORE
        $result | Should -BeOfType DicomPS.Retrieving.RetrieveResult
        "$($result.Verdict)", $result.Status, $result.Completed, $result.Failed | Should -Be 'Complete', 'Success', 2, 0
        $result.Received, $result.Path, $result.Advice | Should -Be @($null, $null, $null)
        "$($result.Level) $($result.Model) $($result.Destination)" | Should -Be 'Study StudyRoot STORE'
        Receive-DicomStorageScp $store -Timeout 60 | Select-Object -First 2 | Should -HaveCount 2
    }

    It 'moves to a registered node, which has the instances then: <What>' -ForEach @(
        @{ What = 'by its name'; To = { 'target' } }
        @{ What = 'as Get-DicomNode gives it'; To = { Get-DicomNode target } }
    ) {
        Set-DicomNode target -AETitle STORE -HostName 127.0.0.1 -Port $store.Port
        $null = Receive-DicomStorageScp $store
        $result = Move-DicomStudy $node -StudyInstanceUID 1.2.840.99.1 -Destination (& $To)
        "$($result.Verdict)", $result.Destination, $result.Completed | Should -Be 'Complete', 'STORE', 2
        $arrived = Receive-DicomStorageScp $store -Timeout 60 | Select-Object -First 2
        ($arrived | Sort-Object SOPInstanceUID).SOPInstanceUID | Should -Be '1.2.840.99.1.1.1', '1.2.840.99.1.1.2'
        $arrived.CallingAETitle | Should -Be 'ARCHIVE', 'ARCHIVE'
        $arrived.Path | Should -Exist
    }

    It 'moves a study into a folder and counts what arrived' {
        $result = Move-DicomStudy $node -StudyInstanceUID 1.2.840.99.1 -Path "$TestDrive/here"
        "$($result.Verdict)", $result.Received | Should -Be 'Complete', 2
        $result.Bytes | Should -BeGreaterThan 100
        $result.Path | Should -Be (Join-Path "$TestDrive/here" '1.2.840.99.1')
        Get-ChildItem $result.Path -File | Should -HaveCount 2
        Get-DicomStorageScp | Should -HaveCount 1 -Because 'the listener is gone with the cmdlet'
    }

    It 'takes the layout and what to do with duplicates' {
        $where = @{ Node = $node; StudyInstanceUID = '1.2.840.99.2'; Path = "$TestDrive/layout"; Layout = 'Flat' }
        (Move-DicomStudy @where).Path | Should -Be "$TestDrive/layout"
        $null = Move-DicomStudy @where -Duplicate KeepBoth
        Get-ChildItem "$TestDrive/layout" -File | Should -HaveCount 2
    }

    It 'follows the keys to model and level: <Model>, <Level>, <Count> instances' -ForEach @(
        @{ Keys = @{ PatientID = 'P1' }; Level = 'Patient'; Model = 'PatientRoot'; Count = 2 }
        @{ Keys = @{ PatientID = 'P1'; StudyInstanceUID = '1.2.840.99.1' }; Level = 'Study'; Model = 'PatientRoot'; Count = 2 }
        @{ Keys = @{ StudyInstanceUID = '1.2.840.99.1'; SeriesInstanceUID = '1.2.840.99.1.1' }; Level = 'Series'; Model = 'StudyRoot'; Count = 2 }
        @{ Keys = @{ StudyInstanceUID = '1.2.840.99.1'; SeriesInstanceUID = '1.2.840.99.1.1'; SOPInstanceUID = '1.2.840.99.1.1.2' }; Level = 'Image'; Model = 'StudyRoot'; Count = 1 }
        @{ Keys = @{ PatientID = 'P2'; StudyInstanceUID = '1.2.840.99.2'; Model = 'PatientStudyOnly' }; Level = 'Study'; Model = 'PatientStudyOnly'; Count = 1 }
        @{ Keys = @{ PatientID = 'P1'; StudyInstanceUID = '1.2.840.99.1'; SeriesInstanceUID = '1.2.840.99.1.1'; Level = 'Study'; Model = 'StudyRoot' }; Level = 'Study'; Model = 'StudyRoot'; Count = 2 }
    ) {
        $result = Move-DicomStudy $node -Destination STORE @Keys
        "$($result.Verdict) $($result.Level) $($result.Model) $($result.Completed)" | Should -Be "Complete $Level $Model $Count"
    }

    It 'has one result for each UID, also of one that is not there: <Key>' -ForEach @(
        @{ Key = 'StudyInstanceUID'; Keys = @{}; There = '1.2.840.99.1', '1.2.840.99.2'; Counts = 2, 1 }
        @{ Key = 'SeriesInstanceUID'; Keys = @{ StudyInstanceUID = '1.2.840.99.1' }; There = '1.2.840.99.1.1'; Counts = 2 }
        @{ Key = 'SOPInstanceUID'; Keys = @{ StudyInstanceUID = '1.2.840.99.1'; SeriesInstanceUID = '1.2.840.99.1.1' }; There = '1.2.840.99.1.1.1', '1.2.840.99.1.1.2'; Counts = 1, 1 }
    ) {
        $uids = @($There) + '1.2.840.99.999'
        foreach ($place in @{ Destination = 'STORE' }, @{ Path = "$TestDrive/each" }) {
            $named = @{ $Key = $uids }
            $result = Move-DicomStudy $node @Keys @named @place -WarningVariable warning -WarningAction SilentlyContinue -ErrorAction SilentlyContinue
            $result.$Key | Should -Be $uids
            "$($result.Verdict)" | Should -Match ('^' + 'Complete ' * @($There).Count + '(Suspect|Failed)$')
            $result.Completed | Select-Object -First @($There).Count | Should -Be $Counts
            $result[-1].Advice | Should -Not -BeNullOrEmpty
        }

        # What failed last time can be piped in again, from the CSV of all.
        $result | Export-Csv "$TestDrive/each.csv"
        $again = Import-Csv "$TestDrive/each.csv" | Where-Object Verdict -ne Complete | Move-DicomStudy $node -Destination STORE -WarningAction SilentlyContinue -ErrorAction SilentlyContinue
        @($again.$Key) | Should -Be '1.2.840.99.999'
    }

    It 'listens on one address, and takes further senders by name or address' {
        $result = Move-DicomStudy $node -StudyInstanceUID 1.2.840.99.2 -Path "$TestDrive/from" -Address 127.0.0.1 -From 10.1.2.3, gateway.example, ::1
        "$($result.Verdict) $($result.Received) $($result.FromElsewhere) $($result.NotAskedFor)" | Should -Be 'Complete 1 0 0'
        { Move-DicomStudy $node -StudyInstanceUID 1.2 -Path "$TestDrive/from" -From 'no*host' } | Should -Throw -ErrorId 'DicomNodeInvalid,*'
        { Move-DicomStudy $node -StudyInstanceUID 1.2 -Path "$TestDrive/from" -Address 203.0.113.1 } | Should -Throw -ErrorId 'DicomAddressNotAvailable,*'
    }

    It 'asks for each patient in a request of its own' {
        Move-DicomStudy $node -Destination STORE -PatientID P1, P2 | Should -HaveCount 2
    }

    It 'takes CSV rows, writes CSV, and takes that again' {
        @'
PatientID,StudyInstanceUID,Comment
P1,1.2.840.99.1,first
,1.2.840.99.2,second
'@ | Set-Content "$TestDrive/list.csv"
        Import-Csv "$TestDrive/list.csv" | Move-DicomStudy $node -Path "$TestDrive/csv" | Export-Csv "$TestDrive/done.csv"
        $done = Import-Csv "$TestDrive/done.csv"
        $done.Verdict | Should -Be 'Complete', 'Complete'
        $done.Received | Should -Be 2, 1
        $done.Model | Should -Be 'PatientRoot', 'StudyRoot'
        $done | Move-DicomStudy $node -Destination STORE | Should -HaveCount 2
    }

    It 'takes what Find-DicomSeries found' {
        $result = Find-DicomSeries $node -StudyInstanceUID 1.2.840.99.1 | Move-DicomStudy -Destination STORE
        "$($result.Verdict) $($result.Level) $($result.Completed)" | Should -Be 'Complete Series 2'
    }

    It 'keeps its association over pipeline records and takes the node from them' {
        $rows = 1..10 | ForEach-Object { [pscustomobject]@{ StudyInstanceUID = '1.2.840.99.2'; Node = $node } }
        $opened = $rows | Move-DicomStudy -Destination STORE -Verbose 4>&1 | Where-Object { $_ -match 'contexts accepted' }
        @($opened) | Should -HaveCount 1
    }

    It 'runs requests side by side' {
        $rows = 1..6 | ForEach-Object { [pscustomobject]@{ StudyInstanceUID = '1.2.840.99.1' } }
        (($rows | Move-DicomStudy $node -Destination STORE -Associations 3).Verdict | Sort-Object -Unique) | Should -Be 'Complete'
        (($rows | Move-DicomStudy $node -Destination STORE -Throttle 3 -SplitStudies).Verdict | Sort-Object -Unique) | Should -Be 'Complete'
        (($rows | Move-DicomStudy $node -Destination STORE -Associations auto).Verdict | Sort-Object -Unique) | Should -Be 'Complete'
    }

    It 'names a missing key before anything is sent' {
        # What was asked before is written down by now, or a moment later: when nothing more comes.
        $count = { @(Get-Content $archive.Log -ErrorAction Ignore).Count }
        $script:lines = -1
        Wait-Until { $before = $script:lines; $script:lines = & $count; Start-Sleep -Milliseconds 300; $before -eq $script:lines } | Should -BeTrue
        $before = @(Select-String 'Association Received' $archive.Log).Count
        $before | Should -BeGreaterThan 0
        $result = Move-DicomStudy $node -Destination STORE -SeriesInstanceUID 1.2.3 -ErrorVariable problem -ErrorAction SilentlyContinue
        $result | Should -BeNullOrEmpty
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomRetrieveKeysInvalid,*'
        "$($problem[0])" | Should -Match 'needs StudyInstanceUID'
        $problem[0].TargetObject | Should -Be '1.2.3'
        Start-Sleep -Milliseconds 300
        @(Select-String 'Association Received' $archive.Log).Count | Should -Be $before
    }

    It 'goes on after a row that has no keys' {
        $rows = [pscustomobject]@{ StudyInstanceUID = '' }, [pscustomobject]@{ StudyInstanceUID = '1.2.840.99.2' }
        $result = $rows | Move-DicomStudy $node -Destination STORE -ErrorVariable problem -ErrorAction SilentlyContinue
        @($result) | Should -HaveCount 1
        $problem | Should -HaveCount 1
    }

    It 'makes an unknown destination a result and an error with advice' {
        $result = Move-DicomStudy $node -Destination NOBODY -StudyInstanceUID 1.2.840.99.1 -ErrorVariable problem -ErrorAction SilentlyContinue
        "$($result.Verdict)", $result.StatusCode | Should -Be 'Failed', 0xA801
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomRetrieveFailed,*'
        $problem[0].TargetObject | Should -Be 'Study 1.2.840.99.1'
        $problem[0].ErrorDetails.RecommendedAction | Should -Match 'does not know the AE title NOBODY'
    }

    It 'says when nobody called' {
        $port = Get-FreePort
        $result = Move-DicomStudy $node -Path "$TestDrive/nobody" -LocalPort $port -StudyInstanceUID 1.2.840.99.1 -RetryCount 0 -ErrorAction SilentlyContinue
        "$($result.Verdict)" | Should -Be 'Failed'
        $result.Advice | Should -Match "No inbound association was seen on port ${port}: check the host and port that the PACS holds for AE OURS"
    }

    It 'says once that a node is dead, and gives each request its result' {
        $rows = 1..5 | ForEach-Object { [pscustomobject]@{ StudyInstanceUID = "1.2.$_" } }
        $dead = "DEAD@127.0.0.1:$(Get-FreePort)"
        $result = $rows | Move-DicomStudy $dead -Destination STORE -RetryCount 1 -RetryDelay 0 -ErrorVariable problem -ErrorAction SilentlyContinue
        $result.StudyInstanceUID | Should -Be $rows.StudyInstanceUID
        $result.Status | Should -Be (@('NotSent') * 5)
        $result.Attempts | Should -Be 2, 0, 0, 0, 0
        $problem | Should -HaveCount 2
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomConnectionRefused,*'
        "$($problem[0])" | Should -Match "^Study 1\.2\.1: $dead"
        "$($problem[1])" | Should -Match "^4 further requests were not sent for the same reason\. $dead"
        { $rows | Move-DicomStudy $dead -Destination STORE -RetryCount 0 -ErrorAction Stop } | Should -Throw -ErrorId 'DicomConnectionRefused,*'
    }

    It 'warns of a success that proves nothing' {
        $result = Move-DicomStudy $node -Destination STORE -StudyInstanceUID 9.9.9 -WarningVariable warning -WarningAction SilentlyContinue -ErrorVariable problem
        "$($result.Verdict)" | Should -Be 'Suspect'
        "$warning" | Should -Match '9\.9\.9.*counts nothing at all'
        $problem | Should -BeNullOrEmpty
    }

    It 'needs one place to go to' {
        { Move-DicomStudy $node -StudyInstanceUID 1.2 } | Should -Throw -ErrorId 'DicomDestinationMissing,*'
        { Move-DicomStudy $node -StudyInstanceUID 1.2 -Destination A -Path $TestDrive } | Should -Throw -ErrorId 'DicomDestinationMissing,*'
        { Move-DicomStudy "ARCHIVE@127.0.0.1:$($node.Port)" -StudyInstanceUID 1.2 -Path $TestDrive } | Should -Throw -ErrorId 'DicomLocalPortMissing,*'
        { Move-DicomStudy $node -StudyInstanceUID 1.2 -Path $TestDrive -LocalPort $store.Port } | Should -Throw -ErrorId 'DicomPortInUse,*'
    }

    It 'refuses a window that is none' {
        { Move-DicomStudy $node -StudyInstanceUID 1.2 -Destination A -Between 'at night' } | Should -Throw '*Write it as 22:00-06:00*'
    }

    It 'does nothing with -WhatIf' {
        Move-DicomStudy $node -StudyInstanceUID 1.2.840.99.1 -Path "$TestDrive/whatif" -WhatIf | Should -BeNullOrEmpty
        Test-Path "$TestDrive/whatif" | Should -BeFalse
    }

    It 'runs unattended: no prompt at the default preference' {
        $shell = [powershell]::Create()
        try {
            $output = $shell.AddScript("Import-Module '$root/out/DicomPS/DicomPS.psd1'; Move-DicomStudy 'ARCHIVE@127.0.0.1:$($node.Port)' -StudyInstanceUID 1.2.840.99.2 -Destination STORE").Invoke()
            "$($output[0].Verdict)" | Should -Be 'Complete'
        }
        finally { $shell.Dispose() }
    }

    It 'waits for its hours, shows it, and stops at once' {
        $now = [datetime]::Now
        $window = '{0:HH:mm}-{1:HH:mm}' -f $now.AddHours(2), $now.AddHours(3)
        $stopped = Stop-Midway "Move-DicomStudy 'ARCHIVE@127.0.0.1:$($node.Port)' -StudyInstanceUID 1.2.840.99.2 -Destination STORE -Between '$window'"
        $stopped.State | Should -Be 'Stopped'
        $stopped.Milliseconds | Should -BeLessThan 20000
        $stopped.Output | Should -BeNullOrEmpty
    }

    It 'shows a line that moves, also while a peer says nothing' {
        $silent = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $silent.Start()
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module '$root/out/DicomPS/DicomPS.psd1'; Move-DicomStudy 'SILENT@127.0.0.1:$($silent.LocalEndpoint.Port)' -StudyInstanceUID 1.2 -Destination STORE").BeginInvoke()
            for ($i = 0; $i -lt 1200 -and @($shell.Streams.Progress | Where-Object Activity -Match SILENT).Count -lt 8; $i++) { Start-Sleep -Milliseconds 50 }
            $shell.Stop()
            $lines = @($shell.Streams.Progress | Where-Object Activity -Match '^Move from SILENT')
            $lines.Count | Should -BeGreaterThan 6
            $lines[0].StatusDescription | Should -Match '^0 of 1 requests, \d+ s$'
            @($lines.StatusDescription | Sort-Object -Unique).Count | Should -BeGreaterThan 1
        }
        finally {
            $shell.Dispose()
            $silent.Stop()
        }
    }

    It 'stops at once while a peer keeps silent, and leaves no listener' {
        $silent = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $silent.Start()
        try {
            $port = $silent.LocalEndpoint.Port
            $stopped = Stop-Midway "Move-DicomStudy 'SILENT@127.0.0.1:$port' -StudyInstanceUID 1.2 -Path '$TestDrive/silent' -LocalPort $(Get-FreePort)"
            $stopped.State | Should -Be 'Stopped'
            $stopped.Milliseconds | Should -BeLessThan 20000
        }
        finally { $silent.Stop() }
        Get-DicomStorageScp | Should -HaveCount 1
    }

    It 'tells what a stop leaves, however many requests wait' {
        $silent = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $silent.Start()
        # A process of its own: what is told goes to the screen, since a stopped pipeline takes nothing.
        $script = {
            param($Manifest, $Port)
            $runspace = [runspacefactory]::CreateRunspace($Host)
            $runspace.Open()
            $shell = [powershell]::Create($runspace)
            $state = [hashtable]::Synchronized(@{ Rows = 0 })
            $null = $shell.AddScript({
                    param($Manifest, $Port, $State)
                    Import-Module $Manifest
                    1..1500 | ForEach-Object { $State.Rows++; [pscustomobject]@{ StudyInstanceUID = "1.2.$_" } } |
                        Move-DicomStudy "SILENT@127.0.0.1:$Port" -Destination STORE
                }).AddParameters(@{ Manifest = $Manifest; Port = $Port; State = $state }).BeginInvoke()
            # One is asked for, 1024 wait, and the next does not fit.
            for ($i = 0; $i -lt 1200 -and $state.Rows -lt 1026; $i++) { Start-Sleep -Milliseconds 50 }
            "rows: $($state.Rows)"
            $clock = [Diagnostics.Stopwatch]::StartNew()
            $shell.Stop()
            "stopped after $([int] $clock.ElapsedMilliseconds) ms"
            $shell.Dispose()
        }
        try {
            $file = "$TestDrive/stop.ps1"
            Set-Content $file $script
            $said = & $pwsh -NoProfile -NonInteractive -File $file "$root/out/DicomPS/DicomPS.psd1" $silent.LocalEndpoint.Port 2>&1 | Out-String
        }
        finally { $silent.Stop() }
        $said | Should -Match 'Study 1\.2\.1: Cancelled'
        $said | Should -Match 'rows: 1026'
        $said | Should -Match '\b1024 requests were not begun'
        [int] [regex]::Match($said, 'after (\d+) ms').Groups[1].Value | Should -BeLessThan 20000
    }

    It 'ends in order when the pipeline has enough' {
        $rows = 1..200 | ForEach-Object { [pscustomobject]@{ StudyInstanceUID = '1.2.840.99.1' } }
        $rows | Move-DicomStudy $node -Path "$TestDrive/first" | Select-Object -First 1 | Should -HaveCount 1
        Get-DicomStorageScp | Should -HaveCount 1
    }

    It 'fits into 100 columns' {
        $results = Move-DicomStudy $node -Destination STORE -PatientID P1, P2
        Measure-Width $results | Should -BeLessOrEqual 100
        $shown = Move-DicomStudy $node -Path "$TestDrive/width" -StudyInstanceUID 1.2.840.99.1 | Out-String -Width 100
        $shown | Should -Match 'Verdict'
        $shown | Should -Match 'Complete\s+2\s+0\s+2'
    }
}
