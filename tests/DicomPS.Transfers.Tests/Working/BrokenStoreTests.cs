using DicomPS.Transfers.Working;

namespace DicomPS.Transfers.Tests.Working;

/// <summary>A worker whose database is behind a network that fails.</summary>
public sealed class BrokenStoreTests(PostgresFixture fixture) : IClassFixture<PostgresFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static WorkerOptions Quick => new() { Tick = TimeSpan.FromMilliseconds(50), Beat = TimeSpan.FromMilliseconds(200), Lanes = 2 };

    [Fact]
    public async Task When_the_answer_to_every_fifth_commit_is_lost_no_study_is_lost_or_done_twice()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(20);
        var transfer = await TransferWorkerTests.PlanAsync(store, archives, 20);
        using var relay = new TcpRelay(fixture.Server!.Port);
        var commits = 0;
        // Ten of them: were it for ever, one step could be the fifth again and again, and wait longer each time.
        relay.Loses = bytes => bytes.Span.IndexOf("COMMIT"u8) >= 0
            && Interlocked.Increment(ref commits) is <= 50 and var count && count % 5 == 0;
        await using var behind = await BehindAsync(store, relay);
        var working = new TransferWorker(behind, Quick).RunAsync(Cancellation);
        // What no lane knows of has a minute; here it passes at once. What a lane has is given a minute five times a second.
        await UntilAsync(working, () => ShortenAsync(store));

        Assert.True(commits >= 5, "Nothing was lost.");
        await AssertWholeAsync(store, transfer, archives, 20);
    }

    [Fact]
    public async Task When_connections_to_the_store_break_again_and_again_everything_is_done_once()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(20);
        var transfer = await TransferWorkerTests.PlanAsync(store, archives, 20);
        using var relay = new TcpRelay(fixture.Server!.Port);
        await using var behind = await BehindAsync(store, relay);
        var working = new TransferWorker(behind, Quick).RunAsync(Cancellation);
        await UntilAsync(working, () => Task.CompletedTask, () => relay.Open > 0 && archives.Destination.Served.Received > 0);
        var cuts = 0;
        await UntilAsync(working, async () =>
        {
            if (cuts++ < 10)
                relay.Cut();
            await ShortenAsync(store);
        });
        await AssertWholeAsync(store, transfer, archives, 20);
    }

    [Fact]
    public async Task When_nothing_comes_from_the_store_and_nothing_breaks_what_is_under_way_is_let_go_in_time()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(1);
        using var source = new TcpRelay(archives.Old.Port);
        var transfer = await TransferWorkerTests.PlanAsync(store, archives, 1, source: archives.Old with { Port = source.Port });
        using var relay = new TcpRelay(fixture.Server!.Port);
        await using var behind = await BehindAsync(store, relay);
        source.Hold();
        var working = new TransferWorker(behind, Quick with { Lanes = 1, Deadline = TimeSpan.FromSeconds(2) }).RunAsync(Cancellation);
        await UntilAsync(working, () => Task.CompletedTask, () => source.Open > 0);
        relay.Hold();
        // A call of the store waits thirty seconds for its answer; the worker has two.
        await UntilAsync(working, () => Task.CompletedTask, () => source.Open == 0, 200);
        Assert.Equal("Running", (await store.ItemsAsync(transfer.Id, null, Cancellation).ToListAsync(Cancellation))[0].State);
        relay.Flow();
        source.Flow();
        await working;
        await AssertWholeAsync(store, transfer, archives, 1);
    }

    private static Task<TransferStore> BehindAsync(TransferStore store, TcpRelay relay)
    {
        var address = new UriBuilder(store.Address.Text) { Port = relay.Port };
        return TransferStore.OpenAsync(StoreAddress.Parse(address.Uri.ToString(), path => path), false, Cancellation);
    }

    private Task ShortenAsync(TransferStore store) => fixture.ChangeAsync(store,
        [.. new[] { "item", "slot" }.Select(table => $"UPDATE {table} SET lease_until = lease_until - 20000 WHERE lease_until > 0")]);

    private static async Task UntilAsync(Task working, Func<Task> meanwhile, Func<bool>? isSo = null, int most = 2000)
    {
        for (var looks = 0; !(isSo?.Invoke() ?? working.IsCompleted); looks++)
        {
            Assert.True(looks < most, "It did not come to that.");
            Assert.True(isSo is null || !working.IsCompleted, "It ended before.");
            await meanwhile();
            await Task.Delay(100, Cancellation);
        }

        if (isSo is null)
            await working;
    }

    private static async Task AssertWholeAsync(TransferStore store, TransferRow transfer, TwoArchives archives, int studies)
    {
        var counts = await store.CountsAsync(transfer.Id, Cancellation);
        Assert.Equal((studies, 0L), (counts.Done + counts.Skipped, counts.Failed + counts.Differs));
        await Whole.AssertAsync(store, transfer, archives);
        Assert.All(await store.ItemsAsync(transfer.Id, null, Cancellation).ToListAsync(Cancellation), item => Assert.Equal(0, item.Tries));
    }
}
