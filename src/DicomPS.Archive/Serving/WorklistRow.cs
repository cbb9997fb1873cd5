using System.Globalization;
using DicomPS.Data;
using DicomPS.Text;
using DicomPS.Dictionary;

namespace DicomPS.Archiving.Serving;

/// <summary>
/// A flat row of a worklist on its way to a dataset: columns are keywords or the properties of <see cref="WorklistItem"/>, and
/// dates and times are in the form of DICOM or of ISO 8601, as Export-Csv writes them; a row does not say who wrote it where.
/// </summary>
internal sealed class WorklistRow
{
    private static readonly string[] TimeFormats = ["H:mm", "H:mm:ss", "H:mm:ss.FFFFFFF", "h:mm tt", "h:mm:ss tt", "H.mm"];

    // Where a property of WorklistItem is not called as the attribute is.
    private static readonly Dictionary<string, DicomTag> Properties = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(WorklistItem.ScheduledDate)] = Tags.ScheduledProcedureStepStartDateTime,
        [nameof(WorklistItem.StationAETitle)] = Tags.ScheduledStationAETitle,
        [nameof(WorklistItem.StationName)] = Tags.ScheduledStationName,
        [nameof(WorklistItem.PerformingPhysician)] = Tags.ScheduledPerformingPhysicianName,
        [nameof(WorklistItem.ProcedureStepDescription)] = Tags.ScheduledProcedureStepDescription,
        [nameof(WorklistItem.ProcedureStepID)] = Tags.ScheduledProcedureStepID,
        [nameof(WorklistItem.ProcedureStepLocation)] = Tags.ScheduledProcedureStepLocation,
        [nameof(WorklistItem.ProcedureStepStatus)] = Tags.ScheduledProcedureStepStatus,
        [nameof(WorklistItem.ReferringPhysician)] = Tags.ReferringPhysicianName,
    };

    // What an item has beside attributes: where it came from.
    private static readonly HashSet<string> Known =
        new(typeof(WorklistItem).GetProperties().Select(property => property.Name), StringComparer.OrdinalIgnoreCase);

    private static readonly Dictionary<string, DicomTag> Keywords = DicomDictionary.All.Where(entry => entry.Keyword.Length > 0)
        .GroupBy(entry => entry.Keyword, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(same => same.Key, same => same.First().Tag, StringComparer.OrdinalIgnoreCase);

    /// <summary>What is known of the item so far.</summary>
    public DicomDataset Dataset { get; } = [];

    /// <summary>The attribute that a column is about; null when it is about none, or about where the row came from.</summary>
    public static DicomTag? TagOf(string column)
    {
        var name = column.Trim();
        if (string.Equals(name, nameof(WorklistItem.RetrieveAETitle), StringComparison.OrdinalIgnoreCase))
            return null;
        if (Properties.TryGetValue(name, out var tag) || Keywords.TryGetValue(name, out tag) || DicomTag.TryParse(name, out tag))
            return tag;
        return null;
    }

    /// <summary>Whether a column is of no use, as one that is misspelt.</summary>
    public static bool IsUnknown(string column) => TagOf(column) is null && column.Trim() is { Length: > 0 } name && !Known.Contains(name);

    /// <summary>Sets an attribute from a text; an empty one sets nothing.</summary>
    /// <exception cref="ArgumentException">The text does not fit the attribute.</exception>
    public void Set(DicomTag tag, string text)
    {
        text = text.Trim();
        if (text.Length == 0)
            return;
        var vr = DicomDictionary.VrOf(tag);
        if (vr == Vr.SQ)
            throw new ArgumentException($"{DicomDictionary.KeywordOf(tag)} is a sequence, which a text cannot be.");
        if (vr == Vr.TM)
            Dataset.Set(tag, vr, Time(text));
        else if (vr is Vr.DA or Vr.DT)
            Set(tag, DateText.Read.Moment(text));
        else
            Dataset.Set(tag, vr == Vr.None ? Vr.LO : vr, text);
    }

    /// <summary>Sets a date, a time or both.</summary>
    public void Set(DicomTag tag, DateTime moment)
    {
        string day = moment.ToString("yyyyMMdd", CultureInfo.InvariantCulture),
            time = moment.ToString("HHmmss", CultureInfo.InvariantCulture);
        if (tag == Tags.ScheduledProcedureStepStartDateTime || tag == Tags.ScheduledProcedureStepStartDate)
        {
            Dataset.Set(Tags.ScheduledProcedureStepStartDate, Vr.DA, day);
            // A date without a time is at midnight, and a column of its own says the time better.
            var isTimed = tag == Tags.ScheduledProcedureStepStartDateTime || moment.TimeOfDay > TimeSpan.Zero;
            if (isTimed && !Dataset.Contains(Tags.ScheduledProcedureStepStartTime))
                Dataset.Set(Tags.ScheduledProcedureStepStartTime, Vr.TM, time);
            return;
        }

        var vr = DicomDictionary.VrOf(tag);
        Dataset.Set(tag, vr, vr switch { Vr.DA => day, Vr.TM => time, _ => day + time });
    }

    private static string Time(string text)
    {
        // Spreadsheets drop the zero in front: 815 is 0815.
        if (text.Length is 3 or 5 && text.All(char.IsDigit))
            text = "0" + text;
        var parsed = new DicomDataset();
        parsed.Set(Tags.StudyTime, Vr.TM, text);
        if (parsed.GetTime(Tags.StudyTime) is not null)
            return text.Replace(":", "");
        if (DateTime.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment))
            return moment.ToString("HHmmss", CultureInfo.InvariantCulture);
        // A time with its day, as Export-Csv writes it.
        if (text.Length > 8 && text[4] == '-')
            return DateText.Read.Moment(text).ToString("HHmmss", CultureInfo.InvariantCulture);
        throw new ArgumentException($"'{text}' is no time. Write it as 08:15.");
    }
}
