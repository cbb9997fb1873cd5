Describe 'about_DicomPS_Security' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $topic = Get-Content (Join-Path $root 'docs/en-US/about_DicomPS_Security.md')
    }

    It 'has a line that defuses what a spreadsheet would compute, and changes nothing else' {
        $line = $topic | Where-Object { $_ -match '^    \(Find-DicomStudy pacs \| ConvertTo-Csv\)' }
        $line | Should -HaveCount 1
        $hostile = '=cmd|'' /C calc''!A0', '+1', '-2+3', '@SUM(1)', ' =1', "`t=1"
        $harmless = 'DOE^JOHN', 'a=b', 'x,"=y', '"=z', ',', 'a-b', 'Gr+ss', ''
        $rows = $hostile + $harmless | ForEach-Object { [pscustomobject]@{ First = $_; Second = 'x,'; Third = $_ } }
        Push-Location $TestDrive
        try { & ([scriptblock]::Create($line.Trim().Replace('Find-DicomStudy pacs', '$args[0]'))) $rows } finally { Pop-Location }
        $read = Import-Csv "$TestDrive/studies.csv"
        $read.First | Should -Be @($hostile.ForEach{ "'$_" } + $harmless)
        $read.Third | Should -Be @($hostile.ForEach{ "'$_" } + $harmless)
        $read.Second | Should -Be @('x,' * $read.Count -split '(?<=,)' | Where-Object { $_ })
    }
}
