using DicomPS.Associations;

namespace DicomPS.Transfers.Tests.Store;

/// <summary>What holds of every store.</summary>
public abstract class TransferStoreTests(StoreFixture fixture)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_study_is_claimed_once_and_its_end_is_written_once()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await PlanAsync(store, "move", 1);
        var worker = await WorkerAsync(store);
        var (item, slots) = (await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation))!.Value;
        Assert.Equal(("1.1", 1L, "Move"), (item.StudyUid, item.Attempt, item.Phase));
        Assert.Null(await store.ClaimAsync(transfer.Id, worker, slots, false, false, Cancellation));
        Assert.Equal(1, (await store.CountsAsync(transfer.Id, Cancellation)).Running);

        Assert.True(await store.EndAsync(item, transfer, worker, TimeSpan.Zero, Done, slots, Cancellation));
        // Said again, since the answer was lost: it is written, and written once.
        Assert.True(await store.EndAsync(item, transfer, worker, TimeSpan.Zero, Done, null, Cancellation));
        Assert.Equal((1, 1), ((await store.CountsAsync(transfer.Id, Cancellation)).Done, (await AttemptsAsync(store, transfer)).Count));
        Assert.All(await store.NodesAsync(Cancellation), node => Assert.Equal(0, node.Taken));
    }

    [Fact]
    public async Task What_comes_first_is_what_has_the_higher_priority_also_when_it_was_added_before_without_one()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await PlanAsync(store, "move", 3);
        Assert.Equal(0, await store.AddItemsAsync(transfer.Id, [Study(3) with { Priority = 100 }], Cancellation));
        Assert.Equal(1, await store.AddItemsAsync(transfer.Id, [Study(4) with { Priority = 200 }], Cancellation));
        var worker = await WorkerAsync(store);
        var order = new List<string>();
        Slots? slots = null;
        while (await store.ClaimAsync(transfer.Id, worker, slots, false, false, Cancellation) is var (item, held))
        {
            slots = held;
            order.Add(item.StudyUid);
            await store.EndAsync(item, transfer, worker, TimeSpan.Zero, Done, null, Cancellation);
        }

        Assert.Equal(["1.4", "1.3", "1.1", "1.2"], order);
    }

    [Fact]
    public async Task A_study_that_is_done_waits_again_when_it_has_more_by_now_or_was_seen_to_lack_some()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await PlanAsync(store, "move", 0);
        await store.AddItemsAsync(transfer.Id, [.. Enumerable.Range(1, 3).Select(number => Study(number) with { Instances = 6 })],
            Cancellation);
        var worker = await WorkerAsync(store);
        Slots? slots = null;
        while (await store.ClaimAsync(transfer.Id, worker, slots, false, false, Cancellation) is var (item, held))
        {
            slots = held;
            await store.EndAsync(item, transfer, worker, TimeSpan.Zero, Done with { SourceInstances = 6, DestinationInstances = 6 }, null,
                Cancellation);
        }

        // As many, fewer, and nobody knows: nothing new. What a comparison missed is.
        Assert.Equal(0, await store.AddItemsAsync(transfer.Id, [Study(1) with { Instances = 6 }, Study(2) with { Instances = 5 }, Study(3)],
            Cancellation));
        Assert.Equal(2, await store.AddItemsAsync(transfer.Id, [Study(1) with { Instances = 7 }, Study(3) with { Lacks = true }],
            Cancellation));
        var items = await store.ItemsAsync(transfer.Id, "Waiting", Cancellation).ToListAsync(Cancellation);
        Assert.Equal([("1.1", 7L), ("1.3", 6L)], items.Select(item => (item.StudyUid, item.ExpectedInstances!.Value)));
    }

    [Fact]
    public async Task A_study_that_comes_again_with_another_patient_is_known()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await PlanAsync(store, "move", 0);
        NewItem Of(int study, string? patient) => Study(study) with { PatientId = patient };
        NewItem[] list = [Of(1, "P1"), Of(1, "P2"), Of(2, "P1 "), Of(3, null), Of(4, "P\"4\\"), Of(5, "Müller")];
        Assert.Equal(5, await store.AddItemsAsync(transfer.Id, list, Cancellation));
        Assert.Equal([new OtherPatient("1.1", "P1", "P2")], await store.OtherPatientsAsync(transfer.Id, list, Cancellation));
        // One that nobody named is no other one, and blanks at the end are none (PS3.5 6.2).
        NewItem[] again = [Of(1, null), Of(2, " P1"), Of(3, "P3"), Of(4, "P\"4\\ "), Of(5, "Muller")];
        Assert.Equal(0, await store.AddItemsAsync(transfer.Id, again, Cancellation));
        Assert.Equal([new OtherPatient("1.5", "Müller", "Muller")],
            await store.OtherPatientsAsync(transfer.Id, again, Cancellation));
    }

    [Fact]
    public async Task Those_that_make_a_store_at_once_all_have_it()
    {
        await using var first = await fixture.NewAsync();
        for (var round = 0; round < 5; round++)
        {
            var address = await fixture.NewAddressAsync();
            await Task.WhenAll(Enumerable.Range(1, 6).Select(async number =>
            {
                await using var store = await TransferStore.OpenAsync(address, mayCreate: true, Cancellation);
                await PlanAsync(store, $"move {number}", 1);
            }));
        }
    }

    [Fact]
    public async Task A_long_list_is_added_again_with_its_priorities()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await PlanAsync(store, "move", 0);
        List<NewItem> list = [.. Enumerable.Range(1, 2000).Select(number => Study(number) with { Instances = 6 })];
        Assert.Equal(2000, await store.AddItemsAsync(transfer.Id, list, Cancellation));
        Assert.Equal(0, await store.AddItemsAsync(transfer.Id, list.ConvertAll(item => item with { Priority = 7 }), Cancellation));
        Assert.Equal(0, await store.AddItemsAsync(transfer.Id, list.ConvertAll(item => item with { Priority = 5 }), Cancellation));
        Assert.All(await store.ItemsAsync(transfer.Id, null, Cancellation).ToListAsync(Cancellation),
            item => Assert.Equal(7, item.Priority));
    }

    [Fact]
    public async Task A_state_that_no_try_led_to_is_seen()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await PlanAsync(store, "move", 2);
        var worker = await WorkerAsync(store);
        var (item, slots) = (await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation))!.Value;
        await store.EndAsync(item, transfer, worker, TimeSpan.Zero, Done with { State = "Differs" }, slots, Cancellation);
        Assert.Equal(0, await store.CountUnprovenAsync(transfer.Id, Cancellation));
        await fixture.ChangeAsync(store, "UPDATE item SET state = 'Skipped'");
        Assert.Equal(2, await store.CountUnprovenAsync(transfer.Id, Cancellation));
    }

    [Fact]
    public async Task The_write_of_a_worker_that_was_given_up_finds_no_row()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await PlanAsync(store, "move", 1);
        var zombie = await WorkerAsync(store);
        var (item, _) = (await store.ClaimAsync(transfer.Id, zombie, null, false, false, Cancellation))!.Value;
        await using (var later = await StoreFixture.AgainAsync(store, TimeSpan.FromSeconds(30)))
            Assert.Equal(0, await later.SweepAsync(Cancellation));
        await using var after = await StoreFixture.AgainAsync(store, TimeSpan.FromSeconds(62));
        Assert.Equal(1, await after.SweepAsync(Cancellation));
        Assert.Null(await after.BeatAsync(zombie, [], Cancellation));

        var worker = await WorkerAsync(after);
        var (again, _) = (await after.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation))!.Value;
        Assert.Equal(2, again.Attempt);
        Assert.False(await store.EndAsync(item, transfer, zombie, TimeSpan.Zero, Done, null, Cancellation));
        Assert.True(await after.EndAsync(again, transfer, worker, TimeSpan.Zero, Done, null, Cancellation));
        var attempts = await AttemptsAsync(store, transfer);
        Assert.Equal([("Waiting", "WorkerLost"), ("Done", null)], attempts.Select(one => (one.State, one.Kind)));
    }

    [Fact]
    public async Task A_sign_of_life_keeps_what_a_worker_has()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await PlanAsync(store, "move", 1);
        var worker = await WorkerAsync(store);
        var (item, slots) = (await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation))!.Value;
        await using var later = await StoreFixture.AgainAsync(store, TimeSpan.FromSeconds(30));
        Assert.Equal([(item.Id, 1L)], await later.BeatAsync(worker, [new Holding(item, slots)], Cancellation));
        await using var after = await StoreFixture.AgainAsync(store, TimeSpan.FromSeconds(70));
        Assert.Equal(0, await after.SweepAsync(Cancellation));
        Assert.True(await after.EndAsync(item, transfer, worker, TimeSpan.Zero, Done, slots, Cancellation));
    }

    [Fact]
    public async Task No_more_slots_are_given_than_the_node_has()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await PlanAsync(store, "move", 9);
        var workers = new[] { await WorkerAsync(store), await WorkerAsync(store) };
        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            store.ClaimAsync(transfer.Id, workers[i % 2], null, false, false, Cancellation)));
        Assert.Equal(2, claims.Count(claim => claim is not null));
        Assert.All(await store.NodesAsync(Cancellation), node => Assert.Equal(2, node.Taken));
    }

    [Fact]
    public async Task Side_by_side_nobody_gets_what_another_has()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await PlanAsync(store, "move", 200);
        await store.SetNodeAsync(transfer.Source with { Throttle = 40 }, Cancellation);
        await store.SetNodeAsync(transfer.Destination with { Throttle = 40 }, Cancellation);
        var claimed = new System.Collections.Concurrent.ConcurrentBag<long>();
        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(async () =>
        {
            var worker = await WorkerAsync(store);
            Slots? slots = null;
            while (await store.ClaimAsync(transfer.Id, worker, slots, false, false, Cancellation) is var (item, held))
            {
                slots = held;
                claimed.Add(item.Id);
                Assert.True(await store.EndAsync(item, transfer, worker, TimeSpan.Zero, Done, null, Cancellation));
            }

            if (slots is not null)
                await store.FreeAsync(slots, worker, Cancellation);
        })));
        Assert.Equal((200, 200), (claimed.Count, claimed.Distinct().Count()));
        Assert.Equal(200, (await store.CountsAsync(transfer.Id, Cancellation)).Done);
        await AssertChainAsync(store, transfer, 200);
    }

    [Fact]
    public async Task Two_that_add_the_same_at_the_same_time_add_it_once()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await PlanAsync(store, "move", 0);
        await using var other = await StoreFixture.AgainAsync(store);
        var studies = Enumerable.Range(1, 3000).Select(Study).ToList();
        var reversed = Enumerable.Reverse(studies).ToList();
        var added = await Task.WhenAll(
            Task.Run(async () => await AddAsync(store, studies)), Task.Run(async () => await AddAsync(other, reversed)));
        Assert.Equal((3000, 3000), (added.Sum(), (int)(await store.CountsAsync(transfer.Id, Cancellation)).Waiting));

        async Task<int> AddAsync(TransferStore to, List<NewItem> all)
        {
            var count = 0;
            foreach (var part in all.Chunk(250))
                count += await to.AddItemsAsync(transfer.Id, part, Cancellation);
            return count;
        }
    }

    [Fact]
    public async Task Five_failures_in_a_row_hold_a_node_one_tries_it_and_it_goes_on_when_it_serves()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await PlanAsync(store, "move", 9);
        var worker = await WorkerAsync(store);
        var failed = Done with
        {
            State = "Waiting",
            Kind = "Unreachable",
            Error = "gone",
            Served = false,
            Blamed = transfer.Destination.Id,
        };
        for (var i = 0; i < 5; i++)
        {
            var (item, slots) = (await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation))!.Value;
            Assert.False(item.IsProbe);
            await store.EndAsync(item, transfer, worker, TimeSpan.Zero, failed, slots, Cancellation);
        }

        Assert.Null(await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation));
        Assert.NotNull((await store.NodesAsync(Cancellation)).Single(node => node.Id == transfer.Destination.Id).HeldSince);
        await using var later = await StoreFixture.AgainAsync(store, TimeSpan.FromSeconds(31));
        var (probe, held) = (await later.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation))!.Value;
        Assert.True(probe.IsProbe);
        Assert.Null(await later.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation));
        await later.EndAsync(probe, transfer, worker, TimeSpan.Zero, Done, held, Cancellation);
        Assert.Null((await store.NodesAsync(Cancellation)).Single(node => node.Id == transfer.Destination.Id).HeldSince);
        Assert.NotNull(await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation));
    }

    [Fact]
    public async Task So_many_an_hour_are_begun_and_no_more()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await PlanAsync(store, "move", 9);
        await store.SetNodeAsync(transfer.Source with { PerHour = 60 }, Cancellation);
        var worker = await WorkerAsync(store);
        Assert.NotNull(await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation));
        Assert.Null(await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation));
        await using var later = await StoreFixture.AgainAsync(store, TimeSpan.FromSeconds(61));
        Assert.NotNull(await later.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation));
    }

    [Fact]
    public async Task A_node_waits_for_the_bytes_that_went_through_it_alone_also_when_the_try_failed()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await PlanAsync(store, "move", 9);
        await store.SetNodeAsync(transfer.Source with { BytesPerSecond = 1000 }, Cancellation);
        var worker = await WorkerAsync(store);
        var failed = Done with { State = "Failed", Served = false };
        foreach (var (source, destination) in new[] { (0, 5000), (60_000, 0) })
        {
            var (item, slots) = (await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation))!.Value;
            await store.EndAsync(item, transfer, worker, TimeSpan.Zero, failed with { Load = new(source, destination) }, slots,
                Cancellation);
        }

        Assert.Null(await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation));
        await using var later = await StoreFixture.AgainAsync(store, TimeSpan.FromSeconds(61));
        Assert.NotNull(await later.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation));
    }

    [Fact]
    public async Task What_waits_for_its_time_is_taken_after_it()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await PlanAsync(store, "move", 1);
        var worker = await WorkerAsync(store);
        var (item, slots) = (await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation))!.Value;
        var later = Done with { State = "Waiting", Wait = TimeSpan.FromMinutes(5), LosesTry = true, Kind = "Partial" };
        await store.EndAsync(item, transfer, worker, TimeSpan.Zero, later, slots, Cancellation);
        await store.SweepAsync(Cancellation);
        Assert.Null(await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation));
        await using var after = await StoreFixture.AgainAsync(store, TimeSpan.FromMinutes(6));
        await after.SweepAsync(Cancellation);
        Assert.Equal(1, (await after.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation))!.Value.Item.Tries);
    }

    [Fact]
    public async Task A_suspended_transfer_begins_nothing()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await PlanAsync(store, "move", 1);
        var worker = await WorkerAsync(store);
        Assert.True(await store.SetStateAsync(transfer.Id, "Suspended", Cancellation));
        Assert.False(await store.SetStateAsync(transfer.Id, "Suspended", Cancellation));
        Assert.Null(await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation));
        await store.SetStateAsync(transfer.Id, "Active", Cancellation);
        Assert.NotNull(await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation));
    }

    [Fact]
    public async Task Outside_its_window_nothing_is_begun_with_a_node()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await PlanAsync(store, "move", 1);
        var now = transfer.Source.Now;
        await store.SetNodeAsync(transfer.Source with { Windows = "Sat-Sun", OpenFrom = now + 60_000, OpenUntil = now + 120_000 },
            Cancellation);
        var worker = await WorkerAsync(store);
        Assert.Null(await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation));
        await using var open = await StoreFixture.AgainAsync(store, TimeSpan.FromSeconds(90));
        Assert.NotNull(await open.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation));
    }

    [Fact]
    public async Task A_name_is_taken_once_and_a_store_that_is_not_there_is_not_made_by_reading()
    {
        await using var store = await fixture.NewAsync();
        await PlanAsync(store, "move", 0);
        Assert.True((await Assert.ThrowsAsync<StoreException>(() => PlanAsync(store, "move", 0))).IsName);
        var other = await fixture.NewAddressAsync();
        await Assert.ThrowsAsync<StoreException>(() => TransferStore.OpenAsync(other, mayCreate: false, Cancellation));
    }

    private static AttemptEnd Done => new() { State = "Done", Served = true };

    private static NewItem Study(int number) => new() { StudyUid = $"1.{number}", PatientId = $"P{number}" };

    private static DicomNode Node(string title) => new() { AETitle = title, HostName = "127.0.0.1", Port = 104 };

    private static Task<long> WorkerAsync(TransferStore store) => store.AddWorkerAsync("test", 1, "tester", "0", 1, Cancellation);

    internal static async Task<TransferRow> PlanAsync(TransferStore store, string name, int studies)
    {
        var transfer = await store.AddTransferAsync(new TransferRow
        {
            Id = 0,
            Name = name,
            Source = new NodeRow { Id = 0, Node = Node("OLD"), Throttle = 2 },
            Destination = new NodeRow { Id = 0, Node = Node("NEW"), Throttle = 2 },
            Method = "Move",
            Verify = "Counts",
            VerifySample = 100,
            VerifyDelay = TimeSpan.FromMinutes(10),
            State = "Active",
            CreatedBy = "tester",
        }, Cancellation);
        if (studies > 0)
            await store.AddItemsAsync(transfer.Id, [.. Enumerable.Range(1, studies).Select(Study)], Cancellation);
        return transfer;
    }

    private static async Task<List<AttemptRow>> AttemptsAsync(TransferStore store, TransferRow transfer) =>
        await store.AttemptsAsync(transfer.Id, Cancellation).ToListAsync(Cancellation);

    private static async Task AssertChainAsync(TransferStore store, TransferRow transfer, int links)
    {
        var attempts = await AttemptsAsync(store, transfer);
        Assert.Equal(Enumerable.Range(1, links).Select(link => (long)link), attempts.Select(one => one.Link));
        Assert.Equal(attempts[^1].Hash, (await store.TransfersAsync(transfer.Name, Cancellation))[0].LastHash);
        Assert.Equal(((long)links, null), await store.CheckChainAsync(transfer.Name, Cancellation));
    }
}

/// <summary>A store in a file.</summary>
public sealed class SqliteStoreTests(SqliteFixture fixture) : TransferStoreTests(fixture), IClassFixture<SqliteFixture>;

/// <summary>A store in PostgreSQL.</summary>
public sealed class PostgresStoreTests(PostgresFixture fixture) : TransferStoreTests(fixture), IClassFixture<PostgresFixture>;
