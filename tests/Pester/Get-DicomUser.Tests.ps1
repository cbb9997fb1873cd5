Describe 'Get-DicomUser' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $users = "$TestDrive/users.txt"
        'reader', 'Reader', 'remote' | ForEach-Object { Set-DicomUser ([pscredential]::new($_, (ConvertTo-SecureString 'secret' -AsPlainText -Force))) $users }
    }

    It 'lists the users, with nothing of their passcodes' {
        $all = Get-DicomUser $users
        $all.Name | Should -BeExactly 'Reader', 'reader', 'remote'
        $all[0].PSObject.Properties.Name | Should -Be Name, Iterations, UserFile
        $all[0].UserFile | Should -Be (Get-Item $users).FullName
    }

    It 'takes names and wildcards, by upper and lower case, and names one that is not there' {
        (Get-DicomUser $users 're*').Name | Should -BeExactly 'reader', 'remote'
        ('reader' | Get-DicomUser $users).Name | Should -BeExactly 'reader'
        Get-DicomUser $users 'x*' | Should -BeNullOrEmpty
        Get-DicomUser $users READER -ErrorVariable problem -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomUserNotFound,*'
    }

    It 'refuses a file that is none' {
        { Get-DicomUser "$TestDrive/missing.txt" } | Should -Throw -ErrorId 'DicomUserFileUnusable,*'
    }
}
