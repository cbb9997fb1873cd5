# What people who know PowerShell take for granted, proved by doing it.
BeforeDiscovery {
    $hasThreadJob = [bool] (Get-Command Start-ThreadJob -ErrorAction Ignore)
}

Describe 'Habits' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        $file = New-StudyFile "$TestDrive/files" @{}
        $server = Start-DicomScp -Port 0 -AETitle SCP -OnStore { } -OnFind { @{ StudyInstanceUID = '1.2.3'; PatientID = 'P1'; PatientName = 'DOE^JOHN' } } -OnGet { $using:file }
        $storage = Start-DicomStorageScp "$TestDrive/in" -Port 0 -AETitle STORE
        $archive = Start-DicomArchive "$TestDrive/archive" -Port 0 -AETitle BOX
        $node = "SCP@127.0.0.1:$($server.Port)"
        $manifest = Join-Path $root 'out/DicomPS/DicomPS.psd1'
    }

    AfterAll {
        Stop-DicomScp -All -Force
        Stop-DicomStorageScp -All -Force
        Stop-DicomArchive -All -Force
    }

    It 'every cmdlet has an approved verb and says what it writes' {
        $commands = Get-Command -Module DicomPS
        $commands.Count | Should -BeGreaterThan 25
        $commands.Verb | Where-Object { $_ -notin (Get-Verb).Verb } | Should -BeNullOrEmpty
        $commands | Where-Object { -not $_.OutputType } | Should -BeNullOrEmpty
    }

    It 'what is written is of the type that was promised: <Name>' -ForEach @(
        @{ Name = 'Test-DicomEcho'; Do = { Test-DicomEcho $node } }
        @{ Name = 'Find-DicomStudy'; Do = { Find-DicomStudy $node } }
        @{ Name = 'Find-DicomStudy'; Do = { Find-DicomStudy $node -Property InstitutionName } }
        @{ Name = 'Send-DicomFile'; Do = { Send-DicomFile $file $node } }
        @{ Name = 'Receive-DicomStudy'; Do = { Receive-DicomStudy $node -StudyInstanceUID 1.2.3 -Path "$TestDrive/got" -ErrorAction Ignore } }
        @{ Name = 'Get-DicomFile'; Do = { Get-DicomFile $file } }
        @{ Name = 'Get-DicomElement'; Do = { Get-DicomElement $file } }
        @{ Name = 'Import-DicomFile'; Do = { Import-DicomFile $file -Archive $archive } }
        @{ Name = 'Get-DicomScp'; Do = { Get-DicomScp } }
        @{ Name = 'Get-DicomStorageScp'; Do = { Get-DicomStorageScp } }
        @{ Name = 'Get-DicomArchive'; Do = { Get-DicomArchive } }
    ) {
        $written = @(& $Do)
        $written | Should -Not -BeNullOrEmpty
        foreach ($type in $written.ForEach({ $_.psobject.BaseObject.GetType() })) { (Get-Command $Name).OutputType.Type | Should -Contain $type }
        # In a string it is a line for people, not the name of a type or a dump of all properties.
        "$($written[0])" | Should -Not -Match "^DicomPS\.|\{ \w+ = |`n"
        "$($written[0])".Length | Should -BeGreaterThan 3
    }

    It 'nothing goes past the pipeline to the screen' {
        $all = @(& { Test-DicomEcho $node; Find-DicomStudy $node; Send-DicomFile $file $node } 6>&1)
        $all | Where-Object { $_ -is [Management.Automation.InformationRecord] -and $_.Tags -contains 'PSHOST' } | Should -BeNullOrEmpty
        Get-ChildItem "$root/src/DicomPS" -Recurse -Filter *.cs | Where-Object FullName -NotMatch '[\\/](obj|bin)[\\/]' |
            Select-String 'Console\.Write|UI\.WriteLine' | Should -BeNullOrEmpty
    }

    It '<Name> -WhatIf does nothing' -ForEach @(
        @{ Name = 'Set-DicomNode'; Do = { Set-DicomNode new -AETitle A -HostName h -WhatIf }; Check = { Get-DicomNode new -ErrorAction Ignore | Should -BeNullOrEmpty } }
        @{ Name = 'Remove-DicomNode'; Do = { Set-DicomNode kept -AETitle A -HostName h; Remove-DicomNode kept -WhatIf }; Check = { (Get-DicomNode kept).Name | Should -Be 'kept' } }
        @{ Name = 'Send-DicomFile'; Do = { Send-DicomFile $file "STORE@127.0.0.1:$($storage.Port)" -WhatIf }; Check = { $storage.Received, $storage.Associations | Should -Be 0, 0 } }
        @{ Name = 'Receive-DicomStudy'; Do = { Receive-DicomStudy $node -StudyInstanceUID 1.2.3 -Path "$TestDrive/never" -WhatIf }; Check = { "$TestDrive/never" | Should -Not -Exist } }
        @{ Name = 'Move-DicomStudy'; Do = { Move-DicomStudy $node -StudyInstanceUID 1.2.3 -Path "$TestDrive/never" -LocalPort 1 -WhatIf }; Check = { "$TestDrive/never" | Should -Not -Exist } }
        @{ Name = 'Import-DicomFile'; Do = { New-StudyFile "$TestDrive/more" @{ StudyInstanceUID = '8.8.8' } | Import-DicomFile -Archive $archive -WhatIf }; Check = { Find-DicomStudy "BOX@127.0.0.1:$($archive.Port)" -StudyInstanceUID 8.8.8 | Should -BeNullOrEmpty } }
        @{ Name = 'Export-DicomIndex'; Do = { $file | Export-DicomIndex "$TestDrive/never.db" -WhatIf }; Check = { "$TestDrive/never.db" | Should -Not -Exist } }
        @{ Name = 'Start-DicomScp'; Do = { Start-DicomScp -Port 0 -OnFind { } -WhatIf }; Check = { Get-DicomScp | Should -HaveCount 1 } }
        @{ Name = 'Start-DicomStorageScp'; Do = { Start-DicomStorageScp "$TestDrive/never" -Port 0 -WhatIf }; Check = { "$TestDrive/never" | Should -Not -Exist; Get-DicomStorageScp | Should -HaveCount 1 } }
        @{ Name = 'Start-DicomArchive'; Do = { Start-DicomArchive "$TestDrive/never" -Port 0 -WhatIf }; Check = { "$TestDrive/never" | Should -Not -Exist; Get-DicomArchive | Should -HaveCount 1 } }
        @{ Name = 'Stop-DicomScp'; Do = { Stop-DicomScp $server -WhatIf }; Check = { $server.State | Should -Be 'Running' } }
        @{ Name = 'Stop-DicomStorageScp'; Do = { Stop-DicomStorageScp $storage -WhatIf }; Check = { $storage.State | Should -Be 'Running' } }
        @{ Name = 'Stop-DicomArchive'; Do = { Stop-DicomArchive $archive -WhatIf }; Check = { $archive.State | Should -Be 'Running' } }
    ) {
        & $Do | Should -BeNullOrEmpty
        & $Check
    }

    It 'takes its defaults from $PSDefaultParameterValues' {
        $PSDefaultParameterValues = @{ '*-Dicom*:Node' = $node; 'Find-Dicom*:PatientID' = 'P1' }
        (Find-DicomStudy).PatientID | Should -Be 'P1'
        (Send-DicomFile $file).Success | Should -BeTrue
        Test-DicomEcho -Quiet | Should -BeTrue
    }

    It 'takes splatted hashtables and arrays' {
        $how = @{ Node = $node; PatientID = 'P1'; ErrorAction = 'Stop' }
        (Find-DicomStudy @how).StudyInstanceUID | Should -Be '1.2.3'
        $what = @($file, $node)
        (Send-DicomFile @what).Success | Should -BeTrue
    }

    It 'shares nodes and servers with ForEach-Object -Parallel' -Skip:($PSVersionTable.PSVersion.Major -lt 7) {
        $to = [DicomPS.Associations.DicomNode]::Parse("STORE@127.0.0.1:$($storage.Port)")
        $before = $storage.Received
        $results = 1..4 | ForEach-Object -Parallel {
            Import-Module $using:manifest
            $sent = Send-DicomFile $using:file $using:to
            [pscustomobject]@{ Success = $sent.Success; Id = ($using:storage).Id; Seen = (Get-DicomStorageScp).Id; Found = @(Find-DicomStudy $using:node).Count }
        }
        $results.Success | Should -Be @($true, $true, $true, $true)
        $results.Seen | Sort-Object -Unique | Should -Be $storage.Id
        $results.Found | Should -Be 1, 1, 1, 1
        $storage.Received - $before | Should -Be 4
        $storage.State, $server.State | Should -Be 'Running', 'Running'
    }

    It 'shares nodes and servers with Start-ThreadJob' -Skip:(-not $hasThreadJob) {
        $job = Start-ThreadJob { Import-Module $using:manifest; $mine = Start-DicomStorageScp "$using:TestDrive/job" -Port 0 -AETitle JOB; (Test-DicomEcho $using:node).Success; $mine.Id }
        try {
            $said = @($job | Wait-Job -Timeout 60 | Receive-Job)
            $said[0] | Should -BeTrue
            # A server that a job started outlives it, and answers from here.
            $theirs = Get-DicomStorageScp $said[1]
            Test-DicomEcho "JOB@127.0.0.1:$($theirs.Port)" -Quiet | Should -BeTrue
            Stop-DicomStorageScp $theirs -Force
            $theirs.State | Should -Be 'Stopped'
        }
        finally { Remove-Job $job -Force }
    }
}
