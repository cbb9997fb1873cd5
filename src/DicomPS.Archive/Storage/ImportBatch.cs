namespace DicomPS.Archiving.Storage;

/// <summary>Files that go into the index together, each with the turn of its instance.</summary>
internal sealed class ImportBatch(KeyedLocks locks) : IDisposable
{
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);

    /// <summary>The files.</summary>
    public List<Arrival> Arrivals { get; } = [];

    /// <summary>Which result each is of.</summary>
    public List<int> Places { get; } = [];

    /// <summary>Whether a file of the instance is among them: its turn would be waited for for ever.</summary>
    public bool Has(string key) => _keys.Contains(key);

    /// <summary>Adds a file, once its instance is nobody else's. Whoever stores has one turn and waits for no other, so it comes.</summary>
    public async Task AddAsync(ArchivedFile file, int place, CancellationToken cancellationToken)
    {
        var arrival = new Arrival(file);
        await arrival.EnterAsync(locks, cancellationToken).ConfigureAwait(false);
        _keys.Add(file.Key);
        Arrivals.Add(arrival);
        Places.Add(place);
    }

    /// <summary>They are stored.</summary>
    public void Clear()
    {
        Arrivals.ForEach(arrival => arrival.Dispose());
        _keys.Clear();
        Arrivals.Clear();
        Places.Clear();
    }

    public void Dispose() => Clear();
}
