using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;

namespace DicomPS.Associations;

/// <summary>
/// Judges the certificate of a peer and keeps the reason of a refusal; and shows that of this side when it is asked for. A pinned
/// thumbprint goes before all else, then comes who issued it, then whose it is. Revocation is not looked up (no CRL, no OCSP).
/// </summary>
internal sealed class CertificateJudge
{
    private const int FewestRsaBits = 2048;
    private const string ServerUse = "1.3.6.1.5.5.7.3.1", ClientUse = "1.3.6.1.5.5.7.3.2";

    private readonly TlsValidation _validation;
    private readonly IReadOnlyList<string> _thumbprints, _subjects;
    private readonly IReadOnlyList<X509Certificate2> _authorities;
    private readonly TlsProfile _profile;
    private readonly bool _isRequired, _isServers;
    private X509Certificate? _shown;

    /// <summary>Judges a server.</summary>
    public CertificateJudge(TlsClientOptions options)
    {
        (_validation, _thumbprints, _authorities, _subjects, _profile) =
            (options.Validation, options.PinnedThumbprints, options.Authorities, options.Subjects, options.Profile);
        (_isRequired, _isServers, HasOurs) = (true, true, options.ClientCertificates.Count > 0);
    }

    /// <summary>Judges who calls.</summary>
    public CertificateJudge(TlsServerOptions options)
    {
        (_validation, _thumbprints, _authorities, _subjects, _profile) =
            (options.Validation, options.PinnedThumbprints, options.Authorities, options.Subjects, options.Profile);
        _isRequired = options.RequireClientCertificate;
    }

    public string? Refusal { get; private set; }

    /// <summary>Whether this side has a certificate to show.</summary>
    public bool HasOurs { get; }

    /// <summary>Whether the peer asked for a certificate of this side, and there was none to show.</summary>
    public bool LacksOurs { get; private set; }

    /// <summary>Whose certificate it was, and its thumbprint; with a blank before, empty when none was shown.</summary>
    public string Shown => _shown is { } certificate
        ? $" It is that of {certificate.Subject}, thumbprint {certificate.GetCertHashString()}."
        : "";

    /// <summary>
    /// How to take it all the same. Who only copies the thumbprint trusts whoever answered: the advice is to compare.
    /// </summary>
    public string Trust(string parameter) => _shown is { } certificate
        ? $"If the peer itself shows this thumbprint, trust it with {parameter} {certificate.GetCertHashString()}."
        : $"Give the peer a certificate, and name its thumbprint with {parameter}.";

    public bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        // SslStream disposes of its own.
        _shown = certificate is null ? null : new X509Certificate(certificate);
        Refusal = Find(certificate, chain, errors);
        return Refusal is null;
    }

    /// <summary>
    /// Asked for a certificate of this side where it has none: by the runtime before the handshake, and again when the peer wants one.
    /// </summary>
    public X509Certificate HaveNone(object sender, string targetHost, X509CertificateCollection localCertificates,
        X509Certificate? remoteCertificate, string[] acceptableIssuers)
    {
        LacksOurs |= remoteCertificate is { };
        return null!;
    }

    private string? Find(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
            return _isRequired ? "it shows none" : null;
        using var shown = new X509Certificate2(certificate);
        if (_profile != TlsProfile.Compatible && CertificateHealth.WeakKey(shown, FewestRsaBits) is { } weak)
            return $"{weak}, fewer than the profile {_profile} wants";
        if (_validation == TlsValidation.AcceptAny || IsPinned(shown.RawData))
            return null;
        if (_validation == TlsValidation.Pinned && _authorities.Count == 0 && _subjects.Count == 0)
            return "its thumbprint is not among those of -TrustedThumbprint";
        var problem = _authorities.Count > 0 ? NotIssued(shown, chain, errors) : Describe(chain, errors);
        return problem ?? (_subjects.Count == 0 || IsNamed(shown) ? null
            : $"its subject, {shown.Subject}, is not among those of -TrustedSubject");
    }

    private static string? Describe(X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
            return null;
        var reasons = new List<string>();
        if ((errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0)
            reasons.Add("it was issued for another name");
        if ((errors & SslPolicyErrors.RemoteCertificateNotAvailable) != 0)
            reasons.Add("it shows none");
        if ((errors & SslPolicyErrors.RemoteCertificateChainErrors) != 0)
        {
            foreach (var status in chain?.ChainStatus ?? [])
                reasons.Add(status.StatusInformation.Trim().TrimEnd('.'));
        }

        return string.Join("; ", reasons);
    }

    /// <summary>Why a certificate is not one that an authority issued; null when it is.</summary>
    private string? NotIssued(X509Certificate2 shown, X509Chain? sent, SslPolicyErrors errors)
    {
        if ((errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0)
            return "it was issued for another name";
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(_isServers ? ServerUse : ClientUse));
        foreach (var authority in _authorities)
            chain.ChainPolicy.ExtraStore.Add(authority);
        // What the peer sent between its own and the authority's.
        foreach (var element in sent?.ChainElements.Cast<X509ChainElement>() ?? [])
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        chain.Build(shown);
        var isIssued = false;
        foreach (var element in chain.ChainElements.Cast<X509ChainElement>().TakeWhile(_ => !isIssued))
        {
            foreach (var status in element.ChainElementStatus)
            {
                // That nobody but us trusts the authority is why it was named.
                if (status.Status is not (X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain))
                    return status.StatusInformation.Trim().TrimEnd('.');
            }

            isIssued = _authorities.Any(authority => authority.RawData.SequenceEqual(element.Certificate.RawData));
        }

        return isIssued ? null : $"none of the authorities of -TrustedAuthority issued it, but {shown.Issuer}";
    }

    private bool IsNamed(X509Certificate2 shown)
    {
        string[] names = [shown.Subject, shown.GetNameInfo(X509NameType.SimpleName, false), shown.GetNameInfo(X509NameType.DnsName, false)];
        return _subjects.Any(pattern =>
        {
            var expression = $"^{Regex.Escape(pattern).Replace("\\*", ".*").Replace("\\?", ".")}$";
            return names.Any(name => Regex.IsMatch(name, expression,
                RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline, TimeSpan.FromSeconds(1)));
        });
    }

    private bool IsPinned(byte[] certificate)
    {
        if (_thumbprints.Count == 0)
            return false;
        using var sha1 = SHA1.Create();
        using var sha256 = SHA256.Create();
        var first = Hex(sha1.ComputeHash(certificate));
        var second = Hex(sha256.ComputeHash(certificate));
        foreach (var thumbprint in _thumbprints)
        {
            var wanted = thumbprint.Replace(":", "").Replace(" ", "").Replace("-", "").ToUpperInvariant();
            if (wanted == first || wanted == second)
                return true;
        }

        return false;
    }

    private static string Hex(byte[] bytes) => BitConverter.ToString(bytes).Replace("-", "");
}
