# Dot-sourced after Support.ps1 by the files of the transfer cmdlets: two archives, of which OLD has studies and knows NEW.
. "$PSScriptRoot/Support.Retrieve.ps1"

function Start-TwoArchives([int] $Studies = 3) {
    $place = (New-Item -ItemType Directory "$TestDrive/$([guid]::NewGuid().ToString('N'))").FullName
    $new = Start-DicomArchive "$place/new" -Port 0 -AETitle NEW
    $old = Start-DicomArchive "$place/old" -Port 0 -AETitle OLD -Destination @{ NEW = "NEW@127.0.0.1:$($new.Port)" }
    foreach ($study in 1..$Studies) {
        foreach ($number in 1, 2) { New-Instance "$place/files" "1.2.840.99.$study" "1.2.840.99.$study.1.$number" 'CT' "P$study" | Out-Null }
    }
    $null = Send-DicomFile "$place/files" "OLD@127.0.0.1:$($old.Port)" -Recurse -ErrorAction Stop
    [pscustomobject] @{ Place = $place; Files = "$place/files"; Store = "$place/move.db"; Old = "OLD@127.0.0.1:$($old.Port)"; New = "NEW@127.0.0.1:$($new.Port)"; Servers = $old, $new }
}

function New-FilledTransfer($Two, [string] $Name = 'night', [hashtable] $More = @{}) {
    $null = New-DicomTransfer $Two.Store $Name $Two.Old $Two.New -VerifyDelay 0 @More
    $null = Find-DicomStudy $Two.Old | Add-DicomTransferItem $Two.Store $Name
}
