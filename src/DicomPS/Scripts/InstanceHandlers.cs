using System.Management.Automation;
using DicomPS.Commitment;
using DicomPS.Dictionary;
using DicomPS.Scp;
using DicomPS.Scu;

namespace DicomPS.Scripts;

/// <summary>Makes the rows of storage commitment and of Instance Availability Notification of blocks.</summary>
internal sealed class InstanceHandlers(ScriptRunner runner, TimeSpan limit)
{
    // What a table of failure reasons has for an instance that nobody spoke of (PS3.3 C.14.1.1).
    private const ushort NoSuchInstance = Statuses.NoSuchSopInstance;

    /// <summary>Answers storage commitment by a block, and reports as an archive does.</summary>
    /// <param name="block">The block; what it writes is safe.</param>
    /// <param name="options">How requesters are called.</param>
    public CommitmentScp Commitment(HandlerBlock block, CommitmentScpOptions options) => CommitmentScp.ForRequests(
        async (requester, request, cancellationToken) =>
        {
            var instances = request.Instances;
            var asked = new DicomInstanceRequest("N-ACTION", requester, null, [.. instances.Select(one => new ReferencedInstance(one))],
                cancellationToken)
            { TransactionUID = request.TransactionUid };
            var written = await RunAsync(block, asked, cancellationToken).ConfigureAwait(false);
            return (IReadOnlyList<ushort>)Reasons(block, instances, written);
        }, options);

    /// <summary>Takes notifications by a block: nothing is Success, otherwise a status.</summary>
    /// <param name="block">The block.</param>
    public ServiceRow Availability(HandlerBlock block) => new AvailabilityScp(async (call, notice, cancellationToken) =>
    {
        var asked = new DicomInstanceRequest("N-CREATE", call.Association.Request.CallingAETitle, $"{call.Association.RemoteEndPoint}",
            [.. notice.Instances.Select(one => new ReferencedInstance(notice.StudyInstanceUid, one))], cancellationToken);
        return Answers.Response(call.Command, StatusTable.General, await RunAsync(block, asked, cancellationToken).ConfigureAwait(false));
    }).Row;

    private Task<List<PSObject>> RunAsync(HandlerBlock block, DicomInstanceRequest asked, CancellationToken cancellationToken) =>
        runner.CollectAsync(block, asked, new RequestOrigin(asked.Operation, asked.CallingAETitle, asked.RemoteEndPoint), limit,
            cancellationToken);

    // Safe is what the block names and nothing else: an instance that it does not write, writes with a reason, or writes twice with and
    // without one, is not.
    private static ushort[] Reasons(HandlerBlock block, IReadOnlyList<SopReference> instances, List<PSObject> written)
    {
        var reasons = new Dictionary<string, ushort>(StringComparer.Ordinal);
        foreach (var answer in written)
        {
            var uid = answer.BaseObject as string ?? Answers.Get(answer, nameof(ReferencedInstance.SOPInstanceUID))?.ToString();
            if (string.IsNullOrWhiteSpace(uid))
            {
                throw new HandlerException(
                    $"-{block.Parameter} wrote '{answer}', which names no instance: write the SOP Instance UIDs that are safe.");
            }

            var reason = answer.BaseObject is string ? null : Answers.Get(answer, "FailureReason");
            var number = reason is null ? (ushort)0 : Answers.Number(reason)
                ?? throw new HandlerException($"-{block.Parameter} wrote the FailureReason '{reason}', which is no number.");
            uid = uid!.Trim();
            reasons[uid] = reasons.TryGetValue(uid, out var before) && before != 0 ? before : number;
        }

        return [.. instances.Select(one => reasons.TryGetValue(one.SopInstanceUid, out var reason) ? reason : NoSuchInstance)];
    }
}
