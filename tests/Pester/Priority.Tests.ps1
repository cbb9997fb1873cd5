BeforeDiscovery {
    $hasSamples = Test-Path '/usr/lib/python3/dist-packages/pydicom/data/test_files/CT_small.dcm'
}

Describe 'Priority' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Peers.ps1"
        # Writes the Priority of the first request down and answers with a failure (PS3.7 E.1: 2 low, 0 medium, 1 high).
        $script = [scriptblock]::Create(@"
Send-Accept (Read-Pdu)
while (`$message = Read-Message) {
    Set-Content '$TestDrive/seen' ([BitConverter]::ToUInt16(`$message['00000700'], 0))
    `$field = [BitConverter]::ToUInt16(`$message['00000100'], 0)
    Send-Response `$message.Context (`$field -bor 0x8000) ([BitConverter]::ToUInt16(`$message['00000110'], 0)) 0xC001
}
Send-Pdu 6 ([byte[]] (0, 0, 0, 0))
"@)
        $raw = Start-FaultyPeer $script
    }

    AfterAll {
        if ($raw) { Stop-FaultyPeer $raw }
        Get-DicomScp | Stop-DicomScp -Force
    }

    It 'a raw peer reads <Value> in 0000,0700 of <Name>' -ForEach @(
        @{ Name = 'Find -Priority High'; Value = 1; Do = { Find-DicomStudy $raw.Node -PatientID P1 -Priority High } }
        @{ Name = 'Find -Priority Low'; Value = 2; Do = { Find-DicomPatient $raw.Node -PatientID P1 -Priority Low } }
        @{ Name = 'Find without it'; Value = 0; Do = { Find-DicomWorklist $raw.Node -PatientID P1 } }
        @{ Name = 'Move -Priority Low'; Value = 2; Do = { Move-DicomStudy $raw.Node -StudyInstanceUID 1.2.3 -Destination X -Priority Low } }
        @{ Name = 'Send -Priority High'; Value = 1; Do = { Send-DicomFile "$samples/CT_small.dcm" $raw.Node -Priority High } }
    ) {
        if ($Name -like 'Send*' -and -not (Test-Path "$samples/CT_small.dcm")) { Set-ItResult -Skipped -Because 'there are no samples' }
        $ErrorActionPreference = 'SilentlyContinue'
        $null = & $Do 3>$null
        Get-Content "$TestDrive/seen" | Should -Be $Value
        Remove-Item "$TestDrive/seen"
    }

    It 'a handler sees it, and the instances of a move and a get have it too' -Skip:(-not $hasSamples) {
        $file = "$samples/CT_small.dcm"
        $seen = [Collections.Concurrent.ConcurrentQueue[string]]::new()
        $store = Start-DicomScp -Port 0 -AETitle STORE -ArgumentList $seen -OnStore { param($r, $seen) $seen.Enqueue("store $($r.Priority)") }
        $scp = Start-DicomScp -Port 0 -AETitle SCP -ArgumentList $seen, "STORE@127.0.0.1:$($store.Port)", $file -OnFind {
            param($r, $seen) $seen.Enqueue("find $($r.Priority)")
        } -OnMove {
            param($r, $seen, $to, $file) $seen.Enqueue("move $($r.Priority)"); $to; $file
        } -OnGet {
            param($r, $seen, $to, $file) $seen.Enqueue("get $($r.Priority)"); $file
        }
        $node = "SCP@127.0.0.1:$($scp.Port)"
        $null = Find-DicomStudy $node -Priority Low
        $null = Move-DicomStudy $node -StudyInstanceUID 1.2.3 -Destination STORE -Priority High -WarningAction SilentlyContinue -ErrorAction SilentlyContinue
        $null = Receive-DicomStudy $node -StudyInstanceUID 1.2.3 -Path "$TestDrive/got" -Priority Low -WarningAction SilentlyContinue -ErrorAction SilentlyContinue
        @($seen) | Should -Be 'find Low', 'move High', 'store High', 'get Low'
    }

    It 'means nothing with -Index' {
        { Find-DicomStudy -Index "$TestDrive/x.db" -Priority High } | Should -Throw -ErrorId 'DicomParameterWithoutMeaning,*'
    }
}
