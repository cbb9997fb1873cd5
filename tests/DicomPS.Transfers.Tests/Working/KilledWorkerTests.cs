using System.Globalization;

namespace DicomPS.Transfers.Tests.Working;

/// <summary>
/// Workers in processes of their own that are killed, put to sleep, and cut off from their store. DICOMPS_TRANSFER_KILLS is how many kills
/// a run has, DICOMPS_TRANSFER_STUDIES how many studies: `build.ps1 KillWorkers` has a hundred kills and 500 studies.
/// </summary>
public abstract class KilledWorkerTests(StoreFixture fixture)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_at_random_every_study_is_done_once_and_the_tries_add_up()
    {
        var kills = Number("DICOMPS_TRANSFER_KILLS", 4);
        var studies = Number("DICOMPS_TRANSFER_STUDIES", 40);
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(studies);
        var transfer = await TransferWorkerTests.PlanAsync(store, archives, studies);
        var workers = Enumerable.Range(0, 4).Select(_ => new WorkerProcess(store.Address, 1, 1)).ToList();
        var random = new Random(4711);
        try
        {
            for (var kill = 0; kill < kills; kill++)
            {
                // In the middle of something, most likely.
                await UntilAsync(async () => (await store.CountsAsync(transfer.Id, Cancellation)) is { Running: > 0 } or { Left: 0 });
                await Task.Delay(random.Next(200), Cancellation);
                var victim = random.Next(workers.Count);
                workers[victim].Kill();
                await fixture.ExpireAsync(store, workers[victim].Id);
                await fixture.BeDueAsync(store);
                workers[victim].Dispose();
                workers[victim] = new WorkerProcess(store.Address, 1, 1);
            }

            var all = Task.WhenAll(workers.Select(worker => worker.WaitAsync(Cancellation)));
            while (!all.IsCompleted)
            {
                // What was lost more than once waits.
                await fixture.BeDueAsync(store);
                await Task.WhenAny(all, Task.Delay(500, Cancellation));
            }
        }
        finally
        {
            workers.ForEach(worker => worker.Dispose());
        }

        var counts = await store.CountsAsync(transfer.Id, Cancellation);
        Assert.Equal((studies, 0, 0), (counts.Done + counts.Skipped, counts.Failed, counts.Differs));
        await Whole.AssertAsync(store, transfer, archives);
    }

    [Fact]
    public async Task A_worker_that_slept_past_its_lease_writes_nothing_late_and_begins_nothing_with_what_it_had()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no SIGSTOP.");
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(6);
        var transfer = await TransferWorkerTests.PlanAsync(store, archives, 6);
        using var sleeper = new WorkerProcess(store.Address, 1, 1);
        await UntilAsync(async () => (await store.CountsAsync(transfer.Id, Cancellation)) is { Running: > 0 } or { Done: > 0 });
        sleeper.Signal("STOP");
        await fixture.ExpireAsync(store, sleeper.Id);
        using var other = new WorkerProcess(store.Address, 1, 1);
        await UntilAsync(async () => (await store.CountsAsync(transfer.Id, Cancellation)).Left == 0);
        sleeper.Signal("CONT");
        await Task.WhenAll(sleeper.WaitAsync(Cancellation), other.WaitAsync(Cancellation));

        Assert.Equal(6, (await store.CountsAsync(transfer.Id, Cancellation)) is var counts ? counts.Done + counts.Skipped : 0);
        await Whole.AssertAsync(store, transfer, archives);
    }

    [Fact]
    public async Task What_a_killed_worker_had_runs_again_within_75_seconds()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("DICOMPS_TRANSFER_KILLS") is not null,
            "It takes a minute: build.ps1 KillWorkers runs it.");
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(3);
        using var source = new TcpRelay(archives.Old.Port);
        var transfer = await TransferWorkerTests.PlanAsync(store, archives, 3, source: archives.Old with { Port = source.Port });
        // Nothing ends before the kill.
        source.Hold();
        using var victim = new WorkerProcess(store.Address, 2, 15);
        await UntilAsync(async () => (await store.CountsAsync(transfer.Id, Cancellation)).Running == 2);
        await Task.Delay(16_000, Cancellation);
        using var other = new WorkerProcess(store.Address, 2, 15);
        victim.Kill();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        source.Flow();
        await UntilAsync(async () => (await store.ItemsAsync(transfer.Id, null, Cancellation).ToListAsync(Cancellation))
            .All(item => item.Attempts >= (item.Id <= 2 ? 2 : 1)));
        TestContext.Current.SendDiagnosticMessage($"Running again after {clock.Elapsed.TotalSeconds:0.0} s.");
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 75);
        await UntilAsync(async () => (await store.CountsAsync(transfer.Id, Cancellation)).Left == 0);
        await other.WaitAsync(Cancellation);
        await Whole.AssertAsync(store, transfer, archives);
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        // Ten minutes on a machine that does something else too: then it hangs.
        for (var looks = 0; !await isSo(); looks++)
        {
            Assert.True(looks < 12_000, "It did not come to that.");
            await Task.Delay(50, Cancellation);
        }
    }

    private static int Number(string variable, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : usual;
}

