using System.Management.Automation;
using System.Security.Cryptography.X509Certificates;
using DicomPS.Arguments;
using DicomPS.Associations;

namespace DicomPS.Cmdlets;

/// <summary>
/// The base of the cmdlets that may speak TLS, as a caller or as a listener: the certificate of this side and those of its peers.
/// </summary>
public abstract class TlsCmdlet : TracingCmdlet
{
    /// <summary>
    /// The certificate of this side, with its private key: what a listener shows, and what a caller shows when it is asked.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public X509Certificate2? Certificate { get; set; }

    /// <summary>The thumbprint of such a certificate in the certificate store of the user or the machine.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CertificateThumbprint { get; set; }

    /// <summary>Thumbprints of the certificates of peers that are taken, and no others. Peers of a listener must show one then.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? TrustedThumbprint { get; set; }

    /// <summary>The certificate of this side; null when none is named.</summary>
    private protected X509Certificate2? OwnCertificate() => Certificates.Find(Certificate, CertificateThumbprint);

    /// <summary>
    /// What a call to a node that speaks TLS is changed to: it shows the certificate of this side, and takes those of the trusted peers
    /// alone.
    /// </summary>
    private protected Func<AssociationOptions, AssociationOptions> Calls()
    {
        var own = OwnCertificate();
        var trusted = TrustedThumbprint;
        return call => call.Tls is not { } tls ? call : call with
        {
            Tls = tls with
            {
                ClientCertificates = own is null ? tls.ClientCertificates : [own],
                PinnedThumbprints = trusted ?? tls.PinnedThumbprints,
                Validation = trusted is null ? tls.Validation : TlsValidation.Pinned,
            },
        };
    }

    /// <summary>How a listener speaks TLS; null when no certificate is named.</summary>
    private protected TlsServerOptions? ListenerTls()
    {
        if (OwnCertificate() is not { } own)
            return null;
        var options = new TlsServerOptions { Certificate = own };
        return TrustedThumbprint is null ? options
            : options with { RequireClientCertificate = true, Validation = TlsValidation.Pinned, PinnedThumbprints = TrustedThumbprint };
    }
}
