BeforeDiscovery {
    $hasDcmtk = [bool] (Get-Command dcmqrscp -ErrorAction Ignore)
}

Describe 'Find-DicomStudy' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        $server = Start-FindServer 10
        $node = "OURS@127.0.0.1:$($server.Port)"
    }

    AfterAll { $server.Stop() }

    It 'writes one typed object for each answer, with null for what was not returned' {
        $studies = Find-DicomStudy $node
        $studies | Should -HaveCount 10
        $studies[0] | Should -BeOfType DicomPS.Study
        $studies[0].StudyDate | Should -Be ([datetime] '2024-03-10 23:30')
        $studies[0].Modalities | Should -Be 'CT\MR'
        $studies[1].StudyDate, $studies[1].Modalities, $studies[0].Instances | Should -Be @($null, $null, $null)
        "$($studies[0].Node)" | Should -Be $node
    }

    It 'sends the keys of its parameters and of -Key' {
        $null = Find-DicomStudy $node -PatientName 'DOE*' -StudyDate 20240101-20240131 -Key @{ BodyPartExamined = 'HEAD'; '0008,0080' = 'Inn'; StudyTime = '10-11' }
        $server.Last | Should -Match 'PatientName=DOE\*'
        $server.Last | Should -Match 'StudyDate=20240101-20240131'
        $server.Last | Should -Match 'BodyPartExamined=HEAD'
        $server.Last | Should -Match 'InstitutionName=Inn'
        $server.Last | Should -Match 'StudyTime=10-11'
    }

    It 'takes a date as <Kind>' -ForEach @(
        @{ Kind = 'a DateTime'; Days = [datetime] '2024-01-31 15:00'; Sent = '20240131' }
        @{ Kind = 'a date as text'; Days = '2024-01-31'; Sent = '20240131' }
        @{ Kind = 'DICOM text'; Days = '20240131'; Sent = '20240131' }
        @{ Kind = 'a number'; Days = 20240131; Sent = '20240131' }
        @{ Kind = 'an open range'; Days = '20240131-'; Sent = '20240131-' }
    ) {
        $null = Find-DicomStudy $node -StudyDate $Days
        $server.Last | Should -Match "StudyDate=$Sent(;|$)"
    }

    It 'asks from -After until before -Before' {
        $null = Find-DicomStudy $node -After 2024-01-01 -Before 2024-02-01
        $server.Last | Should -Match 'StudyDate=20240101-20240131(;|$)'
        $server.Last | Should -Not -Match 'StudyTime'
    }

    It 'splits a range over midnight' {
        $before = $server.Queries
        $null = Find-DicomStudy $node -After '2024-01-01 22:00' -Before '2024-01-03 06:00'
        $server.Queries - $before | Should -Be 3
    }

    It 'makes properties of -Property, the same in every row' {
        $studies = Find-DicomStudy $node -Property InstitutionName, StudyComments, '0008,0090'
        foreach ($study in $studies) { $study.PSObject.Properties.Name | Should -Contain 'InstitutionName' }
        $studies[0].InstitutionName | Should -Be 'Inn'
        $studies[1].InstitutionName | Should -BeNullOrEmpty
        ($studies | ForEach-Object { $_.PSObject.Properties.Name -join ',' } | Sort-Object -Unique) | Should -HaveCount 1
    }

    It 'gives the same columns to every row of a CSV, and no type names' {
        $studies = Find-DicomStudy $node -Property InstitutionName
        $csv = $studies | ConvertTo-Csv
        $csv | Should -HaveCount 11
        "$csv" | Should -Not -Match 'DicomPS\.|System\.'
        ($csv | ConvertFrom-Csv)[0].Modalities | Should -Be 'CT\MR'
    }

    It 'completes -Property from the dictionary' {
        $found = (TabExpansion2 'Find-DicomStudy X -Property institutionn').CompletionMatches
        $found.CompletionText | Should -Contain 'InstitutionName'
        ($found | Where-Object CompletionText -EQ 'InstitutionName').ToolTip | Should -Match '\(0008,0080\)'
    }

    It 'gathers the rows of the pipeline into few queries' {
        $rows = Find-DicomStudy $node
        $before = $server.Queries
        $null = $rows | Find-DicomStudy
        $server.Queries - $before | Should -Be 1
        $server.Last | Should -Match 'StudyInstanceUID=1\.2\.3\.0\\1\.2\.3\.1\\'
        $server.Last | Should -Not -Match 'PatientID'
    }

    It 'takes rows of a CSV, its node by name or address included' {
        $csv = "$TestDrive/rows.csv"
        Find-DicomStudy $node | Select-Object -First 3 | Export-Csv $csv
        $before = $server.Queries
        Import-Csv $csv | Find-DicomStudy | Should -HaveCount 10
        $server.Queries - $before | Should -Be 1
    }

    It 'ends the query with C-CANCEL when Select-Object has enough' {
        $many = Start-FindServer 5000
        try {
            Find-DicomStudy "OURS@127.0.0.1:$($many.Port)" | Select-Object -First 5 | Should -HaveCount 5
            $null = Wait-Until { $many.Cancelled }
            $many.Cancelled | Should -Be 1
            $many.Sent | Should -BeLessThan 5000
        }
        finally { $many.Stop() }
    }

    It 'ends the query with C-CANCEL on Ctrl+C' {
        $many = Start-FindServer 5000
        try {
            $stop = Stop-Midway "Find-DicomStudy OURS@127.0.0.1:$($many.Port)" -Until { $args[0].Count -gt 0 }
            $stop.State | Should -Be 'Stopped'
            $stop.Output.Count | Should -BeGreaterThan 0
            $null = Wait-Until { $many.Cancelled }
            $many.Cancelled | Should -Be 1
        }
        finally { $many.Stop() }
    }

    It 'warns of an answer that may be cut short, and -Split Auto says when it is not complete' {
        $capped = Start-FindServer 100
        try {
            $to = "OURS@127.0.0.1:$($capped.Port)"
            $null = Find-DicomStudy $to -WarningVariable warning -WarningAction SilentlyContinue
            "$warning" | Should -Match '100.*-Split'
            $null = Find-DicomStudy $to -StudyDate 20240310 -Modality CT -Split Auto -WarningVariable warning -WarningAction SilentlyContinue
            "$warning" | Should -Match 'not complete'
        }
        finally { $capped.Stop() }
    }

    It 'tells with -Verbose what was sent and how it ended' {
        $story = Find-DicomStudy $node -PatientName 'DOE*' -Verbose 4>&1 | Where-Object { $_ -is [Management.Automation.VerboseRecord] }
        "$story" | Should -Match 'PatientName=DOE\*'
        "$story" | Should -Match '10 answers'
        "$story" | Should -Match 'complete'
    }

    It 'writes a refusal as a non-terminating error with id, target and advice' {
        $refusing = Start-FindServer 0 0xC001
        try {
            $studies = Find-DicomStudy "OURS@127.0.0.1:$($refusing.Port)" -ErrorVariable problem -ErrorAction SilentlyContinue
            $studies | Should -BeNullOrEmpty
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomStatusFailure,*'
            $problem[0].TargetObject | Should -BeOfType DicomPS.Associations.DicomNode
            $problem[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        }
        finally { $refusing.Stop() }
        $null = Find-DicomStudy 'X@127.0.0.1:1' -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem | Should -HaveCount 1
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomConnectionRefused,*'
    }

    It 'refuses <Case> before anything is sent' -ForEach @(
        @{ Case = 'an unknown keyword'; Arguments = @{ Key = @{ Nonsense = 1 } }; Words = 'Nonsense' }
        @{ Case = 'an unknown property'; Arguments = @{ Property = 'Nonsense' }; Words = 'Nonsense' }
        @{ Case = 'a range given twice'; Arguments = @{ StudyDate = '20240101'; After = '2024-01-01' }; Words = 'twice' }
        @{ Case = 'windows without a first day'; Arguments = @{ Split = 'Day' }; Words = 'first day' }
        @{ Case = 'a date that is none'; Arguments = @{ StudyDate = 'yesterday-ish' }; Words = 'no date' }
        @{ Case = 'a range that ends before it begins'; Arguments = @{ StudyDate = '20240201-20240101' }; Words = 'ends before' }
        @{ Case = 'a hashtable for a text'; Arguments = @{ Key = @{ StudyID = @{ A = 1 } } }; Words = 'no sequence' }
    ) {
        $before = $server.Queries
        { Find-DicomStudy $node @Arguments } | Should -Throw "*$Words*"
        $server.Queries | Should -Be $before
    }

    It 'says that the peer did not agree to its wishes' {
        $null = Find-DicomStudy $node -FuzzyName -Relational -WarningVariable warning -WarningAction SilentlyContinue
        $warning | Should -HaveCount 2
        "$warning" | Should -Match 'fuzzy'
    }

    It 'fits 100 columns' {
        Measure-Width (Find-DicomStudy $node) | Should -BeLessOrEqual 100
    }

    Context 'DCMTK' -Skip:(-not $hasDcmtk) {
        BeforeAll {
            $archive = Start-Archive
            Initialize-Archive $archive
        }

        AfterAll { Stop-Peer $archive.Process }

        It 'finds studies by <Key>' -ForEach @(
            @{ Key = 'name'; Arguments = @{ PatientName = 'DOE*' }; Accession = 'A1', 'A2' }
            @{ Key = 'a Russian name'; Arguments = @{ PatientName = 'Иванов*' }; Accession = 'A3' }
            @{ Key = 'a Japanese name'; Arguments = @{ PatientName = '山田*' }; Accession = 'A4' }
            @{ Key = 'several IDs'; Arguments = @{ PatientID = 'P2', 'P3' }; Accession = 'A3', 'A4' }
            @{ Key = 'a range of days'; Arguments = @{ StudyDate = '20240103-20240104' }; Accession = 'A2', 'A3' }
            @{ Key = 'a range over midnight'; Arguments = @{ After = '2024-01-03 23:00'; Before = '2024-01-04 01:00' }; Accession = 'A2', 'A3' }
            @{ Key = 'accession number'; Arguments = @{ AccessionNumber = 'A3' }; Accession = 'A3' }
            @{ Key = 'Patient Root'; Arguments = @{ PatientID = 'P1'; Model = 'PatientRoot' }; Accession = 'A1', 'A2' }
        ) {
            (Find-DicomStudy $archive.Node @Arguments).AccessionNumber | Sort-Object | Should -Be $Accession
        }

        It 'goes from patients down to instances' {
            Find-DicomPatient $archive.Node -PatientID P1 | Find-DicomStudy | Find-DicomSeries | Find-DicomInstance | Should -HaveCount 4
        }
    }
}
