using System.Data.Common;

namespace DicomPS.Transfers.Tests.Support;

/// <summary>Where the tests of a class have their stores: the same tests run on each kind.</summary>
public abstract class StoreFixture : IAsyncLifetime
{
    /// <summary>Why there is no such store here; null when there is.</summary>
    public virtual string? Missing => null;

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    /// <summary>The address of a store that no other test uses.</summary>
    internal abstract Task<StoreAddress> NewAddressAsync();

    /// <summary>A connection past the store.</summary>
    internal abstract DbConnection Connect(StoreAddress address);

    /// <summary>Has the lease of a worker run out at once, which otherwise takes a minute.</summary>
    internal async Task ExpireAsync(TransferStore store, int process)
    {
        using var connection = Connect(store.Address);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        using var command = connection.CreateCommand();
        var which = $"(SELECT id FROM worker WHERE process_id = {process})";
        command.CommandText = $"""
            UPDATE item SET lease_until = 1 WHERE lease_until IS NOT NULL AND worker_id IN {which};
            UPDATE slot SET lease_until = 1 WHERE worker_id IN {which};
            UPDATE worker SET heartbeat = 1 WHERE id IN {which};
            """;
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await store.SweepAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Has all that waits for its time be due, and nodes that are held be tried, as if the time had passed.</summary>
    internal Task BeDueAsync(TransferStore store) => ChangeAsync(store, "UPDATE item SET due = 1 WHERE due > 1",
        "UPDATE node SET next_probe = 1 WHERE next_probe > 1");

    /// <summary>
    /// Changes the tables past the store, a statement after the other. One that stands in the way of workers, as they in its, gives way:
    /// who calls does it again.
    /// </summary>
    internal async Task ChangeAsync(TransferStore store, params string[] statements)
    {
        using var connection = Connect(store.Address);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        using var command = connection.CreateCommand();
        foreach (var statement in statements)
        {
            command.CommandText = statement;
            try
            {
                await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            }
            catch (Npgsql.PostgresException problem) when (problem.SqlState == Npgsql.PostgresErrorCodes.DeadlockDetected)
            {
                // The workers go on.
            }
        }
    }

    /// <summary>Makes a store one of the first version.</summary>
    internal async Task GoBackAsync(TransferStore store)
    {
        using var connection = Connect(store.Address);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        using var command = connection.CreateCommand();
        command.CommandText = "DROP TABLE comparison_difference; DROP TABLE comparison_day; DROP TABLE comparison_part; "
            + "DROP TABLE comparison; DROP INDEX item_check; DROP INDEX item_retry; "
            + "CREATE INDEX item_due ON item (due) WHERE state IN ('Waiting', 'Transferred') AND due IS NOT NULL; "
            + "ALTER TABLE node DROP COLUMN retrieve_by; "
            + (store.Address.Path is null ? "UPDATE store SET value = '1' WHERE name = 'version'" : "PRAGMA user_version = 1");
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    internal async Task<TransferStore> NewAsync(TimeSpan shift = default)
    {
        Assert.SkipWhen(Missing is not null, Missing ?? "");
        return await TransferStore.OpenAsync(await NewAddressAsync(), mayCreate: true, TestContext.Current.CancellationToken, shift);
    }

    /// <summary>The same store as another process has it, perhaps with a clock that is ahead.</summary>
    internal static Task<TransferStore> AgainAsync(TransferStore store, TimeSpan shift = default) =>
        TransferStore.OpenAsync(store.Address, mayCreate: false, TestContext.Current.CancellationToken, shift);
}
