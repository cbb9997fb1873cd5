using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Scu;

namespace DicomPS.Cmdlets;

/// <summary>
/// The base of the cmdlets for performed procedure steps: whom to tell or ask. One association serves all records of a node; each record
/// has its result as soon as it is answered.
/// </summary>
public abstract class ProcedureStepCmdlet : RemoteCmdlet
{
    // Performed Procedure Step Object may no longer be updated (PS3.4 F.7.2.2.2).
    private const ushort NoLongerUpdated = 0xA506;
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(2);

    private readonly Dictionary<DicomNode, DicomException> _dead = [];
    private ProcedureStepScu? _scu;
    private DicomNode? _open;

    /// <summary>The peer: AETITLE@host:port, a registered name, a hashtable, or a node.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByNode, ValueFromPipelineByPropertyName = true)]
    [NodeTransform]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    [ValidateNotNull]
    public DicomNode? Node { get; set; }

    /// <summary>The peer of this record.</summary>
    private protected DicomNode Peer => WithOverrides(ParameterSetName == ByHost ? NodeFromHost() : Node!);

    /// <summary>Opens the association.</summary>
    private protected virtual Task<ProcedureStepScu> ConnectAsync(AssociationOptions options, CancellationToken token) =>
        ProcedureStepScu.ConnectAsync(options, token);

    /// <summary>Asks the peer, and writes what became of it.</summary>
    /// <param name="step">The step, if the peer takes it.</param>
    /// <param name="ask">Sends the request.</param>
    /// <param name="operation">The request, such as N-SET.</param>
    private protected void Ask(ProcedureStep step, string operation, Func<ProcedureStepScu, CancellationToken,
        Task<(CommandSet Response, ProcedureStep Step)>> ask)
    {
        var node = step.Node!;
        var failed = step with { Success = false, PerformedProcedureStepStatus = null, Status = "NotSent" };
        if (_dead.TryGetValue(node, out var known))
        {
            // Said once; the others have their result.
            WriteObject(failed with { Error = known.Message });
            return;
        }

        try
        {
            var (response, answered) = Wait(async token =>
            {
                var scu = await OpenAsync(node, token).ConfigureAwait(false);
                failed = failed with { Status = "Unknown" };
                return await ask(scu, token).ConfigureAwait(false);
            });
            Write(answered, failed, response, operation);
        }
        catch (DicomException problem)
        {
            if (failed.Status == "NotSent")
                _dead[node] = problem;
            Drop();
            WriteObject(failed with { Error = problem.Message });
            WriteFailure(problem, node);
        }
    }

    private protected override void End()
    {
        if (_scu is { } open)
            Wait(async token =>
            {
                await open.Association.LeaveAsync(token).ConfigureAwait(false);
                return true;
            });
        Drop();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Drop();
    }

    private void Write(ProcedureStep answered, ProcedureStep failed, CommandSet response, string operation)
    {
        var said = DimseStatus.Describe(StatusTable.ProcedureStep, response.Status);
        DicomException? refused = said.IsDone ? null
            : IsOver(response) ? new ModuleException(ErrorIds.ProcedureStepFinal, ErrorCategory.InvalidOperation,
                $"The procedure step {failed.SOPInstanceUID} is COMPLETED or DISCONTINUED at {failed.Node} and changes no more.",
                "What was done since is a step of its own: New-DicomProcedureStep makes one.", failed.SOPInstanceUID)
            : DimseRefusal.Exception($"The peer answered {operation} with status", StatusTable.ProcedureStep, response.Status!.Value,
                response.ErrorComment, Offending(response));
        WriteObject((said.IsDone ? answered : failed) with
        {
            Success = said.IsDone,
            Status = said.ToString(),
            StatusCode = response.Status,
            ErrorComment = response.ErrorComment,
            Error = refused?.Message,
        });
        if (refused is { })
            WriteFailure(refused, failed.Node);
    }

    // Some peers have only the words of the standard.
    private static bool IsOver(CommandSet response) => response.Status == Statuses.ProcessingFailure
        && (response.ErrorId == NoLongerUpdated
            || response.ErrorComment?.IndexOf("no longer be updated", StringComparison.OrdinalIgnoreCase) >= 0);

    private static string Offending(CommandSet response) => response.OffendingElements is not { Count: > 0 } elements ? ""
        : $" It names {string.Join(", ", elements.Select(element => DicomDictionary.KeywordOf(new Data.DicomTag(element))))}.";

    private async Task<ProcedureStepScu> OpenAsync(DicomNode node, CancellationToken token)
    {
        if (_scu is { } open)
        {
            if (node == _open)
                return open;
            _scu = null;
            await open.Association.LeaveAsync(token).ConfigureAwait(false);
            await open.DisposeAsync().ConfigureAwait(false);
        }

        _open = node;
        return _scu = await ConnectAsync(OptionsFor(node), token).ConfigureAwait(false);
    }

    private void Drop()
    {
        if (_scu is not { } open)
            return;
        _scu = null;
        Task.Run(async () => await open.DisposeAsync().ConfigureAwait(false)).Wait(LeaveTime);
    }
}
