using System.Management.Automation;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using DicomPS.Compatibility;

namespace DicomPS.Commands;

/// <summary>
/// Makes a certificate with its key, which vouches for itself: for tests and pilots, where the other side trusts it by its thumbprint.
/// </summary>
[Cmdlet(VerbsCommon.New, "DicomCertificate", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(X509Certificate2))]
public sealed class NewDicomCertificateCommand : DicomCmdlet
{
    /// <summary>DNS names and addresses of the system that shows it; the first is its common name. This computer unless told.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string[] DnsName { get; set; } = ["localhost", Environment.MachineName, "127.0.0.1", "::1"];

    /// <summary>
    /// Where files are written: PATH.crt with the certificate (PEM), PATH.key with the key (PEM, not encrypted) and PATH.pfx with both, no
    /// password. Without it nothing is written.
    /// </summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>How many days it is valid.</summary>
    [Parameter]
    [ValidateRange(1, 3650)]
    public int Days { get; set; } = 365;

    /// <summary>The length of its RSA key in bits.</summary>
    [Parameter]
    [ValidateSet("2048", "3072", "4096")]
    public int KeyLength { get; set; } = 3072;

    /// <summary>Overwrites files that are there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override void End()
    {
        var path = Path is null ? null : SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path);
        if (!ShouldProcess(path ?? DnsName[0], path is null ? "Make a certificate" : "Make a certificate and write .crt, .key and .pfx"))
            return;
        var made = Wait(_ => Task.FromResult(CertificateMaker.Make(DnsName, Days, KeyLength)));
        try
        {
            if (path is { })
            {
                if (!Force && new[] { ".crt", ".key", ".pfx" }.Select(end => path + end).FirstOrDefault(File.Exists) is { } there)
                    throw new IOException($"There is a file {there} already; -Force overwrites it.");
                Write(path + ".key", Encoding.ASCII.GetBytes(CertificateMaker.KeyPem(made)));
                Write(path + ".pfx", made.Export(X509ContentType.Pkcs12));
                File.WriteAllText(path + ".crt", CertificateMaker.Pem(made));
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            Terminate(problem, path);
        }

        WriteObject(made);
    }

    // A key that somebody could read before would not be secret: the file is made anew.
    private static void Write(string path, byte[] bytes)
    {
        File.Delete(path);
        using var file = PrivateFiles.Open(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        file.Write(bytes, 0, bytes.Length);
    }
}
