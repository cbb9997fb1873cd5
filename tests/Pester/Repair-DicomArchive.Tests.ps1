Describe 'Repair-DicomArchive' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        . "$PSScriptRoot/Support.Archive.ps1"
    }

    BeforeEach {
        $folder = "$TestDrive/archive-$([guid]::NewGuid().ToString('N'))"
        $null = New-Instances | Import-DicomFile -Archive $folder
    }

    AfterEach { if (Get-DicomArchive) { Stop-DicomArchive -All -Force } }

    It 'makes a damaged index anew from the files' {
        Set-Content "$folder/index.sqlite" ('damaged ' * 1000)
        { Start-DicomArchive $folder -Port 0 } | Should -Throw -ErrorId 'DicomIndexUnusable,*'
        $result = Repair-DicomArchive $folder
        $result.Files, $result.Indexed, $result.Studies, $result.Series, $result.Instances, $result.Unreadable | Should -Be @(3, 3, 2, 2, 3, 0)
        $result.Damage | Should -Be 'it is no SQLite database'
        (Start-DicomArchive $folder -Port 0).Instances | Should -Be 3
    }

    It 'keeps what was imported in place' {
        $null = New-Instance "$TestDrive/outside" 1.2.840.99.5 1.2.840.99.5.1.1 CT P5 | Import-DicomFile -Archive $folder -InPlace
        $result = Repair-DicomArchive $folder
        $result.Instances | Should -Be 4
        $result.Damage | Should -BeNullOrEmpty
    }

    It 'forgets files that are gone and leaves alone those that are no DICOM' {
        Get-ChildItem $folder -Recurse -Filter *.dcm | Select-Object -First 1 | Remove-Item
        Set-Content "$folder/readme.txt" 'no DICOM'
        $result = Repair-DicomArchive $folder
        $result.Instances, $result.Unreadable | Should -Be @(2, 1)
        Test-Path "$folder/readme.txt" | Should -BeTrue
    }

    It 'refuses an archive that runs' {
        $null = Start-DicomArchive $folder -Port 0
        { Repair-DicomArchive $folder -ErrorAction Stop } | Should -Throw -ErrorId 'DicomArchiveBusy,*'
    }

    It 'changes nothing with -WhatIf, and says what is not there' {
        Set-Content "$folder/index.sqlite" 'damaged'
        Repair-DicomArchive $folder -WhatIf | Should -BeNullOrEmpty
        Get-Content "$folder/index.sqlite" | Should -Be 'damaged'
        { Repair-DicomArchive "$TestDrive/nowhere" -ErrorAction Stop } | Should -Throw -ErrorId 'DicomFileNotFound,*'
    }

    It 'fits 100 columns' {
        Measure-Width (Repair-DicomArchive $folder) | Should -BeLessOrEqual 100
    }
}
