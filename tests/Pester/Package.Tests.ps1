Describe 'The package' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $module = Test-ModuleManifest (Join-Path $root 'out/DicomPS/DicomPS.psd1')
        $made = & $pwsh -NoProfile -NonInteractive -File (Join-Path $root 'build.ps1') Package -NoBuild -Destination $TestDrive
        Add-Type -AssemblyName System.IO.Compression.FileSystem
        $unpacked = Join-Path $TestDrive 'nupkg'
        [IO.Compression.ZipFile]::ExtractToDirectory((Join-Path $TestDrive "DicomPS.$($module.Version).nupkg"), $unpacked)
        # Precompiled for this platform, where the compiler can be had.
        $fast = $made -like '*-*.zip'
        $metadata = ([xml] (Get-Content -Raw (Join-Path $unpacked 'DicomPS.nuspec'))).package.metadata

        function Get-RelativeFile([string] $Folder) {
            Get-ChildItem -LiteralPath $Folder -File -Recurse | ForEach-Object { [IO.Path]::GetRelativePath($Folder, $_.FullName) } | Sort-Object
        }

        function Test-MachineCode([string] $Assembly) {
            $reader = [Reflection.PortableExecutable.PEReader]::new([IO.File]::OpenRead($Assembly))
            try { $reader.PEHeaders.CorHeader.ManagedNativeHeaderDirectory.Size -gt 0 }
            finally { $reader.Dispose() }
        }
    }

    It 'is a nupkg and a zip' {
        $made -notlike '*-*.zip' -notmatch 'WARNING' | Split-Path -Leaf | Should -Be "DicomPS.$($module.Version).nupkg", "DicomPS.$($module.Version).zip"
    }

    It 'has machine code in the zip of this platform alone' {
        if (-not $fast) {
            $made -match 'WARNING: The module is not precompiled' | Should -Not -BeNullOrEmpty
            Set-ItResult -Skipped -Because 'the compiler could not be restored'
        }

        $fast | Split-Path -Leaf | Should -Match '-(win|linux|linux-musl|osx)-(x64|arm64)\.zip$'
        [IO.Compression.ZipFile]::ExtractToDirectory($fast, (Join-Path $TestDrive 'fast'))
        foreach ($file in 'net8.0/DicomPS.dll', 'net8.0/DicomPS.Engine.dll', 'net8.0/dependencies/DicomPS.Archive.dll') {
            Test-MachineCode (Join-Path $unpacked $file) | Should -BeFalse -Because "all platforms load $file"
            Test-MachineCode (Join-Path $root 'out/DicomPS' $file) | Should -BeFalse
            Test-MachineCode (Join-Path $TestDrive 'fast/DicomPS' $file) | Should -BeTrue
        }

        (Get-RelativeFile (Join-Path $TestDrive 'fast/DicomPS')) | Should -Be (Get-RelativeFile (Join-Path $root 'out/DicomPS'))
    }

    It 'is made without the compiler where it cannot be had, and says so' {
        # A source of packages that has none.
        $sources, $packages = $env:RestoreSources, $env:NUGET_PACKAGES
        $env:RestoreSources = (New-Item -ItemType Directory (Join-Path $TestDrive 'nothing')).FullName
        $env:NUGET_PACKAGES = Join-Path $TestDrive 'no-packages'
        try {
            $said = & $pwsh -NoProfile -NonInteractive -File (Join-Path $root 'build.ps1') Package -NoBuild -Destination (Join-Path $TestDrive 'slow')
        }
        finally {
            $env:RestoreSources, $env:NUGET_PACKAGES = $sources, $packages
        }

        $said -match 'WARNING: The module is not precompiled.+error NU' | Should -HaveCount 1
        Get-ChildItem (Join-Path $TestDrive 'slow') -Name | Should -Be "DicomPS.$($module.Version).nupkg", "DicomPS.$($module.Version).zip"
    }

    It 'says of itself what the manifest says' {
        $metadata.id | Should -Be 'DicomPS'
        $metadata.version | Should -Be $module.Version
        $metadata.authors | Should -Be $module.Author
        $metadata.description | Should -Be $module.Description
        $metadata.copyright | Should -Be $module.Copyright
        $metadata.projectUrl | Should -Be $module.ProjectUri
        $metadata.licenseUrl | Should -Be $module.LicenseUri
    }

    It 'has the tags that the gallery searches by' {
        $tags = $metadata.tags -split ' '
        foreach ($tag in @('PSModule', 'PSIncludes_Cmdlet') + $module.Tags) { $tags | Should -Contain $tag }
        foreach ($command in $module.ExportedCmdlets.Keys) { $tags | Should -Contain "PSCommand_$command" }
        # The gallery takes no more.
        $metadata.tags.Length | Should -BeLessThan 4000
    }

    It 'has the section of its version in CHANGELOG.md as release notes' {
        $lines = $metadata.releaseNotes -split "`r?`n"
        $changes = Get-Content (Join-Path $root 'CHANGELOG.md')
        $lines.Count | Should -BeGreaterThan 3
        $lines | Where-Object { $_ } | Should -BeIn $changes
        $metadata.releaseNotes | Should -Not -Match '(?m)^## '
    }

    It 'holds the files of the module and the three that make it a package' {
        $parts = '_rels/.rels', '[Content_Types].xml', 'DicomPS.nuspec'
        $files = Get-ChildItem -LiteralPath $unpacked -File -Recurse -Force | ForEach-Object { [IO.Path]::GetRelativePath($unpacked, $_.FullName).Replace('\', '/') }
        $expected = (Get-RelativeFile (Join-Path $root 'out/DicomPS')).Replace('\', '/') + $parts
        ($files | Sort-Object) | Should -Be ($expected | Sort-Object)
        $files | Should -Contain 'en-US/DicomPS.dll-Help.xml'
        $files | Should -Contain 'en-US/about_DicomPS.help.txt'
        $files | Should -Contain 'LICENSE'
        $files | Where-Object { $_ -match '\.(pdb|deps\.json|runtimeconfig\.json)$' -or $_ -match '^net.*\.xml$' } | Should -BeNullOrEmpty
    }

    It 'names a content type for every file' {
        $types = ([xml] (Get-Content -Raw -LiteralPath (Join-Path $unpacked '[Content_Types].xml'))).Types
        foreach ($file in Get-ChildItem -LiteralPath $unpacked -File -Recurse -Force | Where-Object Name -NE '[Content_Types].xml') {
            $extension = $file.Extension.TrimStart('.')
            if ($extension) { $types.Default.Extension | Should -Contain $extension }
            else { $types.Override.PartName | Should -Contain "/$($file.Name)" }
        }
    }

    It 'is small enough for a slow line' {
        (Get-Item (Join-Path $TestDrive 'DicomPS.*.nupkg')).Length | Should -BeLessThan 15MB
    }

    It 'works where a gallery would put it: <_>' -ForEach 'nupkg', 'zip', 'zip of this platform' {
        if ($_ -eq 'zip of this platform' -and -not $fast) { Set-ItResult -Skipped -Because 'the compiler could not be restored' }
        $modules = Join-Path $TestDrive "modules-$($_.Replace(' ', '-'))"
        $place = Join-Path $modules "DicomPS/$($module.Version)"
        if ($_ -eq 'zip of this platform') { [IO.Compression.ZipFile]::ExtractToDirectory($fast, $modules) }
        elseif ($_ -eq 'zip') {
            [IO.Compression.ZipFile]::ExtractToDirectory((Join-Path $TestDrive "DicomPS.$($module.Version).zip"), $modules)
        }
        else {
            $null = New-Item -ItemType Directory (Split-Path $place)
            Copy-Item -Recurse -LiteralPath $unpacked $place
        }

        $before = $env:PSModulePath
        try {
            $env:PSModulePath = $modules
            # Found by the name of one of its commands alone, as in any session.
            $said = & $pwsh -NoProfile -NonInteractive -Command '
                $result = Test-DicomEcho -HostName 127.0.0.1 -Port 1 -Quiet
                $module = Get-Module DicomPS
                "$result"; $module.ModuleBase; $module.ExportedCmdlets.Count; (Get-Help Find-DicomStudy).Synopsis; (Get-Help about_DicomPS).Length'
        }
        finally {
            $env:PSModulePath = $before
        }

        $said[0] | Should -Be 'False'
        $said[1] | Should -BeLike "$modules*"
        [int] $said[2] | Should -Be $module.ExportedCmdlets.Count
        $said[3] | Should -Not -Match '^\s*$|Find-DicomStudy \['
        [int] $said[4] | Should -BeGreaterThan 500
    }
}
