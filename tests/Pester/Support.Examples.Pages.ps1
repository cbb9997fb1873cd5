# Dot-sourced by Examples.Tests.ps1: the peers and files that the pages speak of, and what each page needs beside them.

# What cannot run here, and why. Keep it short: a page is changed rather than left out.
$notRun = @{
    'Export-DicomIndex/3' = 'waits until Ctrl+C'
    'Move-DicomStudy/2' = 'waits for the night'
    'Receive-DicomScp/2' = 'waits until Ctrl+C'
    'Receive-DicomStorageScp/3' = 'waits until Ctrl+C'
    'Request-DicomStorageCommitment/1' = 'the answer may be there before it is looked at'
    'Send-DicomFile/5' = 'waits until Ctrl+C'
    'Start-DicomArchive/4' = 'needs studies that came months ago'
    'Start-DicomArchive/5' = 'waits until Ctrl+C'
    'Test-DicomEcho/5' = 'calls a host that is not there, for its certificate'
    'Wait-DicomStudy/1' = 'waits until Ctrl+C'
    'Wait-DicomStudy/3' = 'waits until Ctrl+C'
}

# What happened before a page, or before one of its examples; ./study and the nodes pacs and ris are there for all.
$before = @{
    'ConvertFrom-DicomJson' = 'ConvertTo-DicomJson ./study -Recurse -AsArray | Set-Content ./study.json'
    'Export-DicomIndex' = 'Copy-Item -Recurse ./study ./images; Set-Content ./images/notes.txt none'
    'Find-DicomSeries/3' = 'Find-DicomStudy pacs -PatientID P2 | Export-Csv studies.csv'
    'Get-DicomArchive' = '$archive = Start-DicomArchive ./archive -Port 0 -AETitle BOX; $null = Import-DicomFile ./study -Recurse
                                   $null = Send-DicomFile ./odd/nostudy.dcm "BOX@127.0.0.1:$($archive.Port)" -ErrorAction SilentlyContinue'
    'Get-DicomNode' = 'Set-DicomNode ct1 CT1@ct1.example:11112 -LocalPort 11113; Set-DicomNode pacs -CallingAETitle WORKSTATION1; Remove-DicomNode ris'
    'Get-DicomScp' = '$scp = Start-DicomScp -Port 0 -AETitle DESK -OnFind { if (-not $_.Keys.PatientID) { throw "Which patient?" } }
                                   $null = Find-DicomStudy "DESK@127.0.0.1:$($scp.Port)" -PatientID 1; $null = Find-DicomStudy "DESK@127.0.0.1:$($scp.Port)" -ErrorAction SilentlyContinue'
    'Get-DicomStorageScp' = '$scp = Start-DicomStorageScp ./in -Port 0 -AETitle STORE; $null = Send-DicomFile ./study "STORE@127.0.0.1:$($scp.Port)" -Recurse'
    'Import-DicomFile' = '$archive = Start-DicomArchive ./archive -Port 0; Copy-Item -Recurse ./study ./collection
                                   Copy-Item -Recurse ./study ./in; Get-ChildItem ./in -Recurse -File | ForEach-Object { $_.LastWriteTime = Get-Date }'
    'Move-DicomStudy' = 'Set-DicomNode ARCHIVE ARCHIVE@127.0.0.1:11114'
    'Move-DicomStudy/3' = 'Set-Content ./moved.csv "Verdict,PatientID,StudyInstanceUID", "Complete,4MR1,1.3.6.1.4.1.5962.1.2.4.20040826185059.5457", "Partial,1CT1,1.3.6.1.4.1.5962.1.2.1.20040119072730.12322"'
    'Receive-DicomScp/3' = 'Stop-DicomScp -All; $scp = Start-DicomScp -Port 0 -OnEcho { throw "The disk is full" }; $null = Test-DicomEcho "DICOMPS@127.0.0.1:$($scp.Port)" -Quiet'
    'Receive-DicomStorageScp' = '$scp = Start-DicomStorageScp ./in -Port 0; $null = Send-DicomFile ./study "ANY@127.0.0.1:$($scp.Port)" -Recurse'
    'Receive-DicomStorageScp/2' = '$null = Send-DicomFile ./study "ANY@127.0.0.1:$($scp.Port)" -Recurse'
    'Receive-DicomStudy' = 'Set-Content ./list.csv "PatientID,StudyInstanceUID", "4MR1,1.3.6.1.4.1.5962.1.2.4.20040826185059.5457", "1CT1,1.3.6.1.4.1.5962.1.2.1.20040119072730.12322"'
    'Remove-DicomNode' = 'Set-DicomNode ct1 CT1@127.0.0.1:4242; Set-DicomNode ct2 CT2@127.0.0.1:4243'
    'Request-DicomStorageCommitment/2' = 'New-Work; Remove-DicomNode pacs; Set-DicomNode PACS PACS@127.0.0.1:11112 -LocalPort 11113; $request = Request-DicomStorageCommitment ./work -Node PACS
                                   $until = (Get-Date).AddSeconds(20); while ($request.State -eq "Pending" -and (Get-Date) -lt $until) { Start-Sleep -Milliseconds 50 }'
    'Request-DicomStorageCommitment/4' = '$plain = Start-DicomScp -Port 0 -AETitle PACS -OnEcho { }; Set-DicomNode PACS "PACS@127.0.0.1:$($plain.Port)"'
    'Repair-DicomArchive' = '$null = Import-DicomFile ./study ./archive -Recurse'
    'Repair-DicomArchive/2' = 'Set-Content ./archive/broken.dcm none'
    'Repair-DicomArchive/3' = '$archive = Start-DicomArchive ./archive -Port 0'
    'Set-DicomNode' = 'Remove-DicomNode *; Set-Content ./nodes.csv "Name,AETitle,HostName,Port", "ct1,CT1,ct1.example,11112", "mr1,MR1,mr1.example,11112"'
    'Start-DicomArchive/2' = 'Stop-DicomArchive -All'
    'Start-DicomArchive/3' = 'Stop-DicomArchive -All; Copy-Item -Recurse ./study ./teaching'
    'Start-DicomArchive/7' = 'Stop-DicomArchive -All; Set-Content ./today.csv "PatientID,PatientName,AccessionNumber,Modality,ScheduledStationAETitle,ScheduledProcedureStepStartDate,ScheduledProcedureStepStartTime,ScheduledProcedureStepDescription",
                                   "4711,DOE^JOHN,A1,CT,SCANNER1,2024-01-02,08:15,CHEST", "4712,ROE^JANE,A2,MR,SCANNER2,2024-01-02,09:00,KNEE LEFT"'
    'Start-DicomArchive/8' = 'Stop-DicomArchive -All; $null = New-Item -ItemType Directory ./worklist; Copy-Item ./today.csv ./worklist'
    'Start-DicomScp' = 'Set-Content ./patients.csv "PatientID,PatientName,StudyDate", "P1,Meyer^Kai,20240430", "P2,Weber^Ida,20240501"; $null = New-Item -ItemType Directory ./in'
    'Stop-DicomArchive' = '$archive = Start-DicomArchive ./archive -Port 0 -AETitle BOX; $null = Import-DicomFile ./study -Recurse'
    'Stop-DicomArchive/3' = '$archive = Start-DicomArchive ./archive -Port 0 -AETitle BOX'
    'Stop-DicomScp' = '$scp = Start-DicomScp -Port 0 -AETitle DESK -OnEcho { }; $null = Test-DicomEcho "DESK@127.0.0.1:$($scp.Port)"'
    'Stop-DicomScp/3' = '$scp = Start-DicomScp -Port 0 -AETitle DESK -OnEcho { }'
    'Stop-DicomStorageScp' = '$scp = Start-DicomStorageScp ./in -Port 0 -AETitle STORE; $null = Send-DicomFile ./study "STORE@127.0.0.1:$($scp.Port)" -Recurse'
    'Stop-DicomStorageScp/3' = '$scp = Start-DicomStorageScp ./in -Port 0 -AETitle STORE'
    'Test-DicomStorageCommitment' = 'New-Work; Remove-DicomNode pacs; Set-DicomNode PACS PACS@127.0.0.1:11112 -LocalPort 11113'
    'Test-DicomStorageCommitment/4' = 'Set-DicomNode SECOND PACS@127.0.0.1:11112 -LocalPort 11113'
    'Wait-DicomStudy/2' = 'Set-DicomNode STORE STORE@127.0.0.1:11114; $archive = Start-DicomArchive ./archive -Port 0 -AETitle BOX -StudyQuietPeriod 1
                                   $null = Send-DicomFile ./study/CT_small.dcm "BOX@127.0.0.1:$($archive.Port)"'
    'Wait-DicomStudy/4' = '$null = Send-DicomFile ./study/CT_small.dcm "BOX@127.0.0.1:$($archive.Port)"'
    'Wait-DicomStudy/5' = '$null = Send-DicomFile ./study/CT_small.dcm "BOX@127.0.0.1:$($archive.Port)"'
    'Test-DicomEcho/4' = 'Remove-DicomNode ris; Set-DicomNode ws WS@127.0.0.1:4242'
}

