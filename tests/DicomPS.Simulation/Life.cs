using System.Net;
using DicomPS.Archiving.Index;
using DicomPS.Archiving.Storage;
using DicomPS.Archiving.Serving;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Part10;
using DicomPS.Scp;
using DicomPS.Scu;
using DicomPS.Serialization;

namespace DicomPS.Simulation;

/// <summary>An archive from its opening to its end, with its senders.</summary>
internal sealed class Life
{
    private readonly string _outbox;
    private DicomServer _server = null!;
    private ServiceTable _services = null!;
    private int _connections;

    public Life(Run run, SimulatedDisk disk)
    {
        (Run, Disk) = (run, disk);
        _outbox = run.Outbox;
    }

    public Run Run { get; }

    public SimulatedDisk Disk { get; }

    public Random Random => Run.Random;

    public SimulatedTime Time => Run.Time;

    public Ledger Ledger => Run.Ledger;

    public SameInstance Same => Run.Same;

    /// <summary>The archive; null where it is a storage server.</summary>
    public ServedArchive? Served { get; private set; }

    public void Trace(string what) => Run.Trace(what);

    /// <summary>Opens the archive, without anybody calling yet.</summary>
    public async Task OpenAsync()
    {
        if (Run.IsStorage)
        {
            _services = SimulatedStorage.Start(Disk.Folder, Disk, Same, Run.IsFlushing);
            return;
        }

        var options = new ArchiveServerOptions
        {
            Folder = Disk.Folder,
            FlushToDisk = Run.IsFlushing,
            Duplicates = Run.Same,
            Server = new DicomServerOptions { AETitle = "BOX" },
            Unreadable = Run.Tell,
            Seams = archive => archive with { Files = Disk, Time = Time, AtStep = Disk.AtStep, BetweenSteps = PauseAsync },
        };
        Served = await ServedArchive.OpenAsync(options).ConfigureAwait(false);
        _services = Served.Services;
        Disk.IsInDoubt = () => IsInDoubt;
        if (Served.Archive.Recovered is { } recovered)
            Trace($"recovered: {recovered}");
    }

    /// <summary>Serves several senders until they are done or the archive ends.</summary>
    public async Task ServeAsync()
    {
        _server = DicomServer.StartWithoutPort(Served?.Listening ?? new DicomServerOptions { AETitle = "BOX" }, _services);
        var senders = Enumerable.Range(1, Random.Next(1, 5)).Select(number => new Sender(this, number));
        await Task.WhenAll(senders.Select(sender => Task.Run(sender.WorkAsync)).ToList()).ConfigureAwait(false);
        await _server.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Closes it in good order, as far as its disk lets it.</summary>
    public ValueTask CloseAsync() => Served?.DisposeAsync() ?? default;

    /// <summary>Whether the archive knows of something that it could not undo.</summary>
    public bool IsInDoubt => Served?.Archive.IsInDoubt == true;

    /// <summary>Whether the archive was not closed in good order before.</summary>
    public bool IsRecovered => Served?.Archive.Recovered is { };

    /// <summary>Compares it with what was said.</summary>
    public async Task CheckAsync()
    {
        if (Served is { })
            await Ledger.CheckAsync(Served.Archive, Run.Told).ConfigureAwait(false);
        else
            StorageLedger.Check(Ledger, Disk.Folder, SimulatedStorage.PolicyOf(Same));
    }

    /// <summary>Lets others come in between.</summary>
    public async Task PauseAsync()
    {
        for (var turns = Random.Next(5); turns > 0; turns--)
            await Task.Yield();
    }

    /// <summary>How a sender calls the archive: over a connection of its own, with its own weather.</summary>
    public AssociationOptions Calling(int sender) => new()
    {
        Host = "memory",
        Port = 104,
        CalledAETitle = "BOX",
        CallingAETitle = $"SENDER{sender}",
        ProbesSilentPort = false,
        PresentationContexts = StoreContexts.Propose(
            [new StoreContextKey(Uids.CTImageStorage, TransferSyntax.ExplicitVRLittleEndian.Uid)], reencode: false).Proposals,
        Connector = (_, _) =>
        {
            var connection = new SimulatedConnection(Time, Weather.By(Random), 10_000 + ++_connections);
            _server.Take(connection.Called);
            return Task.FromResult<Transport>(connection.Caller);
        },
    };

    /// <summary>Makes a file of one of the few instances, of bytes that no other has.</summary>
    public async Task<(string Path, Attempt Attempt)> MakeAsync()
    {
        var patient = Random.Next(2);
        var (study, series, instance) = (Random.Next(Run.Spread), Random.Next(Run.Spread), Random.Next(Run.Spread));
        var version = Run.NextVersion();
        var dataset = new DicomDataset();
        foreach (var (tag, value) in new[]
        {
            (Tags.SOPClassUID, Uids.CTImageStorage), (Tags.SOPInstanceUID, $"1.3.{instance}"), (Tags.PatientID, $"P{patient}"),
            (Tags.StudyInstanceUID, $"1.1.{study}"), (Tags.SeriesInstanceUID, $"1.2.{series}"), (Tags.InstanceNumber, $"{version}"),
        })
            dataset.Set(tag, DicomDictionary.VrOf(tag), value);
        // Some longer than the buffer of a receiver, so that they are written in several pieces; some as long as others.
        var pixels = new byte[2 * (Random.Next(4) switch { 0 => Random.Next(200_000), 1 => 500, _ => Random.Next(3000) })];
        Random.NextBytes(pixels);
        dataset.Add(DicomValue.Create(Tags.PixelData, Vr.OW, pixels));
        var path = Path.Combine(_outbox, $"{version}.dcm");
        await new DicomFile(dataset, TransferSyntax.ExplicitVRLittleEndian).SaveAsync(path, CancellationToken.None).ConfigureAwait(false);
        return (path, new Attempt($"P{patient}/1.1.{study}/1.2.{series}/1.3.{instance}", $"P{patient}/1.1.{study}", version,
            Ledger.HashOf(path)));
    }
}
