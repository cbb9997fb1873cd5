using System.Collections;
using System.Globalization;
using System.Management.Automation;
using DicomPS.Dates;

namespace DicomPS.Arguments;

/// <summary>Offers the forms in which a day or a range of days can be written, with today's date in them, instead of files.</summary>
public sealed class DaysCompleter : Completer
{
    private static readonly DateTransformAttribute Days = new(), Moments = new() { IsMoment = true };

    private protected override IEnumerable<(string Text, string ToolTip)> Candidates() =>
        Forms(DateTime.Today).Where(form => IsTaken(Days, form.Text)).Select(form => (form.Text, form.ToolTip));

    private protected override IEnumerable<(string Text, string ToolTip)> Candidates(string parameter, IDictionary given)
    {
        // -After and its kin are moments or one day: a range is none.
        return parameter is "After" or "Before" or "StartDate" or "EndDate"
            ? Forms(DateTime.Today).Where(form => form.IsDay && IsTaken(Moments, form.Text)).Select(form => (form.Text, form.ToolTip))
            : Candidates();
    }

    private static IEnumerable<(string Text, string ToolTip, bool IsDay)> Forms(DateTime today)
    {
        var day = Dicom(today);
        var week = Dicom(today.AddDays(-6));
        var month = Dicom(today.AddDays(1 - today.Day));
        yield return ("today", "today", true);
        yield return ("yesterday", "yesterday", true);
        yield return ("-7d", "the day a week ago", true);
        yield return ("-7d..today", "the last seven days and today", false);
        yield return (today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), "today: any day, as ISO 8601", true);
        yield return (today.AddDays(-1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), "yesterday", true);
        yield return (day, "today: any day, as DICOM text", false);
        yield return ($"{week}-{day}", "the last seven days: a range, both days included", false);
        yield return ($"{month}-", "since the first of this month: a range that is open at its end", false);
        yield return ($"-{day}", "until today: a range that is open at its beginning", false);
    }

    private static string Dicom(DateTime day) => day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    // Only what the parameter takes is offered.
    private static bool IsTaken(DateTransformAttribute reader, string text)
    {
        try
        {
            return reader.Transform(null!, text) is not null;
        }
        catch (ArgumentTransformationMetadataException)
        {
            return false;
        }
    }
}
