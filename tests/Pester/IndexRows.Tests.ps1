# Rows of the Find cmdlets that went through a file and into an index, and what comes out of an index for the next cmdlet.
Describe 'Rows of Find and the index' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        $archive = Start-DicomArchive "$TestDrive/archive" -Port 0 -AETitle BOX
        $node = "BOX@127.0.0.1:$($archive.Port)"
        $files = @(
            New-StudyFile "$TestDrive/in" @{ StudyInstanceUID = '1.2.3.1'; SeriesInstanceUID = '1.2.3.1.1'; SOPInstanceUID = '1.2.3.1.1.1'; PatientName = 'Müller^Änne'; PatientID = 'P1'; AccessionNumber = 'A1'; PatientBirthDate = '19700203' }
            New-StudyFile "$TestDrive/in" @{ StudyInstanceUID = '1.2.3.1'; SeriesInstanceUID = '1.2.3.1.2'; SOPInstanceUID = '1.2.3.1.2.1'; PatientName = 'Müller^Änne'; PatientID = 'P1'; AccessionNumber = 'A1'; PatientBirthDate = '19700203'; Modality = 'SR'; SeriesDate = '20240102'; SeriesTime = '111213.5' }
            New-StudyFile "$TestDrive/in" @{ StudyInstanceUID = '1.2.3.2'; SeriesInstanceUID = '1.2.3.2.1'; SOPInstanceUID = '1.2.3.2.1.1'; PatientName = '山田^太郎'; PatientID = 'P2'; AccessionNumber = 'A2'; StudyDate = '20240301'; StudyTime = '' }
        )
        $null = $files | Import-DicomFile -Archive $archive -ErrorAction Stop
        function New-Index { "$TestDrive/$([guid]::NewGuid().ToString('N')).sqlite" }
        # Everything of a row but where and when it came in.
        function Get-Text($Rows, $Key) {
            @($Rows | Sort-Object $Key | Select-Object * -ExcludeProperty Node, FirstSeen, LastSeen, Path, Matches | ConvertTo-Csv -NoTypeInformation)
        }
    }

    AfterAll { $archive | Stop-DicomArchive }

    It 'takes <Level> through <Way> as it takes them live' -ForEach @(
        foreach ($way in 'CSV', 'CLIXML', 'CSV in German') {
            @{ Way = $way; Level = 'patients'; Key = 'PatientID'; Find = { Find-DicomPatient @args } }
            @{ Way = $way; Level = 'studies'; Key = 'StudyInstanceUID'; Find = { Find-DicomStudy @args } }
            @{ Way = $way; Level = 'series'; Key = 'SeriesInstanceUID'; Find = { Find-DicomStudy @args | Find-DicomSeries @args } }
            @{ Way = $way; Level = 'instances'; Key = 'SOPInstanceUID'; Find = { Find-DicomStudy @args | Find-DicomSeries @args | Find-DicomInstance @args } }
        }
    ) {
        $live, $read = (New-Index), (New-Index)
        $culture = [cultureinfo]::CurrentCulture
        try {
            if ($Way -eq 'CSV in German') { [cultureinfo]::CurrentCulture = 'de-DE' }
            $found = & $Find $node
            $found | Export-DicomIndex $live
            if ($Way -eq 'CLIXML') {
                $found | Export-Clixml "$TestDrive/found.xml"
                Import-Clixml "$TestDrive/found.xml" | Export-DicomIndex $read -ErrorAction Stop
            }
            else {
                $found | Export-Csv "$TestDrive/found.csv"
                Import-Csv "$TestDrive/found.csv" | Export-DicomIndex $read -ErrorAction Stop
            }
        }
        finally { [cultureinfo]::CurrentCulture = $culture }
        $ask = @{ Index = $live }
        $expected = & (Get-Command "Find-Dicom$(@{ patients = 'Patient'; studies = 'Study'; series = 'Series'; instances = 'Instance' }[$Level])") @ask
        $ask = @{ Index = $read }
        $given = & (Get-Command "Find-Dicom$(@{ patients = 'Patient'; studies = 'Study'; series = 'Series'; instances = 'Instance' }[$Level])") @ask
        @($given).Count | Should -BeGreaterThan 1
        Get-Text $given $Key | Should -Be (Get-Text $expected $Key)
        "$($given[0].Node)" | Should -Be $node
    }

    It 'takes dates in ISO only, says which row is wrong, and takes the others' {
        $index = New-Index
        @'
StudyInstanceUID,PatientID,PatientName,StudyDate
1.2.8.1,P1,ONE,2025-02-03T10:00:00
1.2.8.2,P2,TWO,03.02.2025
,P3,THREE,2025-02-03
1.2.8.4,P4,FOUR,
1.2.8.5,P5,FIVE,20250203
'@ | ConvertFrom-Csv | Export-DicomIndex $index -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed | Should -HaveCount 2
        $failed[0].FullyQualifiedErrorId | Should -Match '^DicomIndexInputUnknown'
        "$($failed[0])" | Should -Match 'StudyDate.*03\.02\.2025'
        $failed[0].ErrorDetails.RecommendedAction | Should -Match 'ISO 8601'
        "$($failed[1])" | Should -Match 'StudyInstanceUID'
        $studies = Find-DicomStudy -Index $index | Sort-Object StudyInstanceUID
        $studies.StudyInstanceUID | Should -Be '1.2.8.1', '1.2.8.4', '1.2.8.5'
        $studies[0].StudyDate, $studies[1].StudyDate, $studies[2].StudyDate | Should -Be ([datetime] '2025-02-03 10:00'), $null, ([datetime] '2025-02-03')
    }

    It 'puts nothing in for rows that were not found' {
        $index = New-Index
        $rows = [pscustomobject] @{ StudyInstanceUID = '1.2.3.1' }, [pscustomobject] @{ StudyInstanceUID = '1.2.3.77' } | Find-DicomStudy $node -IncludeMissing
        $rows | Export-DicomIndex $index -WarningVariable warned -WarningAction SilentlyContinue
        $rows | Export-Csv "$TestDrive/missing.csv"
        Import-Csv "$TestDrive/missing.csv" | Export-DicomIndex $index -WarningVariable +warned -WarningAction SilentlyContinue
        $warned | Should -HaveCount 2
        $warned[0] | Should -Match '1 row\(s\) were left out'
        (Find-DicomStudy -Index $index).StudyInstanceUID | Should -Be '1.2.3.1'
    }

    It 'refuses rows of other cmdlets, which say nothing of a study' {
        [pscustomobject] @{ StudyInstanceUID = '1.2.3.1'; Verdict = 'Complete' }, [pscustomobject] @{ StudyInstanceUID = '1.2.3.1'; ScheduledDate = '2024-01-02' }, [pscustomobject] @{ Size = 1 } |
            Export-DicomIndex (New-Index) -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed | Should -HaveCount 3
        $failed | ForEach-Object { $_.FullyQualifiedErrorId | Should -Match '^DicomIndexInputUnknown' }
    }

    It 'says of what it has where the file is, and when it came in first and last' {
        $index = New-Index
        $before = Get-Date
        $files | Export-DicomIndex $index
        $instances = Find-DicomInstance -Index $index
        ($instances | Sort-Object SOPInstanceUID).Path | Should -Be $files
        $instances | ForEach-Object {
            $_.FirstSeen | Should -BeGreaterThan $before.AddSeconds(-1)
            $_.LastSeen | Should -BeLessThan (Get-Date).AddSeconds(1)
        }
        $study = Find-DicomStudy -Index $index | Select-Object -First 1
        $study.FirstSeen | Should -BeGreaterThan $before.AddSeconds(-1)
        $study.PSObject.Properties.Name | Should -Not -Contain 'Path'
        # As dates that export as ISO 8601; answers of a peer have no such columns.
        ($instances | ConvertTo-Csv | ConvertFrom-Csv)[0].FirstSeen | Should -Match '^\d{4}-\d\d-\d\dT'
        (Find-DicomStudy $node)[0].PSObject.Properties.Name | Should -Not -Contain 'FirstSeen'
        # The same with -IncludeMissing.
        [pscustomobject] @{ SOPInstanceUID = '1.2.3.2.1.1' } | Find-DicomInstance -Index $index -IncludeMissing | Select-Object -ExpandProperty Path | Should -Be $files[2]
    }

    It 'sends what an index knows to another node, live and through a file' {
        $index = New-Index
        $store = Start-DicomStorageScp "$TestDrive/store" -Port 0 -AETitle STORE
        try {
            $files | Export-DicomIndex $index
            # An index of files knows no node: the row says nothing, live and as an empty cell.
            $of = "STORE@127.0.0.1:$($store.Port)"
            (Find-DicomInstance -Index $index | Send-DicomFile $of).Status | Should -Be 'Success', 'Success', 'Success'
            (Find-DicomInstance -Index $index | ConvertTo-Csv | ConvertFrom-Csv | Send-DicomFile -Node $of).Status | Should -Be 'Success', 'Success', 'Success'
            (Find-DicomInstance -Index $index | ConvertTo-Csv | ConvertFrom-Csv | Send-DicomFile $of).Status | Should -Be 'Success', 'Success', 'Success'
            { Find-DicomInstance -Index $index | Send-DicomFile -ErrorAction Stop } | Should -Throw '*To which node?*'
            # The studies of the index came from a node; the files go where the command says.
            Find-DicomStudy $node | Export-DicomIndex $index
            Find-DicomStudy $node | Find-DicomSeries $node | Find-DicomInstance $node | Export-DicomIndex $index
            $to = "STORE@127.0.0.1:$($store.Port)"
            $sent = Find-DicomInstance -Index $index -StudyInstanceUID 1.2.3.1 | Send-DicomFile $to
            $sent.Status | Should -Be 'Success', 'Success'
            "$($sent[0].Node)" | Should -Be $to
            Find-DicomInstance -Index $index | Export-Csv "$TestDrive/instances.csv"
            (Import-Csv "$TestDrive/instances.csv" | Send-DicomFile $to).Status | Should -Be 'Success', 'Success', 'Success'
            # And into another index, with their files.
            $second = New-Index
            Find-DicomInstance -Index $index | Export-DicomIndex $second
            @((Find-DicomInstance -Index $second).Path | Sort-Object) | Should -Be @($files | Sort-Object)
        }
        finally { $store | Stop-DicomStorageScp }
    }
}
