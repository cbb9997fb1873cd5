BeforeDiscovery {
    $hasDcmtk = [bool] (Get-Command storescp, openssl -ErrorAction Ignore)
}

Describe 'Test-DicomEcho' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Peers.ps1"
        $server = Start-DicomStorageScp -Path $TestDrive -Port 0
        $node = "DICOMPS@127.0.0.1:$($server.Port)"
    }

    AfterAll { Stop-DicomStorageScp -InputObject $server -Force }

    It 'says that a node answers, with times and who it is' {
        $result = Test-DicomEcho $node
        $result | Should -BeOfType DicomPS.Scu.EchoResult
        $result.Success | Should -BeTrue
        $result.Stage | Should -Be 'Dimse'
        $result.RoundTrip | Should -BeGreaterThan ([timespan]::Zero)
        $result.TcpTime, $result.AssociationTime | Should -Not -Contain $null
        $result.ImplementationVersionName | Should -Match '^DICOMPS'
        $result.Address | Should -Match $server.Port
    }

    It 'sends as many echoes as -Count says' {
        (Test-DicomEcho $node -Count 50).Count | Should -Be 50
    }

    It 'takes host and port, and ComputerName as their alias' {
        (Test-DicomEcho -HostName 127.0.0.1 -Port $server.Port -CalledAETitle DICOMPS).Success | Should -BeTrue
        (Test-DicomEcho -ComputerName 127.0.0.1 -Port $server.Port).Success | Should -BeTrue
    }

    It 'takes a node as <Kind>' -ForEach @(
        @{ Kind = 'hashtable'; Make = { param($port) @{ AETitle = 'DICOMPS'; HostName = '127.0.0.1'; Port = $port } } }
        @{ Kind = 'object'; Make = { param($port) [pscustomobject]@{ AETitle = 'DICOMPS'; HostName = '127.0.0.1'; Port = "$port" } } }
        @{ Kind = 'DicomNode'; Make = { param($port) [DicomPS.Associations.DicomNode]::Parse("DICOMPS@127.0.0.1:$port") } }
    ) {
        Test-DicomEcho -Node (& $Make $server.Port) -Quiet | Should -BeTrue
    }

    It 'takes several nodes from the pipeline' {
        $node, $node | Test-DicomEcho | Should -HaveCount 2
        [pscustomobject]@{ Node = $node } | Test-DicomEcho -Quiet | Should -BeTrue
    }

    It 'answers only true or false with -Quiet, and writes no error' {
        $problems = $null
        Test-DicomEcho 'X@127.0.0.1:1' -Quiet -ErrorVariable problems | Should -BeFalse
        $problems | Should -BeNullOrEmpty
    }

    It 'writes the object and a non-terminating error with id, target and advice' {
        $result = Test-DicomEcho 'X@127.0.0.1:1' -ErrorVariable problem -ErrorAction SilentlyContinue
        $result.Success | Should -BeFalse
        $result.Stage | Should -Be 'Tcp'
        $result.Failure, $result.Advice | Should -Not -BeNullOrEmpty
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomConnectionRefused,*'
        $problem[0].CategoryInfo.Category | Should -Be 'ConnectionError'
        $problem[0].TargetObject | Should -BeOfType DicomPS.Associations.DicomNode
        $problem[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        { Test-DicomEcho 'X@127.0.0.1:1' -ErrorAction Stop } | Should -Throw -ErrorId 'DicomConnectionRefused,*'
    }

    It 'names the layer: a host name that does not exist' {
        $result = Test-DicomEcho 'X@no-such-host.invalid:104' -ErrorVariable problem -ErrorAction SilentlyContinue
        $result.Stage | Should -Be 'NameLookup'
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomNameLookupFailed,*'
    }

    It 'names the layer: a port that says nothing, and the timeout with its value' {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        try {
            $result = Test-DicomEcho "X@127.0.0.1:$($listener.LocalEndpoint.Port)" -AssociationTimeout 0.5 -ErrorVariable problem -ErrorAction SilentlyContinue
            $result.Stage | Should -Be 'Association'
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomAssociationTimeout,*'
            "$($problem[0])" | Should -Match '0\.5 s'
        }
        finally { $listener.Stop() }
    }

    It 'names the layer: a server that speaks something else' {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript({
                param($listener)
                $client = $listener.AcceptTcpClient()
                $answer = [Text.Encoding]::ASCII.GetBytes("HTTP/1.1 400 Bad Request`r`nConnection: close`r`n`r`n")
                $client.GetStream().Write($answer, 0, $answer.Length)
                Start-Sleep -Milliseconds 500
                $client.Dispose()
            }).AddArgument($listener)
            $null = $shell.BeginInvoke()
            $result = Test-DicomEcho "X@127.0.0.1:$($listener.LocalEndpoint.Port)" -ErrorVariable problem -ErrorAction SilentlyContinue
            $result.Failure | Should -Match 'HTTP'
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomPeerNotDicom,*'
        }
        finally { $listener.Stop(); $shell.Dispose() }
    }

    It 'names the layer: TLS spoken to a plain port' {
        $result = Test-DicomEcho $node -Tls -SkipCertificateCheck -ErrorVariable problem -ErrorAction SilentlyContinue
        $result.Stage | Should -Be 'Tls'
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomTlsMismatch,*'
    }

    It 'names the layer: a peer that refuses the association' {
        $strict = Start-DicomStorageScp -Path "$TestDrive/strict" -Port 0 -AETitle STRICT -RequireCalledAETitle
        try {
            $result = Test-DicomEcho "WRONG@127.0.0.1:$($strict.Port)" -ErrorVariable problem -ErrorAction SilentlyContinue
            $result.Stage | Should -Be 'Association'
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomAssociationRejected,*'
            $problem[0].CategoryInfo.Category | Should -Be 'PermissionDenied'
        }
        finally { Stop-DicomStorageScp $strict -Force }
    }

    It 'succeeds when the echo was answered, and names what became of the release: <Name>' -ForEach @(
        @{ Name = 'aborted'; Leave = { $null = Read-Pdu; Send-Pdu 7 @(0, 0, 0, 0) }; Says = 'aborted the association' }
        @{ Name = 'closed'; Leave = { $null = Read-Pdu }; Says = 'closed the connection' }
        @{ Name = 'not answered'; Leave = { Read-ToEnd }; Says = 'release timeout of 5 s' }
    ) {
        $peer = Start-FaultyPeer ([scriptblock]::Create("Send-Accept (Read-Pdu); `$null = Read-Pdu; Send-Response 1 0x8030 1 0; $Leave"))
        try {
            $written = Test-DicomEcho $peer.Node -Verbose -ErrorVariable problem 4>&1
            $problem | Should -BeNullOrEmpty
            $result = $written | Where-Object { $_ -isnot [Management.Automation.VerboseRecord] }
            $result.Success, $result.StatusCode, "$($result.Stage)", $result.Failure | Should -Be $true, 0, 'Dimse', $null
            $result.ReleaseFailure | Should -Match $Says
            "$($written | Where-Object { $_ -is [Management.Automation.VerboseRecord] })" | Should -Match 'not released in order'
            Test-DicomEcho $peer.Node -Quiet | Should -BeTrue
        }
        finally { Stop-FaultyPeer $peer }
        (Test-DicomEcho $node).ReleaseFailure | Should -BeNullOrEmpty
    }

    It 'tells the story of the association with -Verbose' {
        $story = Test-DicomEcho $node -Verbose 4>&1 | Where-Object { $_ -is [Management.Automation.VerboseRecord] }
        "$story" | Should -Match 'connected'
        "$story" | Should -Match 'accepted'
        "$story" | Should -Match 'released'
    }

    It 'refuses a node that is none: <Text>' -ForEach @(
        @{ Text = 'nobody' }, @{ Text = 'X@host:99999' }, @{ Text = 'A\B@host:104' }, @{ Text = 'THIS-TITLE-IS-TOO-LONG@host:104' }
    ) {
        { Test-DicomEcho $Text } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*'
    }

    It 'stops at once while a peer keeps it waiting' {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        try {
            $stop = Stop-Midway "Test-DicomEcho X@127.0.0.1:$($listener.LocalEndpoint.Port)"
            $stop.State | Should -Be 'Stopped'
            $stop.Milliseconds | Should -BeLessThan 20000
        }
        finally { $listener.Stop() }
    }

    It 'fits 100 columns and gives CSV one flat row' {
        $result = Test-DicomEcho $node
        Measure-Width $result | Should -BeLessOrEqual 100
        $csv = $result | ConvertTo-Csv
        $csv | Should -HaveCount 2
        "$csv" | Should -Not -Match 'System\.'
    }

    It 'speaks TLS with a pinned certificate' -Skip:(-not $hasDcmtk) {
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout "$TestDrive/key.pem" -out "$TestDrive/cert.pem" 2>$null
        openssl pkcs12 -export -inkey "$TestDrive/key.pem" -in "$TestDrive/cert.pem" -passout pass: -out "$TestDrive/both.pfx" 2>$null
        $certificate = [Security.Cryptography.X509Certificates.X509Certificate2]::new("$TestDrive/both.pfx", '')
        $secure = Start-DicomStorageScp -Path "$TestDrive/tls" -Port 0 -Certificate $certificate
        try {
            $to = "DICOMPS@127.0.0.1:$($secure.Port)"
            $result = Test-DicomEcho $to -TrustedThumbprint $certificate.Thumbprint
            $result.Success | Should -BeTrue
            $result.TlsTime | Should -Not -BeNullOrEmpty
            $null = Test-DicomEcho $to -Tls -ErrorVariable problem -ErrorAction SilentlyContinue
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomCertificateRejected,*'
            $null = Test-DicomEcho $to -ErrorVariable problem -ErrorAction SilentlyContinue -AssociationTimeout 3
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'Dicom*'
        }
        finally { Stop-DicomStorageScp $secure -Force }
    }

    Context 'DCMTK' -Skip:(-not $hasDcmtk) {
        It 'gets an answer from storescp, and a reason when it refuses' {
            $port = Get-FreePort
            $peer = Start-Peer storescp $port @('-od', "$TestDrive", $port)
            try {
                $result = Test-DicomEcho "ANY@127.0.0.1:$port"
                $result.Success | Should -BeTrue
                $result.ImplementationVersionName | Should -Match 'DCMTK'
            }
            finally { Stop-Peer $peer }

            $port = Get-FreePort
            $peer = Start-Peer storescp $port @('--refuse', '-od', "$TestDrive", $port)
            try {
                $result = Test-DicomEcho "ANY@127.0.0.1:$port" -ErrorVariable problem -ErrorAction SilentlyContinue
                $result.Stage | Should -Be 'Association'
                $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomAssociationRejected,*'
            }
            finally { Stop-Peer $peer }
        }
    }
}
