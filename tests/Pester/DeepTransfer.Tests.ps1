# New-DicomTransfer -Verify Commitment, Headers and Bytes, and what comes to the worker's own port, between two archives.
Describe 'Transfers that are verified by more than counts' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Transfers.ps1"
        $two = Start-TwoArchives 3
        function Invoke-Transfer([string] $Name, [hashtable] $More, [hashtable] $Worker = @{}) {
            New-FilledTransfer $two $Name $More
            Start-DicomTransferWorker $two.Store $Name -WarningAction SilentlyContinue @Worker
        }
    }

    AfterAll { $two.Servers | Stop-DicomArchive }

    It 'has the destination answer for each instance with Commitment' {
        $result = Invoke-Transfer commitment @{ Verify = 'commitment' }
        $result.IsComplete, $result.Done | Should -Be $true, 3
        $test = Test-DicomTransfer $two.Store commitment
        $test.Success, $test.Verify | Should -Be $true, 'Commitment'
    }

    It 'looks inside what the destination had already, and skips it' {
        $result = Invoke-Transfer again @{ Verify = 'Bytes'; VerifySample = 50 }
        $result.IsComplete, $result.Skipped, $result.Done, $result.Moved | Should -Be $true, 3, 0, 0
        $transfer = Get-DicomTransfer $two.Store again
        $transfer.Verify, $transfer.VerifySample | Should -Be 'Bytes', 50
    }

    It 'names the attribute that differs' {
        $null = New-Instance "$($two.Place)/more" '1.2.840.99.4' '1.2.840.99.4.1.1' 'CT' 'P4'
        $null = New-Instance "$($two.Place)/changed" '1.2.840.99.4' '1.2.840.99.4.1.1' 'CT' 'OTHER'
        $null = Send-DicomFile "$($two.Place)/more" $two.Old -Recurse -ErrorAction Stop
        $null = Send-DicomFile "$($two.Place)/changed" $two.New -Recurse -ErrorAction Stop
        $result = Invoke-Transfer headers @{ Verify = 'Headers' }
        $result.IsComplete, $result.Differs | Should -Be $false, 1
        $item = Get-DicomTransferItem $two.Store headers -State Differs
        $item.StudyInstanceUID | Should -Be '1.2.840.99.4'
        $item.Error | Should -BeLike '*PatientID*'
        Export-DicomTransferReport $two.Store headers -Path "$TestDrive/qc.html"
        Get-Content "$TestDrive/qc.html" -Raw | Should -BeLike '*PatientID*OTHER*'
        $test = Test-DicomTransfer $two.Store headers -Quiet
        $test.Success, $test.GetExitCode() | Should -Be $false, 1
    }

    It 'says that -VerifySample does nothing where nothing is got back' {
        $null = New-DicomTransfer $two.Store uids $two.Old $two.New -Verify Uids -VerifySample 5 -WarningVariable told -WarningAction SilentlyContinue
        "$told" | Should -BeLike '*-VerifySample does nothing*'
    }

    It 'does not begin without a port for what is to be moved to it' {
        $store = "$($two.Place)/deaf.db"
        $null = New-DicomTransfer $store deaf $two.Old $two.New -Method Forward
        (Set-DicomTransferNode $store $two.Old -RetrieveBy move).RetrieveBy | Should -BeExactly 'Move'
        $problem = { Start-DicomTransferWorker $store deaf -ErrorAction Stop } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomLocalPortMissing,*'
        $problem.ErrorDetails.RecommendedAction | Should -BeLike '*-LocalPort*'
    }

    It 'has studies moved to the port of the worker with Forward, and leaves nothing there' {
        $port = Get-FreePort
        $place = (New-Item -ItemType Directory "$TestDrive/moved").FullName
        $spool = (New-Item -ItemType Directory "$TestDrive/spool").FullName
        $new = Start-DicomArchive "$place/new" -Port 0 -AETitle NEW
        $old = Start-DicomArchive "$place/old" -Port 0 -AETitle OLD -Destination @{ WORKER = "WORKER@127.0.0.1:$port" }
        $null = Send-DicomFile $two.Files "OLD@127.0.0.1:$($old.Port)" -Recurse -ErrorAction Stop
        try {
            $null = New-DicomTransfer "$place/move.db" fetch "OLD@127.0.0.1:$($old.Port)" "NEW@127.0.0.1:$($new.Port)" -Method Forward -VerifyDelay 0
            $null = Set-DicomTransferNode "$place/move.db" "OLD@127.0.0.1:$($old.Port)" -RetrieveBy Move
            $null = Find-DicomStudy "OLD@127.0.0.1:$($old.Port)" | Add-DicomTransferItem "$place/move.db" fetch
            $result = Start-DicomTransferWorker "$place/move.db" fetch -LocalPort $port -CallingAETitle WORKER -SpoolPath $spool -Allow Node
            $result.IsComplete, $result.Moved, $result.Done | Should -Be $true, 3, 3
            Get-ChildItem $spool -Force | Should -BeNullOrEmpty
        }
        finally { $new, $old | Stop-DicomArchive }
    }

    It 'refuses who fits no rule of -Allow, and rules that cannot hold' {
        $problem = { Start-DicomTransferWorker $two.Store commitment -LocalPort 11112 -Allow @{ Thumbprint = 'A' * 40 } -ErrorAction Stop } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomAccessRuleInvalid,*'
    }
}
