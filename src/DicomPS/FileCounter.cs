namespace DicomPS;

/// <summary>Counts the files ahead on the pool while they are worked on, so that progress can tell the time left.</summary>
internal sealed class FileCounter(Func<CancellationToken, long> count) : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private Task<long>? counting;

    /// <summary>The number of files, once it is known. The first call starts the count, so a short job never pays for it.</summary>
    public long? Total
    {
        get
        {
            counting ??= Task.Run(() => count(stop.Token));
            return counting.Status == TaskStatus.RanToCompletion && !stop.IsCancellationRequested ? counting.Result : null;
        }
    }

    public void Dispose() => stop.Cancel();
}
