BeforeDiscovery {
    $hasSamples = Test-Path '/usr/lib/python3/dist-packages/pydicom/data/test_files/CT_small.dcm'
    $hasDcmqrscp = [bool] (Get-Command dcmqrscp -ErrorAction Ignore)
}

Describe '-OnProgress' -Skip:(-not $hasSamples) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        $files = 1..6 | ForEach-Object { New-Instance "$TestDrive/six" 1.2.840.98.1 "1.2.840.98.1.1.$_" CT P1 }
        $in = Start-DicomStorageScp -Path "$TestDrive/in" -Port 0 -AETitle DEST
        $port = $in.Port
        # What is to be cancelled waits in the middle for it; what it says at the end is what the peer saw.
        $asked = [Threading.ManualResetEventSlim]::new()
        $scp = Start-DicomScp -Port 0 -AETitle SCP -OnMove {
            "DEST@127.0.0.1:$using:port"
            ($using:files).Count
            $sent = 0
            foreach ($file in $using:files) {
                if ($_.IsCancelled) { Write-Warning 'C-MOVE cancelled'; return }
                $file
                if ($_.CalledAETitle -eq 'WAITS' -and ++$sent -eq 2) { for ($i = 0; $i -lt 1200 -and -not $_.IsCancelled; $i++) { Start-Sleep -Milliseconds 50 } }
                elseif ($_.Keys.StudyInstanceUID -like '1.2.840*') { Start-Sleep -Milliseconds 150 }
            }
        } -OnFind {
            foreach ($i in 1..20) {
                if ($_.IsCancelled) { Write-Warning 'C-FIND cancelled'; return }
                @{ PatientID = "P$i"; PatientName = "N$i"; StudyInstanceUID = "1.2.$i"; SeriesInstanceUID = "1.2.3.$i"; SOPInstanceUID = "1.2.3.4.$i" }
                if ($_.CalledAETitle -eq 'TELLS' -and $i -eq 4) { $null = ($using:asked).Wait(60000) }
                if ($_.CalledAETitle -eq 'WAITS' -and $i -eq 4) { for ($n = 0; $n -lt 1200 -and -not $_.IsCancelled; $n++) { Start-Sleep -Milliseconds 50 } }
            }
        } -OnGet { $using:files }
        $node = "SCP@127.0.0.1:$($scp.Port)"
        $waits = "WAITS@127.0.0.1:$($scp.Port)"
        function Wait-Message([string] $Text) {
            Wait-Until { Receive-DicomScp $scp | Where-Object Message -EQ $Text }
        }
    }

    AfterAll { Stop-DicomScp -All -Force; Stop-DicomStorageScp -All -Force }

    It 'runs in the scope of the caller for each response of a move, with the counts of the peer' {
        $count = 0; $said = @()
        $result = Move-DicomStudy $node -StudyInstanceUID 1.2.840.98.1 -Destination DEST -OnProgress { param($status) if ($status.IsResponse) { $count++; $said += $status }; 'this is no output' }
        $result | Should -HaveCount 1
        $result.Verdict | Should -Be 'Complete'
        $count | Should -Be 6
        $said.Remaining | Should -Be 5, 4, 3, 2, 1, 0
        $said.Completed | Should -Be 1, 2, 3, 4, 5, 6
        $said[0].StatusCode, $said[-1].StatusCode | Should -Be 0xFF00, 0
        $said[0].Operation, $said[0].Running, "$($said[0].Node)" | Should -Be 'C-MOVE', 'Study 1.2.840.98.1', "$node"
        $said[0].Received | Should -BeNullOrEmpty
    }

    It 'cancels with C-CANCEL when the block says $false, and the result and one warning tell it' {
        $failure = $null
        $results = 1, 2, 3 | ForEach-Object { "1.2.840.98.$_" } |
            Move-DicomStudy $waits -Destination DEST -OnProgress { $_.Completed -lt 2 } -WarningVariable said -WarningAction Ignore -ErrorVariable failure
        $results.Verdict | Should -Be 'Cancelled', 'Cancelled', 'Cancelled'
        $results[0].Status | Should -Match 'Cancel'
        $results[0].Completed | Should -BeIn 2, 3
        $results[0].Remaining | Should -BeGreaterThan 0
        $results[1, 2].Attempts | Should -Be 0, 0
        @($said) | Should -HaveCount 1
        "$said" | Should -Match 'OnProgress cancelled.*2 requests were not begun'
        $failure | Should -BeNullOrEmpty
        Wait-Message 'C-MOVE cancelled' | Should -BeTrue
    }

    It 'is called every three seconds while a peer says nothing' {
        # It says nothing until the block has been called twice, however late a busy machine is with that.
        $gate = [Threading.ManualResetEventSlim]::new()
        $silent = Start-DicomScp -Port 0 -AETitle SILENT -OnMove { $null = ($using:gate).Wait(60000); @{ Status = 0xA701; ErrorComment = "busy`e[31m" } }
        $said = @()
        $null = Move-DicomStudy "SILENT@127.0.0.1:$($silent.Port)" -StudyInstanceUID 1.2 -Destination DEST -RetryCount 0 -ErrorAction Ignore -OnProgress { $said += $_; if ($said.Count -eq 2) { $gate.Set() } }
        $silence = @($said | Where-Object { -not $_.IsResponse })
        $silence.Count | Should -BeGreaterOrEqual 2
        $silence[0].Elapsed.TotalSeconds | Should -BeGreaterOrEqual 3
        $silence[1].Elapsed.TotalSeconds | Should -BeGreaterOrEqual 6
        $silence[1].Elapsed.TotalSeconds | Should -BeLessThan 60
        $silence[0].Completed, $silence[0].StatusCode | Should -Be $null, $null
        $said[-1].StatusCode | Should -Be 0xA701
        $said[-1].ErrorComment | Should -Match '^busy[^\x00-\x1f]*31m$'
    }

    It 'never keeps the peer waiting for the block' {
        $before = $in.Received
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $arrived = -1
        $null = Move-DicomStudy $node -StudyInstanceUID 1.2.840.98.1 -Destination DEST -OnProgress {
            if ($arrived -ge 0) { return }
            while ($clock.Elapsed.TotalSeconds -lt 60 -and $in.Received - $before -lt 6) { Start-Sleep -Milliseconds 50 }
            $arrived = $in.Received - $before
        }
        $arrived | Should -Be 6
    }

    It 'shows what arrives here by C-GET, and ends with the block''s own error' {
        $said = @()
        $result = Receive-DicomStudy $node -StudyInstanceUID 1.2.840.98.1 -Path "$TestDrive/get" -OnProgress { $said += $_ }
        $result.Received | Should -Be 6
        $said[-1].Operation, $said[-1].StatusCode, $said[-1].Received | Should -Be 'C-GET', 0, 6
        { Receive-DicomStudy $node -StudyInstanceUID 1.2.840.98.1 -Path "$TestDrive/get" -OnProgress { throw 'enough of it' } } | Should -Throw 'enough of it'
    }

    It 'cancels <Command> after two answers' -ForEach @(
        @{ Command = 'Find-DicomPatient'; Keys = @{} }
        @{ Command = 'Find-DicomStudy'; Keys = @{} }
        @{ Command = 'Find-DicomSeries'; Keys = @{ StudyInstanceUID = '1.2' } }
        @{ Command = 'Find-DicomInstance'; Keys = @{ StudyInstanceUID = '1.2'; SeriesInstanceUID = '1.2.3' } }
    ) {
        $calls = 0
        $found = & $Command $waits @Keys -OnProgress { if ($_.IsResponse) { $calls++ }; $_.Completed -lt 2 } -WarningVariable said -WarningAction Ignore -InformationVariable summary
        @($found).Count | Should -Be 2
        $calls | Should -Be 2
        "$said" | Should -Match 'OnProgress cancelled the query.*not complete'
        $summary.MessageData.IsComplete | Should -BeFalse
        Wait-Message 'C-FIND cancelled' | Should -BeTrue
    }

    It 'gives the status and the number of answers of a query, and says of rows that were not asked that they were not' {
        $said = @()
        $rows = 1..3 | ForEach-Object { [pscustomobject] @{ PatientID = "P$_" } }
        $null = $rows[0] | Find-DicomStudy "TELLS@127.0.0.1:$($scp.Port)" -OnProgress { if ($_.IsResponse) { $said += $_; $asked.Set() } } -WarningAction Ignore
        $said[0].Operation, $said[0].StatusCode | Should -Be 'C-FIND', 0xFF00
        $said[-1].Completed | Should -Be 20
    }

    It 'begins no further file when the block of Send-DicomFile says $false' {
        # The third is under way when the block says so, and ends well after.
        $stored = [Collections.Concurrent.ConcurrentQueue[int]]::new()
        $gate = [Threading.ManualResetEventSlim]::new()
        $slow = Start-DicomScp -Port 0 -AETitle SLOW -OnStore { ($using:stored).Enqueue(1); if (($using:stored).Count -ge 3) { $null = ($using:gate).Wait(60000); Start-Sleep 1 } }
        $failure = $null
        $results = $files | Send-DicomFile -Node "SLOW@127.0.0.1:$($slow.Port)" -OnProgress { $goesOn = $_.Completed -lt 2; if (-not $goesOn) { $gate.Set() }; $goesOn } -WarningVariable said -WarningAction Ignore -ErrorVariable failure
        $results | Should -HaveCount 6
        $sent = @($results | Where-Object Success)
        $sent.Count | Should -BeIn 2, 3, 4
        @($results | Where-Object Status -EQ NotSent).Count | Should -Be (6 - $sent.Count)
        $slow.Requests | Should -Be $sent.Count
        "$said" | Should -Match "$(6 - $sent.Count) file\(s\) were not begun"
        $failure | Should -BeNullOrEmpty
    }

    It 'is seen by DCMTK as a C-CANCEL' -Skip:(-not $hasDcmqrscp) {
        # From the tenth on each waits for the block to have said so, and then takes its time.
        $stored = [Collections.Concurrent.ConcurrentQueue[int]]::new()
        $gate = [Threading.ManualResetEventSlim]::new()
        $slow = Start-DicomScp -Port 0 -AETitle STORE -OnStore { ($using:stored).Enqueue(1); if (($using:stored).Count -ge 10) { $null = ($using:gate).Wait(60000); Start-Sleep -Milliseconds 500 } }
        $archive = Start-MovingArchive $slow.Port
        try {
            $more = 3..30 | ForEach-Object { New-Instance "$TestDrive/many" 1.2.840.97.1 "1.2.840.97.1.1.$_" CT P9 }
            $null = $more | Send-DicomFile -Node $archive.Node
            $result = Move-DicomStudy $archive.Node -StudyInstanceUID 1.2.840.97.1 -Destination STORE -OnProgress { $goesOn = $_.Completed -lt 5; if (-not $goesOn) { $gate.Set() }; $goesOn } -WarningAction Ignore
            $result.Verdict | Should -Be 'Cancelled'
            $result.Completed | Should -BeLessThan 28
            # What the program writes comes to the file a moment later.
            Wait-Until { (Get-Content $archive.Log -Raw) -match 'Cancel' } | Should -BeTrue
        }
        finally { Stop-Peer $archive.Process }
    }

    It 'tells of a worklist as it comes' {
        $worklist = Start-DicomScp -Port 0 -AETitle RIS -Service Worklist -OnFind {
            1..4 | ForEach-Object { @{ PatientID = "P$_"; StudyInstanceUID = "1.2.$_"; ScheduledProcedureStepSequence = @{ Modality = 'CT'; ScheduledProcedureStepID = "S$_" } } }
        }
        $told = @()
        $items = Find-DicomWorklist "RIS@127.0.0.1:$($worklist.Port)" -OnProgress { $told += $_ } -WarningAction Ignore
        $items | Should -HaveCount 4
        $told.Count | Should -BeGreaterOrEqual 4
        # The status is the last that came, which may be of later items than the one that is taken, or of the end.
        $told[-1].Completed | Should -Be 4
        $told.StatusCode | Where-Object { $_ -notin 0xFF00, 0 } | Should -BeNullOrEmpty
        # $false after the first cancels: the rest is not given.
        @(Find-DicomWorklist "RIS@127.0.0.1:$($worklist.Port)" -OnProgress { $false } -WarningAction Ignore).Count | Should -BeLessThan 5
        Stop-DicomScp $worklist
    }

    Context '-All' {
        It 'retrieves every study that the peer finds' {
            $results = Move-DicomStudy $node -All -Destination DEST -Confirm:$false
            $results | Should -HaveCount 20
            ($results.StudyInstanceUID | Sort-Object -Unique) | Should -HaveCount 20
            $results.Verdict | Sort-Object -Unique | Should -Be 'Complete'
        }

        It 'asks first where nobody says -Confirm:$false, and does nothing with -WhatIf' {
            $requests = $scp.Requests
            { Move-DicomStudy $node -All -Destination DEST } | Should -Throw
            $null = Receive-DicomStudy $node -All -Path "$TestDrive/all" -WhatIf
            $scp.Requests | Should -Be $requests
        }

        It 'is not everything by accident: <What>' -ForEach @(
            @{ What = 'no key'; More = @{} }
            @{ What = 'a key beside -All'; More = @{ All = $true; PatientID = 'P1'; Confirm = $false } }
        ) {
            $requests = $scp.Requests
            $failure = $null
            try { $null = Move-DicomStudy $node -Destination DEST @More -ErrorAction SilentlyContinue -ErrorVariable failure } catch { $failure = $_ }
            @($failure)[0].FullyQualifiedErrorId | Should -Match '^DicomRetrieveKeysInvalid'
            $scp.Requests | Should -Be $requests
        }
    }
}
