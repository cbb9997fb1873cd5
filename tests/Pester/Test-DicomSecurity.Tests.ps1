# What a stranger finds at a node, without a request.

Describe 'Test-DicomSecurity' {
    BeforeAll { . "$PSScriptRoot/Support.ps1" }
    AfterEach { foreach ($kind in 'StorageScp', 'Archive') { if (& "Get-Dicom$kind") { & "Stop-Dicom$kind" -All -Force } } }

    It 'calls a server without rules open, and says what a stranger may do' {
        $archive = Start-DicomArchive "$TestDrive/open" -Port 0 -AETitle OPEN
        $seen = Test-DicomSecurity "OPEN@127.0.0.1:$($archive.Port)"
        $seen.Verdict, $seen.Plain, $seen.AnyCallingAETitle, $seen.AnyCalledAETitle | Should -Be Open, $true, $true, $true
        $seen.Strangers | Should -BeLike 'Echo,Store,Find,Move,Get*'
        "$($seen.Findings)" | Should -BeLike '*Any calling AE title may ask for Echo,Store*plain TCP*called AE title*'
        $seen.Advice | Should -BeLike '*-Allow*'
        $archive.Received, $archive.LastError | Should -Be 0, $null
        ($seen | Format-Table | Out-String -Width 100) | Should -Match 'Open'
    }

    It 'calls a server with a rule weak while it speaks plain TCP, and guarded with TLS' {
        $own = New-Certificate
        $given = @{ Port = 0; AETitle = 'SAFE'; Allow = 'DICOMPS@127.0.0.1'; RequireCalledAETitle = $true }
        $plain = Start-DicomStorageScp "$TestDrive/plain" @given
        $seen = Test-DicomSecurity "SAFE@127.0.0.1:$($plain.Port)"
        $seen.Verdict, $seen.AnyCallingAETitle, $seen.AnyCalledAETitle, $seen.Strangers | Should -Be Weak, $false, $false, ''
        $seen.Findings | Should -BeLike 'It answers over plain TCP*'
        Stop-DicomStorageScp -All -Force
        $tls = Start-DicomStorageScp "$TestDrive/tls" @given -Certificate $own
        $seen = Test-DicomSecurity "SAFE@127.0.0.1:$($tls.Port)" -TrustedThumbprint $own.Thumbprint
        $seen.Plain, $seen.CertificateThumbprint | Should -Be $false, $own.Thumbprint
        $seen.TlsVersion | Should -BeLike 'Tls1*'
        $seen.CertificateNotAfter | Should -Be $own.NotAfter
        $seen.Verdict | Should -Be Guarded
        $seen.Findings | Should -BeNullOrEmpty
    }

    It 'says that nobody checks a user, or that somebody does' {
        $users = "$TestDrive/some.txt"
        $reader = [pscredential]::new('reader', (ConvertTo-SecureString secret -AsPlainText -Force))
        Set-DicomUser $reader $users
        $scp = Start-DicomStorageScp "$TestDrive/users" -Port 0 -UserFile $users
        (Test-DicomSecurity "X@127.0.0.1:$($scp.Port)" -Credential $reader).AnyUser | Should -BeFalse
        $scp = Start-DicomStorageScp "$TestDrive/nousers" -Port 0
        (Test-DicomSecurity "X@127.0.0.1:$($scp.Port)").AnyUser | Should -BeTrue
    }

    It 'takes a running server, trusts its certificate, and says where a move may go' {
        Set-DicomNode there "THERE@127.0.0.1:104"
        try {
            $archive = Start-DicomArchive "$TestDrive/moves" -Port 0 -AETitle BOX -Destination @{ DESK = '127.0.0.1:105' } -Certificate (New-Certificate)
            $seen = $archive | Test-DicomSecurity
            $seen.Node.AETitle, $seen.Verdict, $seen.Plain, $seen.MovesTo | Should -Be BOX, Open, $false, 'DESK,THERE'
            $seen.Findings | Should -BeLike '*Whoever may move can have everything sent to DESK,THERE.*'
            $seen.Advice | Should -BeLike '*-MoveDestination*'
            $held = Start-DicomArchive "$TestDrive/held" -Port 0 -AETitle HELD -MoveDestination None
            (Test-DicomSecurity $held).MovesTo | Should -Be ''
            (Test-DicomSecurity $held).Findings | Should -Not -BeLike '*sent to*'
            $store = Start-DicomStorageScp "$TestDrive/store" -Port 0
            (Test-DicomSecurity $store).MovesTo | Should -BeNullOrEmpty
        } finally { Remove-DicomNode there }
    }

    It 'has a row for a node that is not there, and looks at all registered ones' {
        Set-DicomNode gone "GONE@127.0.0.1:$(Get-FreePort)"
        try {
            $seen = Test-DicomSecurity -ConnectTimeout 2
            $seen.Node.Name, $seen.Verdict | Should -Be gone, Unknown
            $seen.Failure | Should -Not -BeNullOrEmpty
            ($seen | Format-Table | Out-String) | Should -Match 'Unknown'
        } finally { Remove-DicomNode gone }
    }
}
