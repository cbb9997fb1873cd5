Describe 'Get-DicomArchive' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        . "$PSScriptRoot/Support.Archive.ps1"
    }

    AfterEach { if (Get-DicomArchive) { Stop-DicomArchive -All -Force } }

    It 'gives nothing when no archive runs' {
        Get-DicomArchive | Should -BeNullOrEmpty
    }

    It 'gives all archives of the process, in the order of their start' {
        $first = Start-DicomArchive "$TestDrive/a" -Port 0
        $second = Start-DicomArchive "$TestDrive/b" -Port 0
        (Get-DicomArchive).Id | Should -Be @($first.Id, $second.Id)
        Get-DicomArchive $second.Id | Should -Be $second
        $first.Id | Get-DicomArchive | Should -Be $first
    }

    It 'writes an error for an id that is not there, and gives the others' {
        $archive = Start-DicomArchive "$TestDrive/c" -Port 0
        $found = Get-DicomArchive $archive.Id, 99999 -ErrorVariable problem -ErrorAction SilentlyContinue
        $found | Should -Be $archive
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomServerNotFound,*'
    }

    It 'completes ids' {
        $archive = Start-DicomArchive "$TestDrive/d" -Port 0
        $text = 'Get-DicomArchive -Id '
        (TabExpansion2 $text $text.Length).CompletionMatches.CompletionText | Should -Contain "$($archive.Id)"
    }

    It 'lists with -Conflict what came with a UID of another patient, who sent it, and what it met' {
        $archive = Start-DicomArchive "$TestDrive/conflicts" -Port 0 -AETitle BOX
        $node = "BOX@127.0.0.1:$($archive.Port)"
        $right = New-Instance "$TestDrive/right" 1.2.840.77 1.2.840.77.1.1 CT RIGHT
        $wrong = New-Instance "$TestDrive/wrong" 1.2.840.77 1.2.840.77.1.1 CT WRONG
        (Send-DicomFile $right $node -CallingAETitle CT1).Success | Should -BeTrue
        $archive.Conflicts | Should -Be 0
        (Send-DicomFile $wrong, $wrong $node -CallingAETitle EVIL).Success | Should -Be @($true, $true)
        $archive.Conflicts | Should -Be 1
        $archive.LastConflict | Should -BeLike 'EVIL brought 1.2.840.77.1.1 of patient WRONG*patient RIGHT*'
        $conflict = Get-DicomArchive $archive.Id -Conflict
        $conflict | Should -HaveCount 1
        $conflict.Level, $conflict.CallingAETitle, $conflict.PatientID | Should -Be 'INSTANCE', 'EVIL', 'WRONG'
        $conflict.OtherCallingAETitle, $conflict.OtherPatientID, $conflict.SOPInstanceUID | Should -Be 'CT1', 'RIGHT', '1.2.840.77.1.1'
        $conflict.Time | Should -BeGreaterThan (Get-Date).AddMinutes(-2)
        Test-Path $conflict.Path | Should -BeTrue
        Measure-Width $conflict | Should -BeLessOrEqual 100
        # Both are there, and each is answered as its own.
        (Find-DicomStudy -StudyInstanceUID 1.2.840.77 -Node $node | Sort-Object PatientID).PatientID | Should -Be @('RIGHT', 'WRONG')
        (Receive-DicomStudy -PatientID RIGHT -StudyInstanceUID 1.2.840.77 -Node $node -Path "$TestDrive/got").Received | Should -Be 1
        (Get-ChildItem "$TestDrive/got" -Recurse -File | Get-DicomFile).PatientID | Should -Be 'RIGHT'
        # They are listed by the next start as well.
        Stop-DicomArchive $archive
        (Start-DicomArchive "$TestDrive/conflicts" -Port 0).Conflicts | Should -Be 1
    }
}
