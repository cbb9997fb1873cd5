using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Data;
using DicomPS.Dates;
using DicomPS.Dictionary;
using DicomPS.Indexes;
using DicomPS.Matching;
using DicomPS.Queries;
using DicomPS.Querying;

namespace DicomPS.Commands;

/// <summary>Asks a peer for patients.</summary>
[Cmdlet(VerbsCommon.Find, "DicomPatient", DefaultParameterSetName = ByNode)]
[OutputType(typeof(Patient))]
public sealed class FindDicomPatientCommand : QueryCmdlet
{
    /// <summary>The name, with wildcards * and ?.</summary>
    [Parameter]
    [SupportsWildcards]
    public string? PatientName { get; set; }

    /// <summary>The IDs; several are asked one by one.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SeenCompleter))]
    public string[]? PatientID { get; set; }

    /// <summary>Who assigned the ID.</summary>
    [Parameter]
    public string? IssuerOfPatientID { get; set; }

    /// <summary>The birth date, or a range.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DaysCompleter))]
    [DateTransform]
    public DicomDateRange? PatientBirthDate { get; set; }

    /// <summary>M, F or O.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SexCompleter))]
    public string? PatientSex { get; set; }

    /// <summary>An index that Export-DicomIndex made, to ask instead of a peer.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByIndex)]
    [ValidateNotNullOrEmpty]
    public string? Index { get; set; }

    /// <summary>Who logs in to an index in PostgreSQL; without it a passfile, a certificate or the system decides.</summary>
    [Parameter(ParameterSetName = ByIndex)]
    [Credential]
    public PSCredential? IndexCredential { get; set; }

    /// <summary>The information model; another one is used, and said, where the peer does not accept it.</summary>
    [Parameter]
    [ValidateSet(nameof(InformationModel.StudyRoot), nameof(InformationModel.PatientRoot), nameof(InformationModel.PatientStudyOnly))]
    public InformationModel Model { get; set; } = InformationModel.PatientRoot;

    private protected override IndexPlace? Place => Index is null ? null
        : IndexPlace.Of(Index, IndexCredential, SessionState.Path.GetUnresolvedProviderPathFromPSPath);

    private protected override QueryLevel Level => QueryLevel.Patient;

    private protected override void AddKeys(QueryKeyTable keys)
    {
        keys.Add(Tags.PatientName, PatientName);
        keys.Add(Tags.IssuerOfPatientID, IssuerOfPatientID);
        keys.Add(Tags.PatientBirthDate, PatientBirthDate);
        keys.Add(Tags.PatientSex, PatientSex);
    }

    private protected override void AddTarget(QueryKeyTable keys) => keys.Add(Tags.PatientID, PatientID);

    private protected override QueryRequest Complete(QueryRequest request) => request with { Model = Model };
}
