<#
.SYNOPSIS
The tasks of this repository, around plain dotnet commands.
.DESCRIPTION
Build       dotnet build: leaves an importable module in out/DicomPS
Test        Build, dotnet test, and the Pester files when Pester 5 or later is there
Docs        brings docs/en-US/*.md up to date with the parameters and makes the help file (needs Microsoft.PowerShell.PlatyPS)
Dictionary  makes the *.Generated.cs files anew from the tables
Package     Build in Release, and out/DicomPS.VERSION.zip
.EXAMPLE
./build.ps1 Build, Test
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Docs', 'Dictionary', 'Package')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug'
)

$ErrorActionPreference = 'Stop'
$out = Join-Path $PSScriptRoot 'out'
$manifest = Join-Path $out 'DicomPS/DicomPS.psd1'

function Invoke-Dotnet {
    & dotnet @args
    if ($LASTEXITCODE) { throw "dotnet $args ended with exit code $LASTEXITCODE." }
}

function Invoke-Build([string] $What = 'DicomPS.sln', [string] $As = $Configuration) {
    Invoke-Dotnet build (Join-Path $PSScriptRoot $What) --configuration $As --nologo
}

function Invoke-Test {
    Invoke-Dotnet test --configuration $Configuration
    $pester = Get-Module -ListAvailable Pester | Where-Object Version -ge '5.0' | Sort-Object Version | Select-Object -Last 1
    if (-not $pester) {
        Write-Warning 'Pester 5 or later is not installed: the Pester files were not run.'
        return
    }

    # A process of its own, so that the assemblies of the module are not held by this session.
    $command = "Import-Module '$($pester.Path)'; Invoke-Pester -Path '$(Join-Path $PSScriptRoot 'tests/Pester')' -CI"
    & (Get-Process -Id $PID).Path -NoProfile -NonInteractive -WorkingDirectory $out -Command $command
    if ($LASTEXITCODE) { throw 'Pester tests failed.' }
}

function Invoke-Docs {
    if (-not (Get-Module -ListAvailable Microsoft.PowerShell.PlatyPS)) { throw 'Install Microsoft.PowerShell.PlatyPS 1.0 or later first.' }
    Invoke-Build src/DicomPS
    # With the old help file in place, PlatyPS would add the old descriptions to those of the pages.
    Remove-Item -Recurse -Force (Join-Path $out 'DicomPS/en-US') -ErrorAction Ignore
    $script = {
        param($manifest, $pages, $temporary)
        $ErrorActionPreference = 'Stop'
        Import-Module Microsoft.PowerShell.PlatyPS
        Import-Module $manifest
        foreach ($command in Get-Command -Module DicomPS) {
            $page = Join-Path $pages "$($command.Name).md"
            if (Test-Path $page) {
                $null = Update-MarkdownCommandHelp -Path $page -NoBackup
            }
            else {
                $null = New-MarkdownCommandHelp -CommandInfo $command -OutputFolder $temporary -Force
                Get-ChildItem $temporary -Filter "$($command.Name).md" -Recurse | Move-Item -Destination $page
                "$page is new: fill in what is in double braces."
            }
        }

        $null = Get-ChildItem $pages -Filter *-Dicom*.md | Import-MarkdownCommandHelp | Export-MamlCommandHelp -OutputFolder $temporary -Force
        Get-ChildItem $temporary -Filter DicomPS.dll-Help.xml -Recurse | Move-Item -Destination $pages -Force
        # PlatyPS writes byte order marks and blank lines that .editorconfig does not want.
        foreach ($file in Get-ChildItem $pages -File) {
            $text = [IO.File]::ReadAllText($file.FullName).Replace("`r`n", "`n") -replace "`n{3,}", "`n`n"
            [IO.File]::WriteAllText($file.FullName, $text.TrimEnd() + "`n")
        }
    }
    $temporary = Join-Path $out "docs-$PID"
    try {
        & (Get-Process -Id $PID).Path -NoProfile -NonInteractive -Command $script -args $manifest, (Join-Path $PSScriptRoot 'docs/en-US'), $temporary
        if ($LASTEXITCODE) { throw 'The help could not be made.' }
    }
    finally {
        Remove-Item -Recurse -Force $temporary -ErrorAction Ignore
    }

    Invoke-Build src/DicomPS
}

function Invoke-Dictionary {
    Invoke-Dotnet run --project (Join-Path $PSScriptRoot 'src/DictionaryGenerator')
}

function Invoke-Package {
    Remove-Item -Recurse -Force (Join-Path $out 'DicomPS') -ErrorAction Ignore
    Invoke-Build src/DicomPS Release
    $version = (Test-ModuleManifest $manifest).Version
    $zip = Join-Path $out "DicomPS.$version.zip"
    Remove-Item $zip -ErrorAction Ignore
    Add-Type -AssemblyName System.IO.Compression.FileSystem
    [IO.Compression.ZipFile]::CreateFromDirectory((Join-Path $out 'DicomPS'), $zip, [IO.Compression.CompressionLevel]::Optimal, $true)
    $zip
}

foreach ($name in $Task) { & "Invoke-$name" }
