Describe 'Send-DicomInstanceAvailability and Start-DicomScp -OnAvailability' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        function New-Row([int] $Study, [int] $Series, [int] $Instance) {
            [pscustomobject] @{ StudyInstanceUID = "1.2.$Study"; SeriesInstanceUID = "1.2.$Study.$Series"; SOPInstanceUID = "1.2.$Study.$Series.$Instance"; SOPClassUID = '1.2.840.10008.5.1.4.1.1.2' }
        }
        $rows = @(New-Row 1 1 1; New-Row 1 1 2; New-Row 1 2 1; New-Row 2 1 1)
        $seen = [Collections.Concurrent.ConcurrentQueue[object]]::new()
        $scp = Start-DicomScp -Port 0 -AETitle RIS -OnAvailability { ($using:seen).Enqueue($_) }
        $node = "RIS@127.0.0.1:$($scp.Port)"
    }

    BeforeEach { while ($seen.Count) { $null = $seen.TryDequeue([ref] $null) } }
    AfterAll { if (Get-DicomScp) { Stop-DicomScp -All -Force } }

    It 'sends a notification for each study, with its series and instances' {
        $results = $rows | Send-DicomInstanceAvailability $node -RetrieveAETitle PACS, CLOUD -Availability NEARLINE
        $results | Should -HaveCount 2
        $results.StudyInstanceUID | Should -Be '1.2.1', '1.2.2'
        $results.Instances | Should -Be 3, 1
        $results.Success | Should -Be $true, $true
        $results.StatusCode | Should -Be 0, 0
        $first, $second = @($seen)
        $first.Operation, $first.StudyInstanceUID, $first.CallingAETitle | Should -Be 'N-CREATE', '1.2.1', 'DICOMPS'
        $first.Instances.SOPInstanceUID | Should -Be '1.2.1.1.1', '1.2.1.1.2', '1.2.1.2.1'
        $first.Instances.SeriesInstanceUID | Should -Be '1.2.1.1', '1.2.1.1', '1.2.1.2'
        $first.Instances[0].SOPClass, $first.Instances[0].Availability, $first.Instances[0].RetrieveAETitle | Should -Be 'CT Image Storage', 'NEARLINE', 'PACS\CLOUD'
        $second.StudyInstanceUID | Should -Be '1.2.2'
        $scp.Services, $scp.Handlers | Should -Be 'Verification, InstanceAvailability', 'OnAvailability'
    }

    It 'tells what the peer answers, in the result and as an error' {
        $busy = Start-DicomScp -Port 0 -AETitle RIS -OnAvailability { @{ Status = 0x0110; ErrorComment = 'not today' } }
        $failure = $null
        $result = $rows[0] | Send-DicomInstanceAvailability "RIS@127.0.0.1:$($busy.Port)" -RetrieveAETitle PACS -ErrorAction SilentlyContinue -ErrorVariable failure
        $result.Success, $result.StatusCode, $result.ErrorComment | Should -Be $false, 0x0110, 'not today'
        $failure[0].FullyQualifiedErrorId | Should -Match '^DicomStatusFailure'
    }

    It 'gives each study its result, and says once that a peer takes none' {
        $other = Start-DicomScp -Port 0 -AETitle RIS -OnFind { }
        $failure = $null
        $results = $rows | Send-DicomInstanceAvailability "RIS@127.0.0.1:$($other.Port)" -RetrieveAETitle PACS -ErrorAction SilentlyContinue -ErrorVariable failure
        $results.Status | Should -Be 'NotSent', 'NotSent'
        @($failure) | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -Match '^DicomPresentationContextRejected'
    }

    It 'refuses what is no UID, and sends nothing with -WhatIf' {
        $bad = New-Row 3 1 1
        $bad.SOPInstanceUID = 'no uid'
        $failure = $null
        $bad | Send-DicomInstanceAvailability $node -RetrieveAETitle PACS -ErrorAction SilentlyContinue -ErrorVariable failure | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -Match '^DicomUidInvalid'
        $rows | Send-DicomInstanceAvailability $node -RetrieveAETitle PACS -WhatIf | Should -BeNullOrEmpty
        $seen.Count | Should -Be 0
    }
}

Describe 'Start-DicomScp -OnCommit' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $rows = 1..3 | ForEach-Object { [pscustomobject] @{ SOPClassUID = '1.2.840.10008.5.1.4.1.1.2'; SOPInstanceUID = "1.2.3.$_" } }
        function Test-Rows($Server) { $rows | Test-DicomStorageCommitment -Node "SAFE@127.0.0.1:$($Server.Port)" -ErrorAction SilentlyContinue }
    }

    AfterEach { if (Get-DicomScp) { Stop-DicomScp -All -Force } }

    It 'reports what the block names as committed, and the others as failed' {
        $scp = Start-DicomScp -Port 0 -AETitle SAFE -OnCommit {
            $_.Instances | Where-Object SOPInstanceUID -EQ '1.2.3.1'
            @{ SOPInstanceUID = '1.2.3.2'; FailureReason = 0x0119 }
        }
        $results = Test-Rows $scp
        $results | Should -HaveCount 3
        ($results | Where-Object SOPInstanceUID -EQ '1.2.3.1').Committed | Should -BeTrue
        ($results | Where-Object SOPInstanceUID -EQ '1.2.3.2').Committed | Should -BeFalse
        "$($results | Where-Object SOPInstanceUID -EQ '1.2.3.2' | Format-List * | Out-String)" | Should -Match '0119'
        ($results | Where-Object SOPInstanceUID -EQ '1.2.3.3').Committed | Should -BeFalse
        $scp.Services | Should -Be 'Verification, StorageCommitment'
    }

    It 'commits nothing when the block <What>' -ForEach @(
        @{ What = 'writes nothing'; Block = { } }
        @{ What = 'throws'; Block = { throw 'the database is down' } }
        @{ What = 'writes no instance'; Block = { $true } }
        @{ What = 'names an instance twice, once with a reason'; Block = { '1.2.3.1'; @{ SOPInstanceUID = '1.2.3.1'; FailureReason = 0x0110 } } }
    ) {
        $scp = Start-DicomScp -Port 0 -AETitle SAFE -OnCommit $Block
        (Test-Rows $scp).Committed | Sort-Object -Unique | Should -Be $false
    }

    It 'keeps what it owes in a folder over a stop, and asks its block again about the same transaction' {
        $seen = [Collections.Concurrent.ConcurrentQueue[object]]::new()
        $gate = [Threading.ManualResetEventSlim]::new()
        $folder = Join-Path $TestDrive owed/reports
        $block = { ($using:seen).Enqueue($_.TransactionUID); $null = ($using:gate).Wait(120000); $_.Instances }
        $scp = Start-DicomScp -Port 0 -AETitle SAFE -OnCommit $block -OwedReportPath $folder
        $asked = $rows | Request-DicomStorageCommitment -Node "SAFE@127.0.0.1:$($scp.Port)"
        $null = Wait-Until { $seen.Count }
        Stop-DicomScp $scp -Force
        @(Get-ChildItem $folder -Force -File).Count | Should -Be 1
        $gate.Set()
        $scp = Start-DicomScp -Port 0 -AETitle SAFE -OnCommit $block -OwedReportPath $folder
        $null = Wait-Until { $seen.Count -ge 2 }
        @($seen) | Should -Be $asked.TransactionUID, $asked.TransactionUID
    }
}
