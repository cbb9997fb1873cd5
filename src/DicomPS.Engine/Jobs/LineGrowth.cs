namespace DicomPS.Jobs;

/// <summary>What is seen of the lines of a job at a moment.</summary>
/// <param name="At">The moment, from any beginning.</param>
/// <param name="Items">How many items are done.</param>
/// <param name="Bytes">How many bytes have gone over all lines.</param>
/// <param name="Serving">How many lines are open and have had an answer.</param>
/// <param name="HasMore">Whether something waits that a further line could take.</param>
internal readonly record struct LineSample(TimeSpan At, long Items, long Bytes, int Serving, bool HasMore);

/// <summary>
/// How many lines a job uses side by side: more as long as the rate grows with them, fewer when the peer refuses them or becomes slower.
/// Without sockets and without a clock of its own: it is shown samples and says a number. One caller at a time.
/// </summary>
/// <param name="most">The most that it says.</param>
internal sealed class LineGrowth(int most)
{
    // A rate of bytes says nothing of small files, one of files nothing of large ones: each file counts as this many bytes more.
    private const long ItemWeight = 32 * 1024;

    // What a step must bring to stay, and what is a peer that has become slower. Rates of small windows differ by a tenth or two.
    private const double Worth = 1.2;
    private const double Slower = 0.5;

    // From the first answer nothing is known yet of the rate; two or three lines more are no burden.
    private const int Second = 4;

    private static readonly TimeSpan ShortestWindow = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan DoubtWindow = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestWindow = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan SteadyWindow = TimeSpan.FromSeconds(2);

    /// <summary>How long new lines may take until they serve; those that do not by then are not counted on.</summary>
    private static readonly TimeSpan OpeningTime = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(8);

    private bool _isGrowing = true;
    private bool _isOpening = true;
    private bool _isInDoubt;
    private LineSample? _start;
    private TimeSpan _stepped;
    private int _before;
    private double _rateBefore;
    private double _steadyRate;
    private int _slowWindows;
    private TimeSpan _pauseUntil;
    private TimeSpan _pause = FirstPause;

    /// <summary>How many lines may be used now, 1 or more.</summary>
    public int Allowed { get; private set; } = 1;

    /// <summary>Whether it still looks for the number, so that samples should come often.</summary>
    public bool IsGrowing => _isGrowing;

    /// <summary>Takes a sample.</summary>
    /// <returns><see cref="Allowed"/>.</returns>
    public int Observe(LineSample sample)
    {
        // Lines that have nothing to do say nothing of the peer.
        if (!sample.HasMore)
        {
            _start = null;
            return Allowed;
        }

        if (_isOpening && !HasOpened(sample))
            return Allowed;
        if (_start is not { } start)
            _start = sample;
        else if (IsWindow(start, sample))
        {
            _start = sample;
            Judge(sample, RateBetween(start, sample));
        }

        return Allowed;
    }

    /// <summary>The peer has refused a line, or does not serve it while it serves others.</summary>
    /// <param name="at">The moment.</param>
    /// <param name="serving">How many it serves.</param>
    /// <returns><see cref="Allowed"/>.</returns>
    public int Refuse(TimeSpan at, int serving)
    {
        Allowed = Math.Max(1, Math.Min(Allowed, serving));
        Hold(at, 0);
        return Allowed;
    }

    private bool HasOpened(LineSample sample)
    {
        if (sample.Serving == 0)
            return false;
        if (_before == 0)
        {
            // The first has answered; while the next ones open, its own rate is taken.
            Step(sample.At, Math.Min(Second, most), 0);
            _start = sample;
            return false;
        }

        if (sample.Serving < Allowed && sample.At - _stepped < OpeningTime)
            return false;
        if (sample.Serving < Allowed)
        {
            Refuse(sample.At, sample.Serving);
            return true;
        }

        if (_rateBefore == 0 && _start is { } start && sample.At > start.At)
            _rateBefore = RateBetween(start, sample);
        _isOpening = false;
        _start = null;
        return true;
    }

    private bool IsWindow(LineSample start, LineSample sample)
    {
        var took = sample.At - start.At;
        if (!_isGrowing)
            return took >= SteadyWindow && sample.Items > start.Items;
        return took >= (_isInDoubt ? DoubtWindow : ShortestWindow)
            && (sample.Items - start.Items >= 2 * Allowed || (took >= LongestWindow && sample.Bytes > start.Bytes));
    }

    private void Judge(LineSample sample, double rate)
    {
        if (!_isGrowing)
        {
            Watch(sample, rate);
            return;
        }

        if (rate < _rateBefore * Worth && !_isInDoubt)
        {
            // A moment in which this machine or the peer had something else to do looks the same.
            _isInDoubt = true;
        }
        else if (rate < _rateBefore * Worth)
        {
            // The last step brought nothing.
            Allowed = _before;
            Hold(sample.At, _rateBefore);
        }
        else if (Allowed >= most)
            Hold(sample.At, rate);
        else
        {
            // The rate of the first by itself was taken while the next ones came in, and is too high.
            var isInProportion = _before == 1 || rate >= 0.6 * _rateBefore * Allowed / _before;
            Step(sample.At, Math.Min(most, Allowed * (isInProportion ? 4 : 2)), rate);
        }
    }

    private void Watch(LineSample sample, double rate)
    {
        if (rate >= _steadyRate * Slower)
        {
            _slowWindows = 0;
            _steadyRate = Math.Max(rate, _steadyRate * 0.95);
            if (sample.At >= _pauseUntil && Allowed < most)
            {
                _isGrowing = true;
                _pause = TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, LongestPause.Ticks));
                Step(sample.At, Math.Min(most, Allowed * 2), rate);
            }
        }
        else if (++_slowWindows >= 2)
        {
            Allowed = Math.Max(1, Allowed / 2);
            Hold(sample.At, rate);
        }
    }

    private void Step(TimeSpan at, int allowed, double rate)
    {
        _before = Allowed;
        _rateBefore = rate;
        Allowed = allowed;
        _stepped = at;
        _isOpening = true;
        _isInDoubt = false;
    }

    private void Hold(TimeSpan at, double rate)
    {
        _isGrowing = _isOpening = _isInDoubt = false;
        _steadyRate = rate;
        _slowWindows = 0;
        _start = null;
        _pauseUntil = at + _pause;
    }

    private static double RateBetween(LineSample start, LineSample end) =>
        (end.Bytes - start.Bytes + (ItemWeight * (end.Items - start.Items))) / Math.Max((end.At - start.At).TotalSeconds, 0.001);
}
