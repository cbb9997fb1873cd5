Describe 'Get-DicomProcedureStep, and an archive that keeps steps' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $folder = Join-Path $TestDrive archive
        $items = 1..3 | ForEach-Object { [pscustomobject] @{ PatientName = "P^$_"; PatientID = "ID$_"; AccessionNumber = "A$_"; Modality = 'CT'; StationAETitle = 'CT1'; ScheduledDate = '2026-01-02'; ProcedureStepID = "S$_"; StudyInstanceUID = "1.2.$_" } }
        function Start-Broker { $items | Start-DicomArchive $folder -Port 0 -AETitle RIS -StudyQuietPeriod 600 }
        function Get-Offered { (Find-DicomWorklist $node).PatientID -join ' ' }
        $archive = Start-Broker
        $node = "RIS@127.0.0.1:$($archive.Port)"
    }

    AfterAll { if (Get-DicomArchive -ErrorAction Ignore) { Stop-DicomArchive -All -Force } }

    It 'an item that is performed or done is offered no more, and one that was given up is again' {
        Get-Offered | Should -Be 'ID1 ID2 ID3'
        $one, $two = Find-DicomWorklist $node | Where-Object PatientID -In ID1, ID2 | New-DicomProcedureStep
        Get-Offered | Should -Be 'ID3'
        $asked = Find-DicomWorklist $node -Key @{ ScheduledProcedureStepSequence = @{ ScheduledProcedureStepStatus = '*' } }
        ($asked | Where-Object PatientID -EQ ID1).ProcedureStepStatus | Should -Be 'STARTED'
        $null = $one | Set-DicomProcedureStep -Discontinued -Reason 110514
        Get-Offered | Should -Be 'ID1 ID3'
        $null = $two | Set-DicomProcedureStep -Completed -PerformedSeries @{ SeriesInstanceUID = '1.2.2.1' }
        Get-Offered | Should -Be 'ID1 ID3'
        (Find-DicomWorklist $node -Key @{ ScheduledProcedureStepSequence = @{ ScheduledProcedureStepStatus = 'COMPLETED' } }).PatientID | Should -Be 'ID2'
    }

    It 'gives a step back as it is' {
        $step = Find-DicomWorklist $node -PatientID ID3 | New-DicomProcedureStep
        $null = $step | Set-DicomProcedureStep -Attribute @{ PerformedProcedureStepDescription = 'Head, twice' }
        $got = $step | Get-DicomProcedureStep
        $got.Success, $got.PerformedProcedureStepStatus, $got.PatientID, $got.ProcedureStepID, $got.Modality | Should -Be $true, 'IN PROGRESS', 'ID3', 'S3', 'CT'
        $got.Dataset.GetString('00400254') | Should -Be 'Head, twice'
        $failure = $null
        $unknown = Get-DicomProcedureStep $node 1.2.3.4.5 -ErrorAction SilentlyContinue -ErrorVariable failure
        $unknown.Success, $unknown.StatusCode | Should -Be $false, 0x0112
        $failure[0].FullyQualifiedErrorId | Should -Match '^DicomStatusFailure'
    }

    It 'keeps them over a stop' {
        $step = New-DicomProcedureStep $node -StudyInstanceUID 1.2.1 -Modality CT -ProcedureStepID S1 -PatientName 'Müller^Jörg'
        Stop-DicomArchive $archive -Force
        $archive = Start-Broker
        $node = "RIS@127.0.0.1:$($archive.Port)"
        (Get-DicomProcedureStep $node $step.SOPInstanceUID).PatientName | Should -Be 'Müller^Jörg'
        Find-DicomWorklist $node | Should -BeNullOrEmpty
        $archive.Recovered, $archive.Instances | Should -Be 0, 0
        $null = Set-DicomProcedureStep $node -SOPInstanceUID $step.SOPInstanceUID -Discontinued
        Get-Offered | Should -Be 'ID1'
    }

    It 'COMPLETED ends the wait for a study as soon as all that it names is here' -Skip:(-not (Test-Path '/usr/lib/python3/dist-packages/pydicom/data/test_files/CT_small.dcm')) {
        $archive = Get-DicomArchive
        $node = "RIS@127.0.0.1:$($archive.Port)"
        $image = Get-DicomFile "$samples/CT_small.dcm"
        $step = New-DicomProcedureStep $node -StudyInstanceUID $image.StudyInstanceUID -Modality CT
        $null = $step | Set-DicomProcedureStep -Completed -PerformedSeries $image
        $null = Send-DicomFile "$samples/CT_small.dcm" $node
        # The server's quiet period is ten minutes.
        (Wait-DicomStudy $archive -Count 1 -Timeout 60).StudyInstanceUID | Should -Be $image.StudyInstanceUID
    }
}
