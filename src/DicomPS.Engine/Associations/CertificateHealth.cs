using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace DicomPS.Associations;

/// <summary>What is wrong with a certificate of this side, or soon will be. All members are for any thread.</summary>
internal static class CertificateHealth
{
    /// <summary>How long before its end a certificate is told of.</summary>
    public static readonly TimeSpan Notice = TimeSpan.FromDays(30);

    private const int FewestRsaBits = 2048, FewestCurveBits = 224;

    /// <summary>What peers will refuse it for, a sentence each; empty when nothing is wrong.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="now">The moment.</param>
    public static IReadOnlyList<string> Problems(X509Certificate2 certificate, DateTimeOffset now)
    {
        var problems = new List<string>();
        var whose = $"The certificate {SafeText.Clean(certificate.Subject)} ({certificate.Thumbprint})";
        if (Term(certificate, now) is { } term)
            problems.Add(term);
        if (WeakKey(certificate, FewestRsaBits) is { } weak)
        {
            problems.Add($"{whose} is weak: {weak}, fewer than today's TLS takes (RFC 9325). "
                + "Peers will refuse it; get one with a longer key.");
        }

        return problems;
    }

    /// <summary>What its dates make of it: not valid yet, over, or soon over; null in the middle of its time.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="now">The moment.</param>
    public static string? Term(X509Certificate2 certificate, DateTimeOffset now)
    {
        var whose = $"The certificate {SafeText.Clean(certificate.Subject)} ({certificate.Thumbprint})";
        DateTimeOffset from = certificate.NotBefore, to = certificate.NotAfter;
        return now > to ? $"{whose} expired on {Day(to)}. Peers will refuse it; get a new one."
            : now < from ? $"{whose} is not valid before {Day(from)}. Peers will refuse it until then; check the clock of this machine."
            : to - now < Notice ? $"{whose} ends on {Day(to)}, {Left(to - now)}. Get a new one in time."
            : null;
    }

    private static string Left(TimeSpan left) => left.Days switch
    {
        0 => "within a day",
        1 => "in a day",
        var days => $"in {days} days",
    };

    /// <summary>What is short about its key; null when nothing is, or the kind of key is not known here.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="fewest">The fewest bits of an RSA key.</param>
    public static string? WeakKey(X509Certificate2 certificate, int fewest)
    {
        using var rsa = certificate.GetRSAPublicKey();
        if (rsa is { } && rsa.KeySize < fewest)
            return $"its RSA key has {rsa.KeySize} bits";
        using var curve = rsa is null ? certificate.GetECDsaPublicKey() : null;
        return curve is { } && curve.KeySize < FewestCurveBits ? $"its elliptic curve has {curve.KeySize} bits" : null;
    }

    private static string Day(DateTimeOffset moment) => moment.ToLocalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
