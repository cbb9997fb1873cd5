using DicomPS.Associations;
using DicomPS.Jobs;
using DicomPS.Matching;
using DicomPS.Querying;

namespace DicomPS.Comparing;

/// <summary>One of the two archives: how it is asked, and what is known of it.</summary>
/// <param name="number">0 for the reference, 1 for the other.</param>
/// <param name="call">Whom to call.</param>
/// <param name="options">What is compared.</param>
/// <param name="tell">Takes what there is to say; any thread calls it.</param>
internal sealed class ComparedSide(int number, QueryJobOptions call, ComparisonOptions options, Action<ComparisonValue> tell)
{
    // Two jobs at once, and what they give is taken as it comes.
    private const int MostInMemory = 2048;
    private const string NotAsked = "It was not asked.";
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private SweepCheck? _sweep;
    private long _queries;
    private long _answers;

    public DicomNode? Node => call.Node;

    public string Name => call.Node?.ToString() ?? (number == 0 ? "The reference" : "The other archive");

    /// <summary>Which of the compared keys it has ever answered with a value.</summary>
    public bool[] Seen { get; } = new bool[options.Keys.Count];

    /// <summary>Whether there was any study among its answers.</summary>
    public bool HasAnswered => Answers > 0;

    /// <summary>Why it is called no more; null while it is.</summary>
    public string? Lost { get; private set; }

    /// <summary>How many questions about single studies it left without an answer, asked again and again: another time it may have
    /// one.</summary>
    public long Unanswered { get; private set; }

    /// <summary>What its windows had, for when all is asked for.</summary>
    public SweepCheck Sweep { get; } = new();

    public long Queries => Interlocked.Read(ref _queries);

    public long Answers => Interlocked.Read(ref _answers);

