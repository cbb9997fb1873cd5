# What was asked, row by row (seeds.md): moving and getting, as SCU and as SCP. Each It is a row.
BeforeDiscovery {
    $hasDcmtk = [bool] (Get-Command dcmqrscp -ErrorAction Ignore)
}

Describe 'pynetdicom Move SCU' -Skip:(-not $hasDcmtk) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Peers.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        . "$PSScriptRoot/Support.Seeds.ps1"
        $storePort = Get-FreePort
        $archive = Start-MovingArchive $storePort
        $node = $archive.Node
        $store = Start-DicomStorageScp "$TestDrive/store" -Port $storePort -AETitle STORE
        $study = '1.2.840.99.1'
    }

    AfterAll {
        Stop-Peer $archive.Process
        Get-DicomStorageScp | Stop-DicomStorageScp -Force
        Get-DicomScp | Stop-DicomScp -Force
    }

    It 'C-MOVE SERIES, Patient Root, to STORE_SCP' {
        $before = $store.Received
        $result = Move-DicomStudy $node -PatientID P1 -StudyInstanceUID $study -SeriesInstanceUID "$study.1" -Destination STORE
        $result.Verdict | Should -Be 'Complete'
        $result.Model | Should -Be 'PatientRoot'
        $result.Level | Should -Be 'Series'
        $store.Received - $before | Should -Be 2
    }

    It 'query_model P/S/O' {
        $server = Start-DicomScp -Port 0 -AETitle MODELS -OnMove { Write-Warning $_.PresentationContext.AbstractSyntax; 0xA801 }
        foreach ($model in 'PatientRoot', 'StudyRoot', 'PatientStudyOnly') {
            $null = Move-DicomStudy (Get-SeedNode $server) -PatientID P1 -StudyInstanceUID $study -Model $model -Destination STORE -ErrorAction SilentlyContinue
        }
        (Receive-DicomScp $server -Timeout 60 | Where-Object Message -Like '1.2.840*' | Select-Object -First 3).Message |
            Should -Be '1.2.840.10008.5.1.4.1.2.1.2', '1.2.840.10008.5.1.4.1.2.2.2', '1.2.840.10008.5.1.4.1.2.3.2'
    }

    It 'status and identifier of each response' {
        $server = Start-DicomScp -Port 0 -AETitle FAILS -ArgumentList "STORE@127.0.0.1:$storePort", $archive.Files[0] -OnMove { param($r, $to, $file) $to; "$file.gone"; $file }
        $result = Move-DicomStudy (Get-SeedNode $server) -StudyInstanceUID $study -Destination STORE -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        $result.StatusCode | Should -Be 0xB000
        $result.Completed | Should -Be 1
        $result.Failed | Should -Be 1
        $result.PSObject.Properties.Name | Should -Contain 'FailedSOPInstanceUID'
    }

    It 'A801 when the destination is unknown' {
        $problem = $null
        $result = Move-DicomStudy $node -StudyInstanceUID $study -Destination NOWHERE -ErrorAction SilentlyContinue -ErrorVariable problem
        $result.StatusCode | Should -Be 0xA801
        "$($problem[0])" | Should -Match 'NOWHERE|destination'
    }

    It 'own Storage SCP in the same program, non-blocking' {
        $result = Move-DicomStudy $node -StudyInstanceUID $study -Path "$TestDrive/here"
        $result.Verdict | Should -Be 'Complete'
        @(Get-ChildItem "$TestDrive/here" -File -Recurse).Count | Should -Be 2
        $store.State | Should -Be 'Running'
    }

    It 'handle_store that ignores and returns 0000' {
        $ignores = Start-DicomScp -Port 0 -AETitle IGNORES -OnStore { }
        (Send-DicomFile $archive.Files[0] (Get-SeedNode $ignores)).StatusCode | Should -Be 0
        Get-ChildItem $TestDrive -Recurse -Filter 'IGNORES*' | Should -BeNullOrEmpty
    }

    It 'shutdown of the SCP' {
        $gone = Start-DicomStorageScp "$TestDrive/gone" -Port 0
        Stop-DicomStorageScp $gone
        Test-DicomEcho "X@127.0.0.1:$($gone.Port)" -Quiet | Should -BeFalse
        $gone.State | Should -Be 'Stopped'
    }

    It 'timed out / rejected told' {
        $silent = Start-FaultyPeer { Send-Accept (Read-Pdu); Read-ToEnd }
        try {
            $problem = $null
            $null = Move-DicomStudy $silent.Node -StudyInstanceUID $study -Destination X -ResponseTimeout 2 -RetryCount 0 -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomResponseTimeout,*'
        }
        finally { Stop-FaultyPeer $silent }
        $strict = Start-DicomStorageScp "$TestDrive/strict" -Port 0 -AETitle STRICT -RequireCalledAETitle
        $null = Move-DicomStudy "WRONG@127.0.0.1:$($strict.Port)" -StudyInstanceUID $study -Destination X -RetryCount 0 -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomAssociationRejected,*'
    }
}

