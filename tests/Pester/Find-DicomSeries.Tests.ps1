BeforeDiscovery {
    $hasDcmtk = [bool] (Get-Command dcmqrscp -ErrorAction Ignore)
}

Describe 'Find-DicomSeries' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        $server = Start-FindServer 3
        $node = "OURS@127.0.0.1:$($server.Port)"
    }

    AfterAll { $server.Stop() }

    It 'asks study by study over one association' {
        $before = $server.Queries, $server.Server.Associations
        $series = Find-DicomStudy $node | Find-DicomSeries
        $series | Should -BeOfType DicomPS.Series
        $server.Queries - $before[0] | Should -Be 4
        $server.Server.Associations - $before[1] | Should -Be 2
        $server.Last | Should -Match 'QueryRetrieveLevel=SERIES'
        $server.Last | Should -Not -Match 'PatientID'
    }

    It 'sends the keys of its parameters' {
        $null = Find-DicomSeries $node -StudyInstanceUID 1.2.3 -Modality MR -SeriesNumber 7 -BodyPartExamined HEAD -SeriesDescription 'T1*' -SeriesDate 20240101
        foreach ($key in 'StudyInstanceUID=1.2.3', 'Modality=MR', 'SeriesNumber=7', 'BodyPartExamined=HEAD', 'SeriesDescription=T1*', 'SeriesDate=20240101') {
            $server.Last | Should -Match ([regex]::Escape($key))
        }
    }

    Context 'DCMTK' -Skip:(-not $hasDcmtk) {
        BeforeAll {
            $archive = Start-Archive
            Initialize-Archive $archive
        }

        AfterAll { Stop-Peer $archive.Process }

        It 'finds the series of studies, with the study and the patient that they belong to' {
            $series = Find-DicomStudy $archive.Node -AccessionNumber A1 | Find-DicomSeries
            $series.Modality | Sort-Object | Should -Be CT, SR
            $series.SeriesNumber | Sort-Object | Should -Be 1, 2
            $series.PatientID | Should -Be P1, P1
            $series.StudyInstanceUID | Sort-Object -Unique | Should -Be '1.2.826.0.1.3680043.10.999.1'
        }

        It 'finds them by modality, and in Patient Root' {
            (Find-DicomStudy $archive.Node | Find-DicomSeries -Modality SR).SeriesNumber | Should -Be 2
            Find-DicomStudy $archive.Node -PatientID P1 -Model PatientRoot | Find-DicomSeries -Model PatientRoot | Should -HaveCount 3
        }

        It 'fits 100 columns and gives flat CSV' {
            $series = Find-DicomStudy $archive.Node | Find-DicomSeries
            Measure-Width $series | Should -BeLessOrEqual 100
            "$($series | ConvertTo-Csv)" | Should -Not -Match 'DicomPS\.|System\.'
        }
    }

    It 'says once that a node is dead, and how many queries were not sent' {
        $dead = "DEAD@127.0.0.1:$(Get-FreePort)"
        1..500 | ForEach-Object { [pscustomobject]@{ StudyInstanceUID = "1.2.$_" } } | Find-DicomSeries $dead -ErrorVariable problem -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problem | Should -HaveCount 2
        "$($problem[0])" | Should -Match "^$dead"
        "$($problem[1])" | Should -Match "^499 further queries were not sent for the same reason\. $dead"
        $problem[1].TargetObject.AETitle | Should -Be 'DEAD'
    }

}
