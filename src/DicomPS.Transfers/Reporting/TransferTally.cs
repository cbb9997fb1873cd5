using DicomPS.Transfers.Store;

namespace DicomPS.Transfers.Reporting;

/// <summary>What a report counts while the studies of a transfer pass by; it keeps none of them.</summary>
internal sealed class TransferTally
{
    // Reasons are words of peers; whoever has more of them than this has none that helps.
    private const int MostReasons = 200;
    private const string Other = "other reasons";

    /// <summary>The studies in each state.</summary>
    public SortedDictionary<string, long> States { get; } = new(StringComparer.Ordinal);

    /// <summary>The studies that came to their end, by the day on which they did.</summary>
    public SortedDictionary<DateTime, long> Finished { get; } = [];

    /// <summary>The studies by their own day, and how many of them are at the destination; null for those without a day.</summary>
    public SortedDictionary<DateTime, (long All, long There)> Days { get; } = [];

    /// <summary>The same for studies without a day.</summary>
    public (long All, long There) Dateless { get; private set; }

    /// <summary>Why studies failed, how many, and one of them.</summary>
    public Dictionary<(string Kind, string Reason), (long Count, string Study)> Reasons { get; } = [];

    /// <summary>The instances that the destination has, as far as it was asked.</summary>
    public long Instances { get; private set; }

    /// <summary>The bytes that were moved; null where no try told any.</summary>
    public long? Bytes { get; private set; }

    /// <summary>When the first study was begun.</summary>
    public DateTime? First { get; private set; }

    /// <summary>When the last one came to its end.</summary>
    public DateTime? Last { get; private set; }

    /// <summary>How many studies there are.</summary>
    public long All => States.Values.Sum();

    /// <summary>How many are at the destination, verified or found there.</summary>
    public long There => Count("Done") + Count("Skipped");

    /// <summary>How many are in a state.</summary>
    public long Count(string state) => States.TryGetValue(state, out var count) ? count : 0;

    /// <summary>Whether a state means that the destination has the study.</summary>
    public static bool IsThere(string state) => state is "Done" or "Skipped";

    /// <summary>Counts a study.</summary>
    public void Add(ItemRow item)
    {
        States[item.State] = Count(item.State) + 1;
        Instances += item.DestinationInstances ?? 0;
        if (item.Bytes is { } bytes)
            Bytes = (Bytes ?? 0) + bytes;
        if (item.Started < (First ?? DateTime.MaxValue))
            First = item.Started;
        if (item.Finished is { } finished)
        {
            Last = Last > finished ? Last : finished;
            Finished[finished.Date] = Finished.TryGetValue(finished.Date, out var before) ? before + 1 : 1;
        }

        var there = IsThere(item.State) ? 1 : 0;
        if (DayOf(item.StudyDate) is { } day)
        {
            var (all, known) = Days.TryGetValue(day, out var counted) ? counted : default;
            Days[day] = (all + 1, known + there);
        }
        else
        {
            Dateless = (Dateless.All + 1, Dateless.There + there);
        }

        // What waits for another try has a reason too.
        if (item.State is "Failed" or "Differs" || (item.Error is not null && there == 0))
            Fail(item);
    }

    /// <summary>The day of a study as the store has it, ISO text; null where it is none.</summary>
    public static DateTime? DayOf(string? text) => text is { Length: >= 10 } && DateTime.TryParseExact(text.Substring(0, 10), "yyyy-MM-dd",
        System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.None, out var day) ? day : null;

    private void Fail(ItemRow item)
    {
        var key = (item.ErrorKind ?? item.State, item.Error ?? "no reason is known");
        if (!Reasons.TryGetValue(key, out var known) && Reasons.Count >= MostReasons)
            key = (Other, Other);
        known = Reasons.TryGetValue(key, out known) ? known : (0, item.StudyUid);
        Reasons[key] = (known.Count + 1, known.Study);
    }
}
