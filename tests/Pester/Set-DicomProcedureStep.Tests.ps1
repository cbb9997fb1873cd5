Describe 'Set-DicomProcedureStep' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $seen = [Collections.Concurrent.ConcurrentQueue[object]]::new()
        $ris = Start-DicomScp -Port 0 -AETitle RIS -OnSet { ($using:seen).Enqueue($_) }
        $node = "RIS@127.0.0.1:$($ris.Port)"
        $ct = '1.2.840.10008.5.1.4.1.1.2'
        $made = @(
            [pscustomobject] @{ StudyInstanceUID = '1.2.3'; SeriesInstanceUID = '1.2.3.1'; SOPInstanceUID = '1.2.3.1.1'; SOPClassUID = $ct; ProtocolName = 'HEAD' }
            [pscustomobject] @{ StudyInstanceUID = '1.2.3'; SeriesInstanceUID = '1.2.3.1'; SOPInstanceUID = '1.2.3.1.2'; SOPClassUID = $ct }
            [pscustomobject] @{ StudyInstanceUID = '1.2.3'; SeriesInstanceUID = '1.2.3.2'; SOPInstanceUID = '1.2.3.2.1'; SOPClassUID = '1.2.840.10008.5.1.4.1.1.88.67' }
        )
        function New-Step { New-DicomProcedureStep $node -StudyInstanceUID 1.2.3 -Modality CT -PatientID 1 }
    }

    BeforeEach { while ($seen.Count) { $null = $seen.TryDequeue([ref] $null) } }
    AfterAll { if (Get-DicomScp) { Stop-DicomScp -All -Force } }

    It 'completes a step with what it made' {
        $step = New-Step
        $ended = $step | Set-DicomProcedureStep -Completed -PerformedSeries $made -OperatorName 'Smith^A' -RetrieveAETitle PACS -EndDate 2026-01-02T09:00
        $ended.Success, $ended.PerformedProcedureStepStatus, $ended.Series, $ended.Instances, $ended.PatientID | Should -Be $true, 'COMPLETED', 2, 3, '1'
        $asked = @($seen)[0]
        $asked.Operation, $asked.SOPInstanceUID, $asked.PerformedProcedureStepStatus, $asked.StudyInstanceUID | Should -Be 'N-SET', $step.SOPInstanceUID, 'COMPLETED', '1.2.3'
        $keys = $asked.Keys
        $keys.PerformedProcedureStepEndDate, $keys.PerformedProcedureStepEndTime | Should -Be '20260102', '090000'
        $first, $second = $keys.PerformedSeriesSequence
        $first.SeriesInstanceUID, $first.ProtocolName, $first.OperatorsName, $first.RetrieveAETitle | Should -Be '1.2.3.1', 'HEAD', 'Smith^A', 'PACS'
        $first.ReferencedImageSequence.ReferencedSOPInstanceUID | Should -Be '1.2.3.1.1', '1.2.3.1.2'
        $second.ReferencedImageSequence | Should -HaveCount 0
        $second.ReferencedNonImageCompositeSOPInstanceSequence.ReferencedSOPInstanceUID | Should -Be '1.2.3.2.1'
        $second.ProtocolName | Should -Be 'UNKNOWN'
    }

    It 'is refused after the step has ended, and the error says so' {
        $step = New-Step
        $null = $step | Set-DicomProcedureStep -Completed -PerformedSeries $made
        $failure = $null
        $again = $step | Set-DicomProcedureStep -Discontinued -ErrorAction SilentlyContinue -ErrorVariable failure
        $again.Success, $again.StatusCode, $again.PerformedProcedureStepStatus | Should -Be $false, 0x0110, $null
        $failure[0].FullyQualifiedErrorId | Should -Match '^DicomProcedureStepFinal'
        "$($failure[0])" | Should -BeLike "*$($step.SOPInstanceUID)*changes no more*"
        $seen.Count | Should -Be 1
    }

    It 'discontinues a step with a reason, with a series though nothing was made' {
        $null = New-Step | Set-DicomProcedureStep -Discontinued -Reason 'Incorrect worklist entry selected'
        $keys = @($seen)[0].Keys
        $keys.PerformedProcedureStepStatus | Should -Be 'DISCONTINUED'
        $code = $keys.PerformedProcedureStepDiscontinuationReasonCodeSequence[0]
        $code.CodeValue, $code.CodingSchemeDesignator | Should -Be '110514', 'DCM'
        $keys.PerformedSeriesSequence | Should -HaveCount 1
    }

    It 'changes a step that goes on, and the block sees it whole' {
        $step = New-Step | Set-DicomProcedureStep -Attribute @{ PerformedProcedureStepDescription = 'Head, twice' }
        $step.Success, $step.PerformedProcedureStepStatus | Should -Be $true, 'IN PROGRESS'
        $asked = @($seen)[0]
        $asked.Keys.Contains('Modality') | Should -BeFalse
        $asked.Modality, $asked.PatientID, $asked.Step.GetString('00400254') | Should -Be 'CT', '1', 'Head, twice'
    }

    It 'refuses <What> before anything is sent' -ForEach @(
        @{ What = 'a completed step without a series'; With = @{ Completed = $true }; Id = 'DicomProcedureStepIncomplete' }
        @{ What = 'both ends at once'; With = @{ Completed = $true; Discontinued = $true }; Id = 'DicomArgumentInvalid' }
        @{ What = 'a reason that is none'; With = @{ Discontinued = $true; Reason = 'bored' }; Id = 'DicomArgumentInvalid' }
        @{ What = 'nothing to tell'; With = @{ }; Id = 'DicomArgumentInvalid' }
        @{ What = 'a row without a series'; With = @{ Completed = $true; PerformedSeries = [pscustomobject] @{ SOPInstanceUID = '1.2' } }; Id = 'DicomProcedureStepIncomplete' }
        @{ What = 'an instance without its class'; With = @{ Completed = $true; PerformedSeries = [pscustomobject] @{ SeriesInstanceUID = '1.2.3.1'; SOPInstanceUID = '1.2.3.1.1' } }; Id = 'DicomProcedureStepIncomplete' }
        @{ What = 'an end by -Attribute that lacks what an end has'; With = @{ Attribute = @{ PerformedProcedureStepStatus = 'COMPLETED' } }; Id = 'DicomProcedureStepIncomplete' }
        @{ What = 'what another study has'; With = @{ Completed = $true; PerformedSeries = [pscustomobject] @{ StudyInstanceUID = '9.9'; SeriesInstanceUID = '9.9.1' } }; Id = 'DicomProcedureStepIncomplete' }
    ) {
        $step = New-Step
        $failure = $null
        try { $step | Set-DicomProcedureStep @With -ErrorAction SilentlyContinue -ErrorVariable failure | Should -BeNullOrEmpty } catch { $failure = @($_) }
        $failure[0].FullyQualifiedErrorId | Should -Match "^$Id"
        $seen.Count | Should -Be 0
    }

    It 'hands a block the change of a step that the server does not know' {
        $null = Set-DicomProcedureStep $node -SOPInstanceUID 1.2.3.99 -Discontinued
        $asked = @($seen)[0]
        $asked.SOPInstanceUID, $asked.Step, $asked.PerformedProcedureStepStatus | Should -Be '1.2.3.99', $null, 'DISCONTINUED'
    }

    It 'completes the reasons' {
        $line = 'Set-DicomProcedureStep -Reason pregnant'
        (TabExpansion2 'Set-DicomProcedureStep -Reason Patient' 38).CompletionMatches.ListItemText | Should -Contain 'Patient pregnant'
    }
}
