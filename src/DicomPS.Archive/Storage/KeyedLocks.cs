namespace DicomPS.Archiving;

/// <summary>One at a time for each key, in the order in which they came.</summary>
internal sealed class KeyedLocks
{
    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);

    /// <summary>Waits until nobody else has the key; the next one has it when the result is disposed of.</summary>
    public async Task<IDisposable> EnterAsync(string key, CancellationToken cancellationToken)
    {
        Line line;
        lock (_lines)
        {
            if (!_lines.TryGetValue(key, out line!))
                _lines[key] = line = new Line();
            line.Users++;
        }

        try
        {
            await line.Turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            Leave(key, line);
            throw;
        }

        return new Holder(this, key, line);
    }

    private void Leave(string key, Line line)
    {
        lock (_lines)
        {
            if (--line.Users > 0)
                return;
            _lines.Remove(key);
        }

        line.Turn.Dispose();
    }

    private sealed class Line
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public int Users { get; set; }
    }

    private sealed class Holder(KeyedLocks locks, string key, Line line) : IDisposable
    {
        private KeyedLocks? _locks = locks;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _locks, null) is not { } mine)
                return;
            line.Turn.Release();
            mine.Leave(key, line);
        }
    }
}