# The peers of all pages in a process of their own, so that the servers of a page are alone in its session: the archive PACS, which
# is the worklist RIS too and moves to OURS and ARCHIVE, and the storage SCP ARCHIVE.
function Start-ExamplePeers([string] $Folder) {
    $study = '1.2.826.0.1.3680043.10.999'
    $instances = @(
        @{ StudyInstanceUID = "$study.1"; SeriesInstanceUID = "$study.1.1"; SOPInstanceUID = "$study.1.1.1"; SeriesDescription = 'AXIAL'; BodyPartExamined = 'HEAD' }
        @{ StudyInstanceUID = "$study.1"; SeriesInstanceUID = "$study.1.1"; SOPInstanceUID = "$study.1.1.2"; InstanceNumber = '2'; SeriesDescription = 'AXIAL'; BodyPartExamined = 'HEAD' }
        @{ StudyInstanceUID = "$study.1"; SeriesInstanceUID = "$study.1.2"; SOPInstanceUID = "$study.1.2.1"; SeriesNumber = '2'; Modality = 'SR'; SeriesDescription = 'REPORT'; SOPClassUID = '1.2.840.10008.5.1.4.1.1.88.11' }
        @{ StudyInstanceUID = "$study.2"; SeriesInstanceUID = "$study.2.1"; SOPInstanceUID = "$study.2.1.1"; StudyDate = '20240103'; StudyTime = '233000'; AccessionNumber = 'A2'; InstitutionName = 'Inn'; StudyComments = 'Very urgent case' }
        @{ StudyInstanceUID = "$study.3"; SeriesInstanceUID = "$study.3.1"; SOPInstanceUID = "$study.3.1.1"; PatientID = 'P2'; PatientName = 'Иванов^Иван'; StudyDate = '20240104'; StudyTime = '003000'; Modality = 'MR'; AccessionNumber = 'A3' }
        @{ StudyInstanceUID = "$study.4"; SeriesInstanceUID = "$study.4.1"; SOPInstanceUID = "$study.4.1.1"; PatientID = 'P3'; PatientName = '山田^太郎'; StudyDate = '20230601'; Modality = 'US'; AccessionNumber = 'A4' }
    )
    foreach ($instance in $instances) { $null = New-StudyFile "$Folder/files" ($instance + @{ Rows = '512'; Columns = '512'; BitsAllocated = '16' }) }
    New-ExampleStudy "$Folder/files/study"
    $steps = foreach ($step in @(@('S1', 'CT', 'SCANNER1', '20240102', '0815', 'DOE^JOHN', 'P1', 'GREY^MEG'), @('S2', 'MR', 'SCANNER2', '20240103', '0900', 'ROE^JANE', 'P2', 'BLUE^BEN'))) {
        "@{ AccessionNumber = 'A-$($step[0])'; PatientName = '$($step[5])'; PatientID = '$($step[6])'; PatientBirthDate = '19700101'; PatientSex = 'O'; StudyInstanceUID = '1.2.9.$($step[0].Substring(1))'
            RequestedProcedureDescription = 'REQUESTED $($step[0])'; RequestedProcedureID = 'R-$($step[0])'; RequestedProcedurePriority = 'LOW'; ScheduledProcedureStepSequence = @{
            Modality = '$($step[1])'; ScheduledStationAETitle = '$($step[2])'; ScheduledProcedureStepStartDate = '$($step[3])'; ScheduledProcedureStepStartTime = '$($step[4])'; ScheduledPerformingPhysicianName = '$($step[7])'
            ScheduledProcedureStepDescription = 'STEP $($step[0])'; ScheduledProcedureStepID = '$($step[0])'; ScheduledProtocolCodeSequence = @{ CodeValue = 'C-$($step[0])'; CodingSchemeDesignator = 'LOCAL'; CodeMeaning = 'Routine' } } }"
    }
    $ports = @{}
    foreach ($name in '11112', '11113', '11114') { $ports[$name] = "$(Get-FreePort)" }
    # What runs there ends with its input: also when this process is killed.
    $script = "Import-Module '$(Join-Path $root 'out/DicomPS/DicomPS.psd1')'
        `$null = $($steps -join ',') | Start-DicomArchive '$Folder/pacs' -Port $($ports['11112']) -AETitle PACS -Destination @{ OURS = '127.0.0.1:$($ports['11113'])'; DICOMPS = '127.0.0.1:$($ports['11113'])'; ARCHIVE = '127.0.0.1:$($ports['11114'])' }
        # One after the other, since answers come in this order.
        `$null = Get-ChildItem '$Folder/files' -Recurse -File | Sort-Object FullName | Import-DicomFile -Archive (Get-DicomArchive)
        `$null = Start-DicomStorageScp '$Folder/store' -Port $($ports['11114']) -AETitle ARCHIVE
        'ready'; `$null = [Console]::In.ReadToEnd()"
    $start = [Diagnostics.ProcessStartInfo]::new((Get-Process -Id $PID).Path)
    foreach ($argument in '-NoProfile', '-NonInteractive', '-Command', $script) { $start.ArgumentList.Add($argument) }
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
    $process = [Diagnostics.Process]::Start($start)
    $line = $process.StandardOutput.ReadLineAsync()
    if (-not $line.Wait(60000) -or $line.Result -ne 'ready') { throw "The peers of the examples did not start: $($line.Result)" }
    @{ Process = $process; Ports = $ports }
}

