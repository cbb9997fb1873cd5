using DicomPS.Transfers.Working;

namespace DicomPS.Transfers.Tests.Working;

/// <summary>A worker between two archives in the box.</summary>
public abstract class TransferWorkerTests(StoreFixture fixture)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static WorkerOptions Quick => new() { Tick = TimeSpan.FromMilliseconds(50), Beat = TimeSpan.FromSeconds(1) };

    [Fact]
    public async Task Everything_is_moved_and_verified_and_the_bytes_are_the_same()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(12);
        var transfer = await PlanAsync(store, archives, 12);
        var worker = new TransferWorker(store, Quick with { Lanes = 2 });
        await worker.RunAsync(Cancellation);

        var counts = await store.CountsAsync(transfer.Id, Cancellation);
        Assert.Equal((12, 0), (counts.Done, counts.Left));
        var (old, @new) = archives.Contents();
        Assert.Equal(24, @new.Count);
        Assert.Equal(old, @new);
        var attempts = await store.AttemptsAsync(transfer.Id, Cancellation).ToListAsync(Cancellation);
        Assert.Equal((12, 12), (attempts.Count(one => one.Phase == "Move"), attempts.Count(one => one.Phase == "Verify")));
        Assert.All(await store.NodesAsync(Cancellation), node => Assert.Equal(0, node.Taken));
    }

    [Fact]
    public async Task Forward_fetches_and_sends_and_leaves_nothing_in_its_spool()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(6, instances: 3);
        using var place = new TestFolder();
        await archives.PutAsync(archives.New, 2, 1);
        var transfer = await PlanAsync(store, archives, 6, verify: "Uids", method: "Forward");
        await new TransferWorker(store, Quick with { Lanes = 2, SpoolFolder = place.Path, Room = new SpoolRoom(1) }).RunAsync(Cancellation);

        Assert.Equal(6, (await store.CountsAsync(transfer.Id, Cancellation)).Done);
        var (old, @new) = archives.Contents();
        Assert.Equal(old, @new);
        Assert.Empty(Directory.GetFileSystemEntries(place.Path));
        Assert.All(await store.ItemsAsync(transfer.Id, null, Cancellation).ToListAsync(Cancellation), item => Assert.True(item.Bytes > 0));
        var attempts = await store.AttemptsAsync(transfer.Id, Cancellation).ToListAsync(Cancellation);
        Assert.Equal((6, 6), (attempts.Count(one => one.Phase == "Forward"), attempts.Count(one => one.Phase == "Verify")));
    }

    [Fact]
    public async Task What_is_there_is_skipped_and_of_what_is_half_there_only_the_rest_is_sent()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(3, instances: 4);
        await archives.PutAsync(archives.New, 1, 1, 2, 3, 4);
        await archives.PutAsync(archives.New, 2, 1, 2, 3);
        var before = archives.Destination.Served.Received;
        var transfer = await PlanAsync(store, archives, 3);
        await new TransferWorker(store, Quick).RunAsync(Cancellation);

        var counts = await store.CountsAsync(transfer.Id, Cancellation);
        Assert.Equal((1, 2), (counts.Skipped, counts.Done));
        var attempts = await store.AttemptsAsync(transfer.Id, Cancellation).ToListAsync(Cancellation);
        Assert.Equal(["Ask", "Move", "Move", "Verify", "Verify"], attempts.Select(one => one.Phase).Order(StringComparer.Ordinal));
        Assert.Equal(1 + 4, archives.Destination.Served.Received - before);
        var (old, @new) = archives.Contents();
        Assert.Equal(old, @new);
    }

    [Fact]
    public async Task What_the_limit_of_a_node_allows_is_begun_when_it_is_allowed_and_not_at_the_next_look()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(8);
        var transfer = await PlanAsync(store, archives, 8, delay: TimeSpan.FromHours(1));
        await store.SetNodeAsync(transfer.Source with { PerHour = 36_000 }, Cancellation);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        over.CancelAfter(TimeSpan.FromMinutes(2));
        var left = 8;
        await new TransferWorker(store, Quick with
        {
            Lanes = 3,
            Tick = TimeSpan.FromMinutes(10),
            Ended = _ =>
            {
                if (Interlocked.Decrement(ref left) == 0)
                    over.Cancel();
            },
        }).RunAsync(over.Token);
        Assert.Equal(8, (await store.CountsAsync(transfer.Id, Cancellation)).Transferred);
        var items = await store.ItemsAsync(transfer.Id, null, Cancellation).ToListAsync(Cancellation);
        var begun = items.Select(item => item.Started!.Value).Order().ToList();
        for (var at = 1; at < begun.Count; at++)
            Assert.InRange(begun[at] - begun[at - 1], TimeSpan.FromMilliseconds(99), TimeSpan.MaxValue);
    }

    [Fact]
    public async Task A_destination_that_is_down_fails_nothing_and_it_goes_on_when_it_is_back()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(8);
        var transfer = await PlanAsync(store, archives, 8);
        await archives.StopDestinationAsync();
        using var first = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var ended = 0;
        await new TransferWorker(store, Quick with { Lanes = 1, Ended = _ => { if (++ended == 5) first.Cancel(); } }).RunAsync(first.Token);
        Assert.Equal((8, 0), ((await store.CountsAsync(transfer.Id, Cancellation)).Waiting, ended - 5));
        var held = (await store.NodesAsync(Cancellation)).Single(node => node.Node.AETitle == "NEW");
        Assert.True(held.HeldSince is not null && held.HeldWhy is not null);

        await archives.StartDestinationAsync();
        await using var later = await StoreFixture.AgainAsync(store, TimeSpan.FromSeconds(40));
        await new TransferWorker(later, Quick).RunAsync(Cancellation);
        Assert.Equal(8, (await store.CountsAsync(transfer.Id, Cancellation)).Done);
        Assert.All(await store.ItemsAsync(transfer.Id, null, Cancellation).ToListAsync(Cancellation), item => Assert.Equal(0, item.Tries));
    }

    [Fact]
    public async Task A_destination_that_the_source_does_not_know_fails_five_and_holds_the_rest()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(8);
        var transfer = await PlanAsync(store, archives, 8, archives.New with { AETitle = "OTHER" });
        using var first = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var ended = 0;
        await new TransferWorker(store, Quick with { Lanes = 1, Ended = _ => { if (++ended == 5) first.Cancel(); } }).RunAsync(first.Token);
        var counts = await store.CountsAsync(transfer.Id, Cancellation);
        Assert.Equal((5, 3), (counts.Failed, counts.Waiting));
        Assert.All(await store.ItemsAsync(transfer.Id, "Failed", Cancellation).ToListAsync(Cancellation),
            item => Assert.Equal("DestinationUnknown", item.ErrorKind));
    }

    [Fact]
    public async Task A_stop_of_the_transfer_ends_its_workers_and_loses_nothing()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(2);
        var transfer = await PlanAsync(store, archives, 2);
        await store.SetStateAsync(transfer.Id, "Stopped", Cancellation);
        await new TransferWorker(store, Quick).RunAsync(Cancellation);
        Assert.Equal(2, (await store.CountsAsync(transfer.Id, Cancellation)).Waiting);
    }

    [Fact]
    public async Task A_study_that_is_not_alike_after_three_looks_differs_and_says_in_what()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(1);
        var transfer = await PlanAsync(store, archives, 1, verify: "Uids");
        var id = await store.AddWorkerAsync("test", 1, "tester", "0", 1, Cancellation);
        var (item, slots) = (await store.ClaimAsync(transfer.Id, id, null, false, false, Cancellation))!.Value;
        await store.EndAsync(item, transfer, id, TimeSpan.Zero,
            new AttemptEnd { State = "Transferred", Wait = TimeSpan.Zero, IsMoved = true }, slots, Cancellation);
        await archives.PutAsync(archives.New, 1, 1);
        await new TransferWorker(store, Quick).RunAsync(Cancellation);
        Assert.Equal(1, (await store.CountsAsync(transfer.Id, Cancellation)).Differs);
        var differences = await store.DifferencesAsync(transfer.Id, Cancellation).ToListAsync(Cancellation);
        Assert.Equal([("Missing", "1.2.1.1.2")], differences.Select(one => (one.Kind, one.InstanceUid)));
    }

    [Theory]
    [InlineData("Counts", false)]
    [InlineData("Uids", false)]
    [InlineData("Counts", true)]
    public async Task A_study_of_which_the_source_has_fewer_than_were_listed_is_not_done_until_it_is_listed_so(string verify, bool isThere)
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(2);
        if (isThere)
            await archives.PutAsync(archives.New, 1, 1, 2);
        var transfer = await PlanAsync(store, archives, 0, verify: verify);
        NewItem Listed(int study, long instances) => new() { StudyUid = TwoArchives.Uid(study), Instances = instances };
        await store.AddItemsAsync(transfer.Id, [Listed(1, 5), Listed(2, 1)], Cancellation);
        await new TransferWorker(store, Quick).RunAsync(Cancellation);

        var items = await store.ItemsAsync(transfer.Id, null, Cancellation).ToListAsync(Cancellation);
        Assert.Equal(["Differs", "Done"], items.Select(item => item.State));
        Assert.Equal("FewerThanListed", items[0].ErrorKind);
        Assert.Contains("The source has 2 instances, and the list says 5", items[0].Error);
        var row = Assert.Single(await store.DifferencesAsync(transfer.Id, Cancellation).ToListAsync(Cancellation));
        Assert.Equal(("FewerThanListed", "2 of 5", "2"), (row.Kind, row.SourceValue, row.DestinationValue));

        // Moved again it is what it was. Listed again as it was, too; as it is now it is what was listed.
        Assert.Equal(1, await store.ResetAsync(transfer.Id, "Differs", null, Cancellation));
        await new TransferWorker(store, Quick).RunAsync(Cancellation);
        Assert.Equal(1, (await store.CountsAsync(transfer.Id, Cancellation)).Differs);
        NewItem[] same = [Listed(1, 5), new NewItem { StudyUid = TwoArchives.Uid(1) }];
        Assert.Equal(0, await store.AddItemsAsync(transfer.Id, same, Cancellation));
        Assert.Equal(1, await store.AddItemsAsync(transfer.Id, [Listed(1, 2)], Cancellation));
        await new TransferWorker(store, Quick).RunAsync(Cancellation);
        Assert.Equal(0, (await store.CountsAsync(transfer.Id, Cancellation)).Differs);
        Assert.Empty(await store.DifferencesAsync(transfer.Id, Cancellation).ToListAsync(Cancellation));
        Assert.Equal(2, archives.Contents().New.Count(file => file.Contains(TwoArchives.Uid(1) + ".", StringComparison.Ordinal)));
    }

    internal static async Task<TransferRow> PlanAsync(TransferStore store, TwoArchives archives, int studies,
        Associations.DicomNode? destination = null, string verify = "Counts", string method = "Move",
        Associations.DicomNode? source = null, TimeSpan delay = default, long sample = 100, string name = "move")
    {
        var transfer = await store.AddTransferAsync(new TransferRow
        {
            Id = 0,
            Name = name,
            Source = new NodeRow { Id = 0, Node = source ?? archives.Old, Throttle = 2 },
            Destination = new NodeRow { Id = 0, Node = destination ?? archives.New, Throttle = 2 },
            Method = method,
            Verify = verify,
            VerifySample = sample,
            VerifyDelay = delay,
            State = "Active",
            CreatedBy = "tester",
        }, Cancellation);
        await store.AddItemsAsync(transfer.Id,
            [.. Enumerable.Range(1, studies).Select(study => new NewItem { StudyUid = TwoArchives.Uid(study) })], Cancellation);
        return transfer;
    }
}

/// <summary>Over a store in a file.</summary>
public sealed class SqliteWorkerTests(SqliteFixture fixture) : TransferWorkerTests(fixture), IClassFixture<SqliteFixture>;

/// <summary>Over a store in PostgreSQL.</summary>
public sealed class PostgresWorkerTests(PostgresFixture fixture) : TransferWorkerTests(fixture), IClassFixture<PostgresFixture>;
