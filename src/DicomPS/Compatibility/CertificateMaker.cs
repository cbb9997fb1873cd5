// CertificateRequest is in .NET Framework 4.7.2, and not in what netstandard2.0 is compiled against.
using System.Management.Automation;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace DicomPS.Compatibility;

/// <summary>Makes certificates that vouch for themselves, for tests and pilots.</summary>
internal static class CertificateMaker
{
    /// <summary>Makes one, with its key.</summary>
    /// <param name="names">DNS names and addresses that it is for; the first is its common name.</param>
    /// <param name="days">How long it is valid.</param>
    /// <param name="bits">The length of its RSA key.</param>
    /// <exception cref="ModuleException">This PowerShell cannot make one.</exception>
    public static X509Certificate2 Make(IReadOnlyList<string> names, int days, int bits)
    {
#if NET8_0_OR_GREATER
        using var key = RSA.Create(bits);
        var subject = new X500DistinguishedNameBuilder();
        // A common name has 64 characters at most (RFC 5280 A.1); the names below are what is compared.
        subject.AddCommonName(names[0].Length > 64 ? names[0][..64] : names[0]);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
                alternatives.AddIpAddress(address);
            else
                alternatives.AddDnsName(name);
        }

        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(
            [new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(alternatives.Build());
        // A peer whose clock is behind takes it as well.
        var now = DateTimeOffset.UtcNow;
        using var made = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(days));
        // As from a file: Windows speaks TLS with no key that lives in memory alone.
        return new X509Certificate2(made.Export(X509ContentType.Pkcs12), (string?)null, X509KeyStorageFlags.Exportable);
#else
        throw new ModuleException(ErrorIds.CertificateInvalid, ErrorCategory.NotInstalled,
            "Windows PowerShell cannot make a certificate this way.",
            "Use PowerShell 7, or New-SelfSignedCertificate -DnsName " + names[0] + " -CertStoreLocation Cert:\\CurrentUser\\My and its "
            + "Thumbprint with -CertificateThumbprint.", null);
#endif
    }

    /// <summary>The certificate as PEM (RFC 7468).</summary>
    /// <param name="certificate">The certificate.</param>
    public static string Pem(X509Certificate2 certificate) => Pem("CERTIFICATE", certificate.RawData);

    /// <summary>Its key as PEM, PKCS #8 and not encrypted.</summary>
    /// <param name="certificate">The certificate.</param>
    public static string KeyPem(X509Certificate2 certificate)
    {
#if NET8_0_OR_GREATER
        using var key = certificate.GetRSAPrivateKey()!;
        return Pem("PRIVATE KEY", key.ExportPkcs8PrivateKey());
#else
        throw new NotSupportedException();
#endif
    }

    private static string Pem(string label, byte[] bytes)
    {
        var text = new StringBuilder($"-----BEGIN {label}-----\n");
        var base64 = Convert.ToBase64String(bytes);
        for (var at = 0; at < base64.Length; at += 64)
            text.Append(base64, at, Math.Min(64, base64.Length - at)).Append('\n');
        return text.Append($"-----END {label}-----\n").ToString();
    }
}
