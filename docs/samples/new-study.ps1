<#
.SYNOPSIS
Makes up a study: a CT series of eight images and an MR series of four, of a patient who does not exist.
.EXAMPLE
./docs/samples/new-study.ps1 ./study
#>
param([Parameter(Mandatory)] [string] $Path)

# A UID from a UUID (PS3.5 B.2); the zero keeps the number positive.
function New-Uid { '2.25.{0}' -f [bigint]::new([byte[]] ([guid]::NewGuid().ToByteArray() + 0)) }

# Rings, 128 x 128, 16 bits a pixel, the low byte first.
function New-Pixel([int] $Phase) {
    $pixels = [byte[]]::new(2 * 128 * 128)
    for ($y = 0; $y -lt 128; $y++) {
        for ($x = 0; $x -lt 128; $x++) {
            $value = [int] (2000 + 1500 * [Math]::Sin([Math]::Sqrt(($x - 64) * ($x - 64) + ($y - 64) * ($y - 64)) / 4 + $Phase))
            $pixels[2 * (128 * $y + $x)] = $value -band 255
            $pixels[2 * (128 * $y + $x) + 1] = $value -shr 8
        }
    }

    [Convert]::ToBase64String($pixels)
}

$null = New-Item -ItemType Directory -Force $Path
$study = New-Uid
foreach ($series in @{ Modality = 'CT'; Class = '1.2.840.10008.5.1.4.1.1.2'; Images = 8 }, @{ Modality = 'MR'; Class = '1.2.840.10008.5.1.4.1.1.4'; Images = 4 }) {
    $uid = New-Uid
    foreach ($number in 1..$series.Images) {
        $image = @{
            SOPClassUID               = $series.Class
            SOPInstanceUID            = New-Uid
            StudyInstanceUID          = $study
            SeriesInstanceUID         = $uid
            PatientID                 = 'PHANTOM-1'
            PatientName               = 'PHANTOM^JANE'
            StudyDate                 = '20240131'
            StudyTime                 = '081500'
            StudyDescription          = 'HEAD AND RINGS'
            AccessionNumber           = 'A0001'
            Modality                  = $series.Modality
            SeriesNumber              = if ($series.Modality -eq 'CT') { 1 } else { 2 }
            InstanceNumber            = $number
            SamplesPerPixel           = 1
            PhotometricInterpretation = 'MONOCHROME2'
            Rows                      = 128
            Columns                   = 128
            BitsAllocated             = 16
            BitsStored                = 12
            HighBit                   = 11
            PixelRepresentation       = 0
        }

        # The JSON of DICOMweb (PS3.18 F) has each value in an object; a VR is only needed where the keyword does not say it.
        $json = @{ PixelData = @{ vr = 'OW'; InlineBinary = New-Pixel $number } }
        foreach ($keyword in $image.Keys) { $json[$keyword] = @{ Value = @($image[$keyword]) } }
        $dataset = ($json | ConvertTo-Json | ConvertFrom-DicomJson).Dataset
        $file = [DicomPS.Part10.DicomFile]::new($dataset, [DicomPS.Serialization.TransferSyntax]::ExplicitVRLittleEndian)
        $null = $file.SaveAsync("$Path/$($series.Modality)$number.dcm", [Threading.CancellationToken]::None).GetAwaiter().GetResult()
    }
}

Get-Item $Path
