BeforeDiscovery {
    $samples = '/usr/lib/python3/dist-packages/pydicom/data/test_files'
    $hasSamples = Test-Path $samples
    $folder = Split-Path -Parent (Split-Path -Parent $PSScriptRoot)
    $scripts = @(
        Get-ChildItem $folder -Filter *.ps1
        Get-ChildItem $PSScriptRoot, (Join-Path $folder 'docs/samples'), (Join-Path $folder 'tests/DicomPS.Pester.Tests') -Filter *.ps1
    ) | ForEach-Object { @{ Path = $_.FullName; Name = [IO.Path]::GetRelativePath($folder, $_.FullName) } }
    $pages = @(
        Get-ChildItem (Join-Path $folder 'docs') -Filter *.md -Recurse
        Get-ChildItem $folder -Filter *.md
    ) | ForEach-Object { @{ Path = $_.FullName; Name = [IO.Path]::GetRelativePath($folder, $_.FullName) } }
}

Describe 'The module' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $manifest = Join-Path $root 'out/DicomPS/DicomPS.psd1'

        # Aliases of a fresh session; and those that only Windows has, where Linux has programs of these names.
        $names = & $pwsh -NoProfile -NonInteractive -Command '(Get-Alias).Name'
        $aliases = [Collections.Generic.HashSet[string]]::new([string[]] $names, [StringComparer]::OrdinalIgnoreCase)
        $aliases.UnionWith([string[]] @('cat', 'clear', 'compare', 'cp', 'diff', 'kill', 'ls', 'man', 'mount', 'mv', 'ps', 'rm', 'rmdir', 'sleep', 'sort', 'start', 'tee', 'write'))

        function Find-Alias([string] $Text) {
            $problems = $null
            $tree = [Management.Automation.Language.Parser]::ParseInput($Text, [ref] $null, [ref] $problems)
            $problems | ForEach-Object { "$($_.Extent.StartLineNumber): $($_.Message)" }
            $tree.FindAll({ $args[0] -is [Management.Automation.Language.CommandAst] }, $true) |
                Where-Object { $aliases.Contains([string] $_.GetCommandName()) } |
                ForEach-Object { "$($_.Extent.StartLineNumber): $($_.Extent.Text)" }
        }
    }

    It 'has a manifest without a fault, and in it what a gallery shows' {
        $module = Test-ModuleManifest $manifest -ErrorAction Stop -WarningVariable warnings
        $warnings | Should -BeNullOrEmpty
        $module.Description, $module.Author, $module.Copyright, $module.ReleaseNotes | Should -Not -Contain ''
        $module.ProjectUri.Scheme, $module.LicenseUri.Scheme | Should -Be 'https', 'https'
        $module.Tags | Should -Contain 'DICOM'
        $module.Tags | Should -Contain 'PSEdition_Core'
        $module.Tags | Should -Contain 'PSEdition_Desktop'
        $module.CompatiblePSEditions | Should -Be 'Core', 'Desktop'
    }

    It 'exports what its manifest, its pages and its help file name, and nothing else' {
        $exports = [string[]] (Test-ModuleManifest $manifest).ExportedCmdlets.Keys
        $commands = (Get-Command -Module DicomPS).Name
        $written = (Get-ChildItem (Join-Path $root 'docs/en-US') -Filter *-Dicom*.md).BaseName
        $help = ([xml] (Get-Content -Raw (Join-Path $root 'out/DicomPS/en-US/DicomPS.dll-Help.xml'))).helpItems.command.details.name
        ($commands | Sort-Object) | Should -Be ($exports | Sort-Object)
        ($written | Sort-Object) | Should -Be ($exports | Sort-Object)
        ($help | Sort-Object) | Should -Be ($exports | Sort-Object)
    }

    It 'has help for each command, with every parameter described' {
        foreach ($command in Get-Command -Module DicomPS) {
            $help = Get-Help $command.Name -Full
            $help.Synopsis.Trim() | Should -Not -BeNullOrEmpty -Because $command.Name
            $help.Synopsis.Trim() | Should -Not -Match "^$($command.Name) \[" -Because 'that is what Get-Help shows without a help file'
            @($help.examples.example).Count | Should -BeGreaterOrEqual 3 -Because $command.Name
            $common = [Management.Automation.Cmdlet]::CommonParameters + [Management.Automation.Cmdlet]::OptionalCommonParameters
            foreach ($parameter in $command.Parameters.Keys | Where-Object { $_ -notin $common }) {
                $described = $help.parameters.parameter | Where-Object name -EQ $parameter
                ($described.description.Text -join '').Trim() | Should -Not -BeNullOrEmpty -Because "$($command.Name) -$parameter"
            }
        }
    }

    It 'finds an alias where there is one' {
        Find-Alias 'Get-Item . | % { $_ }; gci | Sort-Object; ls' | Should -HaveCount 3
    }

    It '<Name> uses no alias' -ForEach $scripts {
        Find-Alias (Get-Content -Raw $Path) | Should -BeNullOrEmpty
    }

    It '<Name> has examples that parse and use no alias' -ForEach $pages {
        foreach ($block in [regex]::Matches((Get-Content -Raw $Path), '(?ms)^```powershell\r?\n(.*?)^```')) {
            Find-Alias $block.Groups[1].Value | Should -BeNullOrEmpty
        }
    }

    It 'says the same under the culture <_>' -Skip:(-not $hasSamples) -ForEach 'de_DE', 'tr_TR' {
        $script = Join-Path $TestDrive 'round-trip.ps1'
        Set-Content $script @'
param($Manifest, $Folder, $Samples)
$ErrorActionPreference = 'Stop'
Import-Module $Manifest
(Get-Culture).Name
$archive = Start-DicomArchive -Path $Folder -Port 0
try {
    $node = "$($archive.AETitle)@127.0.0.1:$($archive.Port)"
    (Test-DicomEcho $node -ConnectTimeout 2.5).Success
    (Send-DicomFile -Path "$Samples/CT_small.dcm" -Node $node).Success
    Find-DicomStudy $node -StudyDate '20040101-20041231' -PatientName 'compressedsamples*' | Select-Object PatientName, PatientID, StudyDate, Modalities, Instances | ConvertTo-Json
    Get-DicomFile "$Samples/CT_small.dcm" -Property SliceThickness, KVP, StudyTime | Select-Object StudyDate, SliceThickness, KVP, StudyTime | ConvertTo-Json
    ConvertTo-DicomJson "$Samples/CT_small.dcm"
}
finally { Stop-DicomArchive $archive -Force }
'@
        $said = foreach ($culture in 'en_US', $_) {
            $before = $env:LC_ALL
            try {
                $env:LC_ALL = "$culture.UTF-8"
                $lines = & $pwsh -NoProfile -NonInteractive -File $script $manifest (Join-Path $TestDrive $culture) $samples 2>&1
                $lines[0] | Should -Be $culture.Replace('_', '-')
                , ($lines | Select-Object -Skip 1 | Out-String)
            }
            finally {
                $env:LC_ALL = $before
            }
        }
        $said[0] | Should -Match '(?s)^True\s+True\s+\{.*"2004-01-19T.*"SliceThickness": 5'
        $said[1] | Should -BeExactly $said[0]
    }
}
