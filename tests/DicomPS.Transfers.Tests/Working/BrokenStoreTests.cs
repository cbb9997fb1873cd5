using System.Collections.Concurrent;
using DicomPS.Transfers.Working;
using Npgsql;

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
        var working = new TransferWorker(behind, Quick with { Lanes = 1, Deadline = TimeSpan.FromSeconds(6) }).RunAsync(Cancellation);
        await UntilAsync(working, () => Task.CompletedTask, () => source.Open > 0);
        relay.Hold();
        // A call of the store waits thirty seconds for its answer; the worker has six.
        await UntilAsync(working, () => Task.CompletedTask, () => source.Open == 0, 200);
        Assert.Equal("Running", (await store.ItemsAsync(transfer.Id, null, Cancellation).ToListAsync(Cancellation))[0].State);
        relay.Flow();
        source.Flow();
        await working;
        await AssertWholeAsync(store, transfer, archives, 1);
    }

    [Fact]
    public async Task A_worker_that_starts_before_its_database_waits_for_it_and_says_so_once()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(3);
        var transfer = await TransferWorkerTests.PlanAsync(store, archives, 3);
        NpgsqlConnection.ClearAllPools();
        fixture.Server!.Down();
        var told = new ConcurrentQueue<string>();
        var calls = 0;
        var opening = new StorePatience(TimeProvider.System, told.Enqueue).KeepAtAsync(token =>
        {
            Interlocked.Increment(ref calls);
            return TransferStore.OpenAsync(store.Address, false, token);
        }, Cancellation);
        await UntilAsync(opening, () => Task.CompletedTask, () => calls > 2);
        Assert.Contains("is tried again", Assert.Single(told));
        fixture.Server.Up();
        await using (var opened = await opening)
            await new TransferWorker(opened, Quick).RunAsync(Cancellation);
        Assert.Equal("The store is there again.", Assert.Single(told.Skip(1)));
        await AssertWholeAsync(store, transfer, archives, 3);
    }

    [Fact]
    public async Task A_worker_whose_database_is_away_at_its_first_look_waits_for_it()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(3);
        var transfer = await TransferWorkerTests.PlanAsync(store, archives, 3);
        fixture.Server!.Down();
        var told = new ConcurrentQueue<string>();
        var worker = new TransferWorker(store, Quick with { Warn = told.Enqueue });
        var working = worker.RunAsync(Cancellation);
        await UntilAsync(working, () => Task.CompletedTask, () => !told.IsEmpty);
        Assert.False(worker.HasBegun);
        fixture.Server.Up();
        await working;
        Assert.Equal(2, told.Count);
        await AssertWholeAsync(store, transfer, archives, 3);
    }

    [Fact]
    public async Task A_worker_that_is_stopped_while_its_database_is_away_ends()
    {
        await using var store = await fixture.NewAsync();
        fixture.Server!.Down();
        var told = new ConcurrentQueue<string>();
        using var stop = new CancellationTokenSource();
        var working = new TransferWorker(store, Quick with { Warn = told.Enqueue }).RunAsync(stop.Token);
        await UntilAsync(working, () => Task.CompletedTask, () => !told.IsEmpty);
        stop.Cancel();
        await working;
        fixture.Server.Up();
    }

    [Fact]
    public async Task When_the_database_is_restarted_in_order_workers_go_on_and_say_once_that_it_was_away()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(20);
        var transfer = await TransferWorkerTests.PlanAsync(store, archives, 20);
        var told = new ConcurrentQueue<string>();
        var working = new TransferWorker(store, Quick with { Warn = told.Enqueue }).RunAsync(Cancellation);
        await UntilAsync(working, () => Task.CompletedTask, () => archives.Destination.Served.Received > 0);
        fixture.Server!.DownInOrder();
        await UntilAsync(working, () => Task.CompletedTask, () => !told.IsEmpty);
        fixture.Server.Up();
        await UntilAsync(working, async () => await ShortenAsync(store));
        Assert.Equal(2, told.Count);
        await AssertWholeAsync(store, transfer, archives, 20);
    }

    [Fact]
    public async Task A_database_that_may_not_be_written_to_for_a_while_is_waited_for()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(3);
        var transfer = await TransferWorkerTests.PlanAsync(store, archives, 3);
        await fixture.SetReadOnlyAsync(store, true);
        var told = new ConcurrentQueue<string>();
        var working = new TransferWorker(store, Quick with { Warn = told.Enqueue }).RunAsync(Cancellation);
        await UntilAsync(working, () => Task.CompletedTask, () => !told.IsEmpty);
        await fixture.SetReadOnlyAsync(store, false);
        await working;
        Assert.Contains("standby", told.First());
        await AssertWholeAsync(store, transfer, archives, 3);
    }

    [Fact]
    public async Task What_does_not_pass_is_said_at_once()
    {
        await using var store = await fixture.NewAsync();
        var nowhere = StoreAddress.Parse(store.Address.Text + "nowhere", path => path);
        var told = new ConcurrentQueue<string>();
        var problem = await Assert.ThrowsAsync<StoreException>(() => new StorePatience(TimeProvider.System, told.Enqueue).KeepAtAsync(
            token => TransferStore.OpenAsync(nowhere, false, token), Cancellation));
        Assert.Contains("createdb", problem.Advice);
        Assert.Empty(told);
    }

    private static Task<TransferStore> BehindAsync(TransferStore store, TcpRelay relay)
    {
        var address = new UriBuilder(store.Address.Text) { Port = relay.Port };
        return TransferStore.OpenAsync(StoreAddress.Parse(address.Uri.ToString(), path => path), false, Cancellation);
    }

    private Task ShortenAsync(TransferStore store) => fixture.ChangeAsync(store,
        [.. new[] { "item", "slot" }.Select(table => $"UPDATE {table} SET lease_until = lease_until - 6000 WHERE lease_until > 0")]);

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
