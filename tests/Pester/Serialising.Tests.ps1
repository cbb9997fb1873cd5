# What was exported says the same when it is read again, and can be piped on: CSV, CLIXML and JSON.
BeforeDiscovery {
    $forms = @(
        @{ Form = 'CSV'; Round = { param($in, $file) $in | Export-Csv $file -NoTypeInformation; Import-Csv $file } }
        @{ Form = 'CLIXML'; Round = { param($in, $file) $in | Export-Clixml $file; Import-Clixml $file } }
        @{ Form = 'JSON'; Round = { param($in, $file) ConvertTo-Json @($in) -Depth 4 | Set-Content $file; (Get-Content -Raw $file | ConvertFrom-Json) | ForEach-Object { $_ } } }
    )
}

Describe 'Serialising' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        $files = 1..2 | ForEach-Object { New-StudyFile "$TestDrive/files" @{ StudyInstanceUID = "1.2.3.$_"; PatientID = 'P1' } }
        $archive = Start-DicomArchive "$TestDrive/archive" -Port 0 -AETitle BOX
        $storage = Start-DicomStorageScp "$TestDrive/in" -Port 0 -AETitle STORE
        $node = "BOX@127.0.0.1:$($archive.Port)"
        $null = $files | Import-DicomFile -Archive $archive
        $results = Receive-DicomStudy $node -StudyInstanceUID 1.2.3.1, 1.2.3.9 -Path "$TestDrive/got" -WarningAction SilentlyContinue -ErrorAction SilentlyContinue
        $refused = Move-DicomStudy $node -StudyInstanceUID 1.2.3.1 -Destination NOBODY -ErrorAction SilentlyContinue
        $studies = Find-DicomStudy $node
    }

    AfterAll {
        Stop-DicomArchive -All -Force
        Stop-DicomStorageScp -All -Force
    }

    It 'keeps the words of a retrieve in <Form>, and what is not complete can be piped in again' -ForEach $forms {
        $again = @(& $Round $results "$TestDrive/results.$Form")
        $again | Should -HaveCount 2
        $again.Verdict | Should -Be $results.Verdict
        $again[0].Verdict, $again[0].Level, $again[0].Model, $again[0].Method | Should -Be 'Complete', 'Study', 'StudyRoot', 'Get'
        $open = @($again | Where-Object Verdict -NE 'Complete')
        $open.StudyInstanceUID | Should -Be '1.2.3.9'
        ($again | Where-Object Verdict -EQ 'Complete' | Receive-DicomStudy $node -Path "$TestDrive/again-$Form").Verdict | Should -Be 'Complete'
    }

    It 'keeps the words of <What> in <Form>' -ForEach @(
        foreach ($form in $forms) {
            $form + @{ What = 'an echo'; Name = 'Stage'; Word = 'Dimse'; Make = { Test-DicomEcho $node } }
            $form + @{ What = 'a storage server'; Name = 'State'; Word = 'Running'; Make = { $storage } }
            $form + @{ What = 'an archive'; Name = 'State'; Word = 'Running'; Make = { $archive } }
            $form + @{ What = 'a commitment'; Name = 'State'; Word = 'Pending', 'Completed'; Make = { Request-DicomStorageCommitment $files[0] -Node $node } }
        }
    ) {
        (& $Round (& $Make) "$TestDrive/words.$Form").$Name | Should -BeIn $Word
    }

    It 'lets verdicts be compared as words and by their type' {
        $results[0].Verdict -eq 'Complete' | Should -BeTrue
        $results[0].Verdict -eq [DicomPS.Retrieving.RetrieveVerdict]::Complete | Should -BeTrue
        [DicomPS.Retrieving.RetrieveVerdict]::Complete -eq $results[0].Verdict | Should -BeTrue
        $results[0].GetVerdict() | Should -Be ([DicomPS.Retrieving.RetrieveVerdict]::Complete)
        'Complete' -in $results.Verdict | Should -BeTrue
        $storage.State -eq [DicomPS.Serving.ServerState]::Running | Should -BeTrue
    }

    It 'has no cell that names a type, and no column for what a peer returned' {
        foreach ($object in @($results) + $refused + @($studies) + (Find-DicomSeries $node -StudyInstanceUID 1.2.3.1) + (Test-DicomEcho $node)) {
            $rows = $object | ConvertTo-Csv -NoTypeInformation
            "$rows" | Should -Not -Match 'System\.|elements'
            $rows[0] | Should -Not -Match '"Dataset"|"Images"'
        }
        ConvertTo-Json $studies -Depth 4 | Should -Not -Match '"Dataset"|"Bytes"'
        # Scripts that read it find it all the same.
        $studies[0].Dataset.GetString('0010,0020') | Should -Be 'P1'
        $studies[0].GetDataset() | Should -Not -BeNullOrEmpty
    }

    It 'says failed UIDs as one text in a cell, and as a list to a script' {
        $list = [DicomPS.UidList]::new([string[]] ('1.2', '1.3'))
        [pscustomobject]@{ FailedSOPInstanceUID = $list } | ConvertTo-Csv -NoTypeInformation | Select-Object -Last 1 | Should -Be '"1.2\1.3"'
        $list.Count, $list.Length, $list[1] | Should -Be 2, 2, '1.3'
        $list -contains '1.2' | Should -BeTrue
        $taken = & { param([string[]] $Uid) $Uid } $list
        $taken | Should -Be '1.2', '1.3'
    }

    It 'says when: Started and Finished' {
        $sent = Send-DicomFile $files[0] "STORE@127.0.0.1:$($storage.Port)"
        foreach ($result in $results[0], $sent) {
            $result.Finished | Should -BeGreaterOrEqual $result.Started
            $result.Finished | Should -BeGreaterThan (Get-Date).AddMinutes(-10)
            $result.Finished | Should -BeLessOrEqual (Get-Date)
        }
        (Send-DicomFile "$TestDrive/none.dcm" "STORE@127.0.0.1:$($storage.Port)" -ErrorAction SilentlyContinue).Started | Should -BeNullOrEmpty
    }

    It 'lets studies of <Form> be piped on' -ForEach $forms {
        $again = @(& $Round $studies "$TestDrive/studies.$Form")
        ($again | Find-DicomSeries $node).StudyInstanceUID | Sort-Object -Unique | Should -Be '1.2.3.1', '1.2.3.2'
        ($again | Receive-DicomStudy $node -Path "$TestDrive/piped-$Form").Verdict | Should -Be 'Complete', 'Complete'
    }

    It 'knows Images and Instances as one' {
        $studies[0].Images | Should -Be $studies[0].Instances
        $studies[0].Images | Should -Be 1
        @($studies | Where-Object Images -GE 1) | Should -HaveCount 2
        ($studies | Select-Object Images)[0].Images | Should -Be 1
    }
}
