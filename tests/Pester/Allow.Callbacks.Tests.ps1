# -Allow on the ports that peers call back, and what a server without rules says of itself.
BeforeDiscovery { $hasTerminal = [bool] (Get-Command script -CommandType Application -ErrorAction Ignore) -and $IsLinux }

BeforeAll {
    . "$PSScriptRoot/Support.ps1"
    . "$PSScriptRoot/Support.Retrieve.ps1"
    . "$PSScriptRoot/Support.Archive.ps1"
    $ct = New-Instance "$TestDrive/source" '1.2.840.94.1' '1.2.840.94.1.1' 'CT' 'P1'
}

Describe '-Allow of what listens for a peer' {
    AfterEach { foreach ($kind in 'StorageScp', 'Archive') { if (& "Get-Dicom$kind") { & "Stop-Dicom$kind" -All -Force } } }

    BeforeEach {
        $port = Get-FreePort
        $archive = Start-DicomArchive "$TestDrive/$([guid]::NewGuid().ToString('N'))" -Port 0 -AETitle PACS -Destination @{ DICOMPS = "127.0.0.1:$port" }
        $null = Import-DicomFile $ct -Archive $archive
        $node = "PACS@127.0.0.1:$($archive.Port)"
        $move = @{ Node = $node; StudyInstanceUID = '1.2.840.94.1'; LocalPort = $port; RetryCount = 0 }
    }

    It 'lets the peer in that is asked, by <Rule>' -ForEach @{ Rule = 'Node' }, @{ Rule = 'PACS' }, @{ Rule = 'PACS@127.0.0.1:Store' } {
        $result = Move-DicomStudy @move -Path "$TestDrive/in" -Allow $Rule
        $result.Verdict, $result.Received | Should -Be 'Complete', 1
    }

    It 'refuses who fits no rule, and says who it was' {
        $result = Move-DicomStudy @move -Path "$TestDrive/refused" -Allow 'OTHER', '@10.1.2.3' -ErrorAction SilentlyContinue
        $result.Verdict | Should -Be 'Failed'
        $result.Received | Should -Be 0
        "$($result | Format-List * | Out-String -Width 500)" | Should -Match 'PACS'
    }

    It 'looks up the addresses of a peer that is named' {
        $result = Move-DicomStudy -HostName localhost -Port $archive.Port -CalledAETitle PACS -StudyInstanceUID 1.2.840.94.1 -LocalPort $port -Path "$TestDrive/named" -Allow Node -RetryCount 0
        $result.Verdict | Should -Be 'Complete'
    }

    It 'wants TLS for a rule with a certificate, and no users' {
        { Move-DicomStudy @move -Path $TestDrive -Allow @{ Thumbprint = 'a' * 40 } } | Should -Throw '*plain TCP*' -ErrorId 'DicomAccessRuleInvalid,*'
        { Move-DicomStudy @move -Path $TestDrive -Allow @{ User = 'x' } } | Should -Throw '*names users*' -ErrorId 'DicomAccessRuleInvalid,*'
        { Request-DicomStorageCommitment $ct $node -LocalPort $port -Allow @{ User = 'x' } } | Should -Throw '*names users*' -ErrorId 'DicomAccessRuleInvalid,*'
    }

    It 'holds for the report of storage commitment too' {
        $free = Get-FreePort
        $asked = Request-DicomStorageCommitment $ct $node -LocalPort $free -Allow Node
        try {
            (Test-DicomEcho "DICOMPS@127.0.0.1:$free").Success | Should -BeTrue
            { Request-DicomStorageCommitment $ct $node -LocalPort $free -Allow OTHER -ErrorAction Stop } | Should -Throw '*other rules*'
        }
        finally { $null = $asked | Test-DicomStorageCommitment -Timeout 5 -ErrorAction SilentlyContinue }
        $result = Test-DicomStorageCommitment $ct $node -LocalPort (Get-FreePort) -Allow Node -Timeout 60
        $result.Committed | Should -BeTrue
    }
}

Describe 'A server that is open to the network' {
    AfterEach { foreach ($kind in 'StorageScp', 'Archive', 'Scp') { if (& "Get-Dicom$kind") { & "Stop-Dicom$kind" -All -Force } } }

    It 'is said to who types the command, and to no script: <Given>' -Skip:(-not $hasTerminal) -ForEach @(
        @{ Given = ''; Says = $true }, @{ Given = '-Address 127.0.0.1'; Says = $false }, @{ Given = '-Allow CT1'; Says = $false }
        @{ Given = '-AllowedCallingAETitle CT1'; Says = $false }, @{ Given = '-OnIdentity { $true }'; Says = $false }
    ) {
        $manifest = Join-Path $root 'out/DicomPS/DicomPS.psd1'
        $typed = "Import-Module '$manifest'; Start-DicomStorageScp '$TestDrive/typed' -Port 0 $Given"
        $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($typed))
        # The words of the terminal break at its width.
        $said = "$(script -qec "'$pwsh' -NoProfile -NonInteractive -EncodedCommand $encoded" /dev/null)" -replace '\s+', ' '
        $said | Should -Match 'Running'
        $said -match 'lets in anyone who reaches this machine, to store' | Should -Be $Says
    }

    It 'warns no script, and tells -Verbose' {
        $said = Start-DicomStorageScp "$TestDrive/quiet" -Port 0 -Verbose -WarningVariable warning 4>&1
        $warning | Should -BeNullOrEmpty
        "$said" | Should -Match 'anyone who reaches the port, for everything.*-Address 127.0.0.1'
    }

    It 'says in Access that users are proved' {
        (Start-DicomStorageScp "$TestDrive/users" -Port 0 -OnIdentity { $true }).Access | Should -Be 'proven users only, anyone who reaches the port, for everything'
    }
}
