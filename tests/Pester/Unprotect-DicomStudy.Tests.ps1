Describe 'Unprotect-DicomStudy' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        . "$PSScriptRoot/Support.Archive.ps1"
    }

    BeforeEach {
        $folder = "$TestDrive/$([guid]::NewGuid().ToString('N'))"
        $null = 1..2 | ForEach-Object { New-Instance "$TestDrive/in" "1.2.840.95.$_" "1.2.840.95.$_.1" CT "P$_" } | Import-DicomFile -Archive $folder -Protect
    }

    AfterEach { if (Get-DicomArchive) { Stop-DicomArchive -All -Force } }

    It 'lets the limits delete a study again' {
        Unprotect-DicomStudy 1.2.840.95.1 $folder -Confirm:$false
        (Find-DicomStudy -Index "$folder/index.sqlite" | Sort-Object PatientID).Protected | Should -Be $false, $true
        $archive = Start-DicomArchive $folder -Port 0 -MaxAge 00:00:00.001
        for ($i = 0; $i -lt 400 -and $archive.RemovedStudies -lt 1; $i++) { Start-Sleep -Milliseconds 50 }
        (Find-DicomStudy -Index "$folder/index.sqlite").PatientID | Should -Be 'P2'
    }

    It 'takes what Find-DicomStudy -Index gives, and writes it with -PassThru' {
        $loose = Find-DicomStudy -Index "$folder/index.sqlite" | Where-Object Protected | Unprotect-DicomStudy -Archive $folder -PassThru -Confirm:$false
        $loose.Protected | Should -Be $false, $false
        # One that is not protected is nothing to do.
        Unprotect-DicomStudy 1.2.840.95.1 $folder -Confirm:$false -ErrorAction Stop | Should -BeNullOrEmpty
    }

    It 'names a study that is not there, and changes nothing with -WhatIf' {
        Unprotect-DicomStudy 1.2.840.95.7 $folder -Confirm:$false -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomStudyNotFound,*'
        Unprotect-DicomStudy 1.2.840.95.1 $folder -WhatIf
        (Find-DicomStudy -Index "$folder/index.sqlite" | Where-Object Protected) | Should -HaveCount 2
    }
}
