Describe 'Get-Help' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $common = [Management.Automation.Cmdlet]::CommonParameters + [Management.Automation.Cmdlet]::OptionalCommonParameters
        $association = [DicomPS.Associations.AssociationOptions]::new()

        # What a made cmdlet has in a parameter, as one would type it; nothing for what is null, empty or a mere zero.
        function Get-MadeDefault($Value) {
            switch ($Value) {
                { $_ -is [Management.Automation.SwitchParameter] } { return 'False' }
                { $_ -is [timespan] } { return $(if ($_ -gt [timespan]::Zero) { $_.TotalSeconds.ToString([cultureinfo]::InvariantCulture) }) }
                { $_ -is [int] -or $_ -is [long] } { return $(if ($_ -ne 0 -and $_ -notin [int]::MaxValue, [long]::MaxValue) { "$_" }) }
                { $_ -is [Enum] } { return $(if ($_.value__ -ne 0) { "$_" }) }
                { $_ -is [array] } { return $_ -join ', ' }
                { $_ -is [datetime] } { return }
                default { return "$_" }
            }
        }
    }

    It 'shows the default of each parameter, which is that of the code where the code has one' {
        $seen = 0
        foreach ($command in Get-Command -Module DicomPS) {
            $made = $command.ImplementingType::new()
            foreach ($name in $command.Parameters.Keys | Where-Object { $_ -notin $common }) {
                $shown = (Get-Help $command.Name -Parameter $name).defaultValue
                $shown | Should -Not -BeNullOrEmpty -Because "$($command.Name) -$name"
                if ($name -in 'WhatIf', 'Confirm') { continue }
                # An array would be unrolled by the switch.
                $has = if ($made.$name -is [array]) { $made.$name -join ', ' } else { Get-MadeDefault $made.$name }
                if ($has) {
                    $shown | Should -BeExactly $has -Because "$($command.Name) -$name"
                    $seen++
                }
            }
        }

        $seen | Should -BeGreaterThan 100
    }

    It 'shows the waits of an association that it really has: <_>' -ForEach 'ConnectTimeout', 'AssociationTimeout', 'ResponseTimeout' {
        foreach ($command in Get-Command -Module DicomPS -ParameterName $_) {
            $shown = (Get-Help $command.Name -Parameter $_).defaultValue
            # An answer to a query or a retrieve may take longer; its cmdlet says so.
            if ($command.Noun -in 'DicomEcho', 'DicomFile' -or $_ -ne 'ResponseTimeout') { $shown | Should -Be $association.$_.TotalSeconds -Because $command.Name }
            else { $shown | Should -Match '^\d+$' -Because $command.Name }
        }
    }

    It 'shows examples as they are typed, with what they print, and no marks of the page' {
        foreach ($command in Get-Command -Module DicomPS) {
            $help = Get-Help $command.Name -Examples
            $text = $help | Out-String -Width 100
            $text | Should -Not -Match '```' -Because $command.Name
            $text | Should -Not -Match '\u0080' -Because $command.Name
            foreach ($example in $help.examples.example) {
                $problems = $null
                $null = [Management.Automation.Language.Parser]::ParseInput($example.code, [ref] $null, [ref] $problems)
                $problems | Should -BeNullOrEmpty -Because "$($command.Name): $($example.title)"
            }
        }

        $echo = Get-Help Test-DicomEcho -Examples | Out-String -Width 200
        $echo | Should -Match 'Example 1: A node that answers -+\s+Test-DicomEcho PACS@127\.0\.0\.1:11112\s+Port 11112 could be left out\.\s+Node +Success'
    }

    It 'shows the words that a parameter takes' {
        (Get-Help Find-DicomStudy -Parameter Split).description.Text -join ' ' | Should -Match 'Week'
        (Get-Help Move-DicomStudy -Parameter Duplicate).description.Text -join ' ' | Should -Match 'KeepBoth'
    }

    It 'opens the page of the cmdlet with -Online' {
        foreach ($command in Get-Command -Module DicomPS) {
            # Get-Help -Online takes the first link that has an address.
            @((Get-Help $command.Name).relatedLinks.navigationLink)[0].uri |
                Should -BeExactly "https://github.com/dicomps/DicomPS/blob/main/docs/en-US/$($command.Name).md"
        }
    }
}
