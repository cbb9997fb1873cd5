# Pipelines and words that are typed by habit.
Describe 'Pipelines typed by habit' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        $archive = Start-DicomArchive "$TestDrive/a" -Port 0 -AETitle BOX
        $other = Start-DicomArchive "$TestDrive/b" -Port 0 -AETitle BOXB
        $files = 1..2 | ForEach-Object { New-StudyFile "$TestDrive/files" @{ PatientID = "P$_"; StudyInstanceUID = "1.2.$_" } }
        Set-DicomNode qr "BOX@127.0.0.1:$($archive.Port)"
        Set-DicomNode orth "BOXB@127.0.0.1:$($other.Port)"
        $null = Send-DicomFile $files qr
        $null = Send-DicomFile $files[0] orth
    }

    AfterAll {
        Stop-DicomArchive -All -Force
        Stop-DicomStorageScp -All -Force
        Remove-Item $env:DICOMPS_CONFIG_HOME -Recurse -Force -ErrorAction Ignore
    }

    It 'sends what is piped to the node that stands alone: <What>' -ForEach @(
        @{ What = 'gci *.dcm'; Do = { Get-ChildItem "$TestDrive/files/*.dcm" | Send-DicomFile qr } }
        @{ What = 'Get-DicomFile'; Do = { Get-DicomFile "$TestDrive/files" | Send-DicomFile qr } }
        @{ What = 'paths'; Do = { $files | Send-DicomFile qr } }
        @{ What = 'a folder'; Do = { Get-Item "$TestDrive/files" | Send-DicomFile qr } }
        @{ What = 'with -Node'; Do = { Get-ChildItem "$TestDrive/files/*.dcm" | Send-DicomFile -Node qr } }
        @{ What = 'rows of a CSV'; Do = { Send-DicomFile $files qr | ConvertTo-Csv | ConvertFrom-Csv | Send-DicomFile -Node qr } }
        @{ What = 'with -HostName'; Do = { $files | Send-DicomFile -HostName 127.0.0.1 -Port $archive.Port -AETitle BOX } }
    ) {
        $sent = & $Do
        $sent.Status | Should -Be 'Success', 'Success'
        $sent.Path | Sort-Object | Should -Be ($files | Sort-Object)
    }

    It 'takes results of Send- back, each for its node' {
        $sent = @(Send-DicomFile $files[0] orth) + @(Send-DicomFile $files[1] qr) | Send-DicomFile
        $sent.Status | Should -Be 'Success', 'Success'
        "$($sent[0].Node)", "$($sent[1].Node)" | Should -Be 'orth', 'qr'
    }

    It 'says what is missing' {
        { Send-DicomFile -Path $files[0] } | Should -Throw -ErrorId 'DicomNodeInvalid*' -ExpectedMessage '*which node*'
        { Send-DicomFile -Node qr } | Should -Throw -ErrorId 'DicomFileNotFound*'
        { $files | Send-DicomFile nowhere } | Should -Throw -ErrorId 'DicomNodeNotFound*'
    }

    It 'asks several nodes, and each object says which: <What>' -ForEach @(
        @{ What = 'Get-DicomNode |'; Do = { Get-DicomNode | Find-DicomStudy -PatientID P1 } }
        @{ What = 'names |'; Do = { 'qr', 'orth' | Find-DicomStudy -PatientID P1 } }
        @{ What = 'a list'; Do = { Find-DicomStudy qr, orth -PatientID P1 } }
        @{ What = 'a list of nodes'; Do = { Find-DicomStudy (Get-DicomNode) -PatientID P1 } }
    ) {
        $found = & $Do
        $found | Should -HaveCount 2
        $found.StudyInstanceUID | Should -Be '1.2.1', '1.2.1'
        $found.ForEach({ "$($_.Node)" }) | Sort-Object | Should -Be 'orth', 'qr'
    }

    It 'asks the others when one of several is dead' {
        Set-DicomNode gone "GONE@127.0.0.1:$(Get-FreePort)"
        $found = Find-DicomStudy gone, qr -PatientID P1 -ErrorAction SilentlyContinue -ErrorVariable problem
        $found.StudyInstanceUID | Should -Be '1.2.1'
        $problem | Should -HaveCount 1
        Remove-DicomNode gone
    }

    It 'leaves several nodes early in good order' {
        Find-DicomStudy qr, orth | Select-Object -First 1 | Should -HaveCount 1
        foreach ($i in 1..100) { if ($archive.ActiveAssociations + $other.ActiveAssociations -eq 0) { break }; Start-Sleep -Milliseconds 100 }
        $archive.ActiveAssociations, $other.ActiveAssociations | Should -Be 0, 0
    }

    It 'rows with columns that Find needs still come from their node' {
        (Find-DicomStudy qr, orth -PatientID P1 | Find-DicomSeries).ForEach({ "$($_.Node)" }) | Sort-Object | Should -Be 'orth', 'qr'
        ([pscustomobject] @{ PatientID = 'P2' } | Find-DicomStudy qr).StudyInstanceUID | Should -Be '1.2.2'
    }

    It 'moves UIDs from the pipeline' {
        $moved = '1.2.1', '1.2.2' | Receive-DicomStudy qr -Path "$TestDrive/got"
        $moved.StudyInstanceUID | Should -Be '1.2.1', '1.2.2'
        $moved.Verdict | Should -Be 'Complete', 'Complete'
        # A row without a UID is no UID.
        ([pscustomobject] @{ PatientID = 'P1' } | Receive-DicomStudy qr -Path "$TestDrive/row").Verdict | Should -Be 'Complete'
        ($moved | ConvertTo-Csv | ConvertFrom-Csv | Receive-DicomStudy -Path "$TestDrive/csv").Verdict | Should -Be 'Complete', 'Complete'
    }

    It 'says that -Destination is meant' {
        { Find-DicomStudy qr | Move-DicomStudy NOWHERE } | Should -Throw -ExpectedMessage '*-Destination*'
        $problem = try { Find-DicomStudy qr | Move-DicomStudy orth } catch { $_ }
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomDestinationMissing*'
        $problem.ErrorDetails.RecommendedAction | Should -Match 'orth is the peer that is asked.*-Destination orth'
    }

    It 'moves to a registered node by its name or as it is: <What>' -ForEach @(
        @{ What = 'name'; To = { 'orth' } }
        @{ What = 'NAME'; To = { 'ORTH' } }
        @{ What = 'node'; To = { Get-DicomNode orth } }
        @{ What = 'title'; To = { 'BOXB' } }
    ) {
        $to = & $To
        $moved = Move-DicomStudy qr -StudyInstanceUID 1.2.2 -Destination $to -WhatIf 6>&1
        [DicomPS.Arguments.DestinationTransformAttribute]::new().Transform($null, $to) | Should -Be 'BOXB'
        [DicomPS.Arguments.DestinationTransformAttribute]::new().Transform($null, 'ELSEWHERE') | Should -Be 'ELSEWHERE'
    }

    It 'takes rows of servers' {
        $storage = Start-DicomStorageScp "$TestDrive/in" -Port 0 -AETitle STORE
        $row = $storage | ConvertTo-Csv | ConvertFrom-Csv
        $null = Send-DicomFile $files[0] "STORE@127.0.0.1:$($storage.Port)"
        ($row | Receive-DicomStorageScp).SOPInstanceUID | Should -Not -BeNullOrEmpty
        $row | Stop-DicomStorageScp
        $storage.State | Should -Be 'Stopped'
    }
}

