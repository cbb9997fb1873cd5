BeforeDiscovery {
    $hasSamples = Test-Path '/usr/lib/python3/dist-packages/pydicom/data/test_files/CT_small.dcm'
    $hasDcmtk = [bool] (Get-Command storescu -ErrorAction Ignore)
}

Describe 'Start-DicomStorageScp' {
    BeforeAll { . "$PSScriptRoot/Support.ps1" }

    AfterEach { if (Get-DicomStorageScp) { Stop-DicomStorageScp -All -Force } }

    It 'returns at once with a live object on a free port' {
        $server = Start-DicomStorageScp -Path "$TestDrive/new" -Port 0 -AETitle STORE
        $server | Should -BeOfType DicomPS.Serving.StorageServer
        $server.Port | Should -BeGreaterThan 0
        $server.State | Should -Be 'Running'
        $server.AETitle | Should -Be 'STORE'
        Test-Path "$TestDrive/new" | Should -BeTrue
        Test-DicomEcho "STORE@127.0.0.1:$($server.Port)" -Quiet | Should -BeTrue
        Test-DicomEcho "STORE@[::1]:$($server.Port)" -Quiet | Should -BeTrue
    }

    It 'resolves a relative path against the current location of PowerShell' {
        Push-Location $TestDrive
        try { (Start-DicomStorageScp -Path relative -Port 0).Path | Should -Be (Join-Path $TestDrive 'relative') } finally { Pop-Location }
    }

    It 'puts instances where -Layout says' -Skip:(-not $hasSamples) -ForEach @(
        @{ Layout = 'Flat'; Depth = 1 }, @{ Layout = 'Study'; Depth = 2 }, @{ Layout = 'Series'; Depth = 3 }, @{ Layout = 'Patient'; Depth = 4 }
        @{ Layout = '{CallingAETitle}/{PatientID}/{SOPInstanceUID}.dcm'; Depth = 3 }
    ) {
        $server = Start-DicomStorageScp -Path "$TestDrive/layout" -Port 0 -Layout $Layout
        $null = Send-DicomFile "$samples/CT_small.dcm" "X@127.0.0.1:$($server.Port)"
        $instance = Receive-DicomStorageScp $server -Timeout 60 | Select-Object -First 1
        $below = $instance.Path.Substring($server.Path.Length).Trim('/', '\')
        $below -split '[\\/]' | Should -HaveCount $Depth
    }

    It 'treats a duplicate as -Duplicate says' -Skip:(-not $hasSamples) -ForEach @(
        @{ Duplicate = 'Overwrite'; Files = 1; Again = $true }, @{ Duplicate = 'KeepBoth'; Files = 2; Again = $true }, @{ Duplicate = 'Reject'; Files = 1; Again = $false }
    ) {
        $server = Start-DicomStorageScp -Path "$TestDrive/$Duplicate" -Port 0 -Duplicate $Duplicate
        $first, $second = Send-DicomFile "$samples/CT_small.dcm", "$samples/CT_small.dcm" "X@127.0.0.1:$($server.Port)" -ErrorAction SilentlyContinue
        $first.Success | Should -BeTrue
        $second.Success | Should -Be $Again
        Get-ChildItem -Recurse -File "$TestDrive/$Duplicate" | Should -HaveCount $Files
    }

    It 'lets in only those that -AllowedCallingAETitle names' {
        $server = Start-DicomStorageScp -Path $TestDrive -Port 0 -AllowedCallingAETitle FRIEND
        Test-DicomEcho "X@127.0.0.1:$($server.Port)" -CallingAETitle FRIEND -Quiet | Should -BeTrue
        Test-DicomEcho "X@127.0.0.1:$($server.Port)" -CallingAETitle STRANGER -Quiet | Should -BeFalse
    }

    It 'starts nothing with -WhatIf, and makes no folder' {
        Start-DicomStorageScp -Path "$TestDrive/whatif" -Port 0 -WhatIf | Should -BeNullOrEmpty
        Test-Path "$TestDrive/whatif" | Should -BeFalse
        Get-DicomStorageScp | Should -BeNullOrEmpty
    }

    It 'ends with <Id> for <What>' -ForEach @(
        @{ What = 'an unknown layout'; Id = 'DicomLayoutInvalid'; More = @{ Layout = 'Nope' } }
        @{ What = 'a layout that leaves the folder'; Id = 'DicomLayoutInvalid'; More = @{ Layout = '../{SOPInstanceUID}.dcm' } }
        @{ What = 'a wrong AE title'; Id = 'DicomAETitleInvalid'; More = @{ AETitle = 'A\B' } }
        @{ What = 'a certificate that is not there'; Id = 'DicomCertificateInvalid'; More = @{ CertificateThumbprint = '00' * 20 } }
        @{ What = 'a path outside the file system'; Id = 'DicomFileNotFound'; More = @{ Path = 'env:PATH' } }
    ) {
        $parameters = @{ Path = "$TestDrive/errors"; Port = 0 } + @{}
        foreach ($key in $More.Keys) { $parameters[$key] = $More[$key] }
        { Start-DicomStorageScp @parameters } | Should -Throw -ErrorId "$Id,*"
    }

    It 'says when the port is in use' {
        $server = Start-DicomStorageScp -Path $TestDrive -Port 0
        { Start-DicomStorageScp -Path $TestDrive -Port $server.Port } | Should -Throw -ErrorId 'DicomPortInUse,*'
    }

    It 'fails on purpose as -Fault says' -Skip:(-not $hasSamples) {
        $server = Start-DicomStorageScp -Path "$TestDrive/fault" -Port 0 -Fault @{ FailEvery = 2; FailStatus = 'C123' }
        $results = Send-DicomFile "$samples/CT_small.dcm", "$samples/MR_small.dcm" "X@127.0.0.1:$($server.Port)" -ErrorAction SilentlyContinue
        @($results.StatusCode | Sort-Object) | Should -Be 0, 0xC123
        $server.Received | Should -Be 1
    }

    It 'completes layouts' {
        $text = 'Start-DicomStorageScp x -Layout '
        (TabExpansion2 $text $text.Length).CompletionMatches.CompletionText | Should -Be @('Patient', 'Study', 'Series', 'Flat')
    }

    It 'fits 100 columns and gives CSV one flat row' {
        $server = Start-DicomStorageScp -Path $TestDrive -Port 0
        Measure-Width $server | Should -BeLessOrEqual 100
        $csv = $server | ConvertTo-Csv
        $csv | Should -HaveCount 2
        "$csv" | Should -Not -Match 'System\.'
    }

    It 'tells in LastError whom it refused, by the address that people know' {
        $server = Start-DicomStorageScp -Path $TestDrive -Port 0 -AETitle OWN -RequireCalledAETitle
        Test-DicomEcho "OTHER@127.0.0.1:$($server.Port)" -Quiet | Should -BeFalse
        # The peer hears it first.
        $null = Wait-Until { $server.LastError }
        $server.LastError | Should -Match '^DICOMPS 127\.0\.0\.1:\d+: .*called AE title not recognized'
    }

    It 'stops when the module is removed' {
        $manifest = Join-Path $root 'out/DicomPS/DicomPS.psd1'
        # In a process of its own: here the module stays for the other tests.
        $state = & $pwsh -NoProfile -Command "Import-Module '$manifest'; `$s = Start-DicomStorageScp -Path '$TestDrive' -Port 0; Remove-Module DicomPS; [string] `$s.State"
        $state | Should -Be 'Stopped'
    }

    Context 'DCMTK' -Skip:(-not ($hasDcmtk -and $hasSamples)) {
        It 'receives from storescu, byte for byte as a dataset' {
            $server = Start-DicomStorageScp -Path "$TestDrive/storescu" -Port 0
            storescu -aec DICOMPS 127.0.0.1 $server.Port "$samples/CT_small.dcm" "$samples/MR_small.dcm"
            $LASTEXITCODE | Should -Be 0
            $instances = Receive-DicomStorageScp $server -Timeout 60 | Select-Object -First 2
            $instances.SOPClass | Should -Be @('CT Image Storage', 'MR Image Storage')
            $instances[0].CallingAETitle | Should -Be 'STORESCU'
            $instances[0].Bytes | Should -BeGreaterThan 30000
        }
    }

    It 'sets a broken instance aside with -KeepBroken, tells its sender a failure and lists it' {
        $target = Start-DicomStorageScp -Path "$TestDrive/keep-scp" -Port 0 -KeepBroken "$TestDrive/aside-scp"
        # No SOP Instance UID in the dataset: only the meta information has one.
        $short = { param($group, $element, $vr, $text) [BitConverter]::GetBytes([uint16] $group) + [BitConverter]::GetBytes([uint16] $element) + [Text.Encoding]::ASCII.GetBytes($vr) + [BitConverter]::GetBytes([uint16] $text.Length) + [Text.Encoding]::ASCII.GetBytes($text) }
        $bytes = [byte[]]::new(128) + [Text.Encoding]::ASCII.GetBytes('DICM') + (& $short 2 2 UI "1.2.840.10008.5.1.4.1.1.7`0") + (& $short 2 3 UI '1.2.3.40') + (& $short 2 0x10 UI "1.2.840.10008.1.2.1`0") + (& $short 8 0x16 UI "1.2.840.10008.5.1.4.1.1.7`0") + (& $short 0x10 0x20 LO 'P1')
        [IO.File]::WriteAllBytes("$TestDrive/broken-scp.dcm", [byte[]] $bytes)
        $result = Send-DicomFile "$TestDrive/broken-scp.dcm" "X@127.0.0.1:$($target.Port)" -RetryCount 0 -ErrorAction SilentlyContinue
        $result.Success | Should -BeFalse
        $target.Received | Should -Be 0
        $target.Broken | Should -Be 1
        $target.BrokenInstances[0].SOPInstanceUID | Should -Be '1.2.3.40'
        $target.BrokenInstances[0].Problem | Should -BeLike '*SOPInstanceUID*'
        $target.BrokenInstances[0].Path | Should -Be (Join-Path $TestDrive 'aside-scp' '1.2.3.40.dcm')
        Test-Path $target.BrokenInstances[0].Path | Should -BeTrue
        Get-ChildItem "$TestDrive/keep-scp" -Recurse -File -Filter *.dcm | Should -BeNullOrEmpty
        Stop-DicomStorageScp $target
    }
}
