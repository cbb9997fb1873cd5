BeforeDiscovery {
    $hasSamples = Test-Path '/usr/lib/python3/dist-packages/pydicom/data/test_files/CT_small.dcm'
}

Describe 'ConvertFrom-DicomJson' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
    }

    It 'makes an object with the usual properties and the dataset' {
        $one = '{"00100010":{"vr":"PN","Value":[{"Alphabetic":"A^B"}]},"00080020":{"vr":"DA","Value":["20240131"]},"0020000D":{"vr":"UI","Value":["1.2"]}}' | ConvertFrom-DicomJson
        $one | Should -BeOfType DicomPS.Json.JsonInstance
        $one.PatientName | Should -Be 'A^B'
        $one.StudyDate | Should -Be ([datetime] '2024-01-31')
        $one.StudyInstanceUID | Should -Be '1.2'
        $one.Dataset.Count | Should -Be 3
        "$one" | Should -Be 'A^B, 3 elements'
    }

    It 'puts lines together, and reads arrays and several texts' {
        '[{"00100020":', '{"vr":"LO","Value":["1"]}},', '{"00100020":{"vr":"LO","Value":["2"]}}]' | ConvertFrom-DicomJson | ForEach-Object PatientID | Should -Be '1', '2'
        '{}', '{}' | ConvertFrom-DicomJson | Should -HaveCount 2
        '' | ConvertFrom-DicomJson | Should -BeNullOrEmpty
    }

    It 'leaves references alone and says so' {
        $one = '{"7FE00010":{"vr":"OW","BulkDataURI":"file:///etc/hostname"}}' | ConvertFrom-DicomJson -WarningVariable warned -WarningAction SilentlyContinue
        $one.Dataset.Count | Should -Be 0
        "$warned" | Should -Match '1 element.* left out'
    }

    It 'says where a text is wrong, after what came before it' {
        $before = "{}`n{`"00100020`":{`"vr`":`"LO`" x}}" | ConvertFrom-DicomJson -ErrorVariable problem -ErrorAction SilentlyContinue
        $before | Should -HaveCount 1
        $problem.FullyQualifiedErrorId | Should -Be 'DicomJsonInvalid,DicomPS.Commands.ConvertFromDicomJsonCommand'
        "$problem" | Should -Match 'line 2, character 24, in 00100020'
        $problem[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'brings files back as they were' -Skip:(-not $hasSamples) {
        foreach ($name in 'CT_small.dcm', 'rtplan.dcm', 'JPEG2000.dcm') {
            $there = ConvertTo-DicomJson "$samples/$name" -IncludeBulk -Compress
            $there | ConvertFrom-DicomJson | ConvertTo-DicomJson -IncludeBulk -Compress | Should -BeExactly $there
        }
    }

    It 'fits 100 columns and stops with the pipeline' -Skip:(-not $hasSamples) {
        $all = ConvertTo-DicomJson "$samples/CT_small.dcm", "$samples/rtplan.dcm" -IncludeBulk | ConvertFrom-DicomJson
        Measure-Width $all | Should -BeLessOrEqual 100
        '{}{}{}' | ConvertFrom-DicomJson | Select-Object -First 1 | Should -HaveCount 1
    }
}