/// <summary>Over a store in a file.</summary>
public sealed class SqliteKilledWorkerTests(SqliteFixture fixture) : KilledWorkerTests(fixture), IClassFixture<SqliteFixture>;

/// <summary>Over a store in PostgreSQL.</summary>
public sealed class PostgresKilledWorkerTests(PostgresFixture fixture) : KilledWorkerTests(fixture), IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task A_database_that_goes_away_and_comes_back_costs_nothing()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(60);
        var transfer = await TransferWorkerTests.PlanAsync(store, archives, 60);
        using var worker = new WorkerProcess(store.Address, 2, 5);
        while ((await store.CountsAsync(transfer.Id, cancellation)).Running == 0)
            await Task.Delay(20, cancellation);
        fixture.Server!.Down();
        await Task.Delay(1500, cancellation);
        fixture.Server.Up();
        Npgsql.NpgsqlConnection.ClearAllPools();
        await worker.WaitAsync(cancellation);
        Assert.Equal("ended", worker.Lines[^1]);
        var counts = await store.CountsAsync(transfer.Id, cancellation);
        Assert.Equal((60, 0), (counts.Done + counts.Skipped, counts.Failed));
        Assert.Null((await store.CheckChainAsync(transfer.Name, cancellation)).Broken);
        var (old, @new) = archives.Contents();
        Assert.Equal(old, @new);
    }

    // A store in a file is of one machine, which has one clock.
    [Fact]
    public async Task Workers_whose_clocks_are_an_hour_off_leave_each_other_what_they_have()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var library = Directory.Exists("/usr/lib")
            ? Directory.GetDirectories("/usr/lib").Select(folder => Path.Combine(folder, "faketime", "libfaketimeMT.so.1"))
                .FirstOrDefault(File.Exists) : null;
        Assert.SkipWhen(library is null, "libfaketime is not installed (Debian: faketime).");
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(20);
        var transfer = await TransferWorkerTests.PlanAsync(store, archives, 20);
        var workers = new[] { "-1h", "+1h" }.Select(shift => new WorkerProcess(store.Address, 1, 1, new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = library!,
            ["FAKETIME"] = shift,
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        })).ToList();
        try
        {
            await Task.WhenAll(workers.Select(worker => worker.WaitAsync(cancellation)));
            Assert.All(workers, worker => Assert.Equal("ended", worker.Lines[^1]));
            var clocks = workers.Select(worker => worker.Lines.First(line => line.StartsWith("clock ", StringComparison.Ordinal)))
                .Select(line => DateTimeOffset.Parse(line[6..], CultureInfo.InvariantCulture)).ToList();
            Assert.InRange((clocks[1] - clocks[0]).TotalMinutes, 110, 130);
        }
        finally
        {
            workers.ForEach(worker => worker.Dispose());
        }

        var attempts = await store.AttemptsAsync(transfer.Id, cancellation).ToListAsync(cancellation);
        Assert.Equal(40, attempts.Count);
        Assert.All(attempts, one => Assert.Null(one.Kind));
        Assert.All(attempts, one => Assert.InRange(one.Finished,
            DateTimeOffset.UtcNow.AddMinutes(-20).ToUnixTimeMilliseconds(), DateTimeOffset.UtcNow.AddMinutes(1).ToUnixTimeMilliseconds()));
        await Whole.AssertAsync(store, transfer, archives);
    }
}
