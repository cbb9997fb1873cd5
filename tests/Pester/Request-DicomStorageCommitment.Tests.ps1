Describe 'Request-DicomStorageCommitment' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        . "$PSScriptRoot/Support.Archive.ps1"
    }

    BeforeEach {
        $archive = Start-FilledArchive
        $node = "BOX@127.0.0.1:$($archive.Port)"
        $files = New-Instances
    }

    AfterEach {
        if (Get-DicomArchive) { Stop-DicomArchive -All -Force }
        if (Get-DicomStorageScp) { Stop-DicomStorageScp -All -Force }
        Get-DicomNode | Remove-DicomNode
    }

    It 'writes one live object for everything, which the report completes' {
        $request = Request-DicomStorageCommitment $files -Node $node
        $request | Should -HaveCount 1
        $request | Should -BeOfType DicomPS.Commitment.StorageCommitment
        $request.Instances | Should -Be 3
        $null = $request.WhenCompleted().Wait(30000)
        $request.State | Should -Be 'Completed'
        $request.Committed, $request.Failed, $request.Unknown | Should -Be @(3, 0, 0)
    }

    It 'makes several requests of more than -BatchSize' {
        $requests = $files | Request-DicomStorageCommitment -Node $node -BatchSize 2
        $requests.Instances | Should -Be @(2, 1)
        $requests.TransactionUID | Sort-Object -Unique | Should -HaveCount 2
        ($requests | Test-DicomStorageCommitment).Committed | Should -Be @($true, $true, $true)
    }

    It 'listens on the port that is registered with the node, and not longer than the requests wait' {
        $port = Get-FreePort
        Set-DicomNode BOX $node -LocalPort $port
        $first = Request-DicomStorageCommitment $files[0] -Node BOX
        $second = Request-DicomStorageCommitment $files[1] -Node BOX -LocalPort $port
        $first.LocalPort, $second.LocalPort | Should -Be @($port, $port)
        $first, $second | Test-DicomStorageCommitment -Quiet | Should -BeTrue
        Test-DicomEcho "X@127.0.0.1:$port" -Quiet | Should -BeFalse
    }

    It 'opens no second listener where a storage SCP of this session listens' {
        $scp = Start-DicomStorageScp "$TestDrive/in" -Port 0
        $request = Request-DicomStorageCommitment $files -Node $node -LocalPort $scp.Port
        $request.LocalPort | Should -BeNullOrEmpty
        $request | Test-DicomStorageCommitment -Quiet | Should -BeTrue
        $scp.State | Should -Be 'Running'
    }

    It 'listens nowhere with -NoListener' {
        (Request-DicomStorageCommitment $files -Node $node -LocalPort (Get-FreePort) -NoListener).LocalPort | Should -BeNullOrEmpty
    }

    It 'ends with an error where something else has the port, before anything is asked' {
        $other = [Net.Sockets.TcpListener]::new([Net.IPAddress]::IPv6Any, 0)
        $other.Start()
        try {
            { Request-DicomStorageCommitment $files -Node $node -LocalPort $other.LocalEndpoint.Port } | Should -Throw -ErrorId 'DicomPortInUse,*'
        }
        finally { $other.Stop() }
    }

    It 'writes a failed object and an error for a node without storage commitment' {
        $scp = Start-DicomScp -Port 0 -OnEcho { }
        $request = Request-DicomStorageCommitment $files -Node "SCP@127.0.0.1:$($scp.Port)" -ErrorVariable problem -ErrorAction SilentlyContinue
        Stop-DicomScp $scp
        $request.State | Should -Be 'Failed'
        $request.Error | Should -Not -BeNullOrEmpty
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomPresentationContextRejected,*'
    }

    It 'writes an error for what names no instance, and asks for the rest' {
        $requests = (Get-Date), $files[0] | Request-DicomStorageCommitment -Node $node -ErrorVariable problem -ErrorAction SilentlyContinue
        $requests.Instances | Should -Be 1
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomCommitmentInputUnknown,*'
    }

    It 'is flat in a CSV file and fits the screen' {
        $request = Request-DicomStorageCommitment $files -Node $node
        $null = $request.WhenCompleted().Wait(30000)
        $row = $request | ConvertTo-Csv | ConvertFrom-Csv
        $row.Node | Should -Be $node
        $row.Committed | Should -Be 3
        Measure-Width $request | Should -BeLessOrEqual 100
    }
}
