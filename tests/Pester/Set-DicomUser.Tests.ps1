# Who callers say they are (PS3.7 D.3.3.7): a file of hashes, or a block.

BeforeDiscovery { $hasDcmtk = [bool] (Get-Command storescu -ErrorAction Ignore) }

BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    . "$PSScriptRoot/Support.Retrieve.ps1"
    function New-User([string] $Name, [string] $Passcode) { [pscredential]::new($Name, (ConvertTo-SecureString $Passcode -AsPlainText -Force)) }
    $reader = New-User reader 'right one'
    $users = "$TestDrive/users.txt"
    Set-DicomUser $reader $users
    $ct = New-Instance "$TestDrive/source" '1.2.840.99.1' '1.2.840.99.1.1.1' 'CT' 'P1'
    function Stop-Servers { foreach ($kind in 'StorageScp', 'Archive', 'Scp') { if (& "Get-Dicom$kind") { & "Stop-Dicom$kind" -All -Force } } }
}

Describe 'Set-DicomUser' {
    It 'writes a file that is its owner''s alone and has no passcode in it' {
        $text = Get-Content -Raw $users
        $text | Should -Match "(?m)^reader\tpbkdf2-sha512\t210000\t"
        $text | Should -Not -Match 'right'
        if (-not $IsWindows) { (Get-Item $users).UnixMode | Should -Be '-rw-------' }
    }

    It 'changes one user and keeps the others, and -WhatIf changes none' {
        $file = "$TestDrive/two.txt"
        (New-User a 1), (New-User b 2) | Set-DicomUser -UserFile $file
        $before = Get-Content $file
        Set-DicomUser (New-User a 3) $file -WhatIf
        Get-Content $file | Should -Be $before
        Set-DicomUser (New-User a 3) $file
        $after = Get-Content $file
        $after[2] | Should -Be $before[2]
        $after[1] | Should -Not -Be $before[1]
        if (-not $IsWindows) { (Get-Item $file).UnixMode | Should -Be '-rw-------' }
    }

    It 'refuses the name <Name>' -ForEach @(@{ Name = 'None' }, @{ Name = '#a' }, @{ Name = 'a*' }, @{ Name = ('x' * 65) }) {
        { Set-DicomUser (New-User $Name p) $users } | Should -Throw -ErrorId 'DicomUserInvalid,*'
    }

    It 'refuses a file that is none, and leaves it' {
        Set-Content "$TestDrive/other.txt" 'something else'
        { Set-DicomUser $reader "$TestDrive/other.txt" } | Should -Throw '*line 1 is no user*' -ErrorId 'DicomUserFileUnusable,*'
        { Start-DicomStorageScp "$TestDrive/in" -Port 0 -UserFile "$TestDrive/other.txt" } | Should -Throw -ErrorId 'DicomUserFileUnusable,*'
        { Start-DicomStorageScp "$TestDrive/in" -Port 0 -UserFile "$TestDrive/missing.txt" } | Should -Throw -ErrorId 'DicomUserFileUnusable,*'
        Get-Content "$TestDrive/other.txt" | Should -Be 'something else'
    }
}

