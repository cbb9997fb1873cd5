# What was asked, row by row (seeds.md): service classes as SCP. Each It is a row.
BeforeDiscovery {
    $hasDcmtk = [bool] (Get-Command storescu -ErrorAction Ignore)
}

Describe 'service classes (base)' -Skip:(-not $hasDcmtk) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        . "$PSScriptRoot/Support.Seeds.ps1"
        $file = New-StudyFile "$TestDrive/in" @{ PatientID = 'P1' }
        $server = Start-DicomScp -Port 0 -AETitle BASE -OnFind {
            switch ($_.Keys.PatientID) {
                NUMBER { 0xA700 }
                DATASET { @{ Status = 0xC123; ErrorComment = 'No such ward'; OffendingElement = 0x00100020 } }
                UNKNOWN { @{ Status = 0x1234 } }
                TYPE { Get-Date }
                HALF { 1.5 }
            }
        } -OnStore {
            switch ($_.Instance.PatientID) {
                P1 { @{ ErrorComment = 'without a status' } }
            }
        }
        function Ask([string] $PatientID) { Invoke-Query findscu $server '-P' 'QueryRetrieveLevel=PATIENT', "PatientID=$PatientID" }
    }

    AfterAll { Get-DicomScp | Stop-DicomScp -Force }

    It 'status as number' {
        Get-Status (Ask NUMBER) | Should -Be 'A700'
    }

    It 'status as dataset with ErrorComment, OffendingElement' {
        $log = Ask DATASET
        Get-Status $log | Should -Be 'C123'
        "$log" | Should -Match 'No such ward'
        "$log" | Should -Match '0010,0020'
    }

    It 'dataset without Status -> C001' {
        # On purpose C002, as any answer that is no status.
        $log = Invoke-Dcmtk storescu '-aec', 'BASE', '127.0.0.1', "$($server.Port)", $file
        Get-Status $log | Should -BeIn 'C001', 'C002'
    }

    It 'wrong type -> C002' {
        $typed = Start-DicomScp -Port 0 -AETitle TYPED -OnStore { Get-Date }
        Get-Status (Invoke-Dcmtk storescu '-aec', 'TYPED', '127.0.0.1', "$($typed.Port)", $file) | Should -Be 'C002'
        $half = Start-DicomScp -Port 0 -AETitle HALF -OnStore { 1.5 }
        Get-Status (Invoke-Dcmtk storescu '-aec', 'HALF', '127.0.0.1', "$($half.Port)", $file) | Should -Be 'C002'
    }

    It 'unknown status sent with a warning' {
        Get-Status (Ask UNKNOWN) | Should -Be '1234'
        Wait-SeedMessage $server '*1234*' | Should -Not -BeNullOrEmpty
    }

    It 'unsupported SOP class' {
        $mute = Start-DicomScp -Port 0 -AETitle MUTE -OnEcho { }
        "$(Invoke-Dcmtk storescu '-aec', 'MUTE', '127.0.0.1', "$($mute.Port)", $file)" | Should -Match 'No presentation context|No Acceptable Presentation Contexts'
    }
}

Describe 'Verification' -Skip:(-not $hasDcmtk) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        . "$PSScriptRoot/Support.Seeds.ps1"
        $server = Start-DicomScp -Port 0 -AETitle ECHO -OnEcho {
            $request = $_
            switch -Regex ($request.CallingAETitle) {
                '^THROW$' { throw 'The database is gone' }
                '^TELL$' { Write-Warning "$($request.MessageId) $($request.CallingAETitle) $($request.CalledAETitle) $($request.PresentationContext.AbstractSyntax)" }
                '^S[0-9A-F]{4}$' { [int] "0x$($_.Substring(1))" }
            }
        }
        function Echo-It([string] $Title) { Get-Status (Invoke-Dcmtk echoscu '-aec', 'ECHO', '-aet', $Title, '127.0.0.1', "$($server.Port)") }
    }

    AfterAll { Get-DicomScp | Stop-DicomScp -Force }

    It 'C-ECHO SCP, Success without handler' {
        $plain = Start-DicomScp -Port 0 -AETitle PLAIN -OnFind { }
        Get-Status (Invoke-Dcmtk echoscu '-aec', 'PLAIN', '127.0.0.1', "$($plain.Port)") | Should -Be '0000'
    }

    It 'statuses 0000, 0122, 0210, 0211, 0212' {
        'S0000', 'S0122', 'S0210', 'S0211', 'S0212' | ForEach-Object { Echo-It $_ } | Should -Be '0000', '0122', '0210', '0211', '0212'
    }

    It 'handler throws -> 0000' {
        # On purpose 0110: who asks whether all is well hears that it is not.
        Echo-It THROW | Should -Be '0110'
        (Wait-SeedMessage $server '*database is gone*').Level | Should -Be 'Error'
    }

    It 'handler sees message id, titles, context' {
        Echo-It TELL | Should -Be '0000'
        (Wait-SeedMessage $server '*TELL*').Message | Should -Match '^\d+ TELL ECHO 1\.2\.840\.10008\.1\.1$'
    }
}

