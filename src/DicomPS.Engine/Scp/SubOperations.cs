using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;

namespace DicomPS.Scp;

/// <summary>An instance that a retrieve request asks for.</summary>
/// <param name="Path">Its file.</param>
/// <param name="SopClassUid">Its SOP class.</param>
/// <param name="SopInstanceUid">Its SOP instance UID.</param>
/// <param name="TransferSyntaxUid">The transfer syntax of the file.</param>
public sealed record StoredInstance(string Path, string SopClassUid, string SopInstanceUid, string TransferSyntaxUid)
{
    /// <summary>Whether the file was made for this request and is deleted after it. Default false.</summary>
    public bool IsTemporary { get; init; }

    /// <summary>Why it cannot be sent: it counts as a failed sub-operation. Null, the default, for one that is tried.</summary>
    public Exception? Problem { get; init; }

    /// <summary>
    /// No instance, but what the handler says in the middle: a pending response with these counts is sent in its turn. Null, the
    /// default, for an instance.
    /// </summary>
    public SubOperationCounts? Counts { get; init; }

    /// <summary>What the handler says in the middle.</summary>
    /// <param name="counts">The counts.</param>
    public static StoredInstance Said(SubOperationCounts counts) => new("", "", "", "") { Counts = counts };
}

/// <summary>Finds the instances that an identifier asks for.</summary>
/// <param name="call">The request.</param>
/// <param name="identifier">The unique keys.</param>
/// <param name="cancellationToken">Cancelled by C-CANCEL and by the end of the association.</param>
public delegate Task<IReadOnlyList<StoredInstance>> RetrieveHandler(ServiceCall call, DicomDataset identifier,
    CancellationToken cancellationToken);

/// <summary>
/// The counts of a C-MOVE or C-GET and the responses made of them (PS3.4 C.4.2.1.5 to C.4.2.3): Remaining only in
/// pending and cancel, the failed UIDs in every final response but Success.
/// </summary>
internal sealed class SubOperations(ServiceCall call)
{
    // Those of C-GET are the same.
    private const ushort Pending = Statuses.QrMove.Pending, SomeFailed = Statuses.QrMove.SomeFailed,
        NoneDone = Statuses.QrMove.UnableToPerformSubOperations;
    private readonly List<string> _failedUids = [];
    private int _completed;
    private int _warning;
    private int _failed;
    private int _left;
    private string? _lastFailure;
    private bool _owesTale;
    private bool _isPromised;

    /// <summary>How many the handler said to remain that were not tried; 0 where it said nothing.</summary>
    public int Left => _left;

    private bool HasBegun => _completed + _warning + _failed > 0;

    /// <summary>Counts one sub-operation by the status of its C-STORE response.</summary>
    public void Count(StoredInstance item, CommandSet response)
    {
        _left = Math.Max(0, _left - 1);
        switch (DimseStatus.Describe(StatusTable.Storage, response.Status).Category)
        {
            case DimseStatusCategory.Success:
                _completed++;
                call.Subject.CountSent(item.SopClassUid);
                break;
            case DimseStatusCategory.Warning:
                _warning++;
                call.Subject.CountSent(item.SopClassUid);
                break;
            default:
                // The words of who answered are for this side alone: who asked may be somebody else.
                NoteFailed(item, $"C-STORE was answered with status {response.Status:X4}");
                break;
        }
    }

    /// <summary>Counts one that failed.</summary>
    /// <param name="item">The instance.</param>
    /// <param name="why">Why, in words for the peer.</param>
    /// <param name="problem">What was thrown, for the server's own record; null when there is nothing more to say.</param>
    public void Fail(StoredInstance item, string why, Exception? problem = null)
    {
        _left = Math.Max(0, _left - 1);
        NoteFailed(item, why, problem);
    }

    private void NoteFailed(StoredInstance item, string why, Exception? problem = null)
    {
        _failed++;
        call.Subject.CountFailed();
        if (item.SopInstanceUid.Length > 0)
            _failedUids.Add(item.SopInstanceUid);
        _lastFailure = why;
        if (problem is { })
            call.Note?.Invoke(problem);
    }

