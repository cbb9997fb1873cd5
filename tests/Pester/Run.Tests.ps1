# What dotnet test is told of the Pester files must be true: so the script that tells it is run here over files that fail in every way.
Describe 'The Pester files in dotnet test' {
    BeforeAll {
        $root = Split-Path -Parent (Split-Path -Parent $PSScriptRoot)
        $pwsh = (Get-Command pwsh -CommandType Application -ErrorAction Stop)[0].Source
        $files = "$TestDrive/files"
        $null = New-Item -ItemType Directory $files
        Set-Content "$files/Outcomes.Tests.ps1" @'
            Describe 'Outcomes' {
                It 'passes' { [Console]::Out.Write('{"total":1}'); 1 | Should -Be 1 }
                It 'fails' { 1 | Should -Be 2 }
                It 'throws' { throw 'up' }
                It 'is skipped' -Skip { }
                It 'skips itself' { Set-ItResult -Skipped -Because 'no peer' }
                It 'cannot say' { Set-ItResult -Inconclusive }
                It 'has <_>' -ForEach 1, 2 { $_ | Should -Be 1 }
                It 'has a pwsh and jobs' {
                    & (Get-Command pwsh -CommandType Application)[0].Source -NoProfile -Command "`$code = 7`nexit `$code"
                    $LASTEXITCODE | Should -Be 7
                    Start-Job { 7 } | Receive-Job -Wait -AutoRemoveJob | Should -Be 7
                }
            }
'@
        Set-Content "$files/Blocks.Tests.ps1" @'
            Describe 'Before' { BeforeAll { throw 'up' }; It 'one' { }; Context 'below' { It 'two' { } } }
            Describe 'After' { AfterAll { throw 'up' }; It 'three' { } }
            Describe 'For <Who>' -ForEach @{ Who = 'me' } { BeforeAll { throw 'up' }; It 'five' { } }
            Describe 'Each' { BeforeEach { throw 'up' }; It 'four' { } }
'@
        Set-Content "$files/Syntax.Tests.ps1" 'Describe "x" { It "y" {'
        Set-Content "$files/Discovery.Tests.ps1" 'Describe "x" { throw "up"; It "y" { } }'
        Set-Content "$files/Nothing.Tests.ps1" '$null'

        function Invoke-Run([string[]] $Arguments, [string] $Folder = $files) {
            $name = "dicomps-run-$([guid]::NewGuid().ToString('N'))"
            $server = [IO.Pipes.NamedPipeServerStream]::new($name, 'In', 1, 'Byte', 'Asynchronous')
            try {
                $given = @('-NoProfile', '-NonInteractive', '-File', "$root/tests/DicomPS.Pester.Tests/Run.ps1",
                    '-Pester', (Get-Module Pester).Path, '-Folder', $Folder, '-Pipe', $name) + $Arguments
                $process = Start-Process $pwsh $given -PassThru -RedirectStandardOutput "$TestDrive/out" -RedirectStandardError "$TestDrive/err"
                if (-not $server.WaitForConnectionAsync().Wait(300000)) { throw 'Run.ps1 did not connect.' }
                [IO.StreamReader]::new($server).ReadToEnd().Trim() -split "`n" | ConvertFrom-Json
                $process.WaitForExit()
            }
            finally { $server.Dispose() }
        }

        $lines = @(Invoke-Run)
        $results = @{}
        foreach ($test in $lines.test) { if ($test) { $results[$test.name] = $test } }
    }

    It 'tells each It by its name, with the line and what went wrong' {
        $results['Outcomes.passes'].result | Should -Be Passed
        $results['Outcomes.passes'].line | Should -Be 2
        $results['Outcomes.fails'].result | Should -Be Failed
        $results['Outcomes.fails'].message | Should -Be 'Expected 2, but got 1.'
        $results['Outcomes.fails'].trace | Should -Match 'Outcomes\.Tests\.ps1:3'
        $results['Outcomes.throws'].message | Should -Match 'up'
        $results['Outcomes.has 1'].result, $results['Outcomes.has 2'].result | Should -Be Passed, Failed
        $results['Outcomes.has 1'].id | Should -Not -Be $results['Outcomes.has 2'].id
    }

    It 'tells what is skipped as skipped, and what cannot say as neither passed nor skipped' {
        $results['Outcomes.is skipped'].result, $results['Outcomes.skips itself'].result | Should -Be Skipped, Skipped
        $results['Outcomes.skips itself'].message | Should -Be 'no peer'
        $results['Outcomes.cannot say'].result | Should -Be Inconclusive
    }

    It 'gives the tests a pwsh on the PATH and jobs' {
        $results['Outcomes.has a pwsh and jobs'].message | Should -BeNullOrEmpty
        $results['Outcomes.has a pwsh and jobs'].result | Should -Be Passed
    }

    It 'tells a block whose BeforeAll or AfterAll failed, and each test that was not run for it' {
        foreach ($name in 'Before: BeforeAll or AfterAll', 'Before.one', 'Before.below.two', 'After: BeforeAll or AfterAll',
            'For me: BeforeAll or AfterAll', 'For me.five', 'Each.four') {
            $results[$name].result | Should -Be Failed -Because $name
            $results[$name].message | Should -Not -BeNullOrEmpty -Because $name
        }

        $results['After.three'].result | Should -Be Passed
    }

    It 'tells a file that does not load or has no test' {
        $results['Syntax.Tests.ps1 is loaded'].result | Should -Be Failed
        $results['Discovery.Tests.ps1 is loaded'].message | Should -Match 'up'
        $results['Nothing.Tests.ps1 has tests'].result | Should -Be Failed
    }

    It 'says which file it begins, so that one that hangs has a name' {
        $lines[0].begins | Should -Be 'Blocks.Tests.ps1'
        @($lines | Where-Object { $_.begins }).Count | Should -Be @(Get-ChildItem $files -Filter *.Tests.ps1).Count
    }

    It 'says at the end how many it told' {
        $told = @($lines | Where-Object { $_.test }).Count
        $lines[-1].total | Should -Be $told
        $told | Should -Be $results.Count
    }

    It 'runs what a filter names, and nothing else' {
        $chosen = @(Invoke-Run '-FilesLike', 'Out*', '-NamesLike', '*has?<_>')
        $chosen.test.name | Should -Be 'Outcomes.has 1', 'Outcomes.has 2'
        $chosen[-1].total | Should -Be 2
    }

    It 'tells the same tests when it lists them as when it runs them' {
        $listed = @(Invoke-Run '-FilesLike', 'Outcomes', '-ListOnly')
        $listed.test.result | Select-Object -Unique | Should -Be NotRun
        $listed.test.id | Should -Be $lines.test.Where{ $_.id -like 'Outcomes*' }.id
    }
}
