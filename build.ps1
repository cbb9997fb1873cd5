<#
.SYNOPSIS
The tasks of this repository, around plain dotnet commands.
.DESCRIPTION
Build       dotnet build of everything: leaves an importable module in out/DicomPS
Test        dotnet test: all tests, those of the Pester files among them
Pester5     the Pester files once more, with Pester 5.9.1
Coverage    which lines of the engine, the archive and the transfers their own tests run, folder by folder; out/coverage.*.cobertura.xml has the lines
Install     the module in Release, into the folder of its version in the user's module path; then no Import-Module is needed. It is
            precompiled for this platform, where the compiler can be had: the first commands of a session take half as long.
Docs        brings syntax and facts in docs/en-US/*.md up to date with the cmdlets, says what has to be written, and makes the help file
Kill        kills archives and storage SCPs under four senders, thirty rounds each, and looks what is left
KillWorkers kills workers of a transfer of 500 studies a hundred times, on both databases, and looks whether each study is done once
Simulate    runs the simulation of an archive with DICOMPS_SIMULATION seeds, 5000 without, from one that nobody has tried
Fuzz        looks for bytes that do harm: each target of tests/DicomPS.Fuzz for DICOMPS_FUZZ seconds, 60 without, with AFL++ where there is
            one (Debian: afl++), otherwise with changes at random. What it finds is in out/fuzz/found; a test is made of it.
Dictionary  makes the *.Generated.cs files anew from the tables
Outdated    the packages of which there is a newer version, with the reason for what stays
Package     Build in Release, then DicomPS.VERSION.nupkg, as the PowerShell Gallery takes it, and DicomPS.VERSION.zip, both for all
            platforms, and DicomPS.VERSION-PLATFORM.zip, which is precompiled for this one and loaded on no other
.PARAMETER Configuration
Debug or Release, for Build and Test; Install and Package are Release always.
.PARAMETER NoBuild
Install and Package take out/DicomPS as it is.
.PARAMETER NoPrecompile
Install and Package leave it to each session to compile what it runs.
.PARAMETER Destination
The folder that Install or Package writes to, instead of the user's module path and of out.
.EXAMPLE
dotnet pwsh build.ps1 Install
.EXAMPLE
./build.ps1 Build, Test
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Pester5', 'Coverage', 'Install', 'Docs', 'Dictionary', 'Kill', 'KillWorkers', 'Simulate', 'Fuzz', 'Outdated', 'Package')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug',

    [switch] $NoBuild,

    [switch] $NoPrecompile,

    [string] $Destination
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
}

function Invoke-Pester5 {
    Invoke-Dotnet test --project (Join-Path $PSScriptRoot 'tests/DicomPS.Pester.Tests') --configuration $Configuration '-p:PesterVersion=5.9.1'
}

# Builds of its own in out/coverage, so that those of `dotnet test` stay as they are: Coverage=true alone brings the package.
# A pattern stands in one word with its option: alone, PowerShell would put the names of files in its place.
function Invoke-Coverage {
    $folder = Join-Path $out 'coverage'
    $hits = @{}
    foreach ($tests in 'Engine', 'Archive', 'Transfers') {
        $results = Join-Path $folder "results-$tests"
        Remove-Item -Recurse -Force $results -ErrorAction Ignore
        Invoke-Dotnet test --project (Join-Path $PSScriptRoot "tests/DicomPS.$tests.Tests") --configuration $Configuration `
            '-p:Coverage=true' --artifacts-path $folder --results-directory $results --coverlet --coverlet-output-format cobertura `
            '--coverlet-include=[DicomPS.Engine]*' '--coverlet-include=[DicomPS.Archive]*' '--coverlet-include=[DicomPS.Transfers]*' `
            '--coverlet-exclude-by-file=**/*.Generated.cs' --coverlet-single-hit
        $file = Join-Path $out "coverage.$($tests.ToLowerInvariant()).cobertura.xml"
        Move-Item -Force (Join-Path $results '*.xml') $file
        # File names start at what all of them have in common, which is another folder with one assembly than with two.
        $cobertura = [xml](Get-Content -Raw $file)
        $from = $cobertura.SelectSingleNode('//source').InnerText
        foreach ($class in $cobertura.SelectNodes('//class')) {
            $path = (Join-Path $from $class.filename).Replace('\', '/') -replace '^.*/src/'
            if (-not $hits[$path]) { $hits[$path] = @{} }
            foreach ($line in $class.SelectNodes('.//line')) {
                $hits[$path][$line.number] = $hits[$path][$line.number] -or $line.hits -ne '0'
            }
        }
    }

    $hits.Keys | Group-Object { $_ -replace '/[^/]*$' } | Sort-Object Name | ForEach-Object {
        $lines = @($_.Group | ForEach-Object { $hits[$_].Values })
        $run = @($lines -eq $true).Count
        [pscustomobject] @{ Folder = $_.Name; Files = $_.Count; Lines = $lines.Count; Run = $run; Percent = [int] [math]::Floor(100 * $run / $lines.Count) }
    } | Format-Table -AutoSize
}

