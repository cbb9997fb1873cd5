# What Tab offers, asked of PowerShell itself.
Describe 'Completion' {
    BeforeAll {
        # What was seen is of the whole process: other files may have run in it before, and their servers too.
        Get-Module DicomPS | Remove-Module
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        function Complete([string] $Line) { [Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null).CompletionMatches }
        function Get-Offer([string] $Line) { @((Complete $Line).CompletionText) }

        Set-DicomNode PACS1 -AETitle ARCHIVE -HostName pacs.example -Port 104 -CallingAETitle READER
        Set-DicomNode 'East Wing' -AETitle EAST -HostName east.example
        # Two studies of two patients, seen through a query; a series of the first.
        $server = Start-DicomScp -Port 0 -AETitle SCP -OnFind {
            if ($_.Level -eq 'STUDY') {
                @{ StudyInstanceUID = '1.2.3.1'; PatientID = '0012'; PatientName = 'DOE^JOHN'; StudyDate = '20240102'; AccessionNumber = 'A1' }
                @{ StudyInstanceUID = '1.2.3.2'; PatientID = 'P 2'; PatientName = 'ROE^JANE'; AccessionNumber = 'A2' }
            }
            else { @{ SeriesInstanceUID = '1.2.3.1.7'; StudyInstanceUID = '1.2.3.1'; Modality = 'CT' } }
        }
        $node = "SCP@127.0.0.1:$($server.Port)"
    }

    AfterAll {
        Stop-DicomScp -All -Force
        Get-DicomNode | Remove-DicomNode
    }

    It 'offers <Expected> for: <Line>' -ForEach @(
        @{ Line = 'Test-DicomEcho P'; Expected = 'PACS1' }
        @{ Line = 'Find-DicomStudy -Node ea'; Expected = "'East Wing'" }
        @{ Line = 'Send-DicomFile x.dcm P'; Expected = 'PACS1' }
        @{ Line = 'Get-DicomNode P'; Expected = 'PACS1' }
        @{ Line = 'Move-DicomStudy PACS1 -Destination EA'; Expected = 'EAST' }
        @{ Line = 'Move-DicomStudy PACS1 -Destination REA'; Expected = 'READER' }
        @{ Line = 'Find-DicomStudy PACS1 -CallingAETitle RE'; Expected = 'READER' }
        @{ Line = 'Test-DicomEcho -HostName pa'; Expected = 'pacs.example' }
        @{ Line = 'Test-DicomEcho -HostName pacs.example -CalledAETitle AR'; Expected = 'ARCHIVE' }
        @{ Line = 'Send-DicomFile x -HostName pacs.example -CalledAETitle AR'; Expected = 'ARCHIVE' }
        @{ Line = 'Start-DicomStorageScp x -AETitle RE'; Expected = 'READER' }
        @{ Line = 'Start-DicomStorageScp x -AllowedCallingAETitle AR'; Expected = 'ARCHIVE' }
        @{ Line = 'Find-DicomStudy PACS1 -Property InstitutionNam'; Expected = 'InstitutionName' }
        @{ Line = 'Get-DicomFile x -Property sliceTh'; Expected = 'SliceThickness' }
        @{ Line = 'Find-DicomStudy PACS1 -Key InstitutionNam'; Expected = "@{ InstitutionName = '' }" }
        @{ Line = 'Find-DicomWorklist PACS1 -Key RequestedProcedureI'; Expected = "@{ RequestedProcedureID = '' }" }
        @{ Line = 'Find-DicomStudy PACS1 -Modality RTD'; Expected = 'RTDOSE' }
        @{ Line = 'Find-DicomSeries PACS1 -Modality se'; Expected = 'SEG' }
        @{ Line = 'Find-DicomWorklist PACS1 -Modality ECG'; Expected = 'ECG' }
        @{ Line = 'Find-DicomPatient PACS1 -PatientSex f'; Expected = 'F' }
        @{ Line = 'Find-DicomInstance PACS1 -SOPClass CTIm'; Expected = 'CTImageStorage' }
        @{ Line = 'Receive-DicomStudy PACS1 -Path x -SOPClassUID 1.2.840.10008.5.1.4.1.1.481.2'; Expected = '1.2.840.10008.5.1.4.1.1.481.2' }
        @{ Line = 'Set-DicomNode PACS1 -CharacterSet "ISO_IR 19'; Expected = "'ISO_IR 192'" }
        @{ Line = 'Receive-DicomStudy PACS1 -Path x -Layout Ser'; Expected = 'Series' }
        @{ Line = 'Start-DicomScp -Service Stor'; Expected = 'Storage' }
        @{ Line = 'Find-DicomStudy PACS1 -Split Mo'; Expected = 'Month' }
        @{ Line = 'Move-DicomStudy PACS1 -Level Ser'; Expected = 'Series' }
        @{ Line = 'Start-DicomScp -Fault Abort'; Expected = '@{ AbortAfter = 1 }' }
    ) {
        Get-Offer $Line | Should -Contain $Expected
    }

    It 'offers keywords within the braces of a table of keys: <Line>' -ForEach @(
        @{ Line = 'Find-DicomStudy PACS1 -Key @{ Stud'; Expected = 'StudyInstanceUID'; Not = 'StationName' }
        @{ Line = 'Find-DicomStudy PACS1 -Key @{ '; Expected = 'InstitutionName'; Not = 'Count' }
        @{ Line = "Find-DicomSeries PACS1 -Key @{ StationName = ''; Sta"; Expected = $null; Not = 'StationName' }
        @{ Line = 'Find-DicomWorklist PACS1 -Key @{ RequestedProc'; Expected = 'RequestedProcedureID'; Not = 'StudyID' }
    ) {
        $offer = Get-Offer $Line
        if ($Expected) { $offer | Should -Contain $Expected }
        $offer | Should -Not -Contain $Not
    }

    It 'offers within the braces only what is a keyword of the dictionary' {
        $tags = [Collections.Generic.Dictionary[string, object]]::new([StringComparer]::Ordinal)
        foreach ($entry in [DicomPS.Dictionary.DicomDictionary]::All) { $tags[$entry.Keyword] = $entry }
        foreach ($keyword in Get-Offer 'Find-DicomStudy PACS1 -Key @{ ') {
            $tag = if ($tags.ContainsKey($keyword)) { $tags[$keyword] }
            $tag | Should -Not -BeNullOrEmpty -Because $keyword
            $tag.IsRetired | Should -BeFalse -Because $keyword
        }
    }

    It 'offers the forms of a date, and no files: <Line>' -ForEach @(
        @{ Line = 'Find-DicomStudy PACS1 -StudyDate ' }
        @{ Line = 'Find-DicomPatient PACS1 -PatientBirthDate ' }
        @{ Line = 'Find-DicomSeries PACS1 -SeriesDate ' }
        @{ Line = 'Find-DicomInstance PACS1 -ContentDate ' }
        @{ Line = 'Find-DicomWorklist PACS1 -ScheduledDate ' }
    ) {
        $offer = Get-Offer $Line
        $offer | Should -Contain ([datetime]::Today.ToString('yyyy-MM-dd'))
        $offer | Should -Contain ([datetime]::Today.AddDays(-6).ToString('yyyyMMdd') + '-' + [datetime]::Today.ToString('yyyyMMdd'))
        # Each is taken as it stands.
        $reader = [DicomPS.Dates.DateTransformAttribute]::new()
        foreach ($form in $offer) { $reader.Transform($null, $form.Trim("'")) | Should -BeOfType DicomPS.Data.DicomDateRange }
    }

    It 'offers moments, and no ranges, for -<_>' -ForEach 'After', 'Before', 'StartDate', 'EndDate' {
        $offer = Get-Offer "Find-DicomStudy PACS1 -$_ "
        $offer | Should -Contain ([datetime]::Today.ToString('yyyy-MM-dd'))
        $offer | Should -Not -Match '\d{8}-'
    }

    It 'offers the ids of running servers, each kind to its own cmdlets' {
        Get-Offer 'Stop-DicomScp -Id ' | Should -Be "$($server.Id)"
        Get-Offer 'Stop-DicomStorageScp -Id ' | Should -Not -Contain "$($server.Id)"
        (Complete 'Stop-DicomScp -Id ').ToolTip | Should -Match "SCP, port $($server.Port)"
        $archive = Start-DicomArchive "$TestDrive/archive" -Port 0
        try { Get-Offer 'Import-DicomFile x -Archive ' | Should -Be "$($archive.Id)" }
        finally { Stop-DicomArchive $archive -Force }
    }

    It 'offers nothing that was not seen' {
        Get-Offer 'Move-DicomStudy PACS1 -StudyInstanceUID 9.9.' | Should -Not -Match '^9\.9'
    }

    Context 'after a query' {
        BeforeAll {
            $null = Find-DicomStudy $node
            $null = Find-DicomSeries $node -StudyInstanceUID 1.2.3.1
        }

        It 'offers the UIDs and ids that were seen, quoted where PowerShell would take them for numbers' {
            Get-Offer 'Move-DicomStudy PACS1 -StudyInstanceUID 1.2.3.' | Should -Be '1.2.3.2', '1.2.3.1'
            Get-Offer 'Find-DicomSeries PACS1 -PatientID 0' | Should -Be "'0012'"
            Get-Offer 'Find-DicomStudy PACS1 -PatientID P' | Should -Be "'P 2'"
            Get-Offer 'Find-DicomStudy PACS1 -AccessionNumber A' | Should -Be 'A2', 'A1'
            Get-Offer 'Receive-DicomStudy PACS1 -Path x -StudyInstanceUID 1.2.3.1 -SeriesInstanceUID 1.2.3' | Should -Be '1.2.3.1.7'
        }

        It 'says whose they are' {
            (Complete 'Move-DicomStudy PACS1 -StudyInstanceUID 1.2.3.1').ToolTip | Should -Be 'DOE^JOHN, 2024-01-02'
        }

        It 'leaves out those of another patient or study' {
            Get-Offer "Move-DicomStudy PACS1 -PatientID 'P 2' -StudyInstanceUID 1.2.3" | Should -Be '1.2.3.2'
            Get-Offer 'Receive-DicomStudy PACS1 -Path x -StudyInstanceUID 1.2.3.2 -SeriesInstanceUID 1.2.3' | Should -Not -Contain '1.2.3.1.7'
        }

        It 'knows what another runspace has seen' {
            $shell = [powershell]::Create()
            try { $null = $shell.AddScript("Import-Module '$root/out/DicomPS/DicomPS.psd1'; Find-DicomStudy $node -PatientID 1 -Model PatientRoot").Invoke() }
            finally { $shell.Dispose() }
            $shell.HadErrors | Should -BeFalse
            Get-Offer 'Move-DicomStudy PACS1 -StudyInstanceUID 1.2.3.2' | Should -Be '1.2.3.2'
        }

        It 'knows files and received instances too' {
            $file = New-StudyFile "$TestDrive/file" @{ StudyInstanceUID = '7.7.1'; PatientID = 'FILE' }
            $null = Get-DicomFile $file
            Get-Offer 'Move-DicomStudy PACS1 -StudyInstanceUID 7.7.' | Should -Be '7.7.1'
            $storage = Start-DicomStorageScp "$TestDrive/in" -Port 0
            try {
                $null = New-StudyFile "$TestDrive/sent" @{ StudyInstanceUID = '7.7.2' } | Send-DicomFile -Node "X@127.0.0.1:$($storage.Port)"
                $null = Receive-DicomStorageScp $storage -Timeout 60 | Select-Object -First 1
                Get-Offer 'Move-DicomStudy PACS1 -StudyInstanceUID 7.7.2' | Should -Be '7.7.2'
            }
            finally { Stop-DicomStorageScp $storage -Force }
        }

        It 'keeps the newest two hundred, and forgets all when the module is removed' {
            $many = Start-DicomScp -Port 0 -AETitle MANY -OnFind { 1..300 | ForEach-Object { @{ StudyInstanceUID = "5.5.$_" } } }
            $null = Find-DicomStudy "MANY@127.0.0.1:$($many.Port)"
            Get-Offer 'Move-DicomStudy PACS1 -StudyInstanceUID 5.5.' | Should -HaveCount 200
            Get-Offer 'Move-DicomStudy PACS1 -StudyInstanceUID 5.5.3' | Should -Contain '5.5.300'
            Get-Offer 'Move-DicomStudy PACS1 -StudyInstanceUID 5.5.5' | Should -Not -Contain '5.5.5'
            Remove-Module DicomPS
            Import-Module (Join-Path $root 'out/DicomPS/DicomPS.psd1')
            Get-Offer 'Move-DicomStudy PACS1 -StudyInstanceUID 5.5.' | Should -Not -Match '^5\.5'
        }
    }
}
