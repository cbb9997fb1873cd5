using System.Net;
using System.Net.Sockets;
using DicomPS.Archiving.Serving;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Part10;
using DicomPS.Scp;
using DicomPS.Sending;
using DicomPS.Serialization;

namespace DicomPS.Transfers.Tests.Support;

/// <summary>Two archives in the box: OLD, which knows NEW as a destination.</summary>
internal sealed class TwoArchives : IAsyncDisposable
{
    private readonly TestFolder _old = new(), _new = new(), _files = new();
    private ArchiveHost? _source, _destination;

    public DicomNode Old => Node(_source!);

    public DicomNode New => Node(_destination!);

    public ArchiveHost Source => _source!;

    /// <summary>The port at which the source sends to the destination; null for its own.</summary>
    public int? Through { get; set; }

    public ArchiveHost Destination => _destination!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<TwoArchives> StartAsync(int studies, int instances = 2, int newPort = 0, string[]? newClasses = null,
        int workerPort = 0)
    {
        var made = new TwoArchives();
        made._destination = await ArchiveHost.StartAsync(Options(made._new.Path, "NEW", newPort, newClasses) with
        {
            Destination = title => title == "WORKER" ? Worker(title, workerPort) : null,
        }, Cancellation);
        var port = made._destination.Port;
        made._source = await ArchiveHost.StartAsync(Options(made._old.Path, "OLD") with
        {
            Destination = title => title == "WORKER" ? Worker(title, workerPort) : title != "NEW" ? null : new AssociationOptions
            {
                Host = "127.0.0.1", Port = made.Through ?? port, CalledAETitle = title, CallingAETitle = "OLD",
            },
        }, Cancellation);
        for (var study = 1; study <= studies; study++)
        {
            for (var number = 1; number <= instances; number++)
                await made.SaveAsync(study, number);
        }

        await SendAsync(made.Old, Directory.GetFiles(made._files.Path));
        return made;
    }

    /// <summary>The instances that each of the two has, with the bytes of their datasets.</summary>
    public (List<string> Old, List<string> New) Contents() => (Of(_old.Path), Of(_new.Path));

    /// <summary>Sends some instances of a study to a node, past the other.</summary>
    public Task PutAsync(DicomNode node, int study, params int[] numbers) =>
        SendAsync(node, [.. numbers.Select(number => _files.At($"{study}-{number}.dcm"))]);

    /// <summary>Takes the file of an instance from the destination, which does not see it.</summary>
    public void LoseFile(int study, int number) =>
        File.Delete(Directory.GetFiles(_new.Path, $"*1.2.{study}.1.{number}.dcm", SearchOption.AllDirectories).Single());

    /// <summary>Sends an instance to a node, changed on its way, past the other.</summary>
    public async Task PutChangedAsync(DicomNode node, int study, int number, Action<DicomDataset> change, TransferSyntax? syntax = null)
    {
        var file = await DicomFile.OpenAsync(_files.At($"{study}-{number}.dcm"), cancellationToken: Cancellation);
        change(file.Dataset);
        var path = _files.At($"{study}-{number}-{Guid.NewGuid():N}.changed");
        await new DicomFile(file.Dataset, syntax ?? file.TransferSyntax).SaveAsync(path, Cancellation);
        await SendAsync(node, [path]);
    }

    public async Task StopDestinationAsync()
    {
        var port = _destination!.Port;
        await _destination.DisposeAsync();
        _restart = port;
        // Nobody listens there, and no other test is given the port meanwhile.
        _kept = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _kept.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            _kept.Bind(new IPEndPoint(IPAddress.Loopback, port));
        }
        catch (SocketException)
        {
            // It is as free as it was.
        }
    }

    private int _restart;
    private Socket? _kept;

    public async Task StartDestinationAsync()
    {
        _kept?.Dispose();
        _destination = await ArchiveHost.StartAsync(Options(_new.Path, "NEW", _restart), Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (_source is not null)
            await _source.DisposeAsync();
        if (_destination is not null)
            await _destination.DisposeAsync();
        _kept?.Dispose();
        _old.Dispose();
        _new.Dispose();
        _files.Dispose();
    }

    public static string Uid(int study) => $"1.2.{study}";

    private static ArchiveServerOptions Options(string folder, string title, int port = 0, string[]? classes = null) => new()
    {
        Folder = folder,
        Server = new DicomServerOptions { AETitle = title, Address = IPAddress.Loopback, Port = port, SopClasses = classes },
    };

    private static AssociationOptions Worker(string title, int port) => new()
    {
        Host = "127.0.0.1", Port = port, CalledAETitle = title, CallingAETitle = "OLD",
    };

    private static DicomNode Node(ArchiveHost host) => new() { AETitle = host.AETitle, HostName = "127.0.0.1", Port = host.Port };

    private async Task SaveAsync(int study, int number)
    {
        var dataset = new DicomDataset();
        foreach (var (tag, value) in new (DicomTag, string)[]
        {
            (Tags.SOPClassUID, "1.2.840.10008.5.1.4.1.1.7"), (Tags.SOPInstanceUID, $"1.2.{study}.1.{number}"),
            (Tags.StudyInstanceUID, Uid(study)), (Tags.SeriesInstanceUID, $"1.2.{study}.1"), (Tags.PatientID, $"P{study}"),
            (Tags.PatientName, "Doe^Jane"), (Tags.StudyDate, "20260101"), (Tags.Modality, "OT"), (Tags.InstanceNumber, $"{number}"),
        })
            dataset.Set(tag, DicomDictionary.VrOf(tag), value);
        await new DicomFile(dataset, TransferSyntax.ExplicitVRLittleEndian).SaveAsync(_files.At($"{study}-{number}.dcm"), Cancellation);
    }

    private static async Task SendAsync(DicomNode node, string[] files)
    {
        await using var job = new StoreJob(new StoreJobOptions { Association = AssociationOptions.For(node), RetryCount = 0 });
        var adding = Task.Run(async () =>
        {
            foreach (var file in files)
                await job.AddAsync(file, Cancellation);
            job.CompleteAdding();
        }, Cancellation);
        await foreach (var result in job.ResultsAsync(Cancellation))
            Assert.True(result.Success, result.Error);
        await adding;
    }

    private static List<string> Of(string folder) =>
    [
        .. Directory.GetFiles(folder, "*.dcm", SearchOption.AllDirectories).Select(path =>
        {
            var probed = DicomFileProbe.Read(path);
            return probed.SopInstanceUid + " " + Convert.ToBase64String(File.ReadAllBytes(path), (int)probed.DatasetOffset,
                (int)probed.DatasetLength);
        }).OrderBy(text => text, StringComparer.Ordinal),
    ];
}