    /// <summary>Asks about all windows, those that failed once more after the others, and delivers what came.</summary>
    /// <param name="windows">The windows.</param>
    /// <param name="done">The places of those that were compared before.</param>
    /// <param name="merge">Who takes it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task ReadAsync(
        IReadOnlyList<QueryWindow> windows, ISet<int> done, WindowMerge merge, CancellationToken cancellationToken)
    {
        // What has a date is known before all is asked for: it shows whether that was answered in full.
        var wanted = Enumerable.Range(0, windows.Count).Where(index => !done.Contains(index)).ToList();
        var dateless = wanted.Where(index => WindowPlan.IsDateless(windows, index)).ToList();
        _sweep = dateless.Count > 0 ? Sweep : null;
        await AskAsync(windows, [.. wanted.Except(dateless)], merge, cancellationToken).ConfigureAwait(false);
        if (dateless.Count > 0)
            await AskAsync(windows, dateless, merge, cancellationToken).ConfigureAwait(false);
        merge.Finish(number, Lost ?? NotAsked);
    }

    private async Task AskAsync(
        IReadOnlyList<QueryWindow> windows, List<int> wanted, WindowMerge merge, CancellationToken cancellationToken)
    {
        for (var attempt = 0; wanted.Count > 0 && Lost is null; attempt++)
        {
            if (attempt > 0)
                await WaitAsync(wanted.Count, windows.Count, attempt, cancellationToken).ConfigureAwait(false);
            wanted = await PassAsync(windows, wanted, merge, attempt >= options.WindowRetries, cancellationToken).ConfigureAwait(false);
        }
    }

    private Task WaitAsync(int failed, int all, int attempt, CancellationToken cancellationToken)
    {
        Tell(new ComparisonNotice(Node, $"{failed} of {all} queries failed, and are asked again.", null));
        return Task.Delay(TimeSpan.FromTicks(options.WindowRetryDelay.Ticks << (attempt - 1)), cancellationToken);
    }

    /// <summary>Takes over what an earlier run learnt.</summary>
    /// <param name="studies">How many studies it had.</param>
    /// <param name="seen">Which of the compared keys it has answered with a value.</param>
    public void Restore(long studies, IEnumerable<bool> seen)
    {
        Sweep.Before = studies;
        Interlocked.Add(ref _answers, studies);
        var key = 0;
        foreach (var isSeen in seen.Take(Seen.Length))
            Seen[key++] |= isSeen;
    }

    /// <summary>Asks for rows of their own, such as the series of some studies; what failed is asked for again.</summary>
    /// <param name="request">What to ask; it tells of targets.</param>
    /// <param name="found">Takes each answer, and may be given one again.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>For each target, why it is not known in full; null where it is.</returns>
    public async Task<string?[]> AskAsync(QueryRequest request, Action<QueryFound> found, CancellationToken cancellationToken)
    {
        var why = new string?[request.Targets.Count];
        var wanted = Enumerable.Range(0, why.Length).ToList();
        foreach (var target in wanted)
            why[target] = NotAsked;
        for (var attempt = 0; wanted.Count > 0 && Lost is null && attempt <= options.WindowRetries; attempt++)
        {
            if (attempt > 0)
                await WaitAsync(wanted.Count, why.Length, attempt, cancellationToken).ConfigureAwait(false);
            var isLast = attempt == options.WindowRetries;
            wanted = await PassAsync(request, wanted, why, found, isLast, cancellationToken).ConfigureAwait(false);
        }

        if (Lost is not null)
        {
            foreach (var target in wanted.Where(target => why[target] == NotAsked))
                why[target] = Lost;
        }

        Unanswered += wanted.Count;
        return why;
    }

    private async Task<List<int>> PassAsync(QueryRequest request, List<int> wanted, string?[] why, Action<QueryFound> found, bool isLast,
        CancellationToken cancellationToken)
    {
        var left = new HashSet<int>(wanted);
        string? failure = null;
        var targets = wanted.ConvertAll(target => request.Targets[target]);
        await foreach (var value in Job(request with { Targets = targets }).RunAsync(cancellationToken).ConfigureAwait(false))
        {
            switch (value)
            {
                case QueryFound one:
                    Interlocked.Increment(ref _answers);
                    found(one with { Target = wanted[one.Target] });
                    break;
                case QueryTargetEnded ended:
                    var target = wanted[ended.Target];
                    why[target] = ended.IsComplete ? null : ended.Problem?.Message ?? ended.Why ?? "It did not answer in full.";
                    if (ended.Problem is null)
                        left.Remove(target);
                    break;
                case QueryFailed failed:
                    failure = isLast ? Fail(failed) : failed.Problem.Message;
                    break;
                default:
                    Note(value);
                    break;
            }
        }

        foreach (var target in left.Where(target => failure is not null && why[target] == NotAsked))
            why[target] = failure;
        return [.. wanted.Where(left.Contains)];
    }

    private async Task<List<int>> PassAsync(IReadOnlyList<QueryWindow> windows, List<int> wanted, WindowMerge merge, bool isLast,
        CancellationToken cancellationToken)
    {
        var again = new List<int>();
        var left = new HashSet<int>(wanted);
        var bags = new Dictionary<int, WindowBag>();
        var failures = new List<QueryFailed>();
        var hasServed = false;
        var request = options.Request with
        {
            Level = QueryLevel.Study,
            After = null,
            Before = null,
            Split = options.Request.Split == QuerySplit.Auto ? QuerySplit.Auto : QuerySplit.None,
            Windows = [.. wanted.Select(index => windows[index])],
            TellsTargets = true,
            ReturnKeys = options.Keys,
        };
        await foreach (var value in Job(request).RunAsync(cancellationToken).ConfigureAwait(false))
        {
            switch (value)
            {
                case QueryFound found:
                    Interlocked.Increment(ref _answers);
                    BagOf(found.Target).Add(found, options.Keys, Seen);
                    break;
                case QueryTargetEnded ended:
                    var index = wanted[ended.Target];
                    var bag = BagOf(ended.Target);
                    bags.Remove(ended.Target);
                    if (ended.Problem is not null && !isLast)
                    {
                        again.Add(index);
                        break;
                    }

                    bag.Close(ended);
                    left.Remove(index);
                    await merge.DeliverAsync(number, index, bag, cancellationToken).ConfigureAwait(false);
                    break;
                case QueryFailed failed:
                    failures.Add(failed);
                    break;
                default:
                    hasServed |= value is QuerySummary { Queries: > 0 };
                    Note(value);
                    break;
            }
        }

        // Where nobody was reached at all, or the last try is over, what failed is said.
        if (!hasServed || isLast)
        {
            foreach (var failed in failures)
                Fail(failed);
        }

        again.AddRange(left.Except(again));
        if (!hasServed || (isLast && again.Count > 0))
            Lost ??= failures.LastOrDefault()?.Problem.Message ?? NotAsked;
        return again;

        WindowBag BagOf(int target)
        {
            if (!bags.TryGetValue(target, out var bag))
                bags[target] = bag = NewBag(wanted[target]);
            return bag;
        }

        WindowBag NewBag(int index)
        {
            var isDateless = WindowPlan.IsDateless(windows, index);
            if (isDateless)
                _sweep?.Restart();
            return new WindowBag(windows[index], isDateless, _sweep);
        }
    }

    // What was known of the node before does not keep it from being called again.
    private QueryJob Job(QueryRequest request) => new(call with { Reach = new PeerReach(), MostInMemory = MostInMemory }, request);

    private string Fail(QueryFailed failed)
    {
        if (failed.IsUnreachable)
            Lost ??= failed.Problem.Message;
        if (IsNew(failed.Problem.Message))
            tell(new ComparisonFailed(Node, failed.Problem) { IsUnreachable = failed.IsUnreachable });
        return failed.Problem.Message;
    }

    private void Note(QueryValue value)
    {
        if (value is QuerySummary summary)
            Interlocked.Add(ref _queries, summary.Queries);
        // What does not return keys, or has answers outside a window, is told by what comes of it.
        else if (value is QueryNotice notice)
            Tell(new ComparisonNotice(Node, notice.Message, notice.Advice == AnswerCheck.Advice ? null : notice.Advice));
    }

    private void Tell(ComparisonNotice notice)
    {
        if (IsNew(notice.Message))
            tell(notice);
    }

    private bool IsNew(string message)
    {
        lock (_told)
            return _told.Count < 1000 && _told.Add(message);
    }
}
