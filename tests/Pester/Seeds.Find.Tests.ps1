# What was asked, row by row (seeds.md): finding, as SCU and as SCP. Each It is a row.
BeforeDiscovery {
    $hasDcmtk = [bool] (Get-Command dcmqrscp -ErrorAction Ignore)
}

Describe 'pynetdicom Find SCU' -Skip:(-not $hasDcmtk) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        . "$PSScriptRoot/Support.Peers.ps1"
        . "$PSScriptRoot/Support.Seeds.ps1"
        $archive = Start-Archive
        Initialize-Archive $archive
        $warning = Start-DicomScp -Port 0 -AETitle WARNS -OnFind { 0xFF01; @{ PatientID = 'P1'; PatientName = 'CITIZEN^Jan' } }
    }

    AfterAll {
        Stop-Peer $archive.Process
        Get-DicomScp | Stop-DicomScp -Force
    }

    It 'C-FIND Patient Root / PATIENT, PatientName CITIZEN^Jan' {
        (Find-DicomPatient $archive.Node -PatientName 'DOE^JOHN').PatientID | Should -Be 'P1'
        # What the program writes comes to the file a moment later.
        Wait-Until { (Get-Content $archive.Log -Raw) -match 'DOE\^JOHN' } | Should -BeTrue
    }

    It "SOPClassesInStudy, PatientID 1234567, StudyInstanceUID '*'" {
        # A UID has no wildcards, so '*' is -Key's; to ask for all is to leave the key out.
        $studies = Find-DicomStudy $archive.Node -PatientID P1 -Property SOPClassesInStudy
        $studies.Count | Should -Be 2
        $studies[0].PSObject.Properties.Name | Should -Contain 'SOPClassesInStudy'
        $server = Start-DicomScp -Port 0 -AETitle STAR -OnFind { Write-Warning $_.Keys.StudyInstanceUID }
        $null = Find-DicomStudy (Get-SeedNode $server) -PatientID 1234567 -Key @{ StudyInstanceUID = '*' }
        (Wait-SeedMessage $server '*').Message | Should -Be '*'
    }

    It 'status of every response shown' {
        $told = Find-DicomStudy $archive.Node -PatientID P1 -Verbose 4>&1
        "$told" | Should -Match 'Success.*0000'
    }

    It 'identifier of every pending response' {
        $study = Find-DicomStudy $archive.Node -PatientID P2
        $study.Dataset.GetText([DicomPS.Dictionary.Tags]::StudyInstanceUID) | Should -Be $study.StudyInstanceUID
    }

    It 'FF00 and FF01 both taken as matches' {
        $told = $null
        $found = Find-DicomPatient (Get-SeedNode $warning) -PatientID P1 -WarningAction SilentlyContinue -WarningVariable told
        @($found).PatientID | Should -Contain 'P1'
        "$told" | Should -Match 'FF01'
    }

    It '"timed out, aborted or invalid response" told apart' {
        $silent = Start-FaultyPeer { Send-Accept (Read-Pdu); Read-ToEnd }
        $aborts = Start-FaultyPeer { Send-Accept (Read-Pdu); $null = Read-Pdu; Send-Pdu 7 ([byte[]] (0, 0, 0, 0)) }
        $invalid = Start-FaultyPeer { Send-Accept (Read-Pdu); $m = Read-Message; Send-Response $m.Context 0x8020 ([BitConverter]::ToUInt16($m['00000110'], 0)) $null; Read-ToEnd }
        try {
            $ids = foreach ($peer in $silent, $aborts, $invalid) {
                $problem = $null
                $null = Find-DicomStudy $peer.Node -PatientID 1 -ResponseTimeout $(if ($peer -eq $silent) { 2 } else { 60 }) -ErrorAction SilentlyContinue -ErrorVariable problem
                $problem[0].FullyQualifiedErrorId -replace ',.*'
            }
            $ids[0, 1] | Should -Be 'DicomResponseTimeout', 'DicomAssociationAborted'
            # What is no answer ends the association from this side, and the error names what it lacked.
            "$($problem[0])" | Should -Match 'Status \(0000,0900\)'
        }
        finally { $silent, $aborts, $invalid | ForEach-Object { Stop-FaultyPeer $_ } }
    }

    It '"rejected, aborted or never connected" told apart' {
        $strict = Start-DicomStorageScp "$TestDrive/strict" -Port 0 -AETitle STRICT -RequireCalledAETitle
        $ids = foreach ($node in "WRONG@127.0.0.1:$($strict.Port)", "X@127.0.0.1:$(Get-FreePort)") {
            $problem = $null
            $null = Find-DicomStudy $node -PatientID 1 -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem[0].FullyQualifiedErrorId -replace ',.*'
        }
        Stop-DicomStorageScp $strict
        $ids | Should -Be 'DicomAssociationRejected', 'DicomConnectionRefused'
    }

    It 'release after use' {
        $null = Find-DicomStudy $archive.Node -PatientID P1
        $null = Wait-Until { (Get-Content $archive.Log -Raw) -match 'Association Release' }
        Get-Content $archive.Log -Raw | Should -Match 'Association Release'
        Get-Content $archive.Log -Raw | Should -Not -Match 'Association Abort'
    }

    It 'levels PATIENT/STUDY/SERIES/IMAGE' {
        $node = $archive.Node
        (Find-DicomPatient $node -PatientID P1).PatientID | Should -Be 'P1'
        $study = Find-DicomStudy $node -AccessionNumber A1
        $series = Find-DicomSeries $node -StudyInstanceUID $study.StudyInstanceUID -Modality CT
        @(Find-DicomInstance $node -StudyInstanceUID $study.StudyInstanceUID -SeriesInstanceUID $series.SeriesInstanceUID).Count | Should -Be 2
    }

    It 'models Patient Root, Study Root, Patient/Study Only' {
        $server = Start-DicomScp -Port 0 -AETitle MODELS -OnFind { Write-Warning $_.PresentationContext.AbstractSyntax }
        foreach ($model in 'PatientRoot', 'StudyRoot', 'PatientStudyOnly') { $null = Find-DicomStudy (Get-SeedNode $server) -Model $model -PatientID 1 }
        (Receive-DicomScp $server -Timeout 60 | Where-Object Message -Like '1.2.840*' | Select-Object -First 3).Message |
            Should -Be '1.2.840.10008.5.1.4.1.2.1.1', '1.2.840.10008.5.1.4.1.2.2.1', '1.2.840.10008.5.1.4.1.2.3.1'
    }
}

