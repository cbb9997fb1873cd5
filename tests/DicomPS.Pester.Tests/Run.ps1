<#
.SYNOPSIS
Runs the Pester files one by one, and writes a line of JSON for each test to a named pipe: what PesterRun.cs reads.
.DESCRIPTION
Only what Pester documents is used: Invoke-Pester, its configuration and the object that it gives back. So 5.7 and 6 do alike.
#>
param(
    [Parameter(Mandatory)] [string] $Pester,
    [Parameter(Mandatory)] [string] $Folder,
    [Parameter(Mandatory)] [string] $Pipe,
    [string] $FilesLike,
    [string] $NamesLike,
    [switch] $ListOnly
)

$ErrorActionPreference = 'Stop'

# A tool of a manifest has no pwsh on the PATH, and the tests start one. On Unix a script is that, which becomes this very program;
# a script of Windows would spoil its arguments, but there the tool has a program of its own.
$place = $PSHOME
if (-not $IsWindows) {
    $place = Join-Path ([IO.Path]::GetTempPath()) "dicomps-pwsh-$PID"
    $null = New-Item -ItemType Directory -Force $place
    $program, $assembly = [Environment]::ProcessPath, "$PSHOME/pwsh.dll" | ForEach-Object { "'$($_.Replace("'", "'\''"))'" }
    Set-Content "$place/pwsh" "#!/bin/sh`nexec $program $assembly ""`$@"""
    [IO.File]::SetUnixFileMode("$place/pwsh", 'UserRead, UserWrite, UserExecute')
}

$env:PATH = $place + [IO.Path]::PathSeparator + $env:PATH
if ((& pwsh -NoProfile -NonInteractive -Command '$PSHOME') -ne $PSHOME) { throw "The pwsh in $place does not work." }

Import-Module $Pester
$client = [IO.Pipes.NamedPipeClientStream]::new('.', $Pipe, 'Out')
$client.Connect(60000)
$writer = [IO.StreamWriter]::new($client)
$writer.AutoFlush = $true
$seen = @{}
$total = $broken = 0

function Write-Test([string] $File, [string] $Place, [string] $Name, [string] $Result, $Test, $Problem) {
    # Two tests of one block may have one name; and those with data have, before it is filled in.
    $id = "$([IO.Path]::GetFileName($File))::$Place"
    $seen[$id]++
    if ($seen[$id] -gt 1) { $id += " #$($seen[$id])" }
    $script:total++
    if ($Result -notin 'Passed', 'Skipped', 'NotRun') { $script:broken++ }
    $writer.WriteLine((ConvertTo-Json -Compress -Depth 3 @{ test = @{
        id = $id
        name = $Name
        file = $File
        line = [int] $Test.StartLine
        result = $Result
        started = if ($Test.ExecutedAt) { ([datetime] $Test.ExecutedAt).ToUniversalTime().ToString('o') }
        milliseconds = if ($Test) { $Test.Duration.TotalMilliseconds } else { 0 }
        message = ($Problem | ForEach-Object { $_.DisplayErrorMessage ?? "$_" }) -join "`n"
        trace = ($Problem | ForEach-Object { $_.DisplayStackTrace ?? $_.ScriptStackTrace }) -join "`n"
    } }))
}

# Pester fills the data into the name of a test when it runs it; here into the names of those that were not run.
function Get-Name($Test) {
    $name = $Test.ExpandedPath
    for ($owner = $Test; $owner; $owner = $owner.Block ?? $owner.Parent) {
        if ($owner.Data -isnot [System.Collections.IDictionary]) { continue }
        foreach ($key in $owner.Data.Keys) { $name = $name.Replace("<$key>", "$($owner.Data[$key])") }
    }

    $name
}

# A block whose own BeforeAll or AfterAll failed is a failure besides those of its tests: with AfterAll they all passed.
function Write-Block([string] $File, $Block) {
    if ($Block.ErrorRecord) {
        Write-Test $File "$($Block.Path -join '.') (block)" "$(Get-Name $Block): BeforeAll or AfterAll" Failed $null $Block.ErrorRecord
    }

    foreach ($inner in $Block.Blocks) { Write-Block $File $inner }
}

$patterns = $FilesLike -split "`n"
$files = @(Get-ChildItem -LiteralPath $Folder -Filter *.Tests.ps1 -File -Recurse | Where-Object {
    $name = $_.Name -replace '\.Tests\.ps1$'
    -not $FilesLike -or $patterns.Where{ $name -like $_ }
} | Sort-Object Name)
if (-not $files -and -not $FilesLike) { throw "No Pester file is in $Folder." }

foreach ($file in $files) {
    $writer.WriteLine((ConvertTo-Json -Compress @{ begins = $file.Name }))
    $configuration = New-PesterConfiguration
    $configuration.Run.Path = $file.FullName
    $configuration.Run.PassThru = $true
    $configuration.Run.SkipRun = [bool] $ListOnly
    $configuration.Output.Verbosity = 'None'
    if ($NamesLike) { $configuration.Filter.FullName = $NamesLike -split "`n" }
    $run = Invoke-Pester -Configuration $configuration
    $before = $broken
    foreach ($container in $run.Containers) {
        if ($container.ErrorRecord) {
            Write-Test $file.FullName '(file)' "$($file.Name) is loaded" Failed $null $container.ErrorRecord
        }

        foreach ($block in $container.Blocks) { Write-Block $file.FullName $block }
    }

    foreach ($test in $run.Tests) {
        # What a filter has left out was not asked for.
        if ($test.Result -eq 'NotRun' -and $NamesLike -and -not $ListOnly) { continue }
        $problem = $test.ErrorRecord
        if ($test.Result -eq 'Skipped' -and $problem) { $problem = $problem[0].Exception.Message -replace '^is skipped(, because )?' }
        if (-not $problem -and $test.Result -notin 'Passed', 'Skipped', 'NotRun') { $problem = 'It was not run: what stands before it failed.' }
        Write-Test $file.FullName ($test.Path -join '.') (Get-Name $test) $test.Result $test $problem
    }

    # Whatever else is wrong, is wrong.
    $isSilent = -not $ListOnly -and $broken -eq $before
    if ($isSilent -and $run.Result -ne 'Passed' -or -not $run.TotalCount -and -not $run.FailedContainersCount) {
        Write-Test $file.FullName '(file)' "$($file.Name) has tests" Failed $null "Pester found $($run.TotalCount) tests and says $($run.Result)."
    }
}

$writer.WriteLine("{""total"":$total}")
$writer.Dispose()
if (-not $IsWindows) { Remove-Item -Recurse $place }
