using System.Globalization;
using DicomPS.Retrieving;

namespace DicomPS.Transfers.Planning;

/// <summary>
/// The hours of the week in which a node may be worked with, by the clock on a wall in a time zone: <c>Mon-Fri 19:00-06:30</c>,
/// <c>Sat-Sun</c>, <c>22:00-06:00</c>. A time range that ends before it begins goes on into the next day, which need not be named.
/// </summary>
/// <remarks>
/// Where clocks are put forward, a time that does not exist is the moment at which they are. Where they are put back, a window opens
/// and closes at the first of the two moments: it is never open after the clock has shown its end.
/// </remarks>
internal sealed class NodeWindows
{
    /// <summary>A moment that never comes.</summary>
    public const long Never = 9_000_000_000_000_000;

    private static readonly string[] DayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    private static readonly DateTime Epoch = new(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private readonly List<(bool[] Days, TimeSpan From, TimeSpan Length)> _windows = [];
    private readonly TimeZoneInfo _zone;

    private NodeWindows(TimeZoneInfo zone) => _zone = zone;

    /// <summary>Reads windows, parted by semicolons.</summary>
    /// <param name="text">The windows.</param>
    /// <param name="zone">The id of the time zone; null for that of this machine.</param>
    /// <exception cref="FormatException">A window or the time zone is not understood.</exception>
    public static NodeWindows Parse(string text, string? zone)
    {
        var windows = new NodeWindows(Zone(zone));
        foreach (var part in text.Split([';'], StringSplitOptions.RemoveEmptyEntries))
            windows.Add(part.Trim());
        if (windows._windows.Count == 0)
            throw Wrong(text);
        return windows;
    }

    /// <summary>Whether a window goes on into the next day.</summary>
    public bool IsOverMidnight => _windows.Any(window => window.From + window.Length > TimeSpan.FromDays(1));

    /// <summary>The opening that lasts, or else the next one.</summary>
    /// <param name="now">The moment, in milliseconds since 1970, UTC.</param>
    /// <returns>From when until when, in the same measure; the end is outside.</returns>
    public (long From, long Until) Around(long now)
    {
        (long From, long Until)? best = null;
        foreach (var (from, until) in Spans(now))
        {
            if (until <= now)
                continue;
            // Windows that touch are one.
            if (best is { } open && from <= open.Until)
                best = (open.From, Math.Max(open.Until, until));
            else if (best is null)
                best = (from, until);
            else
                break;
        }

        return best ?? (Never, Never);
    }

    /// <summary>How much of a time is open, for estimates.</summary>
    /// <param name="now">From when.</param>
    /// <param name="work">How much open time is needed.</param>
    /// <returns>When that much was open; null when it takes more than ten years.</returns>
    public long? After(long now, TimeSpan work)
    {
        var left = (long)work.TotalMilliseconds;
        for (var i = 0; i < 4000; i++)
        {
            var (from, until) = Around(now);
            if (from >= Never)
                return null;
            var begin = Math.Max(now, from);
            if (until - begin >= left)
                return begin + left;
            left -= until - begin;
            now = until;
        }

        return null;
    }

    private IEnumerable<(long From, long Until)> Spans(long now)
    {
        var today = TimeZoneInfo.ConvertTimeFromUtc(Epoch.AddMilliseconds(now), _zone).Date;
        var spans = new List<(long From, long Until)>();
        for (var day = -8; day <= 15; day++)
        {
            var date = today.AddDays(day);
            foreach (var window in _windows.Where(window => window.Days[(int)date.DayOfWeek]))
            {
                var (from, until) = (Moment(date + window.From), Moment(date + window.From + window.Length));
                if (until > from)
                    spans.Add((from, until));
            }
        }

        spans.Sort();
        return spans;
    }

    private long Moment(DateTime wall)
    {
        wall = DateTime.SpecifyKind(wall, DateTimeKind.Unspecified);
        // Not a time of this day: the clocks were put forward over it.
        for (var minutes = 0; minutes < 24 * 60 && _zone.IsInvalidTime(wall); minutes++)
            wall = wall.AddMinutes(1);
        // Of two moments the first: the one further from UTC.
        var offset = _zone.IsAmbiguousTime(wall) ? _zone.GetAmbiguousTimeOffsets(wall).Max() : _zone.GetUtcOffset(wall);
        return (long)(DateTime.SpecifyKind(wall - offset, DateTimeKind.Utc) - Epoch).TotalMilliseconds;
    }

    private void Add(string text)
    {
        var parts = text.Split([' '], StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length is 0 or > 2)
            throw Wrong(text);
        var hasDays = char.IsLetter(parts[0][0]);
        var days = hasDays ? Days(parts[0], text) : [.. Enumerable.Repeat(true, 7)];
        var time = hasDays ? parts.ElementAtOrDefault(1) : parts[0];
        if (!hasDays && parts.Length == 2)
            throw Wrong(text);
        if (time is null or "00:00-24:00" or "0:00-24:00")
        {
            _windows.Add((days, TimeSpan.Zero, TimeSpan.FromDays(1)));
            return;
        }

        DailyWindow window;
        try
        {
            window = DailyWindow.Parse(time);
        }
        catch (FormatException)
        {
            throw Wrong(text);
        }

        var length = window.To - window.From;
        _windows.Add((days, window.From, length > TimeSpan.Zero ? length : length + TimeSpan.FromDays(1)));
    }

    private static bool[] Days(string text, string whole)
    {
        var days = new bool[7];
        foreach (var part in text.Split(','))
        {
            var ends = part.Split('-');
            if (ends.Length > 2)
                throw Wrong(whole);
            var from = Day(ends[0], whole);
            var to = Day(ends[^1], whole);
            for (var day = from; ; day = (day + 1) % 7)
            {
                days[day] = true;
                if (day == to)
                    break;
            }
        }

        return days;
    }

    private static int Day(string text, string whole)
    {
        var day = text.Length < 2 ? -1 : Array.FindIndex(DayNames, name => name.StartsWith(text, StringComparison.OrdinalIgnoreCase)
            || (text.Length > 3 && CultureInfo.InvariantCulture.DateTimeFormat.GetDayName((DayOfWeek)Array.IndexOf(DayNames, name))
                .Equals(text, StringComparison.OrdinalIgnoreCase)));
        return day >= 0 ? day : throw Wrong(whole);
    }

    private static TimeZoneInfo Zone(string? id)
    {
        if (id is null)
            return TimeZoneInfo.Local;
        try
        {
            return TimeZoneInfo.FindSystemTimeZoneById(id);
        }
        catch (Exception problem) when (problem is TimeZoneNotFoundException or InvalidTimeZoneException)
        {
            throw new FormatException($"'{id}' is no time zone that this machine knows. Write it as Europe/Berlin.", problem);
        }
    }

    private static FormatException Wrong(string text) => new(
        $"'{text}' is no window. Write it as 'Mon-Fri 19:00-06:30', 'Sat-Sun' or '22:00-06:00'; days are Mon Tue Wed Thu Fri Sat Sun.");
}
