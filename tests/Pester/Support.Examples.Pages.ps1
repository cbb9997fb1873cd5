# Dot-sourced by Examples.Tests.ps1: the peers and files that the pages speak of, and what each page needs beside them.

# What cannot run here, and why. Keep it short: a page is changed rather than left out.
$notRun = @{
    'Add-DicomTransferItem/4' = 'is of another day at each run; Add-DicomTransferItem.Tests.ps1 runs it'
    'Measure-DicomTransfer/1' = 'tells of a PACS with 40,000 studies'
    'Measure-DicomTransfer/3' = 'tells of a PACS with 40,000 studies'
    'Start-DicomTransferWorker/2' = 'speaks of five machines and a database'
    'Start-DicomTransferWorker/3' = 'registers a service of the system'
    'Test-DicomTransfer/2' = 'speaks of a store of the machine; Test-DicomTransfer.Tests.ps1 looks at the exit codes'
    'about_DicomPS_Testing/1' = 'runs in about_DicomPS_Testing.Tests.ps1'
    'about_DicomPS_Service/3' = 'is run by cron at night, and writes below /etc and /var'
    'Register-DicomService/2' = 'writes to /etc/systemd; Register-DicomService.Tests.ps1 does, and takes it away again'
}

# What waits until Ctrl+C: what comes meanwhile, and when the key is pressed; without Until as soon as all is there that the page prints.
$stopped = @{
    'Export-DicomIndex/3' = @{ Meanwhile = 'Send-WhenReady ./study STORE@127.0.0.1:30001'; Until = { @(Find-DicomInstance -Index "$folder/received.sqlite" -ErrorAction Ignore).Count -eq 3 } }
    'Receive-DicomScp/2' = @{ Meanwhile = '$null = Test-DicomEcho DICOMPS@127.0.0.1:30002 -CallingAETitle MODALITY' }
    'Receive-DicomStorageScp/3' = @{ Meanwhile = 'Send-WhenReady ./study ANY@127.0.0.1:30001'; Until = { @(Import-Csv "$folder/received.csv" -ErrorAction Ignore).Count -eq 3 } }
    'Send-DicomFile/5' = @{ Meanwhile = 'Send-WhenReady ./study DICOMPS@127.0.0.1:11115'; Until = { @(Select-String '<-- C-STORE response' "$folder/forward.txt" -ErrorAction Ignore).Count -eq 3 } }
    'Start-DicomArchive/5' = @{ Meanwhile = 'Send-WhenReady ./new BOX@127.0.0.1:11115' }
    'Wait-DicomStudy/1' = @{ Meanwhile = 'Send-WhenReady ./new BOX@127.0.0.1:11115' }
    'about_DicomPS_Archive/10' = @{ Meanwhile = 'Send-WhenReady ./new BOX@127.0.0.1:30001'; Until = { @(Get-ChildItem "$folder/store" -Recurse -File -ErrorAction Ignore).Count -eq 3 } }
    'about_DicomPS_Scp/1' = @{ Meanwhile = 'Send-WhenReady ./study INBOX@127.0.0.1:11115'; Until = { ([regex]::Matches($args[0], '\.dcm')).Count -eq 3 } }
    'about_DicomPS_Service/1' = @{ Meanwhile = '$null = Test-DicomEcho PACS@127.0.0.1:11115 -Quiet'; Until = { $args[0] -match 'Running' } }
    'Wait-DicomStudy/3' = @{ Meanwhile = 'Send-WhenReady ./study/CT_small.dcm DICOMPS@127.0.0.1:11115' }
}

# What is said of a page's own surroundings, and what stands for it here: it is night now, and an hour has a second.
$now = (Get-Date).TimeOfDay
$instead = @{
    '22:00-06:00' = '{0:hh\:mm}-{1:hh\:mm}' -f $now.Add([timespan] '23:00:00'), $now.Add([timespan] '01:00:00')
    '-Port 11112 -AETitle INBOX' = '-Port 11115 -AETitle INBOX'
    '-StudyQuietPeriod 30' = '-StudyQuietPeriod 1'
    'pacs.example -Port 104' = '127.0.0.1 -Port 11112'
}

