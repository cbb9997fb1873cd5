# Dot-sourced after Support.ps1 by the files of the Find cmdlets: an archive, a worklist, and a server of our own.

function New-Uid { '2.25.{0}' -f [bigint]::new(([guid]::NewGuid().ToByteArray() + 0)) -replace '-' }

# A file of one instance; what is not given has a value of its own.
function New-StudyFile([string] $Folder, [hashtable] $Value, [string] $CharacterSet = 'ISO_IR 192') {
    $dataset = [DicomPS.Data.DicomDataset]::new()
    [DicomPS.Text.DatasetTextExtensions]::SetCharacterSet($dataset, [string[]] $CharacterSet)
    $all = @{
        SOPClassUID = '1.2.840.10008.5.1.4.1.1.2'; SOPInstanceUID = (New-Uid); SeriesInstanceUID = (New-Uid)
        StudyInstanceUID = (New-Uid); PatientID = 'P1'; PatientName = 'DOE^JOHN'; Modality = 'CT'; StudyDate = '20240102'
        StudyTime = '101500'; StudyID = '1'; SeriesNumber = '1'; InstanceNumber = '1'; AccessionNumber = 'A1'; StudyDescription = 'HEAD'
    }
    foreach ($name in $Value.Keys) { $all[$name] = $Value[$name] }
    foreach ($name in $all.Keys) {
        [DicomPS.Dictionary.DatasetDictionaryExtensions]::Set($dataset, [DicomPS.Dictionary.DicomDictionary]::Find([string] $name).Tag, [string[]] $all[$name])
    }
    $null = New-Item -ItemType Directory -Force $Folder
    $path = Join-Path $Folder "$($all.SOPInstanceUID).dcm"
    $file = [DicomPS.Part10.DicomFile]::new($dataset, [DicomPS.Serialization.TransferSyntax]::ExplicitVRLittleEndian)
    $null = $file.SaveAsync($path, [Threading.CancellationToken]::None).GetAwaiter().GetResult()
    $path
}

# DCMTK's archive, empty. Give back what Stop-Peer takes, and the node.
function Start-Archive([string] $Name = 'archive') {
    $port = Get-FreePort
    $null = New-Item -ItemType Directory -Force "$TestDrive/$Name"
    Set-Content "$TestDrive/$Name.cfg" @"
NetworkTCPPort = $port
MaxPDUSize = 16384
MaxAssociations = 16
HostTable BEGIN
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
ARCHIVE $TestDrive/$Name RW (500, 1024mb) ANY
AETable END
"@
    $process = Start-Peer dcmqrscp $port @('-v', '--config', "$TestDrive/$Name.cfg", $port)
    [pscustomobject]@{ Process = $process; Node = "ARCHIVE@127.0.0.1:$port"; Log = "$TestDrive/dcmqrscp-$port.err" }
}

# The archive with three patients, four studies and five series.
function Initialize-Archive($Archive) {
    $study = '1.2.826.0.1.3680043.10.999'
    $files = @(
        New-StudyFile "$TestDrive/in" @{ StudyInstanceUID = "$study.1"; SeriesInstanceUID = "$study.1.1"; SOPInstanceUID = "$study.1.1.1" }
        New-StudyFile "$TestDrive/in" @{ StudyInstanceUID = "$study.1"; SeriesInstanceUID = "$study.1.1"; SOPInstanceUID = "$study.1.1.2"; InstanceNumber = '2' }
        New-StudyFile "$TestDrive/in" @{ StudyInstanceUID = "$study.1"; SeriesInstanceUID = "$study.1.2"; SeriesNumber = '2'; Modality = 'SR'; SeriesDescription = 'REPORT' }
        New-StudyFile "$TestDrive/in" @{ StudyInstanceUID = "$study.2"; SeriesInstanceUID = "$study.2.1"; StudyDate = '20240103'; StudyTime = '233000'; AccessionNumber = 'A2' }
        New-StudyFile "$TestDrive/in" @{ StudyInstanceUID = "$study.3"; SeriesInstanceUID = "$study.3.1"; PatientID = 'P2'; PatientName = 'Иванов^Иван'; StudyDate = '20240104'; StudyTime = '003000'; Modality = 'MR'; AccessionNumber = 'A3' }
        New-StudyFile "$TestDrive/in" @{ StudyInstanceUID = "$study.4"; SeriesInstanceUID = "$study.4.1"; PatientID = 'P3'; PatientName = '山田^太郎'; StudyDate = '20230601'; Modality = 'US'; AccessionNumber = 'A4' }
    )
    $null = $files | Send-DicomFile -Node $Archive.Node -ErrorAction Stop
}