Describe 'Storage' -Skip:(-not $hasDcmtk) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        . "$PSScriptRoot/Support.Seeds.ps1"
        $server = Start-DicomScp -Port 0 -AETitle STORE -Service Storage, NonPatientObject -OnStore {
            $id = $_.Instance.PatientID
            if ($id -eq 'THROW') { throw 'The disk is full' }
            if ($id -eq 'TELL') { Write-Warning "$($_.MessageId -gt 0) $($_.Priority) $($_.Instance.MoveOriginatorAETitle)$($_.Instance.MoveOriginatorMessageID)" }
            if ($id -match '^[0-9A-F]{4}$') { [int] "0x$id" }
        }
        function Store-It([string] $PatientID, [hashtable] $More = @{}) {
            $file = New-StudyFile "$TestDrive/in" (@{ PatientID = $PatientID } + $More)
            Invoke-Dcmtk storescu '-aec', 'STORE', '127.0.0.1', "$($server.Port)", $file
        }
    }

    AfterAll {
        Get-DicomScp | Stop-DicomScp -Force
        Get-DicomStorageScp | Stop-DicomStorageScp -Force
        Get-DicomArchive | Stop-DicomArchive -Force
    }

    It 'statuses B000 B006 B007 0117 0122 0124 0210 0211 0212 A7xx A9xx Cxxx, by name at the SCU' {
        $all = 'B000', 'B006', 'B007', '0117', '0122', '0124', '0210', '0211', '0212', 'A700', 'A900', 'C000'
        foreach ($status in $all) {
            $file = New-StudyFile "$TestDrive/in" @{ PatientID = $status }
            $result = Send-DicomFile $file "STORE@127.0.0.1:$($server.Port)" -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
            '{0:X4}' -f $result.StatusCode | Should -Be $status
            "$($result.Status) $($result.Error)" | Should -Match '[a-z]{4}'
            $result.Success | Should -Be $status.StartsWith('B')
        }
        Get-Status (Store-It B006) | Should -Be 'B006'
    }

    It 'undecodable dataset C210' {
        $storage = Start-DicomStorageScp "$TestDrive/scp" -Port 0 -AETitle SCP
        $box = Start-DicomArchive "$TestDrive/box" -Port 0 -AETitle BOX
        foreach ($one in $server, $storage, $box) { Invoke-Raw $one '1.2.840.10008.5.1.4.1.1.2' 1 $brokenDataset | Should -Be 'C210' }
        Get-ChildItem "$TestDrive/scp" -File -Recurse | Should -BeNullOrEmpty
    }

    It 'handler throws C211' {
        Get-Status (Store-It THROW) | Should -Be 'C211'
    }

    It 'message id, priority, move originator AE and id for the handler' {
        Get-Status (Store-It TELL) | Should -Be '0000'
        (Wait-SeedMessage $server 'True*').Message | Should -BeLike 'True Medium *'
    }

    It 'Non-Patient Object storage (3 classes), C000 when the block throws' {
        foreach ($class in '1.2.840.10008.5.1.4.38.1', '1.2.840.10008.5.1.4.39.1', '1.2.840.10008.5.1.4.43.1') {
            $good = New-StudyFile "$TestDrive/npo" @{ SOPClassUID = $class; PatientID = 'GOOD' }
            (Send-DicomFile $good "STORE@127.0.0.1:$($server.Port)").StatusCode | Should -Be 0
            $bad = New-StudyFile "$TestDrive/npo" @{ SOPClassUID = $class; PatientID = 'THROW' }
            (Send-DicomFile $bad "STORE@127.0.0.1:$($server.Port)" -ErrorAction SilentlyContinue).StatusCode | Should -Be 0xC000
        }
    }
}

