using DicomPS.Associations;

namespace DicomPS.Serving;

/// <summary>What a stranger finds at a node, as far as can be seen without doing harm.</summary>
public sealed record SecurityResult
{
    /// <summary>Whom was tried.</summary>
    public required DicomNode Node { get; init; }

    /// <summary>Open, Weak, Guarded, or Unknown where the node was not reached.</summary>
    public string Verdict => GetVerdict().ToString();

    /// <summary>The same as a value of its type. No property: an enumeration becomes a number in JSON and CLIXML.</summary>
    public SecurityVerdict GetVerdict() =>
        Services is null && AnyCallingAETitle is null && AnyCalledAETitle is null ? SecurityVerdict.Unknown
        : AnyCallingAETitle != false && Strangers is { Length: > 0 } ? SecurityVerdict.Open
        : Findings is { } ? SecurityVerdict.Weak : SecurityVerdict.Guarded;

    /// <summary>What is wrong, each in a sentence; null when nothing was found.</summary>
    public string? Findings { get; init; }

    /// <summary>What to do, for the findings in their order, in one text; null when nothing was found.</summary>
    public string? Advice { get; init; }

    /// <summary>Whether an association over plain TCP was answered; null where that was not found out.</summary>
    public bool? Plain { get; init; }

    /// <summary>The version of TLS that was agreed on; null without TLS.</summary>
    public string? TlsVersion { get; init; }

    /// <summary>Whom the certificate of the node names; null without TLS.</summary>
    public string? CertificateSubject { get; init; }

    /// <summary>Its thumbprint, SHA-1.</summary>
    public string? CertificateThumbprint { get; init; }

    /// <summary>Its end, in local time.</summary>
    public DateTime? CertificateNotAfter { get; init; }

    /// <summary>What this side may ask for under the title that it has there; null where that was not found out.</summary>
    public string? Services { get; init; }

    /// <summary>What a title that nobody has may ask for; empty for nothing, null where that was not found out.</summary>
    public string? Strangers { get; init; }

    /// <summary>
    /// The AE titles that C-MOVE may send to, with commas between; empty for none. Null where it was not found out: only a server of this
    /// process can be asked.
    /// </summary>
    public string? MovesTo { get; init; }

    /// <summary>Whether a calling AE title that nobody has was taken.</summary>
    public bool? AnyCallingAETitle { get; init; }

    /// <summary>Whether a called AE title that nobody has was taken.</summary>
    public bool? AnyCalledAETitle { get; init; }

    /// <summary>Whether a user that nobody is, with a passcode that nobody has, was taken.</summary>
    public bool? AnyUser { get; init; }

    /// <summary>Why the node was not reached; null when it was.</summary>
    public string? Failure { get; init; }

    /// <summary>Who it is, and the verdict.</summary>
    public override string ToString() => $"{Node}: {Verdict}";
}
