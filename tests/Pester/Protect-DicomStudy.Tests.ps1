Describe 'Protect-DicomStudy' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        . "$PSScriptRoot/Support.Archive.ps1"

        # Studies of one instance, oldest first by the time of their files; and the bytes of one.
        function New-OldArchive([int] $Count = 3) {
            $folder = "$TestDrive/kept-$([guid]::NewGuid().ToString('N'))"
            $files = foreach ($i in 1..$Count) {
                $file = Get-Item (New-Instance "$folder/$i" "1.2.840.97.$i" "1.2.840.97.$i.1" CT "P$i")
                $file.LastWriteTimeUtc = [datetime]::UtcNow.AddDays($i - 10)
                $file
            }
            Start-DicomArchive $folder -Port 0 | Stop-DicomArchive
            [pscustomobject]@{ Path = $folder; Index = "$folder/index.sqlite"; Size = $files[0].Length }
        }

        function Wait-Removed($Archive, [int] $Count) {
            $null = Wait-Until { $Archive.RemovedStudies -ge $Count }
            $Archive.RemovedStudies | Should -Be $Count
        }
    }

    AfterEach { if (Get-DicomArchive) { Stop-DicomArchive -All -Force } }

    It 'keeps a study from -MaxBytes, whose place the next oldest takes' {
        $old = New-OldArchive
        Protect-DicomStudy 1.2.840.97.1 $old.Path
        $archive = Start-DicomArchive $old.Path -Port 0 -MaxBytes ($old.Size * 2)
        Wait-Removed $archive 1
        (Find-DicomStudy -Index $old.Index | Sort-Object PatientID).PatientID | Should -Be 'P1', 'P3'
        $archive.ProtectedStudies | Should -Be 1
    }

    It 'keeps a study from -MaxAge, while the archive runs, until it is unprotected' {
        $old = New-OldArchive
        $archive = Start-DicomArchive $old.Path -Port 0
        $kept = Find-DicomStudy "X@127.0.0.1:$($archive.Port)" -PatientID P2 | Protect-DicomStudy -PassThru
        $kept.StudyInstanceUID, $kept.Protected, $kept.PatientID | Should -Be '1.2.840.97.2', $true, 'P2'
        $archive | Stop-DicomArchive
        $archive = Start-DicomArchive $old.Path -Port 0 -MaxAge 00:00:00.001
        Wait-Removed $archive 2
        Find-DicomStudy -Index $old.Index | Unprotect-DicomStudy -Archive $archive.Id -Confirm:$false
        $null = New-Instance "$TestDrive/wake" 1.2.840.97.9 1.2.840.97.9.1 CT P9 | Import-DicomFile -Archive $archive
        # What has just come is as old soon after, and goes with this look or with the next.
        $null = Wait-Until { -not (Find-DicomStudy -Index $old.Index -PatientID P2) } -Seconds 150
        Find-DicomStudy -Index $old.Index -PatientID P2 | Should -BeNullOrEmpty
    }

    It 'is shown by Find-DicomStudy -Index, true and false, and by no peer' {
        $old = New-OldArchive
        $archive = Start-DicomArchive $old.Path -Port 0
        Find-DicomStudy -Index $old.Index -StudyInstanceUID 1.2.840.97.3 | Protect-DicomStudy -Archive $archive
        (Find-DicomStudy -Index $old.Index | Sort-Object PatientID).Protected | Should -Be $false, $false, $true
        (Find-DicomStudy -Index $old.Index | Where-Object Protected).PatientID | Should -Be 'P3'
        (Find-DicomStudy "X@127.0.0.1:$($archive.Port)" -PatientID P3).PSObject.Properties.Name | Should -Not -Contain 'Protected'
    }

    It 'outlives an index that is made anew' {
        $old = New-OldArchive
        Protect-DicomStudy 1.2.840.97.1 -Archive $old.Path
        (Repair-DicomArchive $old.Path -Confirm:$false).Unreadable | Should -Be 0
        (Find-DicomStudy -Index $old.Index -PatientID P1).Protected | Should -BeTrue
        Remove-Item "$($old.Path)/index.sqlite*"
        # The index first: limits look at once, and then once in a while.
        $archive = Start-DicomArchive $old.Path -Port 0
        $null = Wait-Until { @(Find-DicomStudy -Index $old.Index).Count -ge 3 }
        $archive | Stop-DicomArchive
        $archive = Start-DicomArchive $old.Path -Port 0 -MaxAge 00:00:00.001
        Wait-Removed $archive 2
        (Find-DicomStudy -Index $old.Index).PatientID | Should -Be 'P1'
    }

    It 'works while the archive runs in another process' {
        $old = New-OldArchive
        $archive = Start-DicomArchive $old.Path -Port 0
        $manifest = Join-Path $root 'out/DicomPS/DicomPS.psd1'
        & $pwsh -NoProfile -Command "Import-Module '$manifest'; Protect-DicomStudy 1.2.840.97.1 '$($old.Path)' -PassThru | ForEach-Object PatientID" | Should -Be 'P1'
        $archive.ProtectedStudies | Should -Be 1
    }

    It 'has the start say nothing of it as going' {
        $old = New-OldArchive
        Protect-DicomStudy 1.2.840.97.1 $old.Path
        $manifest = Join-Path $root 'out/DicomPS/DicomPS.psd1'
        $said = & $pwsh -NoProfile -Command "Import-Module '$manifest'; Start-DicomArchive '$($old.Path)' -Port 0 -MaxBytes $($old.Size * 2) -WhatIf" | Out-String
        $said | Should -Not -Match '1\.2\.840\.97\.1'
        $said | Should -Match '1\.2\.840\.97\.2'
    }

    It 'refuses what comes where only protected studies are left, and says so once' {
        $old = New-OldArchive 2
        Find-DicomStudy -Index $old.Index | Protect-DicomStudy -Archive $old.Path
        $archive = Start-DicomArchive $old.Path -Port 0 -MaxBytes ($old.Size * 2)
        $sent = 3..4 | ForEach-Object { New-Instance "$TestDrive/flood" "1.2.840.97.$_" "1.2.840.97.$_.1" CT "P$_" } |
            Send-DicomFile -Node "X@127.0.0.1:$($archive.Port)" -RetryCount 0 -ErrorAction SilentlyContinue
        $sent.StatusCode | Should -Be 0xA700, 0xA700
        @($archive.GetEvents() | Where-Object Message -Match 'Only protected studies are left') | Should -HaveCount 1
        $archive.LastError | Should -Match 'protected studies'
        (Find-DicomStudy -Index $old.Index | Sort-Object PatientID).PatientID | Should -Be 'P1', 'P2'
        $archive.RemovedStudies | Should -Be 0
    }

    It 'stays in the flood of one sender, and so do those of others by its quota' {
        $old = New-OldArchive
        Protect-DicomStudy 1.2.840.97.1 $old.Path
        $archive = Start-DicomArchive $old.Path -Port 0 -MaxBytes ($old.Size * 5.5) -MaxBytesPerSender ($old.Size * 2.5) -StudyQuietPeriod 0
        $sent = 11..16 | ForEach-Object { New-Instance "$TestDrive/evil" "1.2.840.97.$_" "1.2.840.97.$_.1" CT EVIL } |
            Send-DicomFile -Node "X@127.0.0.1:$($archive.Port)" -CallingAETitle EVIL -RetryCount 0 -ErrorAction SilentlyContinue
        @($sent | Where-Object Success) | Should -HaveCount 2
        $archive.RemovedStudies | Should -Be 0
        (Find-DicomStudy -Index $old.Index | Where-Object PatientID -Like 'P*' | Sort-Object PatientID).PatientID | Should -Be 'P1', 'P2', 'P3'
    }

    It 'comes with an import' {
        $files = 1..2 | ForEach-Object { New-Instance "$TestDrive/teaching" "1.2.840.96.$_" "1.2.840.96.$_.1" CT "T$_" }
        $null = $files[0] | Import-DicomFile -Archive "$TestDrive/taught" -Protect
        $null = $files[1] | Import-DicomFile -Archive "$TestDrive/taught"
        (Find-DicomStudy -Index "$TestDrive/taught/index.sqlite" | Sort-Object PatientID).Protected | Should -Be $true, $false
    }

    It 'takes a study that has not come yet with -Force, and nothing else that is not there' {
        $old = New-OldArchive 1
        Protect-DicomStudy 1.2.3.4, 1.2.840.97.1 $old.Path -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomStudyNotFound,*'
        $problem.TargetObject | Should -Be 1.2.3.4
        $archive = Start-DicomArchive $old.Path -Port 0
        $archive.ProtectedStudies | Should -Be 1
        Protect-DicomStudy 1.2.3.4 -Force
        $archive.ProtectedStudies | Should -Be 2
        $null = New-Instance "$TestDrive/late" 1.2.3.4 1.2.3.4.1 CT LATE | Import-DicomFile
        (Find-DicomStudy -Index $old.Index -PatientID LATE).Protected | Should -BeTrue
        Unprotect-DicomStudy 1.2.3.5 -Confirm:$false -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomStudyNotFound,*'
    }

    It 'changes nothing with -WhatIf, with a UID that is none, or where no archive is' {
        $old = New-OldArchive 1
        Protect-DicomStudy 1.2.840.97.1 $old.Path -WhatIf
        Protect-DicomStudy '../../x' $old.Path -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomUidInvalid,*'
        Test-Path "$($old.Path)/.dicomps-protected" | Should -BeFalse
        $null = New-Item "$TestDrive/none" -ItemType Directory
        { Protect-DicomStudy 1.2.840.97.1 "$TestDrive/none" } | Should -Throw -ErrorId 'DicomIndexUnusable,*'
        Get-ChildItem "$TestDrive/none" -Force | Should -BeNullOrEmpty
        { Protect-DicomStudy 1.2.840.97.1 } | Should -Throw -ErrorId 'DicomArchiveMissing,*'
    }
}