# A systemctl that is asked instead of the machine's own, and the folders of a user. Whether he lingers differs from machine to machine.
$service = ". '$PSScriptRoot/Support.Service.ps1'; Use-ServiceFolder `"`$PWD/service`"; `$PSDefaultParameterValues['Register-DicomService:WarningAction'] = 'SilentlyContinue'; "
$night = "$service; `$null = Register-DicomService night { Start-DicomArchive ./archive -Port 11115 -AETitle NIGHT } -Scope User; "

# A server with a hanging protocol, a palette and a report. The UIDs of the protocol are told: one in a hundred that are new is shorter, and
# the page has the size of the file.
$protocols = ". '$PSScriptRoot/Support.Query.ps1'; " + '$null = New-StudyFile "$PWD/protocol" @{ SOPClassUID = "1.2.840.10008.5.1.4.38.1"; SOPInstanceUID = "1.2.3.1"; StudyInstanceUID = "2.25.100000000000000000000000000000000000001"; SeriesInstanceUID = "2.25.100000000000000000000000000000000000002" }
                                   $scp = Start-DicomScp -Port 0 -AETitle PROTO -Service HangingProtocol, ColorPalette, RelevantPatient -OnFind {
                                       if ($_.Service -eq "RelevantPatient") { @{ PatientName = "CompressedSamples^CT1"; PatientID = "1CT1"; ObservationDateTime = "20240102101500" } }
                                       elseif ($_.Service -eq "ColorPalette") { @{ ContentLabel = "HOT_IRON"; SOPInstanceUID = "1.2.3.2"; SOPClassUID = "1.2.840.10008.5.1.4.39.1" } }
                                       else { @{ HangingProtocolName = "CT Chest"; HangingProtocolDescription = "Lung and bone"; SOPInstanceUID = "1.2.3.1"; SOPClassUID = "1.2.840.10008.5.1.4.38.1"; HangingProtocolCreationDateTime = "20240102" } } } -OnGet { "$using:PWD/protocol/1.2.3.1.dcm" } -OnMove { "ARCHIVE@127.0.0.1:11114"; "$using:PWD/protocol/1.2.3.1.dcm" }
                                   Set-DicomNode protocols "PROTO@127.0.0.1:$($scp.Port)"'

# What is scheduled for the day.
$today = 'Set-Content ./today.csv "PatientID,PatientName,AccessionNumber,Modality,ScheduledStationAETitle,ScheduledProcedureStepID,ScheduledProcedureStepStartDate",
                                   "4711,DOE^JOHN,A1,CT,SCANNER1,S1,2024-01-02", "4712,ROE^JANE,A2,MR,SCANNER2,S2,2024-01-02"'
# Two archives with a transfer between them, and what of it is in which state.
$twoArchives = '$old = Start-DicomArchive ./oldpacs -Port 0 -AETitle OLD; $new = Start-DicomArchive ./newpacs -Port 0 -AETitle NEW
                                   Set-DicomNode old "OLD@127.0.0.1:$($old.Port)"; Set-DicomNode new "NEW@127.0.0.1:$($new.Port)"; $null = Send-DicomFile ./new old; '
$planned = $twoArchives + '$null = New-DicomTransfer ./move.db migration old new -VerifyDelay 0; '
$listed = $planned + '$null = Find-DicomStudy old | Add-DicomTransferItem ./move.db migration; '
$moved = $listed + '$null = Start-DicomTransferWorker ./move.db migration; '

