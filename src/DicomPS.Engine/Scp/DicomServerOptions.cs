using System.Net;
using DicomPS.Associations;
using DicomPS.Auditing;
using DicomPS.Pdus;
using DicomPS.Tracing;

namespace DicomPS.Scp;

/// <summary>How a server listens and whom it lets in.</summary>
public sealed record DicomServerOptions
{
    /// <summary>The server's own AE title. Default DICOMPS.</summary>
    public string AETitle { get; init; } = DicomNode.DefaultCallingAETitle;

    /// <summary>The address to listen on; null, the default, listens on all, IPv4 and IPv6.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The port; 0, the default, picks a free one.</summary>
    public int Port { get; init; }

    /// <summary>Whether peers must call the server by its AE title. Default false: any title will do.</summary>
    public bool CheckCalledAETitle { get; init; }

    /// <summary>
    /// The AE titles that may call, from anywhere and for everything: a short form of <see cref="Allow"/>. Null, with no rule either, lets
    /// any.
    /// </summary>
    public IReadOnlyCollection<string>? AllowedCallingAETitles { get; init; }

    /// <summary>
    /// Who may call, and for what. Who fits no rule and is not among <see cref="AllowedCallingAETitles"/> is refused; who fits several may
    /// do what any of them allows. Null, without those titles, lets any do everything.
    /// </summary>
    public IReadOnlyList<AccessRule>? Allow { get; init; }

    /// <summary>
    /// The SOP classes that are taken of those that are served, and no others, Verification among them; null, the default, takes all
    /// that are served. What is not listed is refused in the association (result 3, PS3.8 table 9-18).
    /// </summary>
    public IReadOnlyCollection<string>? SopClasses { get; init; }

    /// <summary>
    /// The transfer syntaxes that are taken; null, the default, takes all, known or not. A context that proposes no other is refused
    /// (result 4, PS3.8 table 9-18).
    /// </summary>
    public IReadOnlyList<string>? TransferSyntaxes { get; init; }

    /// <summary>
    /// Answers extended negotiation of a SOP class that is served, null to stay silent (PS3.7 D.3.3.5); null, the default, never
    /// answers.
    /// </summary>
    public Func<SopClassExtendedNegotiation, SopClassExtendedNegotiation?>? ExtendedNegotiation { get; init; }

    /// <summary>
    /// Proves users (PS3.7 D.3.3.7). Then who names none gets in by a rule alone that says so (<see cref="AccessRule.NoUser"/>). Null, the
    /// default, asks for none and answers none.
    /// </summary>
    internal IdentityCheck? Identity { get; init; }

    /// <summary>Called when the server has ended; null for nothing.</summary>
    internal Func<ValueTask>? Closed { get; init; }

    /// <summary>How many associations are served at once, 1 or more; further ones are refused for the moment. Default 64.</summary>
    public int MaximumAssociations { get; init; } = 64;

    /// <summary>The longest P-DATA-TF PDU taken, in bytes; 0 is no limit. Default 262144.</summary>
    public uint MaximumPduLength { get; init; } = AssociationDefaults.MaximumPduLength;

    /// <summary>The longest wait for the association request. Default 30 s.</summary>
    public TimeSpan AssociationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest silence on an association before it is aborted. Default 60 s.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The fewest bytes a second that a message must come with, averaged over a minute of waiting for them; 0 sets no limit. However long
    /// a message takes in all. Default 500.
    /// </summary>
    public long LeastRate { get; init; } = 500;

    /// <summary>How much waiting the rate is averaged over.</summary>
    internal TimeSpan RateWindow { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How to speak TLS; null, the default, speaks plain TCP.</summary>
    public TlsServerOptions? Tls { get; init; }

    /// <summary>Mistakes to make on purpose, for tests of the software that calls; null, the default, makes none.</summary>
    public FaultPlan? Faults { get; init; }

    /// <summary>Writes down what goes over the wire; null, the default, writes nothing.</summary>
    public WireTrace? Wire { get; init; }

    /// <summary>
    /// Where who stored, asked for, got and was refused what is written down; the server disposes of it when it ends. Null, the default,
    /// writes nothing.
    /// </summary>
    public AuditTrail? Audit { get; init; }

    /// <summary>
    /// Told the end of each association that was accepted: the peer's address and port, and whether it was released in good order. Must
    /// return at once; null is silent.
    /// </summary>
    public Action<string, bool>? Ended { get; init; }

    /// <summary>Told what happens on each association; must return at once. Null is silent.</summary>
    public Action<ServerEvent>? Trace { get; init; }
}
