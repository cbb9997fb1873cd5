# The bars of whatever lasts: what they say, how they nest, and that they go away.
Describe 'Progress' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        $files = 1..4 | ForEach-Object { New-StudyFile "$TestDrive/files" @{ StudyInstanceUID = '1.2.3.1' } }
        $second = 1..3 | ForEach-Object { New-StudyFile "$TestDrive/second" @{ StudyInstanceUID = '1.2.3.2' } }
        # Slow enough for a bar: it comes after half a second.
        $server = Start-DicomScp -Port 0 -AETitle SCP -OnGet {
            foreach ($file in $using:files) { Start-Sleep -Milliseconds 350; $file }
            # All are there, and the bar that says so may be late.
            Start-Sleep -Milliseconds 2000
        } -OnFind {
            1..6 | ForEach-Object { Start-Sleep -Milliseconds 250; @{ StudyInstanceUID = "1.2.3.$_" } }
            if ($_.Keys.PatientID -eq 'BREAK') { throw 'the database went away' }
        } -OnStore { Start-Sleep -Milliseconds 350 }
        $node = "SCP@127.0.0.1:$($server.Port)"
        function Get-Bar($Recorded, [string] $Activity) { @($Recorded.Progress | Where-Object Activity -Match $Activity) }
        function Confirm-Gone($Bar) {
            $Bar.Count | Should -BeGreaterThan 1
            $Bar[-1].RecordType | Should -Be 'Completed'
            @($Bar | Where-Object RecordType -EQ 'Completed') | Should -HaveCount 1
        }
    }

    AfterAll { Stop-DicomScp -All -Force }

    It 'of a retrieve is two bars: the requests, and within them the instances' {
        # An archive that moves to the slow server, and says after each instance how many are left.
        $archive = Start-DicomArchive "$TestDrive/archive" -Port 0 -AETitle BOX -Destination @{ SLOW = "127.0.0.1:$($server.Port)" }
        try {
            $null = $files, $second | ForEach-Object { $_ } | Import-DicomFile -Archive $archive
            $recorded = Invoke-Recorded "'1.2.3.1', '1.2.3.2' | ForEach-Object { [pscustomobject]@{ StudyInstanceUID = `$_ } } | Move-DicomStudy BOX@127.0.0.1:$($archive.Port) -Destination SLOW"
        }
        finally { Stop-DicomArchive $archive -Force }
        $recorded.Output.Verdict | Should -Be 'Complete', 'Complete'
        $outer = Get-Bar $recorded '^Move from'
        $inner = Get-Bar $recorded '^Instances$'
        Confirm-Gone $outer
        Confirm-Gone $inner
        $outer[0].ActivityId | Should -Be 1
        $outer[0].ParentActivityId | Should -Be -1
        $inner.ParentActivityId | Sort-Object -Unique | Should -Be 1
        $inner.ActivityId | Sort-Object -Unique | Should -Be 2
        "$($outer.StatusDescription)" | Should -Match '1 of 2 requests'
        "$($inner.StatusDescription)" | Should -Match '\d instances, \d left, \d+ instances/s'
        @($inner | Where-Object { $_.PercentComplete -in 1..99 -and $_.SecondsRemaining -ge 0 }) | Should -Not -BeNullOrEmpty
        @($outer | Where-Object { $_.PercentComplete -in 1..99 }) | Should -Not -BeNullOrEmpty
    }

    It 'of what comes here has its bytes and their rate' {
        $recorded = Invoke-Recorded "'1.2.3.1', '1.2.3.2' | ForEach-Object { [pscustomobject]@{ StudyInstanceUID = `$_ } } | Receive-DicomStudy $node -Path '$TestDrive/got'"
        $recorded.Output | Should -HaveCount 2
        "$((Get-Bar $recorded '^Instances$').StatusDescription)" | Should -Match '4 instances, \d+ instances/s, [\d.]+ KB, [\d.]+ K?B/s'
        Confirm-Gone (Get-Bar $recorded '^Get from')
    }

    It 'of a send has count, bytes, rate and the time left' {
        $recorded = Invoke-Recorded "Send-DicomFile '$TestDrive/files' $node"
        $recorded.Output | Should -HaveCount 4
        $bar = Get-Bar $recorded '^Sending'
        Confirm-Gone $bar
        "$($bar.StatusDescription)" | Should -Match '[1-3] of 4 files, \d+ files/s, [\d.]+ K?B, [\d.]+ K?B/s'
        @($bar | Where-Object { $_.PercentComplete -in 1..99 -and $_.SecondsRemaining -ge 0 }) | Should -Not -BeNullOrEmpty
    }

    It 'of a query has the answers and their rate' {
        $recorded = Invoke-Recorded "Find-DicomStudy $node"
        $recorded.Output | Should -HaveCount 6
        $bar = Get-Bar $recorded '^Querying'
        Confirm-Gone $bar
        $bar[-2].StatusDescription | Should -Match '\d answers, \d+ answers/s'
    }

    It 'goes away after <What>' -ForEach @(
        @{ What = 'an error that ends the call'; Script = { param($node) "try { Find-DicomStudy $node -PatientID BREAK -ErrorAction Stop } catch { 'caught' }" } }
        @{ What = 'Select-Object -First'; Script = { param($node) "Find-DicomStudy $node | Select-Object -First 4" } }
    ) {
        Confirm-Gone (Get-Bar (Invoke-Recorded (& $Script $node)) '^Querying')
    }

    It 'of a retrieve goes away after Select-Object -First' {
        $recorded = Invoke-Recorded "'1.2.3.1', '1.2.3.2', '1.2.3.3' | ForEach-Object { [pscustomobject]@{ StudyInstanceUID = `$_ } } | Receive-DicomStudy $node -Path '$TestDrive/got' | Select-Object -First 1"
        Confirm-Gone (Get-Bar $recorded '^Get from')
        Confirm-Gone (Get-Bar $recorded '^Instances$')
    }

    It 'does not come when $ProgressPreference says so' {
        $recorded = Invoke-Recorded "`$ProgressPreference = 'SilentlyContinue'; Find-DicomStudy $node; Send-DicomFile '$($files[0])', '$($files[1])' $node"
        $recorded.Output | Should -HaveCount 8
        $recorded.Progress | Should -BeNullOrEmpty
    }
}
