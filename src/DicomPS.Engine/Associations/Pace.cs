namespace DicomPS.Associations;

/// <summary>
/// How fast the bytes of one message come. Only the time that is waited for the peer counts, so a slow disk here is not blamed on it, and
/// only inside a message: between two of them a peer may be silent as long as it likes. There is no limit to how long a message may take.
/// </summary>
/// <param name="leastRate">The fewest bytes a second.</param>
/// <param name="window">How much waiting they are averaged over.</param>
/// <param name="frequency">How many ticks of the clock a second has.</param>
internal sealed class Pace(long leastRate, TimeSpan window, long frequency)
{
    private readonly long _window = (long)(window.TotalSeconds * frequency);
    private readonly double _least = leastRate * window.TotalSeconds;
    private long _waited;
    private long _bytes;

    /// <summary>The exception for a peer that is slower.</summary>
    public DicomTimeoutException TooSlow() => new("rate", window, $"a message that comes with {leastRate} bytes a second or more")
    {
        Stage = DicomStage.Association,
        IsTransient = true,
        Advice = "The peer or the way to it hangs, or somebody holds associations open on purpose. -MinimumRate allows slower ones.",
    };

    /// <summary>Counts bytes of a message.</summary>
    /// <param name="ticks">How long they were waited for.</param>
    /// <param name="bytes">How many came.</param>
    /// <returns>Whether the message is too slow.</returns>
    public bool Count(long ticks, int bytes)
    {
        _waited += ticks;
        _bytes += bytes;
        if (_waited < _window) return false;
        var isTooSlow = _bytes < _least;
        Reset();
        return isTooSlow;
    }

    /// <summary>Another message begins.</summary>
    public void Reset() => _waited = _bytes = 0;
}
