using System.Globalization;

namespace DicomPS.Auditing;

/// <summary>How an audit trail travels.</summary>
public enum AuditTransport
{
    /// <summary>Into a file.</summary>
    File,
    /// <summary>Syslog over UDP (RFC 5426): what is lost on the way is lost.</summary>
    SyslogUdp,
    /// <summary>Syslog over TCP, framed by lengths (RFC 6587 3.4.1).</summary>
    SyslogTcp,
    /// <summary>Syslog over TLS (RFC 5425); the server's certificate is judged by the system.</summary>
    SyslogTls,
}

/// <summary>Where an audit trail goes.</summary>
/// <param name="Transport">How.</param>
/// <param name="Place">The file, or the host.</param>
/// <param name="Port">The port of the host; 0 for a file.</param>
public sealed record AuditTarget(AuditTransport Transport, string Place, int Port)
{
    /// <summary>Whether records are DICOM audit messages (PS3.15 A.5); otherwise they are lines of JSON.</summary>
    public bool IsXml => Transport != AuditTransport.File || Path.GetExtension(Place).Equals(".xml", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a target.</summary>
    /// <param name="text">A file, whose ending .xml asks for DICOM audit messages, one a line, and any other for JSON; or
    /// syslog://host:514 (UDP), syslog+tcp://host:601, syslog+tls://host:6514; the ports may be left out.</param>
    /// <exception cref="ArgumentException">It is none of these.</exception>
    public static AuditTarget Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            throw new ArgumentException("An audit trail needs a file or a syslog server.", nameof(text));
        if (!text.StartsWith("syslog", StringComparison.OrdinalIgnoreCase) || text.IndexOf("://", StringComparison.Ordinal) < 0)
            return new AuditTarget(AuditTransport.File, Path.GetFullPath(text), 0);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Host.Length == 0
            || address.PathAndQuery.Trim('/').Length > 0)
            throw Wrong();
        var (transport, port) = address.Scheme.ToLower(CultureInfo.InvariantCulture) switch
        {
            "syslog" or "syslog+udp" => (AuditTransport.SyslogUdp, 514),
            "syslog+tcp" => (AuditTransport.SyslogTcp, 601),
            "syslog+tls" => (AuditTransport.SyslogTls, 6514),
            _ => throw Wrong(),
        };
        return new AuditTarget(transport, address.DnsSafeHost, address.Port > 0 ? address.Port : port);

        ArgumentException Wrong() => new(
            $"'{text}' is no syslog server: write syslog://host:514, syslog+tcp://host:601 or syslog+tls://host:6514.", nameof(text));
    }

    /// <summary>The target, in words.</summary>
    public override string ToString() => Transport == AuditTransport.File ? $"the file {Place}" : $"{Transport} at {Place}:{Port}";
}
