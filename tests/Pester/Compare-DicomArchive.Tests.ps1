# Two archives that differ in every way that there is a word for, of three kinds of peers.
Describe 'Compare-DicomArchive' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        $study = '1.2.826.0.1.3680043.10.999'

        # Instances of one study, from its number and what is not as usual.
        function New-Study([string] $Folder, [int] $Number, [int[]] $Instances = 1, [hashtable] $More = @{}, [int] $Series = 1) {
            foreach ($one in $Instances) {
                $value = @{
                    StudyInstanceUID = "$study.$Number"; SeriesInstanceUID = "$study.$Number.$Series"; SOPInstanceUID = "$study.$Number.$Series.$one"
                    PatientID = "P$Number"; AccessionNumber = "A$Number"; InstanceNumber = "$one"
                }
                foreach ($name in $More.Keys) { $value[$name] = $More[$name] }
                New-StudyFile $Folder $value
            }
        }

        # The same ten studies, but for what the old one has more, fewer and other.
        $old = @(
            New-Study "$TestDrive/old" 1 1, 2
            New-Study "$TestDrive/old" 2 1, 2, 3 @{ StudyDate = '20240103' }
            New-Study "$TestDrive/old" 3 1 @{ StudyDate = '20240103' }
            New-Study "$TestDrive/old" 5 1 @{ StudyDate = '20240105' }
            New-Study "$TestDrive/old" 6 1 @{ StudyDate = '20240106' }
            New-Study "$TestDrive/old" 7 1 @{ StudyDate = '' }
            New-Study "$TestDrive/old" 8 1 @{ StudyDate = '20240108' }
            New-Study "$TestDrive/old" 8 1, 2 @{ StudyDate = '20240108' } -Series 2
        )
        $new = @(
            New-Study "$TestDrive/new" 1 1, 2
            New-Study "$TestDrive/new" 2 1, 3 @{ StudyDate = '20240103' }
            New-Study "$TestDrive/new" 4 1 @{ StudyDate = '20240104' }
            New-Study "$TestDrive/new" 5 1 @{ StudyDate = '20240105'; PatientID = 'OTHER'; PatientName = 'DOE^JOHN^^' }
            New-Study "$TestDrive/new" 6 1 @{ StudyDate = '20240207' }
            New-Study "$TestDrive/new" 8 1 @{ StudyDate = '20240108' }
        )
        $here = Start-DicomArchive "$TestDrive/here" -Port 0 -AETitle HERE
        $there = Start-DicomArchive "$TestDrive/there" -Port 0 -AETitle THERE
        $null = $old | Import-DicomFile -Archive $here -ErrorAction Stop
        $null = $new | Import-DicomFile -Archive $there -ErrorAction Stop
        Set-DicomNode OLD -AETitle HERE -HostName 127.0.0.1 -Port $here.Port
        Set-DicomNode NEW -AETitle THERE -HostName 127.0.0.1 -Port $there.Port
        function Select-Row($Rows) { $Rows | ForEach-Object { "$($_.Difference) $($_.Level) $(($_.SOPInstanceUID, $_.SeriesInstanceUID, $_.StudyInstanceUID -ne $null)[0] -replace [regex]::Escape("$study."))" } | Sort-Object }
    }
    AfterAll {
        $here, $there | Where-Object { $_ } | Stop-DicomArchive
        Remove-Item $env:DICOMPS_CONFIG_HOME -Recurse -ErrorAction Ignore
    }

    It 'gives an object for each difference of studies, and nothing for what is the same' {
        $rows = Compare-DicomArchive OLD NEW -ErrorVariable failed
        $failed | Should -BeNullOrEmpty
        Select-Row $rows | Should -Be @('Different Study 5', 'Different Study 6', 'Extra Study 4', 'Missing Study 3', 'Missing Study 7', 'Partial Study 2', 'Partial Study 8')
        $rows[0].GetType().FullName | Should -Be 'DicomPS.ArchiveDifference'
    }

    It 'says how many instances each has, which keys differ, and where it can be fetched' {
        $rows = Compare-DicomArchive OLD NEW
        $partial = $rows | Where-Object StudyInstanceUID -EQ "$study.2"
        $partial.ReferenceInstances, $partial.DifferenceInstances | Should -Be 3, 2
        $partial.Node.Name | Should -Be OLD
        ($rows | Where-Object StudyInstanceUID -EQ "$study.5").Keys | Should -Be PatientID
        ($rows | Where-Object StudyInstanceUID -EQ "$study.6").Keys | Should -Be StudyDate
        ($rows | Where-Object Difference -EQ Extra).Node.Name | Should -Be NEW
    }

    It 'tells series and instances at the highest level at which all of it is missing' {
        Select-Row (Compare-DicomArchive OLD NEW -Level Series | Where-Object Difference -NE Different) |
            Should -Be @('Extra Study 4', 'Missing Series 8.2', 'Missing Study 3', 'Missing Study 7', 'Partial Series 2.1')
        Select-Row (Compare-DicomArchive OLD NEW -Level Instance -StudyDate 2024-01-01..2024-01-31 | Where-Object Difference -NE Different) |
            Should -Be @('Extra Study 4', 'Missing Instance 2.1.2', 'Missing Series 8.2', 'Missing Study 3')
    }

    It 'takes a range of days, and asks for what is not in it by its UID' {
        # Study 6 has another day at the new archive, outside of the range.
        Select-Row (Compare-DicomArchive OLD NEW -StudyDate 2024-01-06) | Should -Be 'Different Study 6'
        Select-Row (Compare-DicomArchive OLD NEW -StartDate 2024-01-03 -EndDate 2024-01-04) | Should -Be @('Extra Study 4', 'Missing Study 3', 'Partial Study 2')
    }

    It 'compares other keys where -Property names them, and takes keys' {
        Compare-DicomArchive OLD NEW -PatientID P5 -Property AccessionNumber | Should -BeNullOrEmpty
        Select-Row (Compare-DicomArchive OLD NEW -PatientID P5) | Should -Be 'Different Study 5'
        Select-Row (Compare-DicomArchive OLD NEW -Key @{ AccessionNumber = 'A3' }) | Should -Be 'Missing Study 3'
    }

    It 'counts the days, and gives what is the same on demand' {
        $days = Compare-DicomArchive OLD NEW -Summary
        ($days | Where-Object { $_.StudyDate -eq [datetime] '2024-01-03' }) | ForEach-Object { $_.ReferenceStudies, $_.DifferenceStudies, $_.Missing, $_.Partial, $_.Equal } | Should -Be 2, 1, 1, 1, 0
        $days[-1].StudyDate | Should -BeNullOrEmpty
        $days[-1].Missing | Should -Be 1
        $rows = Compare-DicomArchive OLD NEW -StudyDate 2024-01-02 -IncludeEqual -SummaryVariable counted
        $rows.Difference | Should -Be Equal
        $counted.Equal | Should -Be 1
    }

    It 'keeps its words in a CSV, and what is missing can be fetched from there' {
        Compare-DicomArchive OLD NEW -Level Instance | Where-Object Difference -EQ Missing | Export-Csv "$TestDrive/missing.csv"
        $rows = Import-Csv "$TestDrive/missing.csv"
        $rows.Count | Should -Be 4
        ($rows | Select-Object * -ExcludeProperty Node | Receive-DicomStudy OLD -Path "$TestDrive/got" -ErrorAction Stop).Verdict | Sort-Object -Unique | Should -Be Complete
        (Get-ChildItem "$TestDrive/got" -Recurse -File).Count | Should -Be 5
    }

    It 'finds no difference between an archive and itself' {
        Compare-DicomArchive OLD OLD -Level Instance -ErrorVariable failed | Should -BeNullOrEmpty
        $failed | Should -BeNullOrEmpty
    }

    Context 'with DCMTK''s archive, which says no numbers' {
        BeforeAll {
            $dcmtk = Start-Archive
            $null = $old | Send-DicomFile -Node $dcmtk.Node -ErrorAction Stop
        }
        AfterAll { Stop-Peer $dcmtk.Process }

        It 'takes nothing for equal that has no number' {
            $rows = Compare-DicomArchive OLD $dcmtk.Node -StudyDate 2024-01-02..2024-01-08 -ErrorVariable failed -ErrorAction SilentlyContinue -WarningAction Ignore
            $rows.Difference | Sort-Object -Unique | Should -Be Unknown
            $rows.Count | Should -Be 6
            $failed[0].FullyQualifiedErrorId | Should -BeLike 'DicomComparisonIncomplete,*'
            $failed[0].ErrorDetails.RecommendedAction | Should -Match '-Level Instance'
        }

        It 'counts its instances: <Case>' -ForEach @{ Case = 'as the other archive' }, @{ Case = 'as the reference' } {
            $pair = if ($Case -like '*other*') { 'OLD', $dcmtk.Node } else { $dcmtk.Node, 'OLD' }
            Compare-DicomArchive $pair[0] $pair[1] -Level Instance -StudyDate 2024-01-02..2024-01-08 -ErrorVariable failed -WarningAction Ignore | Should -BeNullOrEmpty
            $failed | Should -BeNullOrEmpty
        }

        It 'finds what is missing in it, and in ours beside it' {
            $found = Compare-DicomArchive $dcmtk.Node NEW -Level Instance -StudyDate 2024-01-02..2024-01-08 -ErrorAction Stop -WarningAction Ignore
            Select-Row ($found | Where-Object Difference -NE Different) | Should -Be @('Extra Study 4', 'Missing Instance 2.1.2', 'Missing Series 8.2', 'Missing Study 3')
        }
    }

    Context 'where an archive does not say all' {
        AfterEach { Stop-DicomScp -All -Force }

        # A peer with studies of one day, which do as they are told.
        BeforeAll { function Start-Odd([scriptblock] $OnFind) { $scp = Start-DicomScp -Port 0 -AETitle ODD -OnFind $OnFind; "ODD@127.0.0.1:$($scp.Port)" } }

        It 'is no day equal that <Case>' -ForEach @(
            @{ Case = 'was cut'; Reason = 'may be cut short'; Block = { foreach ($i in 1..100) { @{ StudyInstanceUID = "1.2.3.$i"; StudyDate = '20240102'; NumberOfStudyRelatedInstances = '1'; ModalitiesInStudy = 'CT' } } } }
            @{ Case = 'has a study twice'; Reason = 'more than once'; Block = { foreach ($i in 1, 2, 1) { @{ StudyInstanceUID = "1.2.3.$i"; StudyDate = '20240102'; NumberOfStudyRelatedInstances = '1' } } } }
            @{ Case = 'has a study without a name'; Reason = 'name no study'; Block = { @{ StudyDate = '20240102'; PatientID = 'P1'; NumberOfStudyRelatedInstances = '1' } } }
            @{ Case = 'was refused'; Reason = 'C-FIND'; Block = { throw 'The database is away' } }
        ) {
            $odd = Start-Odd $Block
            $rows = Compare-DicomArchive $odd $odd -StudyDate 2024-01-02 -Split Day -RetryDelay 0.1 -ErrorVariable failed -ErrorAction SilentlyContinue -WarningAction Ignore
            $day = $rows | Where-Object Level -EQ Days
            $day.Difference | Should -Be Unknown
            $day.Reason | Should -Match $Reason
            $day.StudyDate | Should -Be ([datetime] '2024-01-02')
            $failed.FullyQualifiedErrorId | Should -Contain 'DicomComparisonIncomplete,DicomPS.Commands.CompareDicomArchiveCommand'
        }

        It 'is told that an archive is not there, and no study is called missing' {
            $rows = Compare-DicomArchive OLD NOBODY@127.0.0.1:1 -StudyDate 2024-01-02..2024-01-08 -ErrorVariable failed -ErrorAction SilentlyContinue
            $rows.Difference | Should -Be Unknown
            $rows.Level | Should -Be Days
            $rows.EndDate | Should -Be ([datetime] '2024-01-08')
            $failed[0].FullyQualifiedErrorId | Should -BeLike 'DicomConnectionRefused,*'
        }

        It 'asks a window again that failed, and then knows it' {
            # Two of them, since each is asked for itself: of one, the quicker side would have all the failures.
            $one, $two = foreach ($side in 1, 2) {
                $calls = [Collections.Concurrent.ConcurrentQueue[int]]::new()
                Start-Odd { ($using:calls).Enqueue(1); if (($using:calls).Count -le 2) { throw 'Just now' }; @{ StudyInstanceUID = '1.2.3.1'; StudyDate = '20240102'; NumberOfStudyRelatedInstances = '1' } }
            }
            $rows = Compare-DicomArchive $one $two -StudyDate 2024-01-02 -RetryDelay 0.1 -ErrorVariable failed -WarningVariable said -WarningAction SilentlyContinue
            $rows | Should -BeNullOrEmpty
            $failed | Should -BeNullOrEmpty
            "$said" | Should -Match 'asked again'
        }

        It 'says which studies are offline' {
            $here, $away = foreach ($word in 'ONLINE', 'OFFLINE') { Start-Odd ([scriptblock]::Create("@{ StudyInstanceUID = '1.2.3.1'; StudyDate = '20240102'; NumberOfStudyRelatedInstances = '1'; InstanceAvailability = '$word' }")) }
            (Compare-DicomArchive $here $away -StudyDate 2024-01-02).Difference | Should -Be Offline
            Compare-DicomArchive $away $here -StudyDate 2024-01-02 | Should -BeNullOrEmpty
        }
    }

    It 'ends when it is stopped, in the middle of an answer' {
        $slow = Start-FindServer 100000
        try {
            $stopped = Stop-Midway "Compare-DicomArchive ANY@127.0.0.1:$($slow.Port) ANY@127.0.0.1:$($slow.Port) -StudyDate 2024-01-01..2024-12-31 -WarningAction Ignore" 3000
            $stopped.State | Should -Be Stopped
            $stopped.Milliseconds | Should -BeLessThan 20000
        }
        finally { $null = $slow.Server.DisposeAsync().AsTask().Wait(10000) }
    }
}
