namespace DicomPS.Scripts;

/// <summary>What a block of -OnCommit or -OnAvailability is asked: its first argument, and $_.</summary>
public sealed class DicomInstanceRequest
{
    private readonly CancellationToken _cancelled;

    internal DicomInstanceRequest(string operation, string callingAETitle, string? remoteEndPoint,
        IReadOnlyList<ReferencedInstance> instances, CancellationToken cancelled)
    {
        Operation = operation;
        CallingAETitle = callingAETitle;
        RemoteEndPoint = remoteEndPoint;
        Instances = [.. instances];
        _cancelled = cancelled;
    }

    /// <summary>N-ACTION of storage commitment, N-CREATE of a notification.</summary>
    public string Operation { get; }

    /// <summary>The AE title of the peer.</summary>
    public string CallingAETitle { get; }

    /// <summary>The peer's address and port; null where its association may be over.</summary>
    public string? RemoteEndPoint { get; }

    /// <summary>The instances that the request names.</summary>
    public ReferencedInstance[] Instances { get; }

    /// <summary>Transaction UID (0008,1195) of storage commitment; otherwise null.</summary>
    public string? TransactionUID { get; internal init; }

    /// <summary>Study Instance UID (0020,000D) of a notification; otherwise null.</summary>
    public string? StudyInstanceUID => Instances.Length > 0 ? Instances[0].StudyInstanceUID : null;

    /// <summary>Whether nobody waits for the answer any more.</summary>
    public bool IsCancelled => _cancelled.IsCancellationRequested;

    /// <summary>The request in words.</summary>
    public override string ToString() => SafeText.Clean($"{Operation} of {Instances.Length} instance(s) from {CallingAETitle}");
}
