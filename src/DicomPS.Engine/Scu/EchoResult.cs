using DicomPS.Associations;

namespace DicomPS.Scu;

/// <summary>How far a node was reached by C-ECHO, and if not all the way, why.</summary>
public sealed record EchoResult
{
    /// <summary>Whom was tried.</summary>
    public required DicomNode Node { get; init; }

    /// <summary>Whether every echo was answered with Success.</summary>
    public required bool Success { get; init; }

    /// <summary>The layer that failed, or Dimse, the last one, when none did.</summary>
    public string Stage => Reached.ToString();

    /// <summary>The same as a value of its type. No property: an enumeration becomes a number in JSON and CLIXML.</summary>
    public DicomStage GetStage() => Reached;

    internal DicomStage Reached { get; init; }

    /// <summary>The median time from request to response; null when none was answered.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>The shortest round trip.</summary>
    public TimeSpan? RoundTripMinimum { get; init; }

    /// <summary>The longest round trip.</summary>
    public TimeSpan? RoundTripMaximum { get; init; }

    /// <summary>How many echoes were answered.</summary>
    public int Count { get; init; }

    /// <summary>What turning the name into an address took; null when that was not reached.</summary>
    public TimeSpan? NameLookupTime { get; init; }

    /// <summary>What opening the connection took; null when that was not reached.</summary>
    public TimeSpan? TcpTime { get; init; }

    /// <summary>What the TLS handshake took; null without TLS.</summary>
    public TimeSpan? TlsTime { get; init; }

    /// <summary>The version of TLS that was agreed, such as Tls13; null without TLS.</summary>
    public string? TlsVersion { get; init; }

    /// <summary>The SHA-1 thumbprint of the certificate that the peer showed; null without TLS.</summary>
    public string? CertificateThumbprint { get; init; }

    /// <summary>When the certificate that the peer showed ends, in local time; null without TLS. Revocation is not looked up.</summary>
    public DateTime? CertificateExpires { get; init; }

    /// <summary>The time from A-ASSOCIATE-RQ to A-ASSOCIATE-AC; null when that was not reached.</summary>
    public TimeSpan? AssociationTime { get; init; }

    /// <summary>The address and port that answered; where nothing did, the addresses that the name has.</summary>
    public string? Address { get; init; }

    /// <summary>The peer's Implementation Version Name (PS3.7 D.3.3.2).</summary>
    public string? ImplementationVersionName { get; init; }

    /// <summary>The peer's Implementation Class UID (PS3.7 D.3.3.2).</summary>
    public string? ImplementationClassUID { get; init; }

    /// <summary>The longest PDU that the peer takes, in bytes; 0 is no limit.</summary>
    public long? MaximumPduLength { get; init; }

    /// <summary>The status of the last response; null when none came.</summary>
    public ushort? StatusCode { get; init; }

    /// <summary>
    /// What the peer did instead of answering the release request (A-RELEASE, PS3.8 7.2), in a sentence; null when it answered, and when
    /// the echo failed before. It changes nothing about <see cref="Success"/>.
    /// </summary>
    public string? ReleaseFailure { get; init; }

    /// <summary>What failed, in a sentence; null on success.</summary>
    public string? Failure { get; init; }

    /// <summary>What lies behind it, in the words of the operating system or the peer.</summary>
    public string? Cause { get; init; }

    /// <summary>What to do about it.</summary>
    public string? Advice { get; init; }

    /// <summary>The error itself. No public property, because it would fill a column of Export-Csv with a stack trace.</summary>
    internal DicomException? Exception { get; init; }

    /// <summary>The error itself, for callers that want its details; null on success.</summary>
    public DicomException? GetException() => Exception;

    /// <summary>Who, and how it went.</summary>
    public override string ToString() => Success ? $"{Node}: answered in {RoundTrip?.TotalMilliseconds:0.0} ms"
        : SafeText.Clean($"{Node}: {Failure}");
}
