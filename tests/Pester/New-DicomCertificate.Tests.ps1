Describe 'New-DicomCertificate' {
    BeforeAll { . "$PSScriptRoot/Support.ps1" }

    AfterEach { if (Get-DicomStorageScp) { Stop-DicomStorageScp -All -Force } }

    It 'makes a certificate with its key, for names and addresses' {
        $made = New-DicomCertificate pacs.example.org, 10.0.0.1 -Days 10
        $made.HasPrivateKey | Should -BeTrue
        $made.Subject | Should -Be 'CN=pacs.example.org'
        $made.NotAfter | Should -BeGreaterThan (Get-Date).AddDays(9)
        $made.NotAfter | Should -BeLessThan (Get-Date).AddDays(11)
        $names = ($made.Extensions | Where-Object { $_.Oid.Value -eq '2.5.29.17' }).Format($false)
        $names | Should -Match 'pacs\.example\.org'
        $names | Should -Match '10\.0\.0\.1'
        [Security.Cryptography.X509Certificates.RSACertificateExtensions]::GetRSAPublicKey($made).ExportParameters($false).Modulus.Length | Should -Be 384
    }

    It 'writes files whose keys are their owner''s alone, and none over another' {
        $made = New-DicomCertificate localhost "$TestDrive/pair"
        [Security.Cryptography.X509Certificates.X509Certificate2]::CreateFromPemFile("$TestDrive/pair.crt", "$TestDrive/pair.key").Thumbprint | Should -Be $made.Thumbprint
        [Security.Cryptography.X509Certificates.X509Certificate2]::new("$TestDrive/pair.pfx").HasPrivateKey | Should -BeTrue
        if (-not $IsWindows) { 'key', 'pfx' | ForEach-Object { [int] [IO.File]::GetUnixFileMode("$TestDrive/pair.$_") | Should -Be 384 } }
        { New-DicomCertificate localhost "$TestDrive/pair" -ErrorAction Stop } | Should -Throw '*-Force*'
        (New-DicomCertificate localhost "$TestDrive/pair" -Force).Thumbprint | Should -Not -Be $made.Thumbprint
    }

    It 'makes nothing with -WhatIf' {
        New-DicomCertificate localhost "$TestDrive/none" -WhatIf | Should -BeNullOrEmpty
        "$TestDrive/none.key" | Should -Not -Exist
    }

    It 'serves and calls, trusted by its thumbprint or as its own authority' {
        $made = New-DicomCertificate localhost
        $server = Start-DicomStorageScp "$TestDrive/served" -Port 0 -Certificate $made
        (Test-DicomEcho "A@localhost:$($server.Port)" -TrustedThumbprint $made.Thumbprint).Success | Should -BeTrue
        (Test-DicomEcho "A@localhost:$($server.Port)" -TrustedAuthority $made).Success | Should -BeTrue
    }
}
