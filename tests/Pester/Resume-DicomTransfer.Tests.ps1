Describe 'Resume-DicomTransfer' {
    BeforeAll { . "$PSScriptRoot/Support.ps1" }

    It 'has one go on that was stopped' {
        $null = New-DicomTransfer "$TestDrive/a.db" one OLD@127.0.0.1:104 NEW@127.0.0.1:105
        Stop-DicomTransfer "$TestDrive/a.db" one
        (Resume-DicomTransfer "$TestDrive/a.db" one -PassThru).State | Should -Be 'Active'
        $problem = { Resume-DicomTransfer "$TestDrive/a.db" two -ErrorAction Stop } | Should -Throw -PassThru
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomTransferNotFound,*'
    }
}
