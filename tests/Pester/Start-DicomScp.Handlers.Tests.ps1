BeforeDiscovery {
    $hasSamples = Test-Path '/usr/lib/python3/dist-packages/pydicom/data/test_files/CT_small.dcm'
    $hasDcmtk = [bool] (Get-Command findscu -ErrorAction Ignore)
}

# What DCMTK reads of the answers of blocks: statuses in the middle, counts, lists of failed instances.
Describe 'Handlers of Start-DicomScp' -Skip:(-not ($hasDcmtk -and $hasSamples)) {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"

        # Statuses and identifiers as findscu tells them.
        function Read-Find($Server, [string] $Level = 'STUDY', [string[]] $Key = 'PatientID=1', [string[]] $More = @()) {
            $keys = @(if ($Level) { "QueryRetrieveLevel=$Level" }; $Key) | ForEach-Object { '-k', $_ }
            $lines = findscu -P -d -to 20 -td 20 -aec $Server.AETitle 127.0.0.1 $Server.Port $keys $More 2>&1
            [pscustomobject] @{
                Status = @($lines | Select-String 'DIMSE Status\s*: 0x(....)' | ForEach-Object { $_.Matches[0].Groups[1].Value })
                Lines  = @($lines | ForEach-Object { "$_" })
            }
        }

        # One object a response of movescu: status, counts; the failed UIDs of the last one.
        function Read-Move($Server, [string] $Destination = 'STORE_SCP', [string] $Level = 'PATIENT', [string] $PatientID = '1234567') {
            $keys = @(if ($Level) { "QueryRetrieveLevel=$Level" }; "PatientID=$PatientID") | ForEach-Object { '-k', $_ }
            $lines = movescu -P -d -to 20 -td 20 -aec $Server.AETitle -aem $Destination 127.0.0.1 $Server.Port $keys 2>&1 | ForEach-Object { "$_" }
            $text = $lines -join "`n"
            foreach ($response in [regex]::Matches($text, '(?s)Remaining Suboperations\s*: (\w+).*?Completed Suboperations\s*: (\w+).*?Failed Suboperations\s*: (\w+).*?Warning Suboperations\s*: (\w+).*?DIMSE Status\s*: 0x(....)')) {
                $of = $response.Groups
                [pscustomobject] @{
                    Status = $of[5].Value; Remaining = $of[1].Value; Completed = $of[2].Value; Failed = $of[3].Value; Warning = $of[4].Value
                    FailedUid = if ($text -match '\(0008,0058\) UI \[([\d.\\]+)') { $Matches[1] }
                }
            }
        }
        function Format-Response { process { "$($_.Status) $($_.Remaining)/$($_.Completed)/$($_.Failed)/$($_.Warning)" } }

        $folder = (New-Item -ItemType Directory "$TestDrive/instances").FullName
        Copy-Item "$samples/CT_small.dcm", "$samples/MR_small.dcm" $folder
        $ct, $mr = Get-DicomFile "$folder/CT_small.dcm", "$folder/MR_small.dcm"
        $in = Start-DicomStorageScp -Path "$TestDrive/in" -Port 0 -AETitle STORE_SCP
    }

    AfterEach { if (Get-DicomScp) { Stop-DicomScp -All -Force } }
    AfterAll { if (Get-DicomStorageScp) { Stop-DicomStorageScp -All -Force } }

    Context 'the examples of pynetdicom, written anew' {
        It 'ends a find with Success where a 0 is the last thing, alone or as half of a pair: <What>' -ForEach @(
        @{ What = '0x0000, $null'; Block = { (0xFF00, @{ PatientID = '1' }); return 0x0000, $null }; Status = 'ff00', '0000' }
        @{ What = '(0x0000, $null) without an answer'; Block = { , (0x0000, $null) }; Status = '0000' }
        @{ What = 'a bare 0'; Block = { @{ PatientID = '1' }; 0 }; Status = 'ff00', '0000' }
        # What ArrayList.Add gives back must not cut an answer without a word.
        @{ What = 'a 0 before more is a mistake'; Block = { 0; @{ PatientID = '1' } }; Status = 'c311' }
    ) {
        $scp = Start-DicomScp -Port 0 -AETitle ZERO -OnFind $Block
        (Read-Find $scp).Status | Should -Be $Status
        Stop-DicomScp $scp
    }

    It 'searches files for each query, and answers C000 without a level' {
            $scp = Start-DicomScp -Port 0 -AETitle QR -ArgumentList $folder -OnFind {
                param($Request, $Folder)
                if (-not $Request.Level) { return 0xC000 }
                foreach ($instance in Get-DicomFile $Folder) {
                    if ($Request.IsCancelled) { return 0xFE00 }
                    if ($Request.Level -ne 'PATIENT' -or $instance.PatientName -ne $Request.Keys.PatientName) { continue }
                    (0xFF00, @{ PatientName = $instance.PatientName; QueryRetrieveLevel = $Request.Level })
                }
            }
            $found = Read-Find $scp PATIENT "PatientName=$($ct.PatientName)"
            $found.Status | Should -Be 'ff00', '0000'
            $found.Lines -match "PN \[$([regex]::Escape($ct.PatientName))" | Should -Not -BeNullOrEmpty
            (Read-Find $scp '' 'PatientName=X').Status | Should -Be 'c000'
        }

        It 'takes yield as it stands there: <Block>' -ForEach @(
            @{ Status = 'ff00', '0000'; Block = { $d = $_.Identifier; yield (0xFF00, $d) } }
            @{ Status = 'ff01', 'ff00', '0000'; Block = { $d = $_.Identifier; yield (0xFF01, $d); yield (0xFF00, $d); yield (0x0000, $null); yield (0xFF00, $d) } }
            @{ Status = 'c000'; Block = { yield 0xC000, $null; return } }
            @{ Status = 'ff00', 'fe00'; Block = { yield (0xFF00, $_.Identifier); yield (0xFE00, $null); return } }
            @{ Status = 'ff00', 'a700'; Block = { yield (0xFF00, $_.Identifier); yield (0xA700, $null) } }
            @{ Status = 'c311'; Block = { yield (0xFF00, $null) } }
            @{ Status = 'c311'; Block = { yield (0xFF00, 'no dataset') } }
        ) {
            $scp = Start-DicomScp -Port 0 -AETitle QR -OnFind $Block
            (Read-Find $scp).Status | Should -Be $Status
        }

        It 'sees that the peer cancels' {
            $scp = Start-DicomScp -Port 0 -AETitle QR -OnFind {
                for ($i = 0; $i -lt 100000; $i++) {
                    if ($_.IsCancelled) { Write-Warning 'saw it'; yield (0xFE00, $null); return }
                    yield (0xFF00, @{ PatientID = "$i"; StudyInstanceUID = "1.$i" })
                }
            }
            (Read-Find $scp -More '--cancel', 2).Status[-1] | Should -Be 'fe00'
            for ($i = 0; $i -lt 600 -and -not $saw; $i++) { $saw = Receive-DicomScp $scp -Timeout 0.1 | Where-Object Message -EQ 'saw it' }
            $saw | Should -Not -BeNullOrEmpty
        }

        It 'moves to an address and a port, with the number of sub-operations before the instances' {
            $known = @{ STORE_SCP = '127.0.0.1', $in.Port }
            $scp = Start-DicomScp -Port 0 -AETitle QR -OnMove {
                if (-not $_.Level) { return 0xC000 }
                if (-not ($using:known)[$_.MoveDestination]) { yield ($null, $null); return }
                $addr, $port = ($using:known)[$_.MoveDestination]
                yield ($addr, $port)
                $instances = @(Get-DicomFile $using:folder)
                yield $instances.Count
                foreach ($instance in $instances) {
                    if ($_.IsCancelled) { yield (0xFE00, $null); return }
                    yield (0xFF00, $instance)
                }
            }
            $before = $in.Received
            Read-Move $scp | Format-Response | Should -Be 'ff00 1/1/0/0', '0000 none/2/0/0'
            $in.Received - $before | Should -Be 2
            Read-Move $scp ELSEWHERE | Format-Response | Should -Be 'a801 none/none/none/none'
            Read-Move $scp -Level '' | Format-Response | Should -Be 'c000 none/none/none/none'
        }

        It 'answers C-STORE and C-ECHO with a status, or an object that has one' {
            $scp = Start-DicomScp -Port 0 -AETitle QR -OnEcho { 0x0122 } -OnStore { yield 0xB007 }
            (Test-DicomEcho "QR@127.0.0.1:$($scp.Port)" -ErrorAction Ignore).StatusCode | Should -Be 0x0122
            (Send-DicomFile $ct.Path "QR@127.0.0.1:$($scp.Port)").StatusCode | Should -Be 0xB007
        }
    }

    Context 'pairs' {
        It 'takes <What> for a status and its answer' -ForEach @(
            @{ What = 'two outputs'; Block = { (0xFF01, @{ PatientID = 'A'; StudyInstanceUID = '1.1' }) } }
            @{ What = 'an array'; Block = { , (0xFF01, @{ PatientID = 'A'; StudyInstanceUID = '1.1' }) } }
            @{ What = 'a tuple'; Block = { [Tuple]::Create(0xFF01, @{ PatientID = 'A'; StudyInstanceUID = '1.1' }) } }
            @{ What = 'a value tuple'; Block = { [ValueTuple]::Create([uint16] 0xFF01, $_.Identifier) } }
        ) {
            $scp = Start-DicomScp -Port 0 -AETitle QR -OnFind $Block
            (Read-Find $scp).Status | Should -Be 'ff01', '0000'
        }

        It 'takes a host and its port in any spelling for a destination: <Block>' -ForEach @(
            @{ Block = { '127.0.0.1', $using:port; $using:file } }
            @{ Block = { , ('localhost', $using:port); $using:file } }
            @{ Block = { [ipaddress] '127.0.0.1'; $using:port; 1; $using:file } }
            @{ Block = { [ValueTuple]::Create('127.0.0.1', [int] $using:port); $using:file } }
        ) {
            $port, $file = $in.Port, $ct.Path
            $scp = Start-DicomScp -Port 0 -AETitle QR -OnMove $Block
            @(Read-Move $scp | Format-Response)[-1] | Should -Be '0000 none/1/0/0'
        }

        It 'does not take <Block> for a destination' -ForEach @(
            @{ Block = { '127.0.0.1'; $using:file } }
            @{ Block = { '127.0.0.1', 0; $using:file } }
            @{ Block = { '127.0.0.1', 70000; $using:file } }
            @{ Block = { 'no host', 104; $using:file } }
            @{ Block = { '127.0.0.1' } }
            @{ Block = { $null, $null } }
        ) {
            $file = $ct.Path
            $scp = Start-DicomScp -Port 0 -AETitle QR -OnMove $Block
            Read-Move $scp | Format-Response | Should -Be 'a801 none/none/none/none'
        }
    }

    Context 'counts' {
        It 'counts what is no instance as a failed sub-operation and goes on' {
            $port, $file = $in.Port, $ct.Path
            $scp = Start-DicomScp -Port 0 -AETitle QR -OnMove { "STORE_SCP@127.0.0.1:$using:port"; 3; (0xFF00, 'missing.dcm'); , (0xFF00, 7); (0xFF00, $using:file) }
            Read-Move $scp | Format-Response | Should -Be 'ff00 2/0/1/0', 'ff00 1/0/2/0', 'b000 none/1/2/0'
        }

        It 'adds counts and the failed instances to the status that ends the request: <Status>' -ForEach @(
            @{ Status = 'b000'; Block = { $using:node; $using:file; @{ Status = 0xB000; Failed = 1; FailedSOPInstanceUID = '1.2.3' } }; Final = 'b000 none/1/1/0'; Uid = '1.2.3' }
            @{ Status = 'a702'; Block = { @{ Status = 'A702'; Completed = 0; Failed = 2; Warning = 0; FailedSOPInstanceUIDList = '1.2.3', '1.2.4' } }; Final = 'a702 none/0/2/0'; Uid = '1.2.3\1.2.4' }
            @{ Status = 'fe00'; Block = { $using:node; 5; $using:file; (0xFE00, $null) }; Final = 'fe00 4/1/0/0' }
            @{ Status = 'fe00'; Block = { [pscustomobject] @{ Status = 0xFE00; Remaining = 3; Completed = 2 } }; Final = 'fe00 3/2/0/0' }
            @{ Status = '0000'; Block = { @{ Status = 0; Completed = 7 } }; Final = '0000 none/7/0/0' }
            @{ Status = 'b000'; Block = { $using:node; $using:file; 'missing.dcm'; @{ Status = 0 } }; Final = 'b000 none/1/1/0' }
            @{ Status = 'c511'; Block = { @{ Status = 0xB000; Failed = 'many' } }; Final = 'c511 none/none/none/none' }
        ) {
            $node, $file = "STORE_SCP@127.0.0.1:$($in.Port)", $ct.Path
            $scp = Start-DicomScp -Port 0 -AETitle QR -OnMove $Block
            $last = @(Read-Move $scp)[-1]
            $last | Format-Response | Should -Be $Final
            $last.FailedUid | Should -Be $Uid
        }

        It 'takes the failed instances of a dataset that goes with the status' {
            $scp = Start-DicomScp -Port 0 -AETitle QR -OnGet { } -OnMove {
                $failed = [DicomPS.Data.DicomDataset]::new()
                $failed.Set([DicomPS.Data.DicomTag]::Parse('0008,0058'), [DicomPS.Data.Vr]::UI, [string[]] ('1.2.8', '1.2.9'))
                yield (0xA702, $failed)
            }
            @(Read-Move $scp)[-1].FailedUid | Should -Be '1.2.8\1.2.9'
        }

        It 'passes on how far another server is, and ends with its counts' {
            $scp = Start-DicomScp -Port 0 -AETitle QR -OnMove {
                @{ Status = 0xFF00; Remaining = 4; Completed = 1 }
                @{ Status = 0xFF00; Remaining = 1; Completed = 3; Failed = 1 }
                @{ Status = 0xB000; Completed = 3; Failed = 2; FailedSOPInstanceUID = '1.2.3', '1.2.4'; ErrorComment = 'two are gone' }
            }
            $all = @(Read-Move $scp)
            $all | Format-Response | Should -Be 'ff00 4/1/0/0', 'ff00 1/3/1/0', 'b000 none/3/2/0'
            $all[-1].FailedUid | Should -Be '1.2.3\1.2.4'
        }

        It 'is no success when the block ends before what it told to remain' {
            $scp = Start-DicomScp -Port 0 -AETitle QR -OnMove { @{ Status = 0xFF00; Remaining = 4; Completed = 1 } }
            @(Read-Move $scp)[-1] | Format-Response | Should -Be 'b000 none/1/4/0'
            $null = Wait-Until { $scp.LastError }
            $scp.LastError | Should -Match '4 sub-operations that were announced'
        }

        It 'answers C-GET the same way' {
            $study = $ct.StudyInstanceUID
            $file = $ct.Path
            $scp = Start-DicomScp -Port 0 -AETitle QR -OnGet { 2; (0xFF00, $using:file); @{ Status = 0xA702; Failed = 1; FailedSOPInstanceUID = '1.2.3' } }
            $got = Receive-DicomStudy "QR@127.0.0.1:$($scp.Port)" -StudyInstanceUID $study -Path "$TestDrive/get" -ErrorAction Ignore
            $got.StatusCode, $got.Completed, $got.Failed | Should -Be 0xA702, 1, 1
            "$($got.FailedSOPInstanceUID)" | Should -Match '1\.2\.3'
        }
    }

    Context 'FF01, as Find-DicomStudy takes it' {
        It 'names the optional keys that the peer may not look at, once, and again in the summary' {
            $scp = Start-DicomScp -Port 0 -AETitle QR -OnFind { foreach ($i in 1..3) { (0xFF01, @{ PatientID = "P$i"; StudyInstanceUID = "1.$i"; StudyDescription = 'HEAD'; PatientSex = 'M' }) } }
            $found = Find-DicomStudy "QR@127.0.0.1:$($scp.Port)" -PatientID 'P*' -StudyDescription HEAD -Key @{ PatientSex = 'M' } -WarningVariable said -WarningAction SilentlyContinue -Verbose 4>&1
            @($said) | Should -HaveCount 1
            "$said" | Should -Match 'FF01.*StudyDescription, PatientSex'
            "$said" | Should -Not -Match 'PatientID'
            @($found | Where-Object { $_ -is [Management.Automation.VerboseRecord] }) -match 'FF01' | Should -Not -BeNullOrEmpty
        }

        It 'says what else it means where every key is one that each peer knows' {
            $scp = Start-DicomScp -Port 0 -AETitle QR -OnFind { (0xFF01, @{ PatientID = 'P1'; StudyInstanceUID = '1.1' }) }
            $null = Find-DicomStudy "QR@127.0.0.1:$($scp.Port)" -PatientID 'P*' -WarningVariable said -WarningAction SilentlyContinue
            "$said" | Should -Match 'FF01.*columns'
        }
    }
}
