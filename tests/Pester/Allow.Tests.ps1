# Who may do what on a server: -Allow in all its forms, on each cmdlet that starts one.

Describe '-Allow' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        $ct = New-Instance "$TestDrive/source" '1.2.840.99.1' '1.2.840.99.1.1.1' 'CT' 'P1'
    }
    AfterEach { foreach ($kind in 'StorageScp', 'Archive', 'Scp') { if (& "Get-Dicom$kind") { & "Stop-Dicom$kind" -All -Force } } }

    It 'lets in on <Kind> who fits a rule, for what it says, and says who did not' -ForEach @{ Kind = 'StorageScp' }, @{ Kind = 'Archive' }, @{ Kind = 'Scp' } {
        $given = @{ Port = 0; Allow = 'CT1@127.0.0.0/8:Store,Echo', @{ Title = 'MR*'; Service = 'Echo' } }
        if ($Kind -eq 'Scp') { $given.OnStore = { } } else { $given.Path = "$TestDrive/$Kind" }
        $server = & "Start-Dicom$Kind" @given
        $node = "X@127.0.0.1:$($server.Port)"
        (Send-DicomFile $ct $node -CallingAETitle CT1).Status | Should -Be Success
        (Test-DicomEcho $node -CallingAETitle MR7).Success | Should -BeTrue
        (Send-DicomFile $ct $node -CallingAETitle MR7 -ErrorAction SilentlyContinue).Status | Should -Be NotSent
        (Test-DicomEcho $node -CallingAETitle US1 -ErrorAction SilentlyContinue).Stage | Should -Be Association
        # What an association cannot be used for is told once it is there: the caller may know it first.
        $null = Wait-Until { Get-DicomScpEvent $server -Kind Refused | Where-Object CallingAETitle -EQ MR7 }
        $told = Get-DicomScpEvent $server -Kind Refused
        ($told | Where-Object CallingAETitle -EQ MR7).Advice | Should -BeLike '*add Store to its rule*'
        ($told | Where-Object CallingAETitle -EQ US1).Message | Should -BeLike "No rule of -Allow names the calling AE title 'US1'*"
        $server.Access | Should -Be 'CT1@127.0.0.0/8:Echo,Store; MR*:Echo'
    }

    It 'has -AllowedCallingAETitle as its short form: both count, and a rule that limits nothing is told' {
        $server = Start-DicomStorageScp "$TestDrive/both" -Port 0 -AllowedCallingAETitle CT1 -Allow 'MR1:Echo', 'CT1@10.0.0.0/8' -WarningVariable told -WarningAction SilentlyContinue
        $node = "X@127.0.0.1:$($server.Port)"
        (Send-DicomFile $ct $node -CallingAETitle CT1).Status | Should -Be Success
        (Test-DicomEcho $node -CallingAETitle MR1).Success | Should -BeTrue
        (Test-DicomEcho $node -CallingAETitle US1 -ErrorAction SilentlyContinue).Success | Should -BeFalse
        "$told" | Should -BeLike "*rule 'CT1@10.0.0.0/8' limits nothing*"
    }

    It 'refuses <Rule> before anything listens, and says why' -ForEach @(
        @{ Rule = 'CT1@pacs.example'; Why = '*host name*' }
        @{ Rule = 'CT1@10.1.2.3/8'; Why = '*10.0.0.0/8*' }
        @{ Rule = 'CT1:Stor'; Why = "*'Stor' is no service: Echo, Store*" }
        @{ Rule = @{ Titel = 'CT1' }; Why = "*'Titel' is no part of a rule*" }
        @{ Rule = @{ MaximumAssociations = 0 }; Why = '*1 or more*' }
        @{ Rule = @{ Thumbprint = 'AB' }; Why = '*40 or 64*' }
        @{ Rule = @{}; Why = '*empty*' }
        @{ Rule = 5; Why = '*no rule*' }
    ) {
        { Start-DicomStorageScp "$TestDrive/wrong" -Port 0 -Allow $Rule } | Should -Throw $Why -ErrorId 'ParameterArgumentTransformationError,*'
        Get-DicomStorageScp | Should -BeNullOrEmpty
    }

    It 'is an error where the server cannot check what a rule wants' {
        { Start-DicomStorageScp "$TestDrive/plain" -Port 0 -Allow @{ Thumbprint = 'A' * 40 } } | Should -Throw '*speaks plain TCP*' -ErrorId 'DicomAccessRuleInvalid,*'
        { Start-DicomStorageScp "$TestDrive/plain" -Port 0 -Allow @{ User = 'reader' } } | Should -Throw '*checks none*' -ErrorId 'DicomAccessRuleInvalid,*'
    }

    It 'knows a caller by its certificate' {
        $server = New-Certificate
        $friend = New-Certificate
        $stranger = New-Certificate
        $scp = Start-DicomStorageScp "$TestDrive/tls" -Port 0 -Certificate $server -Allow @{ Thumbprint = $friend.Thumbprint }, '*:Echo'
        $node = "X@127.0.0.1:$($scp.Port)"
        (Send-DicomFile $ct $node -Certificate $friend -TrustedThumbprint $server.Thumbprint).Status | Should -Be Success
        (Send-DicomFile $ct $node -Certificate $stranger -TrustedThumbprint $server.Thumbprint -ErrorAction SilentlyContinue).Status | Should -Be NotSent
        (Test-DicomEcho $node -TrustedThumbprint $server.Thumbprint).Success | Should -BeTrue
    }

    It 'counts what a rule may bring in a day' {
        $scp = Start-DicomStorageScp "$TestDrive/day" -Port 0 -Allow @{ Title = 'CT1'; MaximumInstancesPerDay = 1 }
        $node = "X@127.0.0.1:$($scp.Port)"
        (Send-DicomFile $ct $node -CallingAETitle CT1).Status | Should -Be Success
        $second = Send-DicomFile (New-Instance "$TestDrive/source" '1.2.840.99.1' '1.2.840.99.1.1.2' 'CT' 'P1') $node -CallingAETitle CT1 -ErrorAction SilentlyContinue
        $second.StatusCode | Should -Be 0xA700
        $null = Wait-Until { Get-DicomScpEvent $scp -Kind Failed }
        (Get-DicomScpEvent $scp -Kind Failed).Message | Should -BeLike '*limit of the day is used up*1 instances a day*'
    }

    It 'is completed: services after the colon, keys of a hashtable' {
        (TabExpansion2 "Start-DicomArchive x -Allow 'CT1@10.0.0.0/8:Store,F").CompletionMatches.CompletionText | Should -Be "'CT1@10.0.0.0/8:Store,Find'"
        (TabExpansion2 "Start-DicomScp -Allow CT1:").CompletionMatches.ListItemText | Should -Contain Worklist
        (TabExpansion2 'Start-DicomStorageScp x -Allow ').CompletionMatches.ListItemText | Should -Contain MaximumBytesPerDay
    }
}

