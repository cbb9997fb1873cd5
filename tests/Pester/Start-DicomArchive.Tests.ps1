BeforeDiscovery {
    . "$PSScriptRoot/Support.ps1"
    $hasSamples = Test-Path "$samples/CT_small.dcm"
    $hasDcmtk = [bool] (Get-Command findscu -ErrorAction Ignore)
}

Describe 'Start-DicomArchive' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        . "$PSScriptRoot/Support.Archive.ps1"
    }

    AfterEach {
        if (Get-DicomArchive) { Stop-DicomArchive -All -Force }
        if (Get-DicomStorageScp) { Stop-DicomStorageScp -All -Force }
    }

    It 'returns at once with a live object on a free port' {
        $archive = Start-DicomArchive "$TestDrive/new" -Port 0 -AETitle BOX
        $archive | Should -BeOfType DicomPS.Archives.ArchiveServer
        $archive.State | Should -Be 'Running'
        $archive.Port | Should -BeGreaterThan 0
        $archive.Studies, $archive.Series, $archive.Instances, $archive.Received, $archive.Failed | Should -Be @(0, 0, 0, 0, 0)
        Test-DicomEcho "BOX@127.0.0.1:$($archive.Port)" -Quiet | Should -BeTrue
    }

    It 'stores, and counts what it has as soon as the sender hears Success' {
        $archive = Start-DicomArchive "$TestDrive/store" -Port 0 -AETitle BOX
        (New-Instances | Send-DicomFile -Node "BOX@127.0.0.1:$($archive.Port)").Success | Should -Be @($true, $true, $true)
        $archive.Studies, $archive.Series, $archive.Instances, $archive.Received | Should -Be @(2, 2, 3, 3)
        Get-ChildItem "$TestDrive/store" -Recurse -Filter *.dcm | Should -HaveCount 3
    }

    It 'answers queries at all four levels, with the archive as Retrieve AE Title' {
        $archive = Start-FilledArchive
        $node = "BOX@127.0.0.1:$($archive.Port)"
        (Find-DicomPatient -Node $node | Sort-Object PatientID).PatientID | Should -Be @('P1', 'P2')
        $study = Find-DicomStudy -Node $node -PatientID P1
        $study.Instances | Should -Be 2
        $series = $study | Find-DicomSeries
        $series.Modality | Should -Be 'CT'
        $instances = $series | Find-DicomInstance
        $instances | Should -HaveCount 2
        $study.RetrieveAETitle | Should -Be 'BOX'
        $study.Availability | Should -Be 'ONLINE'
    }

    It 'moves to what -Destination names' {
        $store = Start-DicomStorageScp "$TestDrive/moved" -Port 0 -AETitle STORE
        $archive = Start-FilledArchive @{ Destination = @{ STORE = "127.0.0.1:$($store.Port)" } }
        $result = Move-DicomStudy -StudyInstanceUID 1.2.840.99.1 -Node "BOX@127.0.0.1:$($archive.Port)" -Destination STORE
        $result.Completed | Should -Be 2
        $store.Received | Should -Be 2
    }

    It 'moves to registered nodes, also those registered after its start' {
        $store = Start-DicomStorageScp "$TestDrive/registered" -Port 0 -AETitle LATER
        $archive = Start-FilledArchive
        Set-DicomNode -Name later -AETitle LATER -HostName 127.0.0.1 -Port $store.Port
        (Move-DicomStudy -StudyInstanceUID 1.2.840.99.2 -Node "BOX@127.0.0.1:$($archive.Port)" -Destination LATER).Completed | Should -Be 1
    }

    It 'answers A801 for a destination that nobody knows' {
        $archive = Start-FilledArchive
        $result = Move-DicomStudy -StudyInstanceUID 1.2.840.99.1 -Node "BOX@127.0.0.1:$($archive.Port)" -Destination NOWHERE -ErrorAction SilentlyContinue
        $result.StatusCode | Should -Be 0xA801
    }

    It 'gives by C-GET what was stored, bit for bit' {
        $archive = Start-FilledArchive
        $result = Receive-DicomStudy -StudyInstanceUID 1.2.840.99.1 -Node "BOX@127.0.0.1:$($archive.Port)" -Path "$TestDrive/got"
        $result.Received | Should -Be 2
        Get-ChildItem "$TestDrive/got" -Recurse -File | Should -HaveCount 2
    }

    It 'gives instances by nothing but their UID, without their pixels when asked so' -Skip:(-not $hasSamples) {
        $archive = Start-FilledArchive
        $node = "BOX@127.0.0.1:$($archive.Port)"
        $null = Import-DicomFile "$samples/CT_small.dcm" -Archive $archive
        $uid = (Get-DicomFile "$samples/CT_small.dcm").SOPInstanceUID
        $bare = Receive-DicomStudy $node -SOPInstanceUID $uid -WithoutBulkData -Path "$TestDrive/bare"
        "$($bare.Verdict) $($bare.Model) $($bare.Received)" | Should -Be 'Complete WithoutBulkData 1'
        Get-ChildItem "$TestDrive/bare" -Recurse -File | Get-DicomElement -Tag 7FE00010 | Should -BeNullOrEmpty
        $whole = Receive-DicomStudy $node -SOPInstanceUID $uid -Model CompositeInstanceRoot -Path "$TestDrive/whole"
        "$($whole.Verdict) $($whole.Model) $($whole.Received)" | Should -Be 'Complete CompositeInstanceRoot 1'
        Get-ChildItem "$TestDrive/whole" -Recurse -File | Get-DicomElement -Tag 7FE00010 | Should -HaveCount 1
    }

    It 'takes no instance with -ReadOnly, and answers all the same' {
        $path = (Start-FilledArchive).Path
        Stop-DicomArchive -All
        $archive = Start-DicomArchive $path -Port 0 -ReadOnly
        $node = "X@127.0.0.1:$($archive.Port)"
        $sent = New-Instances | Select-Object -First 1 | Send-DicomFile -Node $node -ErrorAction SilentlyContinue
        "$($sent.Success) $('{0:X4}' -f $sent.StatusCode)" | Should -Be 'False 0124'
        $archive.Failed, $archive.Received, $archive.Instances | Should -Be @(1, 0, 3)
        Test-DicomEcho $node -Quiet | Should -BeTrue
        Find-DicomStudy -Node $node | Should -HaveCount 2
        (Receive-DicomStudy $node -StudyInstanceUID 1.2.840.99.1 -Path "$TestDrive/read").Received | Should -Be 2
    }

    It 'has everything again when it is started again' {
        $archive = Start-FilledArchive
        Stop-DicomArchive $archive
        $again = Start-DicomArchive $archive.Path -Port 0
        $again.Instances | Should -Be 3
        $again.Recovered | Should -Be 0
    }

    It 'takes in files that came into the folder after an unclean end' {
        $archive = Start-FilledArchive
        Stop-DicomArchive $archive
        $null = New-Instance $archive.Path 1.2.840.99.9 1.2.840.99.9.1.1 MR P9
        # What a process that was killed leaves behind.
        $null = New-Item "$($archive.Path)/.dicomps-open"
        $again = Start-DicomArchive $archive.Path -Port 0
        $again.Recovered, $again.Instances | Should -Be @(1, 4)
    }

    It 'starts nothing with -WhatIf, and makes no folder' {
        Start-DicomArchive "$TestDrive/whatif" -Port 0 -WhatIf | Should -BeNullOrEmpty
        Test-Path "$TestDrive/whatif" | Should -BeFalse
    }

    It 'says that a folder is in use, and ends' {
        $archive = Start-DicomArchive "$TestDrive/busy" -Port 0
        { Start-DicomArchive $archive.Path -Port 0 } | Should -Throw -ErrorId 'DicomArchiveBusy,*'
    }

    It 'leaves the folder free when the port is in use' {
        $archive = Start-DicomArchive "$TestDrive/first" -Port 0
        { Start-DicomArchive "$TestDrive/second" -Port $archive.Port } | Should -Throw -ErrorId 'DicomPortInUse,*'
        (Start-DicomArchive "$TestDrive/second" -Port 0).State | Should -Be 'Running'
    }

    It 'ends with <Id> for <What>' -ForEach @(
        @{ What = 'a wrong AE title'; Id = 'DicomAETitleInvalid'; More = @{ AETitle = 'A\B' } }
        @{ What = 'a destination that is no address'; Id = 'DicomNodeInvalid'; More = @{ Destination = @{ STORE = '127.0.0.1:99999' } } }
        @{ What = 'a path outside the file system'; Id = 'DicomFileNotFound'; More = @{ Path = 'env:PATH' } }
    ) {
        $parameters = @{ Path = "$TestDrive/errors"; Port = 0 }
        foreach ($key in $More.Keys) { $parameters[$key] = $More[$key] }
        { Start-DicomArchive @parameters } | Should -Throw -ErrorId "$Id,*"
    }

    It 'fits 100 columns and gives CSV one flat row' {
        $archive = Start-FilledArchive
        Measure-Width $archive | Should -BeLessOrEqual 100
        $csv = $archive | ConvertTo-Csv
        $csv | Should -HaveCount 2
        "$csv" | Should -Not -Match 'System\.'
    }

    It 'is closed in good order when the module is removed or the process ends' -ForEach 'Remove-Module DicomPS', '' {
        $manifest = Join-Path $root 'out/DicomPS/DicomPS.psd1'
        $folder = "$TestDrive/ended-$($_.Length)"
        $state = & $pwsh -NoProfile -Command "Import-Module '$manifest'; `$s = Start-DicomArchive '$folder' -Port 0; $_; [string] `$s.State"
        $state | Should -Not -BeNullOrEmpty
        Test-Path "$folder/index.sqlite" | Should -BeTrue
        Test-Path "$folder/.dicomps-open" | Should -BeFalse
    }

    Context '-Fault' {
        BeforeAll {
            function Start-FaultyArchive([hashtable] $Fault) {
                Start-DicomArchive "$TestDrive/faulty-$([guid]::NewGuid().ToString('N'))" -Port 0 -AETitle BOX -StudyQuietPeriod 0 -Fault $Fault
            }

            function Send-Instances($Archive) {
                New-Instances | Send-DicomFile -Node "BOX@127.0.0.1:$($Archive.Port)" -RetryCount 0 -ErrorAction SilentlyContinue
            }

            # What is in the folder, in the index and told agrees.
            function Assert-Agreement($Archive, [int] $Instances) {
                @(Get-ChildItem $Archive.Path -Recurse -Filter *.dcm) | Should -HaveCount $Instances
                Get-ChildItem $Archive.Path -Recurse -Force -Filter *.part | Should -BeNullOrEmpty
                $Archive.Instances, $Archive.Received | Should -Be @($Instances, $Instances)
            }
        }

        It 'fails every second request with the status, stores nothing of it and counts it as failed' {
            $archive = Start-FaultyArchive @{ FailEvery = 2; FailStatus = 'A700' }
            $results = Send-Instances $archive
            $results.Success | Should -Be @($true, $false, $true)
            $results[1].StatusCode | Should -Be 0xA700
            Assert-Agreement $archive 2
            $archive.Failed | Should -Be 1
            $study = $archive | Wait-DicomStudy -StudyInstanceUID 1.2.840.99.1 -Timeout 60
            $study.Received, $study.Instances, $study.Failed | Should -Be @(1, 1, 1)
        }

        It 'fails queries and moves too' {
            $archive = Start-FaultyArchive @{ FailEvery = 1 }
            $node = "BOX@127.0.0.1:$($archive.Port)"
            { Find-DicomStudy -Node $node -ErrorAction Stop } | Should -Throw '*C311*'
            (Receive-DicomStudy -StudyInstanceUID 1.2.3 -Node $node -Path "$TestDrive/got" -RetryCount 0 -ErrorAction SilentlyContinue).StatusCode | Should -Be 0xC411
        }

        It 'refuses every association, or the first ones' {
            $archive = Start-FaultyArchive @{ RefuseAssociation = $true }
            (Send-Instances $archive).Success | Should -Be @($false, $false, $false)
            Assert-Agreement $archive 0
            $archive.Associations | Should -Be 0
            Stop-DicomArchive $archive
            $archive = Start-FaultyArchive @{ RefuseAssociation = 1 }
            $node = "BOX@127.0.0.1:$($archive.Port)"
            (Test-DicomEcho $node -Quiet), (Test-DicomEcho $node -Quiet) | Should -Be @($false, $true)
        }

        It 'aborts instead of an answer, and tells the association as broken' {
            $archive = Start-FaultyArchive @{ AbortAfter = 0 }
            $result = New-Instances | Select-Object -First 1 | Send-DicomFile -Node "BOX@127.0.0.1:$($archive.Port)" -RetryCount 0 -ErrorAction SilentlyContinue
            $result.Success | Should -BeFalse
            # It was stored; only the answer never went out.
            Assert-Agreement $archive 1
            ($archive | Wait-DicomStudy -Count 1 -Timeout 60).Aborted | Should -Be 1
        }

        It 'cuts the connection in the middle of an instance, of which nothing is left' -Skip:(-not $hasSamples) {
            $archive = Start-FaultyArchive @{ DropAfterBytes = 20000 }
            $results = Send-DicomFile "$samples/CT_small.dcm" -Node "BOX@127.0.0.1:$($archive.Port)" -RetryCount 0 -ErrorAction SilentlyContinue
            $results.Success | Should -BeFalse
            $null = Wait-Until { -not $archive.ActiveAssociations }
            Assert-Agreement $archive 0
        }

        It 'serves each request later' {
            $archive = Start-FaultyArchive @{ DelayMilliseconds = 200 }
            $clock = [Diagnostics.Stopwatch]::StartNew()
            (Send-Instances $archive).Success | Should -Be @($true, $true, $true)
            $clock.ElapsedMilliseconds | Should -BeGreaterOrEqual 600
            Assert-Agreement $archive 3
        }
    }

    Context '-MaxBytes and -MaxAge' {
        BeforeAll {
            # Three studies of one instance, oldest first by the time of their files; and the bytes of one.
            function New-OldArchive {
                $folder = "$TestDrive/old-$([guid]::NewGuid().ToString('N'))"
                $files = foreach ($i in 1..3) {
                    $file = Get-Item (New-Instance "$folder/$i" "1.2.840.98.$i" "1.2.840.98.$i.1" CT "P$i")
                    $file.LastWriteTimeUtc = [datetime]::UtcNow.AddDays($i - 10)
                    $file
                }
                Start-DicomArchive $folder -Port 0 | Stop-DicomArchive
                [pscustomobject]@{ Path = $folder; Size = $files[0].Length }
            }

            # Retention works beside the session.
            function Wait-Removed($Archive, [int] $Count) {
                $null = Wait-Until { $Archive.RemovedStudies -ge $Count }
                $Archive.RemovedStudies | Should -Be $Count
            }
        }

        It 'deletes the oldest studies beyond -MaxBytes, and counts them' {
            $old = New-OldArchive
            $archive = Start-DicomArchive $old.Path -Port 0 -MaxBytes ($old.Size * 2)
            Wait-Removed $archive 1
            Get-ChildItem $old.Path -Directory | ForEach-Object Name | Should -Be @('2', '3')
            $archive.Studies, $archive.RemovedBytes, $archive.MaxBytes | Should -Be @(2, $old.Size, ($old.Size * 2))
            $archive.LastRemoved | Should -Match '1\.2\.840\.98\.1 of patient P1: 1 instance\(s\), .* was deleted'
            (Import-Csv "$($old.Path)/.dicomps-removed.csv").StudyInstanceUID | Should -Be '1.2.840.98.1'
            (Find-DicomStudy -Node "X@127.0.0.1:$($archive.Port)" | Sort-Object PatientID).PatientID | Should -Be @('P2', 'P3')
        }

        It 'makes room when an import brings more, and when a study has come' {
            $old = New-OldArchive
            $archive = Start-DicomArchive $old.Path -Port 0 -MaxBytes ($old.Size * 3.5) -StudyQuietPeriod 0
            $null = New-Instance "$TestDrive/four" 1.2.840.98.4 1.2.840.98.4.1 CT P4 | Import-DicomFile -Archive $archive
            Wait-Removed $archive 1
            $null = New-Instance "$TestDrive/five" 1.2.840.98.5 1.2.840.98.5.1 CT P5 | Send-DicomFile -Node "X@127.0.0.1:$($archive.Port)"
            Wait-Removed $archive 2
            (Find-DicomStudy -Node "X@127.0.0.1:$($archive.Port)" | Sort-Object PatientID).PatientID | Should -Be @('P3', 'P4', 'P5')
        }

        It 'deletes nothing without them' {
            $old = New-OldArchive
            (Start-DicomArchive $old.Path -Port 0).Studies | Should -Be 3
        }

        It 'counts -MaxAge from the arrival, in days or as a TimeSpan' {
            $old = New-OldArchive
            $archive = Start-DicomArchive $old.Path -Port 0 -MaxAge 0.5
            $archive.MaxAge | Should -Be ([timespan] '12:00:00')
            # Old files that came today.
            $archive.Studies | Should -Be 3
            Stop-DicomArchive $archive
            $archive = Start-DicomArchive $old.Path -Port 0 -MaxAge 00:00:00.001
            Wait-Removed $archive 3
            $archive.Studies | Should -Be 0
        }

        It 'says with -WhatIf what would go, and deletes nothing' {
            $old = New-OldArchive
            $manifest = Join-Path $root 'out/DicomPS/DicomPS.psd1'
            $said = & $pwsh -NoProfile -Command "Import-Module '$manifest'; Start-DicomArchive '$($old.Path)' -Port 0 -MaxBytes $($old.Size * 2) -MaxAge 100 -WhatIf" | Out-String
            $said | Should -Match 'Delete because of -MaxBytes.*1\.2\.840\.98\.1 of patient P1'
            $said | Should -Not -Match '1\.2\.840\.98\.2'
            $said | Should -Match 'DELETE studies from it: the oldest beyond \d+ bytes, and those whose last instance came more than 100 days ago \(1 now\)'
            Get-ChildItem $old.Path -Directory | Should -HaveCount 3
        }

        It 'refuses <Name>' -ForEach @(
            @{ Name = 'limits of an archive that is -ReadOnly'; More = @{ ReadOnly = $true; MaxAge = 1 }; Id = 'DicomArgumentInvalid' }
            @{ Name = 'an age of nothing'; More = @{ MaxAge = 0 }; Id = 'ParameterArgumentTransformationError' }
            @{ Name = 'an age that is none'; More = @{ MaxAge = 'old' }; Id = 'ParameterArgumentTransformationError' }
            @{ Name = 'no bytes at all'; More = @{ MaxBytes = 0 }; Id = 'ParameterArgumentValidationError' }
        ) {
            { Start-DicomArchive "$TestDrive/refused" -Port 0 @More } | Should -Throw -ErrorId "$Id,*"
        }
    }

    Context 'DCMTK' -Skip:(-not ($hasDcmtk -and $hasSamples)) {
        It 'refuses an identifier without its unique keys with A900 and the reason' {
            $archive = Start-FilledArchive
            $text = findscu -v -S -aec BOX 127.0.0.1 $archive.Port -k QueryRetrieveLevel=SERIES -k SeriesInstanceUID 2>&1 | Out-String
            $text | Should -Match 'DataSetDoesNotMatchSOPClass|0xa900|IdentifierDoesNotMatch'
        }
    }

    It 'does with an instance that is there what -Duplicate <Duplicate> says' -ForEach @(
        @{ Duplicate = 'Replace'; Again = $true }, @{ Duplicate = 'KeepFirst'; Again = $true }, @{ Duplicate = 'Reject'; Again = $false }
    ) {
        $archive = Start-DicomArchive "$TestDrive/duplicate-$Duplicate" -Port 0 -AETitle BOX -Duplicate $Duplicate
        $archive.Duplicate | Should -Be $Duplicate
        $files = @(New-Instance "$TestDrive/$Duplicate-1" 1.2.840.78 1.2.840.78.1.1 CT P1; New-Instance "$TestDrive/$Duplicate-2" 1.2.840.78 1.2.840.78.1.1 CT P1)
        $first, $second = $files | Send-DicomFile -Node "BOX@127.0.0.1:$($archive.Port)" -ErrorAction SilentlyContinue
        $first.Success | Should -BeTrue
        $second.Success | Should -Be $Again
        if (-not $Again) { "$($second.Status)" | Should -Match "Duplication" }
        $archive.Instances | Should -Be 1
        $archive.Conflicts | Should -Be 0
        Get-ChildItem $archive.Path -Recurse -Filter *.dcm | Should -HaveCount 1
    }

    It 'sets a broken instance aside with -KeepBroken, tells its sender a failure and lists it' {
        $target = Start-DicomArchive -Path "$TestDrive/keep-archive" -Port 0 -KeepBroken "$TestDrive/aside-archive"
        # No SOP Instance UID in the dataset: only the meta information has one.
        $short = { param($group, $element, $vr, $text) [BitConverter]::GetBytes([uint16] $group) + [BitConverter]::GetBytes([uint16] $element) + [Text.Encoding]::ASCII.GetBytes($vr) + [BitConverter]::GetBytes([uint16] $text.Length) + [Text.Encoding]::ASCII.GetBytes($text) }
        $bytes = [byte[]]::new(128) + [Text.Encoding]::ASCII.GetBytes('DICM') + (& $short 2 2 UI "1.2.840.10008.5.1.4.1.1.7`0") + (& $short 2 3 UI '1.2.3.40') + (& $short 2 0x10 UI "1.2.840.10008.1.2.1`0") + (& $short 8 0x16 UI "1.2.840.10008.5.1.4.1.1.7`0") + (& $short 0x10 0x20 LO 'P1')
        [IO.File]::WriteAllBytes("$TestDrive/broken-archive.dcm", [byte[]] $bytes)
        $result = Send-DicomFile "$TestDrive/broken-archive.dcm" "X@127.0.0.1:$($target.Port)" -RetryCount 0 -ErrorAction SilentlyContinue
        $result.Success | Should -BeFalse
        $target.Received | Should -Be 0
        $target.Broken | Should -Be 1
        $target.BrokenInstances[0].SOPInstanceUID | Should -Be '1.2.3.40'
        $target.BrokenInstances[0].Problem | Should -BeLike '*SOPInstanceUID*'
        $target.BrokenInstances[0].Path | Should -Be (Join-Path $TestDrive 'aside-archive' '1.2.3.40.dcm')
        Test-Path $target.BrokenInstances[0].Path | Should -BeTrue
        Get-ChildItem "$TestDrive/keep-archive" -Recurse -File -Filter *.dcm | Should -BeNullOrEmpty
        Stop-DicomArchive $target
        { Start-DicomArchive -Path "$TestDrive/keep-archive" -Port 0 -KeepBroken "$TestDrive/keep-archive/broken" -ErrorAction Stop } | Should -Throw '*KeepBroken*'
    }
}
