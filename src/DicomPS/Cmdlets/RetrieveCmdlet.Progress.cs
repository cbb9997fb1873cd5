using System.Management.Automation;
using DicomPS.Associations;
using DicomPS.Matching;
using DicomPS.Pipeline;
using DicomPS.Querying;
using DicomPS.Retrieving;

namespace DicomPS.Cmdlets;

// What the caller is told while it runs, and everything at the peer.
public abstract partial class RetrieveCmdlet
{
    private ProgressBlock? _block;
    private long _notBegun;

    /// <summary>
    /// Runs for each response of the peer, and every 3 s without one, with an OperationProgress; $false cancels with C-CANCEL.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? OnProgress { get; set; }

    /// <summary>Retrieves every study that the peer finds. It asks first, unless -Confirm:$false is given.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    private void BeginProgress()
    {
        if (OnProgress is { } block)
            _block = new ProgressBlock(this, block);
        foreach (var key in new[] { nameof(PatientID), nameof(StudyInstanceUID), nameof(SeriesInstanceUID), nameof(SOPInstanceUID) }.Where(
            key => All && Given(key)))
        {
            Terminate(new ModuleException(ErrorIds.RetrieveKeysInvalid, ErrorCategory.InvalidArgument,
                $"-All is everything of the peer, and -{key} names some of it.", "Give one of the two.", key), key);
        }
    }

    // Every study is a request of its own, as the peer finds them: the models know no retrieve of everything.
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

    // The counts of the request that runs are the peer's own; what arrived is counted here, over the whole command.
    private OperationProgress Now(OperationProgress? said)
    {
        var now = _job!.Progress;
        var isSame = said is not null && (said.IsResponse || said.Running == now.Running);
        var operation = OptionsOf(_target!).Method == RetrieveMethod.Move ? "C-MOVE" : "C-GET";
        return (isSame ? said! : new OperationProgress { Operation = operation }) with
        {
            Running = said?.Running ?? now.Running,
            Received = OptionsOf(_target!).Storage is null ? null : now.Received,
            Bytes = OptionsOf(_target!).Storage is null ? null : now.Bytes,
            Requests = now.Requests,
            Done = now.Done,
            Node = _target,
        };
    }

    private void RunBlock() => _block?.Run(Now, () => _job!.StopAsync());

    private bool IsCancelled => _block is { IsCancelled: true };

    private void WriteNotBegun(RetrieveKeys keys, DicomNode node)
    {
        foreach (var part in RetrieveTarget.Split(keys))
        {
            foreach (var uid in part.SOPInstanceUID.Count > 0 ? part.SOPInstanceUID : [""])
            {
                _notBegun++;
                WriteObject(OptionsOf(node).NotBegun(uid.Length > 0 ? part with { SOPInstanceUID = [uid] } : part));
            }
        }
    }

    private void TellCancelled()
    {
        if (IsCancelled)
        {
            WriteWarning("-OnProgress cancelled the retrieve: the results with Verdict Cancelled say what was done"
                + (_notBegun > 0 ? $"; {_notBegun} requests were not begun." : "."));
        }
    }
}
