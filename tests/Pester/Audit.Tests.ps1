# Who stored, asked for, got and was refused what: DICOM audit messages and lines of JSON.
Describe 'The audit trail' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        . "$PSScriptRoot/Support.Archive.ps1"

        function Read-Audit([string] $Path) { Get-Content $Path | ForEach-Object { $_ | ConvertFrom-Json } }
    }

    AfterEach {
        if (Get-DicomArchive) { Stop-DicomArchive -All -Force }
        if (Get-DicomStorageScp) { Stop-DicomStorageScp -All -Force }
    }

    It 'has what an archive was sent, asked for and sent, and whom it refused' {
        $archive = Start-DicomArchive "$TestDrive/a" -Port 0 -AETitle BOX -Audit "$TestDrive/a.json" -AllowedCallingAETitle CT1
        $node = "BOX@127.0.0.1:$($archive.Port)"
        $null = New-Instances "$TestDrive/s1" | Send-DicomFile -Node $node -CallingAETitle CT1
        $null = Find-DicomStudy -Node $node -PatientID P1 -CallingAETitle CT1
        $null = Receive-DicomStudy -Node $node -StudyInstanceUID 1.2.840.99.1 -Path "$TestDrive/got" -CallingAETitle CT1
        $null = Test-DicomEcho $node -CallingAETitle EVIL -ErrorAction SilentlyContinue
        $archive | Stop-DicomArchive
        $records = Read-Audit "$TestDrive/a.json"
        $records[0].event, $records[-1].event | Should -Be 'Started', 'Stopped'
        $stored = $records | Where-Object operation -EQ 'C-STORE'
        ($stored.patient | Sort-Object) | Should -Be 'P1', 'P2'
        $first = $stored | Where-Object patient -EQ P1
        $first.event, $first.direction, $first.peer, $first.server, $first.address, $first.outcome | Should -Be 'Transferred', 'in', 'CT1', 'BOX', '127.0.0.1', 'Success'
        $first.studies | Should -Be '1.2.840.99.1'
        $first.sopClasses.'1.2.840.10008.5.1.4.1.1.2' | Should -Be 2
        ($records | Where-Object operation -EQ 'C-FIND').patient | Should -Be 'P1'
        ($records | Where-Object operation -EQ 'C-FIND').query | Should -Not -BeNullOrEmpty
        $got = $records | Where-Object operation -EQ 'C-GET'
        $got.direction, $got.studies, $got.instances | Should -Be 'out', '1.2.840.99.1', 2
        $got.sopClasses.'1.2.840.10008.5.1.4.1.1.2' | Should -Be 2
        $refused = $records | Where-Object event -EQ 'Refused'
        $refused.peer, $refused.outcome | Should -Be 'EVIL', 'SeriousFailure'
        $archive.LastError | Should -Not -Match 'P1'
    }

    It 'is DICOM audit messages in an .xml file, whatever strangers call themselves' {
        $server = Start-DicomStorageScp "$TestDrive/x" -Port 0 -AETitle BOX -Audit "$TestDrive/x.xml"
        $file = New-Instance "$TestDrive/s2" 1.2.840.99.3 1.2.840.99.3.1.1 CT "P<&`"1"
        $null = Send-DicomFile $file "BOX@127.0.0.1:$($server.Port)" -CallingAETitle 'C<T&1'
        $server | Stop-DicomStorageScp
        $messages = Get-Content "$TestDrive/x.xml" | ForEach-Object { [xml] $_ }
        $messages.AuditMessage.EventIdentification.EventID.'csd-code' | Should -Be '110100', '110104', '110100'
        $stored = $messages[1].AuditMessage
        $stored.EventIdentification.EventActionCode, $stored.EventIdentification.EventOutcomeIndicator | Should -Be 'C', '0'
        ($stored.ActiveParticipant | Where-Object UserIsRequestor -EQ true).UserID | Should -Be 'C<T&1'
        ($stored.ActiveParticipant | Where-Object UserIsRequestor -EQ true).RoleIDCode.'csd-code' | Should -Be '110153'
        ($stored.ParticipantObjectIdentification | Where-Object ParticipantObjectTypeCode -EQ 1).ParticipantObjectID | Should -Be "P<&`"1"
        ($stored.ParticipantObjectIdentification | Where-Object ParticipantObjectTypeCode -EQ 2).ParticipantObjectID | Should -Be '1.2.840.99.3'
        if (-not $IsWindows) { [int] [IO.File]::GetUnixFileMode("$TestDrive/x.xml") | Should -Be 384 }
    }

    It 'is written by who sends and who retrieves too' {
        $archive = Start-FilledArchive
        $node = "BOX@127.0.0.1:$($archive.Port)"
        $null = New-Instances "$TestDrive/s3" | Send-DicomFile -Node $node -Audit "$TestDrive/send.json"
        $null = Receive-DicomStudy -Node $node -StudyInstanceUID 1.2.840.99.2 -Path "$TestDrive/got2" -Audit "$TestDrive/get.json"
        $sent = Read-Audit "$TestDrive/send.json"
        ($sent | Sort-Object patient).patient | Should -Be 'P1', 'P2'
        $sent.direction | Should -Be 'out', 'out'
        $sent[0].peer, $sent[0].requestor | Should -Be 'BOX', 'server'
        $got = Read-Audit "$TestDrive/get.json"
        $got.operation, $got.direction, $got.outcome, $got.studies, $got.instances | Should -Be 'C-GET', 'in', 'Success', '1.2.840.99.2', 1
    }

    It 'counts what a C-MOVE sent, and what of it failed' {
        $refusing = Start-DicomScp -Port 0 -AETitle DEST -OnStore { if ($script:n++ -eq 0) { 0xC123 } else { 0 } }
        try {
            $archive = Start-DicomArchive "$TestDrive/moved" -Port 0 -AETitle BOX -Audit "$TestDrive/moved.json" -Destination @{ DEST = "127.0.0.1:$($refusing.Port)" }
            $null = 1..3 | ForEach-Object { New-Instance "$TestDrive/s9" 1.2.840.93.1 "1.2.840.93.1.1.$_" CT P1 } | Import-DicomFile -Archive $archive
            $null = Move-DicomStudy "BOX@127.0.0.1:$($archive.Port)" -StudyInstanceUID 1.2.840.93.1 -Destination DEST -RetryCount 0 -Audit "$TestDrive/mover.json" -ErrorAction SilentlyContinue
            $archive | Stop-DicomArchive
            $moved = Read-Audit "$TestDrive/moved.json" | Where-Object operation -EQ 'C-MOVE'
            $moved.instances + [int] ([regex]::Match($moved.reason, '(\d+) sub-operation').Groups[1].Value) | Should -Be 3
            $moved.outcome | Should -Be 'MinorFailure'
            $moved.reason | Should -Match '^to DEST; \d sub-operation\(s\) failed$'
            (Read-Audit "$TestDrive/mover.json").instances | Should -Be $moved.instances
        }
        finally { Stop-DicomScp -All -Force }
    }

    It 'goes to a syslog server over TCP, framed by lengths' {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        $server = Start-DicomStorageScp "$TestDrive/sys" -Port 0 -AETitle BOX -Audit "syslog+tcp://127.0.0.1:$($listener.LocalEndpoint.Port)"
        $client = $listener.AcceptTcpClient()
        $server | Stop-DicomStorageScp
        $client.ReceiveTimeout = 60000
        $text = [Text.Encoding]::UTF8.GetString([byte[]] $(for ($stream = $client.GetStream(); ($one = $stream.ReadByte()) -ge 0) { $one }))
        $listener.Stop()
        $text | Should -Match '^(\d+) <85>1 \d{4}-\d\d-\d\dT[\d:.]+Z \S+ DicomPS \d+ DICOM\+RFC3881 - .?<AuditMessage>'
        $length = [int] ($text -split ' ')[0]
        $bytes = [Text.Encoding]::UTF8.GetBytes($text)
        [Text.Encoding]::UTF8.GetString($bytes, "$length ".Length + $length, 6) | Should -Match '^\d+ <8'
    }

    It 'goes to a syslog server over UDP' {
        $socket = [Net.Sockets.UdpClient]::new([Net.IPEndPoint]::new([Net.IPAddress]::Loopback, 0))
        $server = Start-DicomStorageScp "$TestDrive/udp" -Port 0 -Audit "syslog://127.0.0.1:$($socket.Client.LocalEndPoint.Port)"
        $from = $null
        $socket.Client.ReceiveTimeout = 60000
        [Text.Encoding]::UTF8.GetString($socket.Receive([ref] $from)) | Should -Match '^<85>1 .*110120'
        $socket.Dispose()
    }

    It 'goes to a syslog server over TLS that the machine trusts, and to no other' -Skip:(-not $IsLinux) {
        $own = New-DicomCertificate localhost
        Set-Content "$TestDrive/trusted.pem" $own.ExportCertificatePem()
        $manifest = Join-Path $root 'out/DicomPS/DicomPS.psd1'
        $script = {
            param($Manifest, $Folder, $Pfx)
            Import-Module $Manifest
            $certificate = [Security.Cryptography.X509Certificates.X509Certificate2]::new([Convert]::FromBase64String($Pfx), '')
            $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
            $listener.Start()
            $server = Start-DicomStorageScp $Folder -Port 0 -Audit "syslog+tls://localhost:$($listener.LocalEndpoint.Port)"
            $stream = [Net.Security.SslStream]::new($listener.AcceptTcpClient().GetStream())
            try {
                $stream.AuthenticateAsServer($certificate)
                $stream.ReadTimeout = 60000
                $bytes = [byte[]]::new(10000)
                'came: ' + [Text.Encoding]::UTF8.GetString($bytes, 0, $stream.Read($bytes, 0, $bytes.Length))
            }
            catch { 'came: nothing' }
            for ($i = 0; $i -lt 1200 -and -not $server.LastError; $i++) { if ($i -eq 20 -and $env:SSL_CERT_FILE) { break }; Start-Sleep -Milliseconds 50 }
            "told: $($server.LastError)"
            "echo: $((Test-DicomEcho "X@127.0.0.1:$($server.Port)").Success)"
        }
        $pfx = [Convert]::ToBase64String($own.Export('Pfx', ''))
        foreach ($trusted in $true, $false) {
            $before = $env:SSL_CERT_FILE
            $env:SSL_CERT_FILE = $trusted ? "$TestDrive/trusted.pem" : $null
            try { $said = "$(& $pwsh -NoProfile -Command $script -args $manifest, "$TestDrive/tls-$trusted", $pfx)" }
            finally { $env:SSL_CERT_FILE = $before }
            $said | Should -Match 'echo: True'
            if ($trusted) { $said | Should -Match 'came: \d+ <85>1 .*<AuditMessage>.*told: *echo' }
            else { $said | Should -Match 'told: .*audit trail' ; $said | Should -Not -Match 'AuditMessage' }
        }
    }

    It 'stops nothing and is told once when <What>' -ForEach @(
        @{ What = 'its disk is full'; Target = '/dev/full'; Unix = $true }
        @{ What = 'its server is dead'; Target = 'syslog+tcp://127.0.0.1:1'; Unix = $false }
        @{ What = 'its server of TLS is dead'; Target = 'syslog+tls://127.0.0.1:1'; Unix = $false }
    ) {
        if ($Unix -and -not (Test-Path $Target)) { Set-ItResult -Skipped; return }
        $server = Start-DicomStorageScp "$TestDrive/$([guid]::NewGuid())" -Port 0 -AETitle BOX -Audit $Target
        $sent = New-Instances "$TestDrive/$([guid]::NewGuid())" | Send-DicomFile -Node "BOX@127.0.0.1:$($server.Port)"
        $sent.Success | Should -Be @($true, $true, $true)
        Wait-Until { @($server.GetEvents() | Where-Object Message -Match 'audit trail cannot be written').Count -eq 1 } | Should -BeTrue
        $server.LastError | Should -Match 'audit trail'
        $sent = New-Instances "$TestDrive/$([guid]::NewGuid())" | Send-DicomFile -Node "BOX@127.0.0.1:$($server.Port)" -Audit $Target -WarningVariable said -WarningAction SilentlyContinue
        $sent.Success | Should -Be @($true, $true, $true)
    }

    It 'starts and sends nothing where the trail cannot be used at all' {
        $problem = { Start-DicomStorageScp "$TestDrive/no" -Port 0 -Audit "$TestDrive/none/here.json" } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomAuditUnusable,*'
        Get-DicomStorageScp | Should -BeNullOrEmpty
        { Start-DicomStorageScp "$TestDrive/no" -Port 0 -Audit 'syslog+smoke://x' } | Should -Throw '*syslog*'
    }
}
