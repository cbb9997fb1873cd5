# One rule for dates: what is typed, what comes in rows, and what is exported, in the cultures of those who use it.
BeforeDiscovery {
    $cultures = 'de-DE', 'en-GB', 'en-US', 'fr-FR', 'nl-NL', 'sv-SE', 'ja-JP', 'tr-TR', 'th-TH', 'fa-IR', 'ar-SA', 'fi-FI'
}

Describe 'Dates' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        $server = Start-FindServer -Count 1
        $node = "SCP@127.0.0.1:$($server.Port)"

        # A block in a culture; the test goes on in its own.
        function Use-Culture([string] $Name, [scriptblock] $Do) {
            $own = [cultureinfo]::CurrentCulture
            [cultureinfo]::CurrentCulture = [cultureinfo]::new($Name, $false)
            try { & $Do } finally { [cultureinfo]::CurrentCulture = $own }
        }

        # What a query by a date asks the peer for, or the error.
        function Get-Asked([string] $Culture, $Date, [string] $Parameter = 'StudyDate', [string] $Command = 'Find-DicomStudy', [hashtable] $More = @{}) {
            Use-Culture $Culture {
                $all = @{ $Parameter = $Date } + $More
                try { $null = & $Command $node @all -ErrorAction Stop -WarningAction Ignore } catch { return "refused: $($_.Exception.Message)" }
                ($server.Last -split '; ' | Where-Object { $_ -match '(Date|Time)=' }) -join '; '
            }
        }
    }

    AfterAll { $server.Stop() }

    It 'these tests have real cultures' {
        ([cultureinfo] 'de-DE').DateTimeFormat.ShortDatePattern | Should -Be 'dd.MM.yyyy'
        ([cultureinfo] 'th-TH').DateTimeFormat.Calendar | Should -BeOfType Globalization.ThaiBuddhistCalendar
    }

    It '<Culture>: <Text> is 3 February' -ForEach @(
        @{ Culture = 'de-DE'; Text = '03.02.2025' }
        @{ Culture = 'de-DE'; Text = '3.2.2025' }
        @{ Culture = 'en-GB'; Text = '03/02/2025' }
        @{ Culture = 'en-GB'; Text = '03.02.2025' }
        @{ Culture = 'fr-FR'; Text = '03/02/2025' }
        @{ Culture = 'nl-NL'; Text = '3-2-2025' }
        @{ Culture = 'en-US'; Text = '2/3/2025' }
        @{ Culture = 'sv-SE'; Text = '2025-02-03' }
        @{ Culture = 'ja-JP'; Text = '2025/2/3' }
        @{ Culture = 'cs-CZ'; Text = '3. 2. 2025' }
        @{ Culture = 'hu-HU'; Text = '2025. 02. 03.' }
        @{ Culture = 'th-TH'; Text = '3/2/2025' }
        @{ Culture = 'fa-IR'; Text = '2025/2/3' }
        @{ Culture = 'ar-SA'; Text = '3/2/2025' }
        @{ Culture = 'en-US'; Text = '3 Feb 2025' }
        @{ Culture = 'en-US'; Text = '20250203' }
        @{ Culture = ''; Text = '2025.02.03' }
    ) {
        Get-Asked $Culture $Text | Should -Be 'StudyDate=20250203'
        Get-Asked $Culture $Text After | Should -Be 'StudyDate=20250203-'
        Get-Asked $Culture $Text Before | Should -Be 'StudyDate=-20250202'
        Get-Asked $Culture $Text StartDate | Should -Be 'StudyDate=20250203-'
        Get-Asked $Culture $Text EndDate | Should -Be 'StudyDate=-20250203'
        Get-Asked $Culture $Text PatientBirthDate | Should -Be 'PatientBirthDate=20250203'
        Get-Asked $Culture $Text Key -More @{ } | Should -Match 'refused'
        Use-Culture $Culture { $null = Find-DicomStudy $node -Key @{ PatientBirthDate = $Text } -WarningAction Ignore }
        $server.Last | Should -Match 'PatientBirthDate=20250203'
    }

    It '<Command> -<Parameter> keeps the rule' -ForEach @(
        @{ Command = 'Find-DicomPatient'; Parameter = 'PatientBirthDate' }
        @{ Command = 'Find-DicomSeries'; Parameter = 'SeriesDate' }
        @{ Command = 'Find-DicomInstance'; Parameter = 'ContentDate' }
        @{ Command = 'Find-DicomWorklist'; Parameter = 'ScheduledDate' }
        @{ Command = 'Find-DicomWorklist'; Parameter = 'After' }
    ) {
        # A peer without the service is asked nothing, and not for another day.
        Get-Asked 'de-DE' '31.02.2025' $Parameter $Command | Should -Match "refused.*'31.02.2025' is no date.*31\.01\.2024"
        (Get-Command $Command).Parameters[$Parameter].Attributes.Where({ $_ -is [DicomPS.Dates.DateTransformAttribute] }) | Should -HaveCount 1
    }

    It '<Culture>: <Text> is refused, with an example' -ForEach @(
        @{ Culture = 'en-US'; Text = '03.02.2025' }
        @{ Culture = 'en-US'; Text = '13/2/2025' }
        @{ Culture = 'de-DE'; Text = '03.02.25' }
        @{ Culture = 'sv-SE'; Text = '03/02/2025' }
        @{ Culture = ''; Text = '03/02/2025' }
        @{ Culture = 'de-DE'; Text = '20250230' }
        @{ Culture = 'de-DE'; Text = 'soon' }
        @{ Culture = 'de-DE'; Text = '' }
    ) {
        Get-Asked $Culture $Text | Should -Match 'refused.*is no date.*2024-01-31, 20240131'
        Get-Asked $Culture $Text After | Should -Match 'refused.*is no date.*2024-01-31, 20240131'
    }

    It 'takes <Text>' -ForEach @(
        @{ Text = 'today'; Days = 0, 0 }
        @{ Text = 'Yesterday'; Days = -1, -1 }
        @{ Text = 'tomorrow'; Days = 1, 1 }
        @{ Text = '-7d'; Days = -7, -7 }
        @{ Text = '-7d..today'; Days = -7, 0 }
        @{ Text = '-2w..yesterday'; Days = -14, -1 }
        @{ Text = '..today'; Days = $null, 0 }
        @{ Text = '-7d..'; Days = -7, $null }
    ) {
        $first, $last = $Days | ForEach-Object { if ($null -ne $_) { [datetime]::Today.AddDays($_).ToString('yyyyMMdd', [cultureinfo]::InvariantCulture) } else { '' } }
        Get-Asked 'tr-TR' $Text | Should -Be "StudyDate=$(if ($first -eq $last) { $first } else { "$first-$last" })"
    }

    It 'takes -7d as it is typed, without quotes' {
        $null = Find-DicomStudy $node -StudyDate -7d -WarningAction Ignore
        $server.Last | Should -Match "StudyDate=$([datetime]::Today.AddDays(-7).ToString('yyyyMMdd'))(;|$)"
        $null = Find-DicomStudy $node -StudyDate -7d..today -WarningAction Ignore
        $server.Last | Should -Match "StudyDate=$([datetime]::Today.AddDays(-7).ToString('yyyyMMdd'))-$([datetime]::Today.ToString('yyyyMMdd'))(;|$)"
        $null = Find-DicomStudy $node -After -7d -WarningAction Ignore
        $server.Last | Should -Match "StudyDate=$([datetime]::Today.AddDays(-7).ToString('yyyyMMdd'))-(;|$)"
    }

    It 'takes the range <Text>' -ForEach @(
        @{ Text = '2025-01-01..2025-01-31' }
        @{ Text = '20250101-20250131' }
        @{ Text = '01.01.2025..31.01.2025' }
        @{ Text = '01.01.2025-31.01.2025' }
        @{ Text = '2025-01-01 - 2025-01-31' }
        @{ Text = '2025-01-01/2025-01-31' }
    ) {
        Get-Asked 'de-DE' $Text | Should -Be 'StudyDate=20250101-20250131'
    }

    It '<Culture>: the year of <Text> is not ours, and that is said' -ForEach @(
        @{ Culture = 'th-TH'; Text = '3/2/2568' }
        @{ Culture = 'th-TH'; Text = '2568-02-03' }
        @{ Culture = 'fa-IR'; Text = '1403/11/15' }
        @{ Culture = 'ar-SA'; Text = '4/8/1446' }
        @{ Culture = 'en-US'; Text = '2099-01-01' }
        @{ Culture = 'en-US'; Text = '00010101-99991231' }
        @{ Culture = 'en-US'; Text = '20250101-99991231' }
        @{ Culture = 'en-US'; Text = [datetime]::MaxValue }
    ) {
        Get-Asked $Culture $Text | Should -Match 'refused.*5 years ahead.*Gregorian.*2024-01-01\.\.'
    }

    It '<_>: years are Gregorian' -ForEach 'th-TH', 'fa-IR', 'ar-SA' {
        Get-Asked $_ '2025-01-05' After | Should -Be 'StudyDate=20250105-'
        Get-Asked $_ ([datetime] '2025-01-05') | Should -Be 'StudyDate=20250105'
        Get-Asked $_ '2025-02-01' After -More @{ Before = '2025-01-01' } | Should -Match 'Nothing lies after 2025-02-01 00:00:00 and before 2025-01-01'
    }

    Context 'exported in one culture and imported in another' {
        BeforeAll {
            $files = "$TestDrive/files"
            $file = New-StudyFile $files @{ StudyDate = '20250203'; StudyTime = '' }
            $timed = New-StudyFile $files @{ StudyDate = '20250203'; StudyTime = '101530.5' }
            $born = New-StudyFile "$TestDrive/born" @{ PatientBirthDate = '19600203' }
            $all = 'de-DE', 'en-GB', 'en-US', 'fr-FR', 'nl-NL', 'sv-SE', 'ja-JP', 'tr-TR', 'th-TH', 'fa-IR', 'ar-SA', 'fi-FI'
            $item = @{ PatientID = 'P1'; Modality = 'CT'; ScheduledDate = '2025-02-03 08:15'; PatientBirthDate = '19600203' }
            $archive = $item | Start-DicomArchive "$TestDrive/a" -Port 0 -AETitle BOX
            $box = "BOX@127.0.0.1:$($archive.Port)"
            $null = $file, $timed | Send-DicomFile -Node $box
        }

        AfterAll { Stop-DicomArchive -All -Force }

        It '<_>: every date of ours is ISO 8601 in a CSV' -ForEach $cultures {
            Use-Culture $_ {
                $null = Find-DicomStudy $box | Sort-Object StudyDate | Export-Csv "$TestDrive/$_.csv" -NoTypeInformation
                (Import-Csv "$TestDrive/$_.csv").StudyDate | Should -Be '2025-02-03', '2025-02-03T10:15:30.5'
                (Find-DicomStudy $box -Property StudyDate, ContentDate, PatientBirthDate | Select-Object StudyDate | ConvertTo-Csv)[-1] | Should -Match '^"2025-02-03'
                (Get-DicomFile $timed | ConvertTo-Csv | ConvertFrom-Csv).StudyDate | Should -Be '2025-02-03'
                (Get-DicomFile $born -Property PatientBirthDate | ConvertTo-Csv | ConvertFrom-Csv).PatientBirthDate | Should -Be '1960-02-03'
                $found = Find-DicomWorklist $box | Select-Object * | ConvertTo-Csv | ConvertFrom-Csv
                $found.ScheduledDate, $found.PatientBirthDate | Should -Be '2025-02-03T08:15:00', '1960-02-03'
                ($archive | ConvertTo-Csv | ConvertFrom-Csv).StartedAt | Should -Match '^20\d\d-\d\d-\d\dT'
            }
        }

        It '<_>: what any culture exported is asked for again' -ForEach $cultures {
            foreach ($other in $all) {
                foreach ($row in Import-Csv "$TestDrive/$other.csv") { Get-Asked $_ $row.StudyDate | Should -Be 'StudyDate=20250203' -Because "$other exported it" }
            }
        }

        It '<_>: a worklist that any culture exported is served' -ForEach $cultures {
            $rows = foreach ($other in $all) { Use-Culture $other { Find-DicomWorklist $box | Select-Object * -ExcludeProperty Dataset, Node | ConvertTo-Csv | ConvertFrom-Csv } }
            Use-Culture $_ {
                $copy = $rows | Start-DicomArchive "$TestDrive/copy-$_" -Port 0 -AETitle COPY
                $items = Find-DicomWorklist "COPY@127.0.0.1:$($copy.Port)" -ScheduledDate 2025-02-03
                $items | Should -HaveCount $all.Count
                $items.ScheduledDate | Select-Object -Unique | Should -Be ([datetime] '2025-02-03 08:15')
                Stop-DicomArchive $copy -Force
            }
        }

        It 'remains a DateTime for who works with it' {
            $study = Find-DicomStudy $box | Sort-Object StudyDate | Select-Object -Last 1
            $study.StudyDate | Should -BeOfType datetime
            $study.StudyDate.AddDays(1).Day | Should -Be 4
            $study.StudyDate -lt [datetime]::Now | Should -BeTrue
            '{0:yyyy}' -f $study.StudyDate | Should -Be '2025'
            $study.StudyDate.ToString('HH:mm') | Should -Be '10:15'
            ($study | ConvertTo-Json -Depth 1 | ConvertFrom-Json).StudyDate | Should -Be ([datetime] '2025-02-03 10:15:30.5')
            $study | Export-Clixml "$TestDrive/s.xml"
            (Import-Clixml "$TestDrive/s.xml").StudyDate | Should -Be ([datetime] '2025-02-03 10:15:30.5')
        }

        It 'keeps the order of the properties' {
            ((Find-DicomStudy $box)[0].psobject.Properties.Name | Select-Object -First 5) -join ',' | Should -Be 'PatientName,PatientID,PatientBirthDate,PatientSex,StudyDate'
        }
    }

    It 'every object with a date has an adapter that exports it' {
        $types = Get-Command -Module DicomPS | ForEach-Object { $_.OutputType.Type } | Where-Object {
            # Files and certificates are PowerShell's and export as ever.
            $_ -and $_.Assembly.GetName().Name -like 'DicomPS*' -and ($_.GetProperties().PropertyType -contains [datetime] -or $_.GetProperties().PropertyType -contains [nullable[datetime]]) } | Sort-Object FullName -Unique
        $types.Count | Should -BeGreaterThan 10
        $types | Where-Object { (Get-TypeData $_.FullName).TypeAdapter -ne [DicomPS.Dates.ResultAdapter] } | Should -BeNullOrEmpty
    }

    It '<Culture>: a row or file of a worklist with <Text> is refused, and what to write is said' -ForEach @(
        @{ Culture = 'de-DE'; Text = '03.02.2025' }
        @{ Culture = 'en-US'; Text = '2/3/2025 8:15:00 AM' }
        @{ Culture = 'en-GB'; Text = '03/02/2025' }
        @{ Culture = 'en-US'; Text = 'today' }
        @{ Culture = 'th-TH'; Text = '2568-02-03' }
    ) {
        Use-Culture $Culture {
            { [pscustomobject] @{ PatientID = 'P1'; Modality = 'CT'; ScheduledDate = $Text } | Start-DicomArchive "$TestDrive/refuses" -Port 0 -ErrorAction Stop } |
                Should -Throw -ExpectedMessage "*'$Text' is *20*-*-*"
            $null = New-Item -ItemType Directory -Force "$TestDrive/list"
            Set-Content "$TestDrive/list/a.csv" "PatientID,Modality,ScheduledDate`nP1,CT,$Text`nP2,CT,2025-02-03 08:15"
            $box = Start-DicomArchive "$TestDrive/refuses" -Port 0 -AETitle BOX -Worklist "$TestDrive/list" -WarningAction SilentlyContinue -WarningVariable warning
            try { (Find-DicomWorklist "BOX@127.0.0.1:$($box.Port)").PatientID | Should -Be 'P2' } finally { Stop-DicomArchive $box -Force }
        }
    }

    It 'dates of rows that a cmdlet does not need are not bound' {
        $row = [pscustomobject] @{ StudyInstanceUID = '1.2.3'; PatientID = 'P1'; StudyDate = '99.99.9999'; PatientBirthDate = 'unknown'; SeriesDate = '?'; ScheduledDate = 'x'; ContentDate = 'x'; After = 'x'; Before = 'x' }
        $row | Find-DicomStudy $node -WarningAction Ignore -ErrorVariable problem | Should -Not -BeNullOrEmpty
        $problem | Should -BeNullOrEmpty
        $server.Last | Should -Not -Match '99|unknown'
        # Who makes a procedure step needs the date of birth of the row, by the rules of all dates.
        Get-Command -Module DicomPS | Where-Object Name -NE New-DicomProcedureStep | ForEach-Object { $_.Parameters.Values } |
            Where-Object { $_.ParameterType -in [datetime], [nullable[datetime]], [nullable[DicomPS.Data.DicomDateRange]] -and $_.ParameterSets.Values.ValueFromPipelineByPropertyName -contains $true } |
            Should -BeNullOrEmpty
    }
}
