# Who may read the files that are made. Unix only: on Windows the rights of the folder hold.
Describe 'Rights of files' -Skip:($IsWindows -or $PSEdition -eq 'Desktop') {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        . "$PSScriptRoot/Support.Archive.ps1"

        function Get-Rights([string] $Path) { [Convert]::ToString([int] [IO.File]::GetUnixFileMode($Path), 8) }

        # What the process gives a file and a folder of its own.
        Set-Content "$TestDrive/plain" ''
        $null = New-Item -ItemType Directory "$TestDrive/plain.d"
        $plain, $plainFolder = (Get-Rights "$TestDrive/plain"), (Get-Rights "$TestDrive/plain.d")
    }

    AfterEach {
        if (Get-DicomArchive) { Stop-DicomArchive -All -Force }
        if (Get-DicomStorageScp) { Stop-DicomStorageScp -All -Force }
    }

    It 'has an archive whose folder and index are its owner''s alone, and whose instances are as the process has it' {
        $archive = Start-DicomArchive "$TestDrive/own/archive" -Port 0 -AETitle BOX
        $null = New-Instances | Send-DicomFile -Node "BOX@127.0.0.1:$($archive.Port)"
        foreach ($file in 'index.sqlite', 'index.sqlite-wal', 'index.sqlite-shm') { Get-Rights "$TestDrive/own/archive/$file" | Should -Be '600' -Because $file }
        Get-Rights "$TestDrive/own/archive" | Should -Be '700'
        foreach ($folder in Get-ChildItem "$TestDrive/own/archive" -Recurse -Directory) { Get-Rights $folder.FullName | Should -Be '700' -Because $folder }
        foreach ($file in Get-ChildItem "$TestDrive/own/archive" -Recurse -Filter *.dcm) { Get-Rights $file.FullName | Should -Be $plain }
    }

    It 'leaves the rights of a folder that was there, and gives those below it the same' {
        $null = New-Item -ItemType Directory "$TestDrive/shared"
        $archive = Start-DicomArchive "$TestDrive/shared" -Port 0 -AETitle BOX
        $null = New-Instances | Send-DicomFile -Node "BOX@127.0.0.1:$($archive.Port)"
        Get-Rights "$TestDrive/shared" | Should -Be $plainFolder
        foreach ($folder in Get-ChildItem "$TestDrive/shared" -Recurse -Directory) { Get-Rights $folder.FullName | Should -Be $plainFolder }
        Get-Rights "$TestDrive/shared/index.sqlite" | Should -Be '600'
    }

    It 'has instances that are their owner''s alone with -Private, in <_>' -ForEach 'DicomArchive', 'DicomStorageScp' {
        $server = & "Start-$_" "$TestDrive/private-$_" -Port 0 -AETitle BOX -Private
        (New-Instances "$TestDrive/source-$_" | Send-DicomFile -Node "BOX@127.0.0.1:$($server.Port)").Success | Should -Not -Contain $false
        $files = Get-ChildItem "$TestDrive/private-$_" -Recurse -Filter *.dcm
        $files | Should -HaveCount 3
        foreach ($file in $files) { Get-Rights $file.FullName | Should -Be '600' }
        foreach ($folder in @(Get-Item "$TestDrive/private-$_") + @(Get-ChildItem "$TestDrive/private-$_" -Recurse -Directory)) { Get-Rights $folder.FullName | Should -Be '700' }
    }

    It 'has a storage SCP whose files are as the process has it' {
        $server = Start-DicomStorageScp "$TestDrive/scp" -Port 0 -AETitle BOX
        $null = New-Instances "$TestDrive/source-scp" | Send-DicomFile -Node "BOX@127.0.0.1:$($server.Port)"
        foreach ($file in Get-ChildItem "$TestDrive/scp" -Recurse -Filter *.dcm) { Get-Rights $file.FullName | Should -Be $plain }
        Get-Rights "$TestDrive/scp" | Should -Be $plainFolder
    }

    It 'has an index, a trace and registered nodes that are their owner''s alone' {
        $server = Start-DicomStorageScp "$TestDrive/traced" -Port 0 -AETitle BOX -TracePath "$TestDrive/scp.trace"
        $null = Test-DicomEcho "BOX@127.0.0.1:$($server.Port)" -TracePath "$TestDrive/echo.trace"
        New-Instances "$TestDrive/source-index" | Export-DicomIndex "$TestDrive/own.sqlite"
        Set-DicomNode rights "BOX@127.0.0.1:$($server.Port)"
        foreach ($file in "$TestDrive/scp.trace", "$TestDrive/echo.trace", "$TestDrive/own.sqlite", "$env:DICOMPS_CONFIG_HOME/nodes.json", "$env:DICOMPS_CONFIG_HOME/nodes.json.lock") {
            Get-Rights $file | Should -Be '600' -Because $file
        }
    }

    It 'leaves what is there, and says once that all may read it' {
        $null = New-Item -ItemType Directory "$TestDrive/old"
        Start-DicomArchive "$TestDrive/old" -Port 0 | Stop-DicomArchive
        & chmod 644 "$TestDrive/old/index.sqlite"
        $null = Start-DicomArchive "$TestDrive/old" -Port 0 -WarningVariable said -WarningAction SilentlyContinue
        "$said" | Should -Match "may read .*index\.sqlite.*chmod 600"
        Get-DicomArchive | Stop-DicomArchive
        $null = Start-DicomArchive "$TestDrive/old" -Port 0 -WarningVariable again -WarningAction SilentlyContinue
        $again | Should -BeNullOrEmpty
        Get-Rights "$TestDrive/old/index.sqlite" | Should -Be '644'
    }

    It 'keeps the rights that somebody gave to nodes.json' {
        Set-DicomNode shared 'A@host:1'
        & chmod 640 "$env:DICOMPS_CONFIG_HOME/nodes.json"
        Set-DicomNode shared2 'A@host:1'
        Get-Rights "$env:DICOMPS_CONFIG_HOME/nodes.json" | Should -Be '640'
    }
}
