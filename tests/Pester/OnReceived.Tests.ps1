BeforeDiscovery {
    $hasSamples = Test-Path '/usr/lib/python3/dist-packages/pydicom/data/test_files/CT_small.dcm'
}

Describe '-OnReceived and the events of servers' -Skip:(-not $hasSamples) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        $files = 1..5 | ForEach-Object { New-Instance "$TestDrive/five" 1.2.840.96.1 "1.2.840.96.1.1.$_" CT P1 }
        function Send-All($Server) { $files | Send-DicomFile -Node "BOX@127.0.0.1:$($Server.Port)" }
    }

    AfterEach {
        Get-EventSubscriber | Where-Object SourceIdentifier -Like 'dicomps-*' | Unregister-Event
        if (Get-DicomStorageScp) { Stop-DicomStorageScp -All -Force }
    }

    It 'runs for each instance in its place, in the order of arrival, with -ArgumentList and $using:' {
        $seen = [Collections.Concurrent.ConcurrentQueue[object]]::new()
        $scp = Start-DicomStorageScp "$TestDrive/in1" -Port 0 -AETitle BOX -ArgumentList more -OnReceived {
            param($Instance, $More)
            ($using:seen).Enqueue("$($Instance.SOPInstanceUID) $More $($_.PatientID) $(Test-Path $_.Path)")
        }
        $null = Send-All $scp
        Wait-Until { $seen.Count -eq 5 } | Should -BeTrue
        @($seen) | Should -Be (1..5 | ForEach-Object { "1.2.840.96.1.1.$_ more P1 True" })
        # Whoever drains the queue still has them all.
        @(Receive-DicomStorageScp $scp) | Should -HaveCount 5
    }

    It 'never keeps a sender waiting, and tells what it left out' {
        $gate = [Threading.ManualResetEventSlim]::new()
        $seen = [Collections.Concurrent.ConcurrentQueue[object]]::new()
        $scp = Start-DicomStorageScp "$TestDrive/in2" -Port 0 -AETitle BOX -QueueCapacity 2 -OnReceived { $null = ($using:gate).Wait(120000); ($using:seen).Enqueue($_.SOPInstanceUID) }
        $results = Send-All $scp
        $results.Success | Should -Be $true, $true, $true, $true, $true
        $seen.Count | Should -Be 0
        $left = @(Get-DicomScpEvent $scp | Where-Object Message -Like '*not given to -OnReceived*')
        $left | Should -HaveCount 1
        $left[0].Kind | Should -Be 'Warning'
        $gate.Set()
        Wait-Until { $seen.Count -eq 5 - $left[0].Times } | Should -BeTrue
        @(Get-ChildItem "$TestDrive/in2" -Recurse -File) | Should -HaveCount 5
    }

    It 'tells errors of the block as events of the server, and goes on' {
        $scp = Start-DicomStorageScp "$TestDrive/in3" -Port 0 -AETitle BOX -OnReceived {
            if ($_.SOPInstanceUID -like '*.1') { throw 'no room in the database' }
            if ($_.SOPInstanceUID -like '*.2') { Write-Error 'a smaller one' }
            if ($_.SOPInstanceUID -like '*.3') { Write-Warning 'look at it' }
            if ($_.SOPInstanceUID -like '*.4') { exit 3 }
        }
        $null = Send-All $scp
        Wait-Until { @(Get-DicomScpEvent $scp | Where-Object Message -Like '*OnReceived*').Count -ge 4 } | Should -BeTrue
        $events = Get-DicomScpEvent $scp | Where-Object Message -Like '*OnReceived*'
        ($events | Where-Object Message -Like '*no room in the database').Kind | Should -Be 'Failed'
        ($events | Where-Object Message -Like '*no room in the database').SOPInstanceUID | Should -Be '1.2.840.96.1.1.1'
        ($events | Where-Object Message -Like '*a smaller one').Kind | Should -Be 'Failed'
        ($events | Where-Object Message -Like '*look at it').Kind | Should -Be 'Warning'
        $events.Message -like '*exit 3*' | Should -Not -BeNullOrEmpty
        $scp.LastError | Should -Match 'OnReceived'
        $scp.Received, $scp.Failed | Should -Be 5, 0
    }

    It 'gives the block what waits when the server stops' {
        $seen = [Collections.Concurrent.ConcurrentQueue[object]]::new()
        $scp = Start-DicomStorageScp "$TestDrive/in4" -Port 0 -AETitle BOX -OnReceived { Start-Sleep -Milliseconds 200; ($using:seen).Enqueue($_.SOPInstanceUID) }
        $null = Send-All $scp
        Stop-DicomStorageScp $scp
        $seen.Count | Should -Be 5
    }

    It 'does not hang on a block that hangs when the server stops' {
        $scp = Start-DicomStorageScp "$TestDrive/in5" -Port 0 -AETitle BOX -OnReceived { while ($true) { Start-Sleep 1 } }
        $null = Send-All $scp
        $clock = [Diagnostics.Stopwatch]::StartNew()
        Stop-DicomStorageScp $scp
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 60
        $scp.State | Should -Be 'Stopped'
    }

    It 'refuses what another runspace cannot have: <_>' -ForEach 'a variable that is not there', 'a script block' {
        if ($_ -eq 'a script block') { $mine = { } }
        { Start-DicomStorageScp "$TestDrive/in6" -Port 0 -OnReceived { $using:mine } } | Should -Throw -ErrorId 'DicomUsingVariableInvalid*'
    }

    It 'raises InstanceReceived of an archive too' {
        $archive = Start-DicomArchive "$TestDrive/in8" -Port 0 -AETitle BOX
        try {
            $null = Register-ObjectEvent $archive InstanceReceived -SourceIdentifier dicomps-archived
            $null = Send-All $archive
            Wait-Until { @(Get-Event dicomps-archived -ErrorAction Ignore).Count -eq 5 } | Should -BeTrue
            # PowerShell hands each event to a thread of its own, so that they may overtake each other.
            (Get-Event dicomps-archived).SourceEventArgs.Instance.SOPInstanceUID | Sort-Object | Should -Be (1..5 | ForEach-Object { "1.2.840.96.1.1.$_" })
        }
        finally {
            Get-Event | Where-Object SourceIdentifier -EQ dicomps-archived | Remove-Event
            Unregister-Event dicomps-archived -ErrorAction Ignore
            Stop-DicomArchive $archive -Force
        }
    }

    It 'raises InstanceReceived, StudyCompleted and Occurred for Register-ObjectEvent' {
        $scp = Start-DicomStorageScp "$TestDrive/in7" -Port 0 -AETitle BOX -StudyQuietPeriod 0 -AllowedCallingAETitle DICOMPS
        $null = Register-ObjectEvent $scp InstanceReceived -SourceIdentifier dicomps-received
        $null = Register-ObjectEvent $scp StudyCompleted -SourceIdentifier dicomps-study
        $null = Register-ObjectEvent $scp Occurred -SourceIdentifier dicomps-occurred
        $null = Send-All $scp
        $null = Test-DicomEcho "BOX@127.0.0.1:$($scp.Port)" -CallingAETitle STRANGER -Quiet -ErrorAction Ignore
        Wait-Until { @(Get-Event dicomps-received -ErrorAction Ignore).Count -eq 5 -and (Get-Event dicomps-study -ErrorAction Ignore) -and (Get-Event dicomps-occurred -ErrorAction Ignore) } | Should -BeTrue
        (Get-Event dicomps-received).SourceEventArgs.Instance.SOPInstanceUID | Sort-Object | Should -Be (1..5 | ForEach-Object { "1.2.840.96.1.1.$_" })
        @(Get-Event dicomps-study)[0].SourceEventArgs.Study.StudyInstanceUID | Should -Be 1.2.840.96.1
        @(Get-Event dicomps-occurred)[0].SourceEventArgs.Event.Kind | Should -Be 'Refused'
        @(Get-Event dicomps-occurred)[0].SourceEventArgs.Event.CallingAETitle | Should -Be 'STRANGER'
        $scp.DroppedNotices | Should -Be 0
        Get-Event | Where-Object SourceIdentifier -Like 'dicomps-*' | Remove-Event
    }
}
