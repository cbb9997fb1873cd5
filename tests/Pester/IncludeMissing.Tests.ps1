# -IncludeMissing: every row of a list comes back, with or without an answer, and with its own columns.
BeforeDiscovery {
    $hasDcmtk = [bool] (Get-Command dcmqrscp -ErrorAction Ignore)
}

Describe '-IncludeMissing' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        function ConvertTo-Row([string] $Csv) { $Csv -split ';' | ConvertFrom-Csv }
        function Get-Found($Rows) { @($Rows | ForEach-Object { if ($null -eq $_.Found) { '?' } elseif ($_.Found) { '+' } else { '-' } }) -join '' }

        $archive = Start-DicomArchive "$TestDrive/archive" -Port 0 -AETitle BOX
        $node = "BOX@127.0.0.1:$($archive.Port)"
        $files = foreach ($number in 1..30) {
            New-StudyFile "$TestDrive/source" @{
                StudyInstanceUID = "1.2.3.$number"; SeriesInstanceUID = "1.2.3.$number.1"; AccessionNumber = "A$number"; PatientID = "P$number"
                PatientName = "DOE^N$number"; Modality = ('CT', 'MR')[$number % 2]
            }
        }
        $null = $files | Import-DicomFile -Archive $archive -ErrorAction Stop
        Find-DicomStudy $node | Export-DicomIndex "$TestDrive/index.db"
    }

    AfterAll { $archive | Stop-DicomArchive }

    It 'gives all 3,000 rows of a researcher back, in order, with the columns of his own' {
        $list = foreach ($row in 1..3000) { "S$row,A$row,$($row % 7)" }
        Set-Content "$TestDrive/list.csv" (@('Subject,AccessionNumber,Group') + $list)
        Import-Csv "$TestDrive/list.csv" | Find-DicomStudy $node -IncludeMissing | Export-Csv "$TestDrive/answered.csv"
        $answered = Import-Csv "$TestDrive/answered.csv"
        $answered.Count | Should -Be 3000
        Compare-Object $list @($answered | ForEach-Object { "$($_.Subject),$($_.AccessionNumber),$($_.Group)" }) -SyncWindow 0 | Should -BeNullOrEmpty
        @($answered | Where-Object Found -EQ True).AccessionNumber | Should -Be (1..30 | ForEach-Object { "A$_" })
        @($answered | Where-Object Found -EQ False).Count | Should -Be 2970
        @($answered | Where-Object Error).Count | Should -Be 0
        $answered[29].PatientName, $answered[29].StudyInstanceUID | Should -Be 'DOE^N30', '1.2.3.30'
        # Of what was not found, the key is known and nothing else.
        $answered[30].PatientName, $answered[30].PatientID, $answered[30].StudyInstanceUID, $answered[30].Instances | Should -Be '', '', '', ''
    }

    It 'gives found and missing rows the same columns, the row''s own first' {
        $rows = ConvertTo-Row 'AccessionNumber,Subject,StudyDate;A9,s1,early;X,s2,late;A1,s3,' | Find-DicomStudy $node -IncludeMissing -Property InstitutionName
        @($rows | ForEach-Object { $_.PSObject.Properties.Name -join ',' } | Sort-Object -Unique).Count | Should -Be 1
        $rows[0].PSObject.Properties.Name[0..6] | Should -Be 'RowAccessionNumber', 'Subject', 'RowStudyDate', 'Found', 'Error', 'InstitutionName', 'PatientName'
        Get-Found $rows | Should -Be '+-+'
        $rows.Subject | Should -Be 's1', 's2', 's3'
        # What the result has is not written over.
        $rows[0].StudyDate, $rows[0].RowStudyDate | Should -Be ([datetime] '2024-01-02 10:15'), 'early'
        $rows[1].StudyDate, $rows[1].RowStudyDate | Should -Be $null, 'late'
        $rows | ForEach-Object { $_ | Should -BeOfType DicomPS.Study }
    }

    It 'gives duplicated rows back each' {
        $rows = ConvertTo-Row 'AccessionNumber,N;A1,1;A2,2;A1,3;X,4;X,5;A1,6' | Find-DicomStudy $node -IncludeMissing
        $rows.N | Should -Be 1, 2, 3, 4, 5, 6
        Get-Found $rows | Should -Be '+++--+'
        $rows[0].StudyInstanceUID, $rows[2].StudyInstanceUID, $rows[5].StudyInstanceUID | Should -Be '1.2.3.1', '1.2.3.1', '1.2.3.1'
    }

    It 'gives a row that has several answers once for each' {
        $rows = ConvertTo-Row 'AccessionNumber,N;A1?,1;A3*,2;B*,3' | Find-DicomStudy $node -IncludeMissing
        @($rows | Where-Object N -EQ 1).Count | Should -Be 10
        @($rows | Where-Object N -EQ 2).StudyInstanceUID | Should -Be '1.2.3.3', '1.2.3.30'
        Get-Found @($rows | Where-Object N -EQ 3) | Should -Be '-'
        # What fits two rows comes for both.
        @(ConvertTo-Row 'AccessionNumber,N;A1,1;A1*,2' | Find-DicomStudy $node -IncludeMissing | Where-Object StudyInstanceUID -EQ 1.2.3.1).N | Should -Be 1, 2
    }

    It 'asks UIDs as lists, and knows whose answer is whose' {
        $list = foreach ($row in 1..250) { [pscustomobject] @{ StudyInstanceUID = "1.2.3.$((($row * 7) % 60) + 1)"; N = $row } }
        $rows = $list | Find-DicomStudy $node -IncludeMissing -InformationVariable told
        $rows.N | Should -Be (1..250)
        Compare-Object $list.StudyInstanceUID $rows.StudyInstanceUID -SyncWindow 0 | Should -BeNullOrEmpty
        $rows | ForEach-Object { $_.Found | Should -Be ([int] ($_.StudyInstanceUID -split '\.')[3] -le 30) }
        ($told.MessageData.Queries | Measure-Object -Sum).Sum | Should -BeLessThan 10
    }

    It 'takes several numbers of a parameter as rows' {
        $rows = Find-DicomStudy $node -AccessionNumber A2, X, A5 -IncludeMissing
        $rows.AccessionNumber | Should -Be 'A2', 'X', 'A5'
        Get-Found $rows | Should -Be '+-+'
    }

    It 'does the same with an index' {
        $rows = ConvertTo-Row 'AccessionNumber,N;A1,1;X,2;A1,3;A3,4' | Find-DicomStudy -Index "$TestDrive/index.db" -IncludeMissing
        Get-Found $rows | Should -Be '+-++'
        $rows.N | Should -Be 1, 2, 3, 4
        $rows[1].Node | Should -BeNullOrEmpty
    }

    It 'does the same for <Level>' -ForEach @(
        @{ Level = 'patients'; Find = { $args[0] | Find-DicomPatient $node -IncludeMissing }; Column = 'PatientID'; There = 'P4'; Gone = 'P99' }
        @{ Level = 'series'; Find = { $args[0] | Find-DicomSeries $node -IncludeMissing }; Column = 'StudyInstanceUID'; There = '1.2.3.4'; Gone = '1.2.3.99' }
        @{ Level = 'instances'; Find = { $args[0] | Find-DicomInstance $node -IncludeMissing -Relational }; Column = 'SeriesInstanceUID'; There = '1.2.3.4.1'; Gone = '1.2.3.99.1' }
    ) {
        $rows = & $Find @($There, $Gone, $There | ForEach-Object { [pscustomobject] @{ $Column = $_; Own = "x$_" } })
        Get-Found $rows | Should -Be '+-+'
        $rows.Own | Should -Be "x$There", "x$Gone", "x$There"
        $rows.$Column | Should -Be $There, $Gone, $There
    }

    It 'knows a row as found when one of several nodes has it, and as missing when all were asked' {
        $rows = Find-DicomStudy $node, $node.Replace('BOX', 'BOX2') -AccessionNumber A1, X -IncludeMissing
        Get-Found $rows | Should -Be '++-'
        $rows[2].Node | Should -BeNullOrEmpty
        $rows = Find-DicomStudy $node, NOBODY@127.0.0.1:1 -AccessionNumber A1, X -IncludeMissing -ErrorAction Ignore
        Get-Found $rows | Should -Be '+?'
        $rows[1].Error | Should -Match 'NOBODY@127\.0\.0\.1:1.*Nothing listens on port 1'
    }

    It 'does not call missing what could not be asked' {
        $rows = ConvertTo-Row 'AccessionNumber,N;A1,1;X,2' | Find-DicomStudy NOBODY@127.0.0.1:1 -IncludeMissing -ErrorVariable failed -ErrorAction SilentlyContinue
        Get-Found $rows | Should -Be '??'
        $rows.N | Should -Be 1, 2
        $rows[0].Error, $rows[1].Error | Should -Match 'Nothing listens on port 1'
        $failed[0].FullyQualifiedErrorId | Should -Match '^DicomConnectionRefused'
        # Rows behind the first two hundred are not asked any more, and come back all the same.
        $many = 1..450 | ForEach-Object { [pscustomobject] @{ AccessionNumber = "A$_" } } | Find-DicomStudy NOBODY@127.0.0.1:1 -IncludeMissing -ErrorAction Ignore
        $many.Count | Should -Be 450
        @($many | Where-Object { $null -ne $_.Found -or -not $_.Error }).Count | Should -Be 0
    }

    It 'does not call missing what the peer failed at, or answered with something else' {
        $server = Start-DicomScp -Port 0 -AETitle SCP -OnFind {
            switch ($_.Keys.AccessionNumber) {
                'FAILS' { [pscustomobject] @{ Status = 0xC001; ErrorComment = 'disk on fire' } }
                'OTHER' { @{ StudyInstanceUID = '1.2.9'; AccessionNumber = 'B7' } }
                'spelt' { @{ StudyInstanceUID = '1.2.7'; AccessionNumber = 'SPELT ' } }
                'THERE' { @{ StudyInstanceUID = '1.2.8'; AccessionNumber = 'THERE' } }
                'WARNS' { 0xB000 }
            }
        }
        try {
            $rows = ConvertTo-Row 'AccessionNumber;THERE;FAILS;GONE;OTHER;WARNS;spelt;THERE' |
                Find-DicomStudy "SCP@127.0.0.1:$($server.Port)" -IncludeMissing -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
            $rows.RowAccessionNumber | Should -Be 'THERE', 'FAILS', 'GONE', 'OTHER', 'WARNS', 'spelt', 'THERE'
            Get-Found $rows | Should -Be '+?-??++'
            $rows[1].Error | Should -Match 'C001'
            $rows[3].Error | Should -Match 'none is seen to fit'
            $rows[3].StudyInstanceUID | Should -BeNullOrEmpty
        }
        finally { $server | Stop-DicomScp }
    }

    It 'does not ask for everything where the cell is empty' {
        $rows = ConvertTo-Row 'AccessionNumber,N;A1,1;,2;A3,3' | Find-DicomStudy $node -IncludeMissing -ErrorVariable failed -ErrorAction SilentlyContinue
        Get-Found $rows | Should -Be '+?+'
        $failed[0].FullyQualifiedErrorId | Should -Match '^DicomRowWithoutKey'
        # Without the switch neither.
        ConvertTo-Row 'AccessionNumber,N;,2' | Find-DicomStudy $node -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -Match '^DicomRowWithoutKey'
    }

    It 'gives back a row with a UID that is none, with why' {
        $rows = ConvertTo-Row 'StudyInstanceUID,N;1.2.3.1,1;1.2.x,2' | Find-DicomStudy $node -IncludeMissing -ErrorAction SilentlyContinue
        Get-Found $rows | Should -Be '+?'
        $rows[1].Error | Should -Match 'is no UID'
    }

    It 'asks again what was not found, through a file, without columns of columns' {
        $rows = ConvertTo-Row 'AccessionNumber,Subject;A1,s1;X,s2;A31,s3' | Find-DicomStudy $node -IncludeMissing
        $rows | Export-Csv "$TestDrive/first.csv"
        $again = Import-Csv "$TestDrive/first.csv" | Where-Object Found -NE True | Find-DicomStudy $node -IncludeMissing
        Get-Found $again | Should -Be '--'
        $again.Subject | Should -Be 's2', 's3'
        $again[0].PSObject.Properties.Name -join ',' | Should -Be (($rows[0].PSObject.Properties.Name) -join ',')
    }

    It 'lets nothing be moved or looked into for a row that was not found' {
        # The patient of the row has studies; they were not asked for.
        $rows = ConvertTo-Row 'PatientID,AccessionNumber;P1,X' | Find-DicomStudy $node -IncludeMissing
        Get-Found $rows | Should -Be '-'
        $rows | Move-DicomStudy $node -Destination NOWHERE -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -Match '^DicomAnswerNotMatching'
        $rows | Find-DicomSeries $node -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -Match '^DicomAnswerNotMatching'
    }

    It 'shows what is missing in the table' {
        $text = ConvertTo-Row 'AccessionNumber;A1;X' | Find-DicomStudy $node -IncludeMissing | Out-String -Width 100
        $text | Should -Match 'Found StudyDate'
        $text -replace "`e\[[0-9;]*m" | Should -Match 'Yes   2024-01-02'
        $text -replace "`e\[[0-9;]*m" | Should -Match 'No +X'
    }

    It 'shows which studies of one node another lacks' {
        $other = Start-DicomArchive "$TestDrive/other" -Port 0 -AETitle OTHER
        try {
            $null = $files[0..27] | Import-DicomFile -Archive $other
            $missing = Find-DicomStudy $node | Find-DicomStudy "OTHER@127.0.0.1:$($other.Port)" -IncludeMissing | Where-Object Found -EQ $false
            $missing.StudyInstanceUID | Sort-Object | Should -Be '1.2.3.29', '1.2.3.30'
            $missing.RowPatientName | Sort-Object | Should -Be 'DOE^N29', 'DOE^N30'
        }
        finally { $other | Stop-DicomArchive }
    }

    It 'works with DCMTK''s archive' -Skip:(-not $hasDcmtk) {
        $peer = Start-Archive
        try {
            $null = $files[0..4] | Send-DicomFile -Node $peer.Node -ErrorAction Stop
            $rows = ConvertTo-Row 'AccessionNumber,N;A1,1;X,2;A3,3;A1,4;A77,5' | Find-DicomStudy $peer.Node -IncludeMissing
            Get-Found $rows | Should -Be '+-++-'
            $rows.N | Should -Be 1, 2, 3, 4, 5
            $rows = 2, 99, 4, 2, 98 | ForEach-Object { [pscustomobject] @{ StudyInstanceUID = "1.2.3.$_" } } | Find-DicomStudy $peer.Node -IncludeMissing
            Get-Found $rows | Should -Be '+-++-'
        }
        finally { Stop-Peer $peer.Process }
    }
}
