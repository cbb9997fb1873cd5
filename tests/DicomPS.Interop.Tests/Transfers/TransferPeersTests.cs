using System.Text.RegularExpressions;
using DicomPS.Archiving.Databases;
using DicomPS.Archiving.Serving;
using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Interop.Tests.Support;
using DicomPS.Part10;
using DicomPS.Transfers.Store;
using DicomPS.Transfers.Working;

namespace DicomPS.Interop.Tests.Transfers;

/// <summary>Transfers between archives of three makers, each in either place.</summary>
public class TransferPeersTests
{
    private const string Box = BoxArchive.AETitle, Dcmtk = DcmqrscpServer.AETitle, Orthanc = OrthancServer.AETitle;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Box, Dcmtk, "Move")]
    [InlineData(Box, Orthanc, "Move")]
    [InlineData(Dcmtk, Box, "Move")]
    [InlineData(Dcmtk, Orthanc, "Move")]
    [InlineData(Orthanc, Box, "Move")]
    [InlineData(Orthanc, Dcmtk, "Move")]
    [InlineData(Box, Dcmtk, "Forward")]
    [InlineData(Box, Orthanc, "Forward")]
    [InlineData(Dcmtk, Box, "Forward")]
    [InlineData(Dcmtk, Orthanc, "Forward")]
    [InlineData(Orthanc, Box, "Forward")]
    [InlineData(Orthanc, Dcmtk, "Forward")]
    public async Task Every_study_is_done_and_every_instance_is_what_it_was(string from, string to, string method)
    {
        using var files = new TempFolder();
        var sent = new List<string>();
        for (var study = 1; study <= 4; study++)
            sent.AddRange(GeneratedStudy.WriteSlices(files.Subfolder($"{study}"), 3));
        // What dcmqrscp sends on, it sends uncompressed.
        if (from != Dcmtk && to != Dcmtk)
            sent.AddRange(GeneratedStudy.Write(files.Subfolder("all")));
        await using var destination = await Peer.StartAsync(to);
        await using var source = await Peer.StartAsync(from, (to, destination.Port));
        Assert.All(await Engine.SendAsync(source.Node, sent, Cancellation), result => Assert.True(result.Success, result.Error));

        using var place = new TempFolder();
        var address = StoreAddress.Parse(place.Combine("move.db"), path => path);
        await using var store = await TransferStore.OpenAsync(address, true, Cancellation);
        // dcmqrscp loses instances that two associations store at a time, also those of storescu; the transfer then says Differs.
        var taken = to == Dcmtk ? 1 : 2;
        var transfer = await store.AddTransferAsync(new TransferRow
        {
            Id = 0,
            Name = "peers",
            Source = new NodeRow { Id = 0, Node = source.Node, Throttle = 2 },
            Destination = new NodeRow { Id = 0, Node = destination.Node, Throttle = taken },
            Method = method,
            Verify = "Uids",
            VerifySample = 100,
            VerifyDelay = TimeSpan.Zero,
            State = "Active",
        }, Cancellation);
        var studies = sent.Select(file => DicomFileProbe.Read(file).Header.GetString(Tags.StudyInstanceUID)!).Distinct().ToList();
        await store.AddItemsAsync(transfer.Id, [.. studies.Select(uid => new NewItem { StudyUid = uid })], Cancellation);
        await new TransferWorker(store, new WorkerOptions
        {
            Lanes = 5,
            Tick = TimeSpan.FromMilliseconds(50),
            SpoolFolder = place.Subfolder("spool"),
        }).RunAsync(Cancellation);

        var items = await store.ItemsAsync(transfer.Id, null, Cancellation).ToListAsync(Cancellation);
        Assert.All(items, item => Assert.True(item.State == "Done", $"{item.State} {item.ErrorKind} {item.Error}"));
        Assert.Equal(studies.Count, items.Count);
        using var arrived = new TempFolder();
        await Compare.SameContentAsync(sent, await destination.FilesAsync(arrived), Cancellation);
        Assert.Empty(Directory.GetFileSystemEntries(place.Combine("spool")));
        // dcmqrscp tells of each association in its log, as it comes and as it goes.
        foreach (var peer in new[] { source, destination }.Where(peer => peer.Title == Dcmtk))
        {
            Assert.True(MostAtATime(peer.Output) <= 2, peer.Output);
            // Whoever looks after a PACS looks for aborted associations in its log.
            Assert.DoesNotContain("Abort", peer.Output);
        }
    }

    // A process for each association writes there, message by message and not line by line: two may be in one line.
    private static int MostAtATime(string log)
    {
        var (now, most) = (0, 0);
        foreach (Match message in Regex.Matches(log, "Association (Received|Release|Abort)"))
        {
            now += message.Groups[1].Value == "Received" ? 1 : -1;
            most = Math.Max(most, now);
        }

        return most;
    }

    private sealed class Peer : IAsyncDisposable
    {
        private readonly TempFolder _folder = new();
        private IAsyncDisposable? _server;

        public required string Title { get; init; }

        public int Port { get; private set; }

        public DicomNode Node => Engine.Node(Port, Title) with { CallingAETitle = "WORKER" };

        public string Output => _server is DcmqrscpServer server ? server.Output : "";

        public static async Task<Peer> StartAsync(string title, params (string AETitle, int Port)[] destinations)
        {
            var peer = new Peer { Title = title };
            switch (title)
            {
                case Box:
                    var box = await BoxArchive.StartAsync(peer._folder.Path, Cancellation, destinations);
                    (peer._server, peer.Port) = (box, box.Port);
                    break;
                case Dcmtk:
                    var dcmqrscp = await DcmqrscpServer.StartAsync(Cancellation, destinations);
                    (peer._server, peer.Port) = (dcmqrscp, dcmqrscp.Port);
                    break;
                default:
                    var orthanc = await OrthancServer.StartAsync(Cancellation, destinations);
                    (peer._server, peer.Port) = (orthanc, orthanc.Port);
                    break;
            }

            return peer;
        }

        /// <summary>The instances that it holds.</summary>
        public async Task<string[]> FilesAsync(TempFolder folder)
        {
            switch (_server)
            {
                case ArchiveHost:
                    return BoxArchive.Files(_folder.Path);
                case DcmqrscpServer server:
                    return server.Files();
                default:
                    foreach (var (uid, bytes) in await ((OrthancServer)_server!).FilesBySopInstanceUidAsync(Cancellation))
                        await File.WriteAllBytesAsync(folder.Combine($"{uid}.dcm"), bytes, Cancellation);
                    return folder.Files();
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (_server is not null)
                await _server.DisposeAsync();
            _folder.Dispose();
        }
    }
}
