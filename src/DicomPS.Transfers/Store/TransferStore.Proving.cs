using System.Data.Common;

namespace DicomPS.Transfers.Store;

// Whether the tables prove what they say.
internal sealed partial class TransferStore
{
    /// <summary>Holds the tables against each other, and the tries against their hashes.</summary>
    /// <param name="name">The transfer.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<TransferProof> ProveAsync(string name, CancellationToken cancellationToken)
    {
        var transfer = (await TransfersAsync(name, cancellationToken).ConfigureAwait(false))[0];
        var (attempts, broken) = await CheckChainAsync(name, cancellationToken).ConfigureAwait(false);
        return new TransferProof(attempts, broken, await CountUnprovenAsync(transfer.Id, cancellationToken).ConfigureAwait(false),
            await CountStrayAsync(transfer.Id, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>How many studies are said to be done without a last try that ended so, of that study and with these counts.</summary>
    public Task<long> CountUnprovenAsync(long transfer, CancellationToken cancellationToken) =>
        CountAsync(Sql.Unproven, transfer, cancellationToken);

    /// <summary>How many tries have no study in the transfer any more, or one of another UID.</summary>
    public Task<long> CountStrayAsync(long transfer, CancellationToken cancellationToken) =>
        CountAsync(Sql.Stray, transfer, cancellationToken);

    /// <summary>
    /// Whether every try carries the hash of the one before and of what the transfer is, and the last one stands in the transfer.
    /// </summary>
    /// <returns>How many tries there are, and the first link that does not fit; null when all fit.</returns>
    public async Task<(long Attempts, long? Broken)> CheckChainAsync(string name, CancellationToken cancellationToken)
    {
        var transfer = (await TransfersAsync(name, cancellationToken).ConfigureAwait(false))[0];
        var promise = await ReadAsync(session => PromiseAsync(session, transfer.Id), cancellationToken).ConfigureAwait(false);
        var (last, count) = ("", 0L);
        await foreach (var one in AttemptsAsync(transfer.Id, cancellationToken).ConfigureAwait(false))
        {
            count++;
            last = AttemptChain.Next(last, one, AttemptChain.HoldsPromise(one.Hash) ? promise : null);
            if (one.Link != count || one.Hash != last)
                return (count, one.Link);
            // Workers go on meanwhile.
            if (one.Link == transfer.Links && last != transfer.LastHash)
                return (count, one.Link);
        }

        return (count, count < transfer.Links ? count + 1 : null);
    }

    private Task<long> CountAsync(string statement, long transfer, CancellationToken cancellationToken) => ReadAsync(async session =>
        (await session.ReadAsync(statement, row => row.GetInt64(0), ("transfer", transfer)).ConfigureAwait(false))[0], cancellationToken);

    // What a transfer is from its first moment to its last.
    private static async Task<IReadOnlyList<object?>> PromiseAsync(DbSession session, long transfer) =>
        (await session.ReadAsync(Sql.Promise, Values, ("transfer", transfer)).ConfigureAwait(false))[0];

    private static IReadOnlyList<object?> Values(DbDataReader row) =>
        [.. Enumerable.Range(0, row.FieldCount).Select(at => row.IsDBNull(at) ? null : row.GetValue(at))];
}
