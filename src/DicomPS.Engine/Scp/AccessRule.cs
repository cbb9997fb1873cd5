using System.Net;
using System.Security.Cryptography.X509Certificates;
using DicomPS.Associations;

namespace DicomPS.Scp;

/// <summary>
/// Lets callers into a server: which they are, and what they may ask for. All that a rule names must fit a caller; what it does not name
/// fits any. Of several rules that fit, each adds what it allows. Immutable.
/// </summary>
public sealed record AccessRule
{
    /// <summary>The user of callers that need not name one.</summary>
    public const string NoUser = "None";

    /// <summary>Calling AE titles, with * and ? as wildcards; upper and lower case differ. Empty, the default, is any.</summary>
    public IReadOnlyList<string> Titles { get; init; } = [];

    /// <summary>Addresses and networks that calls may come from; empty, the default, is any.</summary>
    public IReadOnlyList<AddressRange> Addresses { get; init; } = [];

    /// <summary>
    /// SHA-1 or SHA-256 thumbprints of certificates, in hexadecimal, one of which a caller must show; empty asks for none.
    /// </summary>
    public IReadOnlyList<string> Thumbprints { get; init; } = [];

    /// <summary>
    /// Users, one of which a caller must have said and proved to be, with * and ? as wildcards; <see cref="NoUser"/> lets in who names
    /// none. Empty, the default, is any that the server has proved.
    /// </summary>
    public IReadOnlyList<string> Users { get; init; } = [];

    /// <summary>What they may ask for. Default all.</summary>
    public AccessServices Services { get; init; } = AccessServices.All;

    /// <summary>How many associations all callers of the rule may have open at once; null, the default, sets no limit of its own.</summary>
    public int? MaximumAssociations { get; init; }

    /// <summary>How many instances all callers of the rule may store from one midnight to the next; null sets no limit.</summary>
    public long? MaximumInstancesPerDay { get; init; }

    /// <summary>How many bytes all callers of the rule may store from one midnight to the next; null sets no limit.</summary>
    public long? MaximumBytesPerDay { get; init; }

    /// <summary>
    /// Reads a rule as it is written: <c>TITLE@ADDRESS:SERVICES</c>, each part a list with commas that may be missing, such as
    /// <c>CT1@10.0.0.0/8:Store,Echo</c>, <c>CT*</c>, <c>@10.1.2.3</c> or <c>*:Echo</c>.
    /// </summary>
    /// <param name="text">The rule.</param>
    /// <exception cref="FormatException">It is none; the message says what is wrong.</exception>
    public static AccessRule Parse(string text) => AccessRuleText.Parse(text);

    /// <summary>Whether the rule is about a caller, whatever it asks for and whoever its user is.</summary>
    internal bool Fits(string title, IPAddress address, X509Certificate? certificate) =>
        FitsTitle(title)
        && (Addresses.Count == 0 || Addresses.Any(range => range.Contains(address)))
        && (Thumbprints.Count == 0 || (certificate is { } && CertificateThumbprint.IsAmong(certificate.GetRawCertData(), Thumbprints)));

    /// <summary>Whether the titles have no wildcards.</summary>
    internal bool IsLiteral { get; init; }

    internal bool FitsTitle(string title) => Titles.Count == 0
        || Titles.Any(pattern => IsLiteral ? title == pattern : AccessRuleText.IsLike(title, pattern));

    internal bool FitsUser(string? user) => user is null ? Users.Contains(NoUser)
        : Users.Count == 0 || Users.Any(pattern => pattern != NoUser && AccessRuleText.IsLike(user, pattern));

    /// <summary>The rule as it is written, with what the short form has no place for in brackets.</summary>
    public override string ToString() => AccessRuleText.Show(this);
}
