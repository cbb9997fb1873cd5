using DicomPS.Transfers.Tests.Working;
using DicomPS.Transfers.Working;

namespace DicomPS.Transfers.Tests.Store;

/// <summary>A newer version meets a store that an older one works with.</summary>
public abstract class UpgradeTests(StoreFixture fixture)
{
    private static readonly string[] Later = ["ALTER TABLE item ADD COLUMN later text; CREATE TABLE later (id bigint PRIMARY KEY)"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_worker_whose_store_is_brought_up_to_a_newer_version_says_so_and_stops_and_the_newer_one_goes_on()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(12);
        var transfer = await TransferWorkerTests.PlanAsync(store, archives, 12);
        // It stays when it is done, so that it meets the newer version in any case.
        var options = new WorkerOptions { Tick = TimeSpan.FromMilliseconds(50), Beat = TimeSpan.FromMilliseconds(200), Lanes = 2 };
        await using var old = await StoreFixture.AgainAsync(store);
        var working = new TransferWorker(old, options with { GoesOn = true }).RunAsync(Cancellation);
        while ((await store.CountsAsync(transfer.Id, Cancellation)).Waiting > 8)
            await Task.Delay(20, Cancellation);

        // Several at the same time, as machines are updated.
        var opened = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => TransferStore.OpenAsync(store.Address, false, Cancellation,
            default, Later)));
        var problem = await Assert.ThrowsAsync<StoreException>(() => working);
        Assert.Contains("newer version", problem.Message);
        Assert.False(problem.IsTransient);
        Assert.All(await opened[0].NodesAsync(Cancellation), node => Assert.Equal(0, node.Taken));
        Assert.Empty(await opened[0].WorkersAsync(Cancellation));
        var worker = await old.AddWorkerAsync("old", 1, "tester", "0", 1, Cancellation);
        Assert.Null(await old.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation));
        await old.EndWorkerAsync(worker, Cancellation);

        await new TransferWorker(opened[0], options).RunAsync(Cancellation);
        var counts = await opened[0].CountsAsync(transfer.Id, Cancellation);
        Assert.Equal((12L, 0L), (counts.Done + counts.Skipped, counts.Failed + counts.Differs));
        await Whole.AssertAsync(opened[0], transfer, archives);
        foreach (var one in opened)
            await one.DisposeAsync();
        problem = await Assert.ThrowsAsync<StoreException>(() => StoreFixture.AgainAsync(store));
        Assert.Contains("newer version", problem.Message);
    }
}

/// <summary>A store in a file.</summary>
public sealed class SqliteUpgradeTests(SqliteFixture fixture) : UpgradeTests(fixture), IClassFixture<SqliteFixture>;

/// <summary>A store in PostgreSQL.</summary>
public sealed class PostgresUpgradeTests(PostgresFixture fixture) : UpgradeTests(fixture), IClassFixture<PostgresFixture>;
