Describe 'Get-DicomArchive' {
    BeforeAll { . "$PSScriptRoot/Support.ps1" }

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
}