# out/DicomPS anew, without what earlier builds left in it.
function Invoke-ReleaseBuild {
    if ($NoBuild) { return }
    Remove-Item -Recurse -Force (Join-Path $out 'DicomPS') -ErrorAction Ignore
    Invoke-Build src/DicomPS Release
}

# The platform of this PowerShell, as .NET names it.
function Get-Platform {
    $system = if ($IsWindows) { 'win' } elseif ($IsMacOS) { 'osx' } elseif (Test-Path '/lib/ld-musl-*') { 'linux-musl' } else { 'linux' }
    "$system-$([Runtime.InteropServices.RuntimeInformation]::ProcessArchitecture)".ToLowerInvariant()
}

# Machine code for this platform into the assemblies of a copy of the module. Without the compiler, a package that not every machine
# can restore, the copy stays as it was. Whether it was done.
function Invoke-Precompile([string] $Module) {
    if ($NoPrecompile) { return $false }
    $architecture = "$([Runtime.InteropServices.RuntimeInformation]::ProcessArchitecture)".ToLowerInvariant()
    $folder = Join-Path $Module 'net8.0/'
    $said = & dotnet msbuild (Join-Path $PSScriptRoot 'src/Precompile.proj') -restore -t:Precompile -nologo -verbosity:quiet "-p:Folder=$folder" "-p:Arch=$architecture" "-p:PowerShell=$([IO.Path]::GetDirectoryName([psobject].Assembly.Location))" 2>&1
    if ($LASTEXITCODE) {
        Write-Warning "The module is not precompiled for $(Get-Platform), and works as well; the first commands of a session take longer. $(@($said) -match 'error' -replace '^.*?(error \w+:)', '$1' | Select-Object -First 1)"
        return $false
    }

    $true
}

function Invoke-Install {
    Invoke-ReleaseBuild
    $version = (Test-ModuleManifest $manifest).Version
    # PowerShell puts the user's own folder first.
    $modules = if ($Destination) { $Destination } else { ($env:PSModulePath -split [IO.Path]::PathSeparator)[0] }
    $folder = (New-Item -ItemType Directory -Force (Join-Path $modules 'DicomPS')).FullName
    $target, $old = "$version", ".$version-$PID" | ForEach-Object { Join-Path $folder $_ }
    if (Test-Path $target) {
        # Windows holds the files of a module that is loaded; moved at once, the folder is never half of it.
        try { Move-Item $target $old }
        catch { throw "$target is in use: close the sessions that have loaded DicomPS, then install again. ($_)" }
    }

    Copy-Item -Recurse (Join-Path $out 'DicomPS') $target
    $null = Invoke-Precompile $target
    Remove-Item -Recurse -Force $old -ErrorAction Ignore
    $target
}

