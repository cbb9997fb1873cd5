using System.Globalization;

namespace DicomPS.Data;

/// <summary>DA, TM and DT as text (PS3.5 6.2), each read as the span of time that its precision leaves open.</summary>
internal static class DateTimeText
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(10);

    public static DateTime? ParseDate(string text) => TryDate(text, out var first, out _) ? first : null;

    public static TimeSpan? ParseTime(string text) => TryTime(text, out var first, out _) ? first : null;

    public static DateTime? ParseDateTime(string text) => TryDateTime(text, out var first, out _, out _) ? first : null;

    /// <summary>YYYYMMDD; YYYY.MM.DD of ACR-NEMA and YYYY-MM-DD are understood.</summary>
    public static bool TryDate(string text, out DateTime first, out DateTime last)
    {
        first = last = default;
        text = text.Trim();
        if (text.Length == 10 && text[4] is '.' or '-' or '/' && text[7] == text[4])
            text = text.Remove(7, 1).Remove(4, 1);

        return text.Length == 8 && TryDateParts(text, out first, out last);
    }

    /// <summary>HH, HHMM, HHMMSS or HHMMSS.F to FFFFFF; colons between are understood.</summary>
    public static bool TryTime(string text, out TimeSpan first, out TimeSpan last)
    {
        first = last = default;
        text = text.Trim();
        if (text.IndexOf(':') == 2)
            text = text.Replace(":", "");

        var fraction = "";
        var dot = text.IndexOf('.');
        if (dot >= 0)
        {
            fraction = text.Substring(dot + 1);
            text = text.Substring(0, dot);
            if (text.Length != 6)
                return false;
        }

        if (text.Length is not (2 or 4 or 6) || fraction.Length > 6
            || !TryNumber(text, 0, 2, 23, out var hour)
            || !TryNumber(text, 2, 2, 59, out var minute)
            || !TryNumber(text, 4, 2, 60, out var second)
            || !TryNumber(fraction.PadRight(6, '0'), 0, 6, 999999, out var micros))
        {
            return false;
        }

        // A leap second is the last moment of its minute: the clock has no other place for it.
        first = new TimeSpan(hour, minute, Math.Min(second, 59)) + TimeSpan.FromTicks(micros * 10L);
        var unit = text.Length == 2 ? TimeSpan.FromHours(1)
            : text.Length == 4 ? TimeSpan.FromMinutes(1)
            : TimeSpan.FromTicks((long)(10_000_000 / Math.Pow(10, fraction.Length)));
        last = first + unit - Tick;
        return true;
    }

    /// <summary>YYYY to YYYYMMDDHHMMSS.FFFFFF, and an offset such as +0100, which is given back but not applied.</summary>
    public static bool TryDateTime(string text, out DateTime first, out DateTime last, out TimeSpan? offset)
    {
        first = last = default;
        offset = null;
        text = text.Trim();
        var sign = text.LastIndexOfAny(['+', '-']);
        if (sign >= 4 && TryOffset(text.Substring(sign), out var value))
        {
            offset = value;
            text = text.Substring(0, sign);
        }

        if (text.Length <= 8)
            return text.Length is 4 or 6 or 8 && TryDateParts(text, out first, out last);

        if (!TryDateParts(text.Substring(0, 8), out var day, out _)
            || !TryTime(text.Substring(8), out var from, out var to))
        {
            return false;
        }

        first = day + from;
        last = day + to;
        return true;
    }

    /// <summary>+HHMM or -HHMM between -1200 and +1400 (PS3.5 6.2, DT), which no year of a range can be taken for.</summary>
    public static bool TryOffset(string text, out TimeSpan offset)
    {
        offset = default;
        if (text.Length != 5 || text[0] is not ('+' or '-')
            || !TryNumber(text, 1, 2, text[0] == '+' ? 14 : 12, out var hours)
            || !TryNumber(text, 3, 2, 59, out var minutes))
        {
            return false;
        }

        offset = new TimeSpan(hours, minutes, 0);
        offset = text[0] == '-' ? -offset : offset;
        return true;
    }

    public static string FormatDate(DateTime value) => value.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    public static string FormatTime(TimeSpan value) =>
        Shorten(value.ToString(value.Ticks % TimeSpan.TicksPerSecond == 0 ? "hhmmss" : "hhmmss'.'ffffff", CultureInfo.InvariantCulture));

    public static string FormatDateTime(DateTime value) => FormatDate(value) + FormatTime(value.TimeOfDay);

    private static string Shorten(string text) => text.IndexOf('.') > 0 ? text.TrimEnd('0') : text;

    private static bool TryDateParts(string text, out DateTime first, out DateTime last)
    {
        first = last = default;
        if (!TryNumber(text, 0, 4, 9999, out var year) || year == 0
            || !TryNumber(text, 4, 2, 12, out var month)
            || !TryNumber(text, 6, 2, 31, out var day))
        {
            return false;
        }

        if ((text.Length > 4 && month == 0) || (text.Length > 6 && (day == 0 || day > DateTime.DaysInMonth(year, month))))
            return false;

        first = new DateTime(year, Math.Max(month, 1), Math.Max(day, 1), 0, 0, 0, DateTimeKind.Unspecified);
        var lastDay = text.Length == 4 ? new DateTime(year, 12, 31, 0, 0, 0, DateTimeKind.Unspecified)
            : text.Length == 6 ? new DateTime(year, month, DateTime.DaysInMonth(year, month), 0, 0, 0, DateTimeKind.Unspecified)
            : first;
        last = lastDay + (TimeSpan.FromDays(1) - Tick);
        return true;
    }

    /// <summary>A part of the text as a number; zero when the text ends before it.</summary>
    private static bool TryNumber(string text, int start, int length, int most, out int value)
    {
        value = 0;
        if (start >= text.Length)
            return true;

        if (start + length > text.Length)
            return false;

        for (var i = start; i < start + length; i++)
        {
            if (text[i] is < '0' or > '9')
                return false;

            value = (value * 10) + (text[i] - '0');
        }

        return value <= most;
    }
}
