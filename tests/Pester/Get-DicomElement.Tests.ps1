BeforeDiscovery {
    $hasSamples = Test-Path '/usr/lib/python3/dist-packages/pydicom/data/test_files/CT_small.dcm'
}

Describe 'Get-DicomElement' -Skip:(-not $hasSamples) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $plan = "$samples/rtplan.dcm"
    }

    It 'lists elements in order, meta information first, sequences with what is in them' {
        $all = Get-DicomElement $plan
        $all | Should -BeOfType DicomPS.Dictionary.ElementRow
        "$($all[0].Tag)" | Should -Be '(0002,0000)'
        $beam = $all | Where-Object ElementPath -EQ '(300A,00B0)[0].(300A,00C2)'
        $beam.Name | Should -Be 'Beam Name'
        $beam.Keyword | Should -Be 'BeamName'
        $beam.VR | Should -Be 'LO'
        $beam.Value | Should -Be 'Field 1'
        $beam.Depth | Should -Be 1
        $beam.Path | Should -Be $plan
    }

    It 'finds by name and by tag, with wildcards, at any depth' {
        (Get-DicomElement $plan BeamName).Value | Should -Be 'Field 1'
        (Get-DicomElement $plan -Name "Patient's *").Keyword | Should -Be 'PatientName', 'PatientBirthDate', 'PatientSex'
        (Get-DicomElement $plan -Tag '(300A,00C2)').Value | Should -Be 'Field 1'
        (Get-DicomElement $plan -Tag '0010,*' | ForEach-Object { $_.Tag.Group } | Select-Object -Unique) | Should -Be 16
        (Get-DicomElement $plan | Where-Object Tag -EQ '0010,0020').Value | Should -Be 'id00001'
    }

    It 'names the owner of private elements and counts pixels without reading them' {
        $ct = Get-DicomElement "$samples/CT_small.dcm"
        ($ct | Where-Object Tag -EQ '0009,1001').PrivateCreator | Should -Be 'GEMS_IDEN_01'
        ($ct | Where-Object Keyword -EQ PixelData).Value | Should -Be '<32768 bytes>'
    }

    It 'takes files, folders, and objects with a dataset' {
        Get-ChildItem $plan | Get-DicomElement -Name PatientID | Should -HaveCount 1
        Get-DicomFile $plan | Get-DicomElement -Name PatientID | Should -HaveCount 1
        $json = '{"00100020":{"vr":"LO","Value":["7"]}}' | ConvertFrom-DicomJson
        ($json | Get-DicomElement).Value | Should -Be '7'
        (Get-DicomElement -Dataset $json.Dataset).Value | Should -Be '7'
    }

    It 'reads every file that can be read, and names those that cannot' {
        $count = (Get-DicomElement $samples -Recurse -ErrorVariable problems -ErrorAction SilentlyContinue -WarningAction SilentlyContinue | Measure-Object).Count
        $count | Should -BeGreaterThan 8000
        $problems | Where-Object { $_.FullyQualifiedErrorId -notlike 'DicomFileUnreadable,*' } | Should -BeNullOrEmpty
    }

    It 'stops with the pipeline, fits 100 columns and exports' {
        Get-DicomElement $plan | Select-Object -First 3 | Should -HaveCount 3
        Measure-Width (Get-DicomElement $plan) | Should -BeLessOrEqual 100
        (Get-DicomElement $plan | Out-String -Width 100) | Should -Match '(?m)^- \(300A,0071\)' -Because 'a dash marks an item'
        Get-DicomElement $plan | ConvertTo-Csv | ConvertFrom-Csv | Where-Object Keyword -EQ BeamName | ForEach-Object Value | Should -Be 'Field 1'
    }
}
