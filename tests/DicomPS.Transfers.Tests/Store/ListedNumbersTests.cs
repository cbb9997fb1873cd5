namespace DicomPS.Transfers.Tests.Store;

/// <summary>What lists say of the number of instances, one after the other.</summary>
public abstract class ListedNumbersTests(StoreFixture fixture)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_highest_number_holds_as_long_as_a_study_is_not_done()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await TransferStoreTests.PlanAsync(store, "move", 0);
        // In one list, in the next, and in one that says nothing or less.
        await store.AddItemsAsync(transfer.Id, [Of(1, null), Of(2, 3), Of(2, 5), Of(3, 4), Of(4, null)], Cancellation);
        Assert.Equal(0, await store.AddItemsAsync(transfer.Id, [Of(1, 5), Of(3, 2), Of(3, null), Of(4, null)], Cancellation));
        Assert.Equal([5L, 5L, 4L, null], await NumbersAsync(store, transfer));
    }

    [Fact]
    public async Task A_study_with_fewer_than_were_listed_waits_again_for_a_list_that_has_it_with_fewer_alone()
    {
        await using var store = await fixture.NewAsync();
        var transfer = await TransferStoreTests.PlanAsync(store, "move", 0);
        await store.AddItemsAsync(transfer.Id, [Of(1, 5)], Cancellation);
        var worker = await store.AddWorkerAsync("test", 1, "tester", "0", 1, Cancellation);
        var (item, _) = (await store.ClaimAsync(transfer.Id, worker, null, false, false, Cancellation))!.Value;
        var end = new AttemptEnd { State = "Differs", Kind = "FewerThanListed", SourceInstances = 3, DestinationInstances = 3 };
        Assert.True(await store.EndAsync(item, transfer, worker, TimeSpan.Zero, end, null, Cancellation));

        Assert.Equal(0, await store.AddItemsAsync(transfer.Id, [Of(1, 3), Of(1, 5)], Cancellation));
        Assert.Equal(1, await store.StuckAsync(transfer.Id, [Of(1, 3), Of(1, 5), Of(2, 1)], Cancellation));
        Assert.Equal(0, await store.AddItemsAsync(transfer.Id, [Of(1, 6)], Cancellation));
        Assert.Equal(1, await store.AddItemsAsync(transfer.Id, [Of(1, 3)], Cancellation));
        Assert.Equal([3L], await NumbersAsync(store, transfer));
        Assert.Equal(0, await store.StuckAsync(transfer.Id, [Of(1, 3)], Cancellation));
    }

    private static NewItem Of(int study, long? instances) => new() { StudyUid = $"1.{study}", Instances = instances };

    private static async Task<List<long?>> NumbersAsync(TransferStore store, TransferRow transfer) =>
        [.. (await store.ItemsAsync(transfer.Id, null, Cancellation).ToListAsync(Cancellation)).OrderBy(item => item.StudyUid)
            .Select(item => item.ExpectedInstances)];
}

/// <summary>In a file.</summary>
public sealed class SqliteListedNumbersTests(SqliteFixture fixture) : ListedNumbersTests(fixture), IClassFixture<SqliteFixture>;

/// <summary>In PostgreSQL.</summary>
public sealed class PostgresListedNumbersTests(PostgresFixture fixture) : ListedNumbersTests(fixture), IClassFixture<PostgresFixture>;
