# File systems list names in orders of their own: NTFS by name, ext4 by a hash, tmpfs by age.
Describe 'The order of files' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        $names = 'A.dcm', 'b.dcm', 'c.dcm', 'D.dcm', 'e.dcm', 'img10.dcm', 'img2.dcm', 'k/x.dcm', 'k/y.dcm', 'M/x.dcm', 'n/deep/x.dcm', 'n/x.dcm'
        # As a folder is gone through: its files before its folders.
        $expected = $names[0..9] + 'n/x.dcm', 'n/deep/x.dcm'
        $number = 0
        foreach ($name in 'n/deep/x.dcm', 'img2.dcm', 'k/y.dcm', 'e.dcm', 'M/x.dcm', 'D.dcm', 'A.dcm', 'img10.dcm', 'n/x.dcm', 'c.dcm', 'k/x.dcm', 'b.dcm') {
            $number++
            $made = New-Instance "$TestDrive/source" '1.2.840.99.1' "1.2.840.99.1.1.$number" 'CT' 'P1'
            $null = New-Item -ItemType Directory -Force (Split-Path "$TestDrive/study/$name")
            Move-Item -LiteralPath $made "$TestDrive/study/$name"
        }
        function Get-Name($Results) { @($Results.Path | ForEach-Object { [IO.Path]::GetRelativePath("$TestDrive/study", $_).Replace('\', '/') }) }
    }

    AfterAll { Stop-DicomScp -All -Force; Stop-DicomArchive -All -Force }

    It 'is that of names for Get-DicomFile' {
        Get-Name (Get-DicomFile "$TestDrive/study" -Recurse) | Should -BeExactly $expected
        Get-Name (Get-DicomFile "$TestDrive/study") | Should -BeExactly $names[0..6]
        Get-Name (Get-DicomFile "$TestDrive/study/*.dcm") | Should -BeExactly $names[0..6]
    }

    It 'is that of names for Send-DicomFile, on the wire too' {
        $asked = [Collections.Concurrent.ConcurrentQueue[string]]::new()
        $server = Start-DicomScp -Port 0 -AETitle ORDER -OnStore { ($using:asked).Enqueue($_.Instance.SOPInstanceUID) }
        $sent = Send-DicomFile "$TestDrive/study" "ORDER@127.0.0.1:$($server.Port)" -Recurse
        Get-Name $sent | Should -BeExactly $expected
        @($asked) | Should -Be $sent.SOPInstanceUID
    }

    It 'is that of names for Import-DicomFile' {
        $null = Start-DicomArchive "$TestDrive/archive" -Port 0
        Get-Name (Import-DicomFile "$TestDrive/study" -Recurse) | Should -BeExactly $expected
    }

    It 'is that of the arguments where several are given' {
        Get-Name (Get-DicomFile "$TestDrive/study/e.dcm", "$TestDrive/study/k", "$TestDrive/study/b.dcm") | Should -BeExactly 'e.dcm', 'k/x.dcm', 'k/y.dcm', 'b.dcm'
    }
}
