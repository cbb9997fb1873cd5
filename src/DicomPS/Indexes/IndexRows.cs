using System.Globalization;
using System.Management.Automation;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Querying;
using DicomPS.Text;

namespace DicomPS.Indexes;

/// <summary>
/// Objects of the Find cmdlets that went through a file: rows of Import-Csv, where all are texts, and what Import-Clixml makes. What
/// is known of them is in their properties.
/// </summary>
internal static class IndexRows
{
    // What rows of other cmdlets have beside a UID: nothing that a peer said of a study.
    private static readonly string[] Strange = ["Verdict", "Status", "ScheduledDate", "TransactionUID"];

    private static readonly (QueryLevel Level, string Name, string Key)[] Levels =
    [
        (QueryLevel.Image, "Instance", "SOPInstanceUID"), (QueryLevel.Series, "Series", "SeriesInstanceUID"),
        (QueryLevel.Study, "Study", "StudyInstanceUID"), (QueryLevel.Patient, "Patient", "PatientID"),
    ];

    /// <summary>The level of a row of Find; null for any other object.</summary>
    public static QueryLevel? LevelOf(PSObject row)
    {
        if (row.BaseObject is not PSCustomObject || Array.Exists(Strange, name => row.Properties[name] is not null))
            return null;
        foreach (var (level, name, _) in Levels)
        {
            if (row.TypeNames.Any(type => type.EndsWith($"DicomPS.{name}", StringComparison.Ordinal)))
                return level;
        }

        foreach (var (level, _, key) in Levels)
        {
            if (row.Properties[key] is not null)
                return level;
        }

        return null;
    }

    /// <summary>What a row says, as the answer of a peer.</summary>
    /// <exception cref="ModuleException">A date or a number is none.</exception>
    public static DicomDataset AnswerOf(PSObject row, QueryLevel level)
    {
        var answer = new DicomDataset();
        // Text in a file is text, whatever the peer had it in.
        answer.SetCharacterSet("ISO_IR 192");
        foreach (var property in row.Properties)
        {
            if (Bare(property.Value) is not { } value || value is string text && string.IsNullOrWhiteSpace(text))
                continue;
            var keyword = KeywordOf(property.Name, level);
            if (DicomDictionary.Find(keyword) is not { } known || known.Tag.Group == 0x0002)
                continue;
            Put(answer, property.Name, known.Tag, DicomDictionary.VrOf(known.Tag), value);
        }

        return answer;
    }

    private static object? Bare(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    private static string KeywordOf(string name, QueryLevel level) => (level, name) switch
    {
        (_, "Modalities") => "ModalitiesInStudy",
        (_, "ReferringPhysician") => "ReferringPhysicianName",
        (_, "Availability") => "InstanceAvailability",
        (QueryLevel.Patient, "Studies") => "NumberOfPatientRelatedStudies",
        (QueryLevel.Patient, "Series") => "NumberOfPatientRelatedSeries",
        (QueryLevel.Patient, "Instances" or "Images") => "NumberOfPatientRelatedInstances",
        (QueryLevel.Study, "Series") => "NumberOfStudyRelatedSeries",
        (QueryLevel.Study, "Instances" or "Images") => "NumberOfStudyRelatedInstances",
        (QueryLevel.Series, "Instances" or "Images") => "NumberOfSeriesRelatedInstances",
        _ => name,
    };

    private static void Put(DicomDataset answer, string name, DicomTag tag, Vr vr, object value)
    {
        try
        {
            switch (vr)
            {
                case Vr.DA:
                    PutMoment(answer, tag, value as DateTime? ?? DateText.Read.Moment(Text(value)));
                    break;
                case Vr.IS or Vr.US or Vr.UL or Vr.SS or Vr.SL
                    when !long.TryParse(Text(value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _):
                    throw new ArgumentException($"'{value}' is no whole number.");
                case Vr.SQ or Vr.OB or Vr.OW or Vr.UN or Vr.None:
                    // A cell has no room for them.
                    break;
                default:
                    answer.Set(tag, vr, Text(value).Split('\\'));
                    break;
            }
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            throw new ModuleException(ErrorIds.IndexInputUnknown, ErrorCategory.InvalidData,
                $"{name} of a row cannot be understood: {ErrorRecords.Sentence(e)} The row was not put into the index.",
                "In rows of files dates are in ISO 8601, as Export-Csv writes those of Find: 2024-01-31 or 2024-01-31T14:30:00.", value, e);
        }
    }

    // Midnight is what a day without a time shows too: then nothing is said about the time.
    private static void PutMoment(DicomDataset answer, DicomTag date, DateTime moment)
    {
        answer.Set(date, Vr.DA, moment.ToString("yyyyMMdd", CultureInfo.InvariantCulture));
        var time = date == Tags.StudyDate ? Tags.StudyTime : date == Tags.SeriesDate ? Tags.SeriesTime
            : date == Tags.ContentDate ? Tags.ContentTime : (DicomTag?)null;
        if (time is { } at && moment.TimeOfDay > TimeSpan.Zero)
            answer.Set(at, Vr.TM, moment.ToString("HHmmss.FFFFFF", CultureInfo.InvariantCulture).TrimEnd('.'));
    }

    private static string Text(object value) =>
        (value is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : $"{value}").Trim();
}
