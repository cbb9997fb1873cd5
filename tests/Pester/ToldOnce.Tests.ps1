# What is the same for each of many objects is told once, with its number; each object has its own result.
Describe 'Told once' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        $files = 1..4 | ForEach-Object { New-StudyFile "$TestDrive/files" @{ StudyInstanceUID = "1.2.3.$_"; PatientID = 'P1' } }
        $archive = Start-DicomArchive "$TestDrive/archive" -Port 0 -AETitle BOX
        $node = "BOX@127.0.0.1:$($archive.Port)"
        $null = $files | Import-DicomFile -Archive $archive
        $rows = 1..4 | ForEach-Object { [pscustomobject]@{ StudyInstanceUID = "1.2.3.$_" } }
    }

    AfterAll {
        Stop-DicomScp -All -Force
        Stop-DicomArchive -All -Force
    }

    It 'an unknown destination' {
        $results = $rows | Move-DicomStudy $node -Destination NOBODY -ErrorVariable problem -ErrorAction SilentlyContinue
        $results | Should -HaveCount 4
        $results.StatusCode | Should -Be (@(0xA801) * 4)
        $results.Verdict | Should -Be (@('Failed') * 4)
        $problem | Should -HaveCount 2
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomRetrieveFailed,*'
        $problem[0].ErrorDetails.RecommendedAction | Should -Match 'NOBODY'
        "$($problem[1])" | Should -BeLike "3 further requests were refused for the same reason.*A801*"
    }

    It 'a kind of query that the peer refuses (<Status>)' -ForEach @(@{ Status = 'A900'; Code = 0xA900 }, @{ Status = '0122'; Code = 0x0122 }) {
        $code = $Code
        $server = Start-DicomScp -Port 0 -AETitle SCP -OnFind { @{ Status = $using:code } }
        try {
            $refusing = "SCP@127.0.0.1:$($server.Port)"
            $null = 1..5 | ForEach-Object { [pscustomobject]@{ PatientID = "P$_" } } | Find-DicomStudy $refusing -ErrorVariable problem -ErrorAction SilentlyContinue
            $problem | Should -HaveCount 2
            "$($problem[0])" | Should -BeLike "*$Status*"
            "$($problem[1])" | Should -BeLike '4 further queries were refused for the same reason.*'
        }
        finally { Stop-DicomScp -Id $server.Id -Force }
    }

    It 'not what differs: each failure of a study of its own is told' {
        $server = Start-DicomScp -Port 0 -AETitle SCP -OnGet { @{ Status = 0xC001 } }
        try {
            $null = $rows[0..1] | Receive-DicomStudy "SCP@127.0.0.1:$($server.Port)" -Path "$TestDrive/differs" -RetryCount 0 -ErrorVariable problem -ErrorAction SilentlyContinue
            $problem | Should -HaveCount 2
            "$($problem[1])" | Should -BeLike '*1.2.3.2*'
        }
        finally { Stop-DicomScp -Id $server.Id -Force }
    }

    It 'names the file that is waited for in the bar' {
        $server = Start-DicomScp -Port 0 -AETitle SCP -OnStore { Start-Sleep -Milliseconds 3000 }
        try {
            $recorded = Invoke-Recorded "Send-DicomFile '$($files[0])', '$($files[1])' SCP@127.0.0.1:$($server.Port)"
            @($recorded.Progress.CurrentOperation | Where-Object { $_ }) | Should -Contain $files[0]
        }
        finally { Stop-DicomScp -Id $server.Id -Force }
    }

    It 'names with -Verbose what is waited for long, and the study of a retrieve' {
        # Until it is said, or for a minute.
        $gate = [Threading.AutoResetEvent]::new($false)
        $server = Start-DicomScp -Port 0 -AETitle SCP -HandlerTimeout 0 -OnStore { $null = ($using:gate).WaitOne(60000) } -OnGet { $null = ($using:gate).WaitOne(60000); $using:files[0] }
        try {
            $said = Send-DicomFile $files[0] "SCP@127.0.0.1:$($server.Port)" -Verbose 4>&1 | ForEach-Object { if ("$_" -like '* is waited for, *') { $null = $gate.Set() }; "$_" }
            @($said -like "*$($files[0]) is waited for, for * s by now.") | Should -HaveCount 1
            $said = Receive-DicomStudy "SCP@127.0.0.1:$($server.Port)" -StudyInstanceUID 1.2.3.1 -Path "$TestDrive/slow" -Verbose 4>&1 | ForEach-Object { if ("$_" -like '* is waited for, *') { $null = $gate.Set() }; "$_" }
            @($said -like '*Study 1.2.3.1 is waited for, for * s by now.') | Should -HaveCount 1
        }
        finally { Stop-DicomScp -Id $server.Id -Force }
    }

    It 'says with -Verbose that -Between waits, and until when' {
        $hour = (Get-Date).AddHours(2)
        $window = '{0:HH}:00-{1:HH}:00' -f $hour, $hour.AddHours(1)
        $stopped = Stop-Midway "Move-DicomStudy $node -Destination X -StudyInstanceUID 1.2.3.1 -Between $window -Verbose 4>&1" -Until { $args[0] -like "*wait until*" }
        @($stopped.Output | Where-Object { "$_" -like "*wait until $($hour.ToString('yyyy-MM-dd HH')):00, because of -Between $window.*" }) | Should -HaveCount 1
    }
}

# What is to be moved before an old archive is switched off, as README and about_DicomPS say.
Describe 'Reconciliation' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        $old = Start-DicomArchive "$TestDrive/old" -Port 0 -AETitle OLD
        $new = Start-DicomArchive "$TestDrive/new" -Port 0 -AETitle NEW
        $nodes = @{ old = "OLD@127.0.0.1:$($old.Port)"; new = "NEW@127.0.0.1:$($new.Port)" }
        $whole, $half, $none = foreach ($study in 1..3) { , @(1..3 | ForEach-Object { New-StudyFile "$TestDrive/files" @{ StudyInstanceUID = "1.2.3.$study"; PatientID = "P$study" } }) }
        $null = @($whole; $half; $none) | Import-DicomFile -Archive $old
        $null = @($whole; $half[0]) | Import-DicomFile -Archive $new
    }

    AfterAll { Stop-DicomArchive -All -Force }

    It 'finds a study of which a part has arrived, and one of which none has' {
        $open = Compare-DicomArchive $nodes.old $nodes.new | Where-Object Difference -In Missing, Partial
        $open.StudyInstanceUID | Sort-Object | Should -Be '1.2.3.2', '1.2.3.3'
        # By UID alone, the half of it would be lost with the old archive.
        (Compare-Object @(Find-DicomStudy $nodes.old) @(Find-DicomStudy $nodes.new)).InputObject.StudyInstanceUID | Should -Be '1.2.3.3'
        ($open | Receive-DicomStudy -Path "$TestDrive/rest").Verdict | Should -Be 'Complete', 'Complete'
    }

    It 'is what README and about_DicomPS advise' {
        Get-Content -Raw "$root/README.md" | Should -Match 'Compare-DicomArchive old new \| Where-Object Difference -In Missing, Partial'
        Get-Content -Raw "$root/docs/en-US/about_DicomPS.md" | Should -Match 'Compare-DicomArchive old new \| Where-Object Difference -In Missing, Partial'
    }
}
