namespace DicomPS.Files;

/// <summary>Counts the files ahead on the pool while they are worked on, so that progress can tell the time left.</summary>
internal sealed class FileCounter(Func<CancellationToken, long> count) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task<long>? _counting;

    /// <summary>The number of files, once it is known. The first call starts the count, so a short job never pays for it.</summary>
    public long? Total
    {
        get
        {
            _counting ??= Task.Run(() => count(_stop.Token));
            return _counting.Status == TaskStatus.RanToCompletion && !_stop.IsCancellationRequested ? _counting.Result : null;
        }
    }

    public void Dispose() => _stop.Cancel();
}
