# What was asked, row by row (seeds.md): pacsanini's net, and the card. Each It is a row.
BeforeDiscovery {
    $hasDcmtk = [bool] (Get-Command dcmqrscp -ErrorAction Ignore)
}

Describe 'pacsanini echo' -Skip:(-not $hasDcmtk) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        $archive = Start-Archive
    }

    AfterAll { Stop-Peer $archive.Process }

    It 'echo(local, called) -> 0 / -1' {
        $good = Test-DicomEcho $archive.Node
        $good.StatusCode | Should -Be 0
        $good.Success | Should -BeTrue
        (Test-DicomEcho "X@127.0.0.1:$(Get-FreePort)" -ErrorAction SilentlyContinue).Success | Should -BeFalse
    }

    It 'node without address -> error' {
        { Test-DicomEcho @{ AETitle = 'ARCHIVE'; Port = 104 } } | Should -Throw '*HostName*'
    }

    It 'node as dict or model' {
        $port = [int] ($archive.Node -replace '.*:')
        $table = @{ AETitle = 'ARCHIVE'; HostName = '127.0.0.1'; Port = $port }
        (Test-DicomEcho $table).Success | Should -BeTrue
        Set-DicomNode model @table
        (Get-DicomNode model | Test-DicomEcho).Success | Should -BeTrue
    }
}

