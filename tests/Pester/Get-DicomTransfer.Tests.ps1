Describe 'Get-DicomTransfer' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        $store = "$TestDrive/a.db"
        $null = New-DicomTransfer $store one OLD@127.0.0.1:104 NEW@127.0.0.1:105
        $null = '1.2.3', '1.2.4' | Add-DicomTransferItem $store one
    }

    It 'counts what waits and knows no rate before there is one' {
        $now = Get-DicomTransfer $store
        $now.Studies, $now.Waiting, $now.Done, $now.Workers | Should -Be 2, 2, 0, 0
        $now.StudiesPerHour, $now.Eta, $now.Held | Should -Be $null, $null, $null
    }

    It 'says when a node is outside its hours' {
        $day = (Get-Date).ToUniversalTime().AddDays(3).ToString('ddd', [cultureinfo]::InvariantCulture)
        $null = Set-DicomTransferNode $store OLD@127.0.0.1:104 -Between $day -TimeZone UTC
        (Get-DicomTransfer $store).Held | Should -BeLike "OLD@127.0.0.1:104 opens *($day)"
    }

    It 'ends -Watch at once where nothing is left' {
        $null = New-DicomTransfer $store empty OLD@127.0.0.1:104 NEW@127.0.0.1:105
        (Get-DicomTransfer $store empty -Watch).Studies | Should -Be 0
    }
}
