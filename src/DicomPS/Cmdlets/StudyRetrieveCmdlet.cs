using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Indexes;
using DicomPS.Matching;
using DicomPS.Querying;
using DicomPS.Retrieving;

namespace DicomPS.Cmdlets;

/// <summary>The base of Move-DicomStudy and Receive-DicomStudy: what of patients, studies, series and instances to retrieve.</summary>
public abstract class StudyRetrieveCmdlet : RetrieveCmdlet
{
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(10);

    private IndexFile? _index;
    private string _marks = "";

    /// <summary>Patient IDs. Without UIDs everything of these patients; with UIDs the Patient Root model.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SeenCompleter))]
    public string[]? PatientID { get; set; }

    /// <summary>Study Instance UIDs.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ScalarTransform]
    [ArgumentCompleter(typeof(SeenCompleter))]
    public string[]? StudyInstanceUID { get; set; }

    /// <summary>Series Instance UIDs, of one study.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SeenCompleter))]
    public string[]? SeriesInstanceUID { get; set; }

    /// <summary>SOP Instance UIDs, of one series.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SeenCompleter))]
    public string[]? SOPInstanceUID { get; set; }

    /// <summary>The model; the keys decide without it.</summary>
    [Parameter]
    public InformationModel Model { get; set; }

    /// <summary>The level; the deepest key decides without it.</summary>
    [Parameter]
    [ValidateSet(nameof(QueryLevel.Patient), nameof(QueryLevel.Study), nameof(QueryLevel.Series), nameof(QueryLevel.Image))]
    public QueryLevel Level { get; set; }

    /// <summary>Retrieves every study that the peer finds. It asks first, unless -Confirm:$false is given.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <summary>An index that Export-DicomIndex made: what was retrieved is marked in it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Index { get; set; }

    /// <summary>Who logs in to an index in PostgreSQL; without it a passfile, a certificate or the system decides.</summary>
    [Parameter]
    [Credential]
    public PSCredential? IndexCredential { get; set; }

    /// <summary>As what images are to come, classic or enhanced; a peer that does not convert them is asked for nothing.</summary>
    [Parameter]
    [ValidateSet("CLASSIC", "ENHANCED")]
    public string? View { get; set; }

    private protected override string? WantedView => View?.ToUpperInvariant();

    /// <summary>The model that was asked for; null lets the keys decide.</summary>
    private protected virtual InformationModel? WantedModel => Given(nameof(Model)) ? Model : null;

    /// <summary>SOP classes that the record names.</summary>
    private protected virtual IReadOnlyList<string> KnownClasses => [];

    private protected override void Begin()
    {
        base.Begin();
        if (Index is { } named && !IsWhatIf)
        {
            var place = IndexPlace.Of(named, IndexCredential, SessionState.Path.GetUnresolvedProviderPathFromPSPath);
            _marks = place.ToString();
            try
            {
                // A name that is misspelt must not begin an index of nothing.
                _index = Wait(token => IndexErrors.Named(() => IndexFile.OpenAsync(place, mayCreate: false, token), _marks));
            }
            catch (DicomException failure)
            {
                Terminate(failure, _marks);
            }
        }

        foreach (var key in new[] { nameof(PatientID), nameof(StudyInstanceUID), nameof(SeriesInstanceUID), nameof(SOPInstanceUID) }.Where(
            key => All && Given(key)))
        {
            Terminate(new ModuleException(ErrorIds.RetrieveKeysInvalid, ErrorCategory.InvalidArgument,
                $"-All is everything of the peer, and -{key} names some of it.", "Give one of the two.", key), key);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (_index is not { } open)
            return;
        _index = null;
        Task.Run(open.CloseAsync).Wait(CloseTime);
    }

    // Before the result is written: whoever stops the pipeline with it finds it marked.
    private protected override void Mark(RetrieveResult result)
    {
        if (_index is not { } index)
            return;
        try
        {
            Wait(async _ =>
            {
                await index.MarkAsync(result, CancellationToken.None).ConfigureAwait(false);
                return true;
            });
        }
        catch (DicomException failure)
        {
            WriteFailure(IndexErrors.Of(failure, _marks), result.StudyInstanceUID ?? result.PatientID);
        }
    }

    private protected override IReadOnlyList<string> UidKeys =>
        [nameof(StudyInstanceUID), nameof(SeriesInstanceUID), nameof(SOPInstanceUID)];

    // Several patients without anything below them are a request each: a Patient ID cannot be a list.
    private protected override IEnumerable<RetrieveKeys> Requests()
    {
        var patients = PatientID is { Length: > 0 } given ? given : new string?[] { null };
        foreach (var patient in patients)
        {
            yield return new RetrieveKeys
            {
                PatientID = patient,
                StudyInstanceUID = StudyInstanceUID ?? [],
                SeriesInstanceUID = SeriesInstanceUID ?? [],
                SOPInstanceUID = SOPInstanceUID ?? [],
                SOPClassUID = KnownClasses,
                Model = WantedModel,
                Level = Given(nameof(Level)) ? Level : null,
            };
        }
    }

    // Every study is a request of its own, as the peer finds them: the models know no retrieve of everything.
    private protected override bool RetrievesAll(DicomNode node)
    {
        if (All)
            RetrieveAll(node);
        return All;
    }

    private void RetrieveAll(DicomNode node)
    {
        if (IsWhatIf)
        {
            ShouldProcess($"every study of {node}", ActionFor(node));
            return;
        }

        if (!IsSure(node))
            return;
        var request = new QueryRequest { Level = QueryLevel.Study, Split = QuerySplit.Auto };
        var job = new QueryJob(new QueryJobOptions { Association = OptionsFor(node), Node = node, Trace = Note }, request);
        Drain(job.RunAsync, value =>
        {
            switch (value)
            {
                case QueryFound { Result: Study { StudyInstanceUID: { Length: > 0 } uid } study }:
                    Ask(new RetrieveKeys
                    {
                        PatientID = WantedModel is InformationModel.PatientRoot or InformationModel.PatientStudyOnly
                            ? study.PatientID : null,
                        StudyInstanceUID = [uid],
                        Model = WantedModel,
                        Level = QueryLevel.Study,
                    }, node);
                    break;
                case QueryFound:
                    WriteWarning($"{node}: a study without a Study Instance UID cannot be retrieved.");
                    break;
                case QueryNotice notice:
                    WriteWarning($"{node}: {notice.Message}");
                    break;
                case QueryFailed failed:
                    WriteFailure(failed.Problem, node);
                    break;
                case QuerySummary { IsComplete: false } summary:
                    WriteWarning($"{node}: {summary.Text} What was not found is not retrieved.");
                    break;
            }
        });
    }

    // As ConfirmImpact High does, which an attribute can only say of the whole cmdlet.
    private bool IsSure(DicomNode node)
    {
        var asks = MyInvocation.BoundParameters.TryGetValue("Confirm", out var given) ? LanguagePrimitives.IsTrue(given)
            : !string.Equals(GetVariableValue("ConfirmPreference")?.ToString(), "None", StringComparison.OrdinalIgnoreCase);
        return !asks || ShouldContinue(
            SafeText.Clean($"{ActionFor(node)}: every study that {node} finds, which may be all that it has. Go on?"),
            "Retrieve everything");
    }
}
