using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using DicomPS.Associations;

namespace DicomPS.Compatibility;

/// <summary>
/// Handshakes by a <see cref="TlsProfile"/>. The versions are asked for everywhere. The suites are asked for on Linux; elsewhere the
/// policy of the system has them, and a connection with another suite is refused after the handshake. .NET Framework cannot say which
/// suite it was: there the versions alone are held, and of them TLS 1.2.
/// </summary>
internal static class TlsAuthentication
{
#if NET8_0_OR_GREATER
    // TLS 1.3 has no others that are in use (RFC 8446 B.4).
    private static readonly TlsCipherSuite[] Newest =
    [
        TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
    ];

    // RFC 9325 4.2.
    private static readonly TlsCipherSuite[] Recommended =
    [
        .. Newest,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ];

    // PS3.15 B.11: who speaks it may have DHE alone.
    private static readonly TlsCipherSuite[] Extended =
    [
        .. Newest,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_DHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_DHE_RSA_WITH_AES_128_GCM_SHA256,
    ];

    public static Task AsClientAsync(SslStream stream, string name, X509CertificateCollection certificates, TlsProfile profile) =>
        stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = name,
            ClientCertificates = certificates,
            EnabledSslProtocols = Versions(profile),
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CipherSuitesPolicy = Policy(profile),
        });

    public static Task AsServerAsync(SslStream stream, X509Certificate2 certificate, bool asks, TlsProfile profile) =>
        stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = certificate,
            ClientCertificateRequired = asks,
            EnabledSslProtocols = Versions(profile),
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CipherSuitesPolicy = Policy(profile),
        });

    /// <summary>Looks whether what was agreed is in the profile.</summary>
    /// <exception cref="AuthenticationException">It is not.</exception>
    public static void Check(SslStream stream, TlsProfile profile)
    {
        if (profile != TlsProfile.Compatible && !SuitesOf(profile).Contains(stream.NegotiatedCipherSuite))
            throw new AuthenticationException(
                $"The cipher suite {stream.NegotiatedCipherSuite} was agreed, which the profile {profile} does not have.");
    }

    private static TlsCipherSuite[] SuitesOf(TlsProfile profile) => profile == TlsProfile.ExtendedBcp195 ? Extended : Recommended;

    private static CipherSuitesPolicy? Policy(TlsProfile profile) =>
        profile != TlsProfile.Compatible && OperatingSystem.IsLinux() ? new CipherSuitesPolicy(SuitesOf(profile)) : null;

    private static SslProtocols Versions(TlsProfile profile) =>
        profile == TlsProfile.Compatible ? SslProtocols.None : SslProtocols.Tls12 | SslProtocols.Tls13;
#else
    public static Task AsClientAsync(SslStream stream, string name, X509CertificateCollection certificates, TlsProfile profile) =>
        stream.AuthenticateAsClientAsync(name, certificates, Versions(profile), checkCertificateRevocation: false);

    public static Task AsServerAsync(SslStream stream, X509Certificate2 certificate, bool asks, TlsProfile profile) =>
        stream.AuthenticateAsServerAsync(certificate, asks, Versions(profile), checkCertificateRevocation: false);

    public static void Check(SslStream stream, TlsProfile profile)
    {
        if (profile != TlsProfile.Compatible && stream.SslProtocol < SslProtocols.Tls12)
            throw new AuthenticationException($"{stream.SslProtocol} was agreed, which the profile {profile} does not have.");
    }

    private static SslProtocols Versions(TlsProfile profile) => profile == TlsProfile.Compatible ? SslProtocols.None : SslProtocols.Tls12;
#endif
}
