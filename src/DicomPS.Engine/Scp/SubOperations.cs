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
}

/// <summary>Finds the instances that an identifier asks for.</summary>
/// <param name="call">The request.</param>
/// <param name="identifier">The unique keys.</param>
/// <param name="cancellationToken">Cancelled by C-CANCEL and by the end of the association.</param>
public delegate Task<IReadOnlyList<StoredInstance>> RetrieveHandler(ServiceCall call, DicomDataset identifier, CancellationToken cancellationToken);

/// <summary>
/// The counts of a C-MOVE or C-GET and the responses made of them (PS3.4 C.4.2.1.5 to C.4.2.3): Remaining only in
/// pending and cancel, the failed UIDs in every final response but Success.
/// </summary>
internal sealed class SubOperations(ServiceCall call, int total)
{
    private const ushort Pending = 0xFF00, Cancelled = 0xFE00, WithFailures = 0xB000, NoneDone = 0xA702;
    private readonly List<string> _failedUids = [];
    private int _completed;
    private int _warning;
    private string? _lastFailure;

    /// <summary>Deletes the files that were made for the request.</summary>
    public static void Discard(IEnumerable<StoredInstance> items)
    {
        foreach (var item in items.Where(item => item.IsTemporary))
            File.Delete(item.Path);
    }

    private int Remaining => total - _completed - _warning - _failedUids.Count;

    /// <summary>Counts one sub-operation by the status of its C-STORE response.</summary>
    public void Count(StoredInstance item, CommandSet response)
    {
        switch (DimseStatus.Describe("storage", response.Status).Category)
        {
            case DimseStatusCategory.Success:
                _completed++;
                break;
            case DimseStatusCategory.Warning:
                _warning++;
                break;
            default:
                Fail(item, $"status {response.Status:X4} {response.ErrorComment}".TrimEnd());
                break;
        }
    }

    public void Fail(StoredInstance item, string why)
    {
        _failedUids.Add(item.SopInstanceUid);
        _lastFailure = why;
    }

    /// <summary>Tells the peer how far it is; never cancelled half way, which would cost the association.</summary>
    public async Task TellAsync()
    {
        if (Remaining > 0)
            await call.Writer.SendAsync(call.Message.Context, Counted(Pending, withRemaining: true), CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>The final response.</summary>
    /// <param name="isCancelled">Whether the peer cancelled before the end.</param>
    public ServiceReply Finish(bool isCancelled)
    {
        var status = isCancelled && Remaining > 0 ? Cancelled
            : _failedUids.Count == 0 && _warning == 0 ? DimseStatus.Success
            : _failedUids.Count == total ? NoneDone
            : WithFailures;
        var command = Counted(status, withRemaining: status == Cancelled) with { ErrorComment = _lastFailure };
        if (status == DimseStatus.Success || _failedUids.Count == 0)
            return command;
        var failed = new DicomDataset();
        failed.Set(Tags.FailedSOPInstanceUIDList, [.. _failedUids]);
        return new ServiceReply(command, failed);
    }

    private CommandSet Counted(ushort status, bool withRemaining) => call.Command.Respond(status) with
    {
        Remaining = withRemaining ? Short(Remaining) : null,
        Completed = Short(_completed),
        Failed = Short(_failedUids.Count),
        Warning = Short(_warning),
    };

    // The elements are US; what does not fit is told as the most that does.
    private static ushort Short(int count) => (ushort)Math.Min(count, ushort.MaxValue);
}