Describe 'pacsanini find' -Skip:(-not $hasDcmtk) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        . "$PSScriptRoot/Support.Seeds.ps1"
        $archive = Start-Archive
        Initialize-Archive $archive
        $node = $archive.Node
    }

    AfterAll {
        Stop-Peer $archive.Process
        Get-DicomScp | Stop-DicomScp -Force
    }

    It 'start_date only' { @(Find-DicomStudy $node -StartDate 2024-01-03).Count | Should -Be 2 }

    It 'start..end' { @(Find-DicomStudy $node -StartDate 2024-01-02 -EndDate 2024-01-03).Count | Should -Be 2 }

    It 'end `< start -> error' {
        { Find-DicomStudy $node -StartDate 2024-01-03 -EndDate 2024-01-02 } | Should -Throw -ErrorId '*DicomDateRangeInvalid*'
    }

    It 'modality' {
        # A PACS may pass over ModalitiesInStudy, as dcmqrscp does: each answer says so, and -Strict leaves out what does not fit.
        $told = $null
        $found = Find-DicomStudy $node -Modality MR -WarningAction SilentlyContinue -WarningVariable told
        @($found | Where-Object Matches -NE $true).Count + @($told).Count | Should -BeGreaterThan 0
        Find-DicomSeries $node -StudyInstanceUID 1.2.826.0.1.3680043.10.999.3 -Modality MR | ForEach-Object Modality | Should -Be 'MR'
    }

    It 'dicom_fields' { (Find-DicomStudy $node -PatientID P2 -Property InstitutionName).PSObject.Properties.Name | Should -Contain 'InstitutionName' }

    It 'missing values None' { (Find-DicomStudy $node -PatientID P2).ReferringPhysician | Should -BeNullOrEmpty }

    It 'query_level PATIENT / STUDY, root by level' {
        (Find-DicomPatient $node -PatientID P1).PatientID | Should -Be 'P1'
        @(Find-DicomStudy $node -PatientID P1).Count | Should -Be 2
        Wait-Until { (Get-Content $archive.Log -Raw) -match 'PATIENT' } | Should -BeTrue
    }

    It 'patient_find with dates and modality' {
        # Patients have no date: their studies do, and are counted by patient.
        (Get-Command Find-DicomPatient).Parameters.Keys | Should -Not -Contain 'StartDate'
        $patients = Find-DicomStudy $node -StartDate 2024-01-02 -EndDate 2024-01-04 | Group-Object PatientID
        $patients.Name | Sort-Object | Should -Be 'P1', 'P2'
    }

    It 'windows of 15 days x a..z' {
        $cut = Start-DicomScp -Port 0 -AETitle CUT -OnFind {
            $days = [DateTime]::new(2024, 1, 1); $range = $_.Keys.StudyDate -split '-'
            $all = 0..39 | ForEach-Object { $days.AddDays($_) } | Where-Object { $text = $_.ToString('yyyyMMdd'); ($range[0] -eq '' -or $text -ge $range[0]) -and ($range[-1] -eq '' -or $text -le $range[-1]) }
            $all | Select-Object -First 10 | ForEach-Object { @{ StudyInstanceUID = "1.2.$($_.ToString('yyyyMMdd'))"; StudyDate = $_.ToString('yyyyMMdd') } }
            if ($all.Count -gt 10) { 0xA700 }
        }
        @(Find-DicomStudy (Get-SeedNode $cut) -StartDate 2024-01-01 -EndDate 2024-02-09 -Split Auto -WarningAction SilentlyContinue).Count | Should -Be 40
    }

    It 'results as a generator' {
        # The third comes never, unless somebody waits for it for two minutes.
        $slow = Start-DicomScp -Port 0 -AETitle GEN -HandlerTimeout 0 -OnFind { foreach ($n in 1, 2) { @{ StudyInstanceUID = "1.2.$n" } }; for ($i = 0; $i -lt 2400 -and -not $_.IsCancelled; $i++) { Start-Sleep -Milliseconds 50 } }
        $clock = [Diagnostics.Stopwatch]::StartNew()
        @(Find-DicomStudy (Get-SeedNode $slow) | Select-Object -First 2).Count | Should -Be 2
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 60
    }

    It 'datetime values as dates' {
        (Find-DicomStudy $node -AccessionNumber A1).StudyDate | Should -Be ([datetime] '2024-01-02 10:15')
        Find-DicomStudy $node -AccessionNumber A1 | Export-Csv "$TestDrive/d.csv"
        (Import-Csv "$TestDrive/d.csv").StudyDate | Should -Be '2024-01-02T10:15:00'
    }

    It 'patient_find2csv, study_find2csv' {
        Find-DicomPatient $node | Export-Csv "$TestDrive/patients.csv"
        Find-DicomStudy $node | Export-Csv "$TestDrive/studies.csv"
        @(Import-Csv "$TestDrive/patients.csv").Count | Should -Be 3
        @(Import-Csv "$TestDrive/studies.csv").Count | Should -Be 4
    }

    It 'header also with 0 results' {
        # On purpose not: a pipeline without objects has none to name columns by. -IncludeMissing gives every row of a list its line.
        Find-DicomStudy $node -PatientID NOBODY | Export-Csv "$TestDrive/none.csv"
        Get-Content "$TestDrive/none.csv" -ErrorAction Ignore | Should -BeNullOrEmpty
        [pscustomobject] @{ PatientID = 'NOBODY' } | Find-DicomStudy $node -IncludeMissing | Export-Csv "$TestDrive/row.csv"
        $row = Import-Csv "$TestDrive/row.csv"
        $row.Found | Should -Be 'False'
        $row.PSObject.Properties.Name | Should -Contain 'StudyInstanceUID'
    }

    It 'patient_find2sql, study_find2sql' {
        # SQLite, in a file of its own; it is asked like a PACS.
        Find-DicomStudy $node | Export-DicomIndex "$TestDrive/found.sqlite"
        @(Find-DicomStudy -Index "$TestDrive/found.sqlite").Count | Should -Be 4
        @(Find-DicomPatient -Index "$TestDrive/found.sqlite").Count | Should -Be 3
    }

    It 'create_tables' {
        Find-DicomStudy $node -PatientID P2 | Export-DicomIndex "$TestDrive/new.sqlite"
        Test-Path "$TestDrive/new.sqlite" | Should -BeTrue
        @(Find-DicomStudy -Index "$TestDrive/new.sqlite").Count | Should -Be 1
    }
}

