using DicomPS.Transfers.Working;

namespace DicomPS.Transfers.Tests.Working;

/// <summary>A worker whose peers, networks and disks fail.</summary>
public abstract class BrokenPeerTests(StoreFixture fixture)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static WorkerOptions Quick => new()
    {
        Tick = TimeSpan.FromMilliseconds(50),
        Beat = TimeSpan.FromMilliseconds(300),
        Deadline = TimeSpan.FromSeconds(45),
        SpoolPause = TimeSpan.FromMilliseconds(100),
        Lanes = 2,
    };

    [Theory]
    [InlineData("Move")]
    [InlineData("Forward")]
    public async Task When_the_connections_to_both_break_in_the_middle_of_studies_all_is_done_in_the_end(string method)
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(8, instances: 4);
        using var source = new TcpRelay(archives.Old.Port);
        using var destination = new TcpRelay(archives.New.Port);
        archives.Through = destination.Port;
        // The first ones break after the association stands, each a little later.
        source.Limit = number => number <= 6 ? 700 * number : long.MaxValue;
        destination.Limit = number => number <= 8 ? 500 * number : long.MaxValue;
        var transfer = await TransferWorkerTests.PlanAsync(store, archives, 8, archives.New with { Port = destination.Port }, "Uids",
            method, archives.Old with { Port = source.Port });
        using var place = new TestFolder();
        await RunAsync(store, Quick with { SpoolFolder = place.Path });

        var counts = await store.CountsAsync(transfer.Id, Cancellation);
        Assert.Equal((8L, 0L), (counts.Done + counts.Skipped, counts.Failed + counts.Differs));
        await Whole.AssertAsync(store, transfer, archives);
        var kinds = (await store.AttemptsAsync(transfer.Id, Cancellation).ToListAsync(Cancellation)).Select(one => one.Kind).ToList();
        Assert.Contains(kinds, kind => kind is not null);
        Assert.DoesNotContain("Failure", kinds);
        Assert.Empty(Directory.GetFileSystemEntries(place.Path));
    }

    [Fact]
    public async Task A_destination_that_is_down_for_hours_fails_nothing_costs_no_try_and_is_tried_within_a_minute_of_its_return()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(3);
        var transfer = await TransferWorkerTests.PlanAsync(store, archives, 3);
        await archives.StopDestinationAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var ended = 0;
        // An hour has 120 probes.
        await RunAsync(store, Quick with { Ended = _ => { if (Interlocked.Increment(ref ended) == 125) stop.Cancel(); } }, stop);

        var items = await store.ItemsAsync(transfer.Id, null, Cancellation).ToListAsync(Cancellation);
        Assert.All(items, item => Assert.Equal(("Waiting", 0L), (item.State, item.Tries)));
        var held = (await store.NodesAsync(Cancellation)).Single(node => node.Node.AETitle == "NEW");
        Assert.NotNull(held.HeldSince);
        Assert.InRange(held.NextProbe!.Value - held.Now, -1_000_000_000_000_000, 30_000);
        Assert.All(items, item => Assert.True(item.Due is null
            || item.Due.Value.ToUniversalTime() <= DateTimeOffset.FromUnixTimeMilliseconds(held.Now + 15_000).UtcDateTime, $"{item.Due}"));

        await archives.StartDestinationAsync();
        await RunAsync(store, Quick);
        Assert.Equal(3, (await store.CountsAsync(transfer.Id, Cancellation)).Done);
        await Whole.AssertAsync(store, transfer, archives);
    }

    [Fact]
    public async Task A_study_that_brings_a_node_down_each_time_fails_at_last_also_when_nothing_else_is_left()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(1);
        // It answers what it has; what it is sent breaks its connection.
        using var breaking = new TcpRelay(archives.New.Port) { Limit = _ => 400 };
        archives.Through = breaking.Port;
        var transfer = await TransferWorkerTests.PlanAsync(store, archives, 1);
        await RunAsync(store, Quick);

        var item = (await store.ItemsAsync(transfer.Id, null, Cancellation).ToListAsync(Cancellation))[0];
        Assert.Equal(("Failed", 7L), (item.State, item.Tries));
    }

    [Fact]
    public async Task A_spool_whose_disk_is_full_blames_no_node_costs_no_try_and_goes_on_when_there_is_room()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(3, instances: 3);
        var transfer = await TransferWorkerTests.PlanAsync(store, archives, 3, method: "Forward");
        using var place = new TestFolder();
        var disk = new FullDisk { Room = 2 };
        var ended = 0;
        await RunAsync(store, Quick with
        {
            SpoolFolder = place.Path,
            SpoolDisk = disk,
            Ended = _ => disk.IsFull = Interlocked.Increment(ref ended) < 6,
        });

        Assert.Equal(3, (await store.CountsAsync(transfer.Id, Cancellation)).Done);
        var attempts = await store.AttemptsAsync(transfer.Id, Cancellation).ToListAsync(Cancellation);
        Assert.All(attempts.Take(5), one => Assert.True((one.Kind, one.State) is ("Spool", "Waiting"), $"{one.Kind} {one.Error}"));
        Assert.All(await store.ItemsAsync(transfer.Id, null, Cancellation).ToListAsync(Cancellation), item => Assert.Equal(0, item.Tries));
        Assert.All(await store.NodesAsync(Cancellation), node => Assert.True(node.HeldSince is null && node.Failures == 0));
        Assert.Empty(Directory.GetFileSystemEntries(place.Path));
        await Whole.AssertAsync(store, transfer, archives);
    }

    [Theory]
    [InlineData("Counts")]
    [InlineData("Uids")]
    public async Task A_destination_that_indexes_late_differs_never_also_when_it_is_verified_before_its_time(string verify)
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(2);
        // The one that is asked knows what it has later than the one that it is sent to.
        await using var late = await TwoArchives.StartAsync(0);
        var transfer = await TransferWorkerTests.PlanAsync(store, archives, 2, late.New, verify, delay: TimeSpan.FromMinutes(10));
        using var moved = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var ended = 0;
        await new TransferWorker(store, Quick with { Ended = _ => { if (Interlocked.Increment(ref ended) == 2) moved.Cancel(); } })
            .RunAsync(moved.Token);
        Assert.Equal(2, (await store.CountsAsync(transfer.Id, Cancellation)).Transferred);

        // As Test-DicomTransfer does: it ends, and says that it is not known yet.
        for (var test = 0; test < 4; test++)
            await new TransferWorker(store, Quick with { OnlyVerifies = true }).RunAsync(Cancellation);
        Assert.Equal(2, (await store.CountsAsync(transfer.Id, Cancellation)).Transferred);
        await archives.PutAsync(late.New, 1, 1, 2);
        await new TransferWorker(store, Quick with { OnlyVerifies = true }).RunAsync(Cancellation);
        var counts = await store.CountsAsync(transfer.Id, Cancellation);
        Assert.Equal((1L, 1L), (counts.Done, counts.Transferred));

        // The second one is looked at in its time, twice too early, and once it is there.
        ended = 0;
        await RunAsync(store, Quick with
        {
            Lanes = 1,
            Ended = _ =>
            {
                if (++ended == 2)
                    archives.PutAsync(late.New, 2, 1, 2).GetAwaiter().GetResult();
            },
        });
        counts = await store.CountsAsync(transfer.Id, Cancellation);
        Assert.Equal((2L, 0L), (counts.Done, counts.Differs));
        Assert.Empty(await store.DifferencesAsync(transfer.Id, Cancellation).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task A_destination_that_breaks_off_when_it_is_asked_is_no_difference()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(1);
        using var asked = new TcpRelay(archives.New.Port);
        var transfer = await TransferWorkerTests.PlanAsync(store, archives, 1, archives.New with { Port = asked.Port });
        var broken = 0;
        await RunAsync(store, Quick with
        {
            Lanes = 1,
            Ended = note =>
            {
                if (note.State == "Transferred")
                    asked.Limit = _ => Interlocked.Increment(ref broken) <= 5 ? 400 : long.MaxValue;
            },
        });
        Assert.Equal(1, (await store.CountsAsync(transfer.Id, Cancellation)).Done);
        Assert.True(broken > 3, $"{broken}");
    }

    [Fact]
    public async Task No_node_has_more_associations_at_a_time_than_it_allows_however_many_workers_there_are()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(24);
        using var source = new TcpRelay(archives.Old.Port);
        using var destination = new TcpRelay(archives.New.Port);
        archives.Through = destination.Port;
        var transfer = await TransferWorkerTests.PlanAsync(store, archives, 24, archives.New with { Port = destination.Port },
            source: archives.Old with { Port = source.Port });
        await using var other = await StoreFixture.AgainAsync(store);
        await Task.WhenAll(new TransferWorker(store, Quick with { Lanes = 4 }).RunAsync(Cancellation),
            new TransferWorker(other, Quick with { Lanes = 4 }).RunAsync(Cancellation));
        Assert.Equal(24, (await store.CountsAsync(transfer.Id, Cancellation)).Done);
        Assert.Equal((2, 2), (source.Most, destination.Most));
    }

    // Until all is done, as if each wait had passed at once.
    private async Task RunAsync(TransferStore store, WorkerOptions options, CancellationTokenSource? stop = null)
    {
        await using var own = await StoreFixture.AgainAsync(store);
        var working = new TransferWorker(own, options).RunAsync(stop?.Token ?? Cancellation);
        for (var looks = 0; !working.IsCompleted; looks++)
        {
            Assert.True(looks < 2000, "It did not come to an end.");
            await fixture.BeDueAsync(store);
            await Task.WhenAny(working, Task.Delay(100, Cancellation));
        }

        await working;
    }
}

/// <summary>Over a store in a file.</summary>
public sealed class SqliteBrokenPeerTests(SqliteFixture fixture) : BrokenPeerTests(fixture), IClassFixture<SqliteFixture>;

/// <summary>Over a store in PostgreSQL.</summary>
public sealed class PostgresBrokenPeerTests(PostgresFixture fixture) : BrokenPeerTests(fixture), IClassFixture<PostgresFixture>;
