Describe 'New-DicomProcedureStep' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $seen = [Collections.Concurrent.ConcurrentQueue[object]]::new()
        $ris = Start-DicomScp -Port 0 -AETitle RIS -OnCreate { ($using:seen).Enqueue($_) }
        $node = "RIS@127.0.0.1:$($ris.Port)"
    }

    BeforeEach { while ($seen.Count) { $null = $seen.TryDequeue([ref] $null) } }
    AfterAll { if (Get-DicomScp) { Stop-DicomScp -All -Force } }

    It 'tells the RIS that a step has begun, with what each must have' {
        $step = New-DicomProcedureStep $node -StudyInstanceUID 1.2.3 -Modality CT -PatientName 'Müller^Jörg' -PatientID 4711 -PatientBirthDate 1970-02-01 -PatientSex M -ProcedureStepID SPS1 -AccessionNumber A1 -StartDate 2026-01-02T08:15 -CallingAETitle CT1
        $step.Success, $step.Status, $step.StatusCode, $step.PerformedProcedureStepStatus | Should -Be $true, 'Success', 0, 'IN PROGRESS'
        $step.PatientName, $step.PerformedStationAETitle, $step.ProcedureStepID, $step.Instances | Should -Be 'Müller^Jörg', 'CT1', 'SPS1', 0
        $seen | Should -HaveCount 1
        $asked = @($seen)[0]
        $asked.Operation, $asked.CallingAETitle, $asked.SOPInstanceUID | Should -Be 'N-CREATE', 'CT1', $step.SOPInstanceUID
        $keys = $asked.Keys
        $keys.PatientName, $keys.PatientBirthDate, $keys.PatientSex, $keys.PerformedProcedureStepStatus | Should -Be 'Müller^Jörg', '19700201', 'M', 'IN PROGRESS'
        $keys.PerformedProcedureStepStartDate, $keys.PerformedProcedureStepStartTime, $keys.Modality | Should -Be '20260102', '081500', 'CT'
        $keys.PerformedProcedureStepID.Length | Should -BeLessOrEqual 16
        $keys.ScheduledStepAttributesSequence[0].StudyInstanceUID, $keys.ScheduledStepAttributesSequence[0].AccessionNumber | Should -Be '1.2.3', 'A1'
        # Type 2: there without a value, since what is not there now cannot be set later.
        foreach ($name in 'PerformedSeriesSequence', 'PerformedProcedureStepEndDate', 'ReferencedPatientSequence', 'StudyID') { $keys.Contains($name) | Should -BeTrue -Because $name }
        $ris.Services, $ris.Handlers | Should -Be 'Verification, ProcedureStep', 'OnCreate'
    }

    It 'takes what Find-DicomWorklist gives, its codes among it, and goes to the node that it came from' {
        $row = @{ PatientName = 'Doe^Jane'; PatientID = '7'; AccessionNumber = 'A7'; Modality = 'MR'; ScheduledStationAETitle = 'MR1'; ScheduledProcedureStepID = 'S7'; StudyInstanceUID = '1.2.7'
            ScheduledProcedureStepStartDate = '20260102'; RequestedProcedureDescription = 'Head'; ScheduledProcedureStepDescription = 'Head plain'
            RequestedProcedureCodeSequence = @{ CodeValue = 'X1'; CodingSchemeDesignator = '99X'; CodeMeaning = 'Head' } }
        $archive = $row | Start-DicomArchive (Join-Path $TestDrive worklist) -Port 0 -AETitle BROKER
        try {
            $step = Find-DicomWorklist "BROKER@127.0.0.1:$($archive.Port)" -Property RequestedProcedureCodeSequence | New-DicomProcedureStep
            $step.Success, $step.Node.AETitle, $step.PatientID, $step.AccessionNumber, $step.ProcedureStepID | Should -Be $true, 'BROKER', '7', 'A7', 'S7'
            $step.PerformedStationAETitle, $step.Modality | Should -Be 'MR1', 'MR'
            $scheduled = @($step.Dataset | Where-Object Tag -EQ '(0040,0270)')[0].Items[0]
            "$(@($scheduled | Where-Object Tag -EQ '(0032,1064)')[0].Items[0].GetString('00080100'))" | Should -Be 'X1'
        }
        finally { Stop-DicomArchive $archive -Force }
    }

    It 'tells what the peer answers, in the result and as an error' {
        $busy = Start-DicomScp -Port 0 -AETitle RIS -OnCreate { @{ Status = 0x0213; ErrorComment = 'not today' } }
        $failure = $null
        $step = New-DicomProcedureStep "RIS@127.0.0.1:$($busy.Port)" -StudyInstanceUID 1.2.3 -Modality CT -ErrorAction SilentlyContinue -ErrorVariable failure
        $step.Success, $step.StatusCode, $step.ErrorComment, $step.PerformedProcedureStepStatus | Should -Be $false, 0x0213, 'not today', $null
        $failure[0].FullyQualifiedErrorId | Should -Match '^DicomStatusFailure'
        # What the block refuses is not kept.
        $failure = $null
        $step | Set-DicomProcedureStep -Discontinued -ErrorAction SilentlyContinue -ErrorVariable failure | Select-Object -ExpandProperty StatusCode | Should -Be 0x0112
    }

    It 'gives each row its result where the peer takes no steps, and says so once' {
        $other = Start-DicomScp -Port 0 -AETitle RIS -OnFind { }
        $failure = $null
        $rows = 1..3 | ForEach-Object { [pscustomobject] @{ StudyInstanceUID = "1.2.$_"; Modality = 'CT'; PatientBirthDate = '' } }
        $steps = $rows | New-DicomProcedureStep -Node "RIS@127.0.0.1:$($other.Port)" -ErrorAction SilentlyContinue -ErrorVariable failure
        $steps.Status | Should -Be 'NotSent', 'NotSent', 'NotSent'
        @($failure) | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -Match '^DicomPresentationContextRejected'
    }

    It 'refuses what is no UID, and sends nothing with -WhatIf' {
        $failure = $null
        New-DicomProcedureStep $node -StudyInstanceUID none -Modality CT -ErrorAction SilentlyContinue -ErrorVariable failure | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -Match '^DicomUidInvalid'
        New-DicomProcedureStep $node -StudyInstanceUID 1.2.3 -Modality CT -WhatIf | Should -BeNullOrEmpty
        $seen.Count | Should -Be 0
    }

    It 'is refused a step that is there already' {
        $step = New-DicomProcedureStep $node -StudyInstanceUID 1.2.3 -Modality CT
        (New-DicomProcedureStep $node -StudyInstanceUID 1.2.3 -Modality CT -SOPInstanceUID $step.SOPInstanceUID -ErrorAction SilentlyContinue).StatusCode | Should -Be 0x0111
        $seen.Count | Should -Be 1
    }
}
