Describe 'Stop-DicomStorageScp' {
    BeforeAll { . "$PSScriptRoot/Support.ps1" }

    AfterEach { if (Get-DicomStorageScp) { Stop-DicomStorageScp -All -Force } }

    It 'stops a server, and its port is free' {
        $server = Start-DicomStorageScp -Path $TestDrive -Port 0
        Stop-DicomStorageScp $server | Should -BeNullOrEmpty
        $server.State | Should -Be 'Stopped'
        Test-DicomEcho "X@127.0.0.1:$($server.Port)" -Quiet | Should -BeFalse
        (Start-DicomStorageScp -Path $TestDrive -Port $server.Port).State | Should -Be 'Running'
    }

    It 'takes servers from the pipeline, by id, or all' {
        $servers = 1..4 | ForEach-Object { Start-DicomStorageScp -Path $TestDrive -Port 0 }
        $servers[0] | Stop-DicomStorageScp -PassThru | Should -Be $servers[0]
        Stop-DicomStorageScp -Id $servers[1].Id
        $servers[1].State | Should -Be 'Stopped'
        Stop-DicomStorageScp -All
        $servers.State | Sort-Object -Unique | Should -Be 'Stopped'
    }

    It 'stops nothing with -WhatIf' {
        $server = Start-DicomStorageScp -Path $TestDrive -Port 0
        Stop-DicomStorageScp $server -WhatIf
        $server.State | Should -Be 'Running'
    }

    It 'says which id does not run' {
        Stop-DicomStorageScp -Id 99999 -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomServerNotFound,*'
    }

    It 'can stop a server twice' {
        $server = Start-DicomStorageScp -Path $TestDrive -Port 0
        $server, $server | Stop-DicomStorageScp
        $server | Stop-DicomStorageScp
        $server.State | Should -Be 'Stopped'
    }

    It 'closes an association that is open and idle' {
        $server = Start-DicomStorageScp -Path $TestDrive -Port 0
        $client = [Net.Sockets.TcpClient]::new('127.0.0.1', $server.Port)
        try {
            $clock = [Diagnostics.Stopwatch]::StartNew()
            Stop-DicomStorageScp $server -Timeout 2
            $clock.Elapsed.TotalSeconds | Should -BeLessThan 20
            $server.State | Should -Be 'Stopped'
        }
        finally { $client.Dispose() }
    }
}