Describe 'pynetdicom Move SCP' -Skip:(-not $hasDcmtk) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        . "$PSScriptRoot/Support.Seeds.ps1"
        $files = 1..3 | ForEach-Object { New-Instance "$TestDrive/source" '1.2.840.99.1' "1.2.840.99.1.1.$_" CT P1 }
        $store = Start-DicomStorageScp "$TestDrive/store" -Port 0 -AETitle STORE
        $gate = [Threading.ManualResetEventSlim]::new()
        $server = Start-DicomScp -Port 0 -AETitle MOVER -ArgumentList "STORE@127.0.0.1:$($store.Port)", $files, $store.Port, $gate -OnMove {
            param($request, $node, $files, $port, $gate)
            if (-not $request.Level) { return 0xC000 }
            switch ($request.MoveDestination) {
                STORE { $node; $files }
                PARTS { '127.0.0.1', $port; $files.Count; $files }
                SLOW { $node; $files[0]; $null = $gate.Wait(120000); $files[1, 2] }
                ENDLESS { $node; foreach ($i in 1..600) { $files[0]; Start-Sleep -Milliseconds 200 } }
                BROKEN { $node; $files[0]; 'no file of this name'; $files[1] }
                DEAD { 'DEAD@127.0.0.1:1'; $files }
                EMPTY { 'DEAD@127.0.0.1:1' }
                THROW { throw 'The database is gone' }
                default { 0xA801 }
            }
        }
        function Move-It([string] $To, [string[]] $More = @()) { Invoke-Query movescu $server '-S' 'QueryRetrieveLevel=STUDY', 'StudyInstanceUID=1.2.840.99.1' (@('-aem', $To) + $More) }
    }

    AfterAll {
        Get-DicomStorageScp | Stop-DicomStorageScp -Force
        Get-DicomScp | Stop-DicomScp -Force
    }

    It 'handler: known AE -> address, then instances' {
        $before = $store.Received
        Get-Status (Move-It STORE) | Select-Object -Last 1 | Should -Be '0000'
        $store.Received - $before | Should -Be 3
    }

    It 'unknown AE ((None, None)) -> A801' {
        Get-Status (Move-It NOBODY) | Select-Object -Last 1 | Should -Be 'A801'
    }

    It 'no level -> C000' {
        Get-Status (Invoke-Query movescu $server '-S' 'StudyInstanceUID=1.2.840.99.1' '-aem', 'STORE') | Select-Object -Last 1 | Should -Be 'C000'
    }

    It '(addr, port) tuple as destination' {
        Get-Status (Move-It PARTS) | Select-Object -Last 1 | Should -Be '0000'
    }

    It 'number of sub-operations announced' {
        $log = Move-It PARTS
        "$log" | Should -Match 'Remaining Suboperations +: 2'
        "$log" | Should -Match 'Completed Suboperations +: 3'
    }

    It 'instances streamed one after another' {
        $before = $store.Received
        $port = $server.Port
        $job = Start-ThreadJob { & movescu -aec MOVER -aem SLOW -S -k QueryRetrieveLevel=STUDY -k StudyInstanceUID=1.2.840.99.1 127.0.0.1 $using:port 2>&1 }
        try {
            # The first has come while the block still has the others.
            $null = Wait-Until { $store.Received -ne $before }
            $store.Received - $before | Should -Be 1
        }
        finally { $gate.Set(); $null = $job | Wait-Job -Timeout 60; $job | Remove-Job -Force }
        $store.Received - $before | Should -Be 3
    }

    It 'cancel while moving' {
        $status = Get-Status (Move-It ENDLESS '--cancel', '1') | Select-Object -Last 1
        $status | Should -Be 'FE00'
    }

    It 'invalid yield = failed sub-operation' {
        $log = Move-It BROKEN
        Get-Status $log | Select-Object -Last 1 | Should -Be 'B000'
        "$log" | Should -Match 'Failed Suboperations +: 1'
        "$log" | Should -Match 'Completed Suboperations +: 2'
    }
}

