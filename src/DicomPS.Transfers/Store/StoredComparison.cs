using DicomPS.Comparing;

namespace DicomPS.Transfers.Store;

/// <summary>Keeps in a store how far a comparison is.</summary>
/// <param name="store">The store.</param>
/// <param name="row">The comparison, as it is now.</param>
/// <param name="name">Its name.</param>
internal sealed class StoredComparison(TransferStore store, ComparisonRow row, string name) : ComparisonJournal
{
    private long _parts = row.Parts;

    /// <inheritdoc/>
    public override Task<ComparedPart?> ReadAsync(CancellationToken cancellationToken) => store.ComparedAsync(row.Id, cancellationToken);

    /// <inheritdoc/>
    public override IAsyncEnumerable<ArchiveDifference> RowsAsync(CancellationToken cancellationToken) =>
        store.ComparedRowsAsync(row.Id, cancellationToken);

    /// <inheritdoc/>
    public override async Task WriteAsync(ComparedPart part, CancellationToken cancellationToken)
    {
        if (!await store.AddPartAsync(row, ++_parts, part, cancellationToken).ConfigureAwait(false))
        {
            throw new StoreException($"Another run goes on with the comparison {name} in {store.Address}.")
            {
                Advice = "Let one of them run, or give the other one a name of its own.",
            };
        }
    }

    /// <inheritdoc/>
    public override Task EndAsync(CancellationToken cancellationToken) => store.EndComparisonAsync(row.Id, cancellationToken);
}
