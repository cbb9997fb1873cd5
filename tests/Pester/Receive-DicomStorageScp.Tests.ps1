BeforeDiscovery {
    $hasSamples = Test-Path '/usr/lib/python3/dist-packages/pydicom/data/test_files/CT_small.dcm'
}

Describe 'Receive-DicomStorageScp' -Skip:(-not $hasSamples) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $server = Start-DicomStorageScp -Path "$TestDrive/in" -Port 0 -Duplicate KeepBoth
        $node = "DICOMPS@127.0.0.1:$($server.Port)"
        function Send([int] $Count) { $null = 1..$Count | ForEach-Object { "$samples/CT_small.dcm" } | Send-DicomFile -Node $node }
    }

    AfterAll { if ($server.State -eq 'Running') { Stop-DicomStorageScp $server -Force } }

    BeforeEach { $null = Receive-DicomStorageScp $server }

    It 'gives one object for each instance' {
        Send 1
        $instance = Receive-DicomStorageScp $server
        $instance | Should -BeOfType DicomPS.Scp.ReceivedInstance
        $instance.PatientID | Should -Be '1CT1'
        $instance.PatientName | Should -Be 'CompressedSamples^CT1'
        $instance.SOPClass | Should -Be 'CT Image Storage'
        $instance.TransferSyntax | Should -Be 'Explicit VR Little Endian'
        $instance.CallingAETitle, $instance.CalledAETitle | Should -Be @('DICOMPS', 'DICOMPS')
        $instance.RemoteEndPoint | Should -Match '127\.0\.0\.1'
        $instance.ReceivedAt | Should -BeGreaterThan ([datetime]::Now.AddMinutes(-1))
        Test-Path -LiteralPath $instance.Path | Should -BeTrue
    }

    It 'gives nothing when nothing came, and each instance once' {
        Receive-DicomStorageScp $server | Should -BeNullOrEmpty
        Send 3
        Receive-DicomStorageScp -Id $server.Id | Should -HaveCount 3
        $server | Receive-DicomStorageScp | Should -BeNullOrEmpty
    }

    It 'loses nothing to Select-Object -First' {
        Send 5
        Receive-DicomStorageScp $server -Wait | Select-Object -First 2 | Should -HaveCount 2
        Receive-DicomStorageScp $server | Should -HaveCount 3
    }

    It 'waits as long as -Timeout says' {
        $clock = [Diagnostics.Stopwatch]::StartNew()
        Receive-DicomStorageScp $server -Timeout 0.7 | Should -BeNullOrEmpty
        $clock.Elapsed.TotalSeconds | Should -BeGreaterThan 0.6
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 30
    }

    It 'streams what comes while it waits' -Skip:($PSVersionTable.PSVersion.Major -lt 7) {
        $manifest = Join-Path $root 'out/DicomPS/DicomPS.psd1'
        $file = "$samples/CT_small.dcm"
        $job = Start-ThreadJob { Import-Module $using:manifest; Start-Sleep -Milliseconds 300; $using:file, $using:file | Send-DicomFile -Node $using:node }
        try { Receive-DicomStorageScp $server -Timeout 60 | Select-Object -First 2 | Should -HaveCount 2 }
        finally { $null = $job | Receive-Job -Wait -AutoRemoveJob }
    }

    It 'stops at once' {
        $stop = Stop-Midway 'Get-DicomStorageScp | Receive-DicomStorageScp -Wait'
        $stop.State | Should -Be 'Stopped'
        $stop.Milliseconds | Should -BeLessThan 20000
    }

    It 'fits 100 columns and gives CSV one flat row' {
        Send 1
        $instance = Receive-DicomStorageScp $server
        Measure-Width $instance | Should -BeLessOrEqual 100
        $csv = $instance | ConvertTo-Csv
        $csv | Should -HaveCount 2
        "$csv" | Should -Not -Match 'System\.'
    }

    It 'gives what is left after the server has stopped, then ends' {
        Send 2
        Stop-DicomStorageScp $server
        Receive-DicomStorageScp $server -Wait | Should -HaveCount 2
        Receive-DicomStorageScp $server -Wait | Should -BeNullOrEmpty
    }
}
