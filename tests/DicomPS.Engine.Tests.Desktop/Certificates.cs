using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;

namespace DicomPS.Engine.Tests.Support;

/// <summary>Mono cannot make certificates; OpenSSL makes them here.</summary>
internal static class Certificates
{
    public static X509Certificate2 SelfSigned(string name)
    {
        using var folder = new TemporaryFolder();
        var (key, certificate, both) = (Path.Combine(folder.Path, "key"), Path.Combine(folder.Path, "certificate"),
            Path.Combine(folder.Path, "both"));
        OpenSsl($"req -x509 -newkey rsa:2048 -nodes -days 1 -subj \"/CN={name}\" -keyout {key} -out {certificate}");
        OpenSsl(
            $"pkcs12 -export -passout pass: -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1 -inkey {key} -in {certificate} "
            + $"-out {both}");
        return new X509Certificate2(File.ReadAllBytes(both), "");
    }

    private static void OpenSsl(string arguments)
    {
        try
        {
            using var process =
                Process.Start(new ProcessStartInfo("openssl", arguments) { UseShellExecute = false, RedirectStandardError = true })!;
            var said = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, said);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("openssl is not there.");
        }
    }
}