function Invoke-Docs {
    Invoke-Build src/DicomPS
    $pages = Join-Path $PSScriptRoot 'docs/en-US'
    & dotnet run --project (Join-Path $PSScriptRoot 'src/HelpGenerator') --no-build --configuration $Configuration -- pages $pages (Join-Path $out 'DicomPS/net8.0/DicomPS.dll')
    if ($LASTEXITCODE) { throw 'The pages are up to date but for what is said above, which somebody has to write.' }
    # Once more, for the help file; nothing is compiled.
    Invoke-Build src/DicomPS
}

# The long form of the tests that kill servers: thirty rounds each, some minutes.
function Invoke-Kill {
    Invoke-Build tests/DicomPS.Interop.Tests
    $env:DICOMPS_KILL_ROUNDS = 30
    try {
        Invoke-Dotnet run --project (Join-Path $PSScriptRoot 'tests/DicomPS.Interop.Tests') --no-build --configuration $Configuration -- -class '*Archives.Kill*' -showLiveOutput
    }
    finally {
        $env:DICOMPS_KILL_ROUNDS = $null
    }
}

function Invoke-KillWorkers {
    Invoke-Build tests/DicomPS.Transfers.Tests
    $env:DICOMPS_TRANSFER_KILLS = 100
    $env:DICOMPS_TRANSFER_STUDIES = 500
    try {
        Invoke-Dotnet run --project (Join-Path $PSScriptRoot 'tests/DicomPS.Transfers.Tests') --no-build --configuration $Configuration -- -class '*KilledWorkerTests'
    }
    finally {
        $env:DICOMPS_TRANSFER_KILLS = $env:DICOMPS_TRANSFER_STUDIES = $null
    }
}

# A seed that fails is printed, with its last steps and the command that runs it alone.
function Invoke-Simulate {
    $count = $env:DICOMPS_SIMULATION ? $env:DICOMPS_SIMULATION : 5000
    Invoke-Dotnet run --project (Join-Path $PSScriptRoot 'tests/DicomPS.Simulation') --configuration $Configuration -- --from (Get-Random -Maximum 1000000000) --count $count
}

# The assemblies are instrumented in out/fuzz, apart from those that are built and tested.
function Invoke-Fuzz {
    $folder = Join-Path $out 'fuzz'
    $seconds = $env:DICOMPS_FUZZ ? $env:DICOMPS_FUZZ : 60
    $afl = Get-Command afl-fuzz -CommandType Application -ErrorAction Ignore | Select-Object -First 1
    Remove-Item -Recurse -Force (Join-Path $folder 'bin') -ErrorAction Ignore
    Invoke-Dotnet build (Join-Path $PSScriptRoot 'tests/DicomPS.Fuzz') --configuration Release --nologo --artifacts-path $folder "-p:Afl=$([bool] $afl)"
    $program = (Get-ChildItem -Recurse (Join-Path $folder 'bin') -Filter DicomPS.Fuzz.dll | Select-Object -First 1).FullName
    $found = Join-Path $folder 'found'
    if (-not $afl) {
        Write-Warning 'There is no afl-fuzz: changes at random, without a look at which code they reach.'
        Invoke-Dotnet $program run --seed (Get-Random -Maximum 1000000000) --seconds $seconds --faults $found
        return
    }

    # What is instrumented runs under AFL++ alone.
    Invoke-Dotnet $program samples (Join-Path $folder 'samples')
    $targets = & dotnet $program list
    foreach ($name in 'DicomPS.Engine', 'DicomPS.Archive', 'DicomPS') {
        Invoke-Dotnet dnx -y SharpFuzz.CommandLine@2.3.0 -- (Join-Path (Split-Path $program) "$name.dll")
    }

    $null = New-Item -ItemType Directory -Force $found
    $env:AFL_SKIP_BIN_CHECK = $env:AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES = $env:AFL_SKIP_CPUFREQ = $env:AFL_NO_UI = 1
    foreach ($target in $targets) {
        & $afl -i (Join-Path $folder "samples/$target") -o (Join-Path $found $target) -t 2000 -m none -V $seconds -- dotnet $program afl $target > (Join-Path $folder "$target.log")
        if ($LASTEXITCODE) { throw "afl-fuzz ended with exit code $LASTEXITCODE; $folder/$target.log has what it said." }
        $stats = Get-Content (Join-Path $found "$target/default/fuzzer_stats") | ForEach-Object -Begin { $all = @{} } -Process { $name, $value = $_ -split '\s*:\s*', 2; $all[$name] = $value } -End { $all }
        [pscustomobject] @{ Target = $target; Inputs = [long] $stats.execs_done; PerSecond = [double] $stats.execs_per_sec; Coverage = $stats.bitmap_cvg; Paths = [int] $stats.corpus_count; Crashes = [int] $stats.saved_crashes; Hangs = [int] $stats.saved_hangs }
    }
}

