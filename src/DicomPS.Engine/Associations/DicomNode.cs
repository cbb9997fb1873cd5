using System.Globalization;
using System.Net;

namespace DicomPS.Associations;

/// <summary>
/// A DICOM application to talk to: its AE title and address, and what it knows of us.
/// Written <c>AETITLE@host:port</c>, with an IPv6 address in brackets.
/// </summary>
public sealed record DicomNode
{
    /// <summary>The port that IANA registered for DICOM (PS3.8 9.1.1).</summary>
    public const int DefaultPort = 11112;

    /// <summary>The AE title with which this side introduces itself when nothing else is said.</summary>
    public const string DefaultCallingAETitle = "DICOMPS";

    /// <summary>The name under which the node is registered, or null.</summary>
    public string? Name { get; init; }

    /// <summary>The node's own AE title: 1 to 16 characters (PS3.8 7.1.1.4).</summary>
    public required string AETitle { get; init; }

    /// <summary>Host name or address.</summary>
    public required string HostName { get; init; }

    /// <summary>TCP port, 1 to 65535.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>The AE title with which this side introduces itself to the node.</summary>
    public string CallingAETitle { get; init; } = DefaultCallingAETitle;

    /// <summary>
    /// The port on this machine to which the node sends when it is asked to move something here; null when none is agreed.
    /// </summary>
    public int? LocalPort { get; init; }

    /// <summary>Host names and addresses from which the node sends beside its own, parted by commas; null for none.</summary>
    public string? From { get; init; }

    /// <summary>
    /// The Specific Character Set assumed where the node declares none, such as <c>ISO_IR 100</c>; null for the default repertoire.
    /// </summary>
    public string? CharacterSet { get; init; }

    /// <summary>Whether the node is spoken to over TLS (PS3.15 B).</summary>
    public bool Tls { get; init; }

    /// <summary>
    /// How many associations work side by side where many files or requests go to the node: a number of 1 to 64, or Auto for as many as
    /// pay; null for one.
    /// </summary>
    public string? Associations { get; init; }

    /// <summary>
    /// How many files may be under way over one association before the first is answered, 2 to 256 (PS3.7 D.3.3.3); null for one, which
    /// is proposed to nobody.
    /// </summary>
    public int? AsyncOperations { get; init; }

    /// <summary>The parts of <see cref="From"/>.</summary>
    public IReadOnlyList<string> GetSenders() => Split(From);

    /// <summary>Reads host names and addresses that are parted by commas, semicolons or spaces.</summary>
    /// <param name="text">The text; null for none.</param>
    public static IReadOnlyList<string> Split(string? text) => (text ?? "").Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries);

    /// <summary><c>AETITLE@host:port</c>.</summary>
    public string Address => HostName.IndexOf(':') >= 0 ? $"{AETitle}@[{HostName}]:{Port}" : $"{AETitle}@{HostName}:{Port}";

    /// <summary>The name, or the address where there is none.</summary>
    public override string ToString() => Name ?? Address;

    /// <summary>Whether both are one application: the same title and port, on one host however its name is written here.</summary>
    internal bool IsSameAs(DicomNode other) => AETitle == other.AETitle && Port == other.Port
        && (string.Equals(HostName, other.HostName, StringComparison.OrdinalIgnoreCase)
            || (IsThisMachine(HostName) && IsThisMachine(other.HostName)));

    private static bool IsThisMachine(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>Reads <c>AETITLE@host:port</c>; the port may be left out (11112).</summary>
    /// <param name="text">Such as <c>PACS@10.0.0.5:104</c> or <c>PACS@[::1]:104</c>.</param>
    /// <exception cref="FormatException">The text is no address; the message says which part and how it should look.</exception>
    public static DicomNode Parse(string text)
    {
        if (text is null)
            throw new ArgumentNullException(nameof(text));
        var at = text.LastIndexOf('@');
        if (at < 0)
            throw Bad(text, "there is no '@'");
        var title = text[..at].Trim();
        var rest = text[(at + 1)..].Trim();
        try
        {
            CheckAETitle(title);
        }
        catch (ArgumentException problem)
        {
            throw new FormatException(problem.Message, problem);
        }

        string host;
        string portText;
        if (rest.StartsWith("[", StringComparison.Ordinal))
        {
            var close = rest.IndexOf(']');
            if (close < 0)
                throw Bad(text, "the bracket of the IPv6 address is not closed");
            host = rest[1..close];
            portText = rest[(close + 1)..];
            if (portText.Length > 0 && portText[0] != ':')
                throw Bad(text, "after the closing bracket a ':' and the port are expected");
            portText = portText.TrimStart(':');
        }
        else
        {
            var colon = rest.IndexOf(':');
            if (colon != rest.LastIndexOf(':'))
                throw Bad(text, "an IPv6 address needs brackets, as in PACS@[::1]:104");
            host = colon < 0 ? rest : rest[..colon];
            portText = colon < 0 ? "" : rest[(colon + 1)..];
            if (colon >= 0 && portText.Length == 0)
                throw Bad(text, "the port after ':' is missing");
        }

        if (host.Length == 0 || host.Any(char.IsWhiteSpace))
            throw Bad(text, "the host is missing or holds a space");
        var port = DefaultPort;
        if (portText.Length > 0
            && (!int.TryParse(portText, NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535))
        {
            throw Bad(text, $"'{portText}' is no port between 1 and 65535");
        }

        return new DicomNode { AETitle = title, HostName = host, Port = port };
    }

    /// <summary>Checks an AE title: 1 to 16 printable ASCII characters, no backslash, not only spaces (PS3.5 6.2, VR AE).</summary>
    /// <param name="title">The title.</param>
    /// <exception cref="ArgumentException">The title breaks a rule; the message says which.</exception>
    public static void CheckAETitle(string title)
    {
        if (string.IsNullOrWhiteSpace(title))
            throw new ArgumentException("An AE title must not be empty.", nameof(title));
        if (title.Length > 16)
            throw new ArgumentException($"The AE title '{title}' has {title.Length} characters; 16 is the most.", nameof(title));
        foreach (var c in title)
        {
            if (c is '\\' or < ' ' or > '~')
                throw new ArgumentException(
                    $"The AE title '{title}' holds a character that AE titles must not have: "
                    + $"{(c is '\\' ? "a backslash" : $"U+{(int)c:X4}")}.", nameof(title));
        }
    }

    private static FormatException Bad(string text, string why) =>
        new($"'{text}' is no node address: {why}. Write AETITLE@host:port, such as PACS@10.0.0.5:104.");
}
