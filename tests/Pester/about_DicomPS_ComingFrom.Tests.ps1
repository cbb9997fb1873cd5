# The topic's commands, theirs and ours, run against an archive in the place of pacs.example. Theirs run where their program is.
BeforeDiscovery {
    . "$PSScriptRoot/Support.ps1"
    $lines = [IO.File]::ReadAllLines((Join-Path $root 'docs/en-US/about_DicomPS_ComingFrom.md'))
    $pairs = for ($i = 0; $i -lt $lines.Count; $i++) {
        if ($lines[$i] -notmatch '^    (DicomTools|DCMTK|dcm4che|pynetdicom) {3,}(.+)$') { continue }
        $from, $theirs = $Matches[1], $Matches[2]
        while ($lines[$i + 1] -match '^ {8,}(\S.*)$') { $theirs += " $($Matches[1])"; $i++ }
        $i++
        $ours = if ($lines[$i] -match '^    DicomPS {3,}(.+)$') { $Matches[1] }
        while ($ours -and $lines[$i + 1] -match '^ {8,}(\S.*)$') { $ours += " $($Matches[1])"; $i++ }
        @{ From = $from; Theirs = $theirs; Ours = $ours }
    }
    $hasDcmtk = [bool] (Get-Command dcmsend -CommandType Application -ErrorAction Ignore)
    $python = @('/usr/bin/python3', 'python3', 'python') | Where-Object { Get-Command $_ -CommandType Application -ErrorAction Ignore } |
        Where-Object { & $_ -c 'import pynetdicom.apps' 2>$null; $LASTEXITCODE -eq 0 } | Select-Object -First 1
    $servers = '^(storescp|dcmqrscp|wlmscpfs|python -m pynetdicom storescp) '
    $run = @($pairs | Where-Object { ($_.From -eq 'DCMTK' -and $hasDcmtk) -or ($_.From -eq 'pynetdicom' -and $python -and $_.Theirs -like 'python*') } |
        ForEach-Object { $_ + @{ IsServer = $_.Theirs -match $servers; Python = $python } })
}

Describe 'about_DicomPS_ComingFrom' {
    BeforeAll {
        . "$PSScriptRoot/Support.ps1"
        . "$PSScriptRoot/Support.Query.ps1"
        $work = "$TestDrive/work"
        $null = New-Item -ItemType Directory "$work/study", "$work/worklist/STORE" -Force
        $file = New-StudyFile "$work/study" @{ StudyInstanceUID = '1.2.3'; PatientID = 'P1'; StudyDate = '20240102'; SOPInstanceUID = '1.2.3.4'; SeriesInstanceUID = '1.2.3.1' }
        Copy-Item $file "$work/file.dcm"
        Set-Content "$work/worklist/today.csv" 'PatientID,PatientName,AccessionNumber,Modality,ScheduledStationAETitle,ScheduledProcedureStepStartDate,ScheduledProcedureStepStartTime', 'P1,DOE,A1,CT,CT1,2024-01-02,08:15'
        New-Item -ItemType File "$work/worklist/STORE/lockfile" | Out-Null
        $other = Start-DicomScp -Port 0 -AETitle OTHER -OnStore { }
        # The port of the page, to which the archive sends what is moved to ME.
        $mine = Get-FreePort
        $pacs = Start-DicomArchive "$TestDrive/pacs" -Port 0 -AETitle PACS -Worklist "$work/worklist" -Destination @{ OTHER = "OTHER@127.0.0.1:$($other.Port)"; ME = "ME@127.0.0.1:$mine" }
        $null = Import-DicomFile $file -Archive $pacs
        Set-DicomNode pacs "PACS@127.0.0.1:$($pacs.Port)" -CallingAETitle ME
        $free = Get-FreePort
        Set-Content "$work/dcmqrscp.cfg" @"
NetworkTCPPort = $free
MaxPDUSize = 16384
MaxAssociations = 16
HostTable BEGIN
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
STORE $work RW (500, 1024mb) ANY
AETable END
"@
        function Set-Place([string] $Text) {
            $Text.Replace('pacs.example:104', "127.0.0.1:$($pacs.Port)").Replace('pacs.example 104', "127.0.0.1 $($pacs.Port)").
                Replace('pacs.example -Port 104', "127.0.0.1 -Port $($pacs.Port)").Replace('11113', "$mine").Replace('11112', "$free")
        }
    }

    AfterAll {
        Stop-DicomScp -All -Force
        Stop-DicomArchive -All -Force
        Stop-DicomStorageScp -All -Force
    }

    BeforeEach {
        Push-Location $work
        Remove-Item -Recurse -Force ./in -ErrorAction Ignore
        $null = New-Item -ItemType Directory ./in
    }

    AfterEach {
        Pop-Location
        Get-DicomArchive | Where-Object Port -EQ $free | Stop-DicomArchive -Force
        Get-DicomScp | Where-Object Port -EQ $free | Stop-DicomScp -Force
        Stop-DicomStorageScp -All -Force
    }

    It 'has each of their commands beside one of ours' -ForEach @{ Pairs = $pairs } {
        $Pairs.Count | Should -BeGreaterThan 35
        $Pairs | Where-Object { -not $_.Ours } | Should -BeNullOrEmpty
        $Pairs.From | Sort-Object -Unique | Should -Be 'dcm4che', 'DCMTK', 'DicomTools', 'pynetdicom'
    }

    It 'DicomPS: <Ours> (<From>)' -ForEach $pairs {
        $made = @(Invoke-Expression (Set-Place $Ours) -ErrorVariable failed 3>&1)
        $failed | Should -BeNullOrEmpty
        $made | Should -Not -BeNullOrEmpty
        $made | Where-Object { $_ -is [Management.Automation.WarningRecord] } | Should -BeNullOrEmpty
        if ($Ours -match '-Path ./in|-OutputDirectory ./in') { Get-ChildItem ./in -Recurse -File | Should -HaveCount 1 }
        if ($Ours -match '^(Move|Receive)') { "$($made.Verdict)" | Should -Be 'Complete' }
        if ($Ours -match '^Send') { $made.Success | Should -BeTrue }
        if ($Ours -match '^Start.*Port 11112') { (Test-DicomEcho "STORE@127.0.0.1:$free").Success | Should -BeTrue }
    }

    It '<From>: <Theirs>' -ForEach $run {
        $line = (Set-Place $Theirs) -replace '^python ', "$Python "
        if ($IsServer) {
            $all = -split $line
            $process = Start-Process $all[0] $all[1..99] -PassThru -RedirectStandardError "$TestDrive/server.err" -RedirectStandardOutput "$TestDrive/server.out"
            try {
                for ($i = 0; $i -lt 600 -and -not (Test-DicomEcho "STORE@127.0.0.1:$free" -Quiet) -and -not $process.HasExited; $i++) { Start-Sleep -Milliseconds 100 }
                $process.HasExited | Should -BeFalse -Because (Get-Content -Raw "$TestDrive/server.err")
                Test-DicomEcho "STORE@127.0.0.1:$free" -Quiet | Should -BeTrue
            }
            finally { $process.Kill(); $process.WaitForExit(5000) | Out-Null }
            return
        }

        $said = Invoke-Expression "$line 2>&1"
        $LASTEXITCODE | Should -Be 0 -Because "$said"
        "$said" | Should -Not -Match '(^|\s)[EF]: ' -Because "$said"
        if ($Theirs -match '-od ./in') { Get-ChildItem ./in -Recurse -File | Should -HaveCount 1 }
    }
}
