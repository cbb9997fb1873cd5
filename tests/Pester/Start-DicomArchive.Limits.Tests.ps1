Describe 'Limits of what an archive takes' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        . "$PSScriptRoot/Support.Archive.ps1"
    }

    AfterEach { if (Get-DicomArchive) { Stop-DicomArchive -All -Force } }

    It 'refuses the flood of one sender, and takes and keeps what others have' {
        $files = 1..6 | ForEach-Object { New-Instance "$TestDrive/flood" 1.2.840.99.5 "1.2.840.99.5.1.$_" CT EVIL }
        $size = (Get-Item $files[0]).Length
        $archive = Start-DicomArchive "$TestDrive/quota" -Port 0 -AETitle BOX -MaxBytesPerSender ($size * 3.5)
        $node = "BOX@127.0.0.1:$($archive.Port)"
        $good = New-Instance "$TestDrive/good" 1.2.840.99.6 1.2.840.99.6.1.1 CT GOOD
        (Send-DicomFile $good $node -CallingAETitle CT1).Success | Should -BeTrue
        $sent = $files | Send-DicomFile -Node $node -CallingAETitle EVIL -RetryCount 0 -ErrorAction SilentlyContinue
        @($sent | Where-Object Success).Count | Should -BeLessOrEqual 3
        @($sent | Where-Object Success).Count | Should -BeGreaterThan 1
        ($sent | Where-Object Success -EQ $false).StatusCode | Select-Object -Unique | Should -Be 0xA700
        $archive.LastError | Should -Match 'EVIL.*MaxBytesPerSender'
        (Send-DicomFile (New-Instance "$TestDrive/good" 1.2.840.99.6 1.2.840.99.6.1.2 CT GOOD) $node -CallingAETitle CT1).Success | Should -BeTrue
        (Find-DicomStudy $node -PatientID GOOD).Instances | Should -Be 2
        # What a sender has outlives a stop.
        $archive | Stop-DicomArchive
        $archive = Start-DicomArchive "$TestDrive/quota" -Port 0 -AETitle BOX -MaxBytesPerSender ($size * 3.5)
        (Send-DicomFile $files[5] "BOX@127.0.0.1:$($archive.Port)" -CallingAETitle EVIL -RetryCount 0 -ErrorAction SilentlyContinue).Success | Should -BeFalse
    }

    It 'takes nothing more where the disk is so full, and says so' {
        $archive = Start-DicomArchive "$TestDrive/disk" -Port 0 -AETitle BOX -MaximumDiskUse 1
        $use = [IO.DriveInfo]::new($TestDrive)
        if ($use.AvailableFreeSpace / $use.TotalSize -gt 0.98) { Set-ItResult -Skipped -Because 'the disk is empty'; return }
        $sent = Send-DicomFile (New-Instance "$TestDrive/full" 1.2.840.99.7 1.2.840.99.7.1.1 CT P7) "BOX@127.0.0.1:$($archive.Port)" -RetryCount 0 -ErrorAction SilentlyContinue
        $sent.StatusCode | Should -Be 0xA700
        $archive.LastError | Should -Match 'MaximumDiskUse'
        @($archive.GetEvents() | Where-Object Message -Match 'nothing is taken any more') | Should -HaveCount 1
        Get-ChildItem "$TestDrive/disk" -Recurse -Filter *.dcm | Should -BeNullOrEmpty
    }
}