Describe 'Who may do what without rules' {
    It 'says with -Verbose and in Access that anyone may, and that this machine alone may' {
        . "$PSScriptRoot/Support.ps1"
        try {
            $told = Start-DicomStorageScp "$TestDrive/open" -Port 0 -Verbose 4>&1 | Where-Object { $_ -is [Management.Automation.VerboseRecord] }
            "$told" | Should -BeLike '*anyone who reaches the port, for everything*-Allow*about_DicomPS_Security*'
            (Start-DicomStorageScp "$TestDrive/closed" -Port 0 -Address 127.0.0.1).Access | Should -Be 'anyone on this machine, for everything'
        } finally { Stop-DicomStorageScp -All -Force }
    }
}

Describe '-MoveDestination' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        $to = Start-DicomStorageScp "$TestDrive/to" -Port 0 -AETitle TO
        Set-DicomNode target "TO@127.0.0.1:$($to.Port)"
        $ct = New-Instance "$TestDrive/moved" '1.2.840.99.2' '1.2.840.99.2.1.1' 'CT' 'P2'
    }
    AfterEach { if (Get-DicomArchive) { Stop-DicomArchive -All -Force } }
    AfterAll { Stop-DicomStorageScp -All -Force }

    It 'with <Given> sends <Sent> to a registered node' -ForEach @(
        @{ Given = @{}; Sent = 1 }
        @{ Given = @{ MoveDestination = 'tar*' }; Sent = 1 }
        @{ Given = @{ MoveDestination = 'TO' }; Sent = 1 }
        @{ Given = @{ MoveDestination = 'other' }; Sent = 0 }
        @{ Given = @{ MoveDestination = 'None' }; Sent = 0 }
    ) {
        $archive = Start-DicomArchive "$TestDrive/from" -Port 0 -AETitle FROM @Given
        $node = "FROM@127.0.0.1:$($archive.Port)"
        $null = Send-DicomFile $ct $node
        $study = (Get-DicomFile $ct).StudyInstanceUID
        $moved = Move-DicomStudy -Node $node -StudyInstanceUID $study -Destination TO -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        if ($Sent) { $moved.Completed | Should -Be 1 } else { $moved.StatusCode | Should -Be 0xA801 }
    }
    It 'sends to neither of two registered nodes at different addresses that have one title, unless one is named' {
        $two = Start-DicomStorageScp "$TestDrive/two" -Port 0 -AETitle TWIN
        $three = Start-DicomStorageScp "$TestDrive/three" -Port 0 -AETitle TWIN
        try {
            Set-DicomNode twin-a "TWIN@127.0.0.1:$($two.Port)"
            Set-DicomNode twin-b "TWIN@127.0.0.1:$($three.Port)" -WarningVariable warning -WarningAction SilentlyContinue
            "$warning" | Should -BeLike "twin-a (TWIN@127.0.0.1:$($two.Port)) has the AE title TWIN too.*"
            $archive = Start-DicomArchive "$TestDrive/twins" -Port 0 -AETitle FROM
            $node = "FROM@127.0.0.1:$($archive.Port)"
            $null = Send-DicomFile $ct $node
            $uid = (Get-DicomFile $ct).StudyInstanceUID
            $moved = Move-DicomStudy -Node $node -StudyInstanceUID $uid -Destination TWIN -ErrorAction SilentlyContinue
            $moved.StatusCode, $two.Received, $three.Received | Should -Be 0xA801, 0, 0
            $null = Wait-Until { Get-DicomScpEvent $archive -Kind Failed }
            (Get-DicomScpEvent $archive | Where-Object Kind -eq Failed).Advice | Should -BeLike '*twin-a and twin-b*-Destination*'
            Stop-DicomArchive $archive -Force
            foreach ($more in @{ MoveDestination = 'twin-b' }, @{ Destination = @{ TWIN = "127.0.0.1:$($three.Port)" } }) {
                $archive = Start-DicomArchive "$TestDrive/twins" -Port 0 -AETitle FROM @more
                (Move-DicomStudy -Node "FROM@127.0.0.1:$($archive.Port)" -StudyInstanceUID $uid -Destination TWIN).Completed | Should -Be 1
                Stop-DicomArchive $archive -Force
            }
            $two.Received, $three.Received | Should -Be 0, 2
        }
        finally { 'twin-a', 'twin-b' | Remove-DicomNode -ErrorAction Ignore; $two, $three | Stop-DicomStorageScp -Force }
    }
}
