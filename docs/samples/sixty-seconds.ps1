#Requires -Version 7.4
<#
.SYNOPSIS
DicomPS in a minute: a study is sent to an archive of your own, found, moved and fetched; then every byte is compared.
.DESCRIPTION
    dotnet dnx -y PowerShell docs/samples/sixty-seconds.ps1
    dotnet dnx -y PowerShell docs/samples/sixty-seconds.ps1 ~/dicom     with the DICOM files of a folder; they are only read
    dotnet dnx -y PowerShell docs/samples/sixty-seconds.ps1 -Shell      and then the prompt is yours, with the archive running
Nothing leaves this machine; all that it writes is in a temporary folder, which goes at the end.
#>
param([string] $Path, [switch] $Shell)

# The module, built when it is not there yet or older than its sources.
$root = Resolve-Path "$PSScriptRoot/../.."
$built = Get-ChildItem "$root/out/DicomPS" -File -Recurse -ErrorAction Ignore | Sort-Object LastWriteTime | Select-Object -Last 1
$sources = Get-ChildItem "$root/src" -Directory | Get-ChildItem -Exclude bin, obj | Get-ChildItem -File -Recurse
if (-not $built -or ($sources.LastWriteTime -gt $built.LastWriteTime)) {
    dotnet build "$root/src/DicomPS" --configuration Release --nologo
    if ($LASTEXITCODE) { exit $LASTEXITCODE }
}

Import-Module "$root/out/DicomPS/DicomPS.psd1" -ErrorAction Stop

# Shows a command, runs it, shows the first of its objects as a table, and gives back all of them.
function Show([scriptblock] $Command) {
    Write-Host "`nPS> $("$Command".Trim())" -ForegroundColor Cyan
    $objects = @(& $Command)
    $objects | Select-Object -First 12 | Out-Host
    if ($objects.Count -gt 12) { Write-Host "... and $($objects.Count - 12) more" }
    $objects
}

# A dataset is what a file holds after its file meta information, which each holder writes for itself (PS3.10 7.1).
# A deflated one of odd length gets a null on its way (PS3.5 A.5).
function Get-DatasetHash([string] $File) {
    $found = [DicomPS.Part10.DicomFileProbe]::Read($File)
    $stream = [IO.File]::OpenRead($File)
    try {
        $stream.Position = $found.DatasetOffset
        if ($found.TransferSyntax.IsDeflated -and $found.DatasetLength % 2) {
            $even = [IO.MemoryStream]::new()
            $stream.CopyTo($even)
            $even.WriteByte(0)
            $even.Position = 0
            return (Get-FileHash -InputStream $even).Hash
        }

        (Get-FileHash -InputStream $stream).Hash
    }
    finally { $stream.Dispose() }
}

# One row for each file: what has become of its dataset at each place, which is a folder?
function Compare-Arrival($Sent, [string[]] $Place) {
    $arrived = @{}
    foreach ($name in $Place) { Get-DicomFile "$work/$name" -Recurse | ForEach-Object { $arrived["$name $($_.SOPInstanceUID)"] = Get-DatasetHash $_.Path } }
    $twice = @{}
    $Sent | Where-Object Success | ForEach-Object { $twice[$_.SOPInstanceUID]++ }
    foreach ($file in $Sent | Sort-Object Path) {
        $hash = if ($file.Success) { Get-DatasetHash $file.Path }
        $row = [ordered]@{ File = Split-Path -Leaf $file.Path; sent = $file.Success }
        foreach ($name in $Place) {
            $there = $arrived["$name $($file.SOPInstanceUID)"]
            $row[$name] = if (-not $hash) { 'not sent' }
                elseif ($hash -eq $there) { 'identical' }
                elseif (-not $there) { 'MISSING' }
                elseif ($twice[$file.SOPInstanceUID] -gt 1) { 'another file has its UID' }
                else { 'DIFFERENT' }
        }

        [pscustomobject] $row
    }
}

$work = (New-Item -ItemType Directory (Join-Path ([IO.Path]::GetTempPath()) "dicomps-$PID")).FullName
$env:DICOMPS_CONFIG_HOME = "$work/nodes"    # so that your own list of nodes is left alone
$same = $count = 0
try {
    $study = "$work/study"
    if ($Path) { $study = (Resolve-Path $Path -ErrorAction Stop).Path } else { $null = & "$PSScriptRoot/new-study.ps1" $study }

    # An archive as a PACS, a storage SCP as a workstation; both on a free port, and known by a name.
    $archive = Show { Start-DicomArchive "$work/archive" -Port 0 -AETitle PACS -AllowUnknownSopClass }
    $inbox = Start-DicomStorageScp "$work/moved" -Port 0 -AETitle INBOX -AllowUnknownSopClass
    Set-DicomNode pacs "PACS@localhost:$($archive.Port)"
    Set-DicomNode inbox "INBOX@localhost:$($inbox.Port)"

    $null = Show { Test-DicomEcho pacs }
    $sent = Show { Send-DicomFile $study -Recurse -Node pacs }
    $studies = Show { Find-DicomStudy pacs }
    $null = Show { $studies | Move-DicomStudy -Destination INBOX }
    # With the classes named, C-GET asks for each of them in every transfer syntax, and nothing needs to be converted.
    $classes = $sent.SOPClassUID | Where-Object { $_ } | Select-Object -Unique
    $null = Show { $studies | Receive-DicomStudy -Path "$work/fetched" -SOPClassUID $classes }
    $null = Show { $studies | Find-DicomSeries | Export-Csv "$work/series.csv"; Import-Csv "$work/series.csv" | Select-Object Node, PatientID, Modality, Instances }

    $files = Show { Compare-Arrival $sent moved, fetched | Sort-Object { $_.moved -eq $_.fetched -and $_.moved -eq 'identical' } -Stable }
    $other = $files.Where{ $_.moved -in 'not sent', 'another file has its UID' }.Count
    if ($other) { "$other not counted: they were not sent, or have the UID of another file, which an archive keeps once" }
    $count = $files.Count - $other
    $same = $files.Where{ $_.moved -eq 'identical' -and $_.fetched -eq 'identical' }.Count
    "$same of $count arrived byte for byte"

    if ($Shell) {
        Write-Host "`nThe archive is the node 'pacs', the workstation is 'inbox', the files are in `$study. 'exit' ends all of it."
        Import-Module PSReadLine
        $Host.EnterNestedPrompt()
    }
}
finally {
    Get-DicomArchive | Stop-DicomArchive
    Get-DicomStorageScp | Stop-DicomStorageScp
    Remove-Item -Recurse -Force $work
}

exit ($same -eq $count -and $count ? 0 : 1)
