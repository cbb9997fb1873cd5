using DicomPS.Data;

namespace DicomPS.Querying;

/// <summary>A stretch of time on the clock on the wall, the end not included; null ends are open.</summary>
internal readonly record struct QueryWindow(DateTime? From, DateTime? To)
{
    // A moment of DICOM has six digits after the second (PS3.5 6.2, TM).
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(10);
    private static readonly DateTime Epoch = new(1970, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);

    public bool IsUnlimited => From is null && To is null;

    /// <summary>Whether both ends are at midnight or open, so that the date alone says it.</summary>
    public bool IsWholeDays => IsMidnight(From) && IsMidnight(To);

    /// <summary>
    /// Windows whose date and time can be matched independently with the right outcome (PS3.4 C.2.2.2.5): a range
    /// from Monday 22:00 to Wednesday 06:00 would otherwise also lose Tuesday noon, so it becomes three.
    /// </summary>
    public IReadOnlyList<QueryWindow> ByDay()
    {
        if (IsWholeDays || (From is { } only && To is { } last && (last - Tick).Date == only.Date))
            return [this];
        var parts = new List<QueryWindow>(3);
        var middleFrom = From;
        var middleTo = To;
        if (From is { } from && !IsMidnight(from))
        {
            middleFrom = from.Date.AddDays(1);
            parts.Add(new(from, middleFrom));
        }

        if (To is { } to && !IsMidnight(to))
            middleTo = to.Date;
        if (middleFrom is null || middleTo is null || middleFrom < middleTo)
            parts.Add(new(middleFrom, middleTo));
        if (middleTo != To)
            parts.Add(new(middleTo, To));
        return parts;
    }

    /// <summary>The date key.</summary>
    public string DateText => new DicomDateRange(From?.Date, To is { } to ? (to - Tick).Date : null).ToString();

    /// <summary>The time key that goes with it, or null when whole days are meant.</summary>
    public string? TimeText
    {
        get
        {
            if (IsWholeDays)
                return null;
            var isOneDay = From is { } first && To is { } end && (end - Tick).Date == first.Date;
            TimeSpan? from = From is { } f && (!isOneDay || f.TimeOfDay > TimeSpan.Zero) ? f.TimeOfDay : null;
            TimeSpan? to = To is { } t && (!isOneDay || !IsMidnight(t)) ? (t - Tick).TimeOfDay : null;
            return new DicomTimeRange(from, to).ToString();
        }
    }

    /// <summary>Cuts into days, weeks or months. An open end gets a window of its own after today's.</summary>
    public IEnumerable<QueryWindow> Cut(QuerySplit split, DateTime today)
    {
        if (From is not { } at)
            throw new ArgumentException("Cutting a query into days, weeks or months needs its first day.", nameof(split));
        var end = To ?? Later(today.Date.AddDays(1), at.Date.AddDays(1));
        while (at < end)
        {
            var next = split switch
            {
                QuerySplit.Day => at.Date.AddDays(1),
                QuerySplit.Week => at.Date.AddDays(7),
                _ => new DateTime(at.Year, at.Month, 1, 0, 0, 0, DateTimeKind.Unspecified).AddMonths(1),
            };
            yield return new(at, next < end ? next : end);
            at = next;
        }

        if (To is null)
            yield return new(end, null);
    }

    /// <summary>Whether it is no longer than a day, so that its halves are told apart by the time of day.</summary>
    public bool IsOfOneDay => From is { } from && To is { } to && to - from <= TimeSpan.FromDays(1);

    /// <summary>Halves at midnight or, within a day, at a full hour; empty for an hour or less.</summary>
    public IReadOnlyList<QueryWindow> Halve(DateTime today, bool toHours)
    {
        if (From is null && To is null)
            return Apart(today.Date.AddDays(1));
        // What lies before 1970 is little; what lies ahead is less.
        if (From is null)
            return To > Epoch.AddDays(1) ? Apart(Epoch) : [];
        if (To is null)
            return From < today.Date ? Apart(today.Date.AddDays(1)) : [];
        var from = From.Value;
        var length = To.Value - from;
        if (length > TimeSpan.FromDays(1))
        {
            var middle = (from + TimeSpan.FromTicks(length.Ticks / 2)).Date;
            return Apart(middle > from ? middle : from.Date.AddDays(1));
        }

        if (!toHours || length <= TimeSpan.FromHours(1))
            return [];
        var hours = TimeSpan.FromHours(Math.Max(1, Math.Floor((from.TimeOfDay + TimeSpan.FromTicks(length.Ticks / 2)).TotalHours)));
        var cut = from.Date + hours;
        return cut > from && cut < To ? Apart(cut) : Apart(from + TimeSpan.FromTicks(length.Ticks / 2));
    }

    /// <summary>Such as <c>2024-01-01 to 2024-01-31</c>, for messages.</summary>
    public override string ToString() => (From, To) switch
    {
        (null, null) => "all dates",
        ({ } from, null) => $"from {Show(from)}",
        (null, { } to) => $"before {Show(to)}",
        ({ } from, { } to) => IsWholeDays && to - from == TimeSpan.FromDays(1) ? Show(from) : $"{Show(from)} until before {Show(to)}",
    };

    private QueryWindow[] Apart(DateTime at) => [new(From, at), new(at, To)];

    private static DateTime Later(DateTime one, DateTime other) => one > other ? one : other;

    private static bool IsMidnight(DateTime? moment) => moment is not { } value || value.TimeOfDay == TimeSpan.Zero;

    private static string Show(DateTime moment) =>
        moment.ToString(moment.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm:ss",
            System.Globalization.CultureInfo.InvariantCulture);
}
