Describe 'TLS of <Command>' -ForEach @(
    @{ Command = 'Start-DicomStorageScp'; Stop = 'Stop-DicomStorageScp'; Finds = $false }
    @{ Command = 'Start-DicomScp'; Stop = 'Stop-DicomScp'; Finds = $true }
    @{ Command = 'Start-DicomArchive'; Stop = 'Stop-DicomArchive'; Finds = $true }
) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        $own = New-Certificate
        $mine = New-Certificate
        function Start-Server([hashtable] $More = @{}) {
            $more = $More + @{ Port = 0; AETitle = 'SAFE'; Certificate = $own }
            if ($Command -eq 'Start-DicomScp') { return Start-DicomScp @more -OnStore { } -OnFind { @{ StudyInstanceUID = '1.2.840.99.1' } } }
            & $Command "$TestDrive/$([guid]::NewGuid().ToString('N'))" @more
        }
        # The caller may hear of it before the server has told of it.
        function Confirm-LastError($Server, [string] $Like) {
            $null = Wait-Until { $Server.LastError -like $Like }
            $Server.LastError | Should -BeLike $Like
        }
        $trusting = @{ TrustedThumbprint = $own.Thumbprint }
        $file = New-Instance "$TestDrive/source" '1.2.840.99.1' '1.2.840.99.1.1.1' 'CT' 'P1'
    }

    AfterEach { & $Stop -All -Force }

    It 'verifies, stores and answers queries' {
        $node = "SAFE@127.0.0.1:$((Start-Server).Port)"
        $echo = Test-DicomEcho $node @trusting
        $echo.Success | Should -BeTrue
        $echo.TlsTime | Should -Not -BeNullOrEmpty
        (Send-DicomFile $file $node @trusting).Success | Should -BeTrue
        if ($Finds) { (Find-DicomStudy $node -PatientID P1 @trusting).StudyInstanceUID | Should -Be '1.2.840.99.1' }
    }

    It 'tells who calls without TLS, or trusts another certificate, what is wrong' {
        $server = Start-Server
        $node = "SAFE@127.0.0.1:$($server.Port)"
        $null = Test-DicomEcho $node -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomTlsMismatch,*'
        $problem[0].Exception.Message | Should -BeLike '*speaks TLS*'
        $problem[0].ErrorDetails.RecommendedAction | Should -BeLike '*-Tls*Set-DicomNode*'
        Confirm-LastError $server '*TLS*'
        $sent = Send-DicomFile $file $node -TrustedThumbprint $mine.Thumbprint -RetryCount 0 -ErrorVariable problem -ErrorAction SilentlyContinue
        $sent.Success | Should -BeFalse
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomCertificateRejected,*'
        $problem[0].Exception.Message | Should -BeLike "*$($own.Thumbprint)*"
        $problem[0].ErrorDetails.RecommendedAction | Should -BeLike "*-TrustedThumbprint $($own.Thumbprint)*"
        # A certificate that nobody vouches for.
        $echo = Test-DicomEcho $node -Tls -ErrorVariable problem -ErrorAction SilentlyContinue
        $echo.Success | Should -BeFalse
        $problem[0].Exception.Message | Should -BeLike "*$($own.Subject)*$($own.Thumbprint)*"
        $echo.Advice | Should -BeLike "*-TrustedThumbprint $($own.Thumbprint)*"
        # What the advice says works.
        (Test-DicomEcho $node -TrustedThumbprint $own.Thumbprint).Success | Should -BeTrue
    }

    # -SkipCertificateCheck may stand among the defaults of a session, where nobody sees it.
    It 'is called by who trusts one certificate only where that is shown, -SkipCertificateCheck or not' {
        $node = "SAFE@127.0.0.1:$((Start-Server).Port)"
        $echo = Test-DicomEcho $node -TrustedThumbprint $mine.Thumbprint -SkipCertificateCheck -ErrorVariable problem -ErrorAction SilentlyContinue
        $echo.Success | Should -BeFalse
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomCertificateRejected,*'
        (Test-DicomEcho $node -SkipCertificateCheck @trusting).Success | Should -BeTrue
        (Test-DicomEcho $node -SkipCertificateCheck).Success | Should -BeTrue
    }

    It 'lets in only those that show a trusted certificate, and tells the others' {
        $server = Start-Server @{ TrustedThumbprint = $mine.Thumbprint }
        $node = "SAFE@127.0.0.1:$($server.Port)"
        (Test-DicomEcho $node @trusting -Certificate $mine).Success | Should -BeTrue
        (Send-DicomFile $file $node @trusting -Certificate $mine).Success | Should -BeTrue
        foreach ($certificate in @{}, @{ Certificate = New-Certificate }) {
            $echo = Test-DicomEcho $node @trusting @certificate -ErrorVariable problem -ErrorAction SilentlyContinue
            $echo.Success | Should -BeFalse
            $problem[0].ErrorDetails.RecommendedAction | Should -BeLike '*certificate*'
            Confirm-LastError $server '*The certificate of the calling peer is not trusted*'
        }
    }
}

