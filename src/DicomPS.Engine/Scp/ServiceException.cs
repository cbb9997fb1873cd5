namespace DicomPS.Scp;

/// <summary>Thrown by a service to answer a request with a failure; it becomes the response in one place, <see cref="DicomServer"/>.</summary>
/// <param name="status">The status (0000,0900) to answer with.</param>
/// <param name="comment">Error Comment (0000,0902); the peer sees its first 64 characters.</param>
/// <param name="innerException">The cause, if there is one.</param>
public sealed class ServiceException(ushort status, string comment, Exception? innerException = null) : DicomException(comment, innerException)
{
    /// <summary>The status (0000,0900) to answer with.</summary>
    public ushort Status { get; } = status;

    /// <summary>Offending Elements (0000,0901), group and element in one number each.</summary>
    public IReadOnlyList<uint>? OffendingElements { get; init; }
}

/// <summary>Thrown by a handler that fails: answered with the status with which its service says that it failed, such as C211H, C311H, C411H or C511H.</summary>
/// <param name="comment">Error Comment (0000,0902); the peer sees its first 64 characters.</param>
/// <param name="innerException">The cause, if there is one.</param>
public sealed class HandlerException(string comment, Exception? innerException = null) : DicomException(comment, innerException);
