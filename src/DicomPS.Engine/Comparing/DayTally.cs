using DicomPS.Querying;

namespace DicomPS.Comparing;

/// <summary>Counts what the studies of each day came to.</summary>
internal sealed class DayTally
{
    // Of a longer stretch that is not known in full, its first day tells.
    private const int MostDays = 62;

    // What has no date is kept under a day that no study has.
    private static readonly DateTime None = DateTime.MinValue;
    private readonly Dictionary<DateTime, ArchiveComparisonDay> _days = [];
    private readonly List<QueryWindow> _unknown = [];
    private bool _isDatelessUnknown;

    /// <summary>A window that one side or both did not answer in full.</summary>
    /// <param name="pair">The window.</param>
    public void Unanswered(WindowPair pair)
    {
        if (pair.Window.IsUnlimited)
            _isDatelessUnknown = true;
        if (pair.IsDateless)
            return;
        _unknown.Add(pair.Window);
        for (var day = pair.Window.From; day < pair.Window.To && day < pair.Window.From?.AddDays(MostDays); day = day?.AddDays(1))
            Change(day, known => known);
    }

    /// <summary>What a side has in a window that the other was not asked about.</summary>
    /// <param name="pair">The window.</param>
    public void Unasked(WindowPair pair)
    {
        foreach (var bag in new[] { pair.Reference, pair.Difference })
        {
            foreach (var study in bag.Studies.Values)
            {
                Count(study.Result, bag == pair.Reference);
                Add(study.Result.StudyDate, [ArchiveDifferenceKind.Unknown]);
            }
        }
    }

    /// <summary>A study that a side has.</summary>
    /// <param name="study">The study.</param>
    /// <param name="isMine">Whether the reference has it.</param>
    public void Count(Study study, bool isMine) => Change(study.StudyDate, day => isMine
        ? day with { ReferenceStudies = day.ReferenceStudies + 1 } : day with { DifferenceStudies = day.DifferenceStudies + 1 });

    /// <summary>What a study came to: each kind counts once, and none is the same.</summary>
    /// <param name="date">Its day, or null.</param>
    /// <param name="kinds">What was found.</param>
    public void Add(DateTime? date, IEnumerable<ArchiveDifferenceKind> kinds)
    {
        var all = new HashSet<ArchiveDifferenceKind>(kinds);
        if (all.Count == 0)
            all.Add(ArchiveDifferenceKind.Equal);
        foreach (var kind in all)
            Change(date, day => Plus(day, kind));
    }

    /// <summary>Adds counts of days.</summary>
    /// <param name="days">The days.</param>
    public void Add(IEnumerable<ArchiveComparisonDay> days)
    {
        foreach (var more in days)
        {
            Change(more.StudyDate, day => day with
            {
                ReferenceStudies = day.ReferenceStudies + more.ReferenceStudies,
                DifferenceStudies = day.DifferenceStudies + more.DifferenceStudies,
                Equal = day.Equal + more.Equal,
                Missing = day.Missing + more.Missing,
                Extra = day.Extra + more.Extra,
                Partial = day.Partial + more.Partial,
                Offline = day.Offline + more.Offline,
                Different = day.Different + more.Different,
                Unknown = day.Unknown + more.Unknown,
            });
        }
    }

    /// <summary>The days, in order, what has no date at the end.</summary>
    public IEnumerable<ArchiveComparisonDay> Days() => _days.OrderBy(day => day.Key == None ? DateTime.MaxValue : day.Key)
        .Select(day => day.Value with { IsComplete = IsKnown(day.Key) });

    /// <summary>The sums.</summary>
    /// <param name="isComplete">Whether all is known.</param>
    public ArchiveComparisonDay Total(bool isComplete)
    {
        var sum = new DayTally();
        sum.Add(_days.Values.Select(day => day with { StudyDate = null }));
        return (sum._days.TryGetValue(None, out var total) ? total : new ArchiveComparisonDay()) with { IsComplete = isComplete };
    }

    /// <summary>Counts in words.</summary>
    /// <param name="day">The counts.</param>
    public static string Describe(ArchiveComparisonDay day)
    {
        var parts = new (long Count, string Text)[]
        {
            (day.Missing, "missing"), (day.Extra, "extra"), (day.Partial, "partial"), (day.Offline, "offline"),
            (day.Different, "different"), (day.Unknown, "unknown"),
        };
        var found = string.Concat(parts.Where(part => part.Count > 0).Select(part => $", {part.Count} {part.Text}"));
        return $"{QueryState.Count(day.ReferenceStudies, "study", "studies")} in the reference and {day.DifferenceStudies} in the other: "
            + $"{day.Equal} equal{found}; {(day.IsComplete ? "all is known" : "not all is known")}.";
    }

    private static ArchiveComparisonDay Plus(ArchiveComparisonDay day, ArchiveDifferenceKind kind) => kind switch
    {
        ArchiveDifferenceKind.Equal => day with { Equal = day.Equal + 1 },
        ArchiveDifferenceKind.Missing => day with { Missing = day.Missing + 1 },
        ArchiveDifferenceKind.Extra => day with { Extra = day.Extra + 1 },
        ArchiveDifferenceKind.Partial => day with { Partial = day.Partial + 1 },
        ArchiveDifferenceKind.Offline => day with { Offline = day.Offline + 1 },
        ArchiveDifferenceKind.Different => day with { Different = day.Different + 1 },
        _ => day with { Unknown = day.Unknown + 1 },
    };

    private bool IsKnown(DateTime day) => day == None ? !_isDatelessUnknown
        : !_unknown.Exists(window => (window.From is null || day >= window.From) && (window.To is null || day < window.To));

    private void Change(DateTime? date, Func<ArchiveComparisonDay, ArchiveComparisonDay> change)
    {
        var key = date?.Date ?? None;
        if (!_days.TryGetValue(key, out var day))
            day = new ArchiveComparisonDay { StudyDate = date?.Date };
        _days[key] = change(day);
    }
}
