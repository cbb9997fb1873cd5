Describe 'Stop-DicomArchive' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        . "$PSScriptRoot/Support.Archive.ps1"
    }

    AfterEach { if (Get-DicomArchive) { Stop-DicomArchive -All -Force } }

    It 'closes port and index, and the object keeps its counts' {
        $archive = Start-FilledArchive
        $stopped = Stop-DicomArchive $archive -PassThru
        $stopped.State | Should -Be 'Stopped'
        $stopped.Instances | Should -Be 3
        Test-DicomEcho "BOX@127.0.0.1:$($archive.Port)" -Quiet | Should -BeFalse
        Get-DicomArchive | Should -BeNullOrEmpty
        Get-ChildItem $archive.Path -Force -Filter *-wal | Should -BeNullOrEmpty
    }

    It 'takes archives from the pipeline, by id, and all' {
        Start-DicomArchive "$TestDrive/a" -Port 0 | Stop-DicomArchive
        Stop-DicomArchive -Id (Start-DicomArchive "$TestDrive/a" -Port 0).Id
        $null = Start-DicomArchive "$TestDrive/a" -Port 0
        Stop-DicomArchive -All
        Get-DicomArchive | Should -BeNullOrEmpty
    }

    It 'stops nothing with -WhatIf' {
        $archive = Start-DicomArchive "$TestDrive/b" -Port 0
        Stop-DicomArchive $archive -WhatIf
        $archive.State | Should -Be 'Running'
    }

    It 'may be called twice' {
        $archive = Start-DicomArchive "$TestDrive/c" -Port 0
        Stop-DicomArchive $archive
        { Stop-DicomArchive $archive -ErrorAction Stop } | Should -Not -Throw
    }

    It 'writes an error for an id that is not there' {
        { Stop-DicomArchive -Id 99999 -ErrorAction Stop } | Should -Throw -ErrorId 'DicomServerNotFound,*'
    }
}
