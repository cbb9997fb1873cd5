using System.Runtime.CompilerServices;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Querying;

namespace DicomPS.Comparing;

/// <summary>Compares what both sides answered, some windows at a time, and counts.</summary>
/// <param name="options">What is compared.</param>
/// <param name="reference">The side that is the measure.</param>
/// <param name="difference">The other side.</param>
internal sealed class WindowGroups(ComparisonOptions options, ComparedSide reference, ComparedSide difference)
{
    // Studies that are not in the same window on both sides and were found by their UIDs: compared once, from whichever side.
    private readonly HashSet<string> _settled = new(StringComparer.Ordinal);
    private readonly Differences _differences = new(options, reference, difference);
    private readonly DayTally _tally = new();
    private readonly List<string> _newlySettled = [];
    private DayTally _part = new();
    private readonly UnknownDays _unknown = new();
    private readonly List<string> _controls = [];
    private bool _isIncomplete;
    private bool _hasFailed;

    /// <summary>Compares some windows.</summary>
    /// <param name="group">The windows.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async IAsyncEnumerable<ComparisonValue> CompareAsync(
        IReadOnlyList<WindowPair> group, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _part = new DayTally();
        _newlySettled.Clear();
        var both = new List<(ComparedStudy One, ComparedStudy Other)>();
        var mine = new Dictionary<string, ComparedStudy>(StringComparer.Ordinal);
        var its = new Dictionary<string, ComparedStudy>(StringComparer.Ordinal);
        foreach (var pair in group)
        {
            _hasFailed |= pair.HasFailed;
            if (!pair.IsComplete)
            {
                _isIncomplete = true;
                _tally.Unanswered(pair);
                _unknown.Add(pair, Why(pair));
            }

            Match(pair, both, mine, its);
        }

        // A study whose day differs may be in two windows of the group.
        foreach (var uid in mine.Keys.Where(its.ContainsKey).ToList())
        {
            Settle(mine[uid], its[uid], both);
            mine.Remove(uid);
            its.Remove(uid);
        }

        var lookup = new StudyLookup(options, _controls);
        var missing = lookup.AskAsync(difference, mine.Keys, cancellationToken);
        var extra = lookup.AskAsync(reference, its.Keys, cancellationToken);
        await Task.WhenAll(missing, extra).ConfigureAwait(false);
        foreach (var value in Alone(mine.Values, await missing.ConfigureAwait(false), isMine: true, both))
            yield return value;
        foreach (var value in Alone(its.Values, await extra.ConfigureAwait(false), isMine: false, both))
            yield return value;