Describe 'other services' -Skip:(-not $hasDcmtk) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        . "$PSScriptRoot/Support.Peers.ps1"
        . "$PSScriptRoot/Support.Seeds.ps1"
        $held = @{}
        foreach ($pair in @('HangingProtocol', '1.2.840.10008.5.1.4.38.1'), @('DefinedProcedureProtocol', '1.2.840.10008.5.1.4.1.1.200.1'), @('ColorPalette', '1.2.840.10008.5.1.4.39.1'), @('ImplantTemplate', '1.2.840.10008.5.1.4.43.1')) {
            $held[$pair[0]] = New-StudyFile "$TestDrive/held" @{ SOPClassUID = $pair[1]; SOPInstanceUID = "1.2.9.$($held.Count + 1)" }
        }
        $port = Get-FreePort
        $server = Start-DicomScp -Port 0 -AETitle OTHER -ArgumentList $held, "OURS@127.0.0.1:$port" -OnFind {
            param($request, $held)
            @{ PatientID = 'P1'; PatientName = 'DOE^JOHN'; ProductPackageIdentifier = '4711'; AccessionNumber = 'A1'; SOPInstanceUID = $(if ($held["$($request.Service)"]) { Split-Path -LeafBase $held["$($request.Service)"] })
                ScheduledProcedureStepSequence = @{ Modality = 'CT'; ScheduledProcedureStepID = 'S1' } }
        } -OnGet { param($request, $held) $held["$($request.Service)"] } -OnMove { param($request, $held, $to) $to; $held["$($request.Service)"] } -Service Worklist, RelevantPatient, SubstanceAdministration, HangingProtocol, DefinedProcedureProtocol, ColorPalette, ImplantTemplate
        $node = Get-SeedNode $server

        # FIND, MOVE and GET of one service; the engine's SCU asks, files come to rest here.
        function Use-Service([string] $Service, [string] $Model) {
            $found = Find-DicomObject $node -Service $Service -Model $Model
            $found.SOPInstanceUID | Should -Be (Split-Path -LeafBase $held[$Service])
            (Receive-DicomObject $node -Service $Service -Model $Model -SOPInstanceUID $found.SOPInstanceUID -Path "$TestDrive/get/$Service$Model").Verdict | Should -Be 'Complete'
            (Move-DicomObject $node -Service $Service -Model $Model -SOPInstanceUID $found.SOPInstanceUID -CallingAETitle OURS -LocalPort $port -Path "$TestDrive/move/$Service$Model").Verdict | Should -Be 'Complete'
            @(Get-ChildItem "$TestDrive/get/$Service$Model", "$TestDrive/move/$Service$Model" -File -Recurse).Count | Should -Be 2
        }
    }

    AfterAll {
        Get-DicomScp | Stop-DicomScp -Force
        Get-DicomArchive | Stop-DicomArchive -Force
        if ($worklist) { Stop-Peer $worklist.Process }
    }

    It 'Worklist FIND SCP' {
        $log = Invoke-Dcmtk findscu '-aec', 'OTHER', '-W', '-k', 'PatientID=', '127.0.0.1', "$($server.Port)"
        Get-Status $log | Should -Be 'FF00', '0000'
    }

    It 'Worklist FIND SCU' {
        $script:worklist = Start-Worklist
        @(Find-DicomWorklist $worklist.Node).Count | Should -BeGreaterThan 0
    }

    It 'Relevant Patient SCP' {
        (Invoke-Find $server '1.2.840.10008.5.1.4.37.1' @{ PatientID = 'P1' }).Command.Status | Should -Be 0xFF00, 0
    }

    It 'Substance Administration SCP (2 classes)' {
        foreach ($class in '1.2.840.10008.5.1.4.41', '1.2.840.10008.5.1.4.42') {
            (Invoke-Find $server $class @{ ProductPackageIdentifier = '4711' }).Command.Status | Should -Be 0xFF00, 0
        }
    }

    It 'Hanging Protocol FIND/MOVE/GET SCP' { Use-Service HangingProtocol HangingProtocol }

    It 'Defined Procedure Protocol FIND/MOVE/GET SCP' { Use-Service DefinedProcedureProtocol DefinedProcedureProtocol }

    It 'Color Palette FIND/MOVE/GET SCP' { Use-Service ColorPalette ColorPalette }

    It 'Implant Template (3 classes) FIND/MOVE/GET SCP' { 'Generic', 'Assembly', 'Group' | ForEach-Object { Use-Service ImplantTemplate $_ } }

    It 'Composite Instance Root MOVE/GET, Without Bulk Data GET SCP' {
        $box = Start-DicomArchive "$TestDrive/composite" -Port 0 -AETitle BOX -Destination @{ OURS = "127.0.0.1:$port" }
        $null = Send-DicomFile (New-StudyFile "$TestDrive/in" @{ SOPInstanceUID = '1.2.8.1' }) (Get-SeedNode $box)
        (Receive-DicomStudy (Get-SeedNode $box) -SOPInstanceUID 1.2.8.1 -Model CompositeInstanceRoot -Path "$TestDrive/c1").Verdict | Should -Be 'Complete'
        (Receive-DicomStudy (Get-SeedNode $box) -SOPInstanceUID 1.2.8.1 -WithoutBulkData -Path "$TestDrive/c2").Verdict | Should -Be 'Complete'
        (Move-DicomStudy (Get-SeedNode $box) -SOPInstanceUID 1.2.8.1 -Model CompositeInstanceRoot -CallingAETitle OURS -LocalPort $port -Path "$TestDrive/c3").Verdict | Should -Be 'Complete'
    }

    It 'SCU of these special services' {
        Find-DicomObject $node -Service RelevantPatient -PatientID P1 | ForEach-Object Name | Should -Be 'DOE^JOHN'
        (Find-DicomObject $node -Service SubstanceAdministration).Identifier | Should -Be '4711'
        (Get-Command -Module DicomPS -Noun DicomObject).Name | Sort-Object | Should -Be 'Find-DicomObject', 'Move-DicomObject', 'Receive-DicomObject'
    }

    It 'choose Priority' {
        $seen = [Collections.Concurrent.ConcurrentQueue[string]]::new()
        $asked = Start-DicomScp -Port 0 -AETitle PRIO -ArgumentList $seen -OnFind { param($request, $seen) $seen.Enqueue("$($request.Priority)") }
        'Low', 'Medium', 'High' | ForEach-Object { $null = Find-DicomStudy (Get-SeedNode $asked) -Priority $_ }
        @($seen) | Should -Be 'Low', 'Medium', 'High'
    }
}
