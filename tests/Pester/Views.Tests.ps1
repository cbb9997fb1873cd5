# What objects look like on the screen: at 100 and at 80 columns, in colour and plain, grouped.
Describe 'Views' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        function Get-Line($InputObject, [int] $Width) {
            @(($InputObject | Out-String -Width $Width) -split "`r?`n" | ForEach-Object { ($_ -replace "`e\[[0-9;]*m").TrimEnd() } | Where-Object { $_ })
        }

        $server = Start-DicomScp -Port 0 -AETitle SCP -OnFind {
            $patient = $_.Keys.PatientID
            switch ($_.Level) {
                PATIENT { @{ PatientName = 'MUSTERMANN-LONGNAME^MAXIMILIAN'; PatientID = 'PID-0000000001'; PatientBirthDate = '19700101'; PatientSex = 'M'; NumberOfPatientRelatedStudies = '12'; NumberOfPatientRelatedInstances = '123456' } }
                STUDY {
                    if ($patient -eq 'NOTHING') { return @{ StudyInstanceUID = '1.2.3.9' } }
                    if ($patient -eq 'WHICH') { throw 'Which patient?' }
                    @{ StudyInstanceUID = '1.2.3.1'; PatientName = 'MUSTERMANN-LONGNAME^MAXIMILIAN'; PatientID = 'PID-000001'; StudyDate = '20240102'; StudyTime = '101500'; AccessionNumber = 'ACC0000001'; ModalitiesInStudy = 'CT', 'SR'; NumberOfStudyRelatedInstances = '12345'; StudyDescription = 'CT THORAX AND ABDOMEN WITH CONTRAST' }
                    @{ StudyInstanceUID = '1.2.3.2'; PatientName = 'ROE^JANE'; PatientID = 'P2' }
                }
                SERIES { @{ SeriesInstanceUID = "1.2.826.0.1.3680043.10.999.123456789.12345.777"; StudyInstanceUID = '1.2.3.1'; SeriesNumber = '1'; Modality = 'CT'; SeriesDate = '20240102'; SeriesDescription = 'THIN SLICES OF THE WHOLE BODY'; BodyPartExamined = 'WHOLEBODY'; NumberOfSeriesRelatedInstances = '500' } }
                IMAGE { @{ SOPInstanceUID = "1.2.826.0.1.3680043.10.999.123456789.12345.777.888"; SOPClassUID = '1.2.840.10008.5.1.4.1.1.481.1'; InstanceNumber = '1'; Rows = 512; Columns = 512 } }
                default { @{ PatientName = 'MUSTERMANN-LONGNAME^MAXIMILIAN'; PatientID = 'PID-000001'; AccessionNumber = 'ACC0000001'; RequestedProcedureDescription = 'CT THORAX AND ABDOMEN'; ScheduledProcedureStepSequence = @{ Modality = 'CT'; ScheduledStationAETitle = 'SCANNER1'; ScheduledProcedureStepStartDate = '20240102'; ScheduledProcedureStepStartTime = '0815' } } }
            }
        } -OnStore { } -Service Storage, QueryRetrieve, Worklist
        $node = "SCP@127.0.0.1:$($server.Port)"
        $file = New-StudyFile "$TestDrive/files" @{ PatientName = 'MUSTERMANN-LONGNAME^MAXIMILIAN' }
        $storage = Start-DicomStorageScp "$TestDrive/in" -Port 0 -AETitle STORE
        $archive = Start-DicomArchive "$TestDrive/archive" -Port 0 -AETitle ARCHIVE -StudyQuietPeriod 0.5
        $keeper = "ARCHIVE@127.0.0.1:$($archive.Port)"
        $null = Send-DicomFile $file $keeper
        $stored = Send-DicomFile $file "STORE@127.0.0.1:$($storage.Port)"
        $failed = Send-DicomFile "$PSCommandPath" "STORE@127.0.0.1:$($storage.Port)" -ErrorAction Ignore
        Set-DicomNode 'A node with a long name' -AETitle ARCHIVE -HostName archive.of.the.hospital.example -Port 11112 -LocalPort 11113 -CallingAETitle WORKSTATION_0001
        $null = Find-DicomStudy $node -PatientID WHICH -ErrorAction Ignore
        $objects = @{
            Patient  = Find-DicomPatient $node
            Study    = Find-DicomStudy $node
            Series   = Find-DicomSeries $node -StudyInstanceUID 1.2.3.1
            Instance = Find-DicomInstance $node -SeriesInstanceUID 1.2.3.1.1 -StudyInstanceUID 1.2.3.1
            Worklist = Find-DicomWorklist $node
            File     = Get-DicomFile $file
            Received = Receive-DicomStorageScp $storage -Timeout 60 | Select-Object -First 1
            Node     = Get-DicomNode
            Storage  = $storage
            Scp      = $server
            Archive  = $archive
            Stored   = @($stored; $failed)
            Echo     = @(Test-DicomEcho $node; Test-DicomEcho X@127.0.0.1:1 -ErrorAction Ignore)
            Imported = Import-DicomFile $file -Archive $archive
            Element  = Get-DicomElement $file -Name Modality
            Json     = ConvertTo-DicomJson $file | ConvertFrom-DicomJson
            Commitment = Request-DicomStorageCommitment $file -Node $keeper
            Committed = Test-DicomStorageCommitment $file -Node $keeper
            Message  = Receive-DicomScp $server -Timeout 60 | Where-Object Message -Match 'Which' | Select-Object -First 1
            Repaired = Repair-DicomArchive (New-Item -ItemType Directory "$TestDrive/archive2").FullName
            Complete = $archive | Wait-DicomStudy -Count 1 -Timeout 30
            Bare     = Find-DicomStudy $node -PatientID NOTHING
            Retrieve = Receive-DicomStudy $node -StudyInstanceUID 1.2.3 -Path "$TestDrive/got" -ErrorAction Ignore
        }
    }

    AfterAll {
        Stop-DicomScp -All -Force
        Stop-DicomStorageScp -All -Force
        Stop-DicomArchive -All -Force
        Get-DicomNode | Remove-DicomNode
    }

    It '<Kind> fits <Width> columns with every heading' -ForEach @(
        foreach ($width in 160, 100, 80) {
            @{ Width = $width; Kind = 'Patient'; Headings = 'PatientName', 'PatientID', 'BirthDate', 'Sex', 'Studies', 'Series', 'Images', 'Node' }
            @{ Width = $width; Kind = 'Study'; Headings = 'StudyDate', 'PatientName', 'PatientID', 'Accession', 'Mod', 'Images', 'Description' }
            @{ Width = $width; Kind = 'Series'; Headings = 'Nr', 'Mod', 'Images', 'SeriesDate', 'BodyPart', 'Description', 'SeriesInstanceUID' }
            @{ Width = $width; Kind = 'Instance'; Headings = 'Nr', 'SOPClass', 'Rows', 'Columns', 'Frames', 'SOPInstanceUID' }
            @{ Width = $width; Kind = 'Worklist'; Headings = 'Scheduled', 'Mod', 'Station', 'PatientName', 'PatientID', 'Accession', 'Description' }
            @{ Width = $width; Kind = 'File'; Headings = 'File', 'PatientName', 'PatientID', 'StudyDate', 'Mod', 'Size', 'SOPClass' }
            @{ Width = $width; Kind = 'Received'; Headings = 'ReceivedAt', 'From', 'PatientID', 'PatientName', 'Bytes', 'SOPClass' }
            @{ Width = $width; Kind = 'Node'; Headings = 'Name', 'AETitle', 'HostName', 'Port', 'CallingAETitle', 'LocalPort', 'Tls' }
            @{ Width = $width; Kind = 'Storage'; Headings = 'Id', 'AETitle', 'Port', 'State', 'Open', 'Received', 'Refused', 'Failed', 'Path' }
            @{ Width = $width; Kind = 'Scp'; Headings = 'Id', 'AETitle', 'Port', 'State', 'Open', 'Requests', 'Failed', 'Handlers' }
            @{ Width = $width; Kind = 'Archive'; Headings = 'Id', 'AETitle', 'Port', 'State', 'Studies', 'Instances', 'Received', 'Refused', 'Failed', 'Path' }
            @{ Width = $width; Kind = 'Stored'; Headings = 'Status', 'File', 'Bytes', 'SOPClass', 'TransferSyntax' }
            @{ Width = $width; Kind = 'Echo'; Headings = 'Node', 'Success', 'Stage', 'RoundTrip', 'Peer / Failure' }
            @{ Width = $width; Kind = 'Imported'; Headings = 'Success', 'Path', 'ArchivedPath / Error' }
            @{ Width = $width; Kind = 'Retrieve'; Headings = 'Verdict', 'Done', 'Failed', 'Here', 'Size', 'Time', 'Level', 'Request' }
        }
    ) {
        $lines = Get-Line $objects[$Kind] $Width
        $lines.Count | Should -BeGreaterThan 2
        # A heading that is broken has a second line before the dashes.
        $lines[1] | Should -Match '^[- ]+$'
        ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual $Width
        foreach ($heading in $Headings) { "$lines" | Should -Match ([regex]::Escape($heading)) }
    }

    It 'leaves names and descriptions readable at 80 columns' {
        $lines = Get-Line $objects.Study 80
        $lines[2] | Should -Match 'MUSTERMAN'
        $lines[2] | Should -Match 'CT THORAX'
        (Get-Line $objects.Study 100)[2] | Should -Match 'MUSTERMANN-LONGNAM'
        (Get-Line $objects.Worklist 80)[2] | Should -Match 'MUSTERMANN.* CT THORAX'
        (Get-Line $objects.Series 80)[2] | Should -Match '345\.777$'
    }

    It 'shows identifiers whole at <Width> columns: <Kind>' -ForEach @(
        @{ Width = 80; Kind = 'Study'; Shown = 'PID-000001', 'ACC0000001' }
        @{ Width = 100; Kind = 'Study'; Shown = 'PID-000001', 'ACC0000001' }
        @{ Width = 80; Kind = 'Worklist'; Shown = 'PID-000001', 'ACC0000001' }
        @{ Width = 100; Kind = 'Patient'; Shown = , 'PID-0000000001' }
        @{ Width = 160; Kind = 'Series'; Shown = , '1.2.826.0.1.3680043.10.999.123456789.12345.777' }
        @{ Width = 160; Kind = 'Instance'; Shown = , '1.2.826.0.1.3680043.10.999.123456789.12345.777.888' }
    ) {
        $text = (Get-Line $objects[$Kind] $Width) -join "`n"
        foreach ($id in $Shown) { $text | Should -Match ([regex]::Escape($id)) }
    }

    It 'groups with -View <View>' -ForEach @(
        @{ Kind = 'Study'; View = 'Patient'; Says = 'Patient: MUSTERMANN-LONGNAME\^MAXIMILIAN \(PID-000001\)'; Groups = 2 }
        @{ Kind = 'Study'; View = 'Node'; Says = 'Node: SCP@127\.0\.0\.1'; Groups = 1 }
        @{ Kind = 'Series'; View = 'Study'; Says = 'Study: 1\.2\.3\.1'; Groups = 1 }
        @{ Kind = 'Instance'; View = 'Series'; Says = 'Series: 1\.2\.3\.1\.1'; Groups = 1 }
        @{ Kind = 'Worklist'; View = 'Station'; Says = 'Station: SCANNER1'; Groups = 1 }
        @{ Kind = 'File'; View = 'Patient'; Says = 'Patient: MUSTERMANN'; Groups = 1 }
        @{ Kind = 'Received'; View = 'Patient'; Says = 'Patient: MUSTERMANN'; Groups = 1 }
        @{ Kind = 'Stored'; View = 'Status'; Says = 'Status: Success'; Groups = 2 }
    ) {
        $lines = Get-Line ($objects[$Kind] | Format-Table -View $View) 100
        $heads = @($lines -match "^\s*${View}: ")
        $heads | Should -HaveCount $Groups
        $heads[0] | Should -Match $Says
        ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 100
    }

    It 'Format-List shows the handful of <Kind>, and everything with a star' -ForEach @(
        @{ Kind = 'Patient'; Shown = 'PatientName PatientID PatientBirthDate PatientSex Studies Series Instances Node' }
        @{ Kind = 'Study'; Shown = 'PatientName PatientID StudyDate AccessionNumber Modalities StudyDescription Series Instances StudyInstanceUID Node' }
        @{ Kind = 'Series'; Shown = 'SeriesNumber Modality SeriesDate SeriesDescription BodyPartExamined Instances PatientID StudyInstanceUID SeriesInstanceUID Node' }
        @{ Kind = 'Received'; Shown = 'Path PatientName PatientID SOPClass TransferSyntax StudyInstanceUID SeriesInstanceUID SOPInstanceUID CallingAETitle RemoteEndPoint Bytes ReceivedAt' }
        @{ Kind = 'Archive'; Shown = 'Id AETitle Port State Path ActiveAssociations Associations Studies Series Instances WorklistItems Received Refused Failed StartedAt Access LastErrorAt LastError' }
        # These two have units.
        @{ Kind = 'Echo'; Shown = 'Node Success Stage Count RoundTrip RoundTripMinimum RoundTripMaximum NameLookupTime TcpTime TlsTime TlsVersion CertificateThumbprint CertificateExpires AssociationTime Address ImplementationVersionName ImplementationClassUID MaximumPduLength StatusCode Failure Cause Advice' }
        @{ Kind = 'Retrieve'; Shown = 'Verdict Advice Status StatusCode ErrorComment Level Model Method PatientID StudyInstanceUID SeriesInstanceUID SOPInstanceUID Node Destination Announced Remaining Completed Failed Warning FailedSOPInstanceUID Received FromElsewhere NotAskedFor Bytes Path Duration Attempts Exception' }
    ) {
        $one = @($objects[$Kind])[0]
        $names = Get-Line ($one | Format-List) 200 | ForEach-Object { if ($_ -match '^(\w+) +:') { $Matches[1] } }
        "$names" | Should -BeExactly $Shown
        $all = Get-Line ($one | Format-List *) 200 | ForEach-Object { if ($_ -match '^(\w+) +:') { $Matches[1] } }
        foreach ($property in $one.psobject.Properties.Name) { $all | Should -Contain $property }
    }

    It 'Format-List shows what -Property asked for' {
        $found = Find-DicomStudy $node -Property InstitutionName, StationName | Select-Object -First 1
        $header = Get-DicomFile $file -Property KVP
        $found | Format-List | Out-String | Should -Match '(?s)StudyInstanceUID +: 1\.2\.3\.1.*InstitutionName +:.*StationName +:'
        $header | Format-List | Out-String | Should -Match '(?s)SOPInstanceUID +:.*KVP +:'
        # The table stays, and the next object without it has none of it.
        (Get-Line $found 100)[0] | Should -Be (Get-Line $objects.Study 100)[0]
        $objects.Study[0] | Format-List | Out-String | Should -Not -Match 'InstitutionName'
    }

    It 'Compare-, Group- and Sort-Object know objects by their UIDs' {
        $again = Find-DicomStudy $node
        Compare-Object $objects.Study $again | Should -BeNullOrEmpty
        $missing = @(Compare-Object $objects.Study @($again[1]))
        $missing | Should -HaveCount 1
        $missing[0].InputObject.StudyInstanceUID, $missing[0].SideIndicator | Should -Be '1.2.3.1', '<='
        @($objects.Study) + @($again) | Group-Object | ForEach-Object Count | Should -Be 2, 2
        ($again[1], $again[0] | Sort-Object).StudyInstanceUID | Should -Be '1.2.3.1', '1.2.3.2'
        Compare-Object (Get-DicomFile $file) $objects.Received | Should -BeNullOrEmpty
        $other = New-StudyFile "$TestDrive/other" @{ PatientName = 'MUSTERMANN-LONGNAME^MAX' }
        $changed = Compare-Object (Get-DicomElement $file) (Get-DicomElement $other)
        # UIDs are made, and not always as long; the length of the file meta information goes with them.
        $changed.InputObject.Keyword | Where-Object { $_ -notmatch 'InstanceUID$|^FileMetaInformationGroupLength$' } | Should -Be 'PatientName', 'PatientName'
        "$($changed.InputObject)" | Should -Match 'MAXIMILIAN'
    }

    It '<Kind> in a string says <Says>' -ForEach @(
        @{ Kind = 'Patient'; Says = '^MUSTERMANN-LONGNAME\^MAXIMILIAN \(PID-0000000001\)$' }
        @{ Kind = 'Study'; Says = '^2024-01-02 MUSTERMANN-LONGNAME\^MAXIMILIAN \(PID-000001\) CT\\SR CT THORAX AND ABDOMEN WITH CONTRAST$' }
        @{ Kind = 'Series'; Says = '^1 CT THIN SLICES OF THE WHOLE BODY$' }
        @{ Kind = 'Instance'; Says = '^1 RT Image Storage 1\.2\.826\.[\d.]+888$' }
        @{ Kind = 'Worklist'; Says = '^2024-01-02 08:15 MUSTERMANN-LONGNAME\^MAXIMILIAN \(PID-000001\) CT CT THORAX AND ABDOMEN$' }
        @{ Kind = 'File'; Says = '\.dcm \(CT Image Storage\)$' }
        @{ Kind = 'Received'; Says = '\.dcm \(CT Image Storage from DICOMPS\)$' }
        @{ Kind = 'Node'; Says = '^A node with a long name$' }
        @{ Kind = 'Storage'; Says = '^STORE on port \d+ into .+in \(Running\)$' }
        @{ Kind = 'Scp'; Says = '^SCP on port \d+ \(Running\)$' }
        @{ Kind = 'Archive'; Says = '^ARCHIVE on port \d+ with .+archive \(Running\)$' }
        @{ Kind = 'Stored'; Says = '\.dcm: Success$' }
        @{ Kind = 'Echo'; Says = '^SCP@127\.0\.0\.1:\d+: answered in \d+[.,]\d ms$' }
        @{ Kind = 'Imported'; Says = '\.dcm: imported$' }
        @{ Kind = 'Retrieve'; Says = '^1\.2\.3: \w+, ' }
        @{ Kind = 'Element'; Says = '^\(0008,0060\) CS Modality: CT$' }
        @{ Kind = 'Json'; Says = '^MUSTERMANN-LONGNAME\^MAXIMILIAN, CT Image Storage, \d+ elements$' }
        @{ Kind = 'Commitment'; Says = '^2\.25\.\d+: \w+, [01] of 1 committed$' }
        @{ Kind = 'Committed'; Says = '\.dcm: Committed$' }
        @{ Kind = 'Complete'; Says = '^\d{4}-\d\d-\d\d MUSTERMANN-LONGNAME' }
        @{ Kind = 'Repaired'; Says = 'archive2: 0 instances of 0 studies, 0 files unreadable$' }
        @{ Kind = 'Message'; Says = '^\w+: .*Which patient\?' }
    ) {
        "$(@($objects[$Kind])[0])" | Should -Match $Says
    }

    It 'says the UID in a string where a peer says no more' {
        "$($objects.Bare)" | Should -Be '1.2.3.9'
    }

    Context 'colour' -Skip:($PSVersionTable.PSVersion.Major -lt 7) {
        BeforeEach { $rendering = $PSStyle.OutputRendering }
        AfterEach { $PSStyle.OutputRendering = $rendering }

        It 'is green for success and red for failure, by $PSStyle' {
            $PSStyle.OutputRendering = 'Ansi'
            $text = $objects.Stored | Out-String
            $text | Should -Match ([regex]::Escape("$($PSStyle.Foreground.Green)Success"))
            $text | Should -Match ([regex]::Escape("$($PSStyle.Foreground.Red)NotSent"))
            $objects.Echo | Out-String | Should -Match ([regex]::Escape("$($PSStyle.Foreground.Red)False"))
            $objects.Retrieve | Out-String | Should -Match ([regex]::Escape($PSStyle.Foreground.Red) + '|' + [regex]::Escape($PSStyle.Foreground.Yellow))
            $objects.Storage | Out-String | Should -Match ([regex]::Escape("$($PSStyle.Foreground.Green)Running"))
        }

        It 'is yellow for what is doubtful' {
            $warned = $stored | Select-Object * | ForEach-Object { $_.psobject.TypeNames.Insert(0, 'DicomPS.Sending.StoreResult'); $_.StatusCode = 0xB000; $_ }
            $PSStyle.OutputRendering = 'Ansi'
            $warned | Out-String | Should -Match ([regex]::Escape("$($PSStyle.Foreground.Yellow)Success"))
        }

        It 'stays away with OutputRendering <_>' -ForEach 'PlainText', 'Host' {
            $PSStyle.OutputRendering = $_
            $objects.Stored | Out-String | Should -Not -Match "`e"
            $objects.Stored | Out-File "$TestDrive/out.txt"
            Get-Content -Raw "$TestDrive/out.txt" | Should -Not -Match "`e"
        }

        It 'stays away with NO_COLOR' {
            $env:NO_COLOR = '1'
            try { $text = & $pwsh -NoProfile -Command "Import-Module '$root/out/DicomPS/DicomPS.psd1'; Test-DicomEcho $node" | Out-String }
            finally { $env:NO_COLOR = $null }
            $text | Should -Match 'True'
            $text | Should -Not -Match "`e"
        }

        It 'does without $PSStyle, as Windows PowerShell has none, also in strict mode' {
            $shell = [powershell]::Create()
            try {
                $lines = $shell.AddScript({
                    param($manifest, $results)
                    Import-Module $manifest
                    Set-Variable PSStyle $null -Force -Scope Global -ErrorAction Ignore
                    Remove-Variable PSStyle -Force -Scope Global -ErrorAction Ignore
                    Set-StrictMode -Version Latest
                    $results | Out-String -Width 100
                }).AddArgument("$root/out/DicomPS/DicomPS.psd1").AddArgument($objects.Stored).Invoke()
            }
            finally { $shell.Dispose() }
            "$lines" | Should -Match 'Success'
            "$lines" | Should -Match 'NotSent'
        }
    }
}
