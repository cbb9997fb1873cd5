using DicomPS.Dictionary;
using DicomPS.Scp;

namespace DicomPS.Scripts;

/// <summary>Makes the rows of performed procedure steps of blocks; the server keeps the steps in memory.</summary>
/// <param name="runner">Runs the blocks.</param>
/// <param name="limit">How long a block may take.</param>
/// <param name="incomplete">Told of a step that ends without what it must have then.</param>
internal sealed class ProcedureStepHandlers(ScriptRunner runner, TimeSpan limit, Action<ServiceCall, string> incomplete)
{
    /// <summary>The rows.</summary>
    /// <param name="create">Decides about new steps; null takes each.</param>
    /// <param name="set">Decides about changes; null takes each.</param>
    public IReadOnlyList<ServiceRow> Rows(HandlerBlock? create, HandlerBlock? set) =>
        new ProcedureStepScp(new ProcedureSteps(), Handler(create), Handler(set))
        {
            // A block keeps what it is told where it likes, and longer than a server runs.
            HandsOnUnknown = true,
            Incomplete = incomplete,
        }.Rows;

    private ProcedureStepHandler? Handler(HandlerBlock? block) => block is null ? null : async (request, cancellationToken) =>
    {
        var asked = new DicomProcedureStepRequest(request, cancellationToken);
        var origin = new RequestOrigin(asked.Operation, asked.CallingAETitle, asked.RemoteEndPoint);
        var written = await runner.CollectAsync(block, asked, origin, limit, cancellationToken).ConfigureAwait(false);
        return Answers.Response(request.Call.Command, StatusTable.ProcedureStep, written);
    };
}
