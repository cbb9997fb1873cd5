using System.Security.Cryptography;

namespace DicomPS.Associations;

/// <summary>Certificates told apart by their thumbprints.</summary>
internal static class CertificateThumbprint
{
    /// <summary>Whether a certificate is one of those that thumbprints name.</summary>
    /// <param name="certificate">The certificate, DER.</param>
    /// <param name="thumbprints">SHA-1 or SHA-256, in hexadecimal; colons, blanks and hyphens between do not matter.</param>
    public static bool IsAmong(byte[] certificate, IEnumerable<string> thumbprints)
    {
        using var sha1 = SHA1.Create();
        using var sha256 = SHA256.Create();
        var first = Hex(sha1.ComputeHash(certificate));
        var second = Hex(sha256.ComputeHash(certificate));
        return thumbprints.Select(Normalize).Any(wanted => wanted == first || wanted == second);
    }

    /// <summary>The digits alone, in capitals.</summary>
    public static string Normalize(string thumbprint) =>
        thumbprint.Replace(":", "").Replace(" ", "").Replace("-", "").ToUpperInvariant();

    private static string Hex(byte[] bytes) => BitConverter.ToString(bytes).Replace("-", "");
}
