using DicomPS.Associations;

namespace DicomPS.Transfers.Tests.Store;

/// <summary>What the tables say and a worker did not hear, or says twice.</summary>
public abstract class LostAnswerTests(StoreFixture fixture)
{
    private static readonly AttemptEnd Done = new() { State = "Done", Served = true };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_no_lane_knows_of_is_taken_back_while_its_worker_lives_and_costs_no_try()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await PlanAsync(store, 2);
        var worker = await store.AddWorkerAsync("test", 1, "tester", "0", 2, Cancellation);
        var (known, slots) = (await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation))!.Value;
        Assert.NotNull(await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation));

        await using var later = await StoreFixture.AgainAsync(store, TimeSpan.FromSeconds(30));
        Assert.Equal([(known.Id, 1L)], await later.BeatAsync(worker, [new Holding(known, slots)], Cancellation));
        await using var after = await StoreFixture.AgainAsync(store, TimeSpan.FromSeconds(62));
        Assert.Equal(1, await after.SweepAsync(Cancellation));

        var items = await after.ItemsAsync(transfer.Id, null, Cancellation).ToListAsync(Cancellation);
        Assert.Equal([("Running", 0L, null), ("Waiting", 0L, "ClaimLost")], items.Select(item => (item.State, item.Tries, item.ErrorKind)));
        Assert.All(await after.NodesAsync(Cancellation), node => Assert.Equal(1, node.Taken));
        Assert.NotNull(await after.BeatAsync(worker, [new Holding(known, slots)], Cancellation));
        Assert.True(await after.EndAsync(known, transfer, worker, TimeSpan.Zero, Done, slots, Cancellation));
    }

    [Fact]
    public async Task Nothing_is_begun_in_a_slot_that_is_not_the_workers_any_more()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await PlanAsync(store, 3);
        var worker = await store.AddWorkerAsync("test", 1, "tester", "0", 2, Cancellation);
        var (item, slots) = (await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation))!.Value;
        Assert.True(await store.EndAsync(item, transfer, worker, TimeSpan.Zero, Done, null, Cancellation));
        await store.FreeAsync(slots, worker, Cancellation);
        Assert.Null(await store.ClaimAsync(transfer.Id, worker, slots, false, false, Cancellation));
        Assert.NotNull(await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation));
    }

    [Fact]
    public async Task An_end_that_is_said_again_is_written_once_and_one_of_another_worker_not_at_all()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await PlanAsync(store, 1);
        var worker = await store.AddWorkerAsync("test", 1, "tester", "0", 2, Cancellation);
        var (item, slots) = (await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation))!.Value;
        Assert.True(await store.EndAsync(item, transfer, worker, TimeSpan.Zero, Done, slots, Cancellation));
        Assert.True(await store.EndAsync(item, transfer, worker, TimeSpan.Zero, Done, null, Cancellation));
        Assert.False(await store.EndAsync(item, transfer, worker + 1, TimeSpan.Zero, Done, null, Cancellation));
        Assert.False(await store.EndAsync(item with { Attempt = 2 }, transfer, worker, TimeSpan.Zero, Done, null, Cancellation));
        Assert.Equal((1L, null), await store.CheckChainAsync(transfer.Name, Cancellation));
    }

    [Fact]
    public async Task What_a_worker_could_not_write_down_before_it_ended_waits_again_at_once_without_a_lost_try()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await PlanAsync(store, 1);
        var worker = await store.AddWorkerAsync("test", 1, "tester", "0", 2, Cancellation);
        Assert.NotNull(await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation));
        await store.EndWorkerAsync(worker, Cancellation);
        Assert.Equal(1, await store.SweepAsync(Cancellation));
        var item = (await store.ItemsAsync(transfer.Id, null, Cancellation).ToListAsync(Cancellation))[0];
        Assert.Equal(("Waiting", 0L, 1L), (item.State, item.Tries, item.Attempts));
        Assert.Equal((1L, null), await store.CheckChainAsync(transfer.Name, Cancellation));
    }

    [Fact]
    public async Task A_study_whose_worker_is_lost_again_and_again_loses_no_try_waits_longer_and_fails_at_last()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await PlanAsync(store, 1);
        var waits = new List<double>();
        for (var loss = 1; loss <= 20; loss++)
        {
            var worker = await store.AddWorkerAsync("test", loss, "tester", "0", 1, Cancellation);
            Assert.NotNull(await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation));
            await fixture.ExpireAsync(store, loss);
            var item = (await store.ItemsAsync(transfer.Id, null, Cancellation).ToListAsync(Cancellation))[0];
            Assert.Equal((loss == 20 ? "Failed" : "Waiting", 0L, "WorkerLost"), (item.State, item.Tries, item.ErrorKind));
            var now = DateTimeOffset.FromUnixTimeMilliseconds((await store.NodesAsync(Cancellation))[0].Now).UtcDateTime;
            waits.Add(item.Due is { } due ? Math.Round((due.ToUniversalTime() - now).TotalMinutes) : 0);
            await fixture.BeDueAsync(store);
            await store.SweepAsync(Cancellation);
        }

        Assert.Equal([0, 1, 5, 15, 60, 60], waits.Take(6));
    }

    [Fact]
    public async Task Texts_that_no_database_keeps_stop_nobody_and_break_no_chain()
    {
        const string text = "a\0b\ud800c \ud83d\ude00";
        await using var store = await fixture.NewAsync();
        var transfer = await PlanAsync(store, 0);
        await store.AddItemsAsync(transfer.Id,
            [new NewItem { StudyUid = "1.1", PatientName = text, Description = new string('x', 100_000) }], Cancellation);
        var worker = await store.AddWorkerAsync("test", 1, "tester", "0", 2, Cancellation);
        var (item, slots) = (await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation))!.Value;
        Assert.True(await store.EndAsync(item, transfer, worker, TimeSpan.Zero, Done with
        {
            State = "Failed",
            Error = text,
            Status = text,
            Kind = "Partial",
            Blamed = transfer.Source.Id,
            Served = false,
        }, slots, Cancellation));
        Assert.Equal((1L, null), await store.CheckChainAsync(transfer.Name, Cancellation));
        var row = (await store.ItemsAsync(transfer.Id, null, Cancellation).ToListAsync(Cancellation))[0];
        Assert.Equal(("a\ufffdb\ufffdc \ud83d\ude00", "a\ufffdb\ufffdc \ud83d\ude00"), (row.PatientName, row.Error));
        Assert.Equal(StoreText.Longest, row.Description!.Length);
    }

    private static async Task<TransferRow> PlanAsync(TransferStore store, int studies)
    {
        var transfer = await store.AddTransferAsync(new TransferRow
        {
            Id = 0,
            Name = "move",
            Source = new NodeRow { Id = 0, Node = DicomNode.Parse("OLD@127.0.0.1:104"), Throttle = 4 },
            Destination = new NodeRow { Id = 0, Node = DicomNode.Parse("NEW@127.0.0.1:104"), Throttle = 4 },
            Method = "Move",
            Verify = "Counts",
            State = "Active",
        }, Cancellation);
        if (studies > 0)
        {
            await store.AddItemsAsync(transfer.Id,
                [.. Enumerable.Range(1, studies).Select(study => new NewItem { StudyUid = $"1.{study}" })], Cancellation);
        }

        return transfer;
    }
}

