Describe 'What is agreed by extended negotiation' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $seen = [Collections.Concurrent.ConcurrentQueue[object]]::new()
        $block = { ($using:seen).Enqueue($_); if ($_.Operation -eq 'C-FIND') { @{ StudyInstanceUID = '1.2.3'; PatientID = '1' } } else { 0xA801 } }
        $agrees = Start-DicomScp -Port 0 -AETitle AGREES -Agree TimeZone, View, FuzzyName -OnFind $block -OnMove $block
        $refuses = Start-DicomScp -Port 0 -AETitle REFUSES -OnFind $block -OnMove $block
        $yes, $no = "AGREES@127.0.0.1:$($agrees.Port)", "REFUSES@127.0.0.1:$($refuses.Port)"
    }

    BeforeEach { while ($seen.Count) { $null = $seen.TryDequeue([ref] $null) } }
    AfterAll { if (Get-DicomScp) { Stop-DicomScp -All -Force } }

    It 'view and time zone go out where the peer agrees, and its block sees that' {
        $warned = $null
        $null = Find-DicomStudy $yes -View enhanced -TimeZone +0100 -FuzzyName -PatientName 'DOE*' -WarningVariable warned -WarningAction SilentlyContinue
        $asked = @($seen)[0]
        $asked.Keys.QueryRetrieveView, $asked.Keys.TimezoneOffsetFromUTC | Should -Be 'ENHANCED', '+0100'
        $asked.Agreed | Should -Be 'FuzzyName', 'TimeZone', 'View'
        "$warned" | Should -Not -Match 'did not agree'
    }

    It 'where the peer does not agree neither goes out, and a warning says so of each' {
        $warned = $null
        $null = Find-DicomStudy $no -View CLASSIC -TimeZone +0100 -WarningVariable warned -WarningAction SilentlyContinue
        $asked = @($seen)[0]
        $asked.Keys.Contains('QueryRetrieveView'), $asked.Keys.Contains('TimezoneOffsetFromUTC') | Should -Be $false, $false
        $asked.Agreed | Should -HaveCount 0
        "$warned" | Should -Match 'did not agree to a Query/Retrieve View'
        "$warned" | Should -Match 'did not agree to adjust time zones'
    }

    It 'what nobody asks for is not agreed to' {
        $null = Find-DicomStudy $yes
        @($seen)[0].Agreed | Should -HaveCount 0
    }

    It 'a retrieve names its view, and asks a peer that does not agree for nothing' {
        $null = Move-DicomStudy $yes -StudyInstanceUID 1.2.3 -Destination STORE -View ENHANCED -ErrorAction SilentlyContinue
        @($seen)[0].Keys.QueryRetrieveView | Should -Be 'ENHANCED'
        @($seen)[0].Agreed | Should -Be 'View'
        $failure = $null
        $result = Move-DicomStudy $no -StudyInstanceUID 1.2.3 -Destination STORE -View ENHANCED -ErrorAction SilentlyContinue -ErrorVariable failure
        $result.Verdict, $result.Status | Should -Be 'Failed', 'NotSent'
        "$failure" | Should -Match 'did not agree to a Query/Retrieve View'
        $seen.Count | Should -Be 1
    }
}

Describe 'Repository Query' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        # A repository that gives two records at a time.
        $asked = [Collections.Concurrent.ConcurrentQueue[object]]::new()
        $repository = Start-DicomScp -Port 0 -AETitle REPO -ArgumentList $asked -OnFind {
            param($Request, $Asked)
            $prior = @($Request.Identifier | Where-Object Tag -EQ '(0008,041C)')
            $from = if ($prior) { [int] [Text.Encoding]::ASCII.GetString($Request.Identifier.GetBytes('0008041C').ToArray()) + 1 } else { 1 }
            $Asked.Enqueue("$($Request.SOPClass) from $from")
            foreach ($i in $from..([Math]::Min($from + 1, 5))) {
                @{ StudyInstanceUID = "1.2.$i"; PatientID = "P$i"; RecordKey = [Text.Encoding]::ASCII.GetBytes("{0:00}" -f $i) }
            }
            if ($from -lt 5) { 0xB001 }
        }
        $node = "REPO@127.0.0.1:$($repository.Port)"
    }

    BeforeEach { while ($asked.Count) { $null = $asked.TryDequeue([ref] $null) } }
    AfterAll { if (Get-DicomScp) { Stop-DicomScp -All -Force } }

    It 'asks on behind the last record until the answer is whole' {
        $warned = $null
        (Find-DicomStudy $node -Repository -WarningVariable warned -WarningAction SilentlyContinue).StudyInstanceUID | Should -Be '1.2.1', '1.2.2', '1.2.3', '1.2.4', '1.2.5'
        @($asked) | Should -Be 'Repository Query from 1', 'Repository Query from 3', 'Repository Query from 5'
        "$warned" | Should -Not -Match 'cut short'
    }

    It 'says that an answer is cut where nobody asks on' {
        $warned = $null
        @(Find-DicomStudy $node -WarningVariable warned -WarningAction SilentlyContinue) | Should -HaveCount 2
        "$warned" | Should -Match 'cut short'
    }

    It 'takes the usual query, and says so, where the peer has none' {
        $archive = Start-DicomArchive (Join-Path $TestDrive plain) -Port 0 -AETitle PLAIN
        try {
            $warned = $null
            Find-DicomStudy "PLAIN@127.0.0.1:$($archive.Port)" -Repository -WarningVariable warned -WarningAction SilentlyContinue | Should -BeNullOrEmpty
            "$warned" | Should -Match 'does not have Repository Query'
        }
        finally { Stop-DicomArchive $archive -Force }
    }

    It 'is not led in circles by a peer whose records are always the same' {
        $stuck = Start-DicomScp -Port 0 -AETitle STUCK -OnFind { @{ StudyInstanceUID = '1.2.1'; RecordKey = [byte[]] (1, 2) }; 0xB001 }
        $warned = $null
        @(Find-DicomStudy "STUCK@127.0.0.1:$($stuck.Port)" -Repository -WarningVariable warned -WarningAction SilentlyContinue).Count | Should -BeLessOrEqual 2
        "$warned" | Should -Match 'cut short'
    }
}
