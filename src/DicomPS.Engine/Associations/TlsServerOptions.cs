using System.Security.Cryptography.X509Certificates;

namespace DicomPS.Associations;

/// <summary>How an acceptor speaks TLS.</summary>
public sealed record TlsServerOptions
{
    /// <summary>The certificate with its private key that is shown to peers.</summary>
    public required X509Certificate2 Certificate { get; init; }

    /// <summary>Whether a peer without a certificate is turned away. Default false.</summary>
    public bool RequireClientCertificate { get; init; }

    /// <summary>
    /// Whether a peer is asked for a certificate that it need not have, because others than the handshake judge it. Default false.
    /// </summary>
    internal bool AsksForClientCertificate { get; init; }

    /// <summary>How a peer's certificate is judged, when it shows one. Default <see cref="TlsValidation.System"/>.</summary>
    public TlsValidation Validation { get; init; }

    /// <summary>SHA-1 or SHA-256 thumbprints in hexadecimal that <see cref="TlsValidation.Pinned"/> takes.</summary>
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
