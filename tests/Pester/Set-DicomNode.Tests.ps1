Describe 'Set-DicomNode' {
    BeforeAll { . "$PSScriptRoot/Support.ps1" }

    BeforeEach { if (Test-Path $env:DICOMPS_CONFIG_HOME) { Remove-Item -Recurse -Force $env:DICOMPS_CONFIG_HOME } }

    It 'registers a node from its parts and from one text' {
        Set-DicomNode -Name pacs -AETitle PACS -HostName pacs.example -Port 104 | Should -BeNullOrEmpty
        (Get-DicomNode pacs).Address | Should -Be 'PACS@pacs.example:104'
        $node = Set-DicomNode ct 'CT@[::1]:11113' -LocalPort 4242 -CharacterSet 'ISO_IR 100' -Tls -PassThru
        $node | Should -BeOfType DicomPS.Associations.DicomNode
        $node.HostName, $node.Port, $node.LocalPort, $node.CharacterSet, $node.Tls | Should -Be @('::1', 11113, 4242, 'ISO_IR 100', $true)
    }

    It 'changes only what is said' {
        Set-DicomNode pacs 'PACS@pacs.example:104' -CallingAETitle ME
        Set-DicomNode PACS -Port 11112 -Tls
        $node = Get-DicomNode pacs
        $node.Name, $node.HostName, $node.Port, $node.CallingAETitle, $node.Tls | Should -Be @('pacs', 'pacs.example', 11112, 'ME', $true)
        Set-DicomNode pacs -Tls:$false -LocalPort 5000
        (Get-DicomNode pacs).Tls | Should -BeFalse
        Set-DicomNode pacs -LocalPort 0
        (Get-DicomNode pacs).LocalPort | Should -BeNullOrEmpty
    }

    It 'keeps the further senders of a node, of a list, a text or a hashtable' {
        Set-DicomNode pacs 'PACS@pacs.example:104' -From 10.0.0.6, gateway.example
        (Get-DicomNode pacs).From | Should -Be '10.0.0.6, gateway.example'
        Set-DicomNode pacs -Port 105
        (Get-DicomNode pacs).From | Should -Be '10.0.0.6, gateway.example'
        Set-DicomNode pacs -From '[::1]; 10.0.0.7'
        (Get-DicomNode pacs).GetSenders() | Should -Be '::1', '10.0.0.7'
        Set-DicomNode pacs -From ''
        (Get-DicomNode pacs).From | Should -BeNullOrEmpty
        (Set-DicomNode other @{ AETitle = 'A'; HostName = 'h'; From = 'one', 'two' } -PassThru).From | Should -Be 'one, two'
        Set-DicomNode pacs -From 'no*host' -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomNodeInvalid,*'
    }

    It 'keeps how many associations and operations pay, and gives them up' {
        Set-DicomNode far 'FAR@far.example:104' -Associations auto -AsyncOperations 32
        $node = Get-DicomNode far
        $node.Associations, $node.AsyncOperations | Should -Be 'Auto', 32
        Set-DicomNode far -Port 105
        (Get-DicomNode far).Associations | Should -Be 'Auto'
        Set-DicomNode far -Associations 4 -AsyncOperations 1
        (Get-DicomNode far).Associations | Should -Be '4'
        (Get-DicomNode far).AsyncOperations | Should -BeNullOrEmpty
        Set-DicomNode far -Associations '' -AsyncOperations $null
        (Get-DicomNode far).Associations | Should -BeNullOrEmpty
        (Set-DicomNode other @{ AETitle = 'A'; HostName = 'h'; Associations = 8; AsyncOperations = '16' } -PassThru).Associations | Should -Be '8'
        { Set-DicomNode far -Associations 65 } | Should -Throw '*1 to 64, or Auto*'
        Set-DicomNode far -AsyncOperations 257 -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomNodeInvalid,*'
    }

    It 'takes back what Export-Csv wrote' {
        Set-DicomNode a 'A@host:1' -CharacterSet 'ISO_IR 192'
        Set-DicomNode b 'B@[fe80::1]:2' -Tls -LocalPort 3 -Associations Auto -AsyncOperations 8 -From 10.0.0.6, gateway.example
        Get-DicomNode | Export-Csv "$TestDrive/nodes.csv"
        $before = Get-DicomNode | ConvertTo-Csv
        Remove-DicomNode *
        Import-Csv "$TestDrive/nodes.csv" | Set-DicomNode
        Get-DicomNode | ConvertTo-Csv | Should -Be $before
    }

    It 'registers nothing with -WhatIf' {
        Set-DicomNode a 'A@host:1' -WhatIf
        Get-DicomNode | Should -BeNullOrEmpty
    }

    It 'refuses <What>' -ForEach @(
        @{ What = 'a name with @'; Id = 'DicomNodeInvalid'; Name = 'a@b'; More = @{ AETitle = 'A'; HostName = 'h' } }
        @{ What = 'a name with a wildcard'; Id = 'DicomNodeInvalid'; Name = 'a*'; More = @{ AETitle = 'A'; HostName = 'h' } }
        @{ What = 'a new node without host'; Id = 'DicomNodeInvalid'; Name = 'a'; More = @{ AETitle = 'A' } }
        @{ What = 'a new node without AE title'; Id = 'DicomNodeInvalid'; Name = 'a'; More = @{ HostName = 'h' } }
        @{ What = 'an AE title that is too long'; Id = 'DicomAETitleInvalid'; Name = 'a'; More = @{ AETitle = 'X' * 17; HostName = 'h' } }
        @{ What = 'a calling AE title with a backslash'; Id = 'DicomAETitleInvalid'; Name = 'a'; More = @{ AETitle = 'A'; HostName = 'h'; CallingAETitle = 'A\B' } }
    ) {
        Set-DicomNode -Name $Name @More -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $problem[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        Get-DicomNode | Should -BeNullOrEmpty
    }

    It 'says what it takes when parts are written one after the other: <_>' -ForEach 'Set-DicomNode pacs DCMQR localhost 11112', 'Set-DicomNode pacs DCMQR' {
        $problem = { Invoke-Expression $_ -ErrorAction Stop } | Should -Throw -PassThru
        $problem.Exception.Message | Should -Match "'DCMQR' is no whole node.*Set-DicomNode pacs DCMQR@localhost:11112.*-AETitle DCMQR -HostName localhost -Port 11112"
        $problem.Exception.Message | Should -Not -Match 'No node is registered'
        Get-DicomNode | Should -BeNullOrEmpty
    }

    It 'never overwrites a file that it cannot read' -ForEach @('{ broken', '{ "Version": 99, "Nodes": [] }', '', '[]', '{ "Version": 1, "Nodes": [ { "Name": "a" } ] }', '{ "Version": 1, "Nodes": [{ "Name": "a", "AETitle": "A", "HostName": "h", "Port": 1 }]}]}') {
        $null = New-Item -ItemType Directory -Force $env:DICOMPS_CONFIG_HOME
        $file = Join-Path $env:DICOMPS_CONFIG_HOME nodes.json
        [IO.File]::WriteAllText($file, $_)
        Set-DicomNode a 'A@host:1' -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomNodeFileBroken,*'
        "$($problem[0])" | Should -Match 'nodes\.json'
        [IO.File]::ReadAllText($file) | Should -Be $_
    }

    It 'reads a file that an editor saved with a byte order mark' {
        Set-DicomNode a 'A@host:1'
        $file = Join-Path $env:DICOMPS_CONFIG_HOME nodes.json
        [IO.File]::WriteAllText($file, [IO.File]::ReadAllText($file), [Text.UTF8Encoding]::new($true))
        (Get-DicomNode).Name | Should -Be 'a'
    }

    It 'keeps what several sessions write at once' -Skip:($PSVersionTable.PSVersion.Major -lt 7) {
        $manifest = Join-Path $root 'out/DicomPS/DicomPS.psd1'
        1..4 | ForEach-Object -ThrottleLimit 4 -Parallel {
            Import-Module $using:manifest
            foreach ($i in 1..10) { Set-DicomNode "n$_-$i" 'X@host:1' -ErrorAction Stop }
        }
        Get-DicomNode | Should -HaveCount 40
        Get-ChildItem $env:DICOMPS_CONFIG_HOME -Filter *.tmp | Should -BeNullOrEmpty
    }
}
