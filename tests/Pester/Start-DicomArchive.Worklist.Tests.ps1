Describe 'Start-DicomArchive as a worklist' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"

        $header = 'PatientID,PatientName,Modality,ScheduledStationAETitle,ScheduledProcedureStepStartDate,ScheduledProcedureStepStartTime,AccessionNumber,RequestedProcedureID'

        function New-Folder { (New-Item -ItemType Directory "$TestDrive/$([guid]::NewGuid().ToString('N'))").FullName }
        function Get-Node($Archive) { "RIS@127.0.0.1:$($Archive.Port)" }
        function Start-PipedArchive { [CmdletBinding()] param([Parameter(ValueFromPipeline)] [object] $Item)
            begin { $all = [Collections.Generic.List[object]]::new() } process { $all.Add($Item) }
            end { $all | Start-DicomArchive "$TestDrive/a-$([guid]::NewGuid().ToString('N'))" -Port 0 -AETitle RIS }
        }
        function Start-WorklistArchive([hashtable] $More = @{}) { Start-DicomArchive "$TestDrive/a-$([guid]::NewGuid().ToString('N'))" -Port 0 -AETitle RIS @More }
    }

    AfterEach { if (Get-DicomArchive) { Stop-DicomArchive -All -Force } }

    It 'is no worklist without items' {
        $archive = Start-WorklistArchive
        $archive.WorklistItems | Should -BeNullOrEmpty
        $null = Find-DicomWorklist (Get-Node $archive) -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomPresentationContextRejected,*'
    }

    It 'serves a CSV, with the time joined to its date' {
        $folder = New-Folder
        Set-Content "$folder/today.csv" $header, 'P1,DOE^JOHN,CT,SCANNER1,2024-01-02,08:15,A1,R1', 'P2,"ROE^JANE",MR,SCANNER2,20240103,930,A2,R2', ''
        $archive = Start-WorklistArchive @{ Worklist = $folder }
        $archive.WorklistItems | Should -Be 2
        $items = Find-DicomWorklist (Get-Node $archive)
        $items.PatientName | Should -Be 'DOE^JOHN', 'ROE^JANE'
        $items.ScheduledDate | Should -Be ([datetime] '2024-01-02 08:15'), ([datetime] '2024-01-03 09:30')
        $items.StationAETitle | Should -Be SCANNER1, SCANNER2
        (Find-DicomWorklist (Get-Node $archive) -ScheduledDate 2024-01-03).PatientID | Should -Be P2
        (Find-DicomWorklist (Get-Node $archive) -Modality CT -PatientName 'doe*').PatientID | Should -Be P1
    }

    It 'takes a date and a time that are both ranges as one range of moments' {
        $folder = New-Folder
        Set-Content "$folder/today.csv" $header, 'P1,A,CT,S,20240102,0815,A1,R1', 'P2,B,CT,S,20240103,0815,A2,R2', 'P3,C,CT,S,20240103,2000,A3,R3'
        $archive = Start-WorklistArchive @{ Worklist = $folder }
        (Find-DicomWorklist (Get-Node $archive) -Key @{ ScheduledProcedureStepStartDate = '20240102-20240103'; ScheduledProcedureStepStartTime = '1000-1200' }).PatientID | Should -Be P2
    }

    It 'gives steps of one request one study, the same after a restart' {
        $folder = New-Folder
        Set-Content "$folder/today.csv" $header, 'P1,DOE,CT,S,20240102,0815,A1,R1', 'P1,DOE,SR,S,20240102,0915,A1,R1', 'P1,DOE,CT,S,20240102,1015,A2,R2'
        $archive = Start-WorklistArchive @{ Worklist = $folder }
        $first = (Find-DicomWorklist (Get-Node $archive)).StudyInstanceUID
        Stop-DicomArchive $archive
        $second = (Find-DicomWorklist (Get-Node (Start-WorklistArchive @{ Worklist = $folder }))).StudyInstanceUID
        $first | Should -Match '^2\.25\.\d+$'
        $first[0] | Should -Be $first[1]
        $first[0] | Should -Not -Be $first[2]
        $second | Should -Be $first
    }

    It 'serves again what Export-Csv made of Find-DicomWorklist, in <_>' -ForEach 'en-US', 'de-DE' {
        $folder = New-Folder
        Set-Content "$folder/today.csv" $header, 'P1,Grün^Jörg,CT,SCANNER1,2024-03-02,08:15,A1,R1'
        $source = Start-WorklistArchive @{ Worklist = $folder }
        $culture = [cultureinfo]::CurrentCulture
        try {
            [cultureinfo]::CurrentCulture = [cultureinfo]::new($_)
            Find-DicomWorklist (Get-Node $source) | Export-Csv "$folder/again.csv"
            $served = Import-Csv "$folder/again.csv" | Start-PipedArchive
            $item = Find-DicomWorklist (Get-Node $served)
        }
        finally { [cultureinfo]::CurrentCulture = $culture }
        $item.ScheduledDate | Should -Be ([datetime] '2024-03-02 08:15')
        $item.PatientName, $item.StationAETitle, $item.AccessionNumber | Should -Be 'Grün^Jörg', SCANNER1, A1
    }

    It 'serves JSON: <What>' -ForEach @(
        @{ What = 'an object'; Open = ''; Close = '' }
        @{ What = 'an array'; Open = '['; Close = ']' }
    ) {
        $folder = New-Folder
        Set-Content "$folder/one.json" "$Open{`"00100020`":{`"vr`":`"LO`",`"Value`":[`"P7`"]},`"00400100`":{`"vr`":`"SQ`",`"Value`":[{`"00080060`":{`"vr`":`"CS`",`"Value`":[`"MG`"]}}]}}$Close"
        $item = Find-DicomWorklist (Get-Node (Start-WorklistArchive @{ Worklist = $folder }))
        $item.PatientID, $item.Modality | Should -Be P7, MG
    }

    It 'serves one file as well as a folder' {
        $file = "$(New-Folder)/today.csv"
        Set-Content $file $header, 'P1,DOE,CT,S,20240102,0815,A1,R1'
        (Start-WorklistArchive @{ Worklist = $file }).WorklistItems | Should -Be 1
    }

    It 'reads a folder again when files come, change and go' {
        $folder = New-Folder
        $archive = Start-WorklistArchive @{ Worklist = $folder }
        $archive.WorklistItems | Should -Be 0
        # A slow disk is looked at once a second.
        function Wait-Patients([string[]] $Expected) {
            for ($i = 0; $i -lt 600; $i++) {
                $found = @((Find-DicomWorklist (Get-Node $archive)).PatientID)
                if ("$found" -eq "$Expected") { break }
                Start-Sleep -Milliseconds 100
            }
            "$found" | Should -Be "$Expected"
        }
        Set-Content "$folder/a.csv" $header, 'P1,DOE,CT,S,20240102,0815,A1,R1'
        Wait-Patients P1
        New-Item -ItemType Directory "$folder/later" | Out-Null
        Set-Content "$folder/later/b.csv" $header, 'P2,ROE,CT,S,20240103,0815,A2,R2'
        Wait-Patients P1, P2
        Set-Content "$folder/a.csv" $header, 'P10,DOE,CT,S,20240102,0815,A1,R1'
        Wait-Patients P10, P2
        Remove-Item "$folder/later/b.csv"
        Wait-Patients P10
    }

    It 'serves the rest, and says what it cannot read' {
        $folder = New-Folder
        Set-Content "$folder/good.csv" $header, 'P1,DOE,CT,S,20240102,0815,A1,R1', 'P2,ROE,CT,S,tomorrow,0815,A2,R2', 'P3,POE,CT,S'
        Set-Content "$folder/bad.wl" 'This is no DICOM file.'
        Set-Content "$folder/half.json" '{"00100020":{"vr":"LO","Value":["P'
        Set-Content "$folder/other.csv" 'a,b', '1,2'
        $archive = Start-DicomArchive "$TestDrive/partly" -Port 0 -Worklist $folder -Verbose -WarningVariable warning -WarningAction SilentlyContinue 4>&1 |
            ForEach-Object { if ($_ -is [Management.Automation.VerboseRecord]) { $told += "$_`n" } else { $_ } }
        (Find-DicomWorklist (Get-Node $archive)).PatientID | Should -Be P1
        "$warning" | Should -BeLike '5 file(s) or item(s)*The first: *'
        foreach ($part in "good.csv*Line 3, column ScheduledProcedureStepStartDate: 'tomorrow' is no date", 'good.csv*Line 4: It has 4 fields, and the first line names 8', 'bad.wl', 'half.json', 'other.csv*names no column') { $told | Should -BeLike "*$part*" }
        $archive.LastError | Should -BeLike "$folder*"
    }

    It 'names the columns that name no attribute, with their file, and serves the others' {
        $folder = New-Folder
        Set-Content "$folder/today.csv" 'PatientID,PatientNmae,Modality,Room,Node,', 'P1,DOE,CT,B12,RIS,'
        Set-Content "$folder/good.csv" $header, 'P2,ROE,MR,S,20240102,0815,A2,R2'
        $archive = Start-DicomArchive "$TestDrive/misspelt" -Port 0 -AETitle RIS -Worklist $folder -Verbose -WarningVariable warning -WarningAction SilentlyContinue 4>&1 |
            ForEach-Object { if ($_ -is [Management.Automation.VerboseRecord]) { $told += "$_`n" } else { $_ } }
        (Find-DicomWorklist (Get-Node $archive)).PatientID | Sort-Object | Should -Be P1, P2
        $warning | Should -HaveCount 1
        foreach ($text in "$warning", $told, $archive.LastError) { $text | Should -BeLike "*$folder/today.csv: Columns name no attribute*: PatientNmae, Room.*" }
    }

    It 'names each such column of rows from the pipeline once' {
        $archive = 'PatientID,Modlity,Modality', 'P1,CT,CT', 'P2,MR,MR' | ConvertFrom-Csv | Start-DicomArchive "$TestDrive/misspelt-rows" -Port 0 -AETitle RIS -WarningVariable warning -WarningAction SilentlyContinue
        $warning | Should -HaveCount 1
        "$warning" | Should -BeLike '*A column names no attribute*: Modlity.'
        $archive.WorklistItems | Should -Be 2
    }

    It 'serves what it read before while a file is half written' {
        $folder = New-Folder
        $item = '{"00100020":{"vr":"LO","Value":["P1"]},"00080060":{"vr":"CS","Value":["CT"]}}'
        Set-Content "$folder/a.json" $item
        $archive = Start-WorklistArchive @{ Worklist = $folder }
        Set-Content "$folder/a.json" $item.Substring(0, 40)
        for ($i = 0; $i -lt 1200 -and -not $archive.LastError; $i++) { $null = $archive.WorklistItems; Start-Sleep -Milliseconds 50 }
        $archive.LastError | Should -BeLike '*a.json*'
        (Find-DicomWorklist (Get-Node $archive)).PatientID | Should -Be P1
    }

    It 'takes <What> from the pipeline' -ForEach @(
        @{ What = 'a flat hashtable'; Item = { @{ PatientID = 'P1'; Modality = 'CT'; ScheduledDate = [datetime] '2024-01-02 08:15' } } }
        @{ What = 'a hashtable with its sequence'; Item = { @{ PatientID = 'P1'; ScheduledProcedureStepSequence = @{ Modality = 'CT'; ScheduledProcedureStepStartDate = '20240102'; ScheduledProcedureStepStartTime = '0815' } } } }
        @{ What = 'an object'; Item = { [pscustomobject] @{ PatientID = 'P1'; Modality = 'CT'; ScheduledProcedureStepStartDate = '2024-01-02 08:15'; Room = 'B12' } } }
        @{ What = 'a dataset'; Item = {
                $step = [DicomPS.Data.DicomDataset]::new(); $step.Set('0008,0060', 'CS', 'CT'); $step.Set('0040,0002', 'DA', '20240102'); $step.Set('0040,0003', 'TM', '0815')
                $dataset = [DicomPS.Data.DicomDataset]::new(); $dataset.Set('0010,0020', 'LO', 'P1'); $dataset.SetSequence('0040,0100', $step); , $dataset } }
    ) {
        $found = Find-DicomWorklist (Get-Node (& $Item | Start-PipedArchive))
        $found.PatientID, $found.Modality, $found.ScheduledDate | Should -Be P1, CT, ([datetime] '2024-01-02 08:15')
    }

    It 'takes the answers of Find-DicomWorklist with all that they hold' {
        $source = @{ PatientID = 'P1'; Modality = 'CT'; ScheduledDate = '2024-01-02'; RequestedProcedureCodeSequence = @{ CodeValue = 'X1' } } | Start-PipedArchive
        $again = Find-DicomWorklist (Get-Node $source) -Property RequestedProcedureCodeSequence | Start-PipedArchive
        $item = Find-DicomWorklist (Get-Node $again) -Property RequestedProcedureCodeSequence
        $item.PatientID | Should -Be P1
        $item.Dataset.GetItems('0032,1064')[0].GetString('0008,0100') | Should -Be X1
    }

    It 'makes an item of each step of a dataset, and of one dataset only once' {
        $archive = @{ PatientID = 'P1'; ScheduledProcedureStepSequence = @(@{ Modality = 'CT' }, @{ Modality = 'MR' }) } | Start-PipedArchive
        (Find-DicomWorklist (Get-Node $archive) -Modality MR).Modality | Should -Be MR
        $archive.WorklistItems | Should -Be 2
    }

    It 'says of <What> that it is no item, and serves the others' -ForEach @(
        @{ What = 'a text'; Item = 'text'; Message = "*'text' is a String*" }
        @{ What = 'a name that is no keyword'; Item = @{ PatientNmae = 'X'; Modality = 'CT' }; Message = "*'PatientNmae' is no keyword*" }
        @{ What = 'a date that is none'; Item = @{ Modality = 'CT'; ScheduledDate = 'soon' }; Message = "*'soon' is no date*" }
        @{ What = 'an object without a step'; Item = @{ PatientID = 'P9' }; Message = '*neither Scheduled Procedure Step Sequence*' }
    ) {
        $archive = $Item, @{ PatientID = 'P1'; Modality = 'CT' } | Start-PipedArchive -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomWorklistItemInvalid,*'
        "$($problem[0])" | Should -BeLike $Message
        $problem[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        (Find-DicomWorklist (Get-Node $archive)).PatientID | Should -Be P1
    }

    It 'serves an empty worklist when nothing comes down the pipeline' {
        $archive = @() | Start-PipedArchive
        $archive.WorklistItems | Should -Be 0
        Find-DicomWorklist (Get-Node $archive) -ErrorAction Stop | Should -BeNullOrEmpty
    }

    It 'ends when there is no such folder' {
        { Start-WorklistArchive @{ Worklist = "$TestDrive/nowhere" } } | Should -Throw -ErrorId 'DicomFileNotFound,*'
    }

    It 'lets go of a long answer that the client cancels' {
        $archive = 1..4321 | ForEach-Object { @{ PatientID = "P$_"; Modality = 'CT' } } | Start-PipedArchive
        (Find-DicomWorklist (Get-Node $archive) | Select-Object -First 3).PatientID | Should -Be P1, P2, P3
        $null = Wait-Until { -not $archive.ActiveAssociations }
        $archive.ActiveAssociations | Should -Be 0
        @(Find-DicomWorklist (Get-Node $archive)) | Should -HaveCount 4321
    }
}
