using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DicomPS.Engine.Tests.Support;

internal static class Certificates
{
    /// <summary>A certificate with its private key, good from yesterday until tomorrow.</summary>
    public static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}