        await foreach (var value in SharedAsync(both, cancellationToken).ConfigureAwait(false))
            yield return value;
        _tally.Add(_part.Days());
    }

    /// <summary>Whether something failed, so that another time may bring more.</summary>
    public bool HasFailed => _hasFailed || Unanswered > 0;

    /// <summary>How many questions about single studies both sides left unanswered so far.</summary>
    public long Unanswered => reference.Unanswered + difference.Unanswered;

    /// <summary>What is kept of the windows that were compared last.</summary>
    /// <param name="group">The windows.</param>
    /// <param name="rows">What was given for them.</param>
    public ComparedPart Part(IReadOnlyList<WindowPair> group, IReadOnlyList<ArchiveDifference> rows) => new()
    {
        Windows = [.. group.Select(pair => pair.Index)],
        Rows = rows,
        Days = [.. _part.Days()],
        Settled = [.. _newlySettled],
        Seen = string.Concat(reference.Seen.Concat(difference.Seen).Select(isSeen => isSeen ? '1' : '0')),
        ReferenceStudies = group.Sum(pair => (long)pair.Reference.Studies.Count),
        DifferenceStudies = group.Sum(pair => (long)pair.Difference.Studies.Count),
    };

    /// <summary>Takes over what an earlier run has done.</summary>
    /// <param name="part">All of it together.</param>
    public void Restore(ComparedPart part)
    {
        _tally.Add(part.Days);
        _settled.UnionWith(part.Settled);
        _isIncomplete |= part.Days.Any(day => day.Unknown > 0);
        reference.Restore(part.ReferenceStudies, part.Seen.Select(letter => letter == '1'));
        difference.Restore(part.DifferenceStudies, part.Seen.Skip(reference.Seen.Length).Select(letter => letter == '1'));
    }

    /// <summary>What is left to say when all windows are compared.</summary>
    public IEnumerable<ComparisonValue> End()
    {
        foreach (var days in _unknown.All())
            yield return new ComparisonFound(days);
        foreach (var (side, other) in new[] { (reference, difference), (difference, reference) })
        {
            if (_differences.NotCompared(side, other) is { Count: > 0 } names)
            {
                yield return new ComparisonNotice(side.Node,
                    $"No answer has {string.Join(", ", names)}, which the other archive has: not compared.",
                    "Leave them out with -Property, which names the keys to compare.");
            }
        }

        foreach (var day in _tally.Days())
            yield return new ComparisonDayEnded(day);
        var total = _tally.Total(!_isIncomplete);
        yield return new ComparisonSummary(!_isIncomplete)
        {
            Total = total,
            Queries = reference.Queries + difference.Queries,
            Text = DayTally.Describe(total),
        };
    }

    private string Why(WindowPair pair) => string.Join(" ", new[] { (reference, pair.Reference), (difference, pair.Difference) }
        .Where(side => !side.Item2.IsComplete).Select(side => $"{side.Item1.Name}: {side.Item2.Why}"));

    // What only one side has is kept for later. Of a window that one side was not asked about nothing is known but that.
    private void Match(WindowPair pair, List<(ComparedStudy, ComparedStudy)> both, Dictionary<string, ComparedStudy> mine,
        Dictionary<string, ComparedStudy> its)
    {
        if (pair.Reference.IsLost || pair.Difference.IsLost)
        {
            _part.Unasked(pair);
            return;
        }

        foreach (var one in pair.Reference.Studies.Values)
        {
            _part.Count(one.Result, isMine: true);
            if (IsDoubled(one))
                _part.Add(one.Result.StudyDate, [ArchiveDifferenceKind.Unknown]);
            if (_settled.Contains(one.Uid) || IsDoubled(one))
                continue;
            if (pair.Difference.Studies.TryGetValue(one.Uid, out var other))
                both.Add((one, other));
            else
                mine[one.Uid] = one;
        }

        foreach (var other in pair.Difference.Studies.Values)
        {
            _part.Count(other.Result, isMine: false);
            if (IsDoubled(other))
            {
                if (!pair.Reference.Studies.ContainsKey(other.Uid))
                    _part.Add(other.Result.StudyDate, [ArchiveDifferenceKind.Unknown]);
                continue;
            }

            if (!pair.Reference.Studies.ContainsKey(other.Uid) && !_settled.Contains(other.Uid))
                its[other.Uid] = other;
        }

        // What both are known to have shows later whether a list of UIDs is understood.
        if (_controls.Count == 0 && both.Count > 1)
            _controls.AddRange([both[0].Item1.Uid, both[1].Item1.Uid]);

        bool IsDoubled(ComparedStudy study) => pair.Reference.IsDoubled(study.Uid) || pair.Difference.IsDoubled(study.Uid);
    }

    private void Settle(ComparedStudy one, ComparedStudy other, List<(ComparedStudy, ComparedStudy)> both)
    {
        if (!_settled.Add(one.Uid))
            return;
        _newlySettled.Add(one.Uid);
        both.Add((one, other));
    }

    private IEnumerable<ComparisonValue> Alone(IEnumerable<ComparedStudy> studies, LookupAnswer answer, bool isMine,
        List<(ComparedStudy, ComparedStudy)> both)
    {
        var (side, kind) = isMine ? (difference, ArchiveDifferenceKind.Missing) : (reference, ArchiveDifferenceKind.Extra);
        foreach (var study in studies)
        {
            if (answer.Found.TryGetValue(study.Uid, out var found))
                Settle(isMine ? study : found, isMine ? found : study, both);
            else if (answer.Why(study.Uid) is { } why)
                yield return Give(ArchiveDifferenceKind.Unknown, $"It was asked for by its UID. {side.Name}: {why}", study);
            else
                yield return Give(kind, $"{side.Name} does not have it.", study);
        }

        ComparisonFound Give(ArchiveDifferenceKind given, string reason, ComparedStudy study)
        {
            _isIncomplete |= given == ArchiveDifferenceKind.Unknown;
            _part.Add(study.Result.StudyDate, [given]);
            return new ComparisonFound(_differences.Of(given, isMine ? study.Result : null, isMine ? null : study.Result, reason));
        }
    }

    private async IAsyncEnumerable<ComparisonValue> SharedAsync(
        List<(ComparedStudy One, ComparedStudy Other)> both, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lower = options.Level == ComparisonLevel.Study ? null : new LowerLevels(options, reference, difference, _differences);
        var step = lower is null ? both.Count : LowerLevels.MostStudies;
        for (var at = 0; at < both.Count; at += step)
        {
            var some = both.GetRange(at, Math.Min(step, both.Count - at));
            var below = lower is null ? null
                : await lower.CompareAsync([.. some.Select(pair => (pair.One.Result, pair.Other.Result))], cancellationToken)
                    .ConfigureAwait(false);
            for (var i = 0; i < some.Count; i++)
            {
                foreach (var result in Judge(some[i].One, some[i].Other, below?[i]))
                    yield return new ComparisonFound(result);
            }
        }
    }

    private List<ArchiveDifference> Judge(ComparedStudy one, ComparedStudy other, List<ArchiveDifference>? below)
    {
        var rows = _differences.OfKeys(one, other).ToList();
        if (below is not null)
            rows.AddRange(below);
        else if (_differences.OfCounts(one.Result, other.Result) is { } counted)
            rows.Add(counted);
        _isIncomplete |= rows.Exists(row => row.Kind == ArchiveDifferenceKind.Unknown);
        _part.Add(one.Result.StudyDate, rows.Select(row => row.Level == nameof(ComparisonLevel.Study) ? row.Kind : row.Kind switch
        {
            ArchiveDifferenceKind.Missing => ArchiveDifferenceKind.Partial,
            ArchiveDifferenceKind.Extra => ArchiveDifferenceKind.Different,
            var kind => kind,
        }));
        if (rows.Count == 0 && options.IncludeEqual)
            rows.Add(_differences.Of(ArchiveDifferenceKind.Equal, one.Result, other.Result, null));
        return rows;
    }
}
