using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Data;
using DicomPS.Dates;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Queries;
using DicomPS.Querying;

namespace DicomPS.Commands;

/// <summary>Asks a peer for the instances of series.</summary>
[Cmdlet(VerbsCommon.Find, "DicomInstance", DefaultParameterSetName = ByNode)]
[OutputType(typeof(Instance))]
public sealed class FindDicomInstanceCommand : ModelQueryCmdlet
{
    /// <summary>The patient's ID; Patient Root needs it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SeenCompleter))]
    public string[]? PatientID { get; set; }

    /// <summary>The studies' UIDs; several are asked one by one.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SeenCompleter))]
    public string[]? StudyInstanceUID { get; set; }

    /// <summary>The series' UIDs; several are asked one by one.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SeenCompleter))]
    public string[]? SeriesInstanceUID { get; set; }

    /// <summary>The instances' UIDs; several go out as a list.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SeenCompleter))]
    public string[]? SOPInstanceUID { get; set; }

    /// <summary>The SOP classes by keyword or UID; several are asked one by one.</summary>
    [Parameter]
    [Alias("SOPClassUID")]
    [ArgumentCompleter(typeof(SopClassCompleter))]
    public string[]? SOPClass { get; set; }

    /// <summary>The day of the content, or a range of days.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DaysCompleter))]
    [DateTransform]
    [Alias("Date")]
    public DicomDateRange? ContentDate { get; set; }

    /// <summary>The number of the instance.</summary>
    [Parameter]
    public int? InstanceNumber { get; set; }

    private protected override QueryLevel Level => QueryLevel.Image;

    private protected override (string Name, DicomDateRange? Days) Dates => (nameof(ContentDate), ContentDate);

    private protected override void AddKeys(QueryKeyTable keys) =>
        keys.Add(Tags.InstanceNumber, InstanceNumber?.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private protected override void AddTarget(QueryKeyTable keys)
    {
        keys.Add(Tags.PatientID, PatientID);
        keys.Add(Tags.StudyInstanceUID, StudyInstanceUID);
        keys.Add(Tags.SeriesInstanceUID, SeriesInstanceUID);
        keys.Add(Tags.SOPInstanceUID, SOPInstanceUID);
        keys.Add(Tags.SOPClassUID, SOPClass?.Select(ClassUid).ToArray());
    }

    private static string ClassUid(string text) => DicomDictionary.FindUidByKeyword(text)?.Uid ?? text;
}
