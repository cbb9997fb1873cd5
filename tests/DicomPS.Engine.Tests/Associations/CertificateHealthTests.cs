using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DicomPS.Associations;
using DicomPS.Serving;

namespace DicomPS.Engine.Tests.Associations;

public class CertificateHealthTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.Now;

    [Theory]
    [InlineData(-10, 100, null)]
    [InlineData(-10, 29, "ends on")]
    [InlineData(-10, -1, "expired")]
    [InlineData(2, 100, "is not valid before")]
    public void Its_time_is_told_from_thirty_days_before_its_end(int from, int to, string? says)
    {
        using var key = RSA.Create(2048);
        using var certificate = Make(key, from, to);
        var told = new List<string>();
        CertificateWatch.Look(certificate, Now, told.Add);
        Assert.Equal(told, CertificateHealth.Problems(certificate, Now));
        if (says is null)
            Assert.Empty(told);
        else
            Assert.Contains(says, Assert.Single(told), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_is_too_short_is_told()
    {
        using var key = RSA.Create(1024);
        using var certificate = Make(key, -1, 100);
        Assert.Contains("1024 bits", Assert.Single(CertificateHealth.Problems(certificate, Now)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_that_was_disposed_of_ends_no_process()
    {
        using var key = RSA.Create(2048);
        var certificate = Make(key, -1, 100);
        certificate.Dispose();
        CertificateWatch.Look(certificate, Now, _ => Assert.Fail("Nothing is known of it."));
    }

    private static X509Certificate2 Make(RSA key, int from, int to) =>
        new CertificateRequest("CN=a server", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(Now.AddDays(from), Now.AddDays(to));
}
