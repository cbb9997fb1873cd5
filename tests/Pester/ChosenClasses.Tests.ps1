BeforeDiscovery {
    $hasSamples = Test-Path '/usr/lib/python3/dist-packages/pydicom/data/test_files/CT_small.dcm'
    $hasDcmtk = [bool] (Get-Command echoscu -ErrorAction Ignore)
}

Describe 'Chosen SOP classes and transfer syntaxes' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $implicit = '1.2.840.10008.1.2'; $explicit = '1.2.840.10008.1.2.1'; $jpeg2000 = '1.2.840.10008.1.2.4.90'
        $verification = '1.2.840.10008.1.1'; $ct = '1.2.840.10008.5.1.4.1.1.2'; $mr = '1.2.840.10008.5.1.4.1.1.4'
        $studyFind = '1.2.840.10008.5.1.4.1.2.2.1'

        # A-ASSOCIATE-RQ with a context for each pair of class and syntaxes; gives the result of each out of the answer (PS3.8 9.3.3.2).
        function Get-Results([int] $Port, [object[]] $Contexts) {
            $ascii = [Text.Encoding]::ASCII
            function Item([byte] $Type, [byte[]] $Body) { [byte[]] (@($Type, 0, ($Body.Length -shr 8), ($Body.Length -band 255)) + $Body) }
            $id = 1
            $items = @(Item 0x10 $ascii.GetBytes('1.2.840.10008.3.1.1.1')) + @(foreach ($context in $Contexts) {
                $inner = @(Item 0x30 $ascii.GetBytes($context[0])) + @($context[1] | ForEach-Object { Item 0x40 $ascii.GetBytes($_) })
                Item 0x20 ([byte[]] (@($id, 0, 0, 0) + $inner)); $id += 2
            }) + @(Item 0x50 ([byte[]] (Item 0x51 ([byte[]] (0, 0, 0x40, 0)))))
            $body = [byte[]] (@(0, 1, 0, 0) + $ascii.GetBytes('SCP'.PadRight(16) + 'RAW'.PadRight(16)) + @(0) * 32 + $items)
            $client = [Net.Sockets.TcpClient]::new('127.0.0.1', $Port)
            try {
                $client.ReceiveTimeout = 10000
                $stream = $client.GetStream()
                $n = $body.Length
                $stream.Write([byte[]] (@(1, 0, ($n -shr 24), (($n -shr 16) -band 255), (($n -shr 8) -band 255), ($n -band 255)) + $body))
                $head = [byte[]]::new(6); $stream.ReadExactly($head)
                $answer = [byte[]]::new(([int] $head[4] -shl 8) + $head[5]); $stream.ReadExactly($answer)
                if ($head[0] -ne 2) { return "PDU $($head[0])" }
                for ($at = 68; $at -lt $answer.Length; $at += 4 + $length) {
                    $length = ([int] $answer[$at + 2] -shl 8) + $answer[$at + 3]
                    if ($answer[$at] -eq 0x21) { [int] $answer[$at + 6] }
                }
            }
            finally { $client.Dispose() }
        }
    }

    AfterEach {
        Get-DicomScp | Stop-DicomScp -Force
        Get-DicomStorageScp | Stop-DicomStorageScp -Force
        Get-DicomArchive | Stop-DicomArchive -Force
    }

    It 'a raw peer reads result 3 for each class that is not listed, of <Name>' -ForEach @(
        @{ Name = 'Start-DicomStorageScp'; Start = { Start-DicomStorageScp "$TestDrive/s1" -Port 0 -SOPClass CTImageStorage } }
        @{ Name = 'Start-DicomArchive'; Start = { Start-DicomArchive "$TestDrive/a1" -Port 0 -SOPClass CTImageStorage } }
        @{ Name = 'Start-DicomScp'; Start = { Start-DicomScp -Port 0 -OnStore { } -OnFind { } -SOPClass CTImageStorage } }
    ) {
        $server = & $Start
        Get-Results $server.Port @($ct, $explicit), @($mr, $explicit), @($verification, $implicit), @($studyFind, $explicit) |
            Should -Be 0, 3, 3, 3
    }

    It 'a raw peer reads result 4 for a context without a listed syntax, and the listed one where there are several, of <Name>' -ForEach @(
        @{ Name = 'Start-DicomStorageScp'; Start = { Start-DicomStorageScp "$TestDrive/s2" -Port 0 -TransferSyntax JPEG2000*, ExplicitVRLittleEndian } }
        @{ Name = 'Start-DicomArchive'; Start = { Start-DicomArchive "$TestDrive/a2" -Port 0 -TransferSyntax JPEG2000*, ExplicitVRLittleEndian } }
        @{ Name = 'Start-DicomScp'; Start = { Start-DicomScp -Port 0 -OnStore { } -TransferSyntax JPEG2000*, ExplicitVRLittleEndian } }
    ) {
        $server = & $Start
        Get-Results $server.Port @($ct, $implicit), @($ct, @($implicit, $explicit)), @($ct, $jpeg2000), @($verification, $implicit) |
            Should -Be 4, 0, 0, 4
    }

    It 'keywords in any case, names, UIDs and wildcards name them: <_>' -ForEach @(
        'ctimagestorage', 'CT Image Storage', '1.2.840.10008.5.1.4.1.1.2', 'ct*storage', '1.2.840.10008.5.1.4.1.1.2*'
    ) {
        $server = Start-DicomStorageScp "$TestDrive/s3" -Port 0 -SOPClass $_, Verification
        Get-Results $server.Port @($ct, $explicit), @($mr, $explicit), @($verification, $implicit) | Should -Be 0, 3, 0
    }

    It 'echoscu and storescu are refused' -Skip:(-not ($hasDcmtk -and $hasSamples)) {
        $server = Start-DicomStorageScp "$TestDrive/s4" -Port 0 -AETitle SCP -SOPClass MRImageStorage
        $null = echoscu -aec SCP 127.0.0.1 $server.Port 2>&1
        $LASTEXITCODE | Should -Not -Be 0
        $null = storescu -aec SCP 127.0.0.1 $server.Port "$samples/CT_small.dcm" 2>&1
        $LASTEXITCODE | Should -Not -Be 0
        $null = storescu -aec SCP 127.0.0.1 $server.Port "$samples/MR_small.dcm" 2>&1
        $LASTEXITCODE | Should -Be 0
        $server.Received | Should -Be 1
        (Get-DicomScpEvent $server | Where-Object Kind -EQ Refused | Select-Object -First 1).Message | Should -Match 'Verification|CT'
    }

    It 'a private storage class is taken when its UID is listed and unknown classes are allowed' {
        $server = Start-DicomStorageScp "$TestDrive/s5" -Port 0 -AllowUnknownSopClass -SOPClass 1.2.3.4.5
        Get-Results $server.Port @('1.2.3.4.5', $explicit), @('1.2.3.4.6', $explicit) | Should -Be 0, 3
    }

    It 'a name that is none is an error with the nearest one: <Text>' -ForEach @(
        @{ Parameter = 'SOPClass'; Text = 'CTImageStorag'; Near = '*CTImageStorage*' }
        @{ Parameter = 'SOPClass'; Text = 'Xyz*'; Near = '*Tab completes*' }
        @{ Parameter = 'TransferSyntax'; Text = 'JPEG200'; Near = '*JPEG2000*' }
    ) {
        $given = @{ $Parameter = $Text }
        $problem = { Start-DicomStorageScp "$TestDrive/s6" -Port 0 @given } | Should -Throw -PassThru -ErrorId 'DicomUidInvalid,*'
        $problem.ErrorDetails.RecommendedAction | Should -BeLike $Near
        Get-DicomStorageScp | Should -BeNullOrEmpty
    }

    It 'classes of which the server serves none are a mistake that is told' {
        { Start-DicomStorageScp "$TestDrive/s7" -Port 0 -SOPClass StudyRoot*Find } | Should -Throw '*served*'
        Get-DicomStorageScp | Should -BeNullOrEmpty
    }

    It 'Tab offers keywords: <Text>' -ForEach @(
        @{ Text = 'Start-DicomScp -SOPClass CTIm'; Offered = 'CTImageStorage' }
        @{ Text = 'Start-DicomArchive x -SOPClass StudyRootQueryRetrieveInformationModelF'; Offered = 'StudyRootQueryRetrieveInformationModelFind' }
        @{ Text = 'Start-DicomStorageScp x -TransferSyntax JPEG2000L'; Offered = 'JPEG2000Lossless' }
    ) {
        (TabExpansion2 $Text $Text.Length).CompletionMatches.CompletionText | Should -Contain $Offered
    }
}
