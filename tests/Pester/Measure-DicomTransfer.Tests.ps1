Describe 'Measure-DicomTransfer' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Transfers.ps1"
        $two = Start-TwoArchives 12
        New-FilledTransfer $two night
        $null = Set-DicomTransferNode $two.Store $two.Old -Throttle 4
        $null = Set-DicomTransferNode $two.Store $two.New -Throttle 4
    }

    AfterAll { $two.Servers | Stop-DicomArchive }

    It 'moves a sample with 1, 2 and 4 associations, and says what follows' {
        $measure = Measure-DicomTransfer $two.Store night -First 2
        $measure.Steps.Associations | Should -Be 1, 2, 4
        $measure.Steps.Moved | Should -Be 2, 2, 2
        $measure.Moved, $measure.Failed, $measure.Left | Should -Be 6, 0, 6
        $measure.StudiesPerHour | Should -BeGreaterThan 0
        $measure.BytesPerSecond | Should -BeNullOrEmpty
        $measure.Nights | Should -BeNullOrEmpty
        $measure.Limit | Should -BeIn 'None', 'SetLimit', 'SourceOrDestination', 'ThisMachine', 'Source', 'Destination', 'Both'
        $measure.Forecast | Should -Match '^1 minute at [124] associations?; \S'
        # They count as moved, and are verified by a worker.
        (Get-DicomTransfer $two.Store night).Transferred | Should -Be 6
        ($measure | Out-String -Width 120) | Should -BeLike '*Forecast*1 minute at*'
        ($measure.Steps | Out-String -Width 120) | Should -BeLike '*Studies/h*'
    }

    It 'measures no more associations than a node allows, and sees both sides apart with Forward' {
        $store = "$($two.Place)/forward.db"
        $null = New-DicomTransfer $store f $two.Old $two.New -Method Forward -VerifyDelay 0
        $null = Set-DicomTransferNode $store $two.Old -Throttle 3
        $null = Set-DicomTransferNode $store $two.New -Throttle 8
        $waiting = (Get-DicomTransferItem $two.Store night -State Waiting).StudyInstanceUID
        $null = Find-DicomStudy $two.Old | Where-Object StudyInstanceUID -In $waiting | Add-DicomTransferItem $store f
        $measure = Measure-DicomTransfer $store f -First 2 -Associations 16
        $measure.Steps.Associations | Should -Be 1, 2, 3
        $measure.BytesPerSecond | Should -BeGreaterThan 0
        foreach ($step in $measure.Steps) { ($step.SourcePercent + $step.DestinationPercent) | Should -BeIn 99, 100, 101 }
    }

    It 'says why nothing is measured: <What>' -ForEach @(
        @{ What = 'it is suspended'; Before = { $null = Suspend-DicomTransfer $Store $Name }; Like = '*Suspended*' }
        @{ What = 'nothing waits'; Before = { $null = Resume-DicomTransfer $Store $Name; $null = Stop-DicomTransfer $Store $Name -Discard -Confirm:$false; $null = Resume-DicomTransfer $Store $Name }; Like = '*No study*' }
    ) {
        $store, $name = $two.Store, 'idle'
        if (-not (Get-DicomTransfer $store idle -ErrorAction Ignore)) { New-FilledTransfer $two idle }
        & $Before
        $problem = { Measure-DicomTransfer $store idle -ErrorAction Stop } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomTransferNothingToMeasure,*'
        "$problem" | Should -BeLike $Like
        $problem.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'moves nothing with -WhatIf' {
        $before = (Get-DicomTransfer $two.Store night).Waiting
        Measure-DicomTransfer $two.Store night -WhatIf | Should -BeNullOrEmpty
        (Get-DicomTransfer $two.Store night).Waiting | Should -Be $before
    }
}
