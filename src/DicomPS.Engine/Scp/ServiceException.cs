using DicomPS.Dictionary;

namespace DicomPS.Scp;

/// <summary>
/// Thrown by a service to answer a request with a failure; it becomes the response in one place, <see cref="DicomServer"/>.
/// </summary>
/// <param name="status">The status (0000,0900) to answer with.</param>
/// <param name="comment">Error Comment (0000,0902); the peer sees its first 64 characters, so it names nothing of this machine.</param>
/// <param name="innerException">The cause, if there is one.</param>
public sealed class ServiceException(ushort status, string comment, Exception? innerException = null)
    : DicomException(comment, innerException)
{
    /// <summary>The status (0000,0900) to answer with.</summary>
    public ushort Status { get; } = status;

    /// <summary>Offending Elements (0000,0901), group and element in one number each.</summary>
    public IReadOnlyList<uint>? OffendingElements { get; init; }

    /// <summary>Error ID (0000,0903), where the service has one for the case; null, the default, sends none.</summary>
    public ushort? ErrorId { get; init; }

    /// <summary>
    /// The counts that go with the status, where the request is a C-MOVE or C-GET. Null, the default, for what was counted here.
    /// </summary>
    public SubOperationCounts? Counts { get; init; }

    /// <summary>What the server's own record says instead of the comment: whatever the peer must not read. Null says the comment.</summary>
    public string? Detail { get; init; }
}

/// <summary>
/// Thrown by a handler that fails: answered with the status with which its service says that it failed, such as C211H, C311H, C411H or
/// C511H.
/// </summary>
/// <param name="message">What happened, for the server's own record. The peer is not told.</param>
/// <param name="innerException">The cause, if there is one.</param>
public sealed class HandlerException(string message, Exception? innerException = null) : DicomException(message, innerException)
{
    /// <summary>Error Comment (0000,0902) for the peer.</summary>
    public string Comment { get; init; } = Refusal.HandlerFailed;
}