Describe 'pacsanini move' -Skip:(-not $hasDcmtk) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        $storePort = Get-FreePort
        $archive = Start-MovingArchive $storePort
        $node = $archive.Node
        $store = Start-DicomStorageScp "$TestDrive/store" -Port $storePort -AETitle STORE
    }

    AfterAll {
        Stop-Peer $archive.Process
        Get-DicomStorageScp | Stop-DicomStorageScp -Force
    }

    It 'list of StudyInstanceUIDs, one result each' {
        $results = Move-DicomStudy $node -StudyInstanceUID 1.2.840.99.1, 1.2.840.99.2 -Destination STORE
        $results.StudyInstanceUID | Should -Be '1.2.840.99.1', '1.2.840.99.2'
        $results.Verdict | Should -Be 'Complete', 'Complete'
    }

    It 'list of PatientIDs, one result each' {
        $results = Move-DicomStudy $node -PatientID P1, P2 -Destination STORE
        $results.PatientID | Should -Be 'P1', 'P2'
        $results.Completed | Should -Be 2, 1
    }

    It 'dest_node' {
        $before = $store.Received
        (Move-DicomStudy $node -StudyInstanceUID 1.2.840.99.2 -Destination STORE).Destination | Should -Be 'STORE'
        $store.Received - $before | Should -Be 1
    }

    It 'dest_node default = local, into a directory' {
        (Move-DicomStudy $node -StudyInstanceUID 1.2.840.99.1 -Path "$TestDrive/local").Verdict | Should -Be 'Complete'
        @(Get-ChildItem "$TestDrive/local" -File -Recurse).Count | Should -Be 2
    }

    It 'sort_by PATIENT / STUDY / other' {
        foreach ($pair in @('Patient', '^P1[\\/]'), @('Study', '^1\.2\.840\.99\.1[\\/]'), @('Flat', '^[^\\/]+$')) {
            $null = Move-DicomStudy $node -StudyInstanceUID 1.2.840.99.1 -Path "$TestDrive/by$($pair[0])" -Layout $pair[0]
            Push-Location "$TestDrive/by$($pair[0])"
            Get-ChildItem -File -Recurse | Resolve-Path -Relative | ForEach-Object { $_.Substring(2) } | Select-Object -First 1 | Should -Match $pair[1]
            Pop-Location
        }
    }

    It 'start_time/end_time, waits outside' {
        $now = (Get-Date).TimeOfDay
        $open = '{0:hh\:mm}-{1:hh\:mm}' -f $now.Add([timespan] '23:00:00'), $now.Add([timespan] '01:00:00')
        (Move-DicomStudy $node -StudyInstanceUID 1.2.840.99.2 -Destination STORE -Between $open).Verdict | Should -Be 'Complete'
        $shut = '{0:hh\:mm}-{1:hh\:mm}' -f $now.Add([timespan] '02:00:00'), $now.Add([timespan] '03:00:00')
        $before = $store.Received
        $stopped = Stop-Midway "Move-DicomStudy '$($node.AETitle)@127.0.0.1:$($node.Port)' -StudyInstanceUID 1.2.840.99.2 -Destination STORE -Between $shut" 1500
        $stopped.State | Should -Be 'Stopped'
        $store.Received | Should -Be $before
    }

    It 'times as HH, HH:MM, HH:MM:SS' {
        foreach ($text in '22:00-06:00', '22:00:30-06:00:30') { [DicomPS.Retrieving.DailyWindow]::Parse($text) | Should -Not -BeNullOrEmpty }
        # A bare hour is refused and not guessed: 22-06 might be a date.
        { Move-DicomStudy $node -StudyInstanceUID 1.2 -Destination STORE -Between 22-06 } | Should -Throw
    }

    It 'dest without port -> error' {
        $bare = "$($node.AETitle)@127.0.0.1:$($node.Port)"
        { Move-DicomStudy $bare -StudyInstanceUID 1.2.840.99.1 -Path "$TestDrive/noport" } | Should -Throw -ErrorId '*DicomLocalPortMissing*'
    }

    It 'failure per uid when there is no connection' {
        $results = '1.2.1', '1.2.2' | Move-DicomStudy "X@127.0.0.1:$(Get-FreePort)" -Destination STORE -RetryCount 0 -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        $results.StudyInstanceUID | Should -Be '1.2.1', '1.2.2'
        $results.Verdict | Should -Be 'Failed', 'Failed'
    }

    It 'db_session: moved files into a database' {
        $null = Move-DicomStudy $node -StudyInstanceUID 1.2.840.99.1 -Path "$TestDrive/moved"
        Get-DicomFile "$TestDrive/moved" -Recurse | Export-DicomIndex "$TestDrive/moved.sqlite"
        $rows = Find-DicomInstance -Index "$TestDrive/moved.sqlite" -StudyInstanceUID 1.2.840.99.1
        @($rows).Count | Should -Be 2
        $rows[0].Path | Should -Exist
    }

    It 'callbacks on moved files' {
        $null = Move-DicomStudy $node -StudyInstanceUID 1.2.840.99.1 -Path "$TestDrive/each"
        Get-ChildItem "$TestDrive/each" -File -Recurse | ForEach-Object { (Get-DicomFile $_.FullName).PatientID } | Should -Be 'P1', 'P1'
    }

    It 'failures do not stop the list' {
        $results = '1.2.840.99.404', '1.2.840.99.2' | Move-DicomStudy $node -Destination STORE -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        $results[1].Verdict | Should -Be 'Complete'
    }
}

