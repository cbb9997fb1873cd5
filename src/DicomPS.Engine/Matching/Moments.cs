using DicomPS.Data;

namespace DicomPS.Matching;

/// <summary>
/// Dates, times and both as numbers that sort as they follow each other, so that they match by meaning (PS3.4 C.2.2.2.1).
/// </summary>
internal static class Moments
{
    private const long TicksPerMicrosecond = 10;

    public static bool Are(Vr vr) => vr is Vr.DA or Vr.TM or Vr.DT;

    /// <summary>The number of a stored value, its first moment where it is not exact; null when it cannot be understood.</summary>
    public static long? Of(Vr vr, string? text) =>
        text is { Length: > 0 and < 64 } && TryRange(vr, text, out var range) ? range.From : null;

    /// <summary>Reads a key: a single value, which may leave a span open ("10" is a whole hour), or a range (PS3.4 C.2.2.2.5).</summary>
    public static bool TryRange(Vr vr, string text, out (long? From, long? To) range)
    {
        switch (vr)
        {
            case Vr.DA when DicomDateRange.TryParse(text, out var days):
                range = (Day(days.From), Day(days.To));
                return true;
            case Vr.TM when DicomTimeRange.TryParse(text, out var times):
                range = (times.From?.Ticks / TicksPerMicrosecond, times.To?.Ticks / TicksPerMicrosecond);
                return true;
            case Vr.DT when DicomDateTimeRange.TryParse(text, out var moments):
                range = (moments.From?.Ticks / TicksPerMicrosecond, moments.To?.Ticks / TicksPerMicrosecond);
                return true;
            default:
                range = default;
                return false;
        }
    }

    private static long? Day(DateTime? day) => day is { } d ? (d.Year * 10000) + (d.Month * 100) + d.Day : null;
}
