using System.Net;
using DicomPS.Archiving.Serving;

namespace DicomPS.Interop.Tests.Support;

/// <summary>
/// The worklist of an archive and DCMTK's wlmscpfs over the same files, which pydicom wrote; started by the first test that needs them.
/// </summary>
public sealed class WorklistPeers : IAsyncLifetime
{
    public const string AETitle = "RIS";

    private readonly TempFolder _folder = new();
    private readonly SemaphoreSlim _starting = new(1, 1);
    private ArchiveHost? _archive;
    private PeerProcess? _reference;
    private int _referencePort;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The port of the archive.</summary>
    public async Task<int> ArchiveAsync()
    {
        await _starting.WaitAsync(Cancellation);
        try
        {
            _archive ??= await ArchiveHost.StartAsync(
                new ArchiveServerOptions
                {
                    Folder = _folder.Subfolder("archive"), Worklist = await WriteAsync(),
                    Server = new() { AETitle = AETitle, Address = IPAddress.Loopback }
                }, Cancellation);
            return _archive.Port;
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>The port of wlmscpfs.</summary>
    public async Task<int> ReferenceAsync()
    {
        _ = await ArchiveAsync();
        var program = Programs.Wlmscpfs;
        if (_reference is null)
        {
            (_reference, _referencePort) = await PeerProcess.ListenAsync(
                program, port => ["-dfp", _folder.Combine("worklist"), $"{port}"],
                new Dictionary<string, string?> { ["TCP_NODELAY"] = "1" }, _folder.Path, Cancellation);
        }

        return _referencePort;
    }

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        if (_reference is { })
            await _reference.DisposeAsync();
        if (_archive is { })
            await _archive.DisposeAsync();
        _starting.Dispose();
        _folder.Dispose();
    }

    // As wlmscpfs wants them: a folder for the AE title, with a lock file. The second file has no meta information.
    private async Task<string> WriteAsync()
    {
        const string python = "/usr/bin/python3";
        if (!File.Exists(python)
            || (await PeerProcess.RunAsync(python, ["-W", "ignore", "-c", "import pydicom"], Cancellation)).ExitCode != 0)
            Assert.Skip("python3-pydicom is not installed.");
        var worklist = _folder.Subfolder("worklist");
        Directory.CreateDirectory(Path.Combine(worklist, "RIS"));
        await File.WriteAllTextAsync(Path.Combine(worklist, "RIS", "lockfile"), "", Cancellation);
        var script = _folder.Combine("write.py");
        await File.WriteAllTextAsync(script, $$"""
            import sys
            from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
            from pydicom.uid import ExplicitVRLittleEndian
            rows = [
                ('S1', 'CT', 'SCANNER1', '20240102', '081500', 'DOE^JOHN', 'GREY^MEG', 'CHEST'),
                ('S2', 'MR', 'SCANNER2', '20240103', '0900', 'ROE^JANE', 'BLUE^BEN', 'HEAD'),
                ('S3', 'CT', 'SCANNER1', '20240103', '170000', 'MUELLER^JOERG', 'GREEN^EVE', 'HAND'),
                ('S4', 'US', 'SONO', '20240105', '10', 'DOE^JANE', '', 'ABDOMEN'),
                ('S5', 'DX', 'BUCKY', '20240209', '11', 'M\u00fcller^J\u00f6rg', '', 'FOOT'),
            ]
            for number, (step, modality, station, date, time, name, physician, text) in enumerate(rows, 1):
                item, part, code = Dataset(), Dataset(), Dataset()
                if not name.isascii():
                    item.SpecificCharacterSet = 'ISO_IR 100'
                item.AccessionNumber, item.PatientName, item.PatientID = 'A%d' % number, name, 'P%d' % number
                item.PatientBirthDate, item.PatientSex, item.StudyInstanceUID = '19700101', 'O', '1.2.9.%d' % number
                item.RequestedProcedureDescription, item.RequestedProcedureID = 'REQUESTED', 'R' + step
                part.Modality, part.ScheduledStationAETitle = modality, station
                part.ScheduledProcedureStepStartDate, part.ScheduledProcedureStepStartTime = date, time
                part.ScheduledPerformingPhysicianName = physician
                part.ScheduledProcedureStepDescription, part.ScheduledProcedureStepID = text, step
                code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = 'C' + step, '99X', 'MEANING'
                part.ScheduledProtocolCodeSequence = [code]
                item.ScheduledProcedureStepSequence = [part]
                file = sys.argv[1] + '/' + step + '.wl'
                item.is_little_endian, item.is_implicit_VR = True, number == 2
                if number == 2:
                    item.save_as(file, write_like_original=True)
                else:
                    meta = FileMetaDataset()
                    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = '1.2.840.10008.5.1.4.31', '1.2.8.%d' % number
                    meta.TransferSyntaxUID = ExplicitVRLittleEndian
                    whole = FileDataset(file, item, file_meta=meta, preamble=b'\0' * 128)
                    whole.is_little_endian, whole.is_implicit_VR = True, False
                    whole.save_as(file, write_like_original=False)
            """, Cancellation);
        var written = await PeerProcess.RunAsync(python, ["-W", "ignore", script, Path.Combine(worklist, "RIS")], Cancellation);
        Assert.True(written.ExitCode == 0, written.Output);
        return worklist;
    }
}