Describe 'pacsanini send' -Skip:(-not $hasDcmtk) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        . "$PSScriptRoot/Support.Seeds.ps1"
        $store = Start-DicomStorageScp "$TestDrive/store" -Port 0 -AETitle STORE
        $node = Get-SeedNode $store
        $one = New-StudyFile "$TestDrive/tree" @{ PatientID = 'P1' }
        $null = New-StudyFile "$TestDrive/tree/below" @{ PatientID = 'P2' }
        Set-Content "$TestDrive/tree/readme.txt" 'no DICOM'
    }

    AfterAll {
        Get-DicomStorageScp | Stop-DicomStorageScp -Force
        Get-DicomScp | Stop-DicomScp -Force
    }

    It 'file' { (Send-DicomFile $one $node).StatusCode | Should -Be 0 }

    It 'directory, recursive' {
        # On purpose only with -Recurse, as PowerShell's own commands.
        @(Send-DicomFile "$TestDrive/tree" $node -WarningAction SilentlyContinue).Count | Should -Be 1
        @(Send-DicomFile "$TestDrive/tree" $node -Recurse -WarningAction SilentlyContinue).Count | Should -Be 2
    }

    It 'non-DICOM ignored in directories' {
        $told = $null
        (Send-DicomFile "$TestDrive/tree" $node -WarningAction SilentlyContinue -WarningVariable told).Success | Should -Be $true
        "$told" | Should -Match '1 file'
    }

    It '(path, status dataset) for each' {
        $warns = Start-DicomScp -Port 0 -AETitle WARNS -OnStore { @{ Status = 0xB000; ErrorComment = 'Coerced' } }
        $result = Send-DicomFile $one (Get-SeedNode $warns) -WarningAction SilentlyContinue
        $result.Path | Should -Be $one
        $result.StatusCode | Should -Be 0xB000
        $result.ErrorComment | Should -Be 'Coerced'
    }

    It 'Explicit, Implicit, Deflated, Big Endian' {
        foreach ($syntax in 'ExplicitVRLittleEndian', 'ImplicitVRLittleEndian', 'DeflatedExplicitVRLittleEndian', 'ExplicitVRBigEndian') {
            $only = Start-DicomStorageScp "$TestDrive/$syntax" -Port 0 -AETitle ONLY -TransferSyntax $syntax
            $file = [DicomPS.Part10.DicomFile]::OpenAsync($one, $null, [Threading.CancellationToken]::None).GetAwaiter().GetResult()
            $spelt = [DicomPS.Part10.DicomFile]::new($file.Dataset, [DicomPS.Serialization.TransferSyntax]::$syntax)
            $null = $spelt.SaveAsync("$TestDrive/$syntax.dcm", [Threading.CancellationToken]::None).GetAwaiter().GetResult()
            (Send-DicomFile "$TestDrive/$syntax.dcm" (Get-SeedNode $only)).Success | Should -BeTrue
            Stop-DicomStorageScp $only -Force
        }
    }

    It 'all storage contexts' {
        $classes = [DicomPS.Dictionary.DicomDictionary]::SopClasses('Storage').Uid
        $classes.Count | Should -BeGreaterThan 128
        foreach ($class in $classes) { $null = New-StudyFile "$TestDrive/classes" @{ SOPClassUID = $class } }
        @(Send-DicomFile "$TestDrive/classes" $node | Where-Object Success).Count | Should -Be $classes.Count
    }
}

