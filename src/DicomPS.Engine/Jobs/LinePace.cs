using System.Diagnostics;

namespace DicomPS.Jobs;

/// <summary>Lets as many of a job's workers work as <see cref="LineGrowth"/> says. Any thread may use it.</summary>
internal sealed class LinePace<T> where T : class
{
    private static readonly TimeSpan GrowingTick = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan SteadyTick = TimeSpan.FromMilliseconds(250);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly WorkQueue<T> _items;
    private readonly LineGrowth _growth;
    private readonly Func<(long Items, long Bytes)> _done;
    private readonly Func<int> _serving;

    /// <summary>Holds the workers to the number to begin with; made before they start.</summary>
    /// <param name="items">What the workers take.</param>
    /// <param name="growth">What says how many.</param>
    /// <param name="done">How many items are done, and how many bytes have gone.</param>
    /// <param name="serving">How many workers have an association that has answered.</param>
    public LinePace(WorkQueue<T> items, LineGrowth growth, Func<(long Items, long Bytes)> done, Func<int> serving)
    {
        (_items, _growth, _done, _serving) = (items, growth, done, serving);
        items.Limit = growth.Allowed;
    }

    /// <summary>How many workers have an association that has answered, may be at work, and how many items they have done.</summary>
    public (int Serving, int Allowed, long Done) Served() => (_serving(), _items.Limit, _done().Items);

    /// <summary>Looks until nothing is left that a further worker could take, or it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!_items.IsDrained)
        {
            await Task.Delay(_growth.IsGrowing ? GrowingTick : SteadyTick, cancellationToken).ConfigureAwait(false);
            var (count, bytes) = _done();
            lock (_growth)
                _items.Limit = _growth.Observe(new LineSample(_clock.Elapsed, count, bytes, _serving(), _items.HasFree));
        }
    }

    /// <summary>Notes that the peer has no room for a worker's association, or does not serve it while it serves others.</summary>
    public void Refuse()
    {
        lock (_growth)
            _items.Limit = _growth.Refuse(_clock.Elapsed, _serving());
    }
}
