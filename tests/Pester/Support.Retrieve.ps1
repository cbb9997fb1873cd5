# Dot-sourced after Support.ps1 by the files of Move-DicomStudy and Receive-DicomStudy: an archive that knows us.

# DCMTK's archive with two CT instances of one study and an MR of another; it moves to OURS, and to STORE at a port that is given.
function Start-MovingArchive([int] $StorePort = (Get-FreePort)) {
    $port = Get-FreePort
    $localPort = Get-FreePort
    $folder = "$TestDrive/archive-$port"
    $null = New-Item -ItemType Directory -Force $folder
    Set-Content "$folder.cfg" @"
NetworkTCPPort = $port
MaxPDUSize = 131072
MaxAssociations = 16
HostTable BEGIN
ours = (OURS, 127.0.0.1, $localPort)
store = (STORE, 127.0.0.1, $StorePort)
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
ARCHIVE $folder RW (500, 1024mb) ANY
AETable END
"@
    $process = Start-Peer dcmqrscp $port @('-v', '--config', "$folder.cfg", $port)
    $node = @{ AETitle = 'ARCHIVE'; HostName = '127.0.0.1'; Port = $port; CallingAETitle = 'OURS'; LocalPort = $localPort }
    $files = foreach ($instance in @(@(1, 1, 'CT'), @(1, 2, 'CT'), @(2, 1, 'MR'))) {
        New-Instance "$TestDrive/source" "1.2.840.99.$($instance[0])" "1.2.840.99.$($instance[0]).1.$($instance[1])" $instance[2] "P$($instance[0])"
    }
    $null = $files | Send-DicomFile -Node $node -ErrorAction Stop
    [pscustomobject]@{ Process = $process; Node = $node; LocalPort = $localPort; Log = "$TestDrive/dcmqrscp-$port.err"; Files = $files }
}

function New-Instance([string] $Folder, [string] $Study, [string] $Instance, [string] $Modality, [string] $PatientID) {
    $dataset = [DicomPS.Data.DicomDataset]::new()
    $class = if ($Modality -eq 'CT') { '1.2.840.10008.5.1.4.1.1.2' } else { '1.2.840.10008.5.1.4.1.1.4' }
    $values = [ordered]@{
        SOPClassUID = $class; SOPInstanceUID = $Instance; StudyDate = '20240102'; StudyTime = '101500'; AccessionNumber = 'A1'; Modality = $Modality
        PatientName = "DOE^$PatientID"; PatientID = $PatientID; StudyInstanceUID = $Study; SeriesInstanceUID = "$Study.1"; StudyID = '1'; SeriesNumber = '1'; InstanceNumber = '1'
    }
    foreach ($name in $values.Keys) {
        [DicomPS.Dictionary.DatasetDictionaryExtensions]::Set($dataset, [DicomPS.Dictionary.DicomDictionary]::Find([string] $name).Tag, [string[]] $values[$name])
    }
    $null = New-Item -ItemType Directory -Force $Folder
    $path = Join-Path $Folder "$Instance.dcm"
    $file = [DicomPS.Part10.DicomFile]::new($dataset, [DicomPS.Serialization.TransferSyntax]::ExplicitVRLittleEndian)
    $null = $file.SaveAsync($path, [Threading.CancellationToken]::None).GetAwaiter().GetResult()
    $path
}
