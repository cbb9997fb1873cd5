# The services beside images, as their user: queries here, retrieval in Receive- and Move-DicomObject.Tests.ps1.
Describe 'Find-DicomObject' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Peers.ps1"
        $seen = [Collections.Concurrent.ConcurrentQueue[object]]::new()
        $server = Start-DicomScp -Port 0 -AETitle SCP -ArgumentList $seen -OnFind {
            param($request, $seen)
            $seen.Enqueue($request)
            $name = @{
                RelevantPatient = 'PatientName'; SubstanceAdministration = 'ProductName'; HangingProtocol = 'HangingProtocolName'; DefinedProcedureProtocol = 'ProtocolName'
                ColorPalette = 'ContentLabel'; ImplantTemplate = 'ImplantName'; ProtocolApproval = 'InstanceCreationDate'; Inventory = 'InventoryPurpose'
            }["$($request.Service)"]
            @{ $name = $(if ($name -like '*Date') { '20240102' } else { 'ONE' }); SOPInstanceUID = '1.2.3.4'; SOPClassUID = '1.2.840.10008.5.1.4.38.1'; PatientID = 'P1'; ProductPackageIdentifier = '4711'; HangingProtocolCreationDateTime = '20240102101500' }
        } -Service RelevantPatient, SubstanceAdministration, HangingProtocol, DefinedProcedureProtocol, ColorPalette, ImplantTemplate, ProtocolApproval, Inventory
        $node = "SCP@127.0.0.1:$($server.Port)"
    }

    AfterAll { Get-DicomScp | Stop-DicomScp -Force }

    It 'asks <Service> <Model> by its SOP class, without a level' -ForEach @(
        @{ Service = 'RelevantPatient'; Model = 'General'; Uid = '1.2.840.10008.5.1.4.37.1'; Key = 'P1' }
        @{ Service = 'RelevantPatient'; Model = 'BreastImaging'; Uid = '1.2.840.10008.5.1.4.37.2'; Key = 'P1' }
        @{ Service = 'RelevantPatient'; Model = 'Cardiac'; Uid = '1.2.840.10008.5.1.4.37.3'; Key = 'P1' }
        @{ Service = 'SubstanceAdministration'; Model = 'ProductCharacteristics'; Uid = '1.2.840.10008.5.1.4.41'; Key = '4711' }
        @{ Service = 'SubstanceAdministration'; Model = 'SubstanceApproval'; Uid = '1.2.840.10008.5.1.4.42'; Key = '4711' }
        @{ Service = 'HangingProtocol'; Model = 'HangingProtocol'; Uid = '1.2.840.10008.5.1.4.38.2'; Key = '1.2.3.4' }
        @{ Service = 'DefinedProcedureProtocol'; Model = 'DefinedProcedureProtocol'; Uid = '1.2.840.10008.5.1.4.20.1'; Key = '1.2.3.4' }
        @{ Service = 'ColorPalette'; Model = 'ColorPalette'; Uid = '1.2.840.10008.5.1.4.39.2'; Key = '1.2.3.4' }
        @{ Service = 'ImplantTemplate'; Model = 'Generic'; Uid = '1.2.840.10008.5.1.4.43.2'; Key = '1.2.3.4' }
        @{ Service = 'ImplantTemplate'; Model = 'Assembly'; Uid = '1.2.840.10008.5.1.4.44.2'; Key = '1.2.3.4' }
        @{ Service = 'ImplantTemplate'; Model = 'Group'; Uid = '1.2.840.10008.5.1.4.45.2'; Key = '1.2.3.4' }
        @{ Service = 'ProtocolApproval'; Model = 'ProtocolApproval'; Uid = '1.2.840.10008.5.1.4.1.1.200.4'; Key = '1.2.3.4' }
        @{ Service = 'Inventory'; Model = 'Inventory'; Uid = '1.2.840.10008.5.1.4.1.1.201.2'; Key = '1.2.3.4' }
    ) {
        $seen.Clear()
        $found = Find-DicomObject $node -Service $Service -Model $Model -ErrorAction Stop
        $found | Should -BeOfType DicomPS.ServiceObject
        $found.Service | Should -Be $Service
        $found.Model | Should -Be $Model
        $found.Identifier | Should -Be $Key
        $found.Node.AETitle | Should -Be 'SCP'
        @($seen)[0].PresentationContext.AbstractSyntax | Should -Be $Uid
        @($seen)[0].Level | Should -BeNullOrEmpty
        "$(@($seen)[0].Service)" | Should -Be $Service
    }

    It 'gives name, date and UID of what was found, and asks by name with wildcards' {
        $seen.Clear()
        $found = Find-DicomObject $node -Service HangingProtocol -Name 'O*' -SOPInstanceUID 1.2.3.4 -Property HangingProtocolLevel
        $found.Name | Should -Be 'ONE'
        $found.Date | Should -Be ([datetime] '2024-01-02 10:15')
        $found.SOPInstanceUID | Should -Be '1.2.3.4'
        $found.SOPClass | Should -Be 'Hanging Protocol Storage'
        $found.Matches | Should -BeTrue
        $found.PSObject.Properties.Name | Should -Contain 'HangingProtocolLevel'
        @($seen)[0].Keys.HangingProtocolName | Should -Be 'O*'
        @($seen)[0].Keys.SOPInstanceUID | Should -Be '1.2.3.4'
    }

    It 'shows a table within 100 columns' {
        Measure-Width (Find-DicomObject $node -Service ColorPalette) | Should -BeLessOrEqual 100
        (Find-DicomObject $node -Service ColorPalette | Out-String) | Should -Match 'Name +Description +Date +Identifier'
    }

    It 'is refused by name where the peer has no such service' {
        $images = Start-DicomScp -Port 0 -AETitle SCP -OnFind { }
        $problem = $null
        Find-DicomObject "SCP@127.0.0.1:$($images.Port)" -Service HangingProtocol -ErrorAction SilentlyContinue -ErrorVariable problem | Should -BeNullOrEmpty
        "$($problem[0])" | Should -BeLike '*Hanging Protocol*refused*'
        $problem[0].ErrorDetails.RecommendedAction | Should -BeLike '*conformance*'
    }

    It 'says what means nothing: <Given>' -ForEach @(
        @{ Given = @{ Service = 'ColorPalette'; PatientID = 'P1' }; Id = 'DicomParameterWithoutMeaning,*' }
        @{ Given = @{ Service = 'RelevantPatient'; SOPInstanceUID = '1.2' }; Id = 'DicomParameterWithoutMeaning,*' }
        @{ Given = @{ Service = 'ImplantTemplate'; Model = 'Nonsense' }; Id = 'DicomServiceInvalid,*' }
    ) {
        { Find-DicomObject $node @Given } | Should -Throw -ErrorId $Id
    }

    It 'completes the models of the service' {
        $line = 'Find-DicomObject x -Service ImplantTemplate -Model '
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be 'Generic', 'Assembly', 'Group'
    }

    It 'gives rows back with -IncludeMissing' {
        $rows = '1.2.3.4', '1.2.3.5' | ForEach-Object { [pscustomobject] @{ SOPInstanceUID = $_; Ward = 'A' } }
        $back = $rows | Find-DicomObject -Node $node -Service ColorPalette -IncludeMissing
        $back.Found | Should -Be $true, $false
        $back.Ward | Should -Be 'A', 'A'
    }
}
