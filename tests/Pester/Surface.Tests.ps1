# What users' scripts hold on to is what surface.txt says: commands, parameters, properties of results, views, error ids. A change
# is written with DICOMPS_REWRITE_SURFACE=1 set; the difference in the commit is what users will meet.
Describe 'The surface of the module' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Surface.ps1"
        $file = "$PSScriptRoot/surface.txt"
        $there = @(Get-Surface)
        if ($env:DICOMPS_REWRITE_SURFACE) { [IO.File]::WriteAllText($file, ($there -join "`n") + "`n") }
        $written = @([IO.File]::ReadAllLines($file))
        $rewrite = @(
            'If that is meant, write it with:'
            "  DICOMPS_REWRITE_SURFACE=1 pwsh -NoProfile -c 'Invoke-Pester tests/Pester/Surface.Tests.ps1'"
        ) -join "`n"
    }

    It 'is the one in surface.txt' {
        $sides = @{ '<=' = '-'; '=>' = '+' }
        $lines = @(Compare-Object $written $there -CaseSensitive | ForEach-Object { "$($sides[$_.SideIndicator]) $($_.InputObject)" })
        if ($lines) {
            throw "surface.txt and the module differ in $($lines.Count) lines, - written, + there:`n$($lines -join "`n")`n$rewrite"
        }

        for ($i = 0; $i -lt $there.Count; $i++) {
            if ($there[$i] -cne $written[$i]) {
                throw "The order differs: line $($i + 1) of surface.txt is '$($written[$i])', the module has '$($there[$i])'.`n$rewrite"
            }
        }
    }

    It 'has facts of every kind, so that none is lost unseen' -ForEach @{
        Kinds = '^error Dicom', ', writes ', ', alias ', ', in set .*mandatory', ', in set .*position \d', 'from the pipeline', 'Validate',
            ', one of ', ': alias of ', ': script ', ", table '", ", list '", 'DefaultKeyPropertySet', ': DateTime\?'
    } {
        foreach ($kind in $Kinds) { @($there -match $kind) | Should -Not -BeNullOrEmpty -Because $kind }
        @($there -match '^error ').Count | Should -BeGreaterThan 60
    }
}
