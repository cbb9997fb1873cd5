# C-GET and C-MOVE of what the services beside images have; pydicom's files are images, so the instances are made here.
Describe 'Receive-DicomObject' {
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

    It 'gets what Find-DicomObject found of <_>, and asks by UID without a level' -ForEach HangingProtocol, DefinedProcedureProtocol, ColorPalette, ImplantTemplate, ProtocolApproval, Inventory {
        $seen.Clear()
        $result = Find-DicomObject $node -Service $_ | Receive-DicomObject -Path "$TestDrive/got/$_"
        $result.Verdict | Should -Be 'Complete'
        $result.Model | Should -BeLike "$_*"
        $result.Method | Should -Be 'Get'
        $file = Get-ChildItem "$TestDrive/got/$_" -File
        (Get-DicomFile $file.FullName).SOPInstanceUID | Should -Be (Split-Path -LeafBase $files[$_])
        @($seen)[0].Keys.Keys | Should -Be 'SOPInstanceUID'
    }

    It 'says before sending what has nothing to retrieve' {
        $problem = $null
        Receive-DicomObject $node -Service RelevantPatient -SOPInstanceUID 1.2.3 -Path "$TestDrive/none" -ErrorAction SilentlyContinue -ErrorVariable problem
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomRetrieveKeysInvalid,*'
        "$($problem[0])" | Should -BeLike '*for queries*'
    }
}
