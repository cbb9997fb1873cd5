using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Data;
using DicomPS.Dates;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Queries;
using DicomPS.Querying;

namespace DicomPS.Commands;

/// <summary>Asks a peer for the series of studies.</summary>
[Cmdlet(VerbsCommon.Find, "DicomSeries", DefaultParameterSetName = ByNode)]
[OutputType(typeof(Series))]
public sealed class FindDicomSeriesCommand : ModelQueryCmdlet
{
    /// <summary>The patient's ID; Patient Root needs it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SeenCompleter))]
    public string[]? PatientID { get; set; }

    /// <summary>The studies' UIDs; several are asked one by one.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SeenCompleter))]
    public string[]? StudyInstanceUID { get; set; }

    /// <summary>The series' UIDs; several go out as a list.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SeenCompleter))]
    public string[]? SeriesInstanceUID { get; set; }

    /// <summary>The modalities; several are asked one by one.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ModalityCompleter))]
    public string[]? Modality { get; set; }

    /// <summary>The day of the series, or a range of days.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DaysCompleter))]
    [DateTransform]
    [Alias("Date")]
    public DicomDateRange? SeriesDate { get; set; }

    /// <summary>The number of the series.</summary>
    [Parameter]
    public int? SeriesNumber { get; set; }

    /// <summary>The description, with wildcards * and ?.</summary>
    [Parameter]
    [SupportsWildcards]
    public string? SeriesDescription { get; set; }

    /// <summary>The body part, such as HEAD.</summary>
    [Parameter]
    [SupportsWildcards]
    public string? BodyPartExamined { get; set; }

    /// <summary>The protocol, with wildcards * and ?.</summary>
    [Parameter]
    [SupportsWildcards]
    public string? ProtocolName { get; set; }

    /// <summary>Only series of an index that are retrieved whole, or with $false only the others.</summary>
    [Parameter(ParameterSetName = ByIndex)]
    public bool Retrieved { get; set; }

    private protected override QueryLevel Level => QueryLevel.Series;

    private protected override QueryRequest Complete(QueryRequest request) =>
        base.Complete(request) with { IsRetrieved = Given(nameof(Retrieved)) ? Retrieved : null };

    private protected override (string Name, DicomDateRange? Days) Dates => (nameof(SeriesDate), SeriesDate);

    private protected override void AddKeys(QueryKeyTable keys)
    {
        keys.Add(Tags.SeriesNumber, SeriesNumber?.ToString(System.Globalization.CultureInfo.InvariantCulture));
        keys.Add(Tags.SeriesDescription, SeriesDescription);
        keys.Add(Tags.BodyPartExamined, BodyPartExamined);
        keys.Add(Tags.ProtocolName, ProtocolName);
    }

    private protected override void AddTarget(QueryKeyTable keys)
    {
        keys.Add(Tags.PatientID, PatientID);
        keys.Add(Tags.StudyInstanceUID, StudyInstanceUID);
        keys.Add(Tags.SeriesInstanceUID, SeriesInstanceUID);
        keys.Add(Tags.Modality, Modality);
    }
}
