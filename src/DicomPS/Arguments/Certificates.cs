using System.Management.Automation;
using System.Security.Cryptography.X509Certificates;

namespace DicomPS.Arguments;

/// <summary>Finds the certificate that a command line names.</summary>
internal static class Certificates
{
    /// <summary>
    /// The certificate itself, or the one with that thumbprint in the stores of the user or the machine; null when neither is given.
    /// </summary>
    public static X509Certificate2? Find(X509Certificate2? certificate, string? thumbprint)
    {
        var found = certificate ?? (thumbprint is null ? null : FromStores(thumbprint));
        if (found is { HasPrivateKey: false })
        {
            throw new ModuleException(ErrorIds.CertificateInvalid, ErrorCategory.SecurityError,
                $"The certificate {found.Subject} ({found.Thumbprint}) has no private key here.",
                "Import it with its key (a .pfx file), or name another one.", found.Thumbprint);
        }

        return found;
    }

    private static X509Certificate2 FromStores(string thumbprint)
    {
        string wanted = new(thumbprint.Where(char.IsLetterOrDigit).ToArray());
        foreach (var location in new[] { StoreLocation.CurrentUser, StoreLocation.LocalMachine })
        {
            using var store = new X509Store(StoreName.My, location);
            try
            {
                store.Open(OpenFlags.ReadOnly | OpenFlags.OpenExistingOnly);
            }
            catch (System.Security.Cryptography.CryptographicException)
            {
                // The store does not exist on this system.
                continue;
            }

            var found = store.Certificates.Find(X509FindType.FindByThumbprint, wanted, validOnly: false);
            if (found.Count > 0)
                return found[0];
        }

        throw new ModuleException(ErrorIds.CertificateInvalid, ErrorCategory.ObjectNotFound,
            $"No certificate with the thumbprint {thumbprint} is in the My store of the user or the machine.",
            "Check the thumbprint, or give the certificate itself with -Certificate.", thumbprint);
    }
}
