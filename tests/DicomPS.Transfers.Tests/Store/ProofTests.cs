namespace DicomPS.Transfers.Tests.Store;

/// <summary>What is changed in the tables past the program, and is seen.</summary>
public abstract class ProofTests(StoreFixture fixture)
{
    private static readonly AttemptEnd Done = new() { State = "Done", Served = true, SourceInstances = 6, DestinationInstances = 6 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("UPDATE transfer SET verify = 'Bytes'")]
    [InlineData("UPDATE transfer SET method = 'Forward'")]
    [InlineData("UPDATE transfer SET verify_sample = 1")]
    [InlineData("UPDATE transfer SET name = 'other' WHERE name = 'move'")]
    [InlineData("UPDATE transfer SET destination_id = source_id")]
    [InlineData("UPDATE node SET host_name = '127.0.0.2' WHERE ae_title = 'NEW'")]
    [InlineData("UPDATE item SET study_uid = '1.2.3.4' WHERE study_uid = '1.1'")]
    [InlineData("UPDATE item SET destination_instances = 60, source_instances = 60 WHERE study_uid = '1.1'")]
    [InlineData("DELETE FROM item WHERE study_uid = '1.1'")]
    [InlineData("UPDATE item SET transfer_id = (SELECT id FROM transfer WHERE name = 'second') WHERE study_uid = '1.1'")]
    [InlineData("DELETE FROM attempt WHERE link = 2")]
    [InlineData("UPDATE attempt SET study_uid = '1.2.3.4' WHERE link = 1")]
    public async Task What_was_changed_behind_the_program_is_seen(string change)
    {
        await using var store = await fixture.NewAsync();
        var transfer = await TransferStoreTests.PlanAsync(store, "move", 2);
        await TransferStoreTests.PlanAsync(store, "second", 0);
        await WorkAsync(store, transfer);
        Assert.True((await store.ProveAsync("move", Cancellation)).IsWhole);
        // Past the keys, as a tool has it that does not look at them.
        await fixture.ChangeAsync(store,
            store.Address.Path is null ? "SET session_replication_role = replica" : "PRAGMA foreign_keys = OFF", change);
        var name = (await store.TransfersAsync(null, Cancellation))[0].Name;
        var proof = await store.ProveAsync(name, Cancellation);
        Assert.False(proof.IsWhole);
        Assert.NotNull(proof.Problem);
    }

    [Fact]
    public async Task Tries_from_before_hashes_held_the_promise_are_proven_as_they_were()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await TransferStoreTests.PlanAsync(store, "move", 1);
        await WorkAsync(store, transfer);
        var first = (await store.AttemptsAsync(transfer.Id, Cancellation).ToListAsync(Cancellation))[0];
        var hash = AttemptChain.Next("", first, null);
        await fixture.ChangeAsync(store, $"UPDATE attempt SET hash = '{hash}'", $"UPDATE transfer SET last_hash = '{hash}'");
        Assert.True((await store.ProveAsync("move", Cancellation)).IsWhole);

        await store.AddItemsAsync(transfer.Id, [new NewItem { StudyUid = "1.2" }], Cancellation);
        await WorkAsync(store, transfer);
        Assert.True((await store.ProveAsync("move", Cancellation)).IsWhole);
        await fixture.ChangeAsync(store, "UPDATE transfer SET verify = 'Bytes'");
        Assert.Equal(2, (await store.ProveAsync("move", Cancellation)).Broken);
    }

    [Fact]
    public async Task An_earlier_try_does_not_stand_for_the_last_one()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await TransferStoreTests.PlanAsync(store, "move", 1);
        await WorkAsync(store, transfer);
        await store.AddItemsAsync(transfer.Id, [new NewItem { StudyUid = "1.1", Instances = 7 }], Cancellation);
        await WorkAsync(store, transfer, Done with { State = "Differs" });
        Assert.True((await store.ProveAsync("move", Cancellation)).IsWhole);
        await fixture.ChangeAsync(store, "UPDATE item SET state = 'Done', attempts = 1");
        Assert.Equal(1, (await store.ProveAsync("move", Cancellation)).Unproven);
    }

    private static async Task WorkAsync(TransferStore store, TransferRow transfer, AttemptEnd? end = null)
    {
        var worker = await store.AddWorkerAsync("test", 1, "tester", "0", 1, Cancellation);
        while (await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation) is var (item, slots))
            Assert.True(await store.EndAsync(item, transfer, worker, TimeSpan.Zero, end ?? Done, slots, Cancellation));
    }
}

/// <summary>A store in a file.</summary>
public sealed class SqliteProofTests(SqliteFixture fixture) : ProofTests(fixture), IClassFixture<SqliteFixture>;

/// <summary>A store in PostgreSQL.</summary>
public sealed class PostgresProofTests(PostgresFixture fixture) : ProofTests(fixture), IClassFixture<PostgresFixture>;
