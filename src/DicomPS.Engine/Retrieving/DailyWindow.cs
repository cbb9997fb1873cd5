using System.Globalization;

namespace DicomPS.Retrieving;

/// <summary>
/// A time of day from which and until which something may happen, every day; across midnight when it ends before it begins.
/// </summary>
public sealed record DailyWindow
{
    private static readonly string[] Forms = [@"h\:mm", @"hh\:mm", @"h\:mm\:ss", @"hh\:mm\:ss"];
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>Makes a window.</summary>
    /// <param name="from">When it opens; from midnight on, less than a day.</param>
    /// <param name="to">When it closes; that moment is outside.</param>
    /// <exception cref="ArgumentException">A time is no time of day, or both are the same.</exception>
    public DailyWindow(TimeSpan from, TimeSpan to)
    {
        if (from < TimeSpan.Zero || from >= Day || to < TimeSpan.Zero || to > Day)
            throw new ArgumentException($"{from} to {to} are no times of one day.");
        if (to == Day)
            to = TimeSpan.Zero;
        if (from == to)
            throw new ArgumentException(
                "A window that opens and closes at the same time is open never or always; say which by leaving it out.");
        From = from;
        To = to;
    }

    /// <summary>When it opens.</summary>
    public TimeSpan From { get; }

    /// <summary>When it closes.</summary>
    public TimeSpan To { get; }

    /// <summary>Reads such as <c>22:00-06:00</c>.</summary>
    /// <param name="text">Two times of day with a hyphen between them; 24:00 is the end of the day.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public static DailyWindow Parse(string text)
    {
        var parts = (text ?? "").Split('-', '\u2013');
        if (parts.Length != 2 || !TryTime(parts[0].Trim(), out var from) || !TryTime(parts[1].Trim(), out var to))
            throw new FormatException($"'{text}' is no window of the day. Write it as 22:00-06:00.");
        try
        {
            return new DailyWindow(from, to);
        }
        catch (ArgumentException problem)
        {
            throw new FormatException(problem.Message, problem);
        }
    }

    /// <summary>Whether the window is open.</summary>
    /// <param name="now">The moment, as clocks on the wall show it.</param>
    public bool Contains(DateTime now) => From < To
        ? now.TimeOfDay >= From && now.TimeOfDay < To
        : now.TimeOfDay >= From || now.TimeOfDay < To;

    /// <summary>When it opens next; <paramref name="now"/> itself while it is open.</summary>
    /// <param name="now">The moment, as clocks on the wall show it.</param>
    public DateTime NextOpening(DateTime now) => Contains(now) ? now
        : now.TimeOfDay < From ? now.Date + From
        : now.Date + Day + From;

    /// <summary>As it is written.</summary>
    public override string ToString() => $"{Write(From)}-{Write(To)}";

    private static string Write(TimeSpan time) =>
        time.ToString(time.Seconds == 0 ? @"hh\:mm" : @"hh\:mm\:ss", CultureInfo.InvariantCulture);

    private static bool TryTime(string text, out TimeSpan time)
    {
        time = Day;
        return text is "24:00" || TimeSpan.TryParseExact(text, Forms, CultureInfo.InvariantCulture, out time);
    }
}
