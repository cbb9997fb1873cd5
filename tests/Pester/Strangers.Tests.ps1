# What a peer sends is shown in every table, list, error and line of -Verbose, and must not steer the terminal that shows it.
BeforeDiscovery {
    $views = foreach ($view in ([xml] (Get-Content -Raw -Encoding utf8 "$PSScriptRoot/../../src/DicomPS/DicomPS.Format.ps1xml")).Configuration.ViewDefinitions.View) {
        foreach ($type in $view.ViewSelectedBy.TypeName) { @{ Name = $view.Name; Type = $type; Shape = if ($view.TableControl) { 'Table' } else { 'List' } } }
    }
}

Describe 'Text of strangers' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        . "$PSScriptRoot/Support.Peers.ps1"
        # A title for the window, a bell, C1's own escape, the end of a line, and the order of reading turned around.
        $bad = "A$([char] 27)]0;pwn$([char] 7)$([char] 0x9b)31m$([char] 13)$([char] 10)B$([char] 0x202e)C$([char] 0x7f)D"
        $steers = "[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\x1b\]"
        $anyField = [Reflection.BindingFlags] 'Instance, Public, NonPublic'
        # An object of a type with this text in each of its texts, whether they can be set or not.
        function New-Bad([string] $Type) {
            # A result with the columns of the row that asked for it is the same object with more.
            if ($Type -like '*#Row') {
                $row = New-Bad ($Type -replace '#Row$') | Add-Member -PassThru -NotePropertyMembers @{ Remark = $bad; Found = $true; Error = '' }
                $row.PSObject.TypeNames.Insert(0, $Type)
                return $row
            }
            $found = [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -like 'DicomPS*' } | ForEach-Object { $_.GetType($Type) } | Where-Object { $_ } | Select-Object -First 1
            $made = [Runtime.Serialization.FormatterServices]::GetUninitializedObject($found)
            for ($at = $found; $at -and $at -ne [object]; $at = $at.BaseType) {
                foreach ($field in $at.GetFields($anyField)) {
                    if ($field.FieldType -eq [string]) { $field.SetValue($made, $bad) }
                    elseif ($field.FieldType -eq [string[]]) { $field.SetValue($made, [string[]] $bad) }
                }
            }
            $made
        }
        # Everything but the ends of lines, which a table has of its own.
        function Get-Steering([string] $Text) { [regex]::Matches(($Text -replace "`r?`n", ' '), $steers) | ForEach-Object { '{0:x2}' -f [int] $_.Value[0] } }
    }

    It 'steers nothing in the <Shape> <Name> of <Type>' -ForEach $views {
        $object = New-Bad $Type
        $shown = if ($Shape -eq 'Table') { $object | Format-Table -View $Name | Out-String -Width 400 } else { $object | Format-List -View $Name | Out-String -Width 400 }
        Get-Steering $shown | Should -BeNullOrEmpty
        $shown | Should -Not -Match '(?m)^B\?C'
    }

    It 'steers nothing in the text of <Type>' -ForEach @($views | Where-Object { $_.Type -notmatch 'Server$|StorageCommitment|DicomNode|JsonInstance|ArchiveServer' } | Sort-Object { $_.Type } -Unique) {
        $text = "$(New-Bad $Type)"
        Get-Steering $text | Should -BeNullOrEmpty
        $text | Should -Not -Match '[\r\n]'
    }

    It 'steers nothing in Format-List of <Type>, which has a list of its own' -ForEach @($views | Sort-Object { $_.Type } -Unique) {
        $shown = New-Bad $Type | Format-List | Out-String -Width 400
        $shown | Should -Match ' : '
        Get-Steering $shown | Should -BeNullOrEmpty
    }

    It 'steers nothing in Format-List of what -Property asked for' {
        $study = New-Bad DicomPS.Study | Add-Member -PassThru -NotePropertyMembers @{ InstitutionName = $bad; PatientWeight = 70 }
        $shown = $study | Format-List | Out-String -Width 400
        Get-Steering $shown | Should -BeNullOrEmpty
        $shown | Should -Match '(?m)InstitutionName : A'
        $shown | Should -Match '(?m)PatientWeight +: 70'
    }

    It 'keeps the value in the property' {
        (New-Bad DicomPS.Study).PatientID | Should -Be $bad
    }

    It 'steers nothing in errors and lines of -Verbose about a query that a peer refuses' {
        $peer = Start-FaultyPeer {
            Send-Accept (Read-Pdu)
            $null = Read-Pdu
            $comment = [byte[]] (65, 27, 93, 48, 59, 112, 7, 13, 10, 66)
            $elements = [byte[]] (0, 0, 0, 1, 2, 0, 0, 0, 0x20, 0x80, 0, 0, 0x20, 1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 8, 2, 0, 0, 0, 1, 1, 0, 0, 0, 9, 2, 0, 0, 0, 0x22, 1, 0, 0, 2, 9, $comment.Count, 0, 0, 0) + $comment
            $command = [byte[]] (0, 0, 0, 0, 4, 0, 0, 0, $elements.Count, 0, 0, 0) + $elements
            Send-Pdu 4 ([byte[]] (@(0, 0, 0, ($command.Count + 2), 1, 3) + $command))
            Read-ToEnd
        }
        try {
            $all = Find-DicomStudy $peer.Node -Verbose -ResponseTimeout 60 -ErrorAction Continue -ErrorVariable problem 2>&1 4>&1
            $problem | Should -HaveCount 1
            $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomStatusFailure,*'
            "$($problem[0])" | Should -BeLike '*It says: A?]0;p? B*'
            foreach ($text in @($all | ForEach-Object { "$_" }) + $problem[0].Exception.Message + "$($problem[0].CategoryInfo)") { Get-Steering $text | Should -BeNullOrEmpty }
        }
        finally { Stop-FaultyPeer $peer }
    }

    It 'steers nothing in the LastError of a server, not even by a caller that was refused' {
        $server = Start-DicomStorageScp "$TestDrive/refusing" -Port 0 -AETitle BOX -AllowedCallingAETitle CT1
        try {
            $client = [Net.Sockets.TcpClient]::new('127.0.0.1', $server.Port)
            $stream = $client.GetStream()
            $titles = [Text.Encoding]::ASCII.GetBytes('BOX             ' + "$([char] 27)]0;pwn$([char] 7)".PadRight(16))
            $items = [byte[]] (0x10, 0, 0, 21) + [Text.Encoding]::ASCII.GetBytes('1.2.840.10008.3.1.1.1') + [byte[]] (0x20, 0, 0, 46, 1, 0, 0, 0, 0x30, 0, 0, 17) +
                [Text.Encoding]::ASCII.GetBytes('1.2.840.10008.1.1') + [byte[]] (0x40, 0, 0, 17) + [Text.Encoding]::ASCII.GetBytes('1.2.840.10008.1.2') + [byte[]] (0x50, 0, 0, 8, 0x51, 0, 0, 4, 0, 0, 0x40, 0)
            $body = [byte[]] (0, 1, 0, 0) + $titles + [byte[]]::new(32) + $items
            $pdu = [byte[]] (1, 0, 0, 0, ($body.Count -shr 8), ($body.Count -band 255)) + $body
            $stream.Write($pdu, 0, $pdu.Length)
            $stream.ReadTimeout = 60000
            $stream.ReadByte() | Should -Be 3 -Because 'the caller is refused'
            $client.Dispose()
            $null = Wait-Until { $server.LastError }
            $server.LastError | Should -BeLike '*]0;pwn*'
            Get-Steering $server.LastError | Should -BeNullOrEmpty
        }
        finally { Stop-DicomStorageScp -InputObject $server -Force }
    }

    It 'steers nothing in what -WhatIf says and in the error of a record that is skipped' {
        $row = [pscustomobject]@{ PatientID = $bad; Node = 'A@127.0.0.1:104'; Matches = $false }
        $row | Move-DicomStudy -Destination X -ErrorVariable problem -ErrorAction SilentlyContinue
        Get-Steering "$($problem[0]) $($problem[0].CategoryInfo)" | Should -BeNullOrEmpty
        $problem[0].TargetObject | Should -Be $bad
    }

    It 'offers by Tab nothing that steers' {
        $server = Start-FindServer 0
        try {
            $said = [AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object { $_.GetType('DicomPS.Arguments.SeenValues') } | Where-Object { $_ }
            $null = $said.GetMethod('Remember').Invoke($null, @((New-Bad DicomPS.Study)))
            $offered = (TabExpansion2 'Find-DicomStudy x -PatientID ').CompletionMatches
            Get-Steering "$($offered.CompletionText) $($offered.ListItemText) $($offered.ToolTip)" | Should -BeNullOrEmpty
        }
        finally {
            $null = $said.GetMethod('Clear').Invoke($null, @())
            $server.Stop()
        }
    }
}
