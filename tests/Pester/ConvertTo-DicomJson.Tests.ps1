BeforeDiscovery {
    $hasSamples = Test-Path '/usr/lib/python3/dist-packages/pydicom/data/test_files/CT_small.dcm'
}

Describe 'ConvertTo-DicomJson' -Skip:(-not $hasSamples) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $ct = "$samples/CT_small.dcm"
    }

    It 'writes one text for each file' {
        $all = ConvertTo-DicomJson $ct, "$samples/MR_small.dcm"
        $all | Should -HaveCount 2
        $model = $all[0] | ConvertFrom-Json
        $model.'00100010'.vr | Should -Be 'PN'
        $model.'00100010'.Value[0].Alphabetic | Should -Be 'CompressedSamples^CT1'
        $model.'00280010'.Value[0] | Should -Be 128
        $model.'00080050'.PSObject.Properties.Name | Should -Be 'vr'
    }

    It 'says where pixels are instead of writing them, unless told' {
        $uri = (ConvertTo-DicomJson $ct | ConvertFrom-Json).'7FE00010'.BulkDataURI
        $uri | Should -Match '^file:///.*/CT_small\.dcm\?offset=\d+&length=32768$'
        [Convert]::FromBase64String((ConvertTo-DicomJson $ct -IncludeBulk | ConvertFrom-Json).'7FE00010'.InlineBinary).Length | Should -Be 32768
        (ConvertTo-DicomJson $ct -InlineLimit 0 | ConvertFrom-Json).'FFFCFFFC'.BulkDataURI | Should -Match 'offset='
        (ConvertTo-DicomJson "$samples/JPEG2000.dcm" -InlineLimit 0 | ConvertFrom-Json).'7FE00010'.BulkDataURI | Should -Match 'offset=\d+&length=250$'
    }

    It 'writes Unicode, whatever the character set is' {
        $charsets = '/usr/lib/python3/dist-packages/pydicom/data/charset_files'
        $model = ConvertTo-DicomJson "$charsets/chrH31.dcm" | ConvertFrom-Json
        $model.'00080005'.Value | Should -Be 'ISO_IR 192'
        $model.'00100010'.Value[0].Ideographic | Should -Be '山田^太郎'
        $model.'00100010'.Value[0].Phonetic | Should -Be 'やまだ^たろう'
    }

    It 'writes an array, with and without blanks' {
        $array = ConvertTo-DicomJson $ct, "$samples/MR_small.dcm" -AsArray -Compress
        $array | Should -HaveCount 1
        $array | Should -Not -Match "`n"
        ($array | ConvertFrom-Json).'00100020'.Value | Should -Be '1CT1', '4MR1'
        ConvertTo-DicomJson $ct -AsArray | ConvertFrom-Json | Should -HaveCount 1
    }

    It 'takes files, headers, and datasets of results' {
        (Get-Item $ct | ConvertTo-DicomJson | ConvertFrom-Json).'00100020'.Value | Should -Be '1CT1'
        (Get-DicomFile $ct | ConvertTo-DicomJson | ConvertFrom-Json).'00100020'.Value | Should -Be '1CT1'
        '{"00100020":{"vr":"LO","Value":["7"]}}' | ConvertFrom-DicomJson | ConvertTo-DicomJson -Compress | Should -Be '{"00100020":{"vr":"LO","Value":["7"]}}'
    }

    It 'reports what cannot be read, and goes on' {
        $json = ConvertTo-DicomJson "$samples/README.txt", $ct -ErrorVariable problems -ErrorAction SilentlyContinue
        $json | Should -HaveCount 1
        $problems.FullyQualifiedErrorId | Should -Be 'DicomFileUnreadable,DicomPS.Commands.ConvertToDicomJsonCommand'
    }
}