/// <summary>A store in a file.</summary>
public sealed class SqliteLostAnswerTests(SqliteFixture fixture) : LostAnswerTests(fixture), IClassFixture<SqliteFixture>;

/// <summary>A store in PostgreSQL.</summary>
public sealed class PostgresLostAnswerTests(PostgresFixture fixture) : LostAnswerTests(fixture), IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task A_worker_that_is_cut_off_in_the_middle_of_a_transaction_keeps_no_lock_for_long()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var made = await fixture.NewAsync();
        var shorter = StoreAddress.Parse(made.Address.Text + "?Options=-c idle_in_transaction_session_timeout=300", path => path);
        foreach (var (address, milliseconds) in new[] { (made.Address, "15s"), (shorter, "300ms") })
        {
            using var connection = await new PostgresDialect(address).ConnectAsync(false, cancellation);
            using var command = connection.CreateCommand();
            command.CommandText = "SHOW idle_in_transaction_session_timeout";
            Assert.Equal(milliseconds, await command.ExecuteScalarAsync(cancellation));
        }

        var dialect = new PostgresDialect(shorter);
        using var cutOff = await dialect.ConnectAsync(false, cancellation);
        using var transaction = await dialect.BeginAsync(cutOff, true, cancellation);
        var session = new DbSession(dialect, cutOff, transaction, cancellation);
        await session.RunAsync("LOCK TABLE transfer IN ACCESS EXCLUSIVE MODE");
        Assert.Empty(await made.TransfersAsync(null, cancellation));
        var problem = await Assert.ThrowsAnyAsync<Npgsql.NpgsqlException>(() => session.RunAsync("SELECT 1"));
        Assert.True(dialect.Explain(problem).IsTransient, problem.Message);
    }
}
