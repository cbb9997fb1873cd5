using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Indexes;
using DicomPS.Matching;
using DicomPS.Querying;

namespace DicomPS.Cmdlets;

/// <summary>The base of the Find cmdlets of Query/Retrieve below the patient.</summary>
public abstract class ModelQueryCmdlet : DatedQueryCmdlet
{
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
    public InformationModel Model { get; set; } = InformationModel.StudyRoot;

    /// <summary>Uses keys of all levels at once, where the peer agrees to it.</summary>
    [Parameter]
    public SwitchParameter Relational { get; set; }

    /// <summary>As what images are told, classic or enhanced, where the peer converts them and agrees to say so.</summary>
    [Parameter]
    [ValidateSet("CLASSIC", "ENHANCED")]
    public string? View { get; set; }

    /// <summary>Asks by Repository Query where the peer has it: what it cuts is asked on where it was cut.</summary>
    [Parameter]
    public SwitchParameter Repository { get; set; }

    /// <summary>What Find says of the row that is piped in: whether it fits what was asked for. What does not is left out.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [MatchTransform]
    public bool? Matches { get; set; }

    /// <summary>Asks also about what does not fit what Find asked for; the answers do not match either.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsDoubted => Matches == false;

    private protected override bool IsForced => Force;

    private protected override IndexPlace? Place => Index is null ? null
        : IndexPlace.Of(Index, IndexCredential, SessionState.Path.GetUnresolvedProviderPathFromPSPath);

    private protected override QueryRequest Complete(QueryRequest request) =>
        base.Complete(request) with
        {
            Model = Model,
            Relational = Relational,
            View = View?.ToUpperInvariant(),
            UsesRepository = Repository,
        };
}
