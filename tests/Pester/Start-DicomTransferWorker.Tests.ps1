Describe 'Start-DicomTransferWorker' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Transfers.ps1"
        $two = Start-TwoArchives
    }

    AfterAll { $two.Servers | Stop-DicomArchive }

    It 'moves everything, verifies it, and says so' {
        New-FilledTransfer $two
        $result = Start-DicomTransferWorker $two.Store night
        $result.IsComplete, $result.Moved, $result.Done, $result.Left | Should -Be $true, 3, 3, 0
        (Find-DicomStudy $two.New).Instances | Should -Be 2, 2, 2
        (Get-DicomTransfer $two.Store night).State | Should -Be 'Done'
        (Test-DicomTransfer $two.Store night).Success | Should -BeTrue
    }

    It 'does not call a transfer without studies complete, and knows no name that is not there' {
        $null = New-DicomTransfer $two.Store nothing $two.Old $two.New
        $result = Start-DicomTransferWorker $two.Store nothing -WarningVariable warning -WarningAction SilentlyContinue
        $result.IsComplete | Should -BeFalse
        "$warning" | Should -BeLike '*has no studies*Add-DicomTransferItem*'
        Start-DicomTransferWorker $two.Store zz* -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'DicomTransferNotFound,*'
    }

    It 'skips what is there' {
        New-FilledTransfer $two again
        $result = Start-DicomTransferWorker $two.Store again
        $result.Moved, $result.Skipped, $result.IsComplete | Should -Be 0, 3, $true
    }

    It 'says once that a node is closed, and waits' {
        New-FilledTransfer $two closed
        # Two hours of another day.
        $day = (Get-Date).AddDays(3).ToString('ddd', [cultureinfo]::InvariantCulture)
        $null = Set-DicomTransferNode $two.Store $two.Old -Between "$day 02:00-04:00"
        try {
            $shell = [powershell]::Create().AddScript("Import-Module '$((Get-Module DicomPS).Path)'; Start-DicomTransferWorker '$($two.Store)' closed")
            $running = $shell.BeginInvoke()
            $until = (Get-Date).AddSeconds(60)
            while ($shell.Streams.Warning.Count -eq 0 -and (Get-Date) -lt $until) { Start-Sleep -Milliseconds 100 }
            $shell.Stop()
            @($shell.Streams.Warning).Count | Should -Be 1
            "$($shell.Streams.Warning)" | Should -BeLike "*opens*$day 02:00-04:00*waits*"
            $shell.Dispose()
            (Get-DicomTransfer $two.Store closed).Waiting | Should -Be 3
        }
        finally { $null = Set-DicomTransferNode $two.Store $two.Old -Between '' }
    }

    It 'fails at once what the source does not have' {
        $null = New-DicomTransfer $two.Store gone $two.Old $two.New -VerifyDelay 0
        $null = '1.2.840.99.404' | Add-DicomTransferItem $two.Store gone
        $result = Start-DicomTransferWorker $two.Store gone -WarningAction SilentlyContinue
        $result.Failed, $result.Left | Should -Be 1, 0
        $item = Get-DicomTransferItem $two.Store gone
        $item.State, $item.Reason | Should -Be 'Failed', 'NotAtSource'
        $item.Error | Should -BeLike '*no such study*'
    }

    It 'moves what came late to a study that was done' {
        $three = Start-TwoArchives 2
        try {
            New-FilledTransfer $three
            (Start-DicomTransferWorker $three.Store night).Done | Should -Be 2
            $late = New-Instance "$($three.Place)/late" 1.2.840.99.1 1.2.840.99.1.1.3 CT P1
            $null = Send-DicomFile $late $three.Old -ErrorAction Stop
            (Find-DicomStudy $three.Old | Add-DicomTransferItem $three.Store night).Waiting | Should -Be 1
            (Start-DicomTransferWorker $three.Store night).Done | Should -Be 1
            (Find-DicomStudy $three.New -StudyInstanceUID 1.2.840.99.1).Instances | Should -Be 3
            Compare-DicomArchive $three.Old $three.New | Should -BeNullOrEmpty
            (Test-DicomTransfer $three.Store night).Success | Should -BeTrue
        }
        finally { $three.Servers | Stop-DicomArchive }
    }

    It 'fails what the source cannot send, and says why' {
        $null = New-DicomTransfer $two.Store wrong $two.Old "GONE@$($two.New -replace '.*@')" -VerifyDelay 0
        $null = '1.2.3' | Add-DicomTransferItem $two.Store wrong
        $result = Start-DicomTransferWorker $two.Store wrong -WarningVariable told -WarningAction SilentlyContinue
        $result.IsComplete, $result.Failed | Should -Be $false, 1
        $told | Should -BeLike '1 studies failed*Get-DicomTransferItem*'
        $item = Get-DicomTransferItem $two.Store wrong
        $item.State, $item.Reason | Should -Be 'Failed', 'DestinationUnknown'
        $item.Error | Should -BeLike '*GONE*'
        Get-DicomTransferItem $two.Store wrong -State Done | Should -BeNullOrEmpty
        Reset-DicomTransferItem $two.Store wrong
        (Get-DicomTransfer $two.Store wrong).Waiting | Should -Be 1
    }

    It 'says which transfer, and which store, is not there' {
        { Start-DicomTransferWorker $two.Store nobody -ErrorAction Stop } | Should -Throw '*no transfer*'
        $problem = { Start-DicomTransferWorker "$TestDrive/none.db" -ErrorAction Stop } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomTransferStoreUnusable,*'
        Test-Path "$TestDrive/none.db" | Should -BeFalse
    }

    It 'says at once that a database cannot be reached, and with -KeepRunning waits for it' {
        $nowhere = "postgresql://127.0.0.1:$(Get-FreePort)/moves"
        $problem = { Start-DicomTransferWorker $nowhere -ErrorAction Stop } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomTransferStoreUnusable,*'
        $problem.ErrorDetails.RecommendedAction | Should -BeLike '*-KeepRunning*'
        { Start-DicomTransferWorker $nowhere -KeepRunning -WhatIf -ErrorAction Stop } | Should -Throw
        $shell = [powershell]::Create().AddScript("Import-Module '$((Get-Module DicomPS).Path)'; Start-DicomTransferWorker '$nowhere' -KeepRunning")
        $running = $shell.BeginInvoke()
        $until = (Get-Date).AddSeconds(60)
        while ($shell.Streams.Warning.Count -eq 0 -and (Get-Date) -lt $until) { Start-Sleep -Milliseconds 100 }
        Start-Sleep -Seconds 2
        $running.IsCompleted | Should -BeFalse
        $shell.Stop()
        @($shell.Streams.Warning).Count | Should -Be 1
        "$($shell.Streams.Warning)" | Should -BeLike '*127.0.0.1*is tried again until it is there*PostgreSQL runs*'
        $shell.Streams.Error | Should -BeNullOrEmpty
        $shell.Dispose()
    }

    It 'ends in order when the pipeline is stopped' {
        $null = New-DicomTransfer $two.Store waits $two.Old $two.New -VerifyDelay 3600
        $null = '1.2.840.99.1' | Add-DicomTransferItem $two.Store waits
        $null = Set-DicomTransferNode $two.Store $two.Old -PerHour 1
        $shell = [powershell]::Create().AddScript("Import-Module '$((Get-Module DicomPS).Path)'; Start-DicomTransferWorker '$($two.Store)' waits")
        $running = $shell.BeginInvoke()
        $until = (Get-Date).AddSeconds(60)
        while ((Get-DicomTransfer $two.Store waits).Workers -eq 0 -and (Get-Date) -lt $until) { Start-Sleep -Milliseconds 100 }
        $shell.Stop()
        (Get-DicomTransfer $two.Store waits).Workers | Should -Be 0
        $shell.Dispose()
        $null = Set-DicomTransferNode $two.Store $two.Old -PerHour 0
    }
}
