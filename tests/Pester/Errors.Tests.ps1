# Every failure that a peer can cause and every mistake that a user can make: id, category, target, words, advice.
BeforeDiscovery {
    # Ids that cannot be made to happen here, and why.
    $unmet = @{
        DicomFailure            = 'what nothing else fits; meeting it would be a gap in ErrorRecords.cs'
        DicomHostUnreachable    = 'the network must be broken'
        DicomConnectionFailed   = 'the network must be broken in an unusual way'
        DicomAccessDenied       = 'root may read everything'
        DicomFolderUnreadable   = 'root may list everything'
        DicomReadWriteFailed    = 'the disk must fail'
        DicomPortDenied         = 'root may listen everywhere'
        DicomWriteTimeout       = 'takes a minute; the tests of the engine have it'
        DicomIdleTimeout        = 'a server has it; the tests of the engine have it'
        DicomReleaseTimeout     = 'what it ends has its result already; Test-DicomEcho has it in ReleaseFailure'
        DicomNodeFileBusy       = 'takes as long as the lock is waited for; Set-DicomNode has it'
        DicomArgumentInvalid    = 'what no id of its own fits'
        DicomRetrieveCancelled  = 'Ctrl+C takes the error too; Move-DicomStudy has it'
        DicomInstanceExists     = 'Import-DicomFile has it'
        DicomWorklistItemInvalid = 'Start-DicomArchive has it'
        DicomServerWithoutStudies = 'Wait-DicomStudy has it'
        DicomLibraryUnusable    = 'files of the module must be broken; Libraries.Tests.ps1 has it'
        DicomStudyIncomplete    = 'Wait-DicomStudy has it'
        DicomAnswersTooMany     = 'takes 2 GiB of answers; the tests of the engine have it'
        DicomRetrieveSuspect    = 'a warning, not an error; Move-DicomStudy has it'
        DicomNodeExists         = 'Import-DicomNode has it'
        DicomStudyNotFound      = 'Protect-DicomStudy has it'
        DicomNodeListInvalid    = 'Import-DicomNode has it'
        DicomRowWithoutKey      = 'IncludeMissing.Tests.ps1 has it'
        DicomAccessRuleInvalid  = 'Allow.Tests.ps1 has it'
        DicomComparisonIncomplete = 'Compare-DicomArchive has it'
        DicomProcedureStepFinal = 'Set-DicomProcedureStep has it'
        DicomProcedureStepIncomplete = 'Set-DicomProcedureStep has it'
        DicomTransferBusy       = 'Remove-DicomTransfer has it'
        DicomTransferExists     = 'New-DicomTransfer has it'
        DicomTransferIncomplete = 'Test-DicomTransfer has it'
        DicomTransferNothingToMeasure = 'Measure-DicomTransfer has it'
        DicomTransferNotFound   = 'Add-DicomTransferItem has it'
        DicomTransferStoreUnusable = 'New-DicomTransfer has it'
        DicomTransferWindowInvalid = 'Set-DicomTransferNode has it'
        DicomUserFileUnusable   = 'Set-DicomUser has it'
        DicomUserNotFound       = 'Get-DicomUser has it'
        DicomUserInvalid        = 'Set-DicomUser has it'
        DicomServiceBroken      = 'Get-DicomService has it'
        DicomServiceExists      = 'Register-DicomService has it'
        DicomServiceFailed      = 'Start-DicomService has it'
        DicomServiceManagerMissing = 'Start-DicomService has it'
        DicomServiceNameInvalid = 'Register-DicomService has it'
        DicomServiceNotFound    = 'Get-DicomService has it'
        DicomServiceNotPermitted = 'root may register everything'
        DicomServiceScriptInvalid = 'Register-DicomService has it'
        DicomServiceUnsupported = 'takes a system with neither systemd nor the Task Scheduler'
    }
}

