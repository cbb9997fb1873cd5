BeforeDiscovery {
    $hasDcmtk = [bool] (Get-Command wlmscpfs, dump2dcm -ErrorAction Ignore)
}

Describe 'Find-DicomWorklist' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
    }

    It 'says that an archive is no worklist' {
        $server = Start-FindServer 1
        try {
            $null = Find-DicomWorklist "OURS@127.0.0.1:$($server.Port)" -ErrorVariable problem -ErrorAction SilentlyContinue
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomPresentationContextRejected,*'
            $problem[0].ErrorDetails.RecommendedAction | Should -Match 'RIS'
        }
        finally { $server.Stop() }
    }

    Context 'DCMTK' -Skip:(-not $hasDcmtk) {
        BeforeAll { $worklist = Start-Worklist }

        AfterAll { Stop-Peer $worklist.Process }

        It 'gives scheduled steps as flat objects' {
            $items = Find-DicomWorklist $worklist.Node
            $items | Should -HaveCount 2
            $item = $items | Where-Object ProcedureStepID -EQ S1
            $item | Should -BeOfType DicomPS.WorklistItem
            $item.ScheduledDate | Should -Be ([datetime] '2024-01-02 08:15')
            $item.Modality, $item.StationAETitle, $item.PerformingPhysician, $item.PatientName | Should -Be 'CT', 'SCANNER1', 'GREY^MEG', 'DOE^JOHN'
            $item.RequestedProcedureDescription, $item.AccessionNumber | Should -Be 'REQUESTED S1', 'A-S1'
        }

        It 'finds steps by <Key>' -ForEach @(
            @{ Key = 'modality'; Arguments = @{ Modality = 'MR' }; Step = 'S2' }
            @{ Key = 'several modalities'; Arguments = @{ Modality = 'CT', 'MR' }; Step = 'S1', 'S2' }
            @{ Key = 'station'; Arguments = @{ StationAETitle = 'SCANNER1' }; Step = 'S1' }
            @{ Key = 'day'; Arguments = @{ ScheduledDate = [datetime] '2024-01-03' }; Step = 'S2' }
            @{ Key = 'days'; Arguments = @{ ScheduledDate = '20240101-20240103' }; Step = 'S1', 'S2' }
            @{ Key = 'performing physician'; Arguments = @{ PerformingPhysician = 'GREY*' }; Step = 'S1' }
            @{ Key = 'patient'; Arguments = @{ PatientName = 'ROE*' }; Step = 'S2' }
        ) {
            (Find-DicomWorklist $worklist.Node @Arguments).ProcedureStepID | Sort-Object | Should -Be $Step
        }

        It 'takes further properties of the step and of what is around it' {
            $items = Find-DicomWorklist $worklist.Node -Property ScheduledProcedureStepID, PatientWeight
            $items.ScheduledProcedureStepID | Sort-Object | Should -Be S1, S2
            $items[0].PSObject.Properties.Name | Should -Contain 'PatientWeight'
        }

        It 'fits 100 columns and gives flat CSV' {
            $items = Find-DicomWorklist $worklist.Node
            Measure-Width $items | Should -BeLessOrEqual 100
            "$($items | ConvertTo-Csv)" | Should -Not -Match 'DicomPS\.|System\.'
        }
    }
}