Describe 'C-MOVE SCP details' -Skip:(-not $hasDcmtk) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        . "$PSScriptRoot/Support.Seeds.ps1"
        $file = New-Instance "$TestDrive/source" '1.2.840.99.1' '1.2.840.99.1.1.1' CT P1
        $store = Start-DicomScp -Port 0 -AETitle STORE -OnStore {
            Write-Warning "from $($_.Instance.MoveOriginatorAETitle) $($_.Instance.MoveOriginatorMessageID)"
            if ($_.Instance.PatientID -eq 'P1') { 0xB000 }
        }
        $server = Start-DicomScp -Port 0 -AETitle MOVER -ArgumentList "STORE@127.0.0.1:$($store.Port)", $file -OnMove {
            param($request, $node, $file)
            switch ($request.MoveDestination) {
                STORE { $node; $file }
                DEAD { 'DEAD@127.0.0.1:1'; $file }
                EMPTY { 'DEAD@127.0.0.1:1' }
                THROW { throw 'The database is gone' }
                NOTHING { }
                NONODE { 'this is no node'; $file }
            }
        }
        function Move-It([string] $To) { Invoke-Query movescu $server '-S' 'QueryRetrieveLevel=STUDY', 'StudyInstanceUID=1.2.840.99.1' '-aem', $To, '-aet', 'ASKER' }
    }

    AfterAll { Get-DicomScp | Stop-DicomScp -Force }

    It 'originator title and id in C-STORE' {
        $null = Move-It STORE
        (Wait-SeedMessage $store 'from*').Message | Should -Match '^from ASKER \d+$'
    }

    It 'destination not reachable -> A801' {
        # On purpose A702 with all failed: A801 is for a destination that is not known. With nothing to send, Success with 0.
        Get-Status (Move-It DEAD) | Select-Object -Last 1 | Should -Be 'A702'
        Get-Status (Move-It EMPTY) | Select-Object -Last 1 | Should -Be '0000'
        Get-Content "$root/docs/conformance.md" -Raw | Should -Match 'A702'
    }

    It 'warnings counted' {
        $log = Move-It STORE
        "$log" | Should -Match 'Warning Suboperations +: 1'
        Get-Status $log | Select-Object -Last 1 | Should -BeIn '0000', 'B000'
    }

    It 'C510, C511' {
        Invoke-Raw $server '1.2.840.10008.5.1.4.1.2.2.2' 0x21 $brokenDataset | Should -Be 'C510'
        Get-Status (Move-It THROW) | Select-Object -Last 1 | Should -Be 'C511'
    }

    It 'C513, C514, C515' {
        # On purpose fewer: no destination is A801 with the reason, what is none is C511.
        Get-Status (Move-It NOTHING) | Select-Object -Last 1 | Should -BeIn 'A801', '0000'
        Get-Status (Move-It NONODE) | Select-Object -Last 1 | Should -BeIn 'A801', 'C511'
    }
}

