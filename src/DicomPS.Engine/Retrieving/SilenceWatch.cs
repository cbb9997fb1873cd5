namespace DicomPS.Retrieving;

/// <summary>Cancels a request when neither a response nor an instance has come for too long.</summary>
internal sealed class SilenceWatch : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly TimeSpan _limit;
    private readonly ArrivalTracker? _signs;
    private readonly Timer? _timer;
    private volatile bool _hasExpired;

    public SilenceWatch(TimeSpan limit, ArrivalTracker? signs, CancellationToken cancellationToken)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _limit = limit;
        _signs = signs;
        if (signs is null || limit == Timeout.InfiniteTimeSpan)
            return;
        signs.Touch();
        var step = TimeSpan.FromMilliseconds(Math.Max(20, Math.Min(1000, limit.TotalMilliseconds / 4)));
        _timer = new Timer(static watch => ((SilenceWatch)watch!).Poll(), this, step, step);
    }

    public CancellationToken Token => _source.Token;

    public bool HasExpired => _hasExpired;

    public DicomTimeoutException Problem() =>
        new("response", _limit, "a response or an instance") { Stage = DicomStage.Dimse, IsTransient = true };

    public void Dispose()
    {
        _timer?.Dispose();
        _source.Dispose();
    }

    private void Poll()
    {
        if (_signs!.Quiet < _limit)
            return;
        _hasExpired = true;
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The last response came at the same moment.
        }
    }
}
