using System.Security.Cryptography.X509Certificates;
using DicomPS.Associations;

namespace DicomPS.Serving;

/// <summary>Looks once a day whether the certificate of a server is soon over, and tells.</summary>
internal sealed class CertificateWatch : IDisposable
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private readonly Timer _timer;

    /// <summary>Begins; the first look is after a day, since the start is told of by who started.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="tell">Told in a sentence, on a thread of the pool.</param>
    public CertificateWatch(X509Certificate2 certificate, Action<string> tell) =>
        _timer = new Timer(_ => Look(certificate, DateTimeOffset.Now, tell), null, Day, Day);

    /// <summary>Looks now.</summary>
    internal static void Look(X509Certificate2 certificate, DateTimeOffset now, Action<string> tell)
    {
        try
        {
            if (CertificateHealth.Term(certificate, now) is { } term)
                tell(term);
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            // Whoever gave it has disposed of it; handshakes tell that.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();
}
