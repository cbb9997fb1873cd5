namespace DicomPS.Data;

/// <summary>Dates from one day to another, both included; an open end is null (PS3.4 C.2.2.2.5).</summary>
/// <param name="From">The first day, or null.</param>
/// <param name="To">The last day, or null.</param>
public readonly record struct DicomDateRange(DateTime? From, DateTime? To)
{
    /// <summary>Reads "20240101", "20240101-", "-20240101" or "20240101-20240131".</summary>
    /// <param name="text">The text.</param>
    /// <param name="range">The range.</param>
    /// <returns>False when the text is none of these.</returns>
    public static bool TryParse(string? text, out DicomDateRange range)
    {
        range = default;
        var dashes = text?.Trim() ?? "";
        if (DateTimeText.TryDate(dashes, out var day, out _))
        {
            range = new(day, day);
            return true;
        }

        if (!RangeText.TrySplit(dashes, dashes.IndexOf('-'), out var left, out var right))
            return false;

        DateTime from = default, to = default;
        if ((left.Length > 0 && !DateTimeText.TryDate(left, out from, out _))
            || (right.Length > 0 && !DateTimeText.TryDate(right, out to, out _)))
        {
            return false;
        }

        range = new(left.Length > 0 ? from : null, right.Length > 0 ? to : null);
        return true;
    }

    /// <summary>Whether a day is in the range.</summary>
    /// <param name="day">The day; its time does not count.</param>
    public bool Contains(DateTime day) => (From is not { } from || day.Date >= from.Date) && (To is not { } to || day.Date <= to.Date);

    /// <summary>The range as a query has it; one day as a single date.</summary>
    public override string ToString() => RangeText.Join(From is { } from ? DateTimeText.FormatDate(from) : "",
        To is { } to ? DateTimeText.FormatDate(to) : "");
}

/// <summary>Times of day from one to another, both included; an open end is null (PS3.4 C.2.2.2.5).</summary>
/// <param name="From">The first moment, or null.</param>
/// <param name="To">The last moment, or null: "10" as an end means 10:59:59.999999.</param>
public readonly record struct DicomTimeRange(TimeSpan? From, TimeSpan? To)
{
    /// <summary>Reads "1030", "1030-", "-1030" or "1030-11".</summary>
    /// <param name="text">The text.</param>
    /// <param name="range">The range.</param>
    /// <returns>False when the text is none of these.</returns>
    public static bool TryParse(string? text, out DicomTimeRange range)
    {
        range = default;
        var trimmed = text?.Trim() ?? "";
        if (DateTimeText.TryTime(trimmed, out var first, out var last) && trimmed.Length > 0)
        {
            range = new(first, last);
            return true;
        }

        if (!RangeText.TrySplit(trimmed, trimmed.IndexOf('-'), out var left, out var right))
            return false;

        TimeSpan from = default, to = default;
        if ((left.Length > 0 && !DateTimeText.TryTime(left, out from, out _))
            || (right.Length > 0 && !DateTimeText.TryTime(right, out _, out to)))
        {
            return false;
        }

        range = new(left.Length > 0 ? from : null, right.Length > 0 ? to : null);
        return true;
    }

    /// <summary>Whether a time is in the range.</summary>
    /// <param name="time">The time of day.</param>
    public bool Contains(TimeSpan time) => (From is not { } from || time >= from) && (To is not { } to || time <= to);

    /// <summary>The range as a query has it.</summary>
    public override string ToString() => RangeText.Join(From is { } from ? DateTimeText.FormatTime(from) : "",
        To is { } to ? DateTimeText.FormatTime(to) : "");
}

/// <summary>
/// Moments from one to another, both included, as the clock on the wall shows them; an open end is null (PS3.4 C.2.2.2.5).
/// </summary>
/// <param name="From">The first moment, or null.</param>
/// <param name="To">The last moment, or null: "2024" as an end means the last microsecond of that year.</param>
public readonly record struct DicomDateTimeRange(DateTime? From, DateTime? To)
{
    /// <summary>Reads a DT or a range of two; offsets from UTC are understood and not applied.</summary>
    /// <param name="text">The text, such as "2023-2024" or "20240101120000-0500-".</param>
    /// <param name="range">The range.</param>
    /// <returns>False when the text is no DT and no range.</returns>
    public static bool TryParse(string? text, out DicomDateTimeRange range)
    {
        range = default;
        var trimmed = text?.Trim() ?? "";
        if (DateTimeText.TryDateTime(trimmed, out var first, out var last, out _))
        {
            range = new(first, last);
            return true;
        }

        // A hyphen is also the sign of an offset, so each one is tried until both sides are moments.
        for (var hyphen = trimmed.IndexOf('-'); hyphen >= 0; hyphen = trimmed.IndexOf('-', hyphen + 1))
        {
            DateTime from = default, to = default;
            if (RangeText.TrySplit(trimmed, hyphen, out var left, out var right)
                && (left.Length == 0 || DateTimeText.TryDateTime(left, out from, out _, out _))
                && (right.Length == 0 || DateTimeText.TryDateTime(right, out _, out to, out _)))
            {
                range = new(left.Length > 0 ? from : null, right.Length > 0 ? to : null);
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a moment is in the range.</summary>
    /// <param name="moment">The moment.</param>
    public bool Contains(DateTime moment) => (From is not { } from || moment >= from) && (To is not { } to || moment <= to);

    /// <summary>The range as a query has it.</summary>
    public override string ToString() => RangeText.Join(From is { } from ? DateTimeText.FormatDateTime(from) : "",
        To is { } to ? DateTimeText.FormatDateTime(to) : "");
}

/// <summary>What the three kinds of range share: two ends and a hyphen.</summary>
internal static class RangeText
{
    public static bool TrySplit(string text, int hyphen, out string left, out string right)
    {
        left = hyphen < 0 ? "" : text.Substring(0, hyphen).Trim();
        right = hyphen < 0 ? "" : text.Substring(hyphen + 1).Trim();
        return left.Length + right.Length > 0;
    }

    public static string Join(string from, string to) => from == to ? from : from + "-" + to;
}
