using System.Management.Automation;
using System.Runtime.CompilerServices;
using DicomPS.Comparing;
using DicomPS.Transfers.Store;

namespace DicomPS.Transfers;

/// <summary>A comparison that is kept in a store, whose failures have the id of stores.</summary>
internal sealed class ComparisonFile : ComparisonJournal
{
    private readonly StoredComparison _inner;
    private readonly string _address;

    private ComparisonFile(StoredComparison inner, ComparisonRow row, string address)
    {
        (_inner, _address) = (inner, address);
        Today = row.Today;
        Begun = row.Parts == 0 ? null : RowReading.Moment(row.Begun);
    }

    /// <summary>The day from which its windows follow.</summary>
    public DateTime Today { get; }

    /// <summary>When the run was begun that is gone on with; null where there was none.</summary>
    public DateTime? Begun { get; }

    /// <summary>The comparison of a name.</summary>
    /// <param name="store">The store.</param>
    /// <param name="address">Where it is.</param>
    /// <param name="name">The name.</param>
    /// <param name="what">What is compared, a line for each thing that decides.</param>
    /// <param name="restarts">Whether what is there is forgotten.</param>
    /// <param name="token">Gives up.</param>
    /// <exception cref="ModuleException">The one of that name compares something else.</exception>
    public static async Task<ComparisonFile> OpenAsync(
        TransferStore store, string address, string name, string what, bool restarts, CancellationToken token)
    {
        var row = await TransferErrors.Named(() => store.OpenComparisonAsync(name, what, DateTime.Today, restarts, token), address)
            .ConfigureAwait(false);
        var (known, wanted) = (row.What.Split('\n'), what.Split('\n'));
        for (var i = 0; i < Math.Max(known.Length, wanted.Length); i++)
        {
            var (one, other) = (known.ElementAtOrDefault(i), wanted.ElementAtOrDefault(i));
            if (one == other)
                continue;
            throw new ModuleException(ErrorIds.ArgumentInvalid, ErrorCategory.InvalidArgument,
                $"The comparison '{name}' in {address} is another one: it has '{one}', and this one has '{other}'.",
                "Give this one a name of its own with -Name, or forget the other one with -Restart.", name);
        }

        return new ComparisonFile(new StoredComparison(store, row, name), row, address);
    }

    /// <inheritdoc/>
    public override Task<ComparedPart?> ReadAsync(CancellationToken cancellationToken) =>
        TransferErrors.Named(() => _inner.ReadAsync(cancellationToken), _address);

    /// <inheritdoc/>
    public override async IAsyncEnumerable<ArchiveDifference> RowsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rows = _inner.RowsAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        try
        {
            while (await TransferErrors.Named(() => rows.MoveNextAsync().AsTask(), _address).ConfigureAwait(false))
                yield return rows.Current;
        }
        finally
        {
            await rows.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override Task WriteAsync(ComparedPart part, CancellationToken cancellationToken) =>
        NamedAsync(() => _inner.WriteAsync(part, cancellationToken));

    /// <inheritdoc/>
    public override Task EndAsync(CancellationToken cancellationToken) => NamedAsync(() => _inner.EndAsync(cancellationToken));

    private Task NamedAsync(Func<Task> work) => TransferErrors.Named(async () =>
    {
        await work().ConfigureAwait(false);
        return true;
    }, _address);
}
