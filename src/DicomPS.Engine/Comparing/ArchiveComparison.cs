using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using DicomPS.Matching;
using DicomPS.Querying;

namespace DicomPS.Comparing;

/// <summary>
/// Compares the studies of two archives by C-FIND (PS3.4 C.4.1): both are asked for the same windows of time side by side, and what they
/// answer is compared window by window, so that memory does not grow with them. A study that only one has in a window is asked for by its
/// UID at the other before it is called missing or extra. What was not answered, or not in full, is told as unknown, never as equal.
/// </summary>
/// <remarks>A comparison runs once, and one reader takes its values; its properties are for any thread.</remarks>
public sealed class ArchiveComparison
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private readonly ComparisonOptions _options;
    private readonly IReadOnlyList<QueryWindow> _windows;
    private readonly WindowMerge _merge;
    private readonly HashSet<int> _done = [];
    private readonly ConcurrentQueue<ComparisonValue> _told = new();
    private readonly ComparedSide _reference;
    private readonly ComparedSide _difference;

    /// <summary>Makes a comparison; nothing is sent yet.</summary>
    /// <param name="options">What is compared with what.</param>
    /// <exception cref="ArgumentException">Something in the options does not go together, or a number is out of its range.</exception>
    public ArchiveComparison(ComparisonOptions options)
    {
        if (options.Request.Level != QueryLevel.Study || options.Request.Targets.Count > 0)
            throw new ArgumentException("Archives are compared study by study, and all that the keys find.", nameof(options));
        if (options.WindowRetries < 0)
            throw new ArgumentOutOfRangeException(nameof(options), options.WindowRetries, "The number of retries must not be negative.");
        options.Reference.Check();
        options.Difference.Check();
        QueryPlan.Check(options.Request);
        _options = options;
        _windows = WindowPlan.Of(options.Request, options.Today);
        _merge = new WindowMerge(_windows);
        _reference = new ComparedSide(0, options.Reference, options, _told.Enqueue);
        _difference = new ComparedSide(1, options.Difference, options, _told.Enqueue);
    }

    /// <summary>How many windows of time there are.</summary>
    public int Windows => _windows.Count;

    /// <summary>How many of them are compared.</summary>
    public int ComparedWindows => _merge.Ended;

    /// <summary>How many answers both sides gave so far.</summary>
    public long Answers => _reference.Answers + _difference.Answers;

    /// <summary>Compares, and gives each difference as soon as its window is compared, and a <see cref="ComparisonSummary"/> at the
    /// end.</summary>
    /// <param name="cancellationToken">Stops: C-CANCEL, a bounded wait, then release or abort.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async IAsyncEnumerable<ComparisonValue> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var groups = new WindowGroups(_options, _reference, _difference);
        if (_options.Journal is { } before && await before.ReadAsync(cancellationToken).ConfigureAwait(false) is { } known)
        {
            groups.Restore(known);
            _done.UnionWith(known.Windows);
            foreach (var index in _done)
                _merge.Skip(index);
            await foreach (var row in before.RowsAsync(cancellationToken).ConfigureAwait(false))
            {
                var owner = row.Kind == ArchiveDifferenceKind.Extra ? _difference : _reference;
                yield return new ComparisonFound(row with { Node = owner.Node });
            }
        }

        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = Task.WhenAll(ReadAsync(_reference, 0, leaving), ReadAsync(_difference, 1, leaving));
        try
        {
            while (await NextAsync(leaving.Token).ConfigureAwait(false) is { Count: > 0 } group)
            {
                // What was not answered in full is compared by itself, and again by the next run.
                var parts = _options.Journal is null ? [group] : group.GroupBy(pair => pair.IsComplete).Select(one => one.ToList());
                foreach (var some in parts)
                {
                    await foreach (var value in CompareAsync(groups, some, cancellationToken).ConfigureAwait(false))
                    {
                        while (_told.TryDequeue(out var told))
                            yield return told;
                        yield return value;
                    }

                    some.ForEach(_merge.Compared);
                }
            }
        }
        finally
        {
            leaving.Cancel();
            await reading.ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
        while (_told.TryDequeue(out var told))
            yield return told;
        foreach (var value in groups.End())
            yield return value;
        if (_options.Journal is { } journal && !groups.HasFailed)
            await journal.EndAsync(cancellationToken).ConfigureAwait(false);
    }

    private async IAsyncEnumerable<ComparisonValue> CompareAsync(
        WindowGroups groups, List<WindowPair> some, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var kept = _options.Journal is not null && some[0].IsComplete ? new List<ComparisonValue>() : null;
        var before = groups.Unanswered;
        await foreach (var value in groups.CompareAsync(some, cancellationToken).ConfigureAwait(false))
        {
            if (kept is null)
                yield return value;
            else
                kept.Add(value);
        }

        if (kept is null)
            yield break;
        // What a side left unanswered is asked the next time.
        if (groups.Unanswered == before)
        {
            await _options.Journal!.WriteAsync(groups.Part(some, [.. kept.OfType<ComparisonFound>().Select(found => found.Result)]),
                cancellationToken).ConfigureAwait(false);
        }

        foreach (var value in kept)
            yield return value;
    }

    // Windows that are ended, some at a time, so that what is asked about single studies goes together.
    private async Task<List<WindowPair>> NextAsync(CancellationToken cancellationToken)
    {
        const int most = 5000;
        var group = new List<WindowPair>();
        var studies = 0;
        // Days without a study come one after the other, and would never be enough.
        var since = new Stopwatch();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            while (studies < most && await _merge.Pairs.WaitToReadAsync(patience.Token).ConfigureAwait(false))
            {
                while (studies < most && _merge.Pairs.TryRead(out var pair))
                {
                    group.Add(pair);
                    studies += pair.Count;
                }

                if (group.Count == 0)
                    continue;
                since.Start();
                var left = _options.LongestGroup - since.Elapsed;
                if (left <= TimeSpan.Zero)
                    break;
                patience.CancelAfter(left < Pause ? left : Pause);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // No more of them for the moment.
        }

        return group;
    }

    private async Task ReadAsync(ComparedSide side, int number, CancellationTokenSource leaving)
    {
        var why = "It was not asked.";
        try
        {
            await side.ReadAsync(_windows, _done, _merge, leaving.Token).ConfigureAwait(false);
            why = side.Lost ?? why;
        }
        catch (OperationCanceledException)
        {
            // Who leaves needs no more windows.
        }
        catch (Exception problem)
        {
            _merge.Fail(problem);
        }

        _merge.Finish(number, why);
    }
}
