# C-MOVE of what the services beside images have; pydicom's files are images, so the instances are made here.
Describe 'Move-DicomObject' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        $seen = [Collections.Concurrent.ConcurrentQueue[object]]::new()
        $classes = @{
            HangingProtocol = '1.2.840.10008.5.1.4.38.1'; DefinedProcedureProtocol = '1.2.840.10008.5.1.4.1.1.200.1'; ColorPalette = '1.2.840.10008.5.1.4.39.1'
            ImplantTemplate = '1.2.840.10008.5.1.4.43.1'; ProtocolApproval = '1.2.840.10008.5.1.4.1.1.200.3'; Inventory = '1.2.840.10008.5.1.4.1.1.201.1'
        }
        $files = @{}
        foreach ($service in $classes.Keys) { $files[$service] = New-StudyFile "$TestDrive/held" @{ SOPClassUID = $classes[$service]; SOPInstanceUID = "1.2.9.$($files.Count + 1)" } }
        $port = Get-FreePort
        $server = Start-DicomScp -Port 0 -AETitle SCP -ArgumentList $seen, $files, "OURS@127.0.0.1:$port" -Service HangingProtocol, DefinedProcedureProtocol, ColorPalette, ImplantTemplate, ProtocolApproval, Inventory -OnFind {
            param($request, $seen, $files)
            @{ SOPInstanceUID = (Split-Path -LeafBase $files["$($request.Service)"]) }
        } -OnGet {
            param($request, $seen, $files) $seen.Enqueue($request); $files["$($request.Service)"]
        } -OnMove {
            param($request, $seen, $files, $to) $seen.Enqueue($request); $to; $files["$($request.Service)"]
        }
        $node = "SCP@127.0.0.1:$($server.Port)"
    }

    AfterAll { Get-DicomScp | Stop-DicomScp -Force }

    It 'moves <_> into a folder here' -ForEach HangingProtocol, ImplantTemplate, Inventory {
        $result = Move-DicomObject $node -Service $_ -SOPInstanceUID (Split-Path -LeafBase $files[$_]) -CallingAETitle OURS -Path "$TestDrive/moved/$_" -LocalPort $port
        $result.Verdict | Should -Be 'Complete'
        @(Get-ChildItem "$TestDrive/moved/$_" -File -Recurse).Count | Should -Be 1
    }

    It 'to another node, and says what the peer does not know' {
        $store = Start-DicomStorageScp "$TestDrive/store" -Port $port -AETitle OURS
        (Find-DicomObject $node -Service ColorPalette | Move-DicomObject -Destination OURS).Verdict | Should -Be 'Complete'
        $store.Received | Should -Be 1
        Stop-DicomStorageScp $store
    }

    It 'needs one place to move to' {
        { Move-DicomObject $node -Service ColorPalette -SOPInstanceUID 1.2 } | Should -Throw -ErrorId 'DicomDestinationMissing,*'
    }
}
