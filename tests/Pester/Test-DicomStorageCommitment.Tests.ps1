Describe 'Test-DicomStorageCommitment' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        . "$PSScriptRoot/Support.Archive.ps1"
    }

    BeforeEach {
        $archive = Start-FilledArchive
        $node = "BOX@127.0.0.1:$($archive.Port)"
        $files = New-Instances "$TestDrive/source"
        $unknown = New-Instance "$TestDrive/unknown" '1.2.840.99.9' '1.2.840.99.9.1.1' 'CT' 'P9'
    }

    AfterEach {
        if (Get-DicomArchive) { Stop-DicomArchive -All -Force }
    }

    It 'writes one result for each file, in their order, and an error when one is not committed' {
        $results = Test-DicomStorageCommitment ($files + $unknown) -Node $node -ErrorVariable problem -ErrorAction SilentlyContinue
        $results | Should -BeOfType DicomPS.Commitment.CommitmentResult
        $results.Committed | Should -Be @($true, $true, $true, $false)
        $results.Path | Should -Be ($files + $unknown)
        $results[3].Status | Should -Be 'Failed'
        $results[3].FailureReason | Should -Be 'No such object instance (0112H)'
        $results[3].FailureReasonCode | Should -Be 0x0112
        $problem | Should -HaveCount 1
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomNotCommitted,*'
        $problem[0].Exception.Message | Should -BeLike '*1 of 4 instances*'
    }

    It 'takes the results of Send-DicomFile, and with them the node' {
        $new = New-Instance "$TestDrive/new" '1.2.840.99.7' '1.2.840.99.7.1.1' 'CT' 'P7'
        $results = $new | Send-DicomFile -Node $node | Test-DicomStorageCommitment
        $results.Committed | Should -BeTrue
        $results.Path | Should -Be $new
    }

    It 'lets files go only once they are committed' {
        $new = New-Instance "$TestDrive/go" '1.2.840.99.8' '1.2.840.99.8.1.1' 'CT' 'P8'
        $null = $new | Send-DicomFile -Node $node
        $kept = New-Instance "$TestDrive/go" '1.2.840.99.8' '1.2.840.99.8.1.2' 'CT' 'P8'
        Test-DicomStorageCommitment "$TestDrive/go" -Node $node -ErrorAction SilentlyContinue | Where-Object Committed | Remove-Item
        Get-ChildItem "$TestDrive/go" | ForEach-Object FullName | Should -Be $kept
    }

    It 'takes found instances, files, folders and CSV rows' {
        $found = Find-DicomStudy -Node $node | Find-DicomSeries | Find-DicomInstance
        ($found | Test-DicomStorageCommitment).Committed | Should -Be @($true, $true, $true)
        (Get-ChildItem $files | Test-DicomStorageCommitment -Node $node).Committed | Should -Be @($true, $true, $true)
        (Test-DicomStorageCommitment "$TestDrive/source" -Node $node).Committed | Should -Be @($true, $true, $true)
        $rows = $found | Select-Object SOPClassUID, SOPInstanceUID | ConvertTo-Csv | ConvertFrom-Csv
        ($rows | Test-DicomStorageCommitment -Node $node).Committed | Should -Be @($true, $true, $true)
    }

    It 'names the conflict where an instance is of another class' {
        $row = [pscustomobject]@{ SOPClassUID = '1.2.840.10008.5.1.4.1.1.7'; SOPInstanceUID = '1.2.840.99.1.1.1' }
        $result = $row | Test-DicomStorageCommitment -Node $node -ErrorAction SilentlyContinue
        $result.FailureReasonCode | Should -Be 0x0119
    }

    It 'writes an error for a row without UIDs, and asks for the others' {
        $rows = [pscustomobject]@{ SOPClassUID = 'n/a'; SOPInstanceUID = '1.2' }, [pscustomobject]@{ SOPClassUID = '1.2.840.10008.5.1.4.1.1.2'; SOPInstanceUID = '1.2.840.99.1.1.1' }
        $result = $rows | Test-DicomStorageCommitment -Node $node -ErrorVariable problem -ErrorAction SilentlyContinue
        $result.SOPInstanceUID | Should -Be '1.2.840.99.1.1.1'
        $result.Committed | Should -BeTrue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomCommitmentInputUnknown,*'
    }

    It 'sees that a file of the archive is gone' {
        Get-ChildItem $archive.Path -Recurse -Filter *.dcm | Select-Object -First 1 | Remove-Item
        $results = Test-DicomStorageCommitment $files -Node $node -ErrorAction SilentlyContinue
        $results | Where-Object -Not Committed | Should -HaveCount 1
    }

    It 'waits for requests that were made before' {
        $requests = $files | Request-DicomStorageCommitment -Node $node -BatchSize 1
        ($requests | Test-DicomStorageCommitment).SOPInstanceUID | Should -Be ($requests | ForEach-Object { $_.Results().SOPInstanceUID })
    }

    It 'answers only true or false with -Quiet' {
        Test-DicomStorageCommitment $files -Node $node -Quiet | Should -BeExactly $true
        Test-DicomStorageCommitment ($files + $unknown) -Node $node -Quiet -ErrorVariable problem | Should -BeExactly $false
        $problem | Should -BeNullOrEmpty
    }

    It 'does not take silence for commitment' {
        # Takes the request, and is stopped before it has anything to report.
        $gate = [Threading.ManualResetEventSlim]::new()
        $mute = Start-DicomScp -Port 0 -AETitle MUTE -OnCommit { $null = ($using:gate).Wait(120000); $_.Instances }
        $request = Request-DicomStorageCommitment $files -Node "MUTE@127.0.0.1:$($mute.Port)"
        Stop-DicomScp $mute -Force
        $gate.Set()
        $results = $request | Test-DicomStorageCommitment -Timeout 30 -ErrorVariable problem -ErrorAction SilentlyContinue
        $results.Committed | Should -Be @($false, $false, $false)
        $results.Status | Should -Be @('Unknown', 'Unknown', 'Unknown')
        $problem | Should -Not -BeNullOrEmpty
    }

    It 'says so where there is nothing to ask for' {
        { Test-DicomStorageCommitment -Node $node -ErrorAction Stop } | Should -Throw -ErrorId 'DicomCommitmentInputUnknown,*'
    }

    It 'is silent about an empty pipeline, which -Quiet does not take for committed' {
        @() | Test-DicomStorageCommitment -Node $node -ErrorAction Stop | Should -BeNullOrEmpty
        @() | Test-DicomStorageCommitment -Node $node -Quiet | Should -BeExactly $false
    }

    It 'stops at once' {
        $hung = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $hung.Start()
        try {
            $stop = Stop-Midway "Test-DicomStorageCommitment '$($files[0])' -Node 'X@127.0.0.1:$($hung.LocalEndpoint.Port)'"
            $stop.State | Should -Be 'Stopped'
            $stop.Milliseconds | Should -BeLessThan 20000
        }
        finally { $hung.Stop() }
    }

    It 'fits the screen and is flat in a CSV file' {
        $results = Test-DicomStorageCommitment ($files + $unknown) -Node $node -ErrorAction SilentlyContinue
        Measure-Width $results | Should -BeLessOrEqual 100
        ($results | ConvertTo-Csv | ConvertFrom-Csv)[0].Committed | Should -Be 'True'
    }
}
