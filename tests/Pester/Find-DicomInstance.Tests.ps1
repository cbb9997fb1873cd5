BeforeDiscovery {
    $hasDcmtk = [bool] (Get-Command dcmqrscp -ErrorAction Ignore)
}

Describe 'Find-DicomInstance' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
    }

    It 'sends the keys of its parameters, a SOP class by keyword included' {
        $server = Start-FindServer 1
        try {
            $null = Find-DicomInstance "OURS@127.0.0.1:$($server.Port)" -StudyInstanceUID 1.2 -SeriesInstanceUID 1.2.3 -SOPClass CTImageStorage -InstanceNumber 4
            foreach ($key in 'QueryRetrieveLevel=IMAGE', 'StudyInstanceUID=1.2;', 'SeriesInstanceUID=1.2.3', 'SOPClassUID=1.2.840.10008.5.1.4.1.1.2', 'InstanceNumber=4') {
                $server.Last | Should -Match ([regex]::Escape($key))
            }
        }
        finally { $server.Stop() }
    }

    Context 'DCMTK' -Skip:(-not $hasDcmtk) {
        BeforeAll {
            $archive = Start-Archive
            Initialize-Archive $archive
            $series = Find-DicomStudy $archive.Node -AccessionNumber A1 | Find-DicomSeries -Modality CT
        }

        AfterAll { Stop-Peer $archive.Process }

        It 'finds the instances of series' {
            $instances = $series | Find-DicomInstance
            $instances | Should -BeOfType DicomPS.Instance
            $instances.InstanceNumber | Sort-Object | Should -Be 1, 2
            $instances[0].SeriesInstanceUID | Should -Be '1.2.826.0.1.3680043.10.999.1.1'
            $instances[0].StudyInstanceUID | Should -Be '1.2.826.0.1.3680043.10.999.1'
            $instances[0].PatientID | Should -Be 'P1'
        }

        It 'finds one by its number, and several by their UIDs' {
            ($series | Find-DicomInstance -InstanceNumber 2).SOPInstanceUID | Should -Be '1.2.826.0.1.3680043.10.999.1.1.2'
            $series | Find-DicomInstance | Find-DicomInstance | Should -HaveCount 2
        }

        It 'fits 100 columns and gives flat CSV' {
            $instances = $series | Find-DicomInstance
            Measure-Width $instances | Should -BeLessOrEqual 100
            "$($instances | ConvertTo-Csv)" | Should -Not -Match 'DicomPS\.|System\.'
        }
    }
}
