BeforeDiscovery {
    $hasDcmtk = [bool] (Get-Command dcmqrscp -ErrorAction Ignore)
}

Describe 'Find-DicomPatient' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
    }

    It 'asks the studies of a peer that has no patients at the top, and gives each patient once' {
        $server = Start-FindServer 10
        try {
            $patients = Find-DicomPatient "OURS@127.0.0.1:$($server.Port)" -WarningVariable warning -WarningAction SilentlyContinue
            $patients | Should -HaveCount 10
            $patients[0] | Should -BeOfType DicomPS.Patient
            "$warning" | Should -Match 'Study Root'
            $server.Last | Should -Match 'QueryRetrieveLevel=STUDY'
        }
        finally { $server.Stop() }
    }

    It 'has no dates to cut along' {
        (Get-Command Find-DicomPatient).Parameters.Keys | Should -Not -Contain 'Split'
        (Get-Command Find-DicomPatient).Parameters.Keys | Should -Not -Contain 'After'
    }

    Context 'DCMTK' -Skip:(-not $hasDcmtk) {
        BeforeAll {
            $archive = Start-Archive
            Initialize-Archive $archive
        }

        AfterAll { Stop-Peer $archive.Process }

        It 'finds all, or those with a name or an ID' {
            Find-DicomPatient $archive.Node | Should -HaveCount 3
            (Find-DicomPatient $archive.Node -PatientName 'Ив*').PatientID | Should -Be 'P2'
            (Find-DicomPatient $archive.Node -PatientID P1, P3).PatientID | Should -Be P1, P3
            (Find-DicomPatient $archive.Node -PatientName '山田*').PatientName | Should -Be '山田^太郎'
        }

        It 'takes the patients of studies, each once' {
            Find-DicomStudy $archive.Node | Find-DicomPatient | Should -HaveCount 3
        }

        It 'fits 100 columns and gives flat CSV' {
            $patients = Find-DicomPatient $archive.Node
            Measure-Width $patients | Should -BeLessOrEqual 100
            "$($patients | ConvertTo-Csv)" | Should -Not -Match 'DicomPS\.|System\.'
        }
    }
}
