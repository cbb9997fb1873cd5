BeforeDiscovery {
    $skip = -not (Test-Path '/usr/lib/postgresql/*/bin/initdb')
}

Describe 'An index in PostgreSQL' -Skip:$skip {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        . "$PSScriptRoot/Support.Retrieve.ps1"
        . "$PSScriptRoot/Support.Archive.ps1"
        . "$PSScriptRoot/Support.Postgres.ps1"
        $folder = [IO.Directory]::CreateTempSubdirectory('dicomps-pg-').FullName
        chmod 755 $folder
        $postgres = Start-Postgres $folder 'open-sesame'
        $index = "postgresql://127.0.0.1:$($postgres.Port)/postgres"
        $login = [pscredential]::new('dicomps', (ConvertTo-SecureString 'open-sesame' -AsPlainText -Force))
        $uid = '1.2.826.0.1.3680043.10.999.8'
        1..3 | ForEach-Object {
            $null = New-StudyFile "$TestDrive/in" @{ StudyInstanceUID = "$uid.$_"; SeriesInstanceUID = "$uid.$_.1"; SOPInstanceUID = "$uid.$_.1.1"; PatientName = 'Müller^Änne'; PatientID = "P$_"; StudyDate = "2024030$_" }
        }
        Export-DicomIndex $index "$TestDrive/in" -IndexCredential $login
    }

    AfterAll {
        if (Get-DicomArchive) { Stop-DicomArchive -All -Force }
        Stop-Postgres $postgres
        if ($folder) { Remove-Item -Recurse -Force $folder }
    }

    It 'gives what a file gives: <Name>' -ForEach @(
        @{ Name = 'patients'; Ask = { Find-DicomPatient @args -PatientName 'müller*' } }
        @{ Name = 'studies'; Ask = { Find-DicomStudy @args -After 2024-03-02 -Modality CT } }
        @{ Name = 'series'; Ask = { Find-DicomSeries @args -PatientID P1, P3 } }
        @{ Name = 'instances'; Ask = { Find-DicomInstance @args -StudyInstanceUID "$uid.2" -Property Rows } }
    ) {
        Export-DicomIndex "$TestDrive/file.sqlite" "$TestDrive/in"
        $shown = { Select-Object * -ExcludeProperty FirstSeen, LastSeen, Protected | ConvertTo-Csv | Sort-Object }
        $there = & $Ask -Index $index -IndexCredential $login
        @($there).Count | Should -BeGreaterThan 0
        ($there | & { $input | Select-Object * -ExcludeProperty FirstSeen, LastSeen, Protected | ConvertTo-Csv | Sort-Object }) |
            Should -Be (& $Ask -Index "$TestDrive/file.sqlite" |
                & { $input | Select-Object * -ExcludeProperty FirstSeen, LastSeen, Protected | ConvertTo-Csv | Sort-Object })
    }

    It 'has instances that can be sent' {
        $archive = Start-DicomArchive "$TestDrive/sent" -Port 0
        (Find-DicomInstance -Index $index -IndexCredential $login -PatientID P2 | Send-DicomFile "X@127.0.0.1:$($archive.Port)").Status | Should -Be 'Success'
        (Find-DicomStudy "X@127.0.0.1:$($archive.Port)").StudyInstanceUID | Should -Be "$uid.2"
        Stop-DicomArchive $archive -Force
    }

    It 'is marked with what was retrieved' {
        $archive = Start-DicomArchive "$TestDrive/pacs" -Port 0
        $pacs = "$($archive.AETitle)@127.0.0.1:$($archive.Port)"
        $null = Get-ChildItem "$TestDrive/in" | Send-DicomFile $pacs
        Receive-DicomStudy $pacs -StudyInstanceUID "$uid.3" -Path "$TestDrive/got" -Index $index -IndexCredential $login |
            ForEach-Object Verdict | Should -Be 'Complete'
        $found = Find-DicomStudy -Index $index -IndexCredential $login
        ($found | Where-Object Retrieved).StudyInstanceUID | Should -Be "$uid.3"
        (Find-DicomStudy -Index $index -IndexCredential $login -Retrieved $false).StudyInstanceUID | Sort-Object | Should -Be "$uid.1", "$uid.2"
        Stop-DicomArchive $archive -Force
    }

    It 'takes what it can, and names each that it cannot' {
        $random = [Random]::new(1)
        $long = -join (1..9000 | ForEach-Object { [char] $random.Next(65, 91) })
        $rows = 1..1200 | ForEach-Object { [pscustomobject]@{ StudyInstanceUID = "1.2.99.$_"; PatientID = 'LONG'; AccessionNumber = if ($_ -in 5, 700) { $long } else { "A$_" } } }
        $rows | Export-DicomIndex $index -IndexCredential $login -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem.FullyQualifiedErrorId | Should -BeLike 'DicomIndexUnusable,*'
        $problem.TargetObject.StudyInstanceUID | Should -Be '1.2.99.5', '1.2.99.700'
        @(Find-DicomStudy -Index $index -IndexCredential $login -PatientID LONG).Count | Should -Be 1198
    }

    It 'ends with one error when its server is gone for good' {
        $own = "$folder/gone"
        $gone = Start-Postgres $own 'open-sesame'
        $rows = 1..1200 | ForEach-Object { [pscustomobject]@{ StudyInstanceUID = "1.2.98.$_"; PatientID = 'P' } }
        $problem = {
            $rows | ForEach-Object { if ($_.StudyInstanceUID -eq '1.2.98.300') { Stop-Postgres $gone }; $_ } |
                Export-DicomIndex "postgresql://127.0.0.1:$($gone.Port)/postgres" -IndexCredential $login -ErrorAction SilentlyContinue -ErrorVariable script:told
        } | Should -Throw -ErrorId 'DicomIndexUnusable,*' -PassThru
        "$problem $told" | Should -BeLike '*entries were not written*'
        @($told).Count | Should -BeLessOrEqual 3
    }

    It 'tells who logs in, when nobody does, and no password' {
        $problem = { Find-DicomStudy -Index $index } | Should -Throw -ErrorId 'DicomIndexUnusable,*' -PassThru
        $problem.ErrorDetails.RecommendedAction | Should -BeLike '*-IndexCredential*'
        $wrong = [pscredential]::new('dicomps', (ConvertTo-SecureString 'close-sesame' -AsPlainText -Force))
        $problem = { Export-DicomIndex $index "$TestDrive/in" -IndexCredential $wrong } | Should -Throw -ErrorId 'DicomIndexUnusable,*' -PassThru
        "$problem $($problem.Exception) $($problem.TargetObject)" | Should -Not -Match 'close-sesame'
    }

    It 'takes no password in its address, and does not repeat it' {
        $problem = { Find-DicomStudy -Index "postgresql://me:open-sesame@127.0.0.1/x" } | Should -Throw -ErrorId 'DicomIndexUnusable,*' -PassThru
        "$problem $($problem.Exception) $($problem.TargetObject)" | Should -Not -Match 'open-sesame'
        "$(Export-DicomIndex 'postgresql://me:open-sesame@127.0.0.1/x' "$TestDrive/in" -WhatIf *>&1)" | Should -Not -Match 'open-sesame'
        $problem = { Get-DicomTransfer 'Host=127.0.0.1;Database=x;Password=open-sesame' } | Should -Throw -ErrorId 'DicomTransferStoreUnusable,*' -PassThru
        "$problem $($problem.Exception) $($problem.TargetObject)" | Should -Not -Match 'open-sesame'
    }

    It 'loads Npgsql only where it is used' {
        $names = pwsh -NoProfile -Command "Import-Module '$root/out/DicomPS/DicomPS.psd1'; Find-DicomStudy -Index '$TestDrive/file.sqlite'; [AppDomain]::CurrentDomain.GetAssemblies().GetName().Name"
        $names | Should -Contain 'Microsoft.Data.Sqlite'
        $names | Should -Not -Contain 'Npgsql'
    }
}
