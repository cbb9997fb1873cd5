BeforeDiscovery {
    $hasSamples = Test-Path '/usr/lib/python3/dist-packages/pydicom/data/test_files/CT_small.dcm'
}

Describe 'Export-DicomIndex' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        $uid = '1.2.826.0.1.3680043.10.999.7'
        $null = New-StudyFile "$TestDrive/in" @{ StudyInstanceUID = "$uid.1"; SeriesInstanceUID = "$uid.1.1"; SOPInstanceUID = "$uid.1.1.1"; PatientName = 'Müller^Änne'; PatientID = 'P1' }
        $null = New-StudyFile "$TestDrive/in" @{ StudyInstanceUID = "$uid.1"; SeriesInstanceUID = "$uid.1.2"; SOPInstanceUID = "$uid.1.2.1"; PatientName = 'Müller^Änne'; PatientID = 'P1'; Modality = 'SR' }
        $null = New-StudyFile "$TestDrive/in/below" @{ StudyInstanceUID = "$uid.2"; SeriesInstanceUID = "$uid.2.1"; SOPInstanceUID = "$uid.2.1.1"; PatientName = 'Иванов^Иван'; PatientID = 'P2'; StudyDate = '20240301' }
        Set-Content "$TestDrive/in/readme.txt" 'This is no DICOM file.'
        function New-Index { "$TestDrive/$([guid]::NewGuid().ToString('N')).sqlite" }
    }

    It 'has what came while more may come' {
        $live = "$TestDrive/live.sqlite"
        $seen = & {
            New-StudyFile "$TestDrive/live" @{ PatientID = 'LIVE' }
            $script:isThere = Wait-Until { Find-DicomStudy -Index $live -PatientID LIVE -ErrorAction Ignore }
        } | Export-DicomIndex $live -PassThru
        $seen | Should -HaveCount 1
        $isThere | Should -BeTrue
    }

    It 'keeps what came before it was stopped, also while the index is another''s' -Skip:(-not (Get-Command python3 -ErrorAction Ignore)) {
        $index = New-Index
        [pscustomobject]@{ StudyInstanceUID = '1.2.3'; PatientID = 'P' } | Export-DicomIndex $index
        # Another has it from before the first row until after the stop has begun; files tell when.
        Set-Content "$TestDrive/lock.py" "import sqlite3, time, os
c = sqlite3.connect('$index', isolation_level=None)
c.execute('BEGIN IMMEDIATE')
open('$index.held', 'w').close()
while not os.path.exists('$index.free'): time.sleep(0.05)
c.execute('COMMIT')"
        $lock = Start-Process python3 -PassThru -ArgumentList "$TestDrive/lock.py"
        try {
            Wait-Until { Test-Path "$index.held" } | Should -BeTrue
            # The end of ForEach-Object comes when all rows have been taken; with one more they would be waited for before.
            $state = [hashtable]::Synchronized(@{})
            $session = [powershell]::Create().AddScript("param(`$State) Import-Module '$root/out/DicomPS/DicomPS.psd1'; 1..499 | ForEach-Object -Process { [pscustomobject]@{ StudyInstanceUID = `"1.2.97.`$_`"; PatientID = 'STOPPED' } } -End { `$State.Ended = `$true } | Export-DicomIndex '$index'").AddArgument($state)
            $null = $session.BeginInvoke()
            Wait-Until { $state.Ended } | Should -BeTrue
            $stopping = $session.BeginStop($null, $null)
            Start-Sleep 1
        }
        finally { Set-Content "$index.free" '' }
        $session.EndStop($stopping)
        $lock.WaitForExit()
        $null = Wait-Until { @(Find-DicomStudy -Index $index -PatientID STOPPED).Count -ge 499 }
        @(Find-DicomStudy -Index $index -PatientID STOPPED).Count | Should -Be 499
        $session.Dispose()
    }

    It 'loads nothing of SQLite before an index is used' {
        $names = pwsh -NoProfile -Command "Import-Module '$root/out/DicomPS/DicomPS.psd1'; [AppDomain]::CurrentDomain.GetAssemblies().GetName().Name"
        $names | Should -Contain 'DicomPS.Engine'
        $names | Where-Object { $_ -match 'sqlite|DicomPS.Archive' } | Should -BeNullOrEmpty
    }

    It 'makes an index of files, as FileInfo, path or wildcard' -ForEach @(
        @{ Files = { Get-ChildItem "$TestDrive/in" -Filter *.dcm } }
        @{ Files = { "$TestDrive/in/$uid.1.1.1.dcm", "$TestDrive/in/$uid.1.2.1.dcm" } }
        @{ Files = { "$TestDrive/in/*.dcm" } }
        @{ Files = { [pscustomobject]@{ Path = "$TestDrive/in/$uid.1.1.1.dcm" }, [pscustomobject]@{ Path = "$TestDrive/in/$uid.1.2.1.dcm" } } }
    ) {
        $index = New-Index
        & $Files | Export-DicomIndex $index | Should -BeNullOrEmpty
        $study = Find-DicomStudy -Index $index
        $study | Should -HaveCount 1
        $study | Should -BeOfType DicomPS.Study
        $study.PatientName, $study.Modalities, $study.Series, $study.Instances | Should -Be @('Müller^Änne', 'CT\SR', 2, 2)
        $study.StudyDate | Should -Be ([datetime] '2024-01-02 10:15')
    }

    It 'goes through a folder, and below it with -Recurse, and skips what is no DICOM' {
        $index = New-Index
        "$TestDrive/in" | Export-DicomIndex $index -WarningVariable warning -WarningAction SilentlyContinue
        $warning | Should -Match '1 file'
        (Find-DicomStudy -Index $index).StudyInstanceUID | Should -Be "$uid.1"
        Export-DicomIndex $index "$TestDrive/in" -Recurse -WarningAction SilentlyContinue
        (Find-DicomStudy -Index $index | Sort-Object StudyInstanceUID).StudyInstanceUID | Should -Be @("$uid.1", "$uid.2")
    }

    It 'updates what is there instead of doubling it' {
        $index = New-Index
        1..3 | ForEach-Object { Get-ChildItem "$TestDrive/in/*.dcm" | Export-DicomIndex $index }
        Find-DicomInstance -Index $index | Should -HaveCount 2
    }

    It 'hands on its input with -PassThru, and writes it also when the pipeline ends early' {
        $index = New-Index
        $first = Get-ChildItem "$TestDrive/in/*.dcm" | Export-DicomIndex $index -PassThru | Select-Object -First 1
        $first | Should -BeOfType IO.FileInfo
        Find-DicomInstance -Index $index | Should -HaveCount 1
    }

    It 'makes nothing with -WhatIf' {
        $index = New-Index
        Get-ChildItem "$TestDrive/in/*.dcm" | Export-DicomIndex $index -WhatIf
        $index | Should -Not -Exist
    }

    It 'goes on after an input that cannot be used, and says which' {
        $index = New-Index
        @((Get-Item "$TestDrive/in/readme.txt"), 5, (Get-Item "$TestDrive/in/$uid.1.1.1.dcm")) |
            Export-DicomIndex $index -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems.FullyQualifiedErrorId | Should -Be @('DicomFileUnreadable,DicomPS.Commands.ExportDicomIndexCommand', 'DicomIndexInputUnknown,DicomPS.Commands.ExportDicomIndexCommand')
        Find-DicomInstance -Index $index | Should -HaveCount 1
    }

    It 'refuses a file that is something else and leaves it alone' {
        { Get-ChildItem "$TestDrive/in/*.dcm" | Export-DicomIndex "$TestDrive/in/readme.txt" } | Should -Throw -ErrorId 'DicomIndexUnusable*'
        "$TestDrive/in/readme.txt" | Should -FileContentMatch 'This is no DICOM file'
    }

    It 'asks an index with the keys of the Find cmdlets' {
        $index = New-Index
        Export-DicomIndex $index "$TestDrive/in" -Recurse -WarningAction SilentlyContinue
        (Find-DicomStudy -Index $index -PatientName 'иванов*').PatientID | Should -Be 'P2'
        (Find-DicomStudy -Index $index -PatientName 'Muller' -FuzzyName).PatientID | Should -Be 'P1'
        (Find-DicomStudy -Index $index -StudyDate 20240201-).PatientID | Should -Be 'P2'
        (Find-DicomStudy -Index $index -After 2024-01-02T10:00 -Before 2024-01-02T11:00).PatientID | Should -Be 'P1'
        @(Find-DicomStudy -Index $index -Modality CT, SR) | Should -HaveCount 2
        (Find-DicomPatient -Index $index -PatientID P2).Studies | Should -Be 1
        @(Find-DicomSeries -Index $index -StudyInstanceUID "$uid.1" -Modality SR).SeriesInstanceUID | Should -Be "$uid.1.2"
        (Find-DicomPatient -Index $index -PatientID P1 | Find-DicomStudy -Index $index | Find-DicomSeries -Index $index | Find-DicomInstance -Index $index).SOPInstanceUID |
            Sort-Object | Should -Be @("$uid.1.1.1", "$uid.1.2.1")
    }

    It 'keeps what a peer answered: every level, the counts, and the node' {
        $server = Start-FindServer 10
        try {
            $node = "OURS@127.0.0.1:$($server.Port)"
            $index = New-Index
            $asked = Find-DicomStudy $node | Export-DicomIndex $index -PassThru
            $kept = Find-DicomStudy -Index $index
            $kept | Should -HaveCount $asked.Count
            foreach ($study in $asked) {
                $same = $kept | Where-Object StudyInstanceUID -EQ $study.StudyInstanceUID
                foreach ($name in 'PatientName', 'PatientID', 'StudyDate', 'AccessionNumber', 'StudyDescription', 'Series', 'Instances') {
                    $same.$name | Should -Be $study.$name
                }
                "$($same.Node)" | Should -Be $node
            }
        }
        finally { $server.Stop() }
    }

    It 'returns attributes that the index lacks from the files' -Skip:(-not $hasSamples) {
        $index = New-Index
        Get-Item "$samples/CT_small.dcm" | Export-DicomIndex $index
        (Find-DicomInstance -Index $index -Property KVP).KVP | Should -Be 120
        @(Find-DicomInstance -Index $index -Key @{ KVP = '80' }) | Should -HaveCount 0
    }

    It 'says when there is no index' {
        { Find-DicomStudy -Index "$TestDrive/none.sqlite" } | Should -Throw -ErrorId 'DicomIndexUnusable*'
        "$TestDrive/none.sqlite" | Should -Not -Exist
    }
}
