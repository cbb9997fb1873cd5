BeforeDiscovery {
    $hasDcmtk = [bool] (Get-Command dcmqrscp -ErrorAction Ignore)
}

# A peer that passes over a key of a query: what Find says of it, and what the retrieves do with its answers.
Describe 'Matches' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        # Gives ten studies whatever is asked; every second has a date and modalities.
        $server = Start-FindServer 10
        $node = "OURS@127.0.0.1:$($server.Port)"
    }

    AfterAll { $server.Stop() }

    It 'warns once of answers that contradict what was asked for, and says it of each' {
        $studies = Find-DicomStudy $node -Modality US -WarningVariable warned -WarningAction SilentlyContinue
        $warned | Should -HaveCount 1
        "$warned" | Should -BeLike "$node`: The peer gave an answer with ModalitiesInStudy CT\MR, although US was asked for:*"
        @($studies.Matches) | Should -Be @($false, $null, $false, $null, $false, $null, $false, $null, $false, $null)
    }

    It 'warns once for all rows of a pipeline' {
        $null = 1..450 | ForEach-Object { [pscustomobject]@{ PatientID = "X$_" } } | Find-DicomStudy $node -Key @{ InstitutionName = 'NOBODY'; StudyComments = 'x' } -WarningVariable warned -WarningAction SilentlyContinue
        $warned | Should -HaveCount 1
        "$warned" | Should -BeLike '*The peer returned no StudyComments: it may not match by it*'
    }

    It 'has nothing to say of answers that match' {
        $studies = Find-DicomStudy $node -PatientName 'doe*' -WarningVariable warned
        $studies.Matches | Should -Be (@($true) * 10)
        $warned | Should -HaveCount 0
    }

    It 'gives with -Strict only what matches, and fails where that cannot be said' {
        $studies = Find-DicomStudy $node -Modality MR -Strict -ErrorVariable problem -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        $studies | Should -HaveCount 5
        $problem | Should -HaveCount 1
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomAnswerNotJudged,*'
        "$($problem[0])" | Should -BeLike '*5 answers were left out*'
        "$($problem[0].TargetObject)" | Should -Be $node
        Find-DicomStudy $node -PatientName DOE* -Strict -ErrorVariable problem | Should -HaveCount 10
        $problem | Should -HaveCount 0
    }

    It '<Command> skips what does not match, with an error, and takes what is not known' -ForEach @(
        @{ Command = 'Move-DicomStudy'; Where = @{ Destination = 'STORE' } }
        @{ Command = 'Receive-DicomStudy'; Where = @{ Path = 'nowhere' } }
    ) {
        $studies = Find-DicomStudy $node -Modality US -WarningAction SilentlyContinue
        $studies | & $Command @Where -WhatIf -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem | Should -HaveCount 2
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomAnswerNotMatching,*'
        $problem[0].TargetObject | Should -Be '1.2.3.0'
        "$($problem[1])" | Should -BeLike '4 more are not retrieved*'
        $studies | & $Command @Where -WhatIf -Force -ErrorVariable problem
        $problem | Should -HaveCount 0
        $studies | Where-Object Matches -EQ $null | & $Command @Where -WhatIf -ErrorVariable problem
        $problem | Should -HaveCount 0
    }

    It 'comes through a CSV file' {
        Find-DicomStudy $node -Modality US -WarningAction SilentlyContinue | Export-Csv "$TestDrive/found.csv" -NoTypeInformation
        Import-Csv "$TestDrive/found.csv" | Move-DicomStudy -Destination STORE -WhatIf -ErrorVariable problem -ErrorAction SilentlyContinue
        "$($problem[1])" | Should -BeLike '4 more are not retrieved*'
    }

    It 'leaves no file behind when the pipeline has enough' {
        Use-TemporaryFolder "$TestDrive/temporary" { Find-DicomStudy $node | Select-Object -First 1 | Should -HaveCount 1 }
        Get-ChildItem "$TestDrive/temporary" -Force | Should -BeNullOrEmpty
    }

    Context 'DCMTK, which does not match by ModalitiesInStudy' -Skip:(-not $hasDcmtk) {
        BeforeAll {
            $archive = Start-Archive
            Initialize-Archive $archive
        }

        AfterAll { Stop-Peer $archive.Process }

        It 'is found out' {
            $studies = Find-DicomStudy $archive.Node -Modality MR -WarningVariable warned -WarningAction SilentlyContinue
            $studies | Should -HaveCount 4
            @($studies.Matches) | Should -Be @($null, $null, $null, $null)
            $warned | Should -HaveCount 1
            "$warned" | Should -BeLike '*no ModalitiesInStudy*'
            Find-DicomStudy $archive.Node -Modality MR -Strict -ErrorVariable problem -ErrorAction SilentlyContinue -WarningAction SilentlyContinue | Should -HaveCount 0
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomAnswerNotJudged,*'
        }

        It 'gives dates outside what was asked for at a level that does not know them' {
            $patients = Find-DicomPatient $archive.Node -Key @{ StudyDate = '20240104' } -WarningVariable warned -WarningAction SilentlyContinue
            $patients | Group-Object Matches -NoElement | ForEach-Object { "$($_.Name) $($_.Count)" } | Sort-Object | Should -Be 'False 2', 'True 1'
            $warned | Should -HaveCount 1
        }

        It 'is trusted in what it does match by' {
            (Find-DicomStudy $archive.Node -StudyDate 20240103-20240104 -WarningVariable warned).Matches | Should -Be $true, $true
            (Find-DicomStudy $archive.Node -PatientID P1 | Find-DicomSeries -Modality SR -WarningVariable +warned).Matches | Should -Be $true
            $warned | Should -HaveCount 0
        }
    }

    It 'asks <Name> nothing about what did not match, says it once, and hands it down with -Force' -ForEach @(
        @{ Name = 'Find-DicomStudy'; Row = @{ PatientID = 'P1' } }
        @{ Name = 'Find-DicomSeries'; Row = @{ StudyInstanceUID = '1.2.3.1' } }
        @{ Name = 'Find-DicomInstance'; Row = @{ StudyInstanceUID = '1.2.3.1'; SeriesInstanceUID = '1.2.3.1.1' } }
    ) {
        $below = Start-DicomScp -Port 0 -AETitle BELOW -OnFind { @{ PatientID = 'P1'; StudyInstanceUID = '1.2.3.1'; SeriesInstanceUID = '1.2.3.1.1'; SOPInstanceUID = '1.2.3.1.1.1' } }
        try {
            $rows = 1..3 | ForEach-Object { [pscustomobject] ($Row + @{ Node = "BELOW@127.0.0.1:$($below.Port)"; Matches = 'False' }) }
            $found = $rows | & $Name -ErrorVariable problem -ErrorAction SilentlyContinue
            $found | Should -BeNullOrEmpty
            $below.Requests | Should -Be 0
            $problem | Should -HaveCount 2
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomAnswerNotMatching,*'
            "$($problem[0])" | Should -BeLike '*1* is not asked about*'
            "$($problem[1])" | Should -BeLike '2 more are not asked about*'
            $forced = $rows[0] | & $Name -Force
            $forced | Should -HaveCount 1
            $forced.Matches | Should -BeFalse
            $forced.Matches | Should -Not -BeNullOrEmpty
            # What is piped on is not moved unasked.
            $forced | Move-DicomStudy -Destination X -ErrorVariable unmoved -ErrorAction SilentlyContinue
            $unmoved[0].FullyQualifiedErrorId | Should -BeLike 'DicomAnswerNotMatching,*'
        }
        finally { Stop-DicomScp -Id $below.Id -Force }
    }
}
