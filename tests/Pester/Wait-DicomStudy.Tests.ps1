Describe 'Wait-DicomStudy' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        . "$PSScriptRoot/Support.Archive.ps1"

        # An archive that has received three instances of two studies; quiet at once unless told.
        function Start-ReceivingArchive([hashtable] $More = @{ StudyQuietPeriod = 0 }) {
            $archive = Start-DicomArchive "$TestDrive/archive-$([guid]::NewGuid().ToString('N'))" -Port 0 -AETitle BOX @More
            $null = New-Instances | Send-DicomFile -Node "BOX@127.0.0.1:$($archive.Port)" -CallingAETitle CT1
            $archive
        }
    }

    AfterEach {
        if (Get-DicomArchive) { Stop-DicomArchive -All -Force }
        if (Get-DicomStorageScp) { Stop-DicomStorageScp -All -Force }
        if (Get-DicomScp) { Stop-DicomScp -All -Force }
    }

    It 'writes each study of an archive with what the index knows and what came' {
        $archive = Start-ReceivingArchive
        $study = $archive | Wait-DicomStudy -Timeout 60 -StudyInstanceUID 1.2.840.99.1
        $study | Should -BeOfType DicomPS.CompletedStudy
        $study | Should -BeOfType DicomPS.Study
        $study.PatientID, $study.PatientName, $study.AccessionNumber, $study.Modalities | Should -Be @('P1', 'DOE^P1', 'A1', 'CT')
        $study.StudyDate | Should -Be ([datetime] '2024-01-02 10:15')
        $study.Instances, $study.Series, $study.Batch, $study.Received, $study.Failed, $study.Aborted | Should -Be @(2, 1, 1, 2, 0, 0)
        $study.CallingAETitle | Should -Be 'CT1'
        $study.LastReceived | Should -BeGreaterThan ([datetime]::Now.AddMinutes(-1))
        "$($study.Node)" | Should -Be "BOX@127.0.0.1:$($archive.Port)"
        $archive.CompletedStudies | Should -Be 2
    }

    It 'ends after -Count, and leaves the rest to the next call' {
        $archive = Start-ReceivingArchive
        $first = $archive | Wait-DicomStudy -Count 1 -Timeout 60
        $second = Wait-DicomStudy -Id $archive.Id -Count 1 -Timeout 60
        @($first.StudyInstanceUID, $second.StudyInstanceUID | Sort-Object) | Should -Be @('1.2.840.99.1', '1.2.840.99.2')
    }

    It 'loses nothing to Select-Object -First' {
        $archive = Start-ReceivingArchive
        $archive | Wait-DicomStudy -Timeout 60 | Select-Object -First 1 | Should -HaveCount 1
        $archive | Wait-DicomStudy -Count 1 -Timeout 60 | Should -HaveCount 1
    }

    It 'takes only what -PatientID names' {
        $archive = Start-ReceivingArchive
        ($archive | Wait-DicomStudy -PatientID P2 -Count 1 -Timeout 60).StudyInstanceUID | Should -Be '1.2.840.99.2'
        ($archive | Wait-DicomStudy -Count 1 -Timeout 60).PatientID | Should -Be 'P1'
    }

    It 'tells a study again when more of it comes' {
        $archive = Start-ReceivingArchive
        $null = $archive | Wait-DicomStudy -Count 2 -Timeout 60
        $null = New-Instance "$TestDrive/more" 1.2.840.99.1 1.2.840.99.1.1.3 CT P1 | Send-DicomFile -Node "BOX@127.0.0.1:$($archive.Port)"
        $again = $archive | Wait-DicomStudy -Count 1 -Timeout 60
        $again.Batch, $again.Received, $again.Instances | Should -Be @(2, 1, 3)
    }

    It 'gives a study to Get-ChildItem, Send-DicomFile and Move-DicomStudy' {
        $store = Start-DicomStorageScp "$TestDrive/store" -Port 0 -AETitle STORE -StudyQuietPeriod 0
        $archive = Start-ReceivingArchive @{ StudyQuietPeriod = 0; Destination = @{ STORE = "127.0.0.1:$($store.Port)" } }
        $study = $archive | Wait-DicomStudy -StudyInstanceUID 1.2.840.99.1 -Timeout 60
        $study | Get-ChildItem -Recurse -File | Should -HaveCount 2
        ($study | Send-DicomFile -Recurse -Node "STORE@127.0.0.1:$($store.Port)").Success | Should -Be @($true, $true)
        ($study | Move-DicomStudy -Destination STORE).Completed | Should -Be 2
        $store.Received | Should -Be 4
    }

    It 'writes the studies of a storage SCP from their headers, with their folder' {
        $store = Start-DicomStorageScp "$TestDrive/in" -Port 0 -StudyQuietPeriod 0
        $null = New-Instances | Send-DicomFile -Node "DICOMPS@127.0.0.1:$($store.Port)"
        $study = $store | Wait-DicomStudy -StudyInstanceUID 1.2.840.99.2 -Timeout 60
        $study.PatientName, $study.Modalities, $study.StudyID, $study.Instances | Should -Be @('DOE^P2', 'MR', '1', 1)
        $study.StudyDate | Should -Be ([datetime] '2024-01-02 10:15')
        $study.Path | Should -Be (Join-Path $store.Path '1.2.840.99.2')
        @($study | Get-ChildItem) | Should -HaveCount 1
    }

    It 'waits for the quiet period, and says what has come when the time is over' {
        $archive = Start-ReceivingArchive @{ StudyQuietPeriod = 3600 }
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $archive | Wait-DicomStudy -StudyInstanceUID 1.2.840.99.1, 1.2.3 -Timeout 0.5 -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $clock.Elapsed.TotalSeconds | Should -BeGreaterThan 0.4
        $problems.FullyQualifiedErrorId | Should -Be @('DicomStudyIncomplete,DicomPS.Commands.WaitDicomStudyCommand', 'DicomStudyIncomplete,DicomPS.Commands.WaitDicomStudyCommand')
        "$($problems | Where-Object TargetObject -EQ 1.2.840.99.1)" | Should -Match '2 instance\(s\) have come.*quiet for 3600 s'
        "$($problems | Where-Object TargetObject -EQ 1.2.3)" | Should -Match 'nothing of it has come'
    }

    It 'says that none came in time, and says nothing when it only looked' {
        $archive = Start-DicomArchive "$TestDrive/none" -Port 0
        { $archive | Wait-DicomStudy -Timeout 0.2 -ErrorAction Stop } | Should -Throw -ErrorId 'DicomStudyIncomplete,*'
        $archive | Wait-DicomStudy -Timeout 0 -ErrorAction Stop | Should -BeNullOrEmpty
    }

    It 'tells what was on its way when the server stops, and ends' {
        $archive = Start-ReceivingArchive @{ StudyQuietPeriod = 3600 }
        Stop-DicomArchive $archive
        $archive | Wait-DicomStudy | Should -HaveCount 2
        $archive | Wait-DicomStudy | Should -BeNullOrEmpty
    }

    It 'writes studies as they come, in a loop that Ctrl+C ends at once' {
        $archive = Start-ReceivingArchive
        $stop = Stop-Midway 'Get-DicomArchive | Wait-DicomStudy | ForEach-Object StudyInstanceUID' -Until { $args[0].Count -ge 2 }
        $stop.State | Should -Be 'Stopped'
        $stop.Milliseconds | Should -BeLessThan 20000
        $stop.Output | Should -HaveCount 2
    }

    It 'says that an SCP of script blocks keeps no studies' {
        $scp = Start-DicomScp -Port 0 -OnEcho { }
        Wait-DicomStudy $scp -ErrorVariable problem -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problem.FullyQualifiedErrorId | Should -Be 'DicomServerWithoutStudies,DicomPS.Commands.WaitDicomStudyCommand'
    }

    It 'says that an id is not there' {
        Wait-DicomStudy -Id 99999 -ErrorVariable problem -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomServerNotFound,*'
    }

    It 'fits 100 columns and gives CSV one flat row' {
        $study = Start-ReceivingArchive | Wait-DicomStudy -Count 1 -Timeout 60
        Measure-Width $study | Should -BeLessOrEqual 100
        $csv = $study | ConvertTo-Csv
        $csv | Should -HaveCount 2
        "$csv" | Should -Not -Match 'System\.'
    }
}