function Invoke-Dictionary {
    Invoke-Dotnet run --project (Join-Path $PSScriptRoot 'src/DictionaryGenerator')
}

# Asks the package sources. What has no reason in Directory.Packages.props is to be updated, or to be given one.
function Invoke-Outdated {
    $solution = Join-Path $PSScriptRoot 'DicomPS.sln'
    Invoke-Dotnet restore $solution --verbosity quiet
    $known = (Invoke-Dotnet msbuild (Join-Path $PSScriptRoot 'src/DicomPS') '-getItem:PackageVersion' | ConvertFrom-Json).Items.PackageVersion
    $answer = (Invoke-Dotnet package list --outdated --no-restore --format json --project $solution) -join "`n"
    $found = ($answer.Substring($answer.IndexOf('{')) | ConvertFrom-Json).projects.frameworks.topLevelPackages |
        Where-Object latestVersion -NE $null | Sort-Object id -Unique
    foreach ($package in $found) {
        $reason = ($known | Where-Object Identity -EQ $package.id).Stays
        if (-not $reason) { Write-Warning "$($package.id) $($package.resolvedVersion) is behind $($package.latestVersion): update it, or say in Directory.Packages.props why it stays." }
        [pscustomobject]@{ Package = $package.id; Version = $package.resolvedVersion; Newest = $package.latestVersion; Stays = $reason }
    }
}

# The section of CHANGELOG.md for a version, without its heading.
function Get-ReleaseNotes([string] $Version) {
    $sections = (Get-Content -Raw (Join-Path $PSScriptRoot 'CHANGELOG.md')) -split '(?m)^## '
    $section = $sections | Where-Object { $_ -match "^\[?$([regex]::Escape($Version))\b" } | Select-Object -First 1
    if (-not $section) { throw "CHANGELOG.md has no section for $Version." }
    ($section -split "`r?`n", 2)[1].Trim()
}

# The metadata of the package, with the tags that the PowerShell Gallery searches by.
function Get-Nuspec($Module) {
    $data = $Module.PrivateData.PSData
    $names = $Module.ExportedCmdlets.Keys | Sort-Object
    # Commands are searched for by PSCommand_; with PSCmdlet_ as well there are more than the 4,000 characters that the gallery takes.
    $tags = @('PSModule') + $data.Tags + $names.ForEach{ "PSCommand_$_" } + 'PSIncludes_Cmdlet'
    $values = [ordered]@{
        id                       = $Module.Name
        version                  = $Module.Version
        authors                  = $Module.Author
        owners                   = $Module.CompanyName
        requireLicenseAcceptance = 'false'
        licenseUrl               = $data.LicenseUri
        projectUrl               = $data.ProjectUri
        description              = $Module.Description
        releaseNotes             = Get-ReleaseNotes $Module.Version
        copyright                = $Module.Copyright
        tags                     = $tags -join ' '
    }
    $lines = $values.GetEnumerator().ForEach{ "    <$($_.Key)>$([Security.SecurityElement]::Escape($_.Value))</$($_.Key)>" }
    @(
        '<?xml version="1.0" encoding="utf-8"?>'
        '<package xmlns="http://schemas.microsoft.com/packaging/2011/07/nuspec.xsd">'
        '  <metadata>'
        $lines
        '  </metadata>'
        '</package>'
    ) -join "`n"
}