Describe 'pynetdicom Find SCP' -Skip:(-not $hasDcmtk) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        . "$PSScriptRoot/Support.Seeds.ps1"
        $null = New-StudyFile "$TestDrive/files" @{ PatientID = 'P1'; PatientName = 'CITIZEN^Jan' }
        $null = New-StudyFile "$TestDrive/files" @{ PatientID = 'P2'; PatientName = 'ROE^JANE' }
        $server = Start-DicomScp -Port 0 -AETitle FINDER -ArgumentList "$TestDrive/files" -OnFind {
            param($request, $folder)
            if (-not $request.Level) { return 0xC000 }
            foreach ($file in Get-DicomFile $folder -Recurse) {
                if ($request.IsCancelled) { return 0xFE00 }
                if ($file.PatientName -like $request.Keys.PatientName) { @{ PatientID = $file.PatientID; PatientName = $file.PatientName } }
            }
        }
    }

    AfterAll { Get-DicomScp | Stop-DicomScp -Force }

    It 'handler gets the identifier, yields matches' {
        $log = Invoke-Query findscu $server '-P' 'QueryRetrieveLevel=PATIENT', 'PatientName=CITIZEN*'
        Get-Status $log | Should -Be 'FF00', '0000'
        "$log" | Should -Match 'CITIZEN\^Jan'
    }

    It 'no QueryRetrieveLevel -> C000' {
        Get-Status (Invoke-Query findscu $server '-P' 'PatientName=*') | Should -Be 'C000'
    }

    It 'yield (0xFF00, identifier) literally' {
        $pairs = Start-DicomScp -Port 0 -AETitle PAIRS -OnFind {
            yield (0xFF00, @{ PatientID = 'P1'; PatientName = 'CITIZEN^Jan' })
            (0xFF01, @{ PatientID = 'P2' })
            , (0x0000, $null)
        }
        $log = Invoke-Query findscu $pairs '-P' 'QueryRetrieveLevel=PATIENT', 'PatientID='
        Get-Status $log | Should -Be 'FF00', 'FF01', '0000'
        "$log" | Should -Match 'CITIZEN\^Jan'
    }

    It 'is_cancelled, FE00' {
        $many = Start-DicomScp -Port 0 -AETitle MANY -OnFind { $request = $_; 1..2000 | ForEach-Object { if ($request.IsCancelled) { return }; @{ PatientID = "P$_" }; Start-Sleep -Milliseconds 5 } }
        Get-Status (Invoke-Query findscu $many '-P' 'QueryRetrieveLevel=PATIENT', 'PatientID=' '--cancel', '2') | Select-Object -Last 1 | Should -Be 'FE00'
    }

    It 'search a folder of files per query' {
        $null = New-StudyFile "$TestDrive/files" @{ PatientID = 'P3'; PatientName = 'LATE^COMER' }
        "$(Invoke-Query findscu $server '-P' 'QueryRetrieveLevel=PATIENT', 'PatientName=LATE*')" | Should -Match 'LATE\^COMER'
    }

    It 'listen on a port, AE title' {
        $server.State | Should -Be 'Running'
        (Test-DicomEcho (Get-SeedNode $server)).Success | Should -BeTrue
        $exact = Start-DicomScp -Port 0 -AETitle EXACT -RequireCalledAETitle -OnFind { }
        Test-DicomEcho "OTHER@127.0.0.1:$($exact.Port)" -Quiet | Should -BeFalse
    }

    It 'only chosen SOP classes served' {
        $chosen = Start-DicomScp -Port 0 -AETitle CHOSEN -OnFind { } -SOPClass PatientRootQueryRetrieveInformationModelFind
        Get-Status (Invoke-Query findscu $chosen '-P' 'QueryRetrieveLevel=PATIENT', 'PatientID=1') | Should -Be '0000'
        "$(Invoke-Query findscu $chosen '-S' 'QueryRetrieveLevel=STUDY', 'PatientID=1')" | Should -Match 'No presentation context|No Acceptable'
        $null = echoscu -aec CHOSEN 127.0.0.1 $chosen.Port 2>&1
        $LASTEXITCODE | Should -Not -Be 0
    }
}

