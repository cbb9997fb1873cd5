Describe 'Test-DicomTransfer' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Transfers.ps1"
        $two = Start-TwoArchives
        New-FilledTransfer $two late
        $null = New-DicomTransfer $two.Store empty $two.Old $two.New
    }

    AfterAll { $two.Servers | Stop-DicomArchive }

    It 'is an error and an object when it is not at its end' {
        $test = Test-DicomTransfer $two.Store late -ErrorVariable problems -ErrorAction SilentlyContinue
        $test.Success, $test.Left, $test.GetExitCode() | Should -Be $false, 3, 2
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'DicomTransferIncomplete,*'
        (Test-DicomTransfer $two.Store late -Quiet -ErrorAction Stop).Success | Should -BeFalse
    }

    It 'verifies at once what was to be verified later' {
        $null = New-DicomTransfer $two.Store slow $two.Old $two.New -VerifyDelay 3600
        $null = Find-DicomStudy $two.Old | Add-DicomTransferItem $two.Store slow
        $shell = [powershell]::Create().AddScript("Import-Module '$((Get-Module DicomPS).Path)'; Start-DicomTransferWorker '$($two.Store)' slow")
        $running = $shell.BeginInvoke()
        $until = (Get-Date).AddSeconds(60)
        while ((Get-DicomTransfer $two.Store slow).Transferred -lt 3 -and (Get-Date) -lt $until) { Start-Sleep -Milliseconds 200 }
        $shell.Stop()
        $shell.Dispose()
        $test = Test-DicomTransfer $two.Store slow
        $test.Success, $test.Done, $test.ChainIntact, $test.Attempts | Should -Be $true, 3, $true, 6
    }

    It 'advises to resume what is <State>' -ForEach @{ State = 'Suspended' }, @{ State = 'Stopped' } {
        New-FilledTransfer $two $State
        $null = if ($State -eq 'Suspended') { Suspend-DicomTransfer $two.Store $State } else { Stop-DicomTransfer $two.Store $State -Confirm:$false }
        (Test-DicomTransfer $two.Store $State -NoVerify -Quiet).Advice | Should -BeLike '*Resume-DicomTransfer*'
    }

    It 'ends PowerShell with the code with -ExitCode: <Code> for <Name>' -ForEach @(@{ Name = 'late'; Code = 2 }, @{ Name = 'empty'; Code = 1 }, @{ Name = 'slow'; Code = 0 }
        @{ Name = 'slwo'; Code = 1 }, @{ Name = 'slow,slwo'; Code = 1 }, @{ Name = 'none*'; Code = 1 }) {
        & $pwsh -NoProfile -Command "Import-Module '$((Get-Module DicomPS).Path)'; Test-DicomTransfer '$($two.Store)' $Name -Quiet -NoVerify -ExitCode" | Out-Null
        $LASTEXITCODE | Should -Be $Code
    }

    It 'ends a script with 1 when the store is not there' {
        Set-Content "$TestDrive/nightly.ps1" "Import-Module '$((Get-Module DicomPS).Path)'; Test-DicomTransfer '$TestDrive/none.db' move -Quiet -ExitCode"
        & $pwsh -NoProfile -File "$TestDrive/nightly.ps1" *> $null
        $LASTEXITCODE | Should -Be 1
    }
}