Describe 'pacsanini storescp' -Skip:(-not $hasDcmtk) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        . "$PSScriptRoot/Support.Seeds.ps1"
        $one = New-StudyFile "$TestDrive/in" @{ PatientID = 'P1'; StudyInstanceUID = '1.2.840.99.1' }
        function Store-In($Server, [string] $File = $one) { Invoke-Dcmtk storescu '-aec', $Server.AETitle, '127.0.0.1', "$($Server.Port)", $File }
    }

    AfterAll {
        Get-DicomStorageScp | Stop-DicomStorageScp -Force
        Get-DicomArchive | Stop-DicomArchive -Force
    }

    It 'run non-blocking' {
        $scp = Start-DicomStorageScp "$TestDrive/run" -Port 0 -AETitle RUN
        $scp.State | Should -Be 'Running'
        Get-Status (Store-In $scp) | Should -Be '0000'
    }

    It 'run blocking until Ctrl+C' {
        $port = Get-FreePort
        $stopped = Stop-Midway "Start-DicomStorageScp '$TestDrive/wait' -Port $port -Wait" 1500
        $stopped.State | Should -Be 'Stopped'
        Test-DicomEcho "X@127.0.0.1:$port" -Quiet | Should -BeFalse
    }

    It 'second run on it -> error' {
        $scp = Start-DicomStorageScp "$TestDrive/first" -Port 0
        { Start-DicomStorageScp "$TestDrive/second" -Port $scp.Port } | Should -Throw -ErrorId '*DicomPortInUse*'
    }

    It 'shutdown' {
        $scp = Start-DicomStorageScp "$TestDrive/shut" -Port 0 -AETitle SHUT
        Stop-DicomStorageScp $scp
        Test-DicomEcho (Get-SeedNode $scp) -Quiet | Should -BeFalse
    }

    It 'directory is made' {
        $null = Start-DicomStorageScp "$TestDrive/not/there/yet" -Port 0
        "$TestDrive/not/there/yet" | Should -Exist
    }

    It 'PATIENT / STUDY / flat layouts' {
        foreach ($pair in @('Patient', 'P1'), @('Study', '1.2.840.99.1'), @('Flat', '')) {
            $scp = Start-DicomStorageScp "$TestDrive/l$($pair[0])" -Port 0 -AETitle LAYOUT -Layout $pair[0]
            Get-Status (Store-In $scp) | Should -Be '0000'
            if ($pair[1]) { (Get-ChildItem "$TestDrive/l$($pair[0])" -Directory).Name | Should -Be $pair[1] } else { (Get-ChildItem "$TestDrive/lFlat" -File).Count | Should -Be 1 }
        }
    }

    It 'C215 cannot decode, C216 cannot write' {
        # On purpose C210, as the standard's own ranges go, and a status of their own for a disk that takes nothing: docs/conformance.md.
        $scp = Start-DicomStorageScp "$TestDrive/decode" -Port 0 -AETitle DECODE
        Invoke-Raw $scp '1.2.840.10008.5.1.4.1.1.2' 1 $brokenDataset | Should -Be 'C210'
        Get-Content "$root/docs/conformance.md" -Raw | Should -Match 'A700'
    }

    It 'cannot record in the database -> status' {
        # An archive says Success once the index has the row, and not before.
        $box = Start-DicomArchive "$TestDrive/box" -Port 0 -AETitle BOX
        Get-Status (Store-In $box) | Should -Be '0000'
        (Find-DicomStudy (Get-SeedNode $box)).StudyInstanceUID | Should -Be '1.2.840.99.1'
    }

    It 'update_retrieved_study' {
        $index = "$TestDrive/retrieved.sqlite"
        $pacs = Start-DicomArchive "$TestDrive/pacs" -Port 0 -AETitle PACS
        $node = "PACS@127.0.0.1:$($pacs.Port)"
        foreach ($uid in '1.2.840.99.1', '1.2.840.99.1', '1.2.840.99.2') { $null = New-StudyFile "$TestDrive/several" @{ PatientID = "P$($uid[-1])"; StudyInstanceUID = $uid } }
        $null = Send-DicomFile "$TestDrive/several" $node
        Find-DicomStudy $node | Export-DicomIndex $index
        $all = (Find-DicomStudy -Index $index | Sort-Object StudyInstanceUID).StudyInstanceUID
        (Find-DicomStudy -Index $index -Retrieved $false | Sort-Object StudyInstanceUID).StudyInstanceUID | Should -Be $all
        $null = Receive-DicomStudy $node -StudyInstanceUID $all[0] -Path "$TestDrive/retrieved" -Index $index
        $marked = Find-DicomStudy -Index $index -Retrieved $true
        $marked.StudyInstanceUID | Should -Be $all[0]
        ([datetime] $marked.Retrieved) | Should -BeGreaterThan (Get-Date).AddMinutes(-5)
        $marked.RetrievedInstances, $marked.RetrievedOf | Should -Be 2, 2
        @(Find-DicomStudy -Index $index -Retrieved $false).Count | Should -Be ($all.Count - 1)
    }

    It 'db_session: add_image with file path' {
        $scp = Start-DicomStorageScp "$TestDrive/db" -Port 0 -AETitle DB
        Get-Status (Store-In $scp) | Should -Be '0000'
        Receive-DicomStorageScp $scp -Timeout 60 | Select-Object -First 1 | Export-DicomIndex "$TestDrive/db.sqlite"
        (Find-DicomInstance -Index "$TestDrive/db.sqlite").Path | Should -Exist
    }

    It 'callbacks with the dataset after it is stored' {
        $scp = Start-DicomStorageScp "$TestDrive/call" -Port 0 -AETitle CALL
        Get-Status (Store-In $scp) | Should -Be '0000'
        Receive-DicomStorageScp $scp -Timeout 60 | Select-Object -First 1 | ForEach-Object { $_.Path | Should -Exist; $_.PatientID } | Should -Be 'P1'
    }

    It 'all storage classes incl. non-patient accepted' {
        $scp = Start-DicomStorageScp "$TestDrive/all" -Port 0 -AETitle ALL
        foreach ($class in '1.2.840.10008.5.1.4.1.1.2', '1.2.840.10008.5.1.4.38.1', '1.2.840.10008.5.1.4.1.1.88.11') {
            (Send-DicomFile (New-StudyFile "$TestDrive/kinds" @{ SOPClassUID = $class }) (Get-SeedNode $scp)).StatusCode | Should -Be 0
        }
        $private = New-StudyFile "$TestDrive/kinds" @{ SOPClassUID = '1.2.3.4.5' }
        (Send-DicomFile $private (Get-SeedNode $scp) -ErrorAction SilentlyContinue).Success | Should -BeFalse
        $open = Start-DicomStorageScp "$TestDrive/open" -Port 0 -AETitle OPEN -AllowUnknownSopClass
        (Send-DicomFile $private (Get-SeedNode $open)).Success | Should -BeTrue
    }
}