Describe 'Errors' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        . "$PSScriptRoot/Support.Peers.ps1"
        $file = New-StudyFile "$TestDrive/one" @{ StudyInstanceUID = '1.2.3' }
        $null = New-Item -ItemType Directory "$TestDrive/empty"
        $met = [Collections.Generic.HashSet[string]]::new()

        # What a user gets of a command: its errors in order, and whether the last one ended it.
        function Get-Problem([scriptblock] $Do) {
            $ErrorActionPreference = 'Continue'
            $ended = $false
            $records = @(try { & $Do 2>&1 3>$null | Where-Object { $_ -is [Management.Automation.ErrorRecord] } } catch { $ended = $true; $_ })
            [pscustomobject]@{ Records = $records; Ended = $ended }
        }

        # What holds for each of our errors, and what this one says of itself.
        function Confirm-Problem($Problem, [string] $Id, [string] $Category, [string] $Says, [string] $Target, [bool] $Ends, [int] $Count = 1) {
            $Problem.Records | Should -HaveCount $Count
            $record = $Problem.Records[0]
            $null = $met.Add($record.FullyQualifiedErrorId.Split(',')[0])
            $record.FullyQualifiedErrorId | Should -BeLike "$Id,DicomPS.Commands.*Command"
            "$($record.CategoryInfo.Category)" | Should -Be $Category
            "$record" | Should -Match $Says
            "$($record.TargetObject)" | Should -Match $(if ($Target) { $Target } else { '.' })
            $record.ErrorDetails.RecommendedAction | Should -Match '^[A-Z0-9].*[a-z].*\.$'
            $Problem.Ended | Should -Be $Ends
            foreach ($text in "$record", $record.ErrorDetails.RecommendedAction) {
                $text | Should -Not -MatchExactly '(?m)^\s*at |Exception|\bSystem\.|DicomPS\.\w|\(Parameter |StackTrace|HResult'
            }
        }
    }

    AfterAll {
        Stop-DicomScp -All -Force
        Stop-DicomStorageScp -All -Force
    }

    Context 'a peer that' {
        # Script plays on each connection. Nothing is awaited after what it does wrong but the other side's next word.
        It '<Name>: <Id>' -ForEach @(
            @{ Name = 'is an HTTP server'; Script = { $null = Read-Bytes 10; Send-Text "HTTP/1.1 400 Bad Request`r`n`r`n" }
                Do = { Test-DicomEcho $node }; Id = 'DicomPeerNotDicom'; Category = 'ProtocolError'; Says = 'HTTP server' }
            @{ Name = 'is an HTTP server, asked for TLS'; Script = { $null = Read-Bytes 10; Send-Text "HTTP/1.1 400 Bad Request`r`n`r`n" }
                Do = { Test-DicomEcho $node -Tls }; Id = 'DicomPeerNotDicom'; Category = 'ProtocolError'; Says = 'HTTP server' }
            @{ Name = 'is an SSH server'; Script = { Send-Text "SSH-2.0-OpenSSH_9.2`r`n"; $null = Read-Pdu }
                Do = { Test-DicomEcho $node }; Id = 'DicomPeerNotDicom'; Category = 'ProtocolError'; Says = 'SSH server' }
            @{ Name = 'greets with a text'; Script = { Send-Text "220 mail ready`r`n"; $null = Read-Pdu }
                Do = { Find-DicomStudy $node -PatientID 1 }; Id = 'DicomPeerNotDicom'; Category = 'ProtocolError'; Says = '220 mail ready' }
            @{ Name = 'sends nonsense'; Script = { Send-Bytes (200..240); $null = Read-Pdu }
                Do = { Test-DicomEcho $node }; Id = 'DicomPeerNotDicom'; Category = 'ProtocolError'; Says = 'C8 C9 CA' }
            @{ Name = 'closes after the TLS hello'; Script = { $null = Read-Bytes 10 }
                Do = { Test-DicomEcho $node -Tls }; Id = 'DicomTlsMismatch'; Category = 'ProtocolError'; Says = 'closed the connection' }
            @{ Name = 'ends the TLS handshake with an alert'; Script = { $null = Read-Bytes 10; Send-Bytes @(0x15, 3, 3, 0, 2, 2, 40); $null = Read-Pdu }
                Do = { Test-DicomEcho $node -Tls }; Id = 'DicomTlsFailed'; Category = 'SecurityError'; Says = 'TLS handshake failed' }
            @{ Name = 'says nothing to the TLS hello'; Script = { Read-ToEnd }
                Do = { Test-DicomEcho $node -Tls -ConnectTimeout 0.5 }; Id = 'DicomConnectTimeout'; Category = 'OperationTimeout'; Says = 'connect timeout of 0\.5 s' }
            @{ Name = 'does not answer the request'; Script = { Read-ToEnd }
                Do = { Test-DicomEcho $node -AssociationTimeout 0.5 }; Id = 'DicomAssociationTimeout'; Category = 'OperationTimeout'; Says = 'association timeout of 0\.5 s' }
            @{ Name = 'closes instead of answering'; Script = { $null = Read-Pdu }
                Do = { Test-DicomEcho $node }; Id = 'DicomAssociationAborted'; Category = 'ConnectionError'; Says = 'closed the connection instead' }
            @{ Name = 'refuses without a reason'; Script = { $null = Read-Pdu; Send-Pdu 3 @(0, 1, 1, 1) }
                Do = { Test-DicomEcho $node }; Id = 'DicomAssociationRejected'; Category = 'PermissionDenied'; Says = 'permanently: no reason given' }
            @{ Name = 'does not know the application context'; Script = { $null = Read-Pdu; Send-Pdu 3 @(0, 1, 1, 2) }
                Do = { Test-DicomEcho $node }; Id = 'DicomAssociationRejected'; Category = 'PermissionDenied'; Says = 'application context name not supported' }
            @{ Name = 'does not know us'; Script = { $null = Read-Pdu; Send-Pdu 3 @(0, 1, 1, 3) }
                Do = { Find-DicomStudy $node -PatientID 1 }; Id = 'DicomAssociationRejected'; Category = 'PermissionDenied'; Says = 'calling AE title not recognized' }
            @{ Name = 'does not know itself'; Script = { $null = Read-Pdu; Send-Pdu 3 @(0, 1, 1, 7) }
                Do = { Send-DicomFile $file $node -RetryCount 0 }; Id = 'DicomAssociationRejected'; Category = 'PermissionDenied'; Says = 'called AE title not recognized'; Target = '\.dcm$' }
            @{ Name = 'gives a reason of its own'; Script = { $null = Read-Pdu; Send-Pdu 3 @(0, 1, 1, 9) }
                Do = { Test-DicomEcho $node }; Id = 'DicomAssociationRejected'; Category = 'PermissionDenied'; Says = 'unknown reason 9' }
            @{ Name = 'refuses as provider without a reason'; Script = { $null = Read-Pdu; Send-Pdu 3 @(0, 1, 2, 1) }
                Do = { Test-DicomEcho $node }; Id = 'DicomAssociationRejected'; Category = 'PermissionDenied'; Says = 'no reason given \(service provider' }
            @{ Name = 'speaks another version'; Script = { $null = Read-Pdu; Send-Pdu 3 @(0, 1, 2, 2) }
                Do = { Test-DicomEcho $node }; Id = 'DicomAssociationRejected'; Category = 'PermissionDenied'; Says = 'protocol version not supported' }
            @{ Name = 'is congested'; Script = { $null = Read-Pdu; Send-Pdu 3 @(0, 2, 3, 1) }
                Do = { Test-DicomEcho $node }; Id = 'DicomAssociationRejected'; Category = 'ResourceBusy'; Says = 'for the moment: temporary congestion' }
            @{ Name = 'has too many associations'; Script = { $null = Read-Pdu; Send-Pdu 3 @(0, 2, 3, 2) }
                Do = { Receive-DicomStudy $node -StudyInstanceUID 1.2.3 -Path "$TestDrive/got" -RetryCount 0 }; Id = 'DicomAssociationRejected'; Category = 'ResourceBusy'; Says = 'local limit exceeded'; Target = 'Study 1\.2\.3' }
            @{ Name = 'takes no C-ECHO'; Script = { Send-Accept (Read-Pdu) 3; $null = Read-Pdu }
                Do = { Test-DicomEcho $node }; Id = 'DicomPresentationContextRejected'; Category = 'NotImplemented'; Says = 'Verification SOP Class \(abstract syntax not supported\)' }
            @{ Name = 'takes no CT'; Script = { Send-Accept (Read-Pdu) 3; $null = Read-Pdu }
                Do = { Send-DicomFile $file $node }; Id = 'DicomPresentationContextRejected'; Category = 'NotImplemented'; Says = 'does not take CT Image Storage'; Target = '\.dcm$' }
            @{ Name = 'takes no transfer syntax of ours'; Script = { Send-Accept (Read-Pdu) 4; $null = Read-Pdu }
                Do = { Send-DicomFile $file $node }; Id = 'DicomPresentationContextRejected'; Category = 'NotImplemented'; Says = 'transfer syntaxes not supported'; Target = '\.dcm$' }
            @{ Name = 'takes no query'; Script = { Send-Accept (Read-Pdu) 3; $null = Read-Pdu }
                Do = { Find-DicomStudy $node -PatientID 1 }; Id = 'DicomPresentationContextRejected'; Category = 'NotImplemented'; Says = 'does not take queries of this kind' }
            @{ Name = 'has no worklist'; Script = { Send-Accept (Read-Pdu) 3; $null = Read-Pdu }
                Do = { Find-DicomWorklist $node }; Id = 'DicomPresentationContextRejected'; Category = 'NotImplemented'; Says = 'Modality Worklist' }
            @{ Name = 'takes no C-MOVE'; Script = { Send-Accept (Read-Pdu) 3; $null = Read-Pdu }
                Do = { Move-DicomStudy $node -StudyInstanceUID 1.2.3 -Destination Z }; Id = 'DicomPresentationContextRejected'; Category = 'NotImplemented'; Says = 'does not serve C-MOVE'; Target = 'Study 1\.2\.3' }
            @{ Name = 'takes no C-GET'; Script = { Send-Accept (Read-Pdu) 3; $null = Read-Pdu }
                Do = { Receive-DicomStudy $node -StudyInstanceUID 1.2.3 -Path "$TestDrive/got" }; Id = 'DicomPresentationContextRejected'; Category = 'NotImplemented'; Says = 'does not serve C-GET'; Target = 'Study 1\.2\.3' }
            @{ Name = 'aborts instead of accepting'; Script = { $null = Read-Pdu; Send-Pdu 7 @(0, 0, 2, 1) }
                Do = { Test-DicomEcho $node }; Id = 'DicomAssociationAborted'; Category = 'ConnectionError'; Says = 'instead of answering.*unrecognized PDU' }
            @{ Name = 'aborts on C-ECHO'; Script = { Send-Accept (Read-Pdu); $null = Read-Pdu; Send-Pdu 7 @(0, 0, 0, 0) }
                Do = { Test-DicomEcho $node }; Id = 'DicomAssociationAborted'; Category = 'ConnectionError'; Says = 'aborted the association \(service user' }
            @{ Name = 'aborts on C-STORE'; Script = { Send-Accept (Read-Pdu); $null = Read-Pdu; Send-Pdu 7 @(0, 0, 2, 6) }
                Do = { Send-DicomFile $file $node -RetryCount 0 }; Id = 'DicomAssociationAborted'; Category = 'ConnectionError'; Says = 'invalid PDU parameter'; Target = '\.dcm$' }
            @{ Name = 'aborts on C-FIND'; Script = { Send-Accept (Read-Pdu); $null = Read-Pdu; Send-Pdu 7 @(0, 0, 0, 0) }
                Do = { Find-DicomStudy $node -PatientID 1 }; Id = 'DicomAssociationAborted'; Category = 'ConnectionError'; Says = 'aborted the association' }
            @{ Name = 'aborts on C-MOVE'; Script = { Send-Accept (Read-Pdu); $null = Read-Pdu; Send-Pdu 7 @(0, 0, 0, 0) }
                Do = { Move-DicomStudy $node -StudyInstanceUID 1.2.3 -Destination Z -RetryCount 0 }; Id = 'DicomAssociationAborted'; Category = 'ConnectionError'; Says = 'aborted the association'; Target = 'Study 1\.2\.3' }
            @{ Name = 'aborts on C-GET'; Script = { Send-Accept (Read-Pdu); $null = Read-Pdu; Send-Pdu 7 @(0, 0, 0, 0) }
                Do = { Receive-DicomStudy $node -StudyInstanceUID 1.2.3 -Path "$TestDrive/got" -RetryCount 0 }; Id = 'DicomAssociationAborted'; Category = 'ConnectionError'; Says = 'aborted the association'; Target = 'Study 1\.2\.3' }
            @{ Name = 'does not answer C-ECHO'; Script = { Send-Accept (Read-Pdu); Read-ToEnd }
                Do = { Test-DicomEcho $node -ResponseTimeout 0.5 }; Id = 'DicomResponseTimeout'; Category = 'OperationTimeout'; Says = 'response timeout of 0\.5 s' }
            @{ Name = 'does not answer C-FIND'; Script = { Send-Accept (Read-Pdu); Read-ToEnd }
                Do = { Find-DicomStudy $node -PatientID 1 -ResponseTimeout 0.5 }; Id = 'DicomResponseTimeout'; Category = 'OperationTimeout'; Says = 'response timeout of 0\.5 s' }
            @{ Name = 'does not report'; Script = { Send-Accept (Read-Pdu); $null = Read-Pdu; Send-Response 1 0x8130 1 0; while (($pdu = Read-Pdu) -and $pdu[0] -ne 5) { }; Send-Pdu 6 @(0, 0, 0, 0) }
                Do = { Test-DicomStorageCommitment $file -Node $node -Timeout 0.5 | Out-Null }; Id = 'DicomCommitmentTimeout'; Category = 'OperationTimeout'; Says = 'commitment timeout of 0\.5 s' }
            @{ Name = 'leaves without a report'; Script = { Send-Accept (Read-Pdu); $null = Read-Pdu; Send-Response 1 0x8130 1 0; $null = Read-Pdu }
                Do = { Test-DicomStorageCommitment $file -Node $node | Out-Null }; Id = 'DicomAssociationAborted'; Category = 'ConnectionError'; Says = 'without a storage commitment report' }
            @{ Name = 'has no storage commitment'; Script = { Send-Accept (Read-Pdu) 3; $null = Read-Pdu }
                Do = { Request-DicomStorageCommitment $file -Node $node | Out-Null }; Id = 'DicomPresentationContextRejected'; Category = 'NotImplemented'; Says = 'Storage Commitment Push Model' }
            @{ Name = 'refuses a storage commitment request'; Script = { Send-Accept (Read-Pdu); $null = Read-Pdu; Send-Response 1 0x8130 1 0x0213; $null = Read-Pdu }
                Do = { Request-DicomStorageCommitment $file -Node $node | Out-Null }; Id = 'DicomStatusFailure'; Category = 'InvalidResult'; Says = '0213 \(Resource Limitation\)' }
            @{ Name = 'answers N-ACTION with a C-ECHO response'; Script = { Send-Accept (Read-Pdu); $null = Read-Pdu; Send-Response 1 0x8030 1 0; $null = Read-Pdu }
                Do = { Request-DicomStorageCommitment $file -Node $node | Out-Null }; Id = 'DicomProtocolViolation'; Category = 'ProtocolError'; Says = 'with a C-ECHO response to 1' }
            @{ Name = 'answers C-ECHO without a status'; Script = { Send-Accept (Read-Pdu); $null = Read-Pdu; Send-Response 1 0x8030 1; $null = Read-Pdu }
                Do = { Test-DicomEcho $node }; Id = 'DicomProtocolViolation'; Category = 'ProtocolError'; Says = "C-ECHO response has no Status \(0000,0900\)" }
            @{ Name = 'refuses C-ECHO'; Script = { Send-Accept (Read-Pdu); $null = Read-Pdu; Send-Response 1 0x8030 1 0x0122; $null = Read-Pdu }
                Do = { Test-DicomEcho $node }; Id = 'DicomStatusFailure'; Category = 'InvalidResult'; Says = '0122 \(Refused: SOP Class Not Supported\)' }
            @{ Name = 'answers C-ECHO with a C-STORE response'; Script = { Send-Accept (Read-Pdu); $null = Read-Pdu; Send-Response 1 0x8001 1 0; $null = Read-Pdu }
                Do = { Test-DicomEcho $node }; Id = 'DicomProtocolViolation'; Category = 'ProtocolError'; Says = 'with a C-STORE response to 1' }
            @{ Name = 'answers another request'; Script = { Send-Accept (Read-Pdu); $null = Read-Pdu; Send-Response 1 0x8030 77 0; $null = Read-Pdu }
                Do = { Test-DicomEcho $node }; Id = 'DicomProtocolViolation'; Category = 'ProtocolError'; Says = 'C-ECHO response to 77' }
            @{ Name = 'answers C-FIND with a C-ECHO response'; Script = { Send-Accept (Read-Pdu); $null = Read-Pdu; Send-Response 1 0x8030 1 0; $null = Read-Pdu }
                Do = { Find-DicomStudy $node -PatientID 1 }; Id = 'DicomProtocolViolation'; Category = 'ProtocolError'; Says = 'C-FIND 1 with a C-ECHO response' }
            @{ Name = 'uses a context that was not accepted'; Script = { Send-Accept (Read-Pdu); $null = Read-Pdu; Send-Response 99 0x8030 1 0; $null = Read-Pdu }
                Do = { Test-DicomEcho $node }; Id = 'DicomProtocolViolation'; Category = 'ProtocolError'; Says = 'context 99' }
            @{ Name = 'sends a broken PDV'; Script = { Send-Accept (Read-Pdu); $null = Read-Pdu; Send-Pdu 4 @(0, 0, 0, 200, 1, 3, 1, 2); $null = Read-Pdu }
                Do = { Test-DicomEcho $node }; Id = 'DicomProtocolViolation'; Category = 'ProtocolError'; Says = '200 bytes long, but only 4' }
            @{ Name = 'sends a PDU that does not exist'; Script = { Send-Accept (Read-Pdu); $null = Read-Pdu; Send-Pdu 99 @(0, 0, 0, 0); $null = Read-Pdu }
                Do = { Test-DicomEcho $node }; Id = 'DicomProtocolViolation'; Category = 'ProtocolError'; Says = 'no PDU of type 63H' }
            @{ Name = 'announces a PDU of two gigabytes'; Script = { Send-Accept (Read-Pdu); $null = Read-Pdu; Send-Bytes @(4, 0, 0x7f, 0xff, 0xff, 0xff, 1, 2, 3); $null = Read-Pdu }
                Do = { Test-DicomEcho $node }; Id = 'DicomProtocolViolation'; Category = 'ProtocolError'; Says = '2147483647 bytes' }
            @{ Name = 'closes within a PDU'; Script = { Send-Accept (Read-Pdu); $null = Read-Pdu; Send-Bytes @(4, 0, 0, 0, 0, 90, 1, 2, 3) }
                Do = { Test-DicomEcho $node }; Id = 'DicomAssociationAborted'; Category = 'ConnectionError'; Says = 'after a part of a PDU' }
            @{ Name = 'closes instead of answering C-FIND'; Script = { Send-Accept (Read-Pdu); $null = Read-Pdu }
                Do = { Find-DicomStudy $node -PatientID 1 }; Id = 'DicomAssociationAborted'; Category = 'ConnectionError'; Says = 'closed the connection in the middle' }
        ) {
            $peer = Start-FaultyPeer $Script
            try {
                $node = $peer.Node
                Confirm-Problem (Get-Problem $Do) $Id $Category $Says $(if ($Target) { $Target } else { [regex]::Escape($node) }) $false
            }
            finally { Stop-FaultyPeer $peer }
        }

        It 'serves and <Name>: <Id>' -ForEach @(
            @{ Name = 'refuses the file'; Scp = @{ OnStore = { 0xA900 } }
                Do = { Send-DicomFile $file $node }; Id = 'DicomStatusFailure'; Says = 'A900 \(Data Set Does Not Match SOP Class\)'; Target = '\.dcm$' }
            @{ Name = 'is out of space'; Scp = @{ OnStore = { 0xA700 } }
                Do = { Send-DicomFile $file $node -RetryCount 0 }; Id = 'DicomStatusFailure'; Says = 'A700 \(Refused: Out of Resources\)'; Target = '\.dcm$' }
            @{ Name = 'cannot store, in its own words'; Scp = @{ OnStore = { @{ Status = 0xC001; ErrorComment = 'no more room' } } }
                Do = { Send-DicomFile $file $node -RetryCount 0 }; Id = 'DicomStatusFailure'; Says = 'C001 .*It says: no more room'; Target = '\.dcm$' }
            @{ Name = 'cannot store, and keeps to itself why'; Scp = @{ OnStore = { throw 'no more room' } }
                Do = { Send-DicomFile $file $node -RetryCount 0 }; Id = 'DicomStatusFailure'; Says = '(?s)^(?!.*no more room).*C211 .*It says: The handler failed'; Target = '\.dcm$' }
            @{ Name = 'passes over a key of -Strict'; Scp = @{ OnFind = { [pscustomobject] @{ StudyInstanceUID = '1.2.3' } } }
                Do = { Find-DicomStudy $node -Modality MR -Strict }; Id = 'DicomAnswerNotJudged'; Category = 'InvalidResult'; Says = '1 answer was left out.*no ModalitiesInStudy'; Target = '^SCP@' }
            @{ Name = 'cannot search, in its own words'; Scp = @{ OnFind = { @{ Status = 0xC001; ErrorComment = 'database away' } } }
                Do = { Find-DicomStudy $node -PatientID 1 }; Id = 'DicomStatusFailure'; Says = 'C-FIND with status C001.*It says: database away'; Target = '^SCP@' }
            @{ Name = 'cannot search, and keeps to itself why'; Scp = @{ OnFind = { throw 'database away' } }
                Do = { Find-DicomStudy $node -PatientID 1 }; Id = 'DicomStatusFailure'; Says = '(?s)^(?!.*database away).*C-FIND with status C311.*It says: The handler failed'; Target = '^SCP@' }
            @{ Name = 'does not know the destination'; Scp = @{ OnMove = { 0xA801 } }
                Do = { Move-DicomStudy $node -StudyInstanceUID 1.2.3 -Destination Z }; Id = 'DicomRetrieveFailed'; Says = 'A801 \(Move destination unknown\)'; Target = 'Study 1\.2\.3' }
            @{ Name = 'cannot move, in its own words'; Scp = @{ OnMove = { @{ Status = 0xC001; ErrorComment = 'tape is away' } } }
                Do = { Move-DicomStudy $node -StudyInstanceUID 1.2.3 -Destination Z -RetryCount 0 }; Id = 'DicomRetrieveFailed'; Says = 'C001 .*It says: tape is away'; Target = 'Study 1\.2\.3' }
            @{ Name = 'cannot move, and keeps to itself why'; Scp = @{ OnMove = { throw 'tape is away' } }
                Do = { Move-DicomStudy $node -StudyInstanceUID 1.2.3 -Destination Z -RetryCount 0 }; Id = 'DicomRetrieveFailed'; Says = '(?s)^(?!.*tape is away).*C511 .*It says: The handler failed'; Target = 'Study 1\.2\.3' }
            @{ Name = 'cannot get, in its own words'; Scp = @{ OnGet = { @{ Status = 0xC001; ErrorComment = 'tape is away' } } }
                Do = { Receive-DicomStudy $node -StudyInstanceUID 1.2.3 -Path "$TestDrive/got" -RetryCount 0 }; Id = 'DicomRetrieveFailed'; Says = 'C001 .*It says: tape is away'; Target = 'Study 1\.2\.3' }
            @{ Name = 'cannot get, and keeps to itself why'; Scp = @{ OnGet = { throw 'tape is away' } }
                Do = { Receive-DicomStudy $node -StudyInstanceUID 1.2.3 -Path "$TestDrive/got" -RetryCount 0 }; Id = 'DicomRetrieveFailed'; Says = '(?s)^(?!.*tape is away).*C411 .*It says: The handler failed'; Target = 'Study 1\.2\.3' }
            @{ Name = 'gives one of two instances'; Scp = @{ OnGet = { $using:file; $using:second }; Fault = @{ } }
                Do = { Receive-DicomStudy $node -StudyInstanceUID 1.2.3 -Path "$TestDrive/got" -RetryCount 0 }; Id = 'DicomRetrievePartial'; Says = '1 done, 1 failed'; Target = 'Study 1\.2\.3' }
            @{ Name = 'aborts after two answers'; Scp = @{ OnFind = { 1..9 | ForEach-Object { @{ StudyInstanceUID = "1.2.$_" } } }; Fault = @{ AbortAfter = 2 } }; Category = 'ConnectionError'
                Do = { Find-DicomStudy $node -PatientID 1 }; Id = 'DicomAssociationAborted'; Says = '2 answers had come by then'; Target = '^SCP@' }
            @{ Name = 'breaks off within the answers'; Scp = @{ OnFind = { 1..9 | ForEach-Object { @{ StudyInstanceUID = "1.2.$_" } } }; Fault = @{ DropAfterBytes = 1500 } }; Category = 'ConnectionError'
                Do = { Find-DicomStudy $node -PatientID 1 }; Id = 'DicomAssociationAborted'; Says = 'answers had come by then'; Target = '^SCP@' }
            @{ Name = 'breaks off within a file'; Scp = @{ OnStore = { }; Fault = @{ DropAfterBytes = 700 } }; Category = 'ConnectionError'
                Do = { Send-DicomFile $file $node -RetryCount 0 }; Id = 'DicomAssociationAborted'; Says = 'closed the connection'; Target = '\.dcm$' }
            @{ Name = 'lets nobody in'; Scp = @{ OnFind = { }; Fault = @{ RefuseAssociation = $true } }; Category = 'PermissionDenied'
                Do = { Find-DicomStudy $node -PatientID 1 }; Id = 'DicomAssociationRejected'; Says = '^SCP@\S+ refused the association'; Target = '^SCP@' }
            @{ Name = 'speaks no TLS'; Scp = @{ OnFind = { } }; Category = 'ProtocolError'
                Do = { Test-DicomEcho $node -Tls }; Id = 'DicomTlsMismatch'; Says = 'plain DICOM, not TLS|closed the connection'; Target = '^SCP@' }
        ) {
            # The second instance is of a class that the first association does not know, and of no transfer syntax that is taken.
            $second = New-StudyFile "$TestDrive/second" @{ StudyInstanceUID = '1.2.3'; SOPClassUID = '1.2.826.0.1.3680043.10.999.77' }
            $server = Start-DicomScp -Port 0 -AETitle SCP @Scp
            try {
                $node = "SCP@127.0.0.1:$($server.Port)"
                Confirm-Problem (Get-Problem $Do) $Id $(if ($Category) { $Category } else { 'InvalidResult' }) $Says $Target $false
            }
            finally { Stop-DicomScp $server -Force }
        }

        It 'is not there: <Id>' -ForEach @(
            @{ Do = { Test-DicomEcho X@no-such-host.invalid:104 }; Id = 'DicomNameLookupFailed'; Category = 'ResourceUnavailable'; Says = 'no-such-host\.invalid'; Target = 'no-such-host' }
            @{ Do = { Test-DicomEcho X@127.0.0.1:1 }; Id = 'DicomConnectionRefused'; Category = 'ConnectionError'; Says = 'Nothing listens on port 1'; Target = '^X@127' }
            @{ Do = { Find-DicomStudy X@127.0.0.1:1 -PatientID 1 }; Id = 'DicomConnectionRefused'; Category = 'ConnectionError'; Says = '^X@127\.0\.0\.1:1: Nothing listens'; Target = '^X@127' }
            @{ Do = { Receive-DicomStudy X@127.0.0.1:1 -StudyInstanceUID 1.2.3 -Path "$TestDrive/got" -RetryCount 0 }; Id = 'DicomConnectionRefused'; Category = 'ConnectionError'; Says = 'Study 1\.2\.3: X@127\.0\.0\.1:1: Nothing listens'; Target = 'Study' }
        ) {
            Confirm-Problem (Get-Problem $Do) $Id $Category $Says $Target $false
        }

        It 'speaks TLS: its certificate is not trusted, and plain DICOM is told apart' {
            $server = Start-DicomStorageScp "$TestDrive/tls" -Port 0 -Certificate (New-Certificate)
            try {
                $node = "DICOMPS@127.0.0.1:$($server.Port)"
                Confirm-Problem (Get-Problem { Test-DicomEcho $node -Tls }) DicomCertificateRejected SecurityError 'not trusted' '^DICOMPS@' $false
                Confirm-Problem (Get-Problem { Test-DicomEcho $node -Tls -TrustedThumbprint 00 }) DicomCertificateRejected SecurityError 'not among those of -TrustedThumbprint' '^DICOMPS@' $false
                Confirm-Problem (Get-Problem { Test-DicomEcho $node }) DicomTlsMismatch ProtocolError 'speaks TLS' '^DICOMPS@' $false
            }
            finally { Stop-DicomStorageScp $server -Force }
        }
    }

    Context 'an archive that' {
        It 'does not have what it is to answer for: DicomNotCommitted' {
            $archive = Start-DicomArchive "$TestDrive/archive" -Port 0 -AETitle BOX
            try {
                Confirm-Problem (Get-Problem { Test-DicomStorageCommitment $file -Node "BOX@127.0.0.1:$($archive.Port)" | Out-Null }) DicomNotCommitted InvalidResult '1 of 1 instances.*\(0112H\)' '^BOX@' $false
            }
            finally { Stop-DicomArchive $archive -Force }
        }
    }

    Context 'a node that is dead' {
        It 'has one full error and one that counts, and each file its result' {
            $files = 1..30 | ForEach-Object { $copy = "$TestDrive/one/copy-$_.dcm"; Copy-Item -LiteralPath $file $copy; $copy }
            $results = Send-DicomFile $files X@127.0.0.1:1 -RetryCount 0 -ErrorVariable problem -ErrorAction SilentlyContinue
            $results | Should -HaveCount 30
            $results.Status | Sort-Object -Unique | Should -Be 'NotSent'
            $results.Error | Sort-Object -Unique | Should -Match 'Nothing listens on port 1'
            $problem | Should -HaveCount 2
            "$($problem[0])" | Should -Match 'copy-\d+\.dcm: X@127\.0\.0\.1:1: Nothing listens'
            "$($problem[1])" | Should -Match '^29 further files were not sent for the same reason\. X@127\.0\.0\.1:1: Nothing listens'
            $problem[1].FullyQualifiedErrorId | Should -BeLike 'DicomConnectionRefused,*'
            $problem[1].TargetObject | Should -BeOfType DicomPS.Associations.DicomNode
        }
    }

    Context 'a user who' {
        BeforeAll {
            $taken = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Any, 0)
            $taken.Start()
            $port = $taken.LocalEndpoint.Port
            $hadConfig = $env:DICOMPS_CONFIG_HOME
        }
        AfterAll { $taken.Stop() }
        AfterEach { $env:DICOMPS_CONFIG_HOME = $hadConfig }

        It '<Name>: <Id>' -ForEach @(
            @{ Name = 'asks for a node that is not registered'; Do = { Get-DicomNode nobody }; Id = 'DicomNodeNotFound'; Category = 'ObjectNotFound'; Says = "'nobody'"; Target = 'nobody' }
            @{ Name = 'removes a node that is not registered'; Do = { Remove-DicomNode nobody }; Id = 'DicomNodeNotFound'; Category = 'ObjectNotFound'; Says = "'nobody'"; Target = 'nobody' }
            @{ Name = 'asks for storage commitment of nothing'; Do = { Test-DicomStorageCommitment -Node X@h:1 }; Id = 'DicomCommitmentInputUnknown'; Category = 'InvalidArgument'; Says = 'nothing to ask for'; Target = 'Test-Dicom' }
            @{ Name = 'asks for storage commitment of a date'; Do = { Get-Date | Request-DicomStorageCommitment -Node X@h:1 }; Id = 'DicomCommitmentInputUnknown'; Category = 'InvalidType'; Says = 'DateTime names no instance' }
            @{ Name = 'asks for storage commitment of what has no UID'; Do = { [pscustomobject]@{ SOPClassUID = 'CT'; SOPInstanceUID = '1.2' } | Request-DicomStorageCommitment -Node X@h:1 }; Id = 'DicomCommitmentInputUnknown'; Category = 'InvalidData'; Says = "'CT'.*no UID" }
            @{ Name = 'names a node with @'; Do = { Set-DicomNode 'a@b' -AETitle T -HostName h }; Id = 'DicomNodeInvalid'; Category = 'InvalidArgument'; Says = 'a@b'; Target = 'a@b' }
            @{ Name = 'registers a title that is too long'; Do = { Set-DicomNode a -AETitle THIS-TITLE-IS-TOO-LONG -HostName h }; Id = 'DicomAETitleInvalid'; Category = 'InvalidArgument'; Says = '22 characters; 16 is the most'; Target = 'THIS-TITLE' }
            @{ Name = 'calls by a title that is too long'; Do = { Test-DicomEcho X@h:1 -CallingAETitle THIS-TITLE-IS-TOO-LONG }; Ends = $true; Id = 'DicomAETitleInvalid'; Category = 'InvalidArgument'; Says = '22 characters'; Target = 'THIS-TITLE' }
            @{ Name = 'calls by a title with a backslash'; Do = { Find-DicomStudy X@h:1 -CallingAETitle 'A\B' }; Ends = $true; Id = 'DicomAETitleInvalid'; Category = 'InvalidArgument'; Says = 'a backslash'; Target = 'A\\B' }
            @{ Name = 'calls a title that is too long'; Do = { Test-DicomEcho -HostName h -CalledAETitle THIS-TITLE-IS-TOO-LONG }; Ends = $true; Id = 'DicomAETitleInvalid'; Category = 'InvalidArgument'; Says = '22 characters'; Target = 'THIS-TITLE' }
            @{ Name = 'moves to a title that is too long'; Do = { Move-DicomStudy X@h:1 -StudyInstanceUID 1.2 -Destination THIS-TITLE-IS-TOO-LONG }; Ends = $true; Id = 'DicomAETitleInvalid'; Category = 'InvalidArgument'; Says = '22 characters'; Target = 'THIS-TITLE' }
            @{ Name = 'serves under a title that is too long'; Do = { Start-DicomScp -Port 0 -AETitle THIS-TITLE-IS-TOO-LONG -OnFind { } }; Ends = $true; Id = 'DicomAETitleInvalid'; Category = 'InvalidArgument'; Says = '22 characters'; Target = 'THIS-TITLE' }
            @{ Name = 'has a broken file of nodes'; Do = { $env:DICOMPS_CONFIG_HOME = "$TestDrive/config"; $null = New-Item -ItemType Directory -Force "$TestDrive/config"; Set-Content "$TestDrive/config/nodes.json" '{ broken'; Get-DicomNode }; Ends = $true
                Id = 'DicomNodeFileBroken'; Category = 'InvalidData'; Says = 'nodes\.json'; Target = 'nodes\.json' }
            @{ Name = 'sends a folder without DICOM'; Do = { Send-DicomFile "$TestDrive/empty" X@h:1 }; Id = 'DicomFolderWithoutDicom'; Category = 'ObjectNotFound'; Says = 'empty'; Target = 'empty$' }
            @{ Name = 'reads a folder without DICOM'; Do = { Get-DicomFile "$TestDrive/empty" }; Id = 'DicomFolderWithoutDicom'; Category = 'ObjectNotFound'; Says = 'empty'; Target = 'empty$' }
            @{ Name = 'writes a wildcard without match'; Do = { Send-DicomFile "$TestDrive/*.nothing" X@h:1 }; Id = 'DicomFileNotFound'; Category = 'ObjectNotFound'; Says = 'No file matches'; Target = '\*\.nothing$' }
            @{ Name = 'sends a file that is not there'; Do = { Send-DicomFile "$TestDrive/nope" X@h:1 }; Id = 'DicomFileNotFound'; Category = 'ObjectNotFound'; Says = 'no file or folder'; Target = 'nope$' }
            @{ Name = 'pipes something that is no path'; Do = { Get-Date | Send-DicomFile -Node X@h:1 }; Id = 'DicomFileNotFound'; Category = 'ObjectNotFound'; Says = 'is a DateTime and names no file' }
            @{ Name = 'reads a file that is no DICOM'; Do = { Get-DicomElement $PSCommandPath }; Id = 'DicomFileUnreadable'; Category = 'InvalidData'; Says = 'no DICOM file'; Target = 'Errors\.Tests' }
            @{ Name = 'receives into what is no folder'; Do = { Receive-DicomStudy X@h:1 -StudyInstanceUID 1.2 -Path env:x }; Ends = $true; Id = 'DicomFileNotFound'; Category = 'InvalidArgument'; Says = 'not in the file system'; Target = 'env:x' }
            @{ Name = 'receives where nobody may write'; Do = { Receive-DicomStudy X@h:1 -StudyInstanceUID 1.2 -Path $file }; Ends = $true; Id = 'DicomFolderNotWritable'; Category = 'PermissionDenied'; Says = 'cannot be written to'; Target = '\.dcm$' }
            @{ Name = 'serves where nobody may write'; Do = { Start-DicomStorageScp $file -Port 0 }; Ends = $true; Id = 'DicomFolderNotWritable'; Category = 'PermissionDenied'; Says = 'cannot be written to'; Target = '\.dcm$' }
            @{ Name = 'opens an archive where nobody may write'; Do = { Start-DicomArchive $file -Port 0 }; Ends = $true; Id = 'DicomFolderNotWritable'; Category = 'PermissionDenied'; Says = 'cannot be used'; Target = '\.dcm$' }
            @{ Name = 'traces into a folder that is not there'; Do = { Test-DicomEcho X@h:1 -TracePath "$TestDrive/no/t.txt" }; Ends = $true; Id = 'DicomTraceUnusable'; Category = 'OpenError'; Says = 'cannot be written'; Target = 't\.txt$' }
            @{ Name = 'audits into a folder that is not there'; Do = { Start-DicomStorageScp "$TestDrive/in" -Port 0 -Audit "$TestDrive/no/a.json" }; Ends = $true; Id = 'DicomAuditUnusable'; Category = 'OpenError'; Says = 'cannot be used'; Target = 'a\.json$' }
            @{ Name = 'opens an archive twice'; Do = { $one = Start-DicomArchive "$TestDrive/twice" -Port 0; try { Start-DicomArchive "$TestDrive/twice" -Port 0 } finally { Stop-DicomArchive $one -Force } }; Ends = $true; Id = 'DicomArchiveBusy'; Category = 'ResourceBusy'; Says = 'twice'; Target = 'twice' }
            @{ Name = 'takes a port that is taken'; Do = { Start-DicomStorageScp "$TestDrive/in" -Port $port }; Ends = $true; Id = 'DicomPortInUse'; Category = 'ResourceBusy'; Says = 'cannot be listened on'; Target = '^\d+$' }
            @{ Name = 'moves to a port that is taken'; Do = { Move-DicomStudy X@h:1 -StudyInstanceUID 1.2 -Path "$TestDrive/in" -LocalPort $port }; Ends = $true; Id = 'DicomPortInUse'; Category = 'ResourceBusy'; Says = 'cannot be listened on'; Target = '^\d+$' }
            @{ Name = 'listens on an address of another machine'; Do = { Start-DicomScp -Port 0 -Address 192.0.2.1 -OnFind { } }; Ends = $true; Id = 'DicomAddressNotAvailable'; Category = 'InvalidArgument'; Says = '192\.0\.2\.1' }
            @{ Name = 'turns a range of time upside down'; Do = { Find-DicomStudy X@h:1 -After 2024-02-01 -Before 2024-01-01 }; Ends = $true; Id = 'DicomDateRangeInvalid'; Category = 'InvalidArgument'; Says = 'Nothing lies after 2024-02-01'; Target = '2024' }
            @{ Name = 'calls nobody, and says how'; Do = { Find-DicomStudy -Index ./i.db -Tls }; Ends = $true; Id = 'DicomParameterWithoutMeaning'; Category = 'InvalidArgument'; Says = '-Tls means nothing with -Index'; Target = 'Tls' }
            @{ Name = 'gives a range twice'; Do = { Find-DicomStudy X@h:1 -After 2024-02-01 -StudyDate 20240101 }; Ends = $true; Id = 'DicomDateRangeInvalid'; Category = 'InvalidArgument'; Says = '-StudyDate and -After'; Target = '2024' }
            @{ Name = 'asks for a UID that is none'; Do = { Find-DicomStudy X@h:1 -StudyInstanceUID 1.2.x }; Id = 'DicomUidInvalid'; Category = 'InvalidArgument'; Says = "'1\.2\.x' is no UID for StudyInstanceUID"; Target = '^1\.2\.x$' }
            @{ Name = 'moves what Find did not ask for'; Do = { [pscustomobject] @{ StudyInstanceUID = '1.2.3'; Matches = $false } | Move-DicomStudy X@h:1 -Destination Z }; Id = 'DicomAnswerNotMatching'; Category = 'InvalidData'; Says = '1\.2\.3 is not retrieved'; Target = '^1\.2\.3$' }
            @{ Name = 'asks for a SOP class that is none'; Do = { Find-DicomInstance X@h:1 -SOPClass CTImages }; Id = 'DicomUidInvalid'; Category = 'InvalidArgument'; Says = "'CTImages' is no UID for SOPClassUID"; Target = 'CTImages' }
            @{ Name = 'gives a key that is empty'; Do = { Find-DicomStudy X@h:1 -PatientID '' }; Ends = $true; Id = 'DicomKeyEmpty'; Category = 'InvalidArgument'; Says = '-PatientID is given and is empty'; Target = '^PatientID$' }
            @{ Name = 'moves a UID that is none'; Do = { Move-DicomStudy X@h:1 -StudyInstanceUID 1.2.x -Destination Z }; Id = 'DicomRetrieveKeysInvalid'; Category = 'InvalidArgument'; Says = "'1\.2\.x' is no UID"; Target = '1\.2\.x' }
            @{ Name = 'moves a series without its study'; Do = { Move-DicomStudy X@h:1 -SeriesInstanceUID 1.2 -Destination Z }; Id = 'DicomRetrieveKeysInvalid'; Category = 'InvalidArgument'; Says = 'needs StudyInstanceUID'; Target = '1\.2' }
            @{ Name = 'moves nothing'; Do = { Move-DicomStudy X@h:1 -Destination Z }; Id = 'DicomRetrieveKeysInvalid'; Category = 'InvalidArgument'; Says = 'nothing to retrieve'; Target = '^X@h:1$' }
            @{ Name = 'moves to nowhere'; Do = { Move-DicomStudy X@h:1 -StudyInstanceUID 1.2 }; Ends = $true; Id = 'DicomDestinationMissing'; Category = 'InvalidArgument'; Says = 'Neither -Destination nor -Path' }
            @{ Name = 'moves here without a port'; Do = { Move-DicomStudy X@h:1 -StudyInstanceUID 1.2 -Path "$TestDrive/in" }; Ends = $true; Id = 'DicomLocalPortMissing'; Category = 'InvalidArgument'; Says = 'not known on which port'; Target = '^X@h:1$' }
            @{ Name = 'writes a keyword that is none'; Do = { Find-DicomStudy X@h:1 -Key @{ PatientNmae = 'x' } }; Ends = $true; Id = 'DicomKeywordUnknown'; Category = 'InvalidArgument'; Says = "'PatientNmae'.*Did you mean PatientName\?"; Target = 'PatientNmae' }
            @{ Name = 'wants a property that is none'; Do = { Get-DicomFile $file -Property PatientNmae }; Ends = $true; Id = 'DicomKeywordUnknown'; Category = 'InvalidArgument'; Says = "'PatientNmae'.*Did you mean PatientName\?"; Target = 'PatientNmae' }
            @{ Name = 'writes a layout that is none'; Do = { Receive-DicomStudy X@h:1 -StudyInstanceUID 1.2 -Path "$TestDrive/in" -Layout Sereis }; Ends = $true; Id = 'DicomLayoutInvalid'; Category = 'InvalidArgument'; Says = "'Sereis'"; Target = 'Sereis' }
            @{ Name = 'writes a layout with an open brace'; Do = { Start-DicomStorageScp "$TestDrive/in" -Port 0 -Layout '{PatientID' }; Ends = $true; Id = 'DicomLayoutInvalid'; Category = 'InvalidArgument'; Says = 'not closed|no \{SOPInstanceUID\}'; Target = '\{PatientID' }
            @{ Name = 'names a service without a block'; Do = { Start-DicomScp -Port 0 -Service QueryRetrieve }; Ends = $true; Id = 'DicomServiceInvalid'; Category = 'InvalidArgument'; Says = 'no block to answer'; Target = 'QueryRetrieve' }
            @{ Name = 'uses a variable that is not there'; Do = { Start-DicomScp -Port 0 -OnFind { $using:noSuchVariable } }; Ends = $true; Id = 'DicomUsingVariableInvalid'; Category = 'ObjectNotFound'; Says = 'noSuchVariable'; Target = 'noSuchVariable' }
            @{ Name = 'names a certificate that is not there'; Do = { Test-DicomEcho X@h:1 -CertificateThumbprint 00 }; Ends = $true; Id = 'DicomCertificateInvalid'; Category = 'ObjectNotFound'; Says = 'thumbprint 00'; Target = '00' }
            @{ Name = 'gives a certificate without its key'; Do = { Start-DicomStorageScp "$TestDrive/in" -Port 0 -Certificate (New-Certificate -WithoutKey) }; Ends = $true; Id = 'DicomCertificateInvalid'; Category = 'SecurityError'; Says = 'private key' }
            @{ Name = 'stops a server that is not there'; Do = { Stop-DicomScp -Id 99 }; Id = 'DicomServerNotFound'; Category = 'ObjectNotFound'; Says = '99'; Target = '^99$' }
            @{ Name = 'imports without an archive'; Do = { Import-DicomFile $file }; Ends = $true; Id = 'DicomArchiveMissing'; Category = 'InvalidArgument'; Says = 'No archive runs' }
            @{ Name = 'asks an index that is not there'; Do = { Find-DicomStudy -Index "$TestDrive/no.db" }; Ends = $true; Id = 'DicomIndexUnusable'; Category = 'OpenError'; Says = 'no\.db'; Target = 'no\.db$' }
            @{ Name = 'asks an index that is none'; Do = { Find-DicomStudy -Index $PSCommandPath }; Ends = $true; Id = 'DicomIndexUnusable'; Category = 'OpenError'; Says = 'no SQLite database'; Target = 'Errors\.Tests' }
            @{ Name = 'puts a number into an index'; Do = { 5 | Export-DicomIndex "$TestDrive/i.db" }; Id = 'DicomIndexInputUnknown'; Category = 'InvalidType'; Says = 'of the type Int32'; Target = '^5$' }
            @{ Name = 'converts a text that is no JSON'; Do = { '{ bad' | ConvertFrom-DicomJson }; Id = 'DicomJsonInvalid'; Category = 'ParserError'; Says = 'line 1, character 3'; Target = '\{ bad' }
        ) {
            Confirm-Problem (Get-Problem $Do) $Id $Category $Says $Target ([bool] $Ends)
        }

        # PowerShell itself refuses a value that a parameter cannot take; the id is its own, the words are ours.
        It '<Name> hears it from PowerShell, in our words' -ForEach @(
            @{ Name = 'calls a node that is not registered'; Do = { Test-DicomEcho nobody }; Says = "No node is registered as 'nobody'.*Set-DicomNode" }
            @{ Name = 'calls a title that is too long'; Do = { Test-DicomEcho THIS-TITLE-IS-TOO-LONG@h:1 }; Says = '22 characters; 16 is the most\.$' }
            @{ Name = 'calls a title with a backslash'; Do = { Test-DicomEcho 'A\B@h:1' }; Says = 'a backslash\.$' }
            @{ Name = 'calls a port that is none'; Do = { Test-DicomEcho X@h:99999 }; Says = "'99999' is no port between 1 and 65535" }
            @{ Name = 'turns a date range upside down'; Do = { Find-DicomStudy X@h:1 -StudyDate 20240201-20240101 }; Says = 'ends before it begins' }
            @{ Name = 'writes a date that is none'; Do = { Find-DicomStudy X@h:1 -StudyDate whenever }; Says = "'whenever' is no date" }
            @{ Name = 'writes a time that is none'; Do = { Test-DicomEcho X@h:1 -ConnectTimeout soon }; Says = "'soon' is not a time" }
            @{ Name = 'writes a window that is none'; Do = { Receive-DicomStudy X@h:1 -StudyInstanceUID 1.2 -Path $TestDrive -Between 99:00-01:00 }; Says = 'Write it as 22:00-06:00' }
            @{ Name = 'plans a fault that is none'; Do = { Start-DicomScp -Port 0 -OnFind { } -Fault @{ Nope = 1 } }; Says = "'Nope' is no fault" }
        ) {
            $problem = Get-Problem $Do
            $problem.Ended | Should -BeTrue
            $problem.Records | Should -HaveCount 1
            "$($problem.Records[0])" | Should -Match $Says
            $problem.Records[0].FullyQualifiedErrorId | Should -Match '^(ParameterArgumentTransformationError|CannotConvertArgumentNoMessage),DicomPS'
            "$($problem.Records[0])" | Should -Not -Match '\(Parameter |Exception'
        }
    }

    It 'meets every id of ErrorIds.cs and ErrorRecords.cs, but those that cannot be met here' -ForEach @{ Unmet = $unmet } {
        $source = Get-Content -Raw (Join-Path $root 'src/DicomPS/Errors/Error*.cs')
        $known = [regex]::Matches($source, '"(Dicom[A-Z]\w+)"').ForEach({ $_.Groups[1].Value })
        $known += 'Connect', 'Association', 'Response', 'Write', 'Idle', 'Release', 'Commitment' | ForEach-Object { "Dicom$($_)Timeout" }
        $known += 'Partial', 'Failed', 'Suspect', 'Cancelled' | ForEach-Object { "DicomRetrieve$_" }
        $known | Sort-Object -Unique | Where-Object { $_ -notin $met -and -not $Unmet[$_] } | Should -BeNullOrEmpty
        $Unmet.Keys | Where-Object { $_ -in $met -or $_ -notin $known } | Should -BeNullOrEmpty
    }
}
