BeforeDiscovery {
    $hasSamples = Test-Path '/usr/lib/python3/dist-packages/pydicom/data/test_files/CT_small.dcm'
    $hasDcmtk = [bool] (Get-Command storescp -ErrorAction Ignore)
}

Describe 'Send-DicomFile' -Skip:(-not $hasSamples) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $server = Start-DicomStorageScp -Path "$TestDrive/in" -Port 0
        $node = "DICOMPS@127.0.0.1:$($server.Port)"
        $null = New-Item -ItemType Directory "$TestDrive/study/deep", "$TestDrive/empty"
        Copy-Item "$samples/CT_small.dcm" "$TestDrive/study/a.dcm"
        Copy-Item "$samples/MR_small.dcm" "$TestDrive/study/b[1].dcm"
        Copy-Item "$samples/rtplan.dcm" "$TestDrive/study/deep/c.dcm"
        Copy-Item "$samples/dicomdirtests/DICOMDIR" "$TestDrive/study/DICOMDIR"
        Set-Content "$TestDrive/study/notes.txt" 'These are not the bytes you are looking for.'
    }

    AfterAll { Stop-DicomStorageScp -InputObject $server -Force }

    BeforeEach { $null = Receive-DicomStorageScp $server }

    It 'sends a file and says what it was and how it went' {
        $result = Send-DicomFile "$TestDrive/study/a.dcm" $node
        $result | Should -BeOfType DicomPS.Sending.StoreResult
        $result.Success | Should -BeTrue
        $result.Status | Should -Be 'Success'
        $result.StatusCode | Should -Be 0
        $result.SOPClass | Should -Be 'CT Image Storage'
        $result.TransferSyntax | Should -Be 'Explicit VR Little Endian'
        $result.Bytes | Should -BeGreaterThan 30000
        "$($result.Node)" | Should -Be $node
        (Receive-DicomStorageScp $server -Timeout 60 | Select-Object -First 1).SOPInstanceUID | Should -Be $result.SOPInstanceUID
    }

    It 'keeps its association over pipeline records' {
        $before = $server.Associations
        1..20 | ForEach-Object { Start-Sleep -Milliseconds 10; "$TestDrive/study/a.dcm" } | Send-DicomFile -Node $node | Should -HaveCount 20
        $server.Associations - $before | Should -Be 1
    }

    It 'takes FileInfo, paths and objects from the pipeline' {
        Get-ChildItem "$TestDrive/study/*.dcm" | Send-DicomFile -Node $node | Should -HaveCount 2
        "$TestDrive/study/a.dcm" | Send-DicomFile -HostName 127.0.0.1 -Port $server.Port | Should -HaveCount 1
        [pscustomobject]@{ Path = "$TestDrive/study/a.dcm" } | Send-DicomFile -Node $node | Should -HaveCount 1
        [pscustomobject]@{ FullName = "$TestDrive/study/a.dcm" } | Send-DicomFile -Node $node | Should -HaveCount 1
    }

    It 'sends on what was received' {
        $null = Send-DicomFile "$TestDrive/study/a.dcm" $node
        $again = Receive-DicomStorageScp $server -Timeout 60 | Select-Object -First 1 | Send-DicomFile -Node $node
        $again.Success | Should -BeTrue
    }

    It 'takes wildcards, and a name with brackets as it stands' {
        Send-DicomFile "$TestDrive/study/*.dcm" $node | Should -HaveCount 2
        (Send-DicomFile "$TestDrive/study/b[1].dcm" $node).Success | Should -BeTrue
        (Send-DicomFile -LiteralPath "$TestDrive/study/b[1].dcm" -Node $node).Success | Should -BeTrue
    }

    It 'takes a folder, with -Recurse the ones below it, and skips what is not DICOM' {
        $results = Send-DicomFile "$TestDrive/study" $node -WarningVariable warnings -WarningAction SilentlyContinue -ErrorVariable problems
        $results | Should -HaveCount 2
        "$warnings" | Should -Match '1 file'
        $problems | Should -BeNullOrEmpty
        Send-DicomFile "$TestDrive/study" $node -Recurse -WarningAction SilentlyContinue | Should -HaveCount 3
        $told = Send-DicomFile "$TestDrive/study" $node -Verbose -WarningAction SilentlyContinue 4>&1 | Out-String
        $told | Should -Match 'notes\.txt'
        $told | Should -Match 'DICOMDIR'
    }

    It 'makes a named file that is not DICOM a result and an error' {
        $result = Send-DicomFile "$TestDrive/study/notes.txt" $node -ErrorVariable problem -ErrorAction SilentlyContinue
        $result.Success | Should -BeFalse
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomFileUnreadable,*'
        $problem[0].CategoryInfo.Category | Should -Be 'InvalidData'
        $problem[0].TargetObject | Should -Be "$TestDrive/study/notes.txt"
        "$($problem[0])" | Should -Match 'notes\.txt'
    }

    It 'reports <What> as <Id>, and goes on' -ForEach @(
        @{ What = 'a missing file'; Arguments = 'nothing-here.dcm'; Id = 'DicomFileNotFound' }
        @{ What = 'a wildcard without match'; Arguments = 'nothing-*.dcm'; Id = 'DicomFileNotFound' }
        @{ What = 'a drive that does not exist'; Arguments = 'nodrive:/x'; Id = 'DicomFileNotFound' }
        @{ What = 'a path outside the file system'; Arguments = 'env:PATH'; Id = 'DicomFileNotFound' }
        @{ What = 'an empty folder'; Arguments = 'TestDrive:/empty'; Id = 'DicomFolderWithoutDicom' }
    ) {
        $result = Send-DicomFile $Arguments, "$TestDrive/study/a.dcm" $node -ErrorVariable problem -ErrorAction SilentlyContinue
        $result | Should -HaveCount 1
        $problem[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $problem[0].CategoryInfo.Category | Should -BeIn 'ObjectNotFound', 'InvalidArgument'
        $problem[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'makes a node that is not there a failed result for each file' {
        $results = Send-DicomFile "$TestDrive/study/*.dcm" 'X@127.0.0.1:1' -RetryCount 0 -ErrorVariable problem -ErrorAction SilentlyContinue
        $results | Should -HaveCount 2
        $results.Success | Should -Not -Contain $true
        $problem | Should -HaveCount 2
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomConnectionRefused,*'
    }

    It 'says with -WhatIf what would go where, and sends nothing' {
        $before = $server.Received
        # What -WhatIf says goes to the host, so a process of its own is asked.
        $manifest = Join-Path $root 'out/DicomPS/DicomPS.psd1'
        $told = & $pwsh -NoProfile -Command "Import-Module '$manifest'; Send-DicomFile '$TestDrive/study' $node -Recurse -WhatIf" | Out-String
        $told | Should -Match 'a\.dcm \(CT Image Storage, Explicit VR Little Endian\)'
        $told | Should -Match ([regex]::Escape("Send to $node"))
        $told | Should -Not -Match 'DICOMDIR'
        $server.Received | Should -Be $before
    }

    It 'leaves in good order after Select-Object -First' {
        $many = 1..300 | ForEach-Object { "$TestDrive/study/a.dcm" }
        $many | Send-DicomFile -Node $node | Select-Object -First 2 | Should -HaveCount 2
        $null = Wait-Until { -not $server.ActiveAssociations }
        $server.ActiveAssociations | Should -Be 0
        (Send-DicomFile "$TestDrive/study/a.dcm" $node).Success | Should -BeTrue
    }

    It 'stops at once while a peer keeps it waiting' {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        try {
            $stop = Stop-Midway "Send-DicomFile '$TestDrive/study/a.dcm' X@127.0.0.1:$($listener.LocalEndpoint.Port)"
            $stop.State | Should -Be 'Stopped'
            $stop.Milliseconds | Should -BeLessThan 20000
        }
        finally { $listener.Stop() }
    }

    It 'shows progress only after half a second, with rate, and completes it' {
        $timed = { param($Command) "`$clock = [Diagnostics.Stopwatch]::StartNew(); $Command; `$clock.Elapsed.TotalSeconds" }
        # On a busy machine one file may take longer than that: it is judged by what was quick.
        foreach ($try in 1..50) {
            $short = Invoke-Recorded (& $timed "Send-DicomFile '$TestDrive/study/a.dcm' $node")
            if ($short.Output[-1] -lt 0.5) { break }
        }
        $short.Output | Should -HaveCount 2
        $short.Output[-1] | Should -BeLessThan 0.5
        $short.Progress | Should -BeNullOrEmpty
        $long = Invoke-Recorded (& $timed "1..30 | ForEach-Object { Start-Sleep -Milliseconds 40; '$TestDrive/study/a.dcm' } | Send-DicomFile -Node $node")
        $long.Output | Should -HaveCount 31
        $long.Progress | Should -Not -BeNullOrEmpty
        # Five a second from the first half second on, and the last.
        $long.Progress.Count | Should -BeLessOrEqual (2 + [math]::Ceiling(5 * ($long.Output[-1] - 0.5)))
        $long.Progress[0].StatusDescription | Should -Match 'files/s.*B/s'
        $long.Progress[-1].RecordType | Should -Be 'Completed'
    }

    It 'sends side by side with -Associations, each file once' {
        $files = 1..40 | ForEach-Object { $copy = "$TestDrive/many-$_.dcm"; Copy-Item "$samples/CT_small.dcm" $copy; $copy }
        $results = Send-DicomFile $files $node -Associations 4
        $results | Should -HaveCount 40
        $results.Path | Sort-Object -Unique | Should -HaveCount 40
        $results.Success | Should -Not -Contain $false
    }

    It 'takes <Value> for -Associations' -ForEach @(
        @{ Value = 4 }, @{ Value = '4' }, @{ Value = 'Auto' }, @{ Value = 'auto' }, @{ Value = [long] 2 }
    ) {
        (Send-DicomFile "$TestDrive/study/a.dcm" $node -Associations $Value -SplitStudies -AsyncOperations 8).Status | Should -Be 'Success'
    }

    It 'says what -Associations takes: <Value>' -ForEach @(@{ Value = 0 }, @{ Value = 65 }, @{ Value = 'many' }, @{ Value = 1.5 }, @{ Value = $true }) {
        { Send-DicomFile "$TestDrive/study/a.dcm" $node -Associations $Value } | Should -Throw '*1 to 64, or Auto for as many as pay*'
    }

    It 'completes Auto and takes what is registered with the node' {
        $line = 'Send-DicomFile x y -Associations '
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Contain 'Auto'
        $before = $server.Associations
        Set-DicomNode faraway $node -Associations Auto -AsyncOperations 4
        $files = 1..12 | ForEach-Object { $copy = "$TestDrive/far-$_.dcm"; Copy-Item "$samples/CT_small.dcm" $copy; $copy }
        (Send-DicomFile $files faraway).Status | Sort-Object -Unique | Should -Be 'Success'
        # One study: one association.
        $server.Associations - $before | Should -Be 1
    }

    It 'works in ForEach-Object -Parallel with a shared node' -Skip:($PSVersionTable.PSVersion.Major -lt 7) {
        $manifest = Join-Path $root 'out/DicomPS/DicomPS.psd1'
        $to = [DicomPS.Associations.DicomNode]::Parse($node)
        $file = "$TestDrive/study/a.dcm"
        $results = 1..4 | ForEach-Object -Parallel { Import-Module $using:manifest; Send-DicomFile $using:file $using:to }
        $results.Success | Should -Be @($true, $true, $true, $true)
        $server.State | Should -Be 'Running'
    }

    It 'fits 100 columns and gives CSV one flat row, also for a failure' {
        $results = Send-DicomFile "$TestDrive/study/a.dcm", "$TestDrive/study/notes.txt" $node -ErrorAction SilentlyContinue
        Measure-Width $results | Should -BeLessOrEqual 100
        $csv = $results | ConvertTo-Csv
        $csv | Should -HaveCount 3
        "$csv" | Should -Not -Match 'System\.'
    }

    Context 'DCMTK' -Skip:(-not $hasDcmtk) {
        It 'sends to storescp, byte for byte' {
            $port = Get-FreePort
            $null = New-Item -ItemType Directory "$TestDrive/dcmtk"
            $peer = Start-Peer storescp $port @('--bit-preserving', '-aet', 'STORE', '-od', "$TestDrive/dcmtk", $port)
            try {
                $results = Send-DicomFile "$TestDrive/study" "STORE@127.0.0.1:$port" -Recurse -WarningAction SilentlyContinue
                $results.Success | Should -Be @($true, $true, $true)
            }
            finally { Stop-Peer $peer }
            Get-ChildItem "$TestDrive/dcmtk" | Should -HaveCount 3
        }

        It 'says that storescp does not take a compressed file, and what to do' {
            $port = Get-FreePort
            $peer = Start-Peer storescp $port @('--ignore', $port)
            try {
                $result = Send-DicomFile "$samples/JPEG2000.dcm" "STORE@127.0.0.1:$port" -ErrorVariable problem -ErrorAction SilentlyContinue
                $result.Success | Should -BeFalse
                $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomPresentationContextRejected,*'
                $problem[0].ErrorDetails.RecommendedAction | Should -Match 'compressed'
            }
            finally { Stop-Peer $peer }
        }
    }

    It 'waits for a node that is restarted, and warns of it' {
        $first = Start-DicomStorageScp "$TestDrive/restart" -Port (Get-FreePort)
        $restart = [powershell]::Create().AddScript({
            param($manifest, $path, $port)
            Import-Module $manifest
            Start-Sleep -Seconds 1
            Start-DicomStorageScp $path -Port $port
        }).AddArgument("$root/out/DicomPS/DicomPS.psd1").AddArgument("$TestDrive/restart").AddArgument($first.Port)
        try {
            $sent = & {
                "$TestDrive/study/a.dcm"
                $end = [datetime]::UtcNow.AddSeconds(60)
                while ($first.Received -lt 1 -and [datetime]::UtcNow -lt $end) { Start-Sleep -Milliseconds 20 }
                Stop-DicomStorageScp $first -Force
                $script:running = $restart.BeginInvoke()
                "$TestDrive/study/b[1].dcm"
            } | Send-DicomFile -Node "DICOMPS@127.0.0.1:$($first.Port)" -RetryCount 1 -RetryDelay 0.1 -WarningVariable warned -WarningAction SilentlyContinue
            $sent.Status | Should -Be 'Success', 'Success'
            "$warned" | Should -Match "^DICOMPS@127\.0\.0\.1:$($first.Port) cannot be reached any more: Nothing listens .* tried again"
        }
        finally {
            if ($script:running) { $restart.EndInvoke($script:running) | Stop-DicomStorageScp -Force }
            $restart.Dispose()
        }
    }
}
