using DicomPS.Archiving.Serving;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Interop.Tests.Support;
using DicomPS.Scp;
using DicomPS.Scu;

namespace DicomPS.Interop.Tests.Archives;

/// <summary>Three thousand instances in one series, in an archive that finds them in its folder.</summary>
public sealed class LargeSeries : IAsyncLifetime
{
    public const int Count = 3000;
    public const string Study = "1.2.826.0.1.3680043.10.998.1", Series = Study + ".1";

    private readonly TempFolder _folder = new();

    public string Folder => _folder.Path;

    public async ValueTask InitializeAsync()
    {
        var dataset = new DicomDataset();
        dataset.Set(Tags.SOPClassUID, Uids.CTImageStorage);
        dataset.Set(Tags.StudyInstanceUID, Study);
        dataset.Set(Tags.SeriesInstanceUID, Series);
        dataset.Set(Tags.PatientID, "LARGE");
        dataset.Set(Tags.Modality, "CT");
        // What the index lacks: each answer that has it takes a read of a file and fills the sockets.
        dataset.Set(Tags.ImageComments, new string('x', 10_000));
        for (var number = 1; number <= Count; number++)
        {
            dataset.Set(Tags.SOPInstanceUID, $"{Series}.{number}");
            dataset.Set(Tags.InstanceNumber, $"{number}");
            await Wire.SaveAsync(_folder.Combine($"{number}.dcm"), dataset, CancellationToken.None);
        }
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return default;
    }
}

/// <summary>C-CANCEL in the middle of what an archive does: it stops, says so, and says what remains.</summary>
public sealed class CancelTests(LargeSeries large) : IClassFixture<LargeSeries>
{
    private const string Find = Uids.StudyRootQueryRetrieveInformationModelFind, Move = Uids.StudyRootQueryRetrieveInformationModelMove,
        Get = Uids.StudyRootQueryRetrieveInformationModelGet;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static DicomDataset OfStudy => Wire.Identifier("STUDY", (Tags.StudyInstanceUID, LargeSeries.Study));