# ./study as the pages have it.
function New-ExampleStudy([string] $Folder) {
    $null = New-Item -ItemType Directory -Force "$Folder/deep"
    Copy-Item "$samples/CT_small.dcm", "$samples/MR_small.dcm" $Folder
    Copy-Item "$samples/rtplan.dcm" "$Folder/deep"
}

# Runs the examples of a page in their order; what each printed, by its number.
function Invoke-Page([string] $Name, $Examples, $Peers) {
    $env:DICOMPS_CONFIG_HOME = Join-Path $TestDrive "config-$Name"
    $folder = New-ExampleRoot
    $session = $null
    try {
        New-ExampleStudy "$folder/study"
        $null = New-Item -ItemType Directory "$folder/odd"
        $null = New-StudyFile "$folder/odd" @{ SOPInstanceUID = '1.2.826.0.1.3680043.10.998'; StudyInstanceUID = '' }
        Move-Item "$folder/odd/*.dcm" "$folder/odd/nostudy.dcm"
        # Ids begin with 1 in every session of a user; here all pages share a process.
        [DicomPS.Transfer.RunningServer].GetField('_lastId', 'NonPublic,Static').SetValue($null, 0)
        $session = New-ExampleSession $folder
        foreach ($port in $Peers.Ports.Keys) { $session.Ports[$port] = $Peers.Ports[$port] }
        # What the PACS has, and one file that it does not have, for the pages that ask after them.
        $work = "function New-Work { Copy-Item ./study/*.dcm .; Copy-Item '$samples/rtdose.dcm' .; `$null = New-Item -ItemType Directory ./work; Copy-Item ./*.dcm ./work }"
        $preparations = @("Set-DicomNode pacs PACS@127.0.0.1:11112; Set-DicomNode ris PACS@127.0.0.1:11112; $work", $before[$Name])
        $printed = @{}
        foreach ($example in $Examples) {
            $key = "$Name/$($example.Number)"
            if ($notRun.Contains($key)) { continue }
            foreach ($preparation in @($preparations) + $before[$key] | Where-Object { $_ }) {
                $text = Invoke-Example $session $preparation
                if ($text.Trim()) { throw "What comes before $key printed: $text" }
            }
            $preparations = @()
            $printed[$example.Number] = Invoke-Example $session $example.Code
        }
        $printed
    }
    finally {
        if ($session) { $session.Runspace.Dispose() }
        # The servers of the page, whichever kind they are of.
        $null = [DicomPS.Transfer.RunningServer]::StopAllAsync().Wait(30000)
        Remove-Item -Recurse -Force $folder
    }
}
