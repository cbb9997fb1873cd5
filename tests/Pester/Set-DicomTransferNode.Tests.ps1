Describe 'Set-DicomTransferNode' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $store = "$TestDrive/a.db"
    }

    It 'keeps what is not given' {
        $set = Set-DicomTransferNode $store OLD@127.0.0.1:104 -Throttle 3 -Between 'Mon-Fri 19:00-06:30', 'Sat-Sun' -TimeZone Europe/Berlin
        $set.Throttle, $set.Between, $set.TimeZone | Should -Be 3, 'Mon-Fri 19:00-06:30; Sat-Sun', 'Europe/Berlin'
        $set = Set-DicomTransferNode $store OLD@127.0.0.1:104 -PerHour 60
        $set.Throttle, $set.PerHour, $set.Between | Should -Be 3, 60, 'Mon-Fri 19:00-06:30; Sat-Sun'
        $set = Set-DicomTransferNode $store OLD@127.0.0.1:104 -PerHour 0 -Between ''
        $set.PerHour, $set.Between, $set.TimeZone, $set.Opens | Should -Be $null, $null, $null, $null
    }

    It 'refuses <Between> in <Zone>' -ForEach @(
        @{ Between = 'Mon-Fri 19:00'; Zone = 'Europe/Berlin' }, @{ Between = 'Mo-Frei 19:00-20:00'; Zone = 'Europe/Berlin' }
        @{ Between = '19:00-19:00'; Zone = 'Europe/Berlin' }, @{ Between = 'Sat'; Zone = 'Europe/Nowhere' }
    ) {
        $problem = { Set-DicomTransferNode $store OLD@127.0.0.1:104 -Between $Between -TimeZone $Zone -ErrorAction Stop } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomTransferWindowInvalid,*'
    }
}
