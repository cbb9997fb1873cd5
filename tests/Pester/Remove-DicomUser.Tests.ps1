Describe 'Remove-DicomUser' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        function New-User([string] $Name) { [pscredential]::new($Name, (ConvertTo-SecureString 'secret' -AsPlainText -Force)) }
    }

    BeforeEach {
        $users = "$TestDrive/users.txt"
        Remove-Item $users -ErrorAction Ignore
        'a', 'b', 'c' | ForEach-Object { Set-DicomUser (New-User $_) $users }
    }

    AfterEach { if (Get-DicomStorageScp) { Stop-DicomStorageScp -All -Force } }

    It 'has a running server refuse the user at once, and the others not' {
        $node = "X@127.0.0.1:$((Start-DicomStorageScp "$TestDrive/in" -Port 0 -UserFile $users).Port)"
        (Test-DicomEcho $node -Credential (New-User a) -WarningAction SilentlyContinue).Success | Should -BeTrue
        Remove-DicomUser a $users -Confirm:$false
        (Test-DicomEcho $node -Credential (New-User a) -WarningAction SilentlyContinue -ErrorAction SilentlyContinue).Success | Should -BeFalse
        (Test-DicomEcho $node -Credential (New-User b) -WarningAction SilentlyContinue).Success | Should -BeTrue
        if (-not $IsWindows) { (Get-Item $users).UnixMode | Should -Be '-rw-------' }
    }

    It 'takes what Get-DicomUser gives, wildcards, and nothing with -WhatIf' {
        Remove-DicomUser * $users -WhatIf
        (Get-DicomUser $users).Name | Should -Be 'a', 'b', 'c'
        Get-DicomUser $users 'b' | Remove-DicomUser -Confirm:$false
        (Get-DicomUser $users).Name | Should -Be 'a', 'c'
        Remove-DicomUser * $users -Confirm:$false
        Get-DicomUser $users | Should -BeNullOrEmpty
    }

    It 'names one that is not there, and leaves the others' {
        Remove-DicomUser A, b $users -Confirm:$false -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomUserNotFound,*'
        (Get-DicomUser $users).Name | Should -Be 'a', 'c'
    }
}
