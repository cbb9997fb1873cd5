# The report of a transfer whose words are a stranger's.
Describe 'Export-DicomTransferReport' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        $uid = '1.2.826.0.1.3680043.10.999'
        $evil = '<script>alert(1)</script>^"&'''
        $files = foreach ($i in 1..6) { New-StudyFile "$TestDrive/files" @{ StudyInstanceUID = "$uid.$i"; SeriesInstanceUID = "$uid.$i.1"; SOPInstanceUID = "$uid.$i.1.1"; PatientID = "P$i"; PatientName = $evil; StudyDate = "2024010$i" } }
        $new = Start-DicomArchive "$TestDrive/new" -Port 0 -AETitle NEW
        $old = Start-DicomArchive "$TestDrive/old" -Port 0 -AETitle OLD -Destination @{ NEW = "127.0.0.1:$($new.Port)" }
        $null = $files | Import-DicomFile -Archive $old -ErrorAction Stop
        $store = "$TestDrive/qc.db"
        $nodes = "OLD@127.0.0.1:$($old.Port)", "NEW@127.0.0.1:$($new.Port)"
        $null = New-DicomTransfer $store move $nodes[0] $nodes[1] -VerifyDelay 0
        $null = Find-DicomStudy $nodes[0] | Add-DicomTransferItem $store move
        # A destination that the old archive does not know is refused, and not tried again.
        $null = New-DicomTransfer $store lost $nodes[0] "NOBODY@127.0.0.1:$($new.Port)" -VerifyDelay 0
        $null = [pscustomobject] @{ StudyInstanceUID = "$uid.99"; PatientID = '=cmd|x'; PatientName = "$evil`e[31m"; StudyDate = '2024-01-01' } | Add-DicomTransferItem $store lost
        $null = Start-DicomTransferWorker $store -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
    }
    AfterAll { $old, $new | Where-Object { $_ } | Stop-DicomArchive -Force }

    It 'is one file of HTML without a script, and every word of a stranger is text in it' {
        $file = Export-DicomTransferReport $store move -Path "$TestDrive/qc.html"
        $file.FullName | Should -Be (Resolve-Path "$TestDrive/qc.html").Path
        $text = Get-Content -Raw $file
        $text -match '<script|javascript:|src=|href=|@import|url\(' | Should -BeFalse
        foreach ($part in "default-src 'none'", 'prefers-color-scheme: dark', '@media print') { $text.Contains($part) | Should -BeTrue -Because $part }
        (Get-Content -Raw (Export-DicomTransferReport $store lost -Path "$TestDrive/evil.html")).Contains('&lt;script&gt;alert(1)&lt;/script&gt;^&quot;&amp;&#39;') | Should -BeTrue
        # Well-formed but for the doctype and void elements: what is opened is closed.
        foreach ($name in 'table', 'tbody', 'tr', 'svg', 'div', 'body') { [regex]::Matches($text, "<$name[ >]").Count | Should -Be ([regex]::Matches($text, "</$name>").Count) -Because $name }
    }

    It 'says what is there, what is not, and why' {
        $text = Get-Content -Raw (Export-DicomTransferReport $store move -Path "$TestDrive/said.html")
        $text -match 'All 6 studies are at the destination' | Should -BeTrue
        $text -match '<title>2024-01-03: 1 of 1</title>' | Should -BeTrue
        $text -match 'Failures by reason' | Should -BeFalse
        $text = Get-Content -Raw (Export-DicomTransferReport $store lost -Path "$TestDrive/lost.html")
        $text -match '1 of 1 studies are not known to be at the destination' | Should -BeTrue
        $text -match 'Failures by reason' | Should -BeTrue
        $text -match '<title>2024-01-01: 0 of 1</title>' | Should -BeTrue
        # Of the stranger's text the letters are left, and what steers a terminal is not.
        $text.Contains([string] [char] 27) | Should -BeFalse
    }

    It 'has every study in the CSV' {
        $rows = Import-Csv (Export-DicomTransferReport $store move -Path "$TestDrive/qc.csv")
        $rows.Count | Should -Be 6
        ($rows | Where-Object StudyInstanceUID -EQ "$uid.1").State | Should -BeIn Done, Skipped
        ($rows | Where-Object StudyInstanceUID -EQ "$uid.1").PatientName | Should -Be $evil
        (Import-Csv (Export-DicomTransferReport $store lost -Path "$TestDrive/lost.csv")).Error | Should -Not -BeNullOrEmpty
    }

    It 'is its owner''s alone' -Skip:$IsWindows {
        (Get-Item (Export-DicomTransferReport $store move -Path "$TestDrive/own.html")).UnixMode | Should -Be '-rw-------'
    }

    It 'leaves a file alone that it cannot replace whole, and says why' {
        { Export-DicomTransferReport $store move -Path "$TestDrive/nowhere/qc.html" -ErrorAction Stop } | Should -Throw
        { Export-DicomTransferReport $store move -Path "$TestDrive/qc.docx" -ErrorAction Stop } | Should -Throw -ErrorId 'DicomArgumentInvalid,*'
        { Export-DicomTransferReport $store nobody -Path "$TestDrive/none.html" -ErrorAction Stop } | Should -Throw -ErrorId 'DicomTransferNotFound,*'
        Test-Path "$TestDrive/none.html" | Should -BeFalse
        Get-ChildItem $TestDrive -Filter *.tmp | Should -BeNullOrEmpty
    }
}