Describe 'C-FIND SCP details' -Skip:(-not $hasDcmtk) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        . "$PSScriptRoot/Support.Peers.ps1"
        . "$PSScriptRoot/Support.Seeds.ps1"
        $server = Start-DicomScp -Port 0 -AETitle FINDER -OnFind {
            $request = $_
            switch -Wildcard ($request.Keys.PatientID) {
                THROW { throw 'The database is gone' }
                CODE* { @{ Status = [int] "0x$($_.Substring(4))" } }
                ROW {
                    @{ PatientID = 'ROW'; SpecificCharacterSet = 'ISO_IR 192'; PatientName = 'Ångström'; TimezoneOffsetFromUTC = '+0100'; RetrieveAETitle = 'ELSEWHERE'
                        InstanceAvailability = 'NEARLINE'; StorageMediaFileSetID = 'DISK1'; StorageMediaFileSetUID = '1.2.3' }
                }
                LONG { @{ PatientID = 'LONG'; PatientName = 'Иванов'; SpecificCharacterSet = 'ISO_IR 100' } }
                VIEW { Write-Warning "view $($request.Keys.QueryRetrieveView)" }
                ZONE { Write-Warning "zone $($request.Keys.TimezoneOffsetFromUTC)" }
            }
        }
        function Ask([string] $PatientID) { Invoke-Query findscu $server '-P' 'QueryRetrieveLevel=PATIENT', "PatientID=$PatientID", 'PatientName=', 'RetrieveAETitle=', 'InstanceAvailability=' }
    }

    AfterAll { Get-DicomScp | Stop-DicomScp -Force }

    It 'C310, C311' {
        Get-Status (Ask THROW) | Should -Be 'C311'
        Invoke-Raw $server '1.2.840.10008.5.1.4.1.2.1.1' 0x20 $brokenDataset | Should -Be 'C310'
    }

    It 'Success, Cancel, Failure yielded' {
        'CODE0000', 'CODEFE00', 'CODEA700', 'CODEC123' | ForEach-Object { Get-Status (Ask $_) } | Should -Be '0000', 'FE00', 'A700', 'C123'
    }

    It 'character set, time zone, Retrieve AE, availability, file-set id in answers' {
        $found = Find-DicomPatient (Get-SeedNode $server) -PatientID ROW -Property StorageMediaFileSetID, StorageMediaFileSetUID
        $found.PatientName | Should -Be 'Ångström'
        $found.RetrieveAETitle | Should -Be 'ELSEWHERE'
        $found.Availability | Should -Be 'NEARLINE'
        $found.StorageMediaFileSetID | Should -Be 'DISK1'
        $found.Dataset.GetText([DicomPS.Dictionary.Tags]::TimezoneOffsetFromUTC) | Should -Be '+0100'
        "$(Ask ROW)" | Should -Match 'ISO_IR 192'
    }

    It 'identifier cannot be encoded C312' {
        # On purpose C311, with the reason where the server's own messages are.
        Get-Status (Ask LONG) | Should -Be 'C311'
        Wait-SeedMessage $server '*ISO_IR 100*' | Should -Not -BeNullOrEmpty
    }

    It 'TimezoneOffsetFromUTC in the request' {
        $null = Find-DicomStudy (Get-SeedNode $server) -PatientID ZONE -Key @{ TimezoneOffsetFromUTC = '+0230' } -WarningAction SilentlyContinue
        (Wait-SeedMessage $server 'zone*').Message | Should -Be 'zone +0230'
    }

    It 'Query/Retrieve View' {
        # As a key of the query; whether a peer knows it, the answers tell.
        $null = Find-DicomStudy (Get-SeedNode $server) -PatientID VIEW -Key @{ QueryRetrieveView = 'ENHANCED' }
        (Wait-SeedMessage $server 'view*').Message | Should -Be 'view ENHANCED'
    }
}
