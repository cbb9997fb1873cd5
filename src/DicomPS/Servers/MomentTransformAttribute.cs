using System.Globalization;
using System.Management.Automation;

namespace DicomPS.Servers;

/// <summary>
/// Lets a moment in the past be a DateTime, a TimeSpan or a text such as -30m (so long ago), a time of today, or an ISO date with or
/// without a time.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class MomentTransformAttribute : ArgumentTransformationAttribute
{
    private static readonly string[] Dates = ["yyyy-MM-dd", "yyyyMMdd", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-ddTHH:mm",
        "yyyy-MM-ddTHH:mm:ss", "o"];
    private static readonly string[] Times = ["H:mm", "HH:mm", "H:mm:ss", "HH:mm:ss"];

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            DateTime moment => moment.Kind == DateTimeKind.Utc ? moment.ToLocalTime() : moment,
            DateTimeOffset moment => moment.LocalDateTime,
            TimeSpan ago => DateTime.Now - ago.Duration(),
            string text => Parse(text.Trim()),
            _ => throw NoMoment(value),
        };
    }

    private static DateTime Parse(string text)
    {
        if (text.Equals("today", StringComparison.OrdinalIgnoreCase))
            return DateTime.Today;
        if (text.Equals("yesterday", StringComparison.OrdinalIgnoreCase))
            return DateTime.Today.AddDays(-1);
        if (Ago(text) is { } ago)
            return DateTime.Now - ago;
        if (DateTime.TryParseExact(text, Times, CultureInfo.InvariantCulture, DateTimeStyles.NoCurrentDateDefault, out var time))
            return DateTime.Today + time.TimeOfDay;
        // In any other order of day and month it would be a guess.
        return DateTime.TryParseExact(text, Dates, CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment) ? moment
            : throw NoMoment(text);
    }

    private static TimeSpan? Ago(string text)
    {
        if (text.Length < 3 || text[0] != '-'
            || !int.TryParse(text.Substring(1, text.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number > 36500)
            return null;
        return char.ToLowerInvariant(text[text.Length - 1]) switch
        {
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            'd' => TimeSpan.FromDays(number),
            _ => null,
        };
    }

    private static ArgumentTransformationMetadataException NoMoment(object? value) => new(
        $"'{value}' is no moment: give a DateTime, a time of today such as 14:30, a date such as 2024-01-31 or '2024-01-31 14:30', or so "
        + "long ago: -30m, -8h, -7d.");
}
