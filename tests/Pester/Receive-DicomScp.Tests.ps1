Describe 'Receive-DicomScp' {
    BeforeAll { . "$PSScriptRoot/Support.ps1" }

    AfterEach { if (Get-DicomScp) { Stop-DicomScp -All -Force } }

    It 'takes what blocks wrote to every stream, once' {
        $server = Start-DicomScp -Port 0 -Verbose -OnEcho { Write-Warning w; Write-Verbose v; Write-Host h; Write-Error e; $null = Get-Item /no/such/file } 4>$null
        Test-DicomEcho "X@127.0.0.1:$($server.Port)" -Quiet | Should -BeTrue
        $messages = Receive-DicomScp $server -Timeout 60 | Select-Object -First 5
        $messages.Level | Should -Be 'Warning', 'Verbose', 'Information', 'Error', 'Error'
        $messages[0..3].Message | Should -Be 'w', 'v', 'h', 'e'
        Receive-DicomScp $server | Should -BeNullOrEmpty
    }

    It 'waits no longer than -Timeout, and not at all without it' {
        $server = Start-DicomScp -Port 0
        Receive-DicomScp $server | Should -BeNullOrEmpty
        $clock = [Diagnostics.Stopwatch]::StartNew()
        Receive-DicomScp $server -Timeout 0.5 | Should -BeNullOrEmpty
        $clock.ElapsedMilliseconds | Should -BeGreaterThan 400
    }

    It 'ends with -Wait when the server stops, with what was left' {
        $server = Start-DicomScp -Port 0 -OnEcho { Write-Warning last }
        $null = Test-DicomEcho "X@127.0.0.1:$($server.Port)"
        Stop-DicomScp $server
        (Receive-DicomScp $server -Wait).Message | Should -Contain 'last'
    }

    It 'stops at once' {
        (Stop-Midway '$s = Start-DicomScp -Port 0; Receive-DicomScp $s -Wait').Milliseconds | Should -BeLessThan 20000
    }

    It 'fits 100 columns' {
        $server = Start-DicomScp -Port 0 -OnEcho { Write-Warning ('long ' * 40) }
        $null = Test-DicomEcho "X@127.0.0.1:$($server.Port)"
        Measure-Width (Receive-DicomScp $server -Timeout 60 | Select-Object -First 1) | Should -BeLessOrEqual 100
    }
}
