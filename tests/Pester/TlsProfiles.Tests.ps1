BeforeDiscovery {
    $hasDcmtk = [bool] (Get-Command echoscu -ErrorAction Ignore)
}

Describe 'Profiles and certificates of TLS' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"

        # An authority, and what it issues: pem files, and certificates with their keys.
        function New-Authority([string] $Name) {
            $rsa = [Security.Cryptography.RSA]::Create(2048)
            $request = [Security.Cryptography.X509Certificates.CertificateRequest]::new("CN=$Name", $rsa, [Security.Cryptography.HashAlgorithmName]::SHA256, [Security.Cryptography.RSASignaturePadding]::Pkcs1)
            $request.CertificateExtensions.Add([Security.Cryptography.X509Certificates.X509BasicConstraintsExtension]::new($true, $false, 0, $true))
            $request.CreateSelfSigned([datetimeoffset]::Now.AddDays(-10), [datetimeoffset]::Now.AddDays(200))
        }

        function New-Issued($Authority, [string] $Name, [int] $Days = 100, [int] $From = -1, [int] $Bits = 2048) {
            $rsa = [Security.Cryptography.RSA]::Create($Bits)
            $request = [Security.Cryptography.X509Certificates.CertificateRequest]::new("CN=$Name", $rsa, [Security.Cryptography.HashAlgorithmName]::SHA256, [Security.Cryptography.RSASignaturePadding]::Pkcs1)
            $names = [Security.Cryptography.X509Certificates.SubjectAlternativeNameBuilder]::new()
            $names.AddDnsName($Name)
            $request.CertificateExtensions.Add($names.Build())
            $serial = [byte[]](1..8 | ForEach-Object { Get-Random -Minimum 1 -Maximum 120 })
            $made = $request.Create($Authority, [datetimeoffset]::Now.AddDays($From), [datetimeoffset]::Now.AddDays($Days), $serial)
            [Security.Cryptography.X509Certificates.RSACertificateExtensions]::CopyWithPrivateKey($made, $rsa)
        }

        $authority = New-Authority 'Hospital CA'
        $other = New-Authority 'Other CA'
        $own = New-DicomCertificate localhost "$TestDrive/own"
        $trusting = @{ TrustedThumbprint = $own.Thumbprint }

        function Start-Server([hashtable] $More = @{}) {
            Start-DicomStorageScp "$TestDrive/$([guid]::NewGuid().ToString('N'))" -Port 0 -AETitle SAFE -Certificate $own @More
        }
    }

    AfterEach {
        if (Get-DicomStorageScp) { Stop-DicomStorageScp -All -Force }
        Stop-Peer $peer
        $peer = $null
    }

    It 'is called by DCMTK''s <Profile>, as <Ours> is to be' -Skip:(-not $hasDcmtk) -ForEach @(
        foreach ($ours in 'Compatible', 'Bcp195', 'ExtendedBcp195') { foreach ($profile in '+py', '+px', '+pz') { @{ Ours = $ours; Profile = $profile; Taken = $true } } }
        @{ Ours = 'Bcp195'; Profile = '+pa'; Taken = $false }
        @{ Ours = 'ExtendedBcp195'; Profile = '+pa'; Taken = $false }
    ) {
        $server = Start-Server @{ TlsProfile = $Ours }
        $null = & echoscu $Profile -ic +tls "$TestDrive/own.key" "$TestDrive/own.crt" -aec SAFE localhost $server.Port 2>&1
        ($LASTEXITCODE -eq 0) | Should -Be $Taken
    }

    It 'calls DCMTK''s <Profile> with <Ours>' -Skip:(-not $hasDcmtk) -ForEach @(
        foreach ($ours in 'Compatible', 'Bcp195', 'ExtendedBcp195') { foreach ($profile in '+py', '+px', '+pz') { @{ Ours = $ours; Profile = $profile; Taken = $true } } }
        @{ Ours = 'Bcp195'; Profile = '+pa'; Taken = $false }
    ) {
        $port = Get-FreePort
        $peer = Start-Peer storescp $port $Profile, '-ic', '+tls', "$TestDrive/own.key", "$TestDrive/own.crt", '-od', "$TestDrive", "$port"
        $echo = Test-DicomEcho "STORESCP@localhost:$port" -TlsProfile $Ours @trusting -ErrorAction SilentlyContinue
        $echo.Success | Should -Be $Taken
        if (-not $Taken) { $echo.Stage | Should -Be 'Tls' }
    }

    It 'says which version it was, which certificate was shown, and until when it is good' {
        $echo = Test-DicomEcho "SAFE@localhost:$((Start-Server).Port)" @trusting
        $echo.TlsVersion | Should -BeIn 'Tls12', 'Tls13'
        $echo.CertificateThumbprint | Should -Be $own.Thumbprint
        $echo.CertificateExpires | Should -Be $own.NotAfter
    }

    It 'takes callers whose certificate an authority issued, and no others' {
        $server = Start-Server @{ TrustedAuthority = $authority }
        $node = "SAFE@localhost:$($server.Port)"
        (Test-DicomEcho $node @trusting -Certificate (New-Issued $authority ct1)).Success | Should -BeTrue
        foreach ($shown in @{}, @{ Certificate = New-Issued $other ct1 }, @{ Certificate = New-Issued $authority ct1 -Days -1 -From -2 }, @{ Certificate = $own }) {
            (Test-DicomEcho $node @trusting @shown -ErrorAction SilentlyContinue -WarningAction SilentlyContinue).Success | Should -BeFalse
        }
    }

    It 'takes of those the ones whose subject it is told, and a pinned one whatever its name' {
        $pinned = New-Issued $other mr9
        $server = Start-Server @{ TrustedAuthority = $authority; TrustedSubject = 'ct*.ward'; TrustedThumbprint = $pinned.Thumbprint }
        $node = "SAFE@localhost:$($server.Port)"
        (Test-DicomEcho $node @trusting -Certificate (New-Issued $authority ct1.ward)).Success | Should -BeTrue
        (Test-DicomEcho $node @trusting -Certificate $pinned).Success | Should -BeTrue
        (Test-DicomEcho $node @trusting -Certificate (New-Issued $authority mr1.ward) -ErrorAction SilentlyContinue).Success | Should -BeFalse
    }

    It 'takes servers whose certificate an authority issued for their name, from a file too' {
        Set-Content "$TestDrive/ca.cer" $authority.RawData -AsByteStream
        $named = Start-DicomStorageScp "$TestDrive/named" -Port 0 -Certificate (New-Issued $authority localhost)
        $misnamed = Start-DicomStorageScp "$TestDrive/misnamed" -Port 0 -Certificate (New-Issued $authority elsewhere)
        (Test-DicomEcho "A@localhost:$($named.Port)" -TrustedAuthority "$TestDrive/ca.cer").Success | Should -BeTrue
        (Test-DicomEcho "A@localhost:$($named.Port)" -TrustedAuthority $other -SkipCertificateCheck -ErrorAction SilentlyContinue).Success | Should -BeFalse
        (Test-DicomEcho "A@localhost:$($misnamed.Port)" -TrustedAuthority $authority -ErrorAction SilentlyContinue).Failure | Should -Match 'another name'
    }

    It 'says by name that the peer wants a certificate' {
        $server = Start-Server @{ TrustedAuthority = $authority }
        $echo = Test-DicomEcho "SAFE@localhost:$($server.Port)" @trusting -ErrorVariable problem -ErrorAction SilentlyContinue
        $echo.Failure | Should -Match 'wants a certificate of this side'
        $echo.Advice | Should -Match '-Certificate'
        $echo.Stage | Should -Be 'Tls'
    }

    It 'says of its own certificate at the start that it <Says>' -ForEach @(
        @{ Says = 'expired'; Days = -1; From = -3; Bits = 2048 }
        @{ Says = 'is not valid before'; Days = 90; From = 2; Bits = 2048 }
        @{ Says = 'ends on'; Days = 20; From = -1; Bits = 2048 }
        @{ Says = '1024 bits'; Days = 90; From = -1; Bits = 1024 }
    ) {
        $null = Start-DicomStorageScp "$TestDrive/said" -Port 0 -Certificate (New-Issued $authority localhost -Days $Days -From $From -Bits $Bits) -WarningVariable said -WarningAction SilentlyContinue
        "$said" | Should -Match $Says
        $null = Start-DicomStorageScp "$TestDrive/said" -Port 0 -Certificate (New-Issued $authority localhost -Days 90) -WarningVariable said -WarningAction SilentlyContinue
        $said | Should -BeNullOrEmpty
    }

    It 'starts no server with <_> that would speak plain DICOM' -ForEach @{ TlsProfile = 'Bcp195' }, @{ TrustedSubject = 'x' } {
        $more = $_
        $problem = { Start-DicomStorageScp "$TestDrive/plain" -Port 0 @more } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomCertificateInvalid,*'
    }

    It 'warns of a passcode without TLS' {
        $server = Start-DicomStorageScp "$TestDrive/user" -Port 0
        $user = [pscredential]::new('me', (ConvertTo-SecureString 'secret' -AsPlainText -Force))
        $null = Test-DicomEcho "A@localhost:$($server.Port)" -Credential $user -WarningVariable said -WarningAction SilentlyContinue
        "$said" | Should -Match 'without TLS'
        "$said" | Should -Not -Match 'secret'
    }
}
