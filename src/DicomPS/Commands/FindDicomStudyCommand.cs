using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Data;
using DicomPS.Dates;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Queries;
using DicomPS.Querying;

namespace DicomPS.Commands;

/// <summary>Asks a peer for studies.</summary>
[Cmdlet(VerbsCommon.Find, "DicomStudy", DefaultParameterSetName = ByNode)]
[OutputType(typeof(Study))]
public sealed class FindDicomStudyCommand : ModelQueryCmdlet
{
    /// <summary>The patient's name, with wildcards * and ?.</summary>
    [Parameter]
    [SupportsWildcards]
    public string? PatientName { get; set; }

    /// <summary>The patients' IDs; several are asked one by one.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SeenCompleter))]
    public string[]? PatientID { get; set; }

    /// <summary>The patient's birth date, or a range.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DaysCompleter))]
    [DateTransform]
    public DicomDateRange? PatientBirthDate { get; set; }

    /// <summary>The accession numbers; several are asked one by one.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SeenCompleter))]
    public string[]? AccessionNumber { get; set; }

    /// <summary>The modalities in the study; several are asked one by one.</summary>
    [Parameter]
    [Alias("ModalitiesInStudy")]
    [ArgumentCompleter(typeof(ModalityCompleter))]
    public string[]? Modality { get; set; }

    /// <summary>The day of the study, or a range of days.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DaysCompleter))]
    [DateTransform]
    [Alias("Date")]
    public DicomDateRange? StudyDate { get; set; }

    /// <summary>The study's ID.</summary>
    [Parameter]
    [SupportsWildcards]
    public string? StudyID { get; set; }

    /// <summary>The description, with wildcards * and ?.</summary>
    [Parameter]
    [SupportsWildcards]
    public string? StudyDescription { get; set; }

    /// <summary>The referring physician's name, with wildcards * and ?.</summary>
    [Parameter]
    [Alias("ReferringPhysicianName")]
    [SupportsWildcards]
    public string? ReferringPhysician { get; set; }

    /// <summary>The studies' UIDs; several go out as a list.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SeenCompleter))]
    public string[]? StudyInstanceUID { get; set; }

    /// <summary>Only studies of an index that are retrieved whole, or with $false only the others.</summary>
    [Parameter(ParameterSetName = ByIndex)]
    public bool Retrieved { get; set; }

    private protected override QueryLevel Level => QueryLevel.Study;

    private protected override QueryRequest Complete(QueryRequest request) =>
        base.Complete(request) with { IsRetrieved = Given(nameof(Retrieved)) ? Retrieved : null };

    private protected override (string Name, DicomDateRange? Days) Dates => (nameof(StudyDate), StudyDate);

    private protected override void AddKeys(QueryKeyTable keys)
    {
        keys.Add(Tags.PatientName, PatientName);
        keys.Add(Tags.PatientBirthDate, PatientBirthDate);
        keys.Add(Tags.StudyID, StudyID);
        keys.Add(Tags.StudyDescription, StudyDescription);
        keys.Add(Tags.ReferringPhysicianName, ReferringPhysician);
    }

    private protected override void AddTarget(QueryKeyTable keys)
    {
        // Who says of each row what is asked by means nothing else of it: the UID and the number of a worklist are those of a study that
        // is yet to come.
        var isSaid = IsPerRow(nameof(PatientID)) || IsPerRow(nameof(AccessionNumber));
        if (Typed(nameof(StudyInstanceUID)) || !isSaid)
            keys.Add(Tags.StudyInstanceUID, StudyInstanceUID);
        // The UID says it all; with the ID of each row beside it, no list could be made.
        var isNamed = isSaid || keys.Dataset.Count > 0;
        if (Typed(nameof(PatientID)) || Model != InformationModel.StudyRoot || !isNamed)
            keys.Add(Tags.PatientID, PatientID);
        if (Typed(nameof(AccessionNumber)) || !isNamed)
            keys.Add(Tags.AccessionNumber, AccessionNumber);
        keys.Add(Tags.ModalitiesInStudy, Modality);
    }
}
