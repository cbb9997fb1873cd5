# seeds.md and the Seeds files say the same: each row has one test, named after it.
Describe 'The table of what was asked' {
    BeforeAll {
        $rows = Get-Content "$PSScriptRoot/seeds.md" | Where-Object { $_ -match '^\| (?!\*\*|feature \||---)' } | ForEach-Object { ($_ -split ' \| ')[0].Substring(2) }
        $its = foreach ($file in Get-ChildItem "$PSScriptRoot/Seeds.*.Tests.ps1") {
            $tree = [Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref] $null, [ref] $null)
            $tree.FindAll({ $args[0] -is [Management.Automation.Language.CommandAst] -and $args[0].GetCommandName() -eq 'It' }, $true) |
                ForEach-Object { $_.CommandElements[1].Value.Replace('`<', '<') }
        }
    }

    It 'has 149 rows' { $rows.Count | Should -Be 149 }

    It 'each row has one test' {
        Compare-Object @($rows) @($its) | ForEach-Object { "$($_.SideIndicator) $($_.InputObject)" } | Should -BeNullOrEmpty
        @($its | Group-Object | Where-Object Count -GT 1).Name | Should -BeNullOrEmpty
    }

    It 'each row says what is wanted' {
        Get-Content "$PSScriptRoot/seeds.md" | Where-Object { $_ -match '^\| (?!\*\*|feature \||---)' } | Should -Match '^\|.*\|.*\| .+ \|$'
    }
}
