BeforeDiscovery {
    $hasSamples = Test-Path '/usr/lib/python3/dist-packages/pydicom/data/test_files/CT_small.dcm'
    $hasDcmtk = [bool] (Get-Command storescp -ErrorAction Ignore)
}

Describe 'Traces, -Verbose and -Debug' -Skip:(-not $hasSamples) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $archive = Start-DicomArchive "$TestDrive/archive" -Port 0 -AETitle ARCHIVE -Address 127.0.0.1 -TracePath "$TestDrive/server.txt"
        $node = "ARCHIVE@127.0.0.1:$($archive.Port)"
        $null = Send-DicomFile "$samples/CT_small.dcm" $node
        # Patient CompressedSamples^CT1 with the id 1CT1.
        $secrets = 'CompressedSamples|1CT1'
        function Read-Trace([string] $Name = 'trace.txt') { Get-Content "$TestDrive/$Name" -Raw }
    }

    AfterAll { Stop-DicomArchive $archive -Force }

    AfterEach { Remove-Item "$TestDrive/trace*.txt" -ErrorAction Ignore }

    It 'writes an echo to a file, relative to the current folder, and appends the next' {
        Push-Location $TestDrive
        try { $null = Test-DicomEcho $node -TracePath trace.txt; $null = Test-DicomEcho $node -TracePath ./trace.txt }
        finally { Pop-Location }
        $trace = Read-Trace
        $trace | Should -Match 'A-ASSOCIATE-RQ, DICOMPS calls ARCHIVE, 1 presentation context'
        $trace | Should -Match 'accepted: 1\.2\.840\.10008\.1\.2 Implicit VR Little Endian'
        $trace | Should -Match '<-- C-ECHO response to 1: Success \(0000\)'
        $trace | Should -Match '--> A-RELEASE-RQ'
        [regex]::Matches($trace, '# DicomPS: trace of Test-DicomEcho').Count | Should -Be 2
    }

    It 'writes what is sent and found with the patient masked' {
        (Send-DicomFile "$samples/CT_small.dcm" $node -TracePath "$TestDrive/trace.txt").Success | Should -BeTrue
        (Find-DicomStudy $node -PatientName 'CompressedSamples*' -PatientID 1CT1 -TracePath "$TestDrive/trace.txt").PatientID | Should -Be '1CT1'
        $trace = Read-Trace
        $trace | Should -Match 'C-STORE request 1'
        $trace | Should -Match 'C-FIND request 1'
        $trace | Should -Match 'PatientName +\*\*\* \d+ bytes with wildcard'
        $trace | Should -Match 'Modality +\[CT\]'
        $trace | Should -Not -Match $secrets
    }

    It 'shows the patient with -IncludePatientData, and says so in the first line' {
        $null = Find-DicomStudy $node -PatientID 1CT1 -TracePath "$TestDrive/trace.txt" -IncludePatientData
        $trace = Read-Trace
        ($trace -split '\r?\n')[0] | Should -Match 'WITH PATIENT DATA'
        $trace | Should -Match 'PatientName +\[CompressedSamples\^CT1\]'
        $trace | Should -Match 'PatientID +\[1CT1\]'
    }

    It 'warns that -IncludePatientData alone does nothing' {
        $null = Test-DicomEcho $node -IncludePatientData -WarningVariable warnings -WarningAction SilentlyContinue
        "$warnings" | Should -Match 'without -TracePath'
    }

    It 'serves a pipeline whose commands share the file' {
        Find-DicomStudy $node -TracePath "$TestDrive/trace.txt" | Receive-DicomStudy -Path "$TestDrive/got" -TracePath "$TestDrive/trace.txt" |
            ForEach-Object Verdict | Should -Be 'Complete'
        $trace = Read-Trace
        $trace | Should -Match 'C-GET request'
        $trace | Should -Match '<-- C-STORE request'
        $trace | Should -Match 'C-GET response to 1: Success'
        @($trace -split '\r?\n' | Where-Object { $_ -and $_ -notmatch '^#(\d+)? ' }) | Should -BeNullOrEmpty
    }

    It 'follows a move: the request, what comes in at the local port, and the sub-operations of the archive' {
        $port = Get-FreePort
        $moving = Start-DicomArchive "$TestDrive/archive2" -Port 0 -AETitle MOVER -Address 127.0.0.1 -Destination @{ DICOMPS = "127.0.0.1:$port" } -TracePath "$TestDrive/trace2.txt"
        try {
            $from = "MOVER@127.0.0.1:$($moving.Port)"
            $study = (Send-DicomFile "$samples/CT_small.dcm" $from).SOPInstanceUID
            $found = Find-DicomStudy $from
            (Move-DicomStudy $from -StudyInstanceUID $found.StudyInstanceUID -Path "$TestDrive/moved" -LocalPort $port -TracePath "$TestDrive/trace.txt").Verdict | Should -Be 'Complete'
        }
        finally { Stop-DicomArchive $moving -Force }
        $trace = Read-Trace
        $trace | Should -Match '--> C-MOVE request'
        $trace | Should -Match '<-- C-STORE request'
        $trace | Should -Match ([regex]::Escape($study))
        Read-Trace trace2.txt | Should -Match "connection with 127\.0\.0\.1:$port"
        "$trace$(Read-Trace trace2.txt)" | Should -Not -Match $secrets
    }

    It 'writes down what comes to a server as long as it runs, and lets the file go' {
        $server = Start-DicomStorageScp "$TestDrive/in" -Port 0 -TracePath "$TestDrive/trace.txt"
        try { $null = Send-DicomFile "$samples/CT_small.dcm" "DICOMPS@127.0.0.1:$($server.Port)" }
        finally { Stop-DicomStorageScp $server -Force }
        $trace = Read-Trace
        $trace | Should -Match '<-- C-STORE request 1'
        $trace | Should -Match '--> C-STORE response to 1: Success'
        $trace | Should -Match '--- closed after'
        $trace | Should -Not -Match $secrets
        { Remove-Item "$TestDrive/trace.txt" -ErrorAction Stop } | Should -Not -Throw
    }

    It 'refuses a trace file that cannot be written before anything is sent: <Text>' -ForEach @(
        @{ Text = 'no/such/folder/t.txt'; Advice = 'folder that exists' }, @{ Text = '.'; Advice = 'Name a file' }, @{ Text = 'env:trace'; Advice = 'Name a file' }
    ) {
        $before = $archive.Associations
        $path = if ($Text -like 'env:*') { $Text } else { "$TestDrive/$Text" }
        { Test-DicomEcho $node -TracePath $path } | Should -Throw -ErrorId 'DicomTraceUnusable,*'
        $Error[0].ErrorDetails.RecommendedAction | Should -Match $Advice
        { Start-DicomStorageScp "$TestDrive/never" -Port 0 -TracePath $path } | Should -Throw -ErrorId 'DicomTraceUnusable,*'
        $archive.Associations | Should -Be $before
    }

    It 'makes no file with -WhatIf' {
        Send-DicomFile "$samples/CT_small.dcm" $node -TracePath "$TestDrive/trace.txt" -WhatIf
        Start-DicomStorageScp "$TestDrive/never" -Port 0 -TracePath "$TestDrive/trace.txt" -WhatIf
        "$TestDrive/trace.txt" | Should -Not -Exist
    }

    It 'goes on sending, with one warning, when the trace cannot be written any more' -Skip:(-not (Test-Path /dev/full)) {
        $results = Send-DicomFile "$samples/CT_small.dcm", "$samples/MR_small.dcm" $node -TracePath /dev/full -WarningVariable warnings -WarningAction SilentlyContinue
        $results.Success | Should -Be $true, $true
        @($warnings) | Should -HaveCount 1
        "$warnings" | Should -Match '/dev/full'
    }

    It 'names with -Verbose what was proposed, accepted and refused' {
        $only = Start-DicomScp -Port 0 -Service Storage -OnStore { }
        try {
            $story = Find-DicomStudy "X@127.0.0.1:$($only.Port)" -Verbose -ErrorAction SilentlyContinue 4>&1 | Out-String -Width 1000
            $story | Should -Match 'proposed in .*: .*Study Root Query/Retrieve Information Model - FIND'
            $story | Should -Match 'refused, abstract syntax not supported: Study Root'
        }
        finally { Stop-DicomScp $only -Force }
        $story = Test-DicomEcho $node -Verbose 4>&1 | Out-String -Width 1000
        $story | Should -Match 'accepted in Implicit VR Little Endian: Verification SOP Class'
    }

    It 'tells each command with -Debug, without the patient' {
        $told = Find-DicomStudy $node -PatientID 1CT1 -Debug 5>&1 | Where-Object { $_ -is [Management.Automation.DebugRecord] } | Out-String -Width 1000
        $told | Should -Match '--> C-FIND request 1, Study Root Query/Retrieve Information Model - FIND, with dataset'
        $told | Should -Match '<-- C-FIND response to 1, Pending'
        $told | Should -Match '<-- C-FIND response to 1, Success \(0000\)'
        # Verbose lines would stop an interactive session at a question each, and they hold the keys.
        @(Find-DicomStudy $node -PatientID 1CT1 -Debug 4>&1 5>$null | Where-Object { $_ -is [Management.Automation.VerboseRecord] }) | Should -BeNullOrEmpty
        $told | Should -Not -Match $secrets
    }

    It 'is silent without -Debug and -Verbose' {
        @(Test-DicomEcho $node 4>&1 5>&1) | Should -HaveCount 1
    }

    It 'shows in the topic a trace as it is, but for what is left out' -Skip:(-not $hasDcmtk) {
        $port = Get-FreePort
        $null = New-Item -ItemType Directory "$TestDrive/shown" -Force
        Copy-Item "$samples/CT_small.dcm" "$TestDrive/ct.dcm"
        $blocks = [regex]::Matches((Get-Content -Raw "$root/docs/en-US/about_DicomPS_Troubleshooting.md"), '(?ms)^```(?:output)?\r?\n(.*?)^```')
        $peer = Start-Peer storescp $port @('-od', "$TestDrive/shown", "$port")
        Push-Location $TestDrive
        try {
            $really = Invoke-Expression $blocks[0].Groups[1].Value.Replace(24117, $port).Replace('trace.txt', 'trace-shown.txt')
        }
        finally { Pop-Location; Stop-Peer $peer }
        # Times, the numbers of ports and associations, and how long something took differ; the order of the lines does not.
        function Format-Line($Line) { $Line -replace '\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?' -replace '\d\d:\d\d:\d\d\.\d+' -replace '^#\d+', '#N' -replace ":($port|24117)\b" -replace '\d+\.\d+ s\b' }
        $lines = [Collections.Generic.Queue[string]] [string[]] @($really | Where-Object { $_ -is [string] } | ForEach-Object { Format-Line $_ })
        $lines.Count | Should -BeGreaterThan 30
        foreach ($line in $blocks[1].Groups[1].Value.Trim() -split '\r?\n' | Where-Object { $_ -ne '...' } | ForEach-Object { Format-Line $_ }) {
            while ($lines.Count -and $lines.Peek() -cne $line) { $null = $lines.Dequeue() }
            $lines.Count | Should -BeGreaterThan 0 -Because "a trace has no line such as: $line"
        }
    }

    It 'follows DCMTK' -Skip:(-not $hasDcmtk) {
        $port = Get-FreePort
        $null = New-Item -ItemType Directory "$TestDrive/dcmtk" -Force
        $env:TCP_NODELAY = '1'
        $peer = Start-Peer storescp $port @('-od', "$TestDrive/dcmtk", "$port")
        try { (Send-DicomFile "$samples/CT_small.dcm" "STORESCP@127.0.0.1:$port" -TracePath "$TestDrive/trace.txt").Success | Should -BeTrue }
        finally { Stop-Peer $peer }
        Read-Trace | Should -Match 'implementation version: \[OFFIS_DCMTK'
        Read-Trace | Should -Not -Match $secrets
    }
}
