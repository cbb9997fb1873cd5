Describe 'Get-DicomScp' {
    BeforeAll { . "$PSScriptRoot/Support.ps1" }

    AfterEach { if (Get-DicomScp) { Stop-DicomScp -All -Force } }

    It 'gets the servers of this process, all or by id' {
        $one = Start-DicomScp -Port 0 -OnEcho { }
        $two = Start-DicomScp -Port 0 -OnFind { }
        (Get-DicomScp).Id | Should -Be $one.Id, $two.Id
        Get-DicomScp $two.Id | Should -Be $two
        $one.Id | Get-DicomScp | Should -Be $one
    }

    It 'gets servers that another runspace started' {
        $server = Start-DicomScp -Port 0
        $manifest = Join-Path $root 'out/DicomPS/DicomPS.psd1'
        [powershell]::Create().AddScript("Import-Module '$manifest'; (Get-DicomScp).Id").Invoke() | Should -Be $server.Id
    }

    It 'shows the last error and counts' {
        $server = Start-DicomScp -Port 0 -OnEcho { throw 'not today' }
        Test-DicomEcho "X@127.0.0.1:$($server.Port)" -Quiet | Should -BeFalse
        $now = Get-DicomScp $server.Id
        $now.LastError | Should -Match 'not today'
        $now.Requests | Should -Be 1
        $now.Failed | Should -Be 1
    }

    It 'writes an error for an id that is not there' {
        Get-DicomScp 987654 -ErrorAction SilentlyContinue -ErrorVariable failure | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'DicomServerNotFound,*'
    }

    It 'fits 100 columns and gives CSV one flat row' {
        $server = Start-DicomScp -Port 0 -OnEcho { } -OnFind { } -OnStore { } -OnMove { } -OnGet { }
        Measure-Width $server | Should -BeLessOrEqual 100
        $csv = $server | ConvertTo-Csv
        $csv | Should -HaveCount 2
        "$csv" | Should -Not -Match 'System\.'
    }
}
