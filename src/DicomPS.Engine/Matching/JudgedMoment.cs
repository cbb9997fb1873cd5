using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Matching;

/// <summary>A stretch of time that goes on over midnight, held against a date and the time beside it (PS3.4 C.2.2.2.5.4).</summary>
/// <param name="date">The date's tag.</param>
/// <param name="time">The time's tag.</param>
/// <param name="from">The first moment; null when the start is open.</param>
/// <param name="to">The last moment; null when the end is open.</param>
/// <param name="value">The stretch as text.</param>
/// <param name="zone">The offset from UTC that the query has, or null.</param>
internal sealed class JudgedMoment(DicomTag date, DicomTag time, DateTime? from, DateTime? to, string value, string? zone)
    : JudgedKey(date, Vr.DA, value)
{
    private static readonly TimeSpan LastMoment = TimeSpan.FromDays(1) - TimeSpan.FromTicks(10);

    public override KeyFinding Find(DicomDataset answer) => InZone(FindMoment(answer), answer, zone);

    /// <summary>A range of dates and the range of times beside it as one stretch; null when they are not understood, or are none.</summary>
    public static JudgedMoment? Create(JudgedKey date, JudgedKey time, string? zone) =>
        DicomDateRange.TryParse(date.Value, out var days) && time.Value.IndexOf('-') >= 0
            && DicomTimeRange.TryParse(time.Value, out var times)
            ? new JudgedMoment(date.Tag, time.Tag, days.From + (times.From ?? TimeSpan.Zero), days.To + (times.To ?? LastMoment),
                $"{date.Value} {time.Value}", zone)
            : null;

    /// <summary>
    /// What is left of a finding about a time when the answer has other clocks than the query: times are never shifted here.
    /// </summary>
    public static KeyFinding InZone(KeyFinding finding, DicomDataset answer, string? zone) => finding switch
    {
        KeyFinding.Contradicts when zone is not null && answer.GetString(Tags.TimezoneOffsetFromUTC) != zone => KeyFinding.Unknown,
        KeyFinding.Matches when zone is not null && answer.GetString(Tags.TimezoneOffsetFromUTC) is { } other && other != zone =>
            KeyFinding.Unknown,
        _ => finding,
    };

    private KeyFinding FindMoment(DicomDataset answer)
    {
        if (answer.GetString(Tag) is not { } text)
            return KeyFinding.Absent;
        if (!DateTimeText.TryDate(text, out var first, out var last))
            return KeyFinding.Unknown;
        // The day alone may say it, and says it better than a time that cannot be read.
        if (!Fits(first, last) && Touches(first, last) && answer.GetString(time) is { } clock
            && DateTimeText.TryTime(clock, out var begin, out var end))
            (first, last) = (first + begin, first + end);
        return Fits(first, last) ? KeyFinding.Matches : Touches(first, last) ? KeyFinding.Unknown : KeyFinding.Contradicts;
    }

    private bool Fits(DateTime first, DateTime last) => !(first < from) && !(last > to);

    private bool Touches(DateTime first, DateTime last) => !(last < from) && !(first > to);
}
