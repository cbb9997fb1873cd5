BeforeDiscovery {
    $hasSamples = Test-Path '/usr/lib/python3/dist-packages/pydicom/data/test_files/CT_small.dcm'
    $hasDcmtk = [bool] (Get-Command findscu -ErrorAction Ignore)
}

Describe 'Start-DicomScp' {
    BeforeAll {
        # The final status of a C-FIND and what it found, asked by the engine's own SCU.
        function Invoke-Find($Server, [string] $SopClass, [hashtable] $Keys) {
            $context = [DicomPS.Associations.PresentationContextProposal]::new($SopClass, [string[]] '1.2.840.10008.1.2.1')
            $options = [DicomPS.Associations.AssociationOptions] @{ Host = '127.0.0.1'; Port = $Server.Port; PresentationContexts = [DicomPS.Associations.PresentationContextProposal[]] $context }
            $identifier = [DicomPS.Data.DicomDataset]::new()
            foreach ($tag in $Keys.Keys) { $identifier.Set([DicomPS.Data.DicomTag]::Parse($tag), [DicomPS.Data.Vr]::LO, [string[]] $Keys[$tag]) }
            $none = [Threading.CancellationToken]::None
            $scu = [DicomPS.Scu.QueryScu]::ConnectAsync($options, [timespan]::FromSeconds(60), $none).GetAwaiter().GetResult()
            try {
                $responses = $scu.FindAsync($scu.ContextFor($SopClass), $identifier, $null, 'Medium', $none).GetAsyncEnumerator($none)
                while ($responses.MoveNextAsync().AsTask().GetAwaiter().GetResult()) { $responses.Current }
            }
            finally { $null = $scu.DisposeAsync().AsTask().GetAwaiter().GetResult() }
        }
        . "$PSScriptRoot/Support.ps1"
        function Get-Address($Server) { "SCP@127.0.0.1:$($Server.Port)" }

        # The first message that matches; it may come a moment after the answer.
        function Wait-Message($Server, [string] $Like) {
            for ($i = 0; $i -lt 600; $i++) {
                $found = Receive-DicomScp $Server -Timeout 0.1 | Where-Object Message -Like $Like
                if ($found) { return @($found)[0] }
            }
        }
    }

    AfterEach {
        if (Get-DicomScp) { Stop-DicomScp -All -Force }
        if (Get-DicomStorageScp) { Stop-DicomStorageScp -All -Force }
    }

    # PowerShell closes what runspaces it finds when it ends; one that opens just then would keep the process by a thread that is waited for.
    It 'keeps no process alive by the thread of a block' {
        $server = Start-DicomScp -Port 0 -OnEcho { Write-Warning "background $([Threading.Thread]::CurrentThread.IsBackground)" }
        (Test-DicomEcho (Get-Address $server)).Success | Should -BeTrue
        (Wait-Message $server 'background*').Message | Should -Be 'background True'
    }

    It 'returns at once with a live object, and echoes without a block' {
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $server = Start-DicomScp -Port 0 -AETitle SCP -OnFind { }
        $clock.ElapsedMilliseconds | Should -BeLessThan 20000
        $server | Should -BeOfType DicomPS.Scripts.ScriptServer
        $server.State | Should -Be 'Running'
        $server.Handlers | Should -Be 'OnFind'
        $server.Services | Should -Be 'Verification, QueryRetrieve'
        Test-DicomEcho (Get-Address $server) -Quiet | Should -BeTrue
    }

    Context 'the request' {
        It 'is the first parameter, $_ and $args[0], with -ArgumentList behind it' -ForEach @(
            @{ Block = { param($Request, $More) Write-Warning "$($Request.Operation) $More $($_.CallingAETitle)" } }
            @{ Block = { Write-Warning "$($args[0].Operation) $($args[1]) $($_.CallingAETitle)" } }
        ) {
            $server = Start-DicomScp -Port 0 -OnEcho $Block -ArgumentList more
            Test-DicomEcho (Get-Address $server) -CallingAETitle CALLER -Quiet | Should -BeTrue
            $message = Receive-DicomScp $server -Timeout 60 | Select-Object -First 1
            $message.Message | Should -Be 'C-ECHO more CALLER'
            $message.Level | Should -Be 'Warning'
            $message.Operation | Should -Be 'C-ECHO'
            $message.CallingAETitle | Should -Be 'CALLER'
        }

        It 'tells what was asked' {
            $server = Start-DicomScp -Port 0 -OnFind {
                $r = $_
                Write-Warning (@($r.Service, $r.Level, $r.Keys.PatientID, $r.Identifier.GetType().Name, $r.Priority, $r.PresentationContext.TransferSyntax, ($r.MessageId -gt 0), $r.IsCancelled) -join '|')
            }
            Find-DicomStudy -Node (Get-Address $server) -PatientID 'A*' | Should -BeNullOrEmpty
            (Receive-DicomScp $server -Timeout 60 | Select-Object -First 1).Message | Should -Match '^QueryRetrieve\|STUDY\|A\*\|DicomDataset\|Medium\|1\.2\.840[.\d]*\|True\|False$'
        }

        It 'brings $using: variables, in texts, as members and as splatted arguments' {
            $word = 'one'; $table = @{ Inner = @('x', 'two') }; $splat = @{ Message = 'three' }
            $server = Start-DicomScp -Port 0 -OnEcho { Write-Warning "$using:word ${using:word}s $($using:table.Inner[1])"; Write-Warning @using:splat }
            Test-DicomEcho (Get-Address $server) -Quiet | Should -BeTrue
            (Receive-DicomScp $server -Timeout 60 | Select-Object -First 2).Message | Should -Be 'one ones two', 'three'
        }

        It 'leaves nothing of a request to the next one: <What>' -ForEach @(
            @{ What = 'a global variable'; Block = { @{ PatientID = "seen: $global:leak" }; $global:leak = 'yes' } }
            @{ What = 'a script variable'; Block = { @{ PatientID = "seen: $script:leak" }; $script:leak = 'yes' } }
            @{ What = 'the location'; Block = { @{ PatientID = "seen: $(if ((Get-Location).Path -eq '/') { 'yes' })" }; Set-Location / } }
            @{ What = 'a preference'; Block = { @{ PatientID = "seen: $(if ($ErrorActionPreference -eq 'Stop') { 'yes' })" }; Set-Variable ErrorActionPreference Stop -Scope Global } }
        ) {
            $kept = 'kept'
            $text = "@{ StudyDescription = `$using:kept; StudyInstanceUID = '1.2' } | Out-Null; $Block"
            $server = Start-DicomScp -Port 0 -AETitle SCP -Throttle 1 -OnFind ([scriptblock]::Create($text))
            1..3 | ForEach-Object { (Find-DicomStudy (Get-Address $server)).PatientID } | Should -Be 'seen:', 'seen:', 'seen:'
        }

        It 'leaves $using: of a nested ForEach-Object -Parallel to the block' {
            $server = Start-DicomScp -Port 0 -OnEcho { $local = 'mine'; 1 | ForEach-Object -Parallel { Write-Warning "got $using:local" } }
            Test-DicomEcho (Get-Address $server) -Quiet | Should -BeTrue
            (Receive-DicomScp $server -Timeout 60 | Select-Object -First 1).Message | Should -Be 'got mine'
        }
    }

    Context 'C-FIND' {
        It 'takes hashtables, objects and datasets, with sequences, dates and any script' {
            $server = Start-DicomScp -Port 0 -OnFind {
                @{ PatientName = 'Müller^Jürgen'; PatientID = 'H'; StudyInstanceUID = '1.1'; StudyDate = [datetime] '2024-05-06'; ProcedureCodeSequence = @{ CodeValue = 'C1' }, @{ CodeValue = 'C2' } }
                [pscustomobject] @{ PatientName = 'Object^A'; PatientID = 'O'; StudyInstanceUID = '1.2'; NoKeyword = 1; ReferencedStudySequence = [pscustomobject] @{ ReferencedSOPInstanceUID = '1.9' } }
                $_.Identifier
            }
            $found = Find-DicomStudy -Node (Get-Address $server) -PatientID D
            $found | Should -HaveCount 3
            $found[0].PatientName | Should -Be 'Müller^Jürgen'
            $found[0].StudyDate | Should -Be ([datetime] '2024-05-06')
            $found[0].Dataset.GetItems('0008,1032').Count | Should -Be 2
            $found[1].Dataset.GetItems('0008,1110')[0].GetString('0008,1155') | Should -Be '1.9'
            $found[2].PatientID | Should -Be 'D'
        }

        It 'passes on what another Find-Dicom cmdlet found' {
            $back = Start-DicomScp -Port 0 -OnFind { @{ PatientID = 'BACK'; StudyInstanceUID = '1.2.3' } }
            $node = Get-Address $back
            $front = Start-DicomScp -Port 0 -OnFind { Find-DicomStudy -Node $using:node }
            (Find-DicomStudy -Node (Get-Address $front)).PatientID | Should -Be 'BACK'
        }

        It 'sends each match as it is written' {
            $gate = [Threading.ManualResetEventSlim]::new()
            $server = Start-DicomScp -Port 0 -OnFind {
                @{ PatientID = 'FIRST'; StudyInstanceUID = '1.1' }
                $null = ($using:gate).Wait(20000)
                @{ PatientID = 'SECOND'; StudyInstanceUID = '1.2' }
            }
            Find-DicomStudy -Node (Get-Address $server) | ForEach-Object { $gate.Set(); $_.PatientID } | Should -Be 'FIRST', 'SECOND'
        }

        It 'turns IsCancelled true when the peer cancels' {
            $server = Start-DicomScp -Port 0 -OnFind {
                for ($i = 0; -not $_.IsCancelled -and $i -lt 100000; $i++) { @{ PatientID = "$i"; StudyInstanceUID = "1.$i" } }
                Write-Warning "cancelled: $($_.IsCancelled)"
            }
            Find-DicomStudy -Node (Get-Address $server) | Select-Object -First 2 | Should -HaveCount 2
            Wait-Message $server 'cancelled: True' | Should -Not -BeNullOrEmpty
            Test-DicomEcho (Get-Address $server) -Quiet | Should -BeTrue
        }

        It 'answers <Status> when the block <What>' -ForEach @(
            @{ What = 'throws'; Status = 'C311'; Block = { throw 'no such thing' } }
            @{ What = 'writes no dataset'; Status = 'C311'; Block = { 'text' } }
            @{ What = 'writes a wrong keyword'; Status = 'C311'; Block = { @{ NoSuchKeyword = 1 } } }
            @{ What = 'writes a status'; Status = 'A700'; Block = { @{ Status = 'A700'; ErrorComment = 'busy' } } }
            @{ What = 'writes a bad status'; Status = 'C002'; Block = { @{ Status = 'nonsense' } } }
        ) {
            $server = Start-DicomScp -Port 0 -OnFind $Block
            $failure = $null
            Find-DicomStudy -Node (Get-Address $server) -ErrorAction SilentlyContinue -ErrorVariable failure
            "$($failure[0])" | Should -Match $Status
            # The peer may hear of it first.
            $null = Wait-Until { $server.LastError -match 'C-FIND failed' -and $server.Failed }
            $server.LastError | Should -Match 'C-FIND failed'
            $server.Failed | Should -BeGreaterThan 0
        }

        It 'takes <What> for <Answers> answers that end with <Status>' -ForEach @(
            @{ What = 'a pending status with keywords'; Status = 0; Answers = 2; Block = { @{ Status = 0xFF01; PatientID = 'A'; StudyInstanceUID = '1.1' }; @{ Status = 'FF00'; PatientID = 'B'; StudyInstanceUID = '1.2' } } }
            @{ What = 'a pending status with a dataset'; Status = 0; Answers = 1; Block = { [pscustomobject] @{ Status = 0xFF00; PatientID = 'A'; StudyInstanceUID = '1.1' } } }
            @{ What = 'a pending status alone'; Status = 0xC311; Answers = 1; Block = { @{ PatientID = 'A'; StudyInstanceUID = '1.1' }; @{ Status = 0xFF00 } } }
            @{ What = 'rows with a column Status'; Status = 0; Answers = 4; Block = { foreach ($status in 'Success', 'Scheduled', '3', 7) { [pscustomobject] @{ PatientID = 'A'; StudyInstanceUID = "1.1.$($status.ToString().Length)$($status.GetHashCode())".Replace('-', '.'); Status = $status } } } }
            @{ What = 'a failure with a keyword'; Status = 0xA700; Answers = 0; Block = { @{ Status = 0xA700; PatientID = 'A' } } }
            @{ What = 'Success in the middle'; Status = 0; Answers = 1; Block = { @{ PatientID = 'A'; StudyInstanceUID = '1.1' }; @{ Status = 0 }; @{ PatientID = 'B' } } }
        ) {
            $server = Start-DicomScp -Port 0 -OnFind $Block
            $responses = @(Invoke-Find $server '1.2.840.10008.5.1.4.1.2.2.1' @{ '0010,0020' = '*' })
            $responses[-1].Command.Status | Should -Be $Status
            $responses.Count - 1 | Should -Be $Answers
            foreach ($response in $responses | Select-Object -SkipLast 1) {
                $response.Dataset.GetString('0010,0020') | Should -BeIn 'A', 'B'
                $response.Dataset.Contains('0000,0900') | Should -BeFalse
            }
        }

        It 'tells the peer nothing that a block threw or wrote by mistake' -ForEach @(
            @{ Block = { throw 'DB password=hunter2 at /srv/secret' } }
            @{ Block = { @{ Status = 'DB password=hunter2 at /srv/secret' } } }
            @{ Block = { 'DB password=hunter2 at /srv/secret' } }
            @{ Block = { Get-Item /srv/secret-hunter2 -ErrorAction Stop } }
        ) {
            $server = Start-DicomScp -Port 0 -OnFind $Block
            $final = @(Invoke-Find $server '1.2.840.10008.5.1.4.1.2.2.1' @{ '0010,0020' = '*' })[-1].Command
            $final.Status | Should -BeGreaterThan 0xBFFF
            $final.ErrorComment | Should -Not -Match 'hunter2|secret'
            $null = Wait-Until { $server.LastError }
            $server.LastError | Should -Match 'hunter2'
        }

        It 'cuts off a block that hangs, and serves on' {
            # Long enough for the first answer, on a busy machine too. What it waits in cannot even be stopped.
            $gate = [Threading.ManualResetEventSlim]::new()
            $server = Start-DicomScp -Port 0 -Throttle 1 -HandlerTimeout 5 -OnFind { @{ PatientID = 'A'; StudyInstanceUID = '1.1' }; $null = ($using:gate).Wait(180000); @{ PatientID = 'LATE' } } -OnEcho { }
            try {
                $failure = $null
                $found = Find-DicomStudy -Node (Get-Address $server) -ErrorAction SilentlyContinue -ErrorVariable failure
                $found.PatientID | Should -Be 'A'
                "$($failure[0])" | Should -Match 'C311.*no answer within 5 s'
                # After a while its place is given to others.
                Wait-Until { Test-DicomEcho (Get-Address $server) -Quiet } | Should -BeTrue
            }
            finally { $gate.Set() }
        }
    }

    Context 'C-STORE' -Skip:(-not $hasSamples) {
        It 'shows the instance as a file and a header, and deletes the file unless it was moved' {
            $keep = Join-Path $TestDrive 'kept.dcm'
            $server = Start-DicomScp -Port 0 -OnStore {
                Write-Warning "$($_.Instance.PatientID) $($_.Instance.Header.GetString('0008,0060')) $(Test-Path $_.Instance.Path) $($_.Instance.Path)"
                if ($_.Instance.Header.GetString('0008,0060') -eq 'CT') { Move-Item $_.Instance.Path $using:keep }
            }
            (Send-DicomFile "$samples/CT_small.dcm", "$samples/MR_small.dcm" (Get-Address $server)).Success | Should -Be $true, $true
            $messages = @(Receive-DicomScp $server -Timeout 60 | Select-Object -First 2).Message
            $messages[0] | Should -Match '^1CT1 CT True'
            Test-Path ($messages[1] -split ' ', 4)[3] | Should -BeFalse
            (Get-FileHash $keep).Hash | Should -Not -BeNullOrEmpty
        }

        It 'answers <Expected> to <What>' -ForEach @(
            @{ What = 'nothing'; Block = { }; Expected = 0 }
            @{ What = 'a number'; Block = { 0xA700 }; Expected = 0xA700 }
            @{ What = 'hexadecimal text'; Block = { 'B000' }; Expected = 0xB000 }
            @{ What = 'a name'; Block = { 'Out of Resources' }; Expected = 0xA700 }
            @{ What = 'an object'; Block = { [pscustomobject] @{ Status = 0xC123; ErrorComment = 'why'; OffendingElement = 'PatientID' } }; Expected = 0xC123 }
            @{ What = 'a thrown error'; Block = { throw 'no' }; Expected = 0xC211 }
            @{ What = 'exit with a number'; Block = { if ($true) { exit 3 } }; Expected = 0xC211 }
            @{ What = 'exit without an error'; Block = { $code = 0; exit $code; 0xA700 }; Expected = 0 }
            @{ What = 'a bad status'; Block = { 'rubbish' }; Expected = 0xC002 }
            @{ What = 'two objects'; Block = { 1; 2 }; Expected = 0xC002 }
            @{ What = 'a number that is no status'; Block = { 70000 }; Expected = 0xC002 }
            @{ What = 'a number with a fraction'; Block = { 1.5 }; Expected = 0xC002 }
            @{ What = 'a pending status'; Block = { 0xFF00 }; Expected = 0xC211 }
        ) {
            $server = Start-DicomScp -Port 0 -OnStore $Block
            (Send-DicomFile "$samples/CT_small.dcm" (Get-Address $server) -ErrorAction SilentlyContinue).StatusCode | Should -Be $Expected
        }

        It 'sends a status that the service does not have, with a warning' {
            $server = Start-DicomScp -Port 0 -OnStore { 0x1234 }
            (Send-DicomFile "$samples/CT_small.dcm" (Get-Address $server) -ErrorAction SilentlyContinue).StatusCode | Should -Be 0x1234
            (Wait-Message $server '*1234H*no status*').Level | Should -Be 'Warning'
        }
    }

    Context 'C-MOVE and C-GET' -Skip:(-not $hasSamples) {
        It 'sends files and datasets to the destination that the block wrote first' {
            $in = Start-DicomStorageScp -Path "$TestDrive/move" -Port 0 -AETitle DEST
            $port = $in.Port
            $server = Start-DicomScp -Port 0 -OnMove {
                if ($_.MoveDestination -ne 'DEST') { return }
                @{ AETitle = 'DEST'; HostName = '127.0.0.1'; Port = $using:port }
                Get-Item "$using:samples/CT_small.dcm"
                "$using:samples/MR_small.dcm"
            }
            $result = Move-DicomStudy -Node (Get-Address $server) -StudyInstanceUID 1.2.3 -Destination DEST
            $result.Completed | Should -Be 2
            $in.Received | Should -Be 2
            (Move-DicomStudy -Node (Get-Address $server) -StudyInstanceUID 1.2.3 -Destination ELSE -ErrorAction SilentlyContinue).StatusCode | Should -Be 0xA801
        }

        It 'answers C-GET, and with C411 when the block throws' {
            $server = Start-DicomScp -Port 0 -OnGet { if ($_.Keys.StudyInstanceUID -eq '9.9') { throw 'gone' }; "$using:samples/CT_small.dcm" }
            $study = '1.3.6.1.4.1.5962.1.2.1.20040119072730.12322'
            (Receive-DicomStudy -Node (Get-Address $server) -StudyInstanceUID $study -Path "$TestDrive/get").Received | Should -Be 1
            (Receive-DicomStudy -Node (Get-Address $server) -StudyInstanceUID 9.9 -Path "$TestDrive/get" -ErrorAction SilentlyContinue).StatusCode | Should -Be 0xC411
        }
    }

    Context 'C-MOVE and C-GET, instance by instance' -Skip:(-not $hasSamples) {
        BeforeAll { $study = '1.3.6.1.4.1.5962.1.2.1.20040119072730.12322' }

        It 'counts a file that cannot be read as one failed sub-operation' {
            $folder = New-Item -ItemType Directory "$TestDrive/mixed"
            Copy-Item "$samples/CT_small.dcm" "$folder/a.dcm"
            'no DICOM' > "$folder/b-readme.txt"
            $server = Start-DicomScp -Port 0 -OnGet { Get-ChildItem $using:folder; "$using:folder/missing.dcm" }
            $got = Receive-DicomStudy -Node (Get-Address $server) -StudyInstanceUID $study -Path "$TestDrive/mixed-get" -ErrorAction SilentlyContinue
            $got.StatusCode, $got.Completed, $got.Failed | Should -Be 0xB000, 1, 2
            $got.ErrorComment | Should -Not -Match 'mixed|missing|readme'
            $server.LastError | Should -Match 'missing\.dcm'
        }

        It 'sends and counts what was written before a status, and takes results of Send-DicomFile for files' {
            $server = Start-DicomScp -Port 0 -OnGet {
                [pscustomobject] @{ Path = "$using:samples/CT_small.dcm"; Status = 'Success' }
                @{ Status = 0xA900; ErrorComment = 'no more' }
            }
            $got = Receive-DicomStudy -Node (Get-Address $server) -StudyInstanceUID $study -Path "$TestDrive/part" -ErrorAction SilentlyContinue
            $got.StatusCode, $got.Completed, $got.Received, $got.ErrorComment | Should -Be 0xA900, 1, 1, 'no more'
        }

        It 'sends before the block has ended, and calls the destination by its own title' {
            $in = Start-DicomStorageScp -Path "$TestDrive/slow" -Port 0 -AETitle DEST -AllowedCallingAETitle MYSCP
            $port = $in.Port
            $server = Start-DicomScp -Port 0 -AETitle MYSCP -OnMove {
                "DEST@127.0.0.1:$using:port"
                "$using:samples/CT_small.dcm"
                for ($i = 0; $i -lt 600 -and ($using:in).Received -lt 1; $i++) { Start-Sleep -Milliseconds 100 }
                if (($using:in).Received -lt 1) { throw 'nothing was sent while the block ran' }
                "$using:samples/MR_small.dcm"
            }
            $moved = Move-DicomStudy -Node (Get-Address $server) -StudyInstanceUID 1.2.3 -Destination DEST
            $moved.Completed, $moved.Failed | Should -Be 2, 0
        }

        It 'ends a request in which a pending status stands alone' {
            $server = Start-DicomScp -Port 0 -OnGet { @{ Status = 0xFF00 } }
            (Receive-DicomStudy -Node (Get-Address $server) -StudyInstanceUID $study -Path "$TestDrive/none" -ErrorAction SilentlyContinue).StatusCode | Should -Be 0xC411
            $server.LastError | Should -Match 'FF00'
        }
    }

    It 'answers a worklist with -Service Worklist' {
        $server = Start-DicomScp -Port 0 -Service Worklist -OnFind {
            @{ PatientID = 'W1'; PatientName = 'Work^List'; ScheduledProcedureStepSequence = @{ Modality = 'CT'; ScheduledProcedureStepStartDate = '20240101' } }
        }
        (Find-DicomWorklist -Node (Get-Address $server)).PatientID | Should -Be 'W1'
    }

    It 'serves fifty associations at once' {
        $server = Start-DicomScp -Port 0 -Throttle 4 -MaximumAssociations 100 -OnFind { Start-Sleep -Milliseconds 20; @{ PatientID = $_.Keys.PatientID; StudyInstanceUID = '1.1' } }
        $address = Get-Address $server
        $manifest = Join-Path $root 'out/DicomPS/DicomPS.psd1'
        $found = 1..50 | ForEach-Object -ThrottleLimit 50 -Parallel { Import-Module $using:manifest; (Find-DicomStudy -Node $using:address -PatientID "P$_").PatientID }
        $found | Sort-Object -Unique | Should -HaveCount 50
        $server.Failed | Should -Be 0
    }

    It 'stops while a block runs' {
        $server = Start-DicomScp -Port 0 -HandlerTimeout 0 -OnEcho { Start-Sleep 120 }
        $job = Start-ThreadJob { Import-Module $using:root/out/DicomPS/DicomPS.psd1; Test-DicomEcho $args[0] -Quiet } -ArgumentList (Get-Address $server)
        Wait-Until { $server.ActiveAssociations } | Should -BeTrue
        $clock = [Diagnostics.Stopwatch]::StartNew()
        Stop-DicomScp $server -Force
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 60
        $server.State | Should -Be 'Stopped'
        $job | Wait-Job -Timeout 60 | Receive-Job | Should -BeFalse
        $job | Remove-Job -Force
    }

    It 'makes the faults of -Fault' {
        $refusing = Start-DicomScp -Port 0 -Fault @{ RefuseAssociation = $true }
        Test-DicomEcho (Get-Address $refusing) -Quiet | Should -BeFalse
        $once = Start-DicomScp -Port 0 -Fault @{ RefuseAssociation = 1 }
        Test-DicomEcho (Get-Address $once) -Quiet | Should -BeFalse
        Test-DicomEcho (Get-Address $once) -Quiet | Should -BeTrue
        $second = Start-DicomScp -Port 0 -Fault @{ FailEvery = 2; FailStatus = 'A700' } -OnFind { @{ StudyInstanceUID = '1.1' } }
        Find-DicomStudy -Node (Get-Address $second) | Should -HaveCount 1
        { Find-DicomStudy -Node (Get-Address $second) -ErrorAction Stop } | Should -Throw '*A700*'
        $aborting = Start-DicomScp -Port 0 -Fault @{ AbortAfter = 1 } -OnFind { 1..3 | ForEach-Object { @{ StudyInstanceUID = "1.$_" } } }
        $failure = $null
        Find-DicomStudy -Node (Get-Address $aborting) -ErrorAction SilentlyContinue -ErrorVariable failure | Should -HaveCount 1
        $failure.Count | Should -BeGreaterThan 0
        $late = Start-DicomScp -Port 0 -Fault @{ DelayMilliseconds = 300 }
        (Test-DicomEcho (Get-Address $late)).RoundTrip.TotalMilliseconds | Should -BeGreaterThan 250
    }

    It 'refuses <What> with a sentence' -ForEach @(
        @{ What = 'an unknown fault'; Fault = @{ Nope = 1 } }
        @{ What = 'a negative number'; Fault = @{ AbortAfter = -1 } }
        @{ What = 'a wrong status'; Fault = @{ FailEvery = 1; FailStatus = 'nonsense' } }
        @{ What = 'a status without FailEvery'; Fault = @{ FailStatus = 'A700' } }
        @{ What = 'something that is no number'; Fault = @{ DropAfterBytes = 'x' } }
    ) {
        { Start-DicomScp -Port 0 -Fault $Fault } | Should -Throw '*-Fault takes a hashtable with*'
    }

    It 'ends with <Id> for <What>' -ForEach @(
        @{ What = 'a variable that is not there'; Id = 'DicomUsingVariableInvalid'; More = @{ OnEcho = { $using:noSuchVariable } } }
        @{ What = 'a service without a block'; Id = 'DicomServiceInvalid'; More = @{ Service = 'Storage'; OnFind = { } } }
        @{ What = 'a block without a service'; Id = 'DicomServiceInvalid'; More = @{ Service = 'Storage'; OnStore = { }; OnFind = { } } }
        @{ What = 'a wrong AE title'; Id = 'DicomAETitleInvalid'; More = @{ AETitle = 'A\B' } }
    ) {
        { Start-DicomScp -Port 0 @More } | Should -Throw -ErrorId "$Id,*"
        Get-DicomScp | Should -BeNullOrEmpty
    }

    It 'starts nothing with -WhatIf' {
        Start-DicomScp -Port 0 -OnEcho { } -WhatIf | Should -BeNullOrEmpty
        Get-DicomScp | Should -BeNullOrEmpty
    }

    It 'completes services and faults' {
        $text = 'Start-DicomScp -Service Impl'
        (TabExpansion2 $text $text.Length).CompletionMatches.CompletionText | Should -Be 'ImplantTemplate'
        $text = 'Start-DicomScp -Fault '
        (TabExpansion2 $text $text.Length).CompletionMatches.CompletionText | Should -Contain '@{ AbortAfter = 1 }'
    }

    It 'stops when the module is removed' {
        $manifest = Join-Path $root 'out/DicomPS/DicomPS.psd1'
        $state = & $pwsh -NoProfile -Command "Import-Module '$manifest'; `$s = Start-DicomScp -Port 0 -OnEcho { }; Remove-Module DicomPS; [string] `$s.State"
        $state | Should -Be 'Stopped'
    }

    Context 'services that no cmdlet asks' {
        It 'answers <Service>' -ForEach @(
            @{ Service = 'HangingProtocol'; Class = '1.2.840.10008.5.1.4.38.2' }
            @{ Service = 'Inventory'; Class = '1.2.840.10008.5.1.4.1.1.201.2' }
            @{ Service = 'SubstanceAdministration'; Class = '1.2.840.10008.5.1.4.41' }
            @{ Service = 'RelevantPatient'; Class = '1.2.840.10008.5.1.4.37.1' }
        ) {
            $server = Start-DicomScp -Port 0 -Service $Service -OnFind {
                if ($_.Keys.PatientID -eq 'BAD') { throw 'not today' }
                @{ PatientID = "$($_.Service)"; SOPInstanceUID = '1.2.3' }
            }
            $responses = @(Invoke-Find $server $Class @{ '0010,0020' = 'GOOD' })
            $responses.Command.Status | Should -Be 0xFF00, 0
            $responses[0].Dataset.GetString('0010,0020') | Should -Be $Service
            $failed = @(Invoke-Find $server $Class @{ '0010,0020' = 'BAD' })
            $failed.Command.Status | Should -Be ($Service -eq 'RelevantPatient' ? 0xC000 : 0xC311)
            $failed.Command.ErrorComment | Should -Be "The handler failed; see the server's own messages"
            $server.LastError | Should -BeLike '*not today*'
        }

        It 'fails a query for a relevant patient that has two answers' {
            $server = Start-DicomScp -Port 0 -Service RelevantPatient -OnFind { @{ PatientID = 'A' }, @{ PatientID = 'B' } }
            (Invoke-Find $server '1.2.840.10008.5.1.4.37.1' @{ '0010,0020' = '*' }).Command.Status | Should -Be 0xC100
        }
    }

    Context 'DCMTK' -Skip:(-not ($hasDcmtk -and $hasSamples)) {
        It 'serves echoscu, findscu, storescu, movescu and getscu' {
            $in = Start-DicomStorageScp -Path "$TestDrive/dcmtk" -Port 0 -AETitle DEST
            $port = $in.Port
            $server = Start-DicomScp -Port 0 -OnStore { } -OnFind { @{ PatientID = 'D1'; StudyInstanceUID = '1.2.3' } } -OnMove { "DEST@127.0.0.1:$using:port"; "$using:samples/CT_small.dcm" } -OnGet { "$using:samples/CT_small.dcm" }
            $key = '-S', '-k', 'QueryRetrieveLevel=STUDY', '-k', 'StudyInstanceUID=1.2.3', '127.0.0.1', $server.Port
            echoscu 127.0.0.1 $server.Port; $LASTEXITCODE | Should -Be 0
            storescu 127.0.0.1 $server.Port "$samples/CT_small.dcm"; $LASTEXITCODE | Should -Be 0
            "$(findscu @key 2>&1)" | Should -Match 'D1'
            movescu -aem DEST @key; $LASTEXITCODE | Should -Be 0
            $in.Received | Should -Be 1
            $null = New-Item -ItemType Directory "$TestDrive/getscu"
            getscu -od "$TestDrive/getscu" @key 2>$null; $LASTEXITCODE | Should -Be 0
            Get-ChildItem "$TestDrive/getscu" | Should -HaveCount 1
        }
    }
}
