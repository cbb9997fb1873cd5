# Dot-sourced after Support.ps1 and Support.Retrieve.ps1 by the files of the archive cmdlets.

# Three instances of two studies: two CT of one patient, an MR of another.
function New-Instances([string] $Folder = "$TestDrive/source") {
    foreach ($instance in @(@(1, 1, 'CT'), @(1, 2, 'CT'), @(2, 1, 'MR'))) {
        New-Instance $Folder "1.2.840.99.$($instance[0])" "1.2.840.99.$($instance[0]).1.$($instance[1])" $instance[2] "P$($instance[0])"
    }
}

# An archive in a folder of its own with those instances.
function Start-FilledArchive([hashtable] $More = @{}) {
    $archive = Start-DicomArchive "$TestDrive/archive-$([guid]::NewGuid().ToString('N'))" -Port 0 -AETitle BOX @More
    $null = New-Instances | Import-DicomFile -Archive $archive -ErrorAction Stop
    $archive
}
