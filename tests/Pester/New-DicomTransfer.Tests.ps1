Describe 'New-DicomTransfer' {
    BeforeAll { . "$PSScriptRoot/Support.ps1" }

    It 'makes a transfer in a file that is its owner''s alone' {
        $made = New-DicomTransfer "$TestDrive/a.db" night OLD@127.0.0.1:104 NEW@127.0.0.1:105 -Verify Uids
        $made.Name, $made.State, $made.Verify, $made.Studies | Should -Be 'night', 'Active', 'Uids', 0
        $made.Store | Should -Be (Join-Path (Get-Item $TestDrive).FullName a.db)
        if ($IsLinux) { (Get-Item "$TestDrive/a.db").UnixMode | Should -Be '-rw-------' }
    }

    It 'takes -VerifyDelay <Given> as <Seconds> s' -ForEach @(@{ Given = 1; Seconds = 1 }, @{ Given = '0'; Seconds = 0 }, @{ Given = '00:10:00'; Seconds = 600 }) {
        $null = New-DicomTransfer "$TestDrive/delay.db" "after $Given" OLD@127.0.0.1:104 NEW@127.0.0.1:105 -VerifyDelay $Given
        $bound = (Get-Command New-DicomTransfer).Parameters['VerifyDelay'].Attributes | Where-Object { $_.GetType().Name -eq 'SecondsTransformAttribute' }
        $bound.Transform($ExecutionContext, $Given).TotalSeconds | Should -Be $Seconds
    }

    It 'refuses a -VerifyDelay that is no time' {
        { New-DicomTransfer "$TestDrive/delay.db" wrong OLD@127.0.0.1:104 NEW@127.0.0.1:105 -VerifyDelay soon } | Should -Throw '*write seconds*'
    }

    It 'refuses a name that is taken' {
        $null = New-DicomTransfer "$TestDrive/b.db" night OLD@127.0.0.1:104 NEW@127.0.0.1:105
        $problem = { New-DicomTransfer "$TestDrive/b.db" night OLD@127.0.0.1:104 NEW@127.0.0.1:105 -ErrorAction Stop } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomTransferExists,*'
    }

    It 'refuses one node as both, also by another name: <_>' -ForEach 'OLD@127.0.0.1:104', 'OLD@localhost:104', 'OLD@[::1]:104' {
        { New-DicomTransfer "$TestDrive/c.db" night OLD@127.0.0.1:104 $_ -ErrorAction Stop } | Should -Throw '*both*'
    }

    It 'refuses the name <_>, which would choose among others' -ForEach 'm*', 'a?', 'x[1]' {
        { New-DicomTransfer "$TestDrive/c.db" $_ OLD@127.0.0.1:104 NEW@127.0.0.1:105 -ErrorAction Stop } | Should -Throw '*no name of a transfer*'
    }

    It 'makes nothing with -WhatIf' {
        New-DicomTransfer "$TestDrive/d.db" night OLD@127.0.0.1:104 NEW@127.0.0.1:105 -WhatIf
        Test-Path "$TestDrive/d.db" | Should -BeFalse
    }

    It 'refuses <What>' -ForEach @(
        @{ What = 'a password in the address'; Store = 'postgresql://me:secret@db.example/moves'; Like = '*password*' }
        @{ What = 'a password in a connection string'; Store = 'Host=db.example;Database=moves;Password=secret'; Like = '*password*' }
        @{ What = 'an address without a database'; Store = 'postgresql://db.example'; Like = '*names no database*' }
    ) {
        $problem = { New-DicomTransfer $Store night OLD@127.0.0.1:104 NEW@127.0.0.1:105 -ErrorAction Stop } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomTransferStoreUnusable,*'
        "$problem" | Should -BeLike $Like
        "$problem $($problem.TargetObject)" | Should -Not -BeLike '*secret@*'
        $problem.ErrorDetails.RecommendedAction | Should -BeLike '*-StoreCredential*'
    }

    It 'leaves a database of something else as it is' {
        Export-DicomIndex "$TestDrive/index.db" -InputObject ([pscustomobject] @{ PatientID = 'P1'; StudyInstanceUID = '1.2.3' }) -ErrorAction SilentlyContinue
        $problem = { New-DicomTransfer "$TestDrive/index.db" night OLD@127.0.0.1:104 NEW@127.0.0.1:105 -ErrorAction Stop } | Should -Throw -PassThru
        "$problem" | Should -BeLike '*of something else*'
    }
}
