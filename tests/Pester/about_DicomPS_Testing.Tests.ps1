Describe 'about_DicomPS_Testing' {
    BeforeAll { . "$PSScriptRoot/Support.ps1" }

    It 'shows a suite that runs and passes as it stands' {
        $page = Get-Content "$root/docs/en-US/about_DicomPS_Testing.md"
        $start = [array]::IndexOf($page, '    BeforeAll {')
        $end = [array]::IndexOf($page, '## FAULTS')
        $manifest = Join-Path $root 'out/DicomPS/DicomPS.psd1'
        $suite = ($page[$start..($end - 1)] -replace '^ {4}').Replace('Import-Module DicomPS', "Import-Module '$manifest'")
        Set-Content "$TestDrive/Shown.Tests.ps1" $suite
        $pester = (Get-Module Pester).Path
        $said = & $pwsh -NoProfile -NonInteractive -Command "Import-Module '$pester'; `$r = Invoke-Pester '$TestDrive/Shown.Tests.ps1' -PassThru; `"passed `$(`$r.PassedCount) failed `$(`$r.FailedCount)`""
        $said[-1] | Should -Be 'passed 7 failed 0' -Because ($said -join "`n")
    }
}
