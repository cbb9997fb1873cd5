BeforeDiscovery {
    $hasSamples = Test-Path '/usr/lib/python3/dist-packages/pydicom/data/test_files/CT_small.dcm'
}

Describe 'Get-DicomFile' -Skip:(-not $hasSamples) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $null = New-Item -ItemType Directory "$TestDrive/study/deep", "$TestDrive/empty"
        Copy-Item "$samples/CT_small.dcm" "$TestDrive/study/a.dcm"
        Copy-Item "$samples/MR_small.dcm" "$TestDrive/study/b[1].dcm"
        Copy-Item "$samples/rtplan.dcm" "$TestDrive/study/deep/c.dcm"
        Copy-Item "$samples/dicomdirtests/DICOMDIR" "$TestDrive/study/DICOMDIR"
        Set-Content "$TestDrive/study/notes.txt" 'These are not the bytes you are looking for.'
    }

    It 'says what a file is' {
        $file = Get-DicomFile "$TestDrive/study/a.dcm"
        $file | Should -BeOfType DicomPS.Part10.FileHeader
        $file.PatientName | Should -Be 'CompressedSamples^CT1'
        $file.StudyDate | Should -Be ([datetime] '2004-01-19')
        $file.SOPClass | Should -Be 'CT Image Storage'
        $file.TransferSyntax | Should -Be 'Explicit VR Little Endian'
        $file.Rows | Should -Be 128
        $file.Bytes | Should -Be (Get-Item "$TestDrive/study/a.dcm").Length
        "$file" | Should -Match 'a\.dcm \(CT Image Storage\)'
    }

    It 'takes folders, wildcards, FileInfo and objects with a path' {
        Get-DicomFile "$TestDrive/study" | Should -HaveCount 2
        Get-DicomFile "$TestDrive/study" -Recurse | Should -HaveCount 3
        Get-DicomFile "$TestDrive/study/*.dcm" | Should -HaveCount 2
        Get-DicomFile "$TestDrive/study/b[1].dcm" | Should -HaveCount 1
        Get-DicomFile -LiteralPath "$TestDrive/study/b[1].dcm" | Should -HaveCount 1
        Get-ChildItem "$TestDrive/study/*.dcm" | Get-DicomFile | Should -HaveCount 2
        [pscustomobject]@{ Path = "$TestDrive/study/a.dcm" } | Get-DicomFile | Should -HaveCount 1
        Get-DicomFile "$TestDrive/study/a.dcm" | Get-DicomFile | Should -HaveCount 1
    }

    It 'skips in a folder what is not DICOM, and says so when asked' {
        $all = Get-DicomFile "$TestDrive/study" -Verbose 4>&1 -ErrorVariable problems
        $problems | Should -BeNullOrEmpty
        "$all" | Should -Match 'notes\.txt: not DICOM, skipped'
        "$all" | Should -Match 'DICOMDIR: a DICOMDIR lists other files'
        (Get-DicomFile "$TestDrive/study/DICOMDIR").SOPClass | Should -Be 'Media Storage Directory Storage'
    }

    It 'reports what was named and cannot be read, and goes on' {
        $found = Get-DicomFile "$TestDrive/study/notes.txt", "$TestDrive/none.dcm", "$TestDrive/empty", "$TestDrive/study/a.dcm" -ErrorVariable problems -ErrorAction SilentlyContinue
        $found | Should -HaveCount 1
        $problems.FullyQualifiedErrorId | Should -Be @(
            'DicomFileNotFound,DicomPS.Commands.GetDicomFileCommand'
            'DicomFileUnreadable,DicomPS.Commands.GetDicomFileCommand'
            'DicomFolderWithoutDicom,DicomPS.Commands.GetDicomFileCommand')
        $problems[1].TargetObject | Should -Be "$TestDrive/study/notes.txt"
    }

    It 'adds attributes as properties, the same on every object' {
        $all = Get-DicomFile "$TestDrive/study" -Recurse -Property SliceThickness, '0008,0070', BeamSequence.BeamName, AcquisitionDate, PatientName
        foreach ($one in $all) {
            $one.PSObject.Properties.Name | Where-Object { $_ -in 'SliceThickness', 'Manufacturer', 'BeamSequence.BeamName', 'AcquisitionDate' } |
                Should -Be 'SliceThickness', 'Manufacturer', 'BeamSequence.BeamName', 'AcquisitionDate'
        }

        $ct = $all | Where-Object Modality -EQ CT
        $ct.SliceThickness | Should -Be 5
        $ct.AcquisitionDate | Should -Be ([datetime] '1997-04-30')
        $ct.'BeamSequence.BeamName' | Should -BeNullOrEmpty
        ($all | Where-Object Modality -EQ RTPLAN).'BeamSequence.BeamName' | Should -Be 'Field 1'
        { Get-DicomFile "$TestDrive/study/a.dcm" -Property PatientNam } | Should -Throw '*PatientNam*no keyword*'
        (TabExpansion2 'Get-DicomFile . -Property SliceTh').CompletionMatches.CompletionText | Should -Contain 'SliceThickness'
    }

    It 'reads what comes after the pixels when it is asked for' {
        (Get-DicomFile "$TestDrive/study/a.dcm" -Property PixelData).PixelData | Should -Be '<32768 bytes>'
    }

    It 'shows a file that is cut short with a warning' {
        [IO.File]::WriteAllBytes("$TestDrive/cut.dcm", [IO.File]::ReadAllBytes("$TestDrive/study/a.dcm")[0..1499])
        $file = Get-DicomFile "$TestDrive/cut.dcm" -WarningVariable warned -WarningAction SilentlyContinue
        $file.Modality | Should -Be 'CT'
        "$warned" | Should -Match 'cut short'
    }

    It 'feeds Send-DicomFile' {
        $server = Start-DicomStorageScp -Path "$TestDrive/in" -Port 0
        try {
            $sent = Get-DicomFile "$TestDrive/study" -Recurse | Send-DicomFile -HostName 127.0.0.1 -Port $server.Port
            $sent | Should -HaveCount 3
            $sent.Success | Should -Not -Contain $false
        }
        finally { Stop-DicomStorageScp -InputObject $server -Force }
    }

    It 'stops with the pipeline, fits 100 columns and exports' {
        Get-DicomFile $samples -Recurse | Select-Object -First 1 | Should -HaveCount 1
        Measure-Width (Get-DicomFile "$TestDrive/study" -Recurse) | Should -BeLessOrEqual 100
        Get-DicomFile "$TestDrive/study" -Recurse | Export-Csv "$TestDrive/out.csv"
        (Import-Csv "$TestDrive/out.csv").SOPClass | Should -Contain 'RT Plan Storage'
    }
}
