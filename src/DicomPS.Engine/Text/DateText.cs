using System.Globalization;
using System.Text.RegularExpressions;
using DicomPS.Data;

namespace DicomPS.Text;

/// <summary>
/// The one rule for dates as text. DICOM and ISO 8601 count everywhere; what somebody types may also be today, -7d, or in the order of
/// the session's culture. Day and month are never guessed, and years are those of the Gregorian calendar, whatever the culture's is.
/// </summary>
/// <param name="culture">The culture of who typed the text; null for text of a file or a pipeline, which nobody typed here.</param>
/// <param name="now">The clock on the wall.</param>
internal sealed class DateText(CultureInfo? culture, DateTime now)
{
    private const int FirstYear = 1800, YearsAhead = 5;

    private static readonly string[] Iso =
    [
        "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss",
        "yyyy-MM-dd HH:mm:ss.FFFFFFF",
    ];

    private static readonly string[] Times = ["H:mm", "HH:mm", "H:mm:ss", "HH:mm:ss"];

    private static readonly string[] IsoWithOffset = [.. Iso.Select(format => format + "K")];

    private static readonly string[] Named = ["d MMM yyyy", "d MMMM yyyy", "d. MMMM yyyy", "d-MMM-yyyy", "MMM d, yyyy", "MMMM d, yyyy"];

    private static readonly Regex Numbers =
        new(@"^([0-9]{1,4}) ?([./-]) ?([0-9]{1,2}) ?\2 ?([0-9]{1,4})\.?$", RegexOptions.CultureInvariant);

    private static readonly Regex Clock = new(@"^(.+?),?\s+([0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,7})?)?(\s?[AaPp][Mm])?)$",
        RegexOptions.CultureInvariant);