    [Fact]
    public async Task A_query_with_thousands_of_answers_ends_when_it_is_cancelled()
    {
        await using var archive = await BoxArchive.StartAsync(large.Folder, Cancellation);
        await using var scu = await Wire.ConnectAsync(archive.Port, Find, Cancellation);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var identifier = Wire.Identifier("IMAGE", (Tags.StudyInstanceUID, LargeSeries.Study), (Tags.SeriesInstanceUID, LargeSeries.Series),
            (Tags.SOPInstanceUID, ""), (Tags.ImageComments, ""));
        var responses = new List<ExchangeResponse>();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var response in scu.FindAsync(Wire.Context(scu, Find), identifier, null, DicomPriority.Medium, cancel.Token))
            {
                responses.Add(response);
                await cancel.CancelAsync();
            }
        });

        Assert.Equal([0xFF00, 0xFE00], responses.Select(response => (int)response.Command.Status!.Value));
        Assert.Null(responses[^1].Dataset);
        // The association goes on: the same query, run to its end, has them all.
        Assert.Equal(AssociationState.Established, scu.Association.State);
        identifier.Remove(Tags.ImageComments);
        var found = 0;
        await foreach (var response in scu.FindAsync(Wire.Context(scu, Find), identifier, null, DicomPriority.Medium, Cancellation))
            found += response.IsPending ? 1 : 0;
        Assert.Equal(LargeSeries.Count, found);
        await scu.ReleaseAsync(Cancellation);
    }

    [Fact]
    public async Task Findscu_hears_that_its_query_was_cancelled()
    {
        await using var archive = await BoxArchive.StartAsync(large.Folder, Cancellation);
        var result = await PeerProcess.RunAsync(Programs.Findscu,
        [
            "-d", "-S", "--cancel", "3", "-aec", BoxArchive.AETitle, "-k", "QueryRetrieveLevel=IMAGE", "-k",
            $"StudyInstanceUID={LargeSeries.Study}",
            "-k", $"SeriesInstanceUID={LargeSeries.Series}", "-k", "SOPInstanceUID", "-k", "ImageComments", "127.0.0.1", $"{archive.Port}",
        ], Cancellation);
        Assert.Contains("0xfe00", result.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_get_stops_between_two_sub_operations_and_says_what_remains()
    {
        await using var archive = await BoxArchive.StartAsync(large.Folder, Cancellation);
        await using var scu = await Wire.ConnectAsync(archive.Port, Get, Cancellation, null,
            (Uids.CTImageStorage, Uids.ExplicitVRLittleEndian));
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var (taken, responses) = (0, new List<ExchangeResponse>());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var response in scu.GetAsync(Wire.Context(scu, Get), OfStudy, TakeAsync, DicomPriority.Medium, cancel.Token))
                responses.Add(response);
        });

        // The request to cancel goes out before the third answer does, so nothing is sent after it.
        Assert.Equal(3, taken);
        IsCancelled(responses[^1], completed: 3, remaining: LargeSeries.Count - 3);
        Assert.Equal([LargeSeries.Count - 1, LargeSeries.Count - 2],
            responses.SkipLast(1).Take(2).Select(response => (int)response.Command.Remaining!));
        Assert.Equal(AssociationState.Established, scu.Association.State);
        await scu.ReleaseAsync(Cancellation);

        async Task<CommandSet> TakeAsync(DimseReader reader, DimseMessage message, CancellationToken token)
        {
            await Wire.ReadAsync(reader, token);
            if (++taken == 3)
                await cancel.CancelAsync();
            return message.Command.Respond(Statuses.Success);
        }
    }

    [Fact]
    public async Task A_move_stops_between_two_sub_operations_and_says_what_remains()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var taken = 0;
        await using var receiver = DicomServer.Start(new DicomServerOptions(), new ServiceHandlers { Store = TakeAsync }.ToTable());
        await using var archive = await BoxArchive.StartAsync(large.Folder, Cancellation, ("OTHER", receiver.Port));
        await using var scu = await Wire.ConnectAsync(archive.Port, Move, Cancellation);
        var responses = new List<ExchangeResponse>();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var response in scu.MoveAsync(Wire.Context(scu, Move), OfStudy, "OTHER", null, DicomPriority.Medium,
                cancel.Token))
                responses.Add(response);
        });

        // Two associations: what is cancelled on one may be a few instances later on the other.
        Assert.InRange(taken, 5, LargeSeries.Count - 1);
        IsCancelled(responses[^1], completed: taken, remaining: LargeSeries.Count - taken);
        Assert.Equal(AssociationState.Established, scu.Association.State);
        await scu.ReleaseAsync(Cancellation);

        async Task<ServiceReply> TakeAsync(ServiceCall call, IncomingInstance instance, CancellationToken token)
        {
            if (Interlocked.Increment(ref taken) == 5)
                await cancel.CancelAsync();
            return call.Command.Respond(Statuses.Success);
        }
    }

    [Fact]
    public async Task Movescu_hears_that_its_move_was_cancelled()
    {
        await using var receiver = await StorescpServer.StartAsync(Cancellation);
        await using var archive = await BoxArchive.StartAsync(large.Folder, Cancellation, ("OTHER", receiver.Port));
        var result = await PeerProcess.RunAsync(Programs.Movescu,
        [
            "-d", "-S", "--cancel", "2", "-aec", BoxArchive.AETitle, "-aem", "OTHER", "-k", "QueryRetrieveLevel=STUDY", "-k",
            $"StudyInstanceUID={LargeSeries.Study}",
            "127.0.0.1", $"{archive.Port}",
        ], Cancellation);
        Assert.Contains("0xfe00", result.Output, StringComparison.OrdinalIgnoreCase);
        Assert.InRange(receiver.Files().Length, 2, LargeSeries.Count - 1);
    }

    [Fact]
    public async Task A_move_that_is_cancelled_before_the_destination_answers_remains_whole()
    {
        // A destination that takes the connection and says nothing.
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        await using var archive = await BoxArchive.StartAsync(large.Folder, Cancellation,
            ("OTHER", ((System.Net.IPEndPoint)silent.LocalEndpoint).Port));
        await using var scu = await Wire.ConnectAsync(archive.Port, Move, Cancellation);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var cancelling = CancelAsync();
        var responses = new List<ExchangeResponse>();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var response in scu.MoveAsync(Wire.Context(scu, Move), OfStudy, "OTHER", null, DicomPriority.Medium,
                cancel.Token))
                responses.Add(response);
        });

        await cancelling;
        IsCancelled(Assert.Single(responses), completed: 0, remaining: LargeSeries.Count);
        await scu.ReleaseAsync(Cancellation);

        async Task CancelAsync()
        {
            using var called = await silent.AcceptSocketAsync(Cancellation);
            await cancel.CancelAsync();
        }
    }

    private static void IsCancelled(ExchangeResponse final, int completed, int remaining)
    {
        Assert.Equal(
            (0xFE00, (ushort?)remaining, (ushort?)completed, (ushort?)0, (ushort?)0),
            (final.Command.Status!.Value, final.Command.Remaining, final.Command.Completed, final.Command.Failed, final.Command.Warning));
        // The list is of those that failed; none did (PS3.4 C.4.2.1.4.2).
        Assert.Null(final.Dataset);
    }
}
