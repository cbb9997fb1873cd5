namespace DicomPS;

/// <summary>The layer of a DICOM conversation in which something happened, from the outside in.</summary>
public enum DicomStage
{
    /// <summary>No layer was reached, or none applies.</summary>
    None,
    /// <summary>Turning a host name into an address.</summary>
    NameLookup,
    /// <summary>Opening or using the TCP connection.</summary>
    Tcp,
    /// <summary>The TLS handshake, or finding plain text where TLS was expected and the reverse.</summary>
    Tls,
    /// <summary>Association negotiation, release and abort (PS3.8 9.3).</summary>
    Association,
    /// <summary>A presentation context that the peer did not accept (PS3.8 9.3.3.2).</summary>
    PresentationContext,
    /// <summary>A DIMSE message or its status (PS3.7).</summary>
    Dimse,
    /// <summary>A file on this side.</summary>
    File,
}

/// <summary>The base of everything that the engine throws for reasons that are not the caller's programming mistake.</summary>
/// <param name="message">One sentence that says what failed.</param>
/// <param name="innerException">The cause, if there is one.</param>
public class DicomException(string message, Exception? innerException = null) : Exception(SafeText.Clean(message), innerException)
{
    /// <summary>The layer that failed.</summary>
    public DicomStage Stage { get; init; }

    /// <summary>Whether trying the same thing again later may succeed.</summary>
    public bool IsTransient { get; init; }

    /// <summary>What the user can do about it; one or two sentences, or null.</summary>
    public string? Advice { get; init => field = value is null ? null : SafeText.Clean(value); }
}

/// <summary>Bytes of a dataset or file that cannot be understood (PS3.5 7, PS3.10 7).</summary>
/// <param name="message">One sentence that says what is wrong.</param>
/// <param name="offset">Where, in bytes from the start of the file or dataset.</param>
/// <param name="innerException">The cause, if there is one.</param>
public sealed class DicomDataException(string message, long offset, Exception? innerException = null)
    : DicomException($"{message} (at byte {offset})", innerException)
{
    /// <summary>Where, in bytes from the start of the file or dataset.</summary>
    public long Offset { get; } = offset;

    /// <summary>The file, where it is known.</summary>
    public string? Path { get; init; }
}

/// <summary>What stands between two sides that reached each other, where the stage alone does not tell.</summary>
public enum NetworkProblem
{
    /// <summary>The stage says it all.</summary>
    None,
    /// <summary>One side speaks TLS and the other does not.</summary>
    TlsMismatch,
    /// <summary>Both speak TLS and do not come to terms: versions, ciphers, or a certificate that was not shown.</summary>
    TlsHandshake,
    /// <summary>The other side's certificate is not trusted here.</summary>
    CertificateRejected,
    /// <summary>The other side speaks something that is no DICOM, such as HTTP.</summary>
    ForeignProtocol,
    /// <summary>The other side speaks DICOM and breaks its rules.</summary>
    ProtocolViolation,
}

/// <summary>A connection that could not be made, broke, or carried what it must not.</summary>
/// <param name="message">One sentence that says what failed.</param>
/// <param name="innerException">The cause, if there is one.</param>
public class DicomNetworkException(string message, Exception? innerException = null) : DicomException(message, innerException)
{
    /// <summary>What exactly it was, where the stage alone does not tell.</summary>
    public NetworkProblem Problem { get; init; }
}

/// <summary>A wait that ended before the peer did its part. Names the timeout and its value.</summary>
/// <param name="name">The timeout as the options name it: connect, association, response, idle, release.</param>
/// <param name="value">How long was waited.</param>
/// <param name="waitingFor">What did not come.</param>
public sealed class DicomTimeoutException(string name, TimeSpan value, string waitingFor)
    : DicomNetworkException($"The {name} timeout of {value.TotalSeconds:0.###} s passed while waiting for {waitingFor}.")
{
    /// <summary>The timeout as the options name it.</summary>
    public string Name { get; } = name;

    /// <summary>How long was waited.</summary>
    public TimeSpan Value { get; } = value;
}

/// <summary>The peer answered the association request with A-ASSOCIATE-RJ (PS3.8 9.3.4).</summary>
/// <param name="message">The decoded refusal.</param>
/// <param name="result">1 permanent, 2 transient.</param>
/// <param name="source">1 service user, 2 service provider (ACSE), 3 service provider (presentation).</param>
/// <param name="reason">The reason, read together with the source.</param>
public sealed class AssociationRejectedException(string message, byte result, byte source, byte reason) : DicomNetworkException(message)
{
    /// <summary>1 permanent, 2 transient.</summary>
    public byte Result { get; } = result;

    /// <summary>1 service user, 2 service provider (ACSE), 3 service provider (presentation).</summary>
    public new byte Source { get; } = source;

    /// <summary>The reason, read together with <see cref="Source"/>.</summary>
    public byte Reason { get; } = reason;
}

/// <summary>The association ended by A-ABORT, from either side, or by a closed connection (PS3.8 9.3.8).</summary>
/// <param name="message">What happened.</param>
/// <param name="innerException">The cause, if there is one.</param>
public sealed class AssociationAbortedException(string message, Exception? innerException = null)
    : DicomNetworkException(message, innerException)
{
    /// <summary>Whether the peer did it.</summary>
    public bool ByPeer { get; init; }

    /// <summary>0 service user, 2 service provider; null when the connection closed without A-ABORT.</summary>
    public new byte? Source { get; init; }

    /// <summary>The reason given by a service provider; otherwise null.</summary>
    public byte? Reason { get; init; }
}

/// <summary>A DIMSE response with a status that is no success (PS3.7 C).</summary>
/// <param name="message">What was asked and what the peer said.</param>
/// <param name="status">The status (0000,0900).</param>
public sealed class DicomStatusException(string message, ushort status) : DicomException(message)
{
    /// <summary>The status (0000,0900).</summary>
    public ushort Status { get; } = status;

    /// <summary>The peer's own words (0000,0902), or null.</summary>
    public string? ErrorComment { get; init; }
}
