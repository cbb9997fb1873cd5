# Every block of commands in README.md, run as it stands and in its order by somebody who has git and the SDK alone: in a fresh clone
# of this repository with what has been changed in it since, with a home and a package folder of its own, and without pwsh on the PATH.
# So a step that README leaves out is missed, and a file that was not added to git. Only the packages come from the folder of this
# machine's NuGet, as the one source: nothing is downloaded, and nothing else is there.
# Not run are two kinds of lines, in $other: dotnet test, of which this is a part and which .ci/run is held to call as README does;
# and the benchmarks, whose options are held against the program. 'By hand' runs with peers in Examples.Tests.ps1.
# Windows has no other home for a user's modules, so there none of this runs.
BeforeDiscovery {
    $folder = Split-Path -Parent (Split-Path -Parent $PSScriptRoot)
    $canClone = -not $IsWindows -and (Test-Path "$folder/.git") -and (Get-Command git -CommandType Application -ErrorAction Ignore)
    $number = 0
    $text = (Get-Content -Raw "$folder/README.md") -replace '(?ms)^## By hand$.*?(?=^## )'
    $blocks = [regex]::Matches($text, '(?ms)^```(\w*)\n(.*?)^```$').ForEach{
        @{ Number = ++$number; Language = $_.Groups[1].Value; Code = $_.Groups[2].Value; First = ($_.Groups[2].Value -split "`n")[0] }
    }
}

Describe 'README in a fresh clone' -Skip:(-not $canClone) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $other = '^dotnet test\b|^dotnet run .*DicomPS\.Benchmarks'

        $clone, $fresh = "$TestDrive/clone", "$TestDrive/home"
        git clone --quiet $root $clone
        git -C $root diff --name-only --diff-filter=d HEAD | ForEach-Object { Copy-Item "$root/$_" (New-Item -Force "$clone/$_") -Force }
        git -C $root diff --name-only --diff-filter=D HEAD | ForEach-Object { Remove-Item "$clone/$_" }

        # Tools lie in the package folder under names that NuGet does not find again where it is a source: so these are one of their own.
        $packages = (dotnet nuget locals global-packages --list) -replace '^.*?: '
        $null = New-Item -ItemType Directory "$fresh/.nuget/NuGet", "$TestDrive/tools"
        Copy-Item "$packages/powershell/*/powershell.*.nupkg" "$TestDrive/tools"
        Set-Content "$fresh/.nuget/NuGet/NuGet.Config" @"
            <configuration><packageSources><clear />
              <add key="machine" value="$packages" /><add key="tools" value="$TestDrive/tools" />
            </packageSources></configuration>