# What happened before a page, or before one of its examples; ./study and the nodes pacs and ris are there for all.
$before = @{
    'about_DicomPS_Transfers' = $twoArchives
    'New-DicomTransfer' = $twoArchives
    'Add-DicomTransferItem' = $planned + 'Find-DicomStudy old | Export-Csv ./studies.csv'
    'Start-DicomTransferWorker' = $listed
    'Measure-DicomTransfer' = $listed
    'Get-DicomTransfer' = $moved
    'Get-DicomTransferItem' = $moved
    'Export-DicomTransferReport' = $moved
    'Set-DicomTransferNode' = $planned
    'Suspend-DicomTransfer' = $listed
    'Resume-DicomTransfer' = $listed + 'Suspend-DicomTransfer ./move.db migration'
    'Stop-DicomTransfer' = $listed
    'Reset-DicomTransferItem' = $listed + 'Stop-DicomTransfer ./move.db migration -Discard'
    'Test-DicomTransfer' = $moved
    'Remove-DicomTransfer' = $listed
    'about_DicomPS/2' = '$old = Start-DicomArchive ./oldpacs -Port 0 -AETitle OLD; $new = Start-DicomArchive ./newpacs -Port 0 -AETitle NEW
                                   Set-DicomNode old "OLD@127.0.0.1:$($old.Port)"; Set-DicomNode new "NEW@127.0.0.1:$($new.Port)"
                                   $null = Send-DicomFile ./new old; $null = Send-DicomFile ./new/*1.1.[12].dcm new'
    'Compare-DicomArchive' = '$old = Start-DicomArchive ./oldpacs -Port 0 -AETitle OLD; $new = Start-DicomArchive ./newpacs -Port 0 -AETitle NEW
                                   Set-DicomNode old "OLD@127.0.0.1:$($old.Port)"; Set-DicomNode new "NEW@127.0.0.1:$($new.Port)"
                                   $null = Send-DicomFile ./new old; $null = Send-DicomFile ./new/*1.1.1.dcm new'
    # Data of its own: three instances of two studies, and one from before.
    'about_DicomPS/5' = 'Set-DicomNode pacs -LocalPort 11113'
    'about_DicomPS_Archive' = 'Remove-Item -Recurse ./study; Move-Item ./new ./study; New-Item -ItemType Directory ./old | Out-Null; Move-Item ./last/*.dcm ./old
                                   $PSDefaultParameterValues["Start-DicomArchive:StudyQuietPeriod"] = 1'
    'about_DicomPS_Archive/10' = 'Copy-Item -Recurse ./study ./new; $null = Start-DicomStorageScp ./store -Port 11115; Set-DicomNode STORE STORE@127.0.0.1:11115'
    'about_DicomPS_Archive/11' = 'Stop-DicomArchive -All; Set-Content ./today.csv "PatientID,PatientName,AccessionNumber,Modality,ScheduledStationAETitle,ScheduledProcedureStepStartDate,ScheduledProcedureStepStartTime,ScheduledProcedureStepDescription",
                                   "4711,DOE^JOHN,A1,CT,SCANNER1,2024-01-02,08:15,CHEST", "4712,ROE^JANE,A2,MR,SCANNER2,2024-01-02,09:00,KNEE LEFT"'
    'about_DicomPS_Archive/15' = 'Stop-DicomArchive -All; $archive = Start-DicomArchive ./archive -Port 0 -AETitle BOX; $node = "BOX@127.0.0.1:$($archive.Port)"'
    'about_DicomPS_Archive/16' = 'Stop-DicomArchive -All'
    # Retention works beside the session.
    'about_DicomPS_Archive/18' = '$until = (Get-Date).AddSeconds(60); while ($archive.RemovedStudies -lt 2 -and (Get-Date) -lt $until) { Start-Sleep -Milliseconds 50 }'
    'about_DicomPS_Nodes' = '$null = Start-DicomStorageScp ./far -Port 11115 -AETitle FAR; Set-DicomNode faraway FAR@127.0.0.1:11115'
    'about_DicomPS_Retrieve' = 'Set-DicomNode ARCHIVE ARCHIVE@127.0.0.1:11114; Set-Content ./studies.csv "PatientID,StudyInstanceUID", "4MR1,1.3.6.1.4.1.5962.1.2.4.20040826185059.5457"'
    'about_DicomPS_Testing' = "Import-Module '$((Get-Module Pester).Path)'; `$TestDrive = `$PWD
                                   function Send-MyStudies(`$Node) { `$null = Send-DicomFile ./new `$Node -Recurse }"
    'about_DicomPS_Service' = $service
    'ConvertFrom-DicomJson' = 'ConvertTo-DicomJson ./study -Recurse -AsArray | Set-Content ./study.json'
    'Export-DicomIndex/3' = '$scp = Start-DicomStorageScp ./in -Port 0 -AETitle STORE'
    'Export-DicomIndex' = 'Copy-Item -Recurse ./study ./images; Set-Content ./images/notes.txt none'
    'Find-DicomObject' = $protocols
    'Move-DicomObject' = $protocols
    'Receive-DicomObject' = $protocols
    'Find-DicomSeries/3' = 'Find-DicomStudy pacs -PatientID P2 | Export-Csv studies.csv'
    'Get-DicomArchive' = '$archive = Start-DicomArchive ./archive -Port 0 -AETitle BOX; $null = Import-DicomFile ./study -Recurse
                                   $null = Send-DicomFile ./odd/nostudy.dcm "BOX@127.0.0.1:$($archive.Port)" -ErrorAction SilentlyContinue'
    'Get-DicomProcedureStep' = $today
    'New-DicomProcedureStep' = $today
    'Set-DicomProcedureStep' = $today
    'Get-DicomNode' = 'Set-DicomNode ct1 CT1@ct1.example:11112 -LocalPort 11113; Set-DicomNode pacs -CallingAETitle WORKSTATION1; Remove-DicomNode ris'
    'Get-DicomScp' = '$scp = Start-DicomScp -Port 0 -AETitle DESK -OnFind { if (-not $_.Keys.PatientID) { throw "Which patient?" } }
                                   $null = Find-DicomStudy "DESK@127.0.0.1:$($scp.Port)" -PatientID 1; $null = Find-DicomStudy "DESK@127.0.0.1:$($scp.Port)" -ErrorAction SilentlyContinue'
    'Get-DicomScpEvent' = '$scp = Start-DicomStorageScp ./in -Port 0 -AETitle BOX -RequireCalledAETitle -AllowedCallingAETitle CT1, CT2
                                   foreach ($titles in @("CT1", "WRONG"), @("CT9", "BOX")) {
                                       $null = Test-DicomEcho "$($titles[1])@127.0.0.1:$($scp.Port)" -CallingAETitle $titles[0] -Quiet -ErrorAction SilentlyContinue }'
    'Get-DicomService' = $night + 'New-Item -Force -ItemType File (Get-DicomService night).LogPath -Value "2026-11-29T22:00:01.250+01:00 INFO SIGTERM: no association is taken any more, and what is in flight has 30 s.`n2026-11-29T22:00:01.412+01:00 INFO night ends with 0.`n" | Out-Null'
    'Get-DicomStorageScp' = '$scp = Start-DicomStorageScp ./in -Port 0 -AETitle STORE; $null = Send-DicomFile ./study "STORE@127.0.0.1:$($scp.Port)" -Recurse'
    'Import-DicomFile' = '$archive = Start-DicomArchive ./archive -Port 0; Copy-Item -Recurse ./study ./collection
                                   Copy-Item -Recurse ./study ./in; Get-ChildItem ./in -Recurse -File | ForEach-Object { $_.LastWriteTime = Get-Date }'
    'Import-DicomNode' = 'Remove-DicomNode *; Set-Content ./orthanc.json "{", "  // ""old"" : [ ""OLD"", ""10.0.0.9"", 104 ]", "  ""DicomModalities"" : {", "    ""mr1"" : [ ""MR1"", ""mr1.example"", 104 ],", "    ""xray"" : { ""AET"" : ""XRAY"", ""Host"" : ""10.0.0.4"", ""Port"" : 2762, ""UseDicomTls"" : true }", "  }", "}"
                                   Set-Content ./modalities.csv "Station;AE Title;IP Address;Port", "ct1;CT1;10.0.0.1;104", "ct2;CT2;10.0.0.2;104", "us1;US1;10.0.0.3;"
                                   Set-Content ./dcmqrscp.cfg "HostTable BEGIN", "acme1 = (ACME1, acmehost1, 5678)", "HostTable END"'
    'Import-DicomNode/4' = 'Set-DicomNode xray XRAY@10.0.0.5:104 -LocalPort 11113'
    'Move-DicomStudy' = 'Set-DicomNode ARCHIVE ARCHIVE@127.0.0.1:11114'
    'Move-DicomStudy/2' = 'Set-Content ./list.csv "PatientID,StudyInstanceUID", "4MR1,1.3.6.1.4.1.5962.1.2.4.20040826185059.5457"'
    'Move-DicomStudy/3' = 'Set-Content ./moved.csv "Verdict,PatientID,StudyInstanceUID", "Complete,4MR1,1.3.6.1.4.1.5962.1.2.4.20040826185059.5457", "Partial,1CT1,1.3.6.1.4.1.5962.1.2.1.20040119072730.12322"'
    'Receive-DicomScp/2' = 'Stop-DicomScp -All; $scp = Start-DicomScp -Port 0 -OnEcho { Write-Warning "Echo from $($_.CallingAETitle)" }'
    'Receive-DicomScp/3' = 'Stop-DicomScp -All; $scp = Start-DicomScp -Port 0 -OnEcho { throw "The disk is full" }; $null = Test-DicomEcho "DICOMPS@127.0.0.1:$($scp.Port)" -Quiet'
    'Receive-DicomStorageScp' = '$scp = Start-DicomStorageScp ./in -Port 0; $null = Send-DicomFile ./study "ANY@127.0.0.1:$($scp.Port)" -Recurse'
    'Receive-DicomStorageScp/3' = '$null = Receive-DicomStorageScp $scp'
    'Receive-DicomStorageScp/2' = '$null = Send-DicomFile ./study "ANY@127.0.0.1:$($scp.Port)" -Recurse'
    'Receive-DicomStudy' = 'Set-Content ./list.csv "PatientID,StudyInstanceUID", "4MR1,1.3.6.1.4.1.5962.1.2.4.20040826185059.5457", "1CT1,1.3.6.1.4.1.5962.1.2.1.20040119072730.12322"'
    'Register-DicomService' = $service
    'Remove-DicomNode' = 'Set-DicomNode ct1 CT1@127.0.0.1:4242; Set-DicomNode ct2 CT2@127.0.0.1:4243'
    # A PACS that breaks off after its answer, before its report; then nobody waits for long at the port that other pages have too.
    'Request-DicomStorageCommitment/1' = 'New-Work; Remove-DicomNode pacs; Remove-DicomNode ris; $PSDefaultParameterValues["Request-DicomStorageCommitment:Timeout"] = 10; $slow = Start-DicomArchive ./archive -Port 11115 -AETitle PACS -Fault @{ AbortAfter = 1 }'
    'Request-DicomStorageCommitment/2' = 'Stop-DicomArchive -All -Force; Remove-DicomNode pacs; Set-DicomNode PACS PACS@127.0.0.1:11112 -LocalPort 11113 -WarningAction Ignore; $request = Request-DicomStorageCommitment ./work -Node PACS
                                   $until = (Get-Date).AddSeconds(60); while ($request.State -eq "Pending" -and (Get-Date) -lt $until) { Start-Sleep -Milliseconds 50 }'
    'Request-DicomStorageCommitment/4' = '$plain = Start-DicomScp -Port 0 -AETitle PACS -OnEcho { }; Set-DicomNode PACS "PACS@127.0.0.1:$($plain.Port)" -WarningAction Ignore'
    'Protect-DicomStudy' = '$null = Import-DicomFile ./new ./archive'
    'Unprotect-DicomStudy' = '$null = Import-DicomFile ./new ./archive; Protect-DicomStudy 1.2.840.99.1, 1.2.840.99.2 ./archive'
    'Repair-DicomArchive' = '$null = Import-DicomFile ./study ./archive -Recurse'
    'Repair-DicomArchive/2' = 'Set-Content ./archive/broken.dcm none'
    'Repair-DicomArchive/3' = '$archive = Start-DicomArchive ./archive -Port 0'
    # The trace tells when all is forwarded.
    'Send-DicomFile/5' = '$PSDefaultParameterValues["Send-DicomFile:TracePath"] = "./forward.txt"'
    'Set-DicomNode' = 'Remove-DicomNode *; Set-Content ./nodes.csv "Name,AETitle,HostName,Port", "ct1,CT1,ct1.example,11112", "mr1,MR1,mr1.example,11112"'
    'Get-DicomUser' = 'foreach ($name in "reader", "service") { Set-DicomUser ([pscredential]::new($name, (ConvertTo-SecureString secret -AsPlainText -Force))) ./users.txt }'
    'Remove-DicomUser' = 'foreach ($name in "reader", "service") { Set-DicomUser ([pscredential]::new($name, (ConvertTo-SecureString secret -AsPlainText -Force))) ./users.txt }'
    'Set-DicomUser' = '$credential = [pscredential]::new("reader", (ConvertTo-SecureString secret -AsPlainText -Force))'
    'Start-DicomArchive/2' = 'Stop-DicomArchive -All'
    'Start-DicomArchive/3' = 'Stop-DicomArchive -All; Copy-Item -Recurse ./study ./teaching'
    'Start-DicomArchive/4' = 'Stop-DicomArchive -All; Remove-Item -Recurse ./archive; $null = Import-DicomFile ./new ./archive
                                   # The module keeps its SQLite to itself: its own type, from the context in which it was loaded.
                                   $own = [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -eq "Microsoft.Data.Sqlite" -and $_.Location -like "*DicomPS*dependencies*" } | Select-Object -First 1
                                   $index = [Activator]::CreateInstance($own.GetType("Microsoft.Data.Sqlite.SqliteConnection"), "Data Source=$((Get-ChildItem ./archive -Force -Filter *.sqlite).FullName)"); $index.Open()
                                   $set = $index.CreateCommand(); $set.CommandText = "UPDATE studies SET LastSeen = replace(LastSeen, substr(LastSeen, 1, 4), substr(LastSeen, 1, 4) - 1) WHERE PatientID = ''P1''"; $null = $set.ExecuteNonQuery(); $index.Dispose()'
    'Start-DicomArchive/5' = 'Remove-Item -Recurse ./archive; $PSDefaultParameterValues["Start-DicomArchive:Port"] = 11115; $PSDefaultParameterValues["Start-DicomArchive:StudyQuietPeriod"] = 1'
    'Start-DicomArchive/6' = '$PSDefaultParameterValues.Clear(); Stop-DicomArchive -All'
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
    'Wait-DicomStudy/1' = '$PSDefaultParameterValues["Start-Dicom*:Port"] = 11115; $PSDefaultParameterValues["Start-DicomArchive:StudyQuietPeriod"] = 1'
    'Wait-DicomStudy/2' = 'Stop-DicomArchive -All; Remove-Item -Recurse ./archive; Set-DicomNode STORE STORE@127.0.0.1:11114; $archive = Start-DicomArchive ./archive -Port 0 -AETitle BOX -StudyQuietPeriod 1
                                   $null = Send-DicomFile ./study/CT_small.dcm "BOX@127.0.0.1:$($archive.Port)"'
    'Wait-DicomStudy/4' = '$null = Send-DicomFile ./study/CT_small.dcm "BOX@127.0.0.1:$($archive.Port)"'
    'Wait-DicomStudy/5' = '$null = Send-DicomFile ./study/CT_small.dcm "BOX@127.0.0.1:$($archive.Port)"'
    'Test-DicomEcho/5' = '$rsa = [Security.Cryptography.RSA]::Create(2048)
                                   $request = [Security.Cryptography.X509Certificates.CertificateRequest]::new("CN=pacs", $rsa, [Security.Cryptography.HashAlgorithmName]::SHA256, [Security.Cryptography.RSASignaturePadding]::Pkcs1)
                                   $own = $request.CreateSelfSigned((Get-Date).AddDays(-1), (Get-Date).AddDays(365)); [IO.File]::WriteAllBytes("$PWD/pacs.cer", $own.Export("Cert"))
                                   $tls = Start-DicomScp -Port 12762 -AETitle PACS -OnEcho { } -Certificate $own'
    'Test-DicomEcho/4' = 'Remove-DicomNode ris; Set-DicomNode ws WS@127.0.0.1:4242'
    'Start-DicomService' = $night
    'Stop-DicomService' = $night
    'Unregister-DicomService' = $night
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
    $start = [Diagnostics.ProcessStartInfo]::new($pwsh)
    foreach ($argument in '-NoProfile', '-NonInteractive', '-Command', $script) { $start.ArgumentList.Add($argument) }
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
    $process = [Diagnostics.Process]::Start($start)
    $line = $process.StandardOutput.ReadLineAsync()
    if (-not $line.Wait(180000) -or $line.Result -ne 'ready') { throw "The peers of the examples did not start: $($line.Result)" }
    @{ Process = $process; Ports = $ports }
}

# ./study as the pages have it.
function New-ExampleStudy([string] $Folder) {
    $null = New-Item -ItemType Directory -Force "$Folder/deep"
    Copy-Item "$samples/CT_small.dcm", "$samples/MR_small.dcm" $Folder
    Copy-Item "$samples/rtplan.dcm" "$Folder/deep"
}

# Two studies that no node has: ./new.
function New-NewStudies([string] $Folder) {
    foreach ($name in '1.1.1', '1.1.2', '2.1.1') {
        $study = $name[0]
        $null = New-StudyFile $Folder @{ PatientID = "P$study"; PatientName = "DOE^P$study"; Modality = @{ '1' = 'CT'; '2' = 'MR' }["$study"]
            StudyInstanceUID = "1.2.840.99.$study"; SeriesInstanceUID = "1.2.840.99.$study.1"; SOPInstanceUID = "1.2.840.99.$name" }
    }
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
        New-NewStudies "$folder/new"
        $null = New-StudyFile "$folder/last" @{ PatientID = 'P3'; PatientName = 'DOE^P3'; Modality = 'MR'; StudyInstanceUID = '1.2.840.99.3'; SeriesInstanceUID = '1.2.840.99.3.1'; SOPInstanceUID = '1.2.840.99.3.1.1' }
        $session = New-ExampleSession $folder
        $session.Instead = $instead
        # The servers of the page have the ids after this one.
        $first = Start-DicomScp -Port 0 -OnEcho { }
        $session.IdsBefore = $first.Id
        Stop-DicomScp $first -Force
        foreach ($port in $Peers.Ports.Keys) { $session.Ports[$port] = $Peers.Ports[$port] }
        # For servers of the page itself.
        foreach ($port in '11115', '12762') { $session.Ports[$port] = "$(Get-FreePort)" }
        # What the PACS has, and one file that it does not have, for the pages that ask after them.
        $work = "function New-Work { Copy-Item ./study/*.dcm .; Copy-Item '$samples/rtdose.dcm' .; `$null = New-Item -ItemType Directory ./work; Copy-Item ./*.dcm ./work }"
        $preparations = @("Set-DicomNode pacs PACS@127.0.0.1:11112; Set-DicomNode ris PACS@127.0.0.1:11112 -WarningAction Ignore; $work", $before[$Name])
        $printed = @{}
        foreach ($example in $Examples) {
            $key = "$Name/$($example.Number)"
            if ($notRun.Contains($key)) { continue }
            foreach ($preparation in @($preparations) + $before[$key] | Where-Object { $_ }) {
                $text = Invoke-Example $session $preparation
                if ($text.Trim()) { throw "What comes before $key printed: $text" }
            }
            $preparations = @()
            # A server hears a moment later than its peer that an association has ended; the pages show servers at rest.
            for ($i = 0; $i -lt 400 -and (@(Get-DicomArchive) + @(Get-DicomScp) + @(Get-DicomStorageScp)).Where{ $_.ActiveAssociations }; $i++) { Start-Sleep -Milliseconds 50 }
            $printed[$example.Number] = if ($stopped[$key]) {
                $until = if ($stopped[$key].Until) { $stopped[$key].Until } else { { (Format-Printed $args[0]) -ceq (Format-Printed $example.Output) } }
                (Split-Example $example.Code | ForEach-Object {
                    if ($_ -match '-Wait\b|\bWait-DicomStudy\b') { Invoke-Example $session $_ -Until $until -Meanwhile $stopped[$key].Meanwhile }
                    else { Invoke-Example $session $_ }
                }) -join ''
            }
            else { Invoke-Example $session $example.Code }
        }
        $printed
    }
    finally {
        if ($session) { $session.Runspace.Dispose() }
        # The servers of the page, whichever kind they are of.
        $null = [DicomPS.Serving.RunningServer]::StopAllAsync().Wait(30000)
        Remove-Item -Recurse -Force $folder
    }
}