# DCMTK's worklist with two steps.
function Start-Worklist {
    $port = Get-FreePort
    $folder = "$TestDrive/worklist/RIS"
    $null = New-Item -ItemType Directory -Force $folder
    Set-Content "$folder/lockfile" ''
    foreach ($step in @(@('S1', 'CT', 'SCANNER1', '20240102', '0815', 'DOE^JOHN', 'P1', 'GREY^MEG'), @('S2', 'MR', 'SCANNER2', '20240103', '0900', 'ROE^JANE', 'P2', 'BLUE^BEN'))) {
        Set-Content "$folder/$($step[0]).dump" @"
(0008,0050) SH [A-$($step[0])]
(0008,0090) PN [REF^ERRER]
(0010,0010) PN [$($step[5])]
(0010,0020) LO [$($step[6])]
(0010,0030) DA [19700101]
(0010,0040) CS [O]
(0020,000d) UI [1.2.9.$($step[0].Substring(1))]
(0032,1060) LO [REQUESTED $($step[0])]
(0040,0100) SQ
(fffe,e000) -
(0008,0060) CS [$($step[1])]
(0040,0001) AE [$($step[2])]
(0040,0002) DA [$($step[3])]
(0040,0003) TM [$($step[4])]
(0040,0006) PN [$($step[7])]
(0040,0007) LO [STEP $($step[0])]
(0040,0009) SH [$($step[0])]
(fffe,e00d) -
(fffe,e0dd) -
(0040,1001) SH [R-$($step[0])]
(0040,1003) SH [LOW]
"@
        dump2dcm -q -g "$folder/$($step[0]).dump" "$folder/$($step[0]).wl"
        Remove-Item "$folder/$($step[0]).dump"
    }
    $process = Start-Peer wlmscpfs $port @('-v', '-dfp', "$TestDrive/worklist", $port)
    [pscustomobject]@{ Process = $process; Node = "RIS@127.0.0.1:$port" }
}

# A server of our own in this process, which answers every query with as many studies as it was told, or until C-CANCEL.
function Start-FindServer([int] $Count = 10, [int] $Status = 0) {
    if (-not ('DicomPSTests.FindServer' -as [type])) {
        $engine = [DicomPS.Data.DicomDataset].Assembly.Location
        # The engine is built for an older runtime than the one that runs here (CS1701).
        $options = if ($PSVersionTable.PSVersion.Major -ge 6) { @{ CompilerOptions = '-nowarn:CS1701,CS1702'; ReferencedAssemblies = $engine, 'System.Runtime', 'System.Collections', 'System.Memory', 'System.Net.Primitives', 'System.Threading', 'netstandard' } } else { @{ ReferencedAssemblies = $engine, 'netstandard' } }
        Add-Type @options -TypeDefinition @'
using System; using System.Threading; using System.Threading.Tasks; using System.Collections.Generic;
using DicomPS.Data; using DicomPS.Dictionary; using DicomPS.Dimse; using DicomPS.Scp;
namespace DicomPSTests {
    public sealed class FindServer {
        public int Cancelled, Sent, Queries; public string Last = "";
        public DicomServer Server;
        public int Port => Server.Port;
        public FindServer(int count, ushort status) {
            ServiceHandler find = async (call, token) => {
                Interlocked.Increment(ref Queries);
                var keys = new List<string>();
                foreach (var element in call.Identifier) { var text = call.Identifier.GetText(element.Tag); if (text != null) keys.Add(DicomDictionary.KeywordOf(element.Tag) + "=" + text); }
                Last = string.Join("; ", keys);
                for (var i = 0; i < count; i++) {
                    // Half way it waits for C-CANCEL, so that no test is a race.
                    if (count >= 5000 && i == count / 2) try { await Task.Delay(60000, token); } catch (OperationCanceledException) { }
                    if (token.IsCancellationRequested) { Interlocked.Increment(ref Cancelled); return call.Command.Respond(0xFE00); }
                    var study = new DicomDataset();
                    study.Set(Tags.StudyInstanceUID, "1.2.3." + i);
                    study.Set(Tags.PatientID, "P" + i);
                    study.Set(Tags.PatientName, "DOE^" + i);
                    if (i % 2 == 0) { study.Set(Tags.StudyDate, "20240310"); study.Set(Tags.StudyTime, "233000"); study.Set(Tags.ModalitiesInStudy, "CT", "MR"); study.Set(Tags.InstitutionName, "Inn"); }
                    await call.Writer.SendAsync(call.Message.Context, call.Command.Respond(0xFF00), study, CancellationToken.None);
                    Sent = i + 1;
                }
                return call.Command.Respond(status);
            };
            Server = DicomServer.Start(new DicomServerOptions(), new ServiceTable(new[] { new ServiceRow("1.2.840.10008.5.1.4.1.2.2.1", CommandField.CFindRequest, find, 0xC310, 0xC311) { RunsBeside = true } }));
        }
        public void Stop() => Task.Run(() => Server.StopAsync(TimeSpan.FromSeconds(1))).Wait();
    }
}
'@
    }
    [DicomPSTests.FindServer]::new($Count, $Status)
}