"@
        $environment = @{
            HOME = $fresh; DOTNET_CLI_HOME = $fresh; NUGET_PACKAGES = "$fresh/packages"; PSModulePath = $null; DICOMPS_CONFIG_HOME = $null
            PATH = ($env:PATH -split ':' | Where-Object { -not (Test-Path "$_/pwsh") }) -join ':'
            # Nothing that builds may outlive its command, which would hold the output open.
            MSBUILDDISABLENODEREUSE = '1'; UseSharedCompilation = 'false'; DOTNET_CLI_USE_MSBUILD_SERVER = '0'; DOTNET_NOLOGO = '1'
        }

        # A folder of one's own, and a PACS.
        $null = New-Item -ItemType Directory "$TestDrive/mine", "$TestDrive/archive"
        $null = & "$root/docs/samples/new-study.ps1" "$TestDrive/mine/below"
        Set-Content "$TestDrive/mine/notes.txt" 'no DICOM'
        $archive = Start-DicomArchive "$TestDrive/archive" -Port 0
        $null = Import-DicomFile "$TestDrive/mine/below" -Recurse -Archive $archive

        # Runs a block in the clone, and gives what it printed. Whoever waits at a prompt is told to exit.
        function Invoke-Block([string] $Language, [string] $Code) {
            $Code = $Code -replace 'FOLDER', "$TestDrive/mine" -replace 'pacs\.example -Port 104', "localhost -Port $($archive.Port)"
            Set-Content "$TestDrive/answers" 'exit'
            if ($Language -eq 'powershell') {
                Set-Content "$TestDrive/block.ps1" ('$ErrorActionPreference = "Stop"; $PSNativeCommandUseErrorActionPreference = $true', $Code)
                $Code = "dotnet dnx -y PowerShell '$TestDrive/block.ps1'"
            }

            Set-Content "$TestDrive/block.sh" "set -e`n$Code"
            $process = Start-Process sh "$TestDrive/block.sh" -WorkingDirectory $clone -Environment $environment -PassThru `
                -RedirectStandardInput "$TestDrive/answers" -RedirectStandardOutput "$TestDrive/out" -RedirectStandardError "$TestDrive/err"
            if (-not $process.WaitForExit(1200000)) { $process.Kill($true) }
            $said = (Get-Content -Raw "$TestDrive/out", "$TestDrive/err") -join "`n" -replace "`e\[[0-9;?]*[a-zA-Z]"
            if ($process.ExitCode) { throw "$Code`n--- ended with $($process.ExitCode) and printed ---`n$said" }
            $said
        }
    }

    AfterAll { if ($archive) { $archive | Stop-DicomArchive } }

    It 'runs block <Number>: <First>' -ForEach $blocks {
        # The task has installed the module already: without it is what comes here.
        if ($Code -match 'Copy-Item') { Remove-Item -Recurse "$fresh/.local/share/powershell/Modules/DicomPS" }
        $lines = @($Code -split "`n" | Where-Object { $_ -and $_ -notmatch $other })
        if (-not $lines) { return }
        # Two archives of the same studies: nothing is left to be moved.
        if ($Code -match 'Compare-DicomArchive old') { $lines = 'old', 'new' | ForEach-Object { "Set-DicomNode $_ '$($_.ToUpperInvariant())@localhost:$($archive.Port)'" } -End { $lines } }
        $said = Invoke-Block $Language ($lines -join "`n")
        $said | Should -Not -MatchExactly '\berror\b|Recommendation|WARNING(?!: 1 file\(s\) were skipped because they are not DICOM)'
        $samples = @($lines -match 'sixty-seconds|round-trip').Count
        [regex]::Matches($said, '(?m)^(\d+) of \1 (files )?arrived .*byte for byte').Count | Should -Be $samples -Because $said
        if ($Code -match 'Start-ThreadJob') { [regex]::Matches($said, '(?m)True +Dimse').Count | Should -Be 2 -Because $said }
        if ($Code -match 'Install|Copy-Item') { "$fresh/.local/share/powershell/Modules/DicomPS/*/DicomPS.psd1" | Should -Exist }
    }

    It 'has a sample of a server beside it, which builds and runs' {
        Invoke-Block sh 'dotnet run docs/samples/custom-scp.cs' | Should -Match '(?m)^C-FIND: Success'
    }

    It 'has found the module where README says that it is installed' {
        Invoke-Block powershell '(Get-Command Test-DicomEcho).Module.ModuleBase; (Get-Help Find-DicomStudy).Synopsis' | Should -Match "$fresh/\.local/share/powershell/Modules/DicomPS/\d"
    }
}

Describe 'What README has and is not run' {
    BeforeAll {
        $root = Split-Path -Parent (Split-Path -Parent $PSScriptRoot)
        $lines = Get-Content "$root/README.md"
    }

    It 'names dotnet test as .ci/run calls it, and a filter that the Pester files take' {
        $lines | Should -Contain 'dotnet test'
        Get-Content -Raw "$root/.ci/run" | Should -Match '(?m)^timeout [^\n]* dotnet test </dev/null'
        foreach ($line in $lines -match '^dotnet test ') {
            $line | Should -Match '^dotnet test --project (\S+) --filter-class (\S+)$'
            $line -match '--project (\S+) --filter-class (\S+)$' | Should -BeTrue
            "$root/$($Matches[1])/*.csproj" | Should -Exist
            "$PSScriptRoot/$($Matches[2]).Tests.ps1" | Should -Exist
        }
    }

    It 'names options that the benchmarks have' {
        $source = (Get-ChildItem "$root/tests/DicomPS.Benchmarks" -Filter *.cs -Recurse | Get-Content -Raw) -join "`n"
        $options = [regex]::Matches(($lines -join "`n"), '(?<=Benchmarks -- |`-- )[^`\n]+').Value -split ' ' | Where-Object { $_ }
        $options | Should -Contain 'peers'
        foreach ($option in $options | Where-Object { $_ -notmatch '^(archive)$' }) { $source | Should -Match ([regex]::Escape("""$option""")) }
    }

    It 'has as many blocks as are known here' {
        [regex]::Matches(($lines -join "`n"), '(?m)^```\w*$').Count / 2 | Should -Be 9
    }
}
