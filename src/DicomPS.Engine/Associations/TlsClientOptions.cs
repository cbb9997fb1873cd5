using System.Security.Cryptography.X509Certificates;

namespace DicomPS.Associations;

/// <summary>How the certificate of a peer is judged.</summary>
public enum TlsValidation
{
    /// <summary>By the trust store of the operating system, name included.</summary>
    System,
    /// <summary>By <see cref="TlsClientOptions.PinnedThumbprints"/> alone: right for the self-signed certificates of modalities.</summary>
    Pinned,
    /// <summary>Any certificate is taken: encrypted, but anyone may sit in the middle.</summary>
    AcceptAny,
}

/// <summary>How a requestor speaks TLS (PS3.15 B.9 and B.10; versions and ciphers are those of the operating system).</summary>
public sealed record TlsClientOptions
{
    /// <summary>Certificates with private keys that the peer may ask for. Default none.</summary>
    public IReadOnlyList<X509Certificate2> ClientCertificates { get; init; } = [];

    /// <summary>The name that the peer's certificate must carry; null takes the host that is connected to.</summary>
    public string? ServerName { get; init; }

    /// <summary>How the peer's certificate is judged. Default <see cref="TlsValidation.System"/>.</summary>
    public TlsValidation Validation { get; init; }

    /// <summary>
    /// SHA-1 or SHA-256 thumbprints in hexadecimal that <see cref="TlsValidation.Pinned"/> takes; colons, spaces and case do not
    /// matter.
    /// </summary>
    public IReadOnlyList<string> PinnedThumbprints { get; init; } = [];

    /// <summary>
    /// Certificates of authorities: a peer's certificate that one of them issued is taken, whatever the system trusts, if it is in its
    /// time and may be used so. Revocation is not looked up. Default none.
    /// </summary>
    public IReadOnlyList<X509Certificate2> Authorities { get; init; } = [];

    /// <summary>
    /// Of the certificates that an authority vouches for, those that are taken: patterns with * and ? for the subject, its common name or
    /// one of its DNS names. Default all. A pinned one is taken whatever its name.
    /// </summary>
    public IReadOnlyList<string> Subjects { get; init; } = [];

    /// <summary>Which versions and suites are spoken. Default those of the system.</summary>
    public TlsProfile Profile { get; init; }
}
