Describe 'Stop-DicomScp' {
    BeforeAll { . "$PSScriptRoot/Support.ps1" }

    AfterEach { if (Get-DicomScp) { Stop-DicomScp -All -Force } }

    It 'takes an id where a server may stand, and Tab offers it' {
        $server = Start-DicomScp -Port 0 -OnEcho { }
        (TabExpansion2 'Stop-DicomScp ').CompletionMatches.CompletionText | Should -Contain "$($server.Id)"
        Receive-DicomScp $server.Id | Should -BeNullOrEmpty
        (Stop-DicomScp $server.Id -PassThru).State | Should -Be 'Stopped'
        { Stop-DicomScp $server.Id -ErrorAction Stop } | Should -Throw -ErrorId 'DicomServerNotFound,*'
    }

    It 'stops one, and the port is free again' {
        $one = Start-DicomScp -Port 0 -OnEcho { }
        $two = Start-DicomScp -Port 0
        $one | Stop-DicomScp
        $one.State | Should -Be 'Stopped'
        Get-DicomScp | Should -Be $two
        $again = Start-DicomScp -Port $one.Port
        $again.Port | Should -Be $one.Port
    }

    It 'stops by id and all, and shows the stopped ones with -PassThru' {
        $one = Start-DicomScp -Port 0
        Stop-DicomScp -Id $one.Id
        $one.State | Should -Be 'Stopped'
        $more = Start-DicomScp -Port 0
        (Stop-DicomScp -All -PassThru).State | Should -Be 'Stopped'
        $more.State | Should -Be 'Stopped'
    }

    It 'lets a block that runs finish its answer' {
        $server = Start-DicomScp -Port 0 -OnFind { Write-Warning started; Start-Sleep -Milliseconds 700; @{ StudyInstanceUID = '1.1' } }
        $job = Start-ThreadJob { Import-Module "$using:root/out/DicomPS/DicomPS.psd1"; Find-DicomStudy -Node $args[0] } -ArgumentList "X@127.0.0.1:$($server.Port)"
        $null = Receive-DicomScp $server -Timeout 60 | Select-Object -First 1
        Stop-DicomScp $server
        ($job | Wait-Job -Timeout 60 | Receive-Job).StudyInstanceUID | Should -Be '1.1'
        $job | Remove-Job -Force
    }

    It 'stops nothing with -WhatIf' {
        $server = Start-DicomScp -Port 0
        Stop-DicomScp $server -WhatIf
        $server.State | Should -Be 'Running'
    }

    It 'leaves no temporary file behind' {
        Use-TemporaryFolder "$TestDrive/temporary" {
            $server = Start-DicomScp -Port 0 -OnStore { Write-Warning $_.Instance.Path }
            if (Test-Path "$samples/CT_small.dcm") {
                $null = Send-DicomFile "$samples/CT_small.dcm" "X@127.0.0.1:$($server.Port)"
                # It was here.
                (Receive-DicomScp $server -Timeout 60 | Select-Object -First 1).Message | Should -BeLike "$TestDrive/temporary*"
            }
            Stop-DicomScp $server
        }
        Get-ChildItem "$TestDrive/temporary" -Force | Should -BeNullOrEmpty
    }
}
