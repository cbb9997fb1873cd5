namespace DicomPS.Archiving.Storage;

/// <summary>One at a time for each key, in the order in which they came.</summary>
internal sealed class KeyedLocks
{
    private readonly Dictionary<string, Waiting> _waiting = new(StringComparer.Ordinal);

    /// <summary>Waits until nobody else has the key; the next one has it when the result is disposed of.</summary>
    public async Task<IDisposable> EnterAsync(string key, CancellationToken cancellationToken)
    {
        Waiting waiting;
        lock (_waiting)
        {
            if (!_waiting.TryGetValue(key, out waiting!))
                _waiting[key] = waiting = new Waiting();
            waiting.Users++;
        }

        try
        {
            await waiting.Turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            Leave(key, waiting);
            throw;
        }

        return new Holder(this, key, waiting);
    }

    private void Leave(string key, Waiting waiting)
    {
        lock (_waiting)
        {
            if (--waiting.Users > 0)
                return;
            _waiting.Remove(key);
        }

        waiting.Turn.Dispose();
    }

    private sealed class Waiting
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public int Users { get; set; }
    }

    private sealed class Holder(KeyedLocks locks, string key, Waiting waiting) : IDisposable
    {
        private KeyedLocks? _locks = locks;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _locks, null) is not { } mine)
                return;
            waiting.Turn.Release();
            mine.Leave(key, waiting);
        }
    }
}
