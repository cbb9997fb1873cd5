using DicomPS.Pdus;

namespace DicomPS.Associations;

/// <summary>What an <see cref="AssociationEvent"/> tells of.</summary>
public enum AssociationEventKind
{
    /// <summary>The host name became an address.</summary>
    NameResolved,
    /// <summary>The TCP connection is open.</summary>
    Connected,
    /// <summary>The TLS handshake is done.</summary>
    TlsEstablished,
    /// <summary>A-ASSOCIATE-RQ was sent or received.</summary>
    Requested,
    /// <summary>A-ASSOCIATE-AC was received or sent.</summary>
    Accepted,
    /// <summary>A-ASSOCIATE-RJ was received or sent.</summary>
    Rejected,
    /// <summary>The association was released in order.</summary>
    Released,
    /// <summary>The association was aborted by either side, or the connection broke.</summary>
    Aborted,
}

/// <summary>A step in the life of an association, for diagnosis.</summary>
/// <param name="Kind">Which step.</param>
/// <param name="Stage">The layer that the step belongs to.</param>
/// <param name="Elapsed">How long the step took.</param>
/// <param name="Text">The step in words, with addresses and titles.</param>
public sealed record AssociationEvent(AssociationEventKind Kind, DicomStage Stage, TimeSpan Elapsed, string Text)
{
    /// <summary>The addresses that the name has, then the address and port that answered; null for the later steps.</summary>
    public string? Address { get; init; }

    /// <summary>The SHA-1 thumbprint of the certificate that the peer showed, of the step that ends the TLS handshake.</summary>
    internal string? CertificateThumbprint { get; init; }

    /// <summary>When that certificate ends, in local time.</summary>
    internal DateTime? CertificateExpires { get; init; }

    /// <summary>The version of TLS, of that step.</summary>
    internal string? TlsVersion { get; init; }

    /// <summary>The request, acceptance or refusal that the step is about; null for the other steps.</summary>
    public Pdu? Pdu { get; init; }
}
