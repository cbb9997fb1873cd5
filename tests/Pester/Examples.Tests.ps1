# Every example of the help is run and prints what its page says. With the environment variable DICOMPS_REWRITE_EXAMPLES set, the
# blocks of the pages are written anew from what was really printed; look at the difference before it is committed. DICOMPS_EXAMPLES
# takes some pages only, such as Find-Dicom*.
BeforeDiscovery {
    . "$PSScriptRoot/Support.Examples.ps1"
    . "$PSScriptRoot/Support.Examples.Topics.ps1"
    $pages = Join-Path (Split-Path -Parent (Split-Path -Parent $PSScriptRoot)) 'docs/en-US'
    $all = foreach ($file in Get-ChildItem $pages -Filter *-Dicom*.md | Where-Object BaseName -Like "$env:DICOMPS_EXAMPLES*") { @{ Name = $file.BaseName; File = $file.FullName; Examples = @(Read-Examples $file.FullName | ForEach-Object { @{ Number = $_.Number; Title = $_.Title } }) } }
    # The suite in about_DicomPS_Testing has a test of its own, and the trace in about_DicomPS_Troubleshooting too.
    $topics = foreach ($file in Get-ChildItem $pages -Filter about_*.md | Where-Object BaseName -Like "$env:DICOMPS_EXAMPLES*") { @{ Name = $file.BaseName; File = $file.FullName; Commands = @(Read-Topic $file.FullName | ForEach-Object { @{ Number = $_.Number; Title = $_.Title } }) } }
    # The pages speak of three of pydicom's files; a folder name as long as that of the pages is had under /tmp.
    $canRun = (Test-Path '/usr/lib/python3/dist-packages/pydicom/data/test_files/CT_small.dcm') -and (Test-Path /tmp)
}

BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    . "$PSScriptRoot/Support.Query.ps1"
    . "$PSScriptRoot/Support.Examples.ps1"
    . "$PSScriptRoot/Support.Examples.Pages.ps1"
    . "$PSScriptRoot/Support.Examples.Topics.ps1"
    $peers = if (Test-Path "$samples/CT_small.dcm") { Start-ExamplePeers "$TestDrive/peers" }
}

AfterAll {
    if ($peers) {
        $peers.Process.StandardInput.Close()
        if (-not $peers.Process.WaitForExit(20000)) { $peers.Process.Kill() }
    }
}

# A filter may leave none.
if ($all) {
    Describe 'The examples of <Name>' -ForEach $all -Skip:(-not $canRun) {
        BeforeAll {
            $examples = Read-Examples $File
            $printed = Invoke-Page $Name $examples $peers
            if ($env:DICOMPS_REWRITE_EXAMPLES) { Update-Examples $File $examples $printed }
        }

        It '<Number>: <Title>' -ForEach $Examples {
            $key = "$Name/$Number"
            if ($notRun.Contains($key)) { Set-ItResult -Skipped -Because $notRun[$key] }
            $example = $examples | Where-Object Number -EQ $Number
            $expected = Format-Printed $example.Output
            $got = Format-Printed $printed[$Number]
            if ($got -cne $expected) {
                throw "docs/en-US/$Name.md, example ${Number}: $($example.Code)`n--- the page says ---`n$expected`n--- printed was ---`n$got`n---"
            }
        }
    }
}

if ($topics.Where{ $_.Commands }) {
    Describe 'The commands of <Name>' -ForEach @($topics | Where-Object { $_.Commands }) -Skip:(-not $canRun) {
        BeforeAll {
            $commands = @(Read-Topic $File)
            $printed = Invoke-Page $Name $commands $peers
            if ($env:DICOMPS_REWRITE_EXAMPLES) { Update-Topic $File $commands $printed }
        }

        It '<Number>: <Title>' -ForEach $Commands {
            if ($notRun.Contains("$Name/$Number")) { Set-ItResult -Skipped -Because $notRun["$Name/$Number"] }
            $command = $commands | Where-Object Number -EQ $Number
            if ($null -eq $command.Output) {
                $printed[$Number] | Should -Not -Match 'Recommendation:|Line \||is not recognized|It did not end' -Because $command.Code
            }
            elseif ((Format-Topic $printed[$Number]) -cne (Format-Topic $command.Output)) {
                throw "docs/en-US/$Name.md: $($command.Code)`n--- the topic says ---`n$($command.Output)`n--- printed was ---`n$($printed[$Number])`n---"
            }
        }
    }
}

Describe 'The topics' {
    It 'about_DicomPS_Nodes shows ways to name a node that are taken' -Skip:(-not $canRun) {
        $env:DICOMPS_CONFIG_HOME = Join-Path $TestDrive 'config-nodes'
        Set-DicomNode pacs PACS@pacs.example:104
        $first = (Get-Content -Raw (Join-Path $root 'docs/en-US/about_DicomPS_Nodes.md')) -split '(?m)^## REGISTERED' | Select-Object -First 1
        $shown = $first -split '\r?\n' | Where-Object { $_ -match '^    \S' }
        $ways = @($shown | ForEach-Object { if ($_ -match "^    ('[^']+'|pacs|@\{.*\}|Get-DicomNode pacs)( {3,}|$)") { $Matches[1] } })
        $ways | Should -HaveCount ($shown.Count - 1) -Because 'all but the pipeline are values'
        $ways | Should -Contain 'Get-DicomNode pacs'
        foreach ($way in $ways) {
            $node = if ($way -eq 'pacs') { $way } else { Invoke-Expression $way }
            { Send-DicomFile "$samples/CT_small.dcm" -Node $node -WhatIf -ErrorAction Stop } | Should -Not -Throw -Because $way
        }
    }

    It 'show as many commands as are found in them' {
        $found = @{}
        foreach ($topic in Get-ChildItem (Join-Path $root 'docs/en-US') -Filter about_*.md) { $found[$topic.BaseName] = @(Read-Topic $topic.FullName).Count }
        # A block that is taken for a table would be run by nobody.
        $found.about_DicomPS, $found.about_DicomPS_Archive, $found.about_DicomPS_Retrieve, $found.about_DicomPS_Scp, $found.about_DicomPS_Service, $found.about_DicomPS_Testing, $found.about_DicomPS_ComingFrom, $found.about_DicomPS_Transfers | Should -Be 5, 21, 4, 9, 3, 3, 1, 8
    }
}

Describe 'The README by hand' -Skip:(-not $canRun) {
    It 'runs as it stands, to a study that was sent and received' {
        $readme = Get-Content -Raw (Join-Path $root 'README.md')
        $code = [regex]::Match($readme, '(?s)## By hand.*?```powershell\n(.*?)```').Groups[1].Value
        # The module is there already, as it was built.
        $code = ($code -split "`n" | Where-Object { $_ -notmatch '^(dotnet build|Import-Module) ' }) -join "`n"
        $code | Should -Match 'Start-DicomStorageScp'
        # Typed paragraph by paragraph, as a console takes what is pasted.
        $number = 0
        $parts = $code.Trim() -split "\n\n" | ForEach-Object { @{ Number = ++$number; Code = $_ } }
        $all = Invoke-Page README $parts $peers
        $printed = ($parts | ForEach-Object { $all[$_.Number] }) -join "`n"
        $printed | Should -Match '(?m)^inbox +True +Dimse'
        foreach ($patient in '1CT1', '4MR1', 'id00001') { $printed | Should -Match "(?m)^\d\d:\d\d:\d\d +DICOMPS +$patient " }
        $printed | Should -Not -Match 'Recommendation|Error|WARNING'
    }
}