    /// <summary>
    /// Tells the peer how far it is, when that much is known to remain; otherwise as soon as it is. Never cancelled half way, which
    /// would cost the association.
    /// </summary>
    public async Task TellAsync(int remaining)
    {
        remaining = Math.Max(remaining, _left);
        _owesTale = remaining == 0;
        if (remaining > 0)
            await call.Writer.SendAsync(call.Message.Context, Counted(Pending, remaining), CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Takes over what the handler says, and tells it.</summary>
    /// <param name="counts">The counts.</param>
    /// <param name="remaining">How many are known to remain here.</param>
    public async Task SayAsync(SubOperationCounts counts, int remaining)
    {
        Take(counts);
        if (counts.IsSilent)
            return;
        _owesTale = false;
        _isPromised |= counts.Remaining > 0;
        await call.Writer.SendAsync(call.Message.Context, Counted(Pending, Math.Max(remaining, _left)), CancellationToken.None)
            .ConfigureAwait(false);
    }

    /// <summary>Tells what could not be told when nothing was known to remain.</summary>
    public Task TellOwedAsync(int remaining) => _owesTale ? TellAsync(remaining) : Task.CompletedTask;

    /// <summary>The final response.</summary>
    /// <param name="remaining">How many were not tried, as far as is known.</param>
    /// <param name="isCancelled">Whether the peer cancelled before the end.</param>
    public ServiceReply Finish(int remaining, bool isCancelled)
    {
        if (!isCancelled && _isPromised && _left > 0)
        {
            // The peer was told that they come.
            _lastFailure = $"{_left} sub-operations that were announced were not made";
            _failed += _left;
            call.Note?.Invoke(new HandlerException(_lastFailure));
        }

        var status = isCancelled ? Statuses.Cancel
            : _failed == 0 && _warning == 0 ? Statuses.Success
            : _completed + _warning == 0 ? NoneDone
            : SomeFailed;
        return WithFailed(Counted(status, status == Statuses.Cancel ? Math.Max(remaining, _left) : null) with
        {
            ErrorComment = _lastFailure
        });
    }

    /// <summary>The final response to a request that ends in the middle; what was done is counted (PS3.4 C.4.2.1.6).</summary>
    /// <param name="end">Why it ends.</param>
    /// <param name="remaining">How many were not tried, as far as is known.</param>
    public ServiceReply Finish(Exception end, int remaining)
    {
        call.Note?.Invoke(end);
        var response = Refusal.Of(call.Command, end, call.FailureStatus, call.FailureStatus);
        if ((end as ServiceException)?.Counts is { } counts)
            Take(counts);
        return HasBegun || _left > 0
            ? WithFailed(Counted(response.Status!.Value, response.Status == Statuses.Cancel ? Math.Max(remaining, _left) : null) with
            {
                ErrorComment = response.ErrorComment,
                OffendingElements = response.OffendingElements
            })
            : response;
    }

    private void Take(SubOperationCounts counts)
    {
        _completed = counts.Completed ?? _completed;
        _failed = counts.Failed ?? _failed;
        _warning = counts.Warning ?? _warning;
        _left = counts.Remaining ?? _left;
        _failedUids.AddRange(counts.FailedSopInstanceUids.Except(_failedUids, StringComparer.Ordinal));
        _failed = Math.Max(_failed, _failedUids.Count);
    }

    private ServiceReply WithFailed(CommandSet command)
    {
        if (command.Status == Statuses.Success || _failedUids.Count == 0)
            return command;
        var failed = new DicomDataset();
        failed.Set(Tags.FailedSOPInstanceUIDList, [.. _failedUids]);
        return new ServiceReply(command, failed);
    }

    private CommandSet Counted(ushort status, int? remaining) => call.Command.Respond(status) with
    {
        Remaining = remaining is { } left ? Short(left) : null,
        Completed = Short(_completed),
        Failed = Short(_failed),
        Warning = Short(_warning),
    };

    // The elements are US; what does not fit is told as the most that does.
    private static ushort Short(int count) => (ushort)Math.Min(count, ushort.MaxValue);
}