Describe 'TLS of a port that a peer calls back' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        . "$PSScriptRoot/Support.Archive.ps1"
        $own = New-Certificate
        $mine = New-Certificate
        $call = @{ CallingAETitle = 'ASKER'; TrustedThumbprint = $own.Thumbprint; Certificate = $mine }
    }

    BeforeEach {
        $port = Get-FreePort
        $secure = @{
            Certificate = $own
            TrustedThumbprint = $mine.Thumbprint
            Destination = @{ ASKER = @{ AETitle = 'ASKER'; HostName = '127.0.0.1'; Port = $port; Tls = $true } }
        }
        $archive = Start-FilledArchive $secure
        $node = "BOX@127.0.0.1:$($archive.Port)"
    }

    AfterEach {
        Stop-DicomArchive -All -Force
        Get-DicomNode | Remove-DicomNode
    }

    It 'brings the instances of a C-MOVE, and none where only one side speaks it' {
        $moved = Move-DicomStudy $node @call -LocalPort $port -LocalTls -Path "$TestDrive/in" -StudyInstanceUID 1.2.840.99.1
        $moved.Verdict, $moved.Received | Should -Be @('Complete', 2)
        $moved = Move-DicomStudy $node @call -LocalPort $port -Path "$TestDrive/none" -StudyInstanceUID 1.2.840.99.1 -RetryCount 0 -ErrorAction SilentlyContinue
        $moved.Verdict | Should -Be 'Failed'
        # How it failed in detail is the archive's own affair.
        $moved.ErrorComment | Should -Be 'The destination could not be reached over TLS'
        $archive.LastError | Should -BeLike '*plain DICOM, not TLS*'
    }

    It 'brings a report that the archive owed when it was stopped, after its next start' {
        $request = Request-DicomStorageCommitment (New-Instances) -Node $node @call -LocalPort $port -LocalTls
        Stop-DicomArchive $archive -Force
        $again = Start-DicomArchive $archive.Path -Port 0 -AETitle BOX @secure
        $request.WhenCompleted().Wait(60000) | Should -BeTrue
        $request.Error | Should -BeNullOrEmpty
        $request.Committed, $request.Failed, $request.Unknown | Should -Be @(3, 0, 0)
        $null = Wait-Until { -not $again.OwedReports }
        $again.OwedReports | Should -Be 0
    }

    It 'needs a certificate to show' {
        { Request-DicomStorageCommitment (New-Instances) -Node $node -CallingAETitle ASKER -TrustedThumbprint $own.Thumbprint -LocalPort $port -LocalTls } |
            Should -Throw -ErrorId 'DicomCertificateInvalid,*'
    }

    It 'is told to do nothing where no port is listened on, or a server listens already' {
        $file = @(New-Instances)[0]
        $null = Request-DicomStorageCommitment $file -Node $node @call -LocalTls -WarningVariable warning -WarningAction SilentlyContinue
        $warning | Should -BeLike '-LocalTls does nothing where no port*'
        $null = Request-DicomStorageCommitment $file -Node $node @call -LocalPort $archive.Port -LocalTls -WarningVariable warning -WarningAction SilentlyContinue
        $warning | Should -BeLike '-LocalTls does nothing: a server*'
    }
}
