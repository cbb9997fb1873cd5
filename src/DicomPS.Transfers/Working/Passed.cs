namespace DicomPS.Transfers.Working;

/// <summary>How much time passed, by a clock that nobody sets.</summary>
internal sealed class Passed
{
    private readonly TimeProvider _time;
    private long _from;

    private Passed(TimeProvider time)
    {
        _time = time;
        _from = time.GetTimestamp();
    }

    /// <summary>The time since it began.</summary>
    public TimeSpan Elapsed => TimeSpan.FromSeconds((_time.GetTimestamp() - _from) / (double)_time.TimestampFrequency);

    /// <summary>Begins now.</summary>
    public static Passed Since(TimeProvider time) => new(time);

    /// <summary>Whether so much has passed.</summary>
    public bool Is(TimeSpan span) => Elapsed >= span;

    /// <summary>Begins anew.</summary>
    public void Restart() => _from = _time.GetTimestamp();
}