Describe 'Words typed by habit' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        $server = Start-FindServer -Count 1
        $node = "SCP@127.0.0.1:$($server.Port)"
        $file = New-StudyFile "$TestDrive/files" @{ PatientID = 'P1' }
    }

    AfterAll { $server.Stop() }

    It '-Date is the date of the level' {
        $null = Find-DicomStudy $node -Date 20240202 -WarningAction Ignore
        $server.Last | Should -Match 'StudyDate=20240202'
        foreach ($pair in @('Find-DicomSeries', 'SeriesDate'), @('Find-DicomInstance', 'ContentDate'), @('Find-DicomWorklist', 'ScheduledDate')) {
            (Get-Command $pair[0]).Parameters[$pair[1]].Aliases | Should -Contain 'Date'
        }
    }

    It '-Timeout is the longest of all waits: <_>' -ForEach 'Test-DicomEcho', 'Find-DicomStudy', 'Find-DicomWorklist', 'Send-DicomFile', 'Move-DicomStudy', 'Receive-DicomStudy' {
        (Get-Command $_).Parameters.Timeout.ParameterType | Should -Be ([timespan])
    }

    It '-Timeout ends the wait for a silent peer' {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        try { (Test-DicomEcho "X@127.0.0.1:$($listener.LocalEndpoint.Port)" -Timeout 1 -ErrorAction SilentlyContinue -ErrorVariable problem).Success | Should -BeFalse }
        finally { $listener.Stop() }
        "$problem" | Should -Match '1 s'
    }

    It '<Command> knows -<Alias>' -ForEach @(
        @{ Command = 'Send-DicomFile'; Alias = 'ThrottleLimit'; Parameter = 'Associations' }
        @{ Command = 'Find-DicomStudy'; Alias = 'ThrottleLimit'; Parameter = 'Associations' }
        @{ Command = 'Test-DicomEcho'; Alias = 'AETitle'; Parameter = 'CalledAETitle' }
        @{ Command = 'Send-DicomFile'; Alias = 'AETitle'; Parameter = 'CalledAETitle' }
        @{ Command = 'Find-DicomStudy'; Alias = 'RemoteAETitle'; Parameter = 'CalledAETitle' }
        @{ Command = 'Find-DicomStudy'; Alias = 'LocalAETitle'; Parameter = 'CallingAETitle' }
        @{ Command = 'Send-DicomFile'; Alias = 'UseTLS'; Parameter = 'Tls' }
        @{ Command = 'Move-DicomStudy'; Alias = 'MoveDestination'; Parameter = 'Destination' }
        @{ Command = 'Move-DicomStudy'; Alias = 'OutputDirectory'; Parameter = 'Path' }
        @{ Command = 'Receive-DicomStudy'; Alias = 'OutputDirectory'; Parameter = 'Path' }
    ) {
        (Get-Command $Command).Parameters[$Parameter].Aliases | Should -Contain $Alias
    }

    It 'Get-DicomElement takes <_>' -ForEach '(0010,0010)', '0010,0010', '00100010', 'patientname', "Patient's Name", 'PatientN*' {
        (Get-DicomElement $file $_).Keyword | Should -Be 'PatientName'
    }

    It 'Get-DicomElement takes a tag without quotes, or says to quote it' {
        (Get-DicomElement $file 00100010).Keyword | Should -Be 'PatientName'
        { Get-DicomElement $file 0010,0010 } | Should -Throw -ExpectedMessage "*two numbers*" -ErrorId 'DicomKeywordUnknown*'
        { Get-DicomElement $file -Tag 0010,0010 } | Should -Throw -ExpectedMessage "*two numbers*"
    }

    It 'Get-DicomElement asks back about a name that is none' {
        { Get-DicomElement $file PatientNam } | Should -Throw -ExpectedMessage "*Did you mean*PatientName*" -ErrorId 'DicomKeywordUnknown*'
    }

    It '<_>: names are found in any case' -ForEach 'tr-TR', 'az-Latn-AZ', 'lt-LT', 'en-US' {
        $own = [cultureinfo]::CurrentCulture
        [cultureinfo]::CurrentCulture = $_
        try { (Get-DicomElement $file -Name patientid, STUDYINSTANCEUID, instancenum*).Keyword | Should -Be 'PatientID', 'StudyInstanceUID', 'InstanceNumber' }
        finally { [cultureinfo]::CurrentCulture = $own }
    }

    It 'finds a name that was typed with the i of a Turkish keyboard' {
        (Get-DicomElement $file -Name "patient$([char] 0x130)d", "$([char] 0x131)nstancenum*").Keyword | Should -Be 'PatientID', 'InstanceNumber'
    }

    It 'Find- -Index refuses -<Name>, which means nothing there' -ForEach @(
        @{ Name = 'CallingAETitle'; Value = 'X' }
        @{ Name = 'ResponseTimeout'; Value = 3 }
        @{ Name = 'Timeout'; Value = 3 }
        @{ Name = 'Tls'; Value = $true }
        @{ Name = 'Split'; Value = 'Auto' }
        @{ Name = 'Associations'; Value = 2 }
        @{ Name = 'TimeZone'; Value = '+0100' }
        @{ Name = 'TracePath'; Value = 'x.txt' }
    ) {
        $more = @{ $Name = $Value }
        { Find-DicomStudy -Index "$TestDrive/i.db" -PatientID P1 @more } | Should -Throw -ErrorId 'DicomParameterWithoutMeaning*' -ExpectedMessage "*-$Name means nothing with -Index*"
    }

    It 'Start-DicomArchive honours $WhatIfPreference' {
        $WhatIfPreference = $true
        Start-DicomArchive "$TestDrive/never" -Port 0 -MaxAge 1d | Should -BeNullOrEmpty
        $WhatIfPreference = $false
        "$TestDrive/never" | Should -Not -Exist
    }

    It 'Start-DicomArchive honours $WhatIfPreference with an archive that is there, too' {
        $folder = "$TestDrive/there"
        $port = Get-FreePort
        Start-DicomArchive $folder -Port $port -AETitle THERE | Stop-DicomArchive
        $before = Get-ChildItem $folder -Recurse -Force | ForEach-Object { "$($_.FullName) $($_.Length) $($_.LastWriteTimeUtc.Ticks)" }
        $WhatIfPreference = $true
        $archive = Start-DicomArchive $folder -Port $port -AETitle THERE -MaxAge 1d
        $WhatIfPreference = $false
        $archive | Should -BeNullOrEmpty
        Get-DicomArchive | Where-Object Port -EQ $port | Should -BeNullOrEmpty
        # Nothing listens, and nothing was touched.
        { Test-DicomEcho "THERE@127.0.0.1:$port" -ErrorAction Stop } | Should -Throw '*Nothing listens*'
        Get-ChildItem $folder -Recurse -Force | ForEach-Object { "$($_.FullName) $($_.Length) $($_.LastWriteTimeUtc.Ticks)" } | Should -Be $before
        # The same command without it does.
        $archive = Start-DicomArchive $folder -Port $port -AETitle THERE -MaxAge 1d
        try { (Test-DicomEcho "THERE@127.0.0.1:$port").Success | Should -BeTrue }
        finally { $archive | Stop-DicomArchive }
    }
}
