# What is piped to a Find cmdlet and gives it no key must not become a query for all that the peer has.
Describe 'What is piped in without a key' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $asked = [Collections.Concurrent.ConcurrentQueue[string]]::new()
        $server = Start-DicomScp -Port 0 -AETitle SCP -OnFind {
            ($using:asked).Enqueue("$($_.Keys.AccessionNumber)")
            1..3 | ForEach-Object { @{ StudyInstanceUID = "1.2.$_"; SeriesInstanceUID = "1.2.$_.1"; AccessionNumber = "A$_"; PatientID = 'P' } }
        }
        $node = "SCP@127.0.0.1:$($server.Port)"
    }

    AfterAll { $server | Stop-DicomScp }

    BeforeEach { $asked.Clear() }

    It 'asks nothing for <Kind>, and tells what to do once' -ForEach @(
        @{ Kind = 'texts'; Given = 'A1', 'A2', 'A3'; Says = '-AccessionNumber \(Get-Content list\.txt\)' }
        @{ Kind = 'UIDs as texts'; Given = '1.2.1', '1.2.2', '1.2.3'; Says = '-StudyInstanceUID \(Get-Content list\.txt\)' }
        @{ Kind = 'numbers'; Given = 17, 18, 19; Says = '-AccessionNumber \(' }
        @{ Kind = 'nothing'; Given = $null, $null, $null; Says = 'Leave the pipeline out' }
        @{ Kind = 'tables'; Given = @{ AccessionNumber = 'A1' }, @{ AccessionNumber = 'A2' }, @{ }; Says = '\[pscustomobject\]' }
        @{ Kind = 'rows with another column'; Given = ('Accession', 'A1', 'A2', 'A3' | ConvertFrom-Csv); Says = '-AccessionNumber \{ \$_\.Accession \}' }
        @{ Kind = 'rows between semicolons'; Given = ('N;AccessionNumber', '1;A1', '2;A2', '3;A3' | ConvertFrom-Csv); Says = "-Delimiter ';'" }
    ) {
        $found = $Given | Find-DicomStudy $node -ErrorVariable failed -ErrorAction SilentlyContinue
        $found | Should -BeNullOrEmpty
        $asked | Should -BeNullOrEmpty
        $failed | Should -HaveCount 2
        $failed.FullyQualifiedErrorId | Should -Match '^DicomRowWithoutKey,'
        $failed[0].ErrorDetails.RecommendedAction | Should -Match $Says
        $failed[1].Exception.Message | Should -Match '^2 more '
        # Whatever else narrows the query, the rows were meant.
        $Given | Find-DicomStudy $node -Modality CT -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $asked | Should -BeNullOrEmpty
    }

    It 'names the columns that a row has and those that are taken' {
        'Accession,Room', 'A1,2' | ConvertFrom-Csv | Find-DicomStudy $node -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].Exception.Message | Should -Match 'columns Accession, Room, .*PatientID, AccessionNumber, StudyInstanceUID'
    }

    It 'asks nothing in <Command> either, and moves nothing' -ForEach @(
        @{ Command = 'Find-DicomPatient' }, @{ Command = 'Find-DicomSeries' }, @{ Command = 'Find-DicomInstance' }, @{ Command = 'Find-DicomWorklist' }
    ) {
        'A1' | & $Command $node -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        'A1' | & $Command -HostName 127.0.0.1 -Port $server.Port -CalledAETitle SCP -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -Match '^DicomRowWithoutKey,'
        'A1' | Find-DicomStudy $node -ErrorAction SilentlyContinue | Move-DicomStudy -Destination BOXC | Should -BeNullOrEmpty
        $asked | Should -BeNullOrEmpty
    }

    It 'calls no text found with -IncludeMissing' {
        $rows = 'A1', 'A2' | Find-DicomStudy $node -IncludeMissing -ErrorAction SilentlyContinue
        $rows | Should -HaveCount 2
        $rows.Found | Should -Be $null, $null
        $rows[1].Error | Should -Match "'A2' was piped in"
    }

    It 'takes a text for a node where none is named, a row with a node, and a script block for a column' {
        $node | Find-DicomStudy | Should -HaveCount 3
        [pscustomobject] @{ AETitle = 'SCP'; HostName = '127.0.0.1'; Port = $server.Port } | Find-DicomStudy | Should -HaveCount 3
        $asked.Clear()
        $null = 'A1', 'A2' | Find-DicomStudy $node -AccessionNumber { $_ } -WarningAction SilentlyContinue
        $null = 'Accession', 'A3' | ConvertFrom-Csv | Find-DicomStudy $node -AccessionNumber { $_.Accession } -WarningAction SilentlyContinue
        $asked | Should -Be 'A1', 'A2', 'A3'
    }

    It 'takes no empty value for a key that is given by name: <Name>' -ForEach @(
        @{ Name = 'AccessionNumber'; Value = $null }, @{ Name = 'PatientID'; Value = '' }, @{ Name = 'StudyInstanceUID'; Value = @() }
        @{ Name = 'AccessionNumber'; Value = @('', ' ') }, @{ Name = 'PatientName'; Value = '' }, @{ Name = 'Modality'; Value = $null }
    ) {
        $key = @{ $Name = $Value }
        { Find-DicomStudy $node @key } | Should -Throw -ErrorId 'DicomKeyEmpty,*' -ExpectedMessage "-$Name is given and is empty*"
        $asked | Should -BeNullOrEmpty
    }

    It 'still asks for everything where that is meant' {
        Find-DicomStudy $node | Should -HaveCount 3
        Find-DicomStudy $node -PatientID * | Should -HaveCount 3
        Find-DicomStudy $node -Key @{ PatientID = '' } | Should -HaveCount 3
        Find-DicomStudy $node -AccessionNumber 'A1', '' -WarningAction SilentlyContinue | Should -Not -BeNullOrEmpty
    }

    It 'retrieves no more than was meant where a UID is given and empty' {
        { Move-DicomStudy $node -PatientID P -StudyInstanceUID $null -Destination BOXC } | Should -Throw -ErrorId 'DicomKeyEmpty,*'
        { Receive-DicomStudy $node -StudyInstanceUID 1.2 -SeriesInstanceUID '' -Path "$TestDrive/in" } | Should -Throw -ErrorId 'DicomKeyEmpty,*'
    }
}
