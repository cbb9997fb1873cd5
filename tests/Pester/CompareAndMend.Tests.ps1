# Comparisons that are killed and go on, and what they find mended by a transfer.
Describe 'Compare-DicomArchive with a store, and a transfer behind it' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        . "$PSScriptRoot/Support.Transfers.ps1"
        . "$PSScriptRoot/Support.Process.ps1"
    }
    AfterAll { Remove-Item $env:DICOMPS_CONFIG_HOME -Recurse -ErrorAction Ignore }

    Context 'where it is killed' {
        # An archive of one study a day, which notes what it is asked, and waits with the days that it is told to.
        BeforeAll {
            function Start-Days([hashtable] $State, [int[]] $Lacks) {
                $state, $lacks = $State, $Lacks
                Start-DicomScp -Port 0 -AETitle DAYS -OnFind {
                    $s, $l, $keys = $using:state, $using:lacks, $_.Keys
                    $day = "$($keys.StudyDate)"
                    if (-not $keys.StudyInstanceUID) {
                        $s.Asked.Add($day)
                        if ($day -ge $s.SlowFrom) { Start-Sleep -Milliseconds 20000 }
                    }
                    foreach ($i in 1..8) {
                        $date = '2024010{0}' -f $i
                        if ($i -in $l -or ($day -and $day -ne $date) -or ($keys.StudyInstanceUID -and "1.2.3.$i" -notin $keys.StudyInstanceUID)) { continue }
                        @{ StudyInstanceUID = "1.2.3.$i"; StudyDate = $date; PatientID = "P$i"; NumberOfStudyRelatedInstances = "$i"; NumberOfStudyRelatedSeries = '1' }
                    }
                }.GetNewClosure()
            }
            $state = [hashtable]::Synchronized(@{ SlowFrom = '20240105'; Asked = [Collections.Concurrent.ConcurrentBag[string]]::new() })
            $a = Start-Days $state 0
            $b = Start-Days $state 2, 3, 7
            $old, $new = foreach ($one in $a, $b) { "DAYS@127.0.0.1:$($one.Port)" }
        }
        AfterAll { Stop-DicomScp -All -Force }

        It 'goes on where it was, gives the whole result again, and then begins anew' {
            $out = "$TestDrive/rows.txt"
            $script = "Compare-DicomArchive $old $new -StudyDate 2024-01-01..2024-01-08 -Split Day -Store '$TestDrive/c.db' | ForEach-Object { Add-Content '$out' `$_.StudyInstanceUID }"
            $run = Start-Pwsh $script
            $clock = [Diagnostics.Stopwatch]::StartNew()
            while (-not ((Test-Path $out) -and @(Get-Content $out).Count -ge 2) -and $clock.Elapsed.TotalSeconds -lt 60) { Start-Sleep -Milliseconds 100 }
            Stop-Pwsh $run
            Get-Content $out | Sort-Object | Should -Be '1.2.3.2', '1.2.3.3'

            $state.SlowFrom = '9'
            $state.Asked = [Collections.Concurrent.ConcurrentBag[string]]::new()
            $rows = Compare-DicomArchive $old $new -StudyDate 2024-01-01..2024-01-08 -Split Day -Store "$TestDrive/c.db" -WarningVariable said -WarningAction SilentlyContinue -SummaryVariable days -ErrorAction Stop
            # Days come as they are compared, over several associations.
            $rows = @($rows | Sort-Object StudyInstanceUID)
            $rows.StudyInstanceUID | Should -Be '1.2.3.2', '1.2.3.3', '1.2.3.7'
            $rows.Difference | Sort-Object -Unique | Should -Be Missing
            "$($rows[0].Node)" | Should -Be $old
            $rows[0].StudyDate | Should -Be ([datetime] '2024-01-02')
            $rows[0].ReferenceInstances | Should -Be 2
            $days.Count | Should -Be 8
            ($days | Measure-Object Equal -Sum).Sum | Should -Be 5
            "$said" | Should -Match 'goes on'
            @($state.Asked | Where-Object { $_ -lt '20240105' }) | Should -BeNullOrEmpty

            # The one that came to its end is the last word on its day alone.
            $rows = Compare-DicomArchive $old $new -StudyDate 2024-01-01..2024-01-08 -Split Day -Store "$TestDrive/c.db" -WarningVariable said
            $rows.Count | Should -Be 3
            $said | Should -BeNullOrEmpty
            @($state.Asked | Where-Object { $_ -lt '20240105' }) | Should -Not -BeNullOrEmpty
        }

        It 'refuses a store that has another comparison of the name' {
            $state.SlowFrom = '9'
            $store = @{ Store = "$TestDrive/d.db"; StudyDate = '2024-01-01..2024-01-02' }
            $null = Compare-DicomArchive $old $new @store
            { Compare-DicomArchive $old $new @store -Level Series } | Should -Throw -ErrorId 'DicomArgumentInvalid,DicomPS.Commands.CompareDicomArchiveCommand'
            { Compare-DicomArchive $old $old @store } | Should -Throw '*is another one*difference: *'
            (Compare-DicomArchive $old $new @store -PatientID P2 -Name other).StudyInstanceUID | Should -Be '1.2.3.2'
            (Compare-DicomArchive $old $new @store -Restart -PatientID P2).StudyInstanceUID | Should -Be '1.2.3.2'
            { Compare-DicomArchive $old $new -Restart } | Should -Throw '*no*named*'
            { Compare-DicomArchive $old $new -Store "$PSScriptRoot/Support.ps1" } | Should -Throw -ErrorId 'DicomTransferStoreUnusable,*'
        }
    }

    Context 'where a transfer mends it' {
        BeforeEach {
            $two = Start-TwoArchives 4
            # One is missing as a whole, one in part, one is only there.
            $null = Get-ChildItem $two.Files -Recurse -File | Where-Object Name -Match '99\.[134]\.1\.' | Where-Object Name -NotMatch '99\.3\.1\.2' |
                Send-DicomFile -Node $two.New -ErrorAction Stop
            $more = New-StudyFile $two.Place @{ StudyInstanceUID = '1.2.840.99.9'; SOPInstanceUID = '1.2.840.99.9.1'; PatientID = 'P9' }
            $null = $more | Send-DicomFile -Node $two.New -ErrorAction Stop
        }
        AfterEach { $two.Servers | Stop-DicomArchive }

        It 'adds what is missing and partial, with its numbers, and nothing else, and is equal afterwards: <Level>' -ForEach @{ Level = 'Study' }, @{ Level = 'Instance' } {
            $name = "mend-$Level"
            $null = New-DicomTransfer $two.Store $name $two.Old $two.New -VerifyDelay 0
            $found = Compare-DicomArchive $two.Old $two.New -Level $Level -WarningAction Ignore
            if ($Level -eq 'Study') { $found.Difference | Sort-Object | Should -Be Extra, Missing, Partial }
            $found | Add-DicomTransferItem $two.Store $name -WarningVariable said -WarningAction SilentlyContinue | Out-Null
            "$said" | Should -Match '1 Extra'
            $items = Get-DicomTransferItem $two.Store $name
            $items.StudyInstanceUID | Sort-Object | Should -Be '1.2.840.99.2', '1.2.840.99.3'
            # An instance that is missing says nothing of how many its study has.
            $items | Sort-Object StudyInstanceUID | ForEach-Object Instances | Should -Be $(if ($Level -eq 'Study') { 2, 2 } else { 2, $null })
            $null = Start-DicomTransferWorker $two.Store
            (Get-DicomTransfer $two.Store $name).Failed | Should -Be 0
            (Compare-DicomArchive $two.Old $two.New -Level Instance -WarningAction Ignore).Difference | Should -Be Extra
        }
    }
}