# A nupkg is a zip in the form of the Open Packaging Conventions: two parts say what is what, the rest is the module.
function Write-NuGetPackage([string] $Path, [string] $Folder, $Module) {
    $parts = [ordered]@{
        '_rels/.rels'                = @"
<?xml version="1.0" encoding="utf-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
  <Relationship Type="http://schemas.microsoft.com/packaging/2010/07/manifest" Target="/$($Module.Name).nuspec" Id="R1" />
</Relationships>
"@
        "$($Module.Name).nuspec"     = Get-Nuspec $Module
    }
    $files = Get-ChildItem -LiteralPath $Folder -File -Recurse | Sort-Object FullName
    $types = @('rels', 'nuspec') + $files.ForEach{ $_.Extension.TrimStart('.') } | Where-Object { $_ } | Sort-Object -Unique
    $types = $types.ForEach{ if ($_ -eq 'rels') { '  <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml" />' } else { "  <Default Extension=""$_"" ContentType=""application/octet-stream"" />" } }
    $bare = ($files | Where-Object Extension -eq '').ForEach{ "  <Override PartName=""/$($_.Name)"" ContentType=""application/octet-stream"" />" }
    $parts['[Content_Types].xml'] = @(
        '<?xml version="1.0" encoding="utf-8"?>'
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        $types
        $bare
        '</Types>'
    ) -join "`n"

    $archive = [IO.Compression.ZipFile]::Open($Path, 'Create')
    try {
        foreach ($part in $parts.GetEnumerator()) {
            $stream = $archive.CreateEntry($part.Key).Open()
            try {
                $bytes = [Text.Encoding]::UTF8.GetBytes($part.Value)
                $stream.Write($bytes, 0, $bytes.Length)
            }
            finally {
                $stream.Dispose()
            }
        }

        foreach ($file in $files) {
            $name = $file.FullName.Substring($Folder.Length).TrimStart('/', '\').Replace('\', '/')
            $null = [IO.Compression.ZipFileExtensions]::CreateEntryFromFile($archive, $file.FullName, $name, 'SmallestSize')
        }
    }
    finally {
        $archive.Dispose()
    }
}

function Invoke-Package {
    $folder = Join-Path $out 'DicomPS'
    Invoke-ReleaseBuild
    Add-Type -AssemblyName System.IO.Compression, System.IO.Compression.FileSystem
    $module = Test-ModuleManifest $manifest
    $target = (New-Item -ItemType Directory -Force ($Destination ? $Destination : $out)).FullName
    $package, $zip = 'nupkg', 'zip' | ForEach-Object { Join-Path $target "DicomPS.$($module.Version).$_" }
    Remove-Item $package, $zip -ErrorAction Ignore
    Write-NuGetPackage $package $folder $module
    [IO.Compression.ZipFile]::CreateFromDirectory($folder, $zip, 'SmallestSize', $true)
    $package
    $zip

    $copies = Join-Path ([IO.Path]::GetTempPath()) ([IO.Path]::GetRandomFileName())
    try {
        $copy = Join-Path (New-Item -ItemType Directory $copies).FullName 'DicomPS'
        Copy-Item -Recurse $folder $copy
        if (Invoke-Precompile $copy) {
            $fast = Join-Path $target "DicomPS.$($module.Version)-$(Get-Platform).zip"
            Remove-Item $fast -ErrorAction Ignore
            [IO.Compression.ZipFile]::CreateFromDirectory($copy, $fast, 'SmallestSize', $true)
            $fast
        }
    }
    finally {
        Remove-Item -Recurse -Force $copies -ErrorAction Ignore
    }
}

foreach ($name in $Task) { & "Invoke-$name" }