Describe 'A server that proves users' {
    AfterEach { Stop-Servers }

    It 'lets in on <Kind> who has the passcode, and nobody else' -ForEach @{ Kind = 'StorageScp' }, @{ Kind = 'Archive' }, @{ Kind = 'Scp' } {
        $given = @{ Port = 0; UserFile = $users }
        if ($Kind -eq 'Scp') { $given.OnStore = { } } else { $given.Path = "$TestDrive/$Kind" }
        $server = & "Start-Dicom$Kind" @given
        $node = "X@127.0.0.1:$($server.Port)"
        (Send-DicomFile $ct $node -Credential $reader).Status | Should -Be Success
        foreach ($wrong in (New-User reader wrong), (New-User stranger 'right one'), (New-User READER 'right one'), (New-User reader ' ')) {
            $echo = Test-DicomEcho $node -Credential $wrong -ErrorAction SilentlyContinue
            $echo.Success, $echo.Stage | Should -Be $false, Association
        }
        (Test-DicomEcho $node -ErrorAction SilentlyContinue).Success | Should -BeFalse
        $told = Get-DicomScpEvent $server -Kind Refused
        ($told.Message -cmatch "named the user 'reader', and the passcode or the name is wrong").Count | Should -Be 1
        ($told.Message -match 'named no user').Count | Should -Be 1
    }

    It 'goes by rules for users, and by User = None for who cannot name one' {
        Set-DicomUser (New-User service 'other') $users
        $server = Start-DicomStorageScp "$TestDrive/rules" -Port 0 -UserFile $users -Allow @{ User = 'read*'; Service = 'Store', 'Echo' }, @{ Title = 'CT1'; User = 'None'; Service = 'Echo' }
        $node = "X@127.0.0.1:$($server.Port)"
        (Send-DicomFile $ct $node -Credential $reader).Status | Should -Be Success
        (Test-DicomEcho $node -CallingAETitle CT1).Success | Should -BeTrue
        (Test-DicomEcho $node -CallingAETitle CT2 -ErrorAction SilentlyContinue).Success | Should -BeFalse
        (Test-DicomEcho $node -Credential (New-User service other) -ErrorAction SilentlyContinue).Success | Should -BeFalse
        # A passcode that is wrong does not become nobody.
        (Test-DicomEcho $node -CallingAETitle CT1 -Credential (New-User reader x) -ErrorAction SilentlyContinue).Success | Should -BeFalse
    }

    It 'counts a change of the file at once' {
        $file = "$TestDrive/live.txt"
        Set-DicomUser (New-User a 1) $file
        $node = "X@127.0.0.1:$((Start-DicomStorageScp "$TestDrive/live" -Port 0 -UserFile $file).Port)"
        (Test-DicomEcho $node -Credential (New-User a 1)).Success | Should -BeTrue
        Set-DicomUser (New-User a 2) $file
        (Test-DicomEcho $node -Credential (New-User a 1) -ErrorAction SilentlyContinue).Success | Should -BeFalse
        Remove-Item $file
        (Test-DicomEcho $node -Credential (New-User a 2) -ErrorAction SilentlyContinue).Success | Should -BeFalse
    }

    It 'asks a block, which sees who calls and what the passcode is, and whose errors refuse' {
        $server = Start-DicomStorageScp "$TestDrive/block" -Port 0 -Allow @{ User = 'known' }, @{ User = 'reader' } -OnIdentity {
            if ($_.UserName -eq 'boom') { throw 'no directory' }
            if ($_.UserName -eq 'alias') { return 'known' }
            $_.Kind -eq 'UserNameAndPasscode' -and $_.CallingAETitle -eq 'CT1' -and $_.RemoteAddress -eq '127.0.0.1' -and $_.Credential.GetNetworkCredential().Password -eq 'right one'
        }
        $node = "X@127.0.0.1:$($server.Port)"
        (Test-DicomEcho $node -Credential $reader -CallingAETitle CT1).Success | Should -BeTrue
        (Test-DicomEcho $node -Credential (New-User alias x)).Success | Should -BeTrue
        foreach ($wrong in $reader, (New-User boom x), (New-User nobody x)) { (Test-DicomEcho $node -Credential $wrong -ErrorAction SilentlyContinue).Success | Should -BeFalse }
        (Get-DicomScpEvent $server -Kind Refused).Message -match 'could not be checked: -OnIdentity failed: no directory' | Should -Not -BeNullOrEmpty
    }

    It 'loses nobody when sessions set users at once' {
        $file = "$TestDrive/many.txt"
        $shells = foreach ($session in 1..4) {
            [powershell]::Create().AddScript({
                param($Module, $File, $Session)
                Import-Module $Module
                foreach ($user in 1..3) { Set-DicomUser ([pscredential]::new("u$Session-$user", (ConvertTo-SecureString x -AsPlainText -Force))) $File }
            }).AddArgument((Get-Module DicomPS).Path).AddArgument($file).AddArgument($session)
        }
        $running = $shells.ForEach{ $_.BeginInvoke() }
        for ($i = 0; $i -lt $shells.Count; $i++) { $shells[$i].EndInvoke($running[$i]); $shells[$i].Streams.Error | Should -BeNullOrEmpty; $shells[$i].Dispose() }
        @(Get-DicomUser -UserFile $file).Count | Should -Be 12
    }

    It 'takes either a block or a file' {
        { Start-DicomStorageScp "$TestDrive/both" -Port 0 -UserFile $users -OnIdentity { $true } } | Should -Throw '*give one of them*'
    }

    It 'takes and refuses storescu by name and passcode, and answers when it is asked to' -Skip:(-not $hasDcmtk) {
        $server = Start-DicomStorageScp "$TestDrive/dcmtk" -Port 0 -UserFile $users
        storescu -usr reader -pwd 'right one' -rsp 127.0.0.1 $server.Port $ct 2>&1 | Out-Null
        $LASTEXITCODE | Should -Be 0
        storescu -usr reader -pwd wrong 127.0.0.1 $server.Port $ct 2>&1 | Out-Null
        $LASTEXITCODE | Should -Not -Be 0
        storescu 127.0.0.1 $server.Port $ct 2>&1 | Out-Null
        $LASTEXITCODE | Should -Not -Be 0
    }
}
