Describe 'Import-DicomFile' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        . "$PSScriptRoot/Support.Archive.ps1"
    }

    BeforeEach { $archive = Start-DicomArchive "$TestDrive/archive-$([guid]::NewGuid().ToString('N'))" -Port 0 -AETitle BOX }

    AfterEach { if (Get-DicomArchive) { Stop-DicomArchive -All -Force } }

    It 'copies files from the pipeline and writes a result for each' {
        $results = New-Instances | Get-Item | Import-DicomFile
        $results.Success | Should -Be @($true, $true, $true)
        $results.SOPInstanceUID | Should -Be @('1.2.840.99.1.1.1', '1.2.840.99.1.1.2', '1.2.840.99.2.1.1')
        $results.ArchivedPath | ForEach-Object { $_ | Should -BeLike "$($archive.Path)*"; Test-Path $_ | Should -BeTrue }
        $archive.Instances | Should -Be 3
    }

    It 'leaves files where they are with -InPlace, and serves them' {
        $null = New-Instances "$TestDrive/stay"
        $results = Import-DicomFile "$TestDrive/stay" -InPlace
        $results.ArchivedPath | Should -Be $results.Path
        Get-ChildItem $archive.Path -Recurse -Filter *.dcm | Should -BeNullOrEmpty
        (Receive-DicomStudy -StudyInstanceUID 1.2.840.99.1 -Node "BOX@127.0.0.1:$($archive.Port)" -Path "$TestDrive/got").Received | Should -Be 2
    }

    It 'keeps the copy that it has when the same instance is imported in place' {
        $copied = New-Instances | Import-DicomFile
        $null = New-Instances | Import-DicomFile -InPlace
        $copied.ArchivedPath | ForEach-Object { Test-Path $_ | Should -BeTrue }
        $archive.Instances | Should -Be 3
    }

    It 'does with an instance that is there what -Duplicate says' {
        $first = New-Instances | Import-DicomFile
        $kept = New-Instances | Import-DicomFile -Duplicate KeepFirst
        $kept.Success | Should -Be @($true, $true, $true)
        $kept.ArchivedPath | Should -Be $first.ArchivedPath
        $refused = New-Instances | Import-DicomFile -Duplicate Reject -ErrorVariable problem -ErrorAction SilentlyContinue
        $refused.Success | Should -Be @($false, $false, $false)
        $refused[0].Error | Should -Match 'has this instance already'
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomInstanceExists,*'
        (New-Instances | Import-DicomFile -Duplicate Replace).Success | Should -Be @($true, $true, $true)
        $archive.Instances | Should -Be 3
    }

    It 'names the file that cannot be read, not a copy of it' {
        Set-Content "$TestDrive/none.dcm" 'no DICOM'
        $result = Import-DicomFile "$TestDrive/none.dcm" -ErrorVariable problem -ErrorAction SilentlyContinue
        "$($problem[0]) $($result.Error)" | Should -BeLike "*$TestDrive/none.dcm*$TestDrive/none.dcm*"
        "$($problem[0]) $($result.Error)" | Should -Not -Match '\.part'
    }

    It 'looks into folders below with -Recurse only' {
        $null = New-Instances "$TestDrive/deep/below"
        Import-DicomFile "$TestDrive/deep" -ErrorVariable problem -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomFolderWithoutDicom,*'
        Import-DicomFile "$TestDrive/deep" -Recurse | Should -HaveCount 3
    }

    It 'reports a file that is no DICOM, skips one that a folder holds, and imports the rest' {
        $null = New-Instances "$TestDrive/mixed"
        Set-Content "$TestDrive/mixed/notes.txt" 'no DICOM'
        $results = Import-DicomFile "$TestDrive/mixed/*" -ErrorVariable problem -ErrorAction SilentlyContinue
        ($results | Where-Object Success) | Should -HaveCount 3
        ($results | Where-Object { -not $_.Success }).Error | Should -Match 'no DICOM file'
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomFileUnreadable,*'
        Import-DicomFile "$TestDrive/mixed" -WarningVariable warning -WarningAction SilentlyContinue | Should -HaveCount 3
        $warning | Should -Match '1 file'
    }

    It 'opens the archive of a folder that nobody serves' {
        Stop-DicomArchive $archive
        New-Instances | Import-DicomFile -Archive "$TestDrive/cold" | Should -HaveCount 3
        (Start-DicomArchive "$TestDrive/cold" -Port 0).Instances | Should -Be 3
    }

    It 'finds the running archive by its <By>' -ForEach @{ By = 'folder' }, @{ By = 'id' }, @{ By = 'object' } {
        $null = Start-DicomArchive "$TestDrive/another-$By" -Port 0
        $named = switch ($By) { 'folder' { $archive.Path } 'id' { $archive.Id } 'object' { $archive } }
        $null = New-Instances | Import-DicomFile -Archive $named
        $archive.Instances | Should -Be 3
    }

    It 'asks which archive is meant when several run' {
        $null = Start-DicomArchive "$TestDrive/second" -Port 0
        { New-Instances | Import-DicomFile } | Should -Throw -ErrorId 'DicomArchiveMissing,*'
    }

    It 'imports nothing with -WhatIf' {
        New-Instances | Import-DicomFile -WhatIf | Should -BeNullOrEmpty
        $archive.Instances | Should -Be 0
    }

    It 'fits 100 columns and gives CSV flat rows' {
        $results = New-Instances | Import-DicomFile
        Measure-Width $results | Should -BeLessOrEqual 100
        "$($results | ConvertTo-Csv)" | Should -Not -Match 'System\.'
    }
}
