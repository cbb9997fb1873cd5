namespace DicomPS.Archiving;

/// <summary>Files that go into the index together, each with the turn of its instance.</summary>
internal sealed class ImportBatch(KeyedLocks locks) : IDisposable
{
    private readonly Dictionary<string, IDisposable> _turns = new(StringComparer.Ordinal);

    /// <summary>The files.</summary>
    public List<ArchivedFile> Files { get; } = [];

    /// <summary>Which result each is of.</summary>
    public List<int> Places { get; } = [];

    /// <summary>Whether a file of the instance is among them: its turn would be waited for for ever.</summary>
    public bool Has(string key) => _turns.ContainsKey(key);

    /// <summary>Adds a file, once its instance is nobody else's. Whoever stores has one turn and waits for no other, so it comes.</summary>
    public async Task AddAsync(ArchivedFile file, int place, CancellationToken cancellationToken)
    {
        _turns.Add(file.Key, await locks.EnterAsync(file.Key, cancellationToken).ConfigureAwait(false));
        Files.Add(file);
        Places.Add(place);
    }

    /// <summary>They are stored.</summary>
    public void Clear()
    {
        foreach (var turn in _turns.Values)
            turn.Dispose();
        _turns.Clear();
        Files.Clear();
        Places.Clear();
    }

    public void Dispose() => Clear();
}
