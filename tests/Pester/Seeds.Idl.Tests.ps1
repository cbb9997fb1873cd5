# What was asked, row by row (seeds.md): the query and retrieve of IDL. Each It is a row.
BeforeDiscovery {
    $hasDcmtk = [bool] (Get-Command dcmqrscp -ErrorAction Ignore)
}

Describe 'IDL Retrieve' -Skip:(-not $hasDcmtk) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        . "$PSScriptRoot/Support.Seeds.ps1"
        $storePort = Get-FreePort
        $archive = Start-MovingArchive $storePort
        $store = Start-DicomStorageScp "$TestDrive/store" -Port $storePort -AETitle STORE
        $given = $archive.Node
        Set-DicomNode QUERY_SCP @given
        Set-DicomNode STORAGE_SCP -AETitle STORE -HostName 127.0.0.1 -Port $storePort
        $study = '1.2.840.99.1'
        $slow = Start-DicomScp -Port 0 -AETitle SLOW -ArgumentList "STORE@127.0.0.1:$storePort", $archive.Files -OnMove { param($r, $to, $files) $to; foreach ($file in $files * 10) { $file; Start-Sleep -Milliseconds 300 } }
    }

    AfterAll {
        Stop-Peer $archive.Process
        Get-DicomStorageScp | Stop-DicomStorageScp -Force
        Get-DicomScp | Stop-DicomScp -Force
    }

    It 'source and destination named as nodes (QUERY_SCP)' {
        (Move-DicomStudy QUERY_SCP -StudyInstanceUID $study -Destination STORAGE_SCP).Verdict | Should -Be 'Complete'
    }

    It 'STORAGE_SCP: destination by node name' {
        $result = Move-DicomStudy QUERY_SCP -StudyInstanceUID $study -Destination STORAGE_SCP
        $result.Destination | Should -Be 'STORE'
        $result.Verdict | Should -Be 'Complete'
    }

    It 'PATIENT_ID / STUDY / SERIES / SOP keywords' {
        (Move-DicomStudy QUERY_SCP -PatientID P1 -Destination STORE).Completed | Should -Be 2
        (Move-DicomStudy QUERY_SCP -StudyInstanceUID $study -Destination STORE).Level | Should -Be 'Study'
        (Move-DicomStudy QUERY_SCP -StudyInstanceUID $study -SeriesInstanceUID "$study.1" -Destination STORE).Level | Should -Be 'Series'
        $one = Move-DicomStudy QUERY_SCP -StudyInstanceUID $study -SeriesInstanceUID "$study.1" -SOPInstanceUID "$study.1.1" -Destination STORE
        $one.Level | Should -Be 'Image'
        $one.Completed | Should -Be 1
    }

    It 'table of required keys per model and level' {
        $problem = $null
        Move-DicomStudy QUERY_SCP -SeriesInstanceUID "$study.1" -Destination STORE -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomRetrieveKeysInvalid,*'
        "$($problem[0])" | Should -Match 'needs StudyInstanceUID'
    }

    It 'PATIENT_ID as a number' {
        # A number typed bare is PowerShell's: 000001 is 1 there, whoever is called. In quotes it stays as it is.
        $asked = Start-DicomScp -Port 0 -AETitle ASKED -OnMove { Write-Warning "id $($_.Keys.PatientID)"; 0xA801 }
        $null = Move-DicomStudy (Get-SeedNode $asked) -PatientID '000001' -Destination STORE -ErrorAction SilentlyContinue
        (Wait-SeedMessage $asked 'id*').Message | Should -Be 'id 000001'
    }

    It 'default: everything of the remote node' {
        # On purpose never by default: without keys nothing is asked for; -All says it and asks back.
        { Move-DicomStudy QUERY_SCP -Destination STORE -ErrorAction Stop } | Should -Throw -ErrorId 'DicomRetrieveKeysInvalid,*'
        $before = $store.Received
        @(Move-DicomStudy QUERY_SCP -All -Destination STORE -Confirm:$false).Count | Should -Be 2
        $store.Received - $before | Should -Be 3
    }

    It 'query fields are not used by Retrieve' {
        (Get-Command Move-DicomStudy).Parameters.Keys | Should -Not -Contain 'PatientName'
        $asked = Start-DicomScp -Port 0 -AETitle KEYS -OnMove { Write-Warning "keys $($_.Keys.Keys -join ',')"; 0xA801 }
        [pscustomobject] @{ StudyInstanceUID = $study; PatientName = 'DOE^JOHN'; StudyDate = '20240102' } | Move-DicomStudy (Get-SeedNode $asked) -Destination STORE -ErrorAction SilentlyContinue
        (Wait-SeedMessage $asked 'keys*').Message | Should -Be 'keys QueryRetrieveLevel,StudyInstanceUID'
    }

    It 'returns when complete / error / cancelled' {
        (Move-DicomStudy QUERY_SCP -StudyInstanceUID $study -Destination STORE).Verdict | Should -Be 'Complete'
        (Move-DicomStudy QUERY_SCP -StudyInstanceUID $study -Destination NOWHERE -ErrorAction SilentlyContinue).Verdict | Should -Be 'Failed'
        $cancelled = Move-DicomStudy (Get-SeedNode $slow) -StudyInstanceUID $study -Destination STORE -OnProgress { $false } -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        $cancelled.Verdict | Should -Be 'Cancelled'
    }

    It 'result success/failure' {
        $both = '1.2.840.99.1', '1.2.840.99.404' | Move-DicomStudy QUERY_SCP -Destination STORE -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        @($both).Count | Should -Be 2
        $both[0].Verdict | Should -Be 'Complete'
        $both[1].Verdict | Should -Not -Be 'Complete'
    }

    It 'COUNT' {
        (Move-DicomStudy QUERY_SCP -StudyInstanceUID $study -Destination STORE).Completed | Should -Be 2
    }

    It 'callback per file' {
        $counts = [Collections.Generic.List[object]]::new()
        $null = Move-DicomStudy (Get-SeedNode $slow) -StudyInstanceUID $study -Destination STORE -OnProgress { param($status) $counts.Add($status.Completed); if ($counts.Count -ge 4) { $false } } -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        $counts.Count | Should -BeGreaterOrEqual 4
        ($counts | Where-Object { $null -ne $_ } | Measure-Object -Maximum).Maximum | Should -BeGreaterOrEqual 1
    }

    It 'callback every 3 s without pending responses' {
        $mute = Start-DicomScp -Port 0 -AETitle MUTE -OnMove { Start-Sleep 8; 0xA801 }
        $calls = [Collections.Generic.List[object]]::new()
        $null = Move-DicomStudy (Get-SeedNode $mute) -StudyInstanceUID $study -Destination STORE -OnProgress { param($status) $calls.Add($status) } -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        $calls.Count | Should -BeGreaterOrEqual 2
    }

    It 'cancel from the callback' {
        $seen = [Collections.Concurrent.ConcurrentQueue[bool]]::new()
        $ends = Start-DicomScp -Port 0 -AETitle ENDS -ArgumentList $seen, "STORE@127.0.0.1:$storePort", $archive.Files[0] -OnMove {
            param($request, $seen, $to, $file)
            $to
            foreach ($i in 1..600) { $file; Start-Sleep -Milliseconds 100; if ($request.IsCancelled) { $seen.Enqueue($true); return } }
        }
        $result = Move-DicomStudy (Get-SeedNode $ends) -StudyInstanceUID $study -Destination STORE -OnProgress { $false } -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        $result.Verdict | Should -Be 'Cancelled'
        $null = Wait-Until { $seen.Count }
        $seen.Count | Should -Be 1
    }

    It 'move leaves the original' {
        1..2 | ForEach-Object { (Move-DicomStudy QUERY_SCP -StudyInstanceUID $study -Destination STORE).Completed } | Should -Be 2, 2
    }

    It 'SetApplicationEntity, persisted (Commit)' {
        Set-DicomNode kept -AETitle KEPT -HostName kept.example -Port 1104
        $other = & $pwsh -NoProfile -c "Import-Module '$root/out/DicomPS/DicomPS.psd1'; (Get-DicomNode kept).Port"
        $other | Should -Be 1104
    }

    It 'GetApplicationEntity, restore the old one' {
        Set-DicomNode kept -AETitle KEPT -HostName kept.example -Port 1104
        $old = Get-DicomNode kept
        Set-DicomNode kept -AETitle OTHER -HostName other.example -Port 104
        $old | Set-DicomNode kept
        (Get-DicomNode kept).HostName | Should -Be 'kept.example'
    }

    It 'service lists per entity' {
        # On purpose none: what a peer serves is agreed in each association, and Test-DicomEcho or the error of a command says what was not.
        (Get-DicomNode QUERY_SCP).PSObject.Properties.Name | Should -Not -Contain 'Services'
        $problem = $null
        Find-DicomWorklist QUERY_SCP -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'Dicom*Context*'
    }

    It 'StorScpDir' {
        $result = Move-DicomStudy QUERY_SCP -StudyInstanceUID $study -Path "$TestDrive/dir"
        $result.Verdict | Should -Be 'Complete'
        @(Get-ChildItem "$TestDrive/dir" -File -Recurse).Count | Should -Be 2
    }

    It 'StorageScpService start/stop/status' {
        (Get-DicomStorageScp | Where-Object AETitle -EQ STORE).State | Should -Be 'Running'
        Get-Command Register-DicomService, Start-DicomService, Stop-DicomService, Get-DicomService | Should -HaveCount 4
        (Get-Command Get-DicomService).OutputType.Name | Should -Contain 'DicomPS.Services.RegisteredService'
    }

    It 'the example program' {
        $result = Find-DicomStudy QUERY_SCP -PatientID P1 | Move-DicomStudy -Destination STORAGE_SCP
        $result.Verdict | Should -Be 'Complete'
    }
}
