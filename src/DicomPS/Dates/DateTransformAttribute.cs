using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;
using DicomPS.Data;
using DicomPS.Text;

namespace DicomPS.Dates;

/// <summary>
/// Lets a parameter for days, for one day, or for a moment, take a DateTime, or a text by the rule of <see cref="DateText"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class DateTransformAttribute : ArgumentTransformationAttribute
{
    private static readonly Regex Months = new(@"^\s*[+-][0-9]{1,4}[mM]\s*$", RegexOptions.CultureInvariant);

    /// <summary>Whether a moment is meant, and not a day or a range of days.</summary>
    public bool IsMoment { get; set; }

    /// <summary>Whether one day is meant: its time of day counts for nothing, and a range of days is none.</summary>
    public bool IsDay { get; set; }

    /// <summary>
    /// Whether the moment is one of this machine, of the hours or minutes before now, and not one that a peer wrote down.
    /// </summary>
    public bool IsRecent { get; set; }

    /// <summary>Whether nothing, as the empty cell of a CSV has it, is no date and no mistake. Default false.</summary>
    public bool KeepEmpty { get; set; }

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        var rule = DateText.Typed;
        if (KeepEmpty && (value is null || (value is string none && string.IsNullOrWhiteSpace(none))))
            return null;
        try
        {
            switch (value)
            {
                case DicomDateRange range when !IsMoment && !IsDay:
                    return rule.Check(range, range);
                case TimeSpan ago when IsMoment:
                    return DateTime.Now - ago.Duration();
                case DateTime { Kind: DateTimeKind.Utc } universal when IsRecent:
                    return universal.ToLocalTime();
                case DateTimeOffset zoned:
                    return Of(rule.Check(zoned.LocalDateTime, zoned.LocalDateTime));
                case DateTime moment:
                    return Of(rule.Check(moment, moment));
            }

            var text = Text(inputData, value);
            if (IsRecent && Months.IsMatch(text))
                throw new ArgumentException($"'{text}' may be minutes or months: for minutes write {text}in, for months the date.");
            return IsMoment || IsDay ? Of(rule.Moment(text)) : rule.Days(text);
        }
        catch (ArgumentException e)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }

    private object Of(DateTime moment) => IsMoment ? moment : IsDay ? moment.Date : new DicomDateRange(moment.Date, moment.Date);

    // To PowerShell 20240131 without quotes is a number, and so is -7d: a decimal one.
    private static string Text(object? given, object? value) => value switch
    {
        decimal days when days == decimal.Truncate(days) && Math.Abs(days) < 10_000 =>
            days.ToString("+0;-0;+0", CultureInfo.InvariantCulture) + "d",
        IFormattable when value.GetType().FullName == "System.DateOnly" =>
            ((IFormattable)value).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        _ => LanguagePrimitives.ConvertTo<string>(given) ?? "",
    };
}