Describe 'the card' {
    BeforeAll { . "$PSScriptRoot/Support.ps1" }

    It 'five cmdlets, binary, shared C# engine' {
        foreach ($name in 'Test-DicomEcho', 'Find-DicomStudy', 'Move-DicomStudy', 'Send-DicomFile', 'Start-DicomStorageScp') {
            $command = Get-Command $name
            $command.CommandType | Should -Be 'Cmdlet'
            $command.ImplementingType.Assembly.GetReferencedAssemblies().Name | Should -Contain 'DicomPS.Engine'
        }
    }

    It 'objects compose with Export-Csv and others' {
        "$([DicomPS.Study]::new() | ConvertTo-Csv)" | Should -Match 'StudyInstanceUID'
        "$([DicomPS.Study]::new() | ConvertTo-Json -Depth 1)" | Should -Match 'StudyInstanceUID'
    }

    It 'interactive, automation, Pester' {
        (TabExpansion2 'Find-DicomStudy x -Mod' 22).CompletionMatches.CompletionText | Should -Contain '-Modality'
        & $pwsh -NoProfile -NonInteractive -c "Import-Module '$root/out/DicomPS/DicomPS.psd1'; Test-DicomEcho X@127.0.0.1:1 -Quiet" | Should -Be 'False'
    }

    It 'fo-dicom' {
        # On purpose an engine of its own; the page says why.
        Get-Content "$root/docs/architecture.md" -Raw | Should -Match 'fo-dicom, the usual \.NET toolkit'
    }

    It 'top level: src, tests, docs, build.ps1, psd1, sln, README' {
        'src', 'tests', 'docs', 'build.ps1', 'DicomPS.psd1', 'DicomPS.sln', 'README.md' | ForEach-Object { Join-Path $root $_ | Should -Exist }
    }
}