    private static readonly Regex Ago = new(@"^([+-][0-9]{1,4})(min|[hdwmy])$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);

    private readonly string _order = Order(culture);

    /// <summary>The rule for what is typed in this session.</summary>
    public static DateText Typed => new(CultureInfo.CurrentCulture, DateTime.Now);

    /// <summary>The rule for rows of files and pipelines.</summary>
    public static DateText Read => new(null, DateTime.Now);

    /// <summary>A day or a range of days.</summary>
    /// <exception cref="ArgumentException">The text is none, and what would be one.</exception>
    public DicomDateRange Days(string text)
    {
        var trimmed = Clean(text);
        if (!DicomDateRange.TryParse(trimmed, out var range) && !TryRange(trimmed, out range))
            throw None(text, "a range such as 2024-01-01..2024-01-31");
        return Check(range, text);
    }

    /// <summary>A moment; a day is its midnight.</summary>
    /// <exception cref="ArgumentException">The text is none, and what would be one.</exception>
    public DateTime Moment(string text) => TryMoment(Clean(text), out var moment) ? Check(moment, text)
        : throw None(text, "with a time as 2024-01-31T14:30");

    /// <summary>Refuses days that cannot be meant.</summary>
    /// <exception cref="ArgumentException">It ends before it begins, or a year is none of ours.</exception>
    public DicomDateRange Check(DicomDateRange range, object given)
    {
        if (range.From is { } from)
            Check(from, given);
        if (range.To is { } to)
            Check(to, given);
        return range.From > range.To ? throw new ArgumentException($"'{given}' ends before it begins.") : range;
    }

    /// <summary>Refuses a moment that cannot be meant.</summary>
    /// <exception cref="ArgumentException">Its year is none of ours.</exception>
    public DateTime Check(DateTime moment, object given)
    {
        if (moment.Year >= FirstYear && moment.Date <= now.Date.AddYears(YearsAhead))
            return moment;
        var day = moment.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        throw new ArgumentException(
            $"'{(given is DateTime ? day : given)}' is the day {day}, which is before {FirstYear} or more than {YearsAhead} years ahead. "
            + $"Years are those of the Gregorian calendar, as in {now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}. For an open "
            + "end write 2024-01-01.. or ..2024-01-31.");
    }

    // Several hyphens and slashes belong to the dates; a single one is between them.
    private bool TryRange(string text, out DicomDateRange range)
    {
        range = default;
        if (TryMoment(text, out var day, isDay: true))
        {
            range = new DicomDateRange(day.Date, day.Date);
            return true;
        }

        var between = text.Contains("..") ? ".."
            : text.Contains(" - ") ? " - " : text.Count(c => c == '/') == 1 ? "/" : text.Count(c => c == '-') == 1 ? "-" : "";
        if (between.Length == 0)
            return false;
        var at = text.IndexOf(between, StringComparison.Ordinal);
        string left = text.Substring(0, at).Trim(), right = text.Substring(at + between.Length).Trim();
        DateTime from = default, to = default;
        if (left.Length + right.Length == 0 || (left.Length > 0 && !TryMoment(left, out from, isDay: true))
            || (right.Length > 0 && !TryMoment(right, out to, isDay: true)))
            return false;
        range = new DicomDateRange(left.Length > 0 ? from.Date : null, right.Length > 0 ? to.Date : null);
        return true;
    }

    private bool TryMoment(string text, out DateTime moment, bool isDay = false) => TryStandard(text, out moment)
        || (culture is not null && (TryWord(text, isDay, out moment) || (!isDay && TryTime(text, out moment)) || TryOwn(text, out moment)));

    // A time alone is one of today.
    private bool TryTime(string text, out DateTime moment)
    {
        var isTime = DateTime.TryParseExact(text, Times, CultureInfo.InvariantCulture, DateTimeStyles.NoCurrentDateDefault, out var time);
        moment = now.Date + time.TimeOfDay;
        return isTime;
    }

    // DA, DT to the second (PS3.5 6.2), and ISO 8601.
    private bool TryStandard(string text, out DateTime moment)
    {
        if (DicomDateRange.TryParse(text, out var day) && day.From is { } from && day.From == day.To)
        {
            moment = from;
            return true;
        }

        if (text.Length >= 12 && text.Take(12).All(c => c is >= '0' and <= '9') && DicomDateTimeRange.TryParse(text, out var exact)
            && exact.From is { } first)
        {
            moment = first;
            return true;
        }

        if (DateTime.TryParseExact(text, Iso, CultureInfo.InvariantCulture, DateTimeStyles.None, out moment))
            return true;
        // Who types an offset means that moment, on the clock here; a row has the clock of where it was written.
        var isOffset = DateTimeOffset.TryParseExact(text, IsoWithOffset, CultureInfo.InvariantCulture, DateTimeStyles.None,
            out var zoned);
        moment = culture is null ? zoned.DateTime : zoned.LocalDateTime;
        return isOffset;
    }

    private bool TryWord(string text, bool isDay, out DateTime moment)
    {
        moment = text.ToUpperInvariant() switch
        {
            "TODAY" => now.Date,
            "YESTERDAY" => now.Date.AddDays(-1),
            "TOMORROW" => now.Date.AddDays(1),
            "NOW" when !isDay => now,
            _ => default,
        };
        if (moment != default)
            return true;
        if (Ago.Match(text) is not { Success: true } ago)
            return false;
        var count = int.Parse(ago.Groups[1].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var unit = ago.Groups[2].Value.ToLowerInvariant();
        if (unit is "h" or "min" && isDay)
            return false;
        // A number of four digits is within what a DateTime can be, but for years.
        moment = unit switch
        {
            "min" => now.AddMinutes(count),
            "h" => now.AddHours(count),
            "w" => now.Date.AddDays(7 * count),
            "m" => now.Date.AddMonths(count),
            "y" => now.Date.AddYears(Math.Min(Math.Max(count, -1000), 1000)),
            _ => now.Date.AddDays(count),
        };
        return true;
    }

    private bool TryOwn(string text, out DateTime moment)
    {
        TimeSpan time = default;
        if (Clock.Match(text) is { Success: true } clock)
        {
            if (!DateTime.TryParse(clock.Groups[2].Value, CultureInfo.InvariantCulture, DateTimeStyles.NoCurrentDateDefault,
                out var hour))
            {
                moment = default;
                return false;
            }

            time = hour.TimeOfDay;
            text = clock.Groups[1].Value;
        }

        if (!TryNumbers(text, out moment) && !DateTime.TryParseExact(text, Named, CultureInfo.InvariantCulture, DateTimeStyles.None,
            out moment))
            return false;
        moment += time;
        return true;
    }

    // 03.02.2025 is 3 February where the day comes first. Where the month does, another sign between the numbers is a foreign habit.
    private bool TryNumbers(string text, out DateTime day)
    {
        day = default;
        if (_order.Length == 0 || Numbers.Match(text) is not { Success: true } numbers)
            return false;
        var sign = numbers.Groups[2].Value;
        string first = numbers.Groups[1].Value, last = numbers.Groups[4].Value;
        var own = culture!.DateTimeFormat.ShortDatePattern;
        if (_order == "mdy" && !own.Contains(sign))
            return false;
        var isYearFirst = _order[0] == 'y';
        if ((isYearFirst ? first : last).Length != 4 || (isYearFirst ? last : first).Length > 2)
            return false;
        var middle = numbers.Groups[3].Value;
        var (year, month, dayText) = _order switch
        {
            "ymd" => (first, middle, last),
            "mdy" => (last, first, middle),
            _ => (last, middle, first),
        };
        return DateTime.TryParseExact($"{year}-{month}-{dayText}", "yyyy-M-d", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);
    }

    private ArgumentException None(string text, string other)
    {
        if (culture is null)
        {
            return new ArgumentException(
                $"'{text}' is no date of DICOM or ISO 8601, and in a row or a file nothing else is taken, because day and month could be "
                + "exchanged. "
                + "Write 2024-01-31 or 20240131, with a time 2024-01-31T14:30; Export-Csv writes the dates of DicomPS so.");
        }

        var sign = $"{culture.DateTimeFormat.ShortDatePattern.FirstOrDefault(c => c is '.' or '/' or '-')}";
        var own = _order switch { "dmy" => $", 31{sign}01{sign}2024", "mdy" => $", 01{sign}31{sign}2024", _ => "" };
        var why = Numbers.IsMatch(text.Trim()) && _order.Length == 0
            ? " (this session has no culture that says which number is the day)" : "";
        return new ArgumentException(
            $"'{text}' is no date{why}: give a DateTime, or a text such as 2024-01-31, 20240131{own}, today, yesterday, -7d, or {other}.");
    }

    // The order of the culture's own short form; the invariant culture is nobody's.
    private static string Order(CultureInfo? culture)
    {
        if (culture is null || culture.Equals(CultureInfo.InvariantCulture))
            return "";
        var pattern = culture.DateTimeFormat.ShortDatePattern;
        int day = pattern.IndexOf('d'), month = pattern.IndexOf('M'), year = pattern.IndexOf('y');
        if (day < 0 || month < 0 || year < 0)
            return "";
        return year < month && month < day ? "ymd" : day < month && month < year ? "dmy" : month < day && day < year ? "mdy" : "";
    }

    // Marks of the writing direction stand in what Arabic and Hebrew cultures print.
    private static string Clean(string text) =>
        string.Concat(text.Where(c => c is not ('\u200E' or '\u200F' or '\u061C')).Select(c => char.IsWhiteSpace(c) ? ' ' : c)).Trim();
}
