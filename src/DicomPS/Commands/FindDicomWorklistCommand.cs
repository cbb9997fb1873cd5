using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Data;
using DicomPS.Dates;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Queries;
using DicomPS.Querying;

namespace DicomPS.Commands;

/// <summary>Asks a modality worklist for scheduled procedure steps.</summary>
[Cmdlet(VerbsCommon.Find, "DicomWorklist", DefaultParameterSetName = ByNode)]
[OutputType(typeof(WorklistItem))]
public sealed class FindDicomWorklistCommand : DatedQueryCmdlet
{
    /// <summary>The day that the step is scheduled for, or a range of days.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DaysCompleter))]
    [DateTransform]
    [Alias("Date")]
    public DicomDateRange? ScheduledDate { get; set; }

    /// <summary>The modalities; several are asked one by one.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ModalityCompleter))]
    public string[]? Modality { get; set; }

    /// <summary>The AE titles of the stations; several are asked one by one.</summary>
    [Parameter]
    [Alias("ScheduledStationAETitle")]
    [ArgumentCompleter(typeof(AETitleCompleter))]
    public string[]? StationAETitle { get; set; }

    /// <summary>The performing physician's name, with wildcards * and ?.</summary>
    [Parameter]
    [Alias("ScheduledPerformingPhysicianName")]
    [SupportsWildcards]
    public string? PerformingPhysician { get; set; }

    /// <summary>The patient's name, with wildcards * and ?.</summary>
    [Parameter]
    [SupportsWildcards]
    public string? PatientName { get; set; }

    /// <summary>The patients' IDs; several are asked one by one.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SeenCompleter))]
    public string[]? PatientID { get; set; }

    /// <summary>The accession numbers; several are asked one by one.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SeenCompleter))]
    public string[]? AccessionNumber { get; set; }

    /// <summary>The ID of the requested procedure.</summary>
    [Parameter]
    public string? RequestedProcedureID { get; set; }

    private protected override QueryLevel Level => QueryLevel.Worklist;

    private protected override (string Name, DicomDateRange? Days) Dates => (nameof(ScheduledDate), ScheduledDate);

    private protected override void AddKeys(QueryKeyTable keys)
    {
        keys.Add(Tags.ScheduledPerformingPhysicianName, PerformingPhysician);
        keys.Add(Tags.PatientName, PatientName);
        keys.Add(Tags.RequestedProcedureID, RequestedProcedureID);
    }

    private protected override void AddTarget(QueryKeyTable keys)
    {
        keys.Add(Tags.PatientID, PatientID);
        // A piped study has the accession number of an order that is done; what is scheduled for its patient has another.
        if (Typed(nameof(AccessionNumber)) || IncludeMissing || keys.Dataset.Count == 0)
            keys.Add(Tags.AccessionNumber, AccessionNumber);
        keys.Add(Tags.Modality, Modality);
        keys.Add(Tags.ScheduledStationAETitle, StationAETitle);
    }
}