Describe 'C-GET SCP details' -Skip:(-not $hasDcmtk) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        . "$PSScriptRoot/Support.Seeds.ps1"
        $files = 1..3 | ForEach-Object { New-Instance "$TestDrive/source" '1.2.840.99.1' "1.2.840.99.1.1.$_" CT P1 }
        $server = Start-DicomScp -Port 0 -AETitle GETTER -ArgumentList (, $files) -OnGet {
            param($request, $files)
            switch ($request.Keys.StudyInstanceUID) {
                '1.2.840.99.1' { $files }
                '1.2.3.9' { $files[0]; "$($files[1]).gone" }
                '1.2.3.8' { throw 'The database is gone' }
                '1.2.3.71' { (0xFF00, $files[0]); 0xA702 }
                '1.2.3.72' { (0xFF00, $files[0]); 0xB000 }
                '1.2.3.73' { (0xFF00, $files[0]); 0xFE00 }
            }
        }
        function Get-It([string] $Study = '1.2.840.99.1') {
            $null = New-Item -ItemType Directory -Force "$TestDrive/out"
            Invoke-Query getscu $server '-S' 'QueryRetrieveLevel=STUDY', "StudyInstanceUID=$Study" '-od', "$TestDrive/out"
        }
    }

    AfterAll {
        Get-DicomScp | Stop-DicomScp -Force
        Get-DicomArchive | Stop-DicomArchive -Force
    }

    It 'C-GET by block and from the archive, getscu' {
        Get-Status (Get-It) | Select-Object -Last 1 | Should -Be '0000'
        @(Get-ChildItem "$TestDrive/out" -File).Count | Should -Be 3
        $box = Start-DicomArchive "$TestDrive/box" -Port 0 -AETitle BOX
        $null = $files | Send-DicomFile -Node (Get-SeedNode $box)
        $null = New-Item -ItemType Directory -Force "$TestDrive/out2"
        Get-Status (Invoke-Query getscu $box '-S' 'QueryRetrieveLevel=STUDY', 'StudyInstanceUID=1.2.840.99.1' '-od', "$TestDrive/out2") | Select-Object -Last 1 | Should -Be '0000'
        @(Get-ChildItem "$TestDrive/out2" -File).Count | Should -Be 3
    }

    It 'counts in pending and final responses' {
        $log = Get-It
        "$log" | Should -Match 'Remaining Suboperations +: '
        "$log" | Should -Match 'Completed Suboperations +: 3'
    }

    It 'Failed SOP Instance UID List, B000' {
        $log = Get-It 1.2.3.9
        Get-Status $log | Select-Object -Last 1 | Should -Be 'B000'
        "$log" | Should -Match 'Failed Suboperations +: 1'
    }

    It 'failure/warning/cancel yielded: counts and list added' {
        foreach ($pair in @('1.2.3.71', 'A702'), @('1.2.3.72', 'B000'), @('1.2.3.73', 'FE00')) {
            $log = Get-It $pair[0]
            Get-Status $log | Select-Object -Last 1 | Should -Be $pair[1]
            "$log" | Should -Match 'Completed Suboperations +: 1'
        }
    }

    It 'C410, C411, C413' {
        Invoke-Raw $server '1.2.840.10008.5.1.4.1.2.2.3' 0x10 $brokenDataset | Should -Be 'C410'
        Get-Status (Get-It 1.2.3.8) | Select-Object -Last 1 | Should -Be 'C411'
    }

    It 'without bulk data: 9 keywords and WaveformData removed' {
        $file = New-Instance "$TestDrive/bulk" '1.2.840.99.7' '1.2.840.99.7.1.1' CT P7
        $null = & dcmodify -nb -i 'PixelData=1\2' $file 2>&1
        $box = Start-DicomArchive "$TestDrive/bulkbox" -Port 0 -AETitle BULK
        $null = Send-DicomFile $file (Get-SeedNode $box)
        $result = Receive-DicomStudy (Get-SeedNode $box) -SOPInstanceUID 1.2.840.99.7.1.1 -WithoutBulkData -Path "$TestDrive/slim"
        $result.Verdict | Should -Be 'Complete'
        $got = Get-ChildItem "$TestDrive/slim" -File -Recurse
        Get-DicomElement $got.FullName -Name PixelData | Should -BeNullOrEmpty
        Get-DicomElement $got.FullName -Name PatientID | Should -Not -BeNullOrEmpty
    }
}
