using DicomPS.Pdus;

namespace DicomPS.Associations;

/// <summary>
/// What to open an association with: whom to call, what to propose, how long to wait. Every property has a working default but
/// <see cref="Host"/> and <see cref="Port"/>.
/// </summary>
public sealed record AssociationOptions
{
    /// <summary>A host name or an IPv4 or IPv6 address.</summary>
    public required string Host { get; init; }

    /// <summary>The TCP port, 1 to 65535; 104 and 11112 are the registered ones.</summary>
    public required int Port { get; init; }

    /// <summary>
    /// The AE title that the peer knows itself by: 1 to 16 characters, no backslash, no control characters. Default ANY-SCP.
    /// </summary>
    public string CalledAETitle { get; init; } = "ANY-SCP";

    /// <summary>The AE title that the peer knows this side by. Default DICOMPS.</summary>
    public string CallingAETitle { get; init; } = "DICOMPS";

    /// <summary>What is proposed, 1 to 128 contexts; the ids 1, 3, 5 and so on follow the order of the list.</summary>
    public IReadOnlyList<PresentationContextProposal> PresentationContexts { get; init; } = [];

    /// <summary>The longest P-DATA-TF that this side takes, in bytes (PS3.8 D.1); 0 means no limit. Default 262144.</summary>
    public uint MaximumPduLength { get; init; } = AssociationDefaults.MaximumPduLength;

    /// <summary>The longest wait for each of name lookup, TCP connection and TLS handshake. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait for the answer to the association request. Default 30 s.</summary>
    public TimeSpan AssociationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The longest time without a byte in either direction while <see cref="Association.ReceiveDataAsync"/> waits. Default 60 s;
    /// <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.
    /// </summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest time that the peer may leave one write untaken. Default 60 s.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest wait for the answer to the release request. Default 5 s.</summary>
    public TimeSpan ReleaseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How to speak TLS; null, the default, speaks plain TCP.</summary>
    public TlsClientOptions? Tls { get; init; }

    /// <summary>
    /// Whether a peer that closes or stays silent without one byte of answer is called once more, with a TLS hello, to say in the
    /// exception whether TLS or HTTP speaks there. Takes up to a second, after a failure only. Default true.
    /// </summary>
    public bool ProbesSilentPort { get; init; } = true;

    /// <summary>Who the user is (PS3.7 D.3.3.7), or null.</summary>
    public UserIdentityRq? UserIdentity { get; init; }

    /// <summary>Further user items, for instance extended negotiation (PS3.7 D.3.3.5).</summary>
    public IReadOnlyList<UserItem> ExtraUserItems { get; init; } = [];

    /// <summary>The implementation class UID that the request carries.</summary>
    public string ImplementationClassUid { get; init; } = AssociationDefaults.ImplementationClassUid;

    /// <summary>The implementation version name that the request carries.</summary>
    public string ImplementationVersionName { get; init; } = AssociationDefaults.ImplementationVersionName;

    /// <summary>Called at each step, on the thread that made it, and must return at once; null is silent.</summary>
    public Action<AssociationEvent>? Trace { get; init; }

    /// <summary>
    /// Gives each connection its listener, by the host and port that are called; null, the default, listens to nothing and costs
    /// nothing.
    /// </summary>
    public Func<string, WireTap?>? Wire { get; init; }

    /// <summary>Makes the connection; the default calls over the network.</summary>
    internal Func<AssociationOptions, CancellationToken, Task<Transport>> Connector { get; init; } = SocketConnector.ConnectAsync;

    /// <summary>The options to call a node with; timeouts have their defaults.</summary>
    /// <param name="node">Whom to call.</param>
    public static AssociationOptions For(DicomNode node) => new()
    {
        Host = node.HostName,
        Port = node.Port,
        CalledAETitle = node.AETitle,
        CallingAETitle = node.CallingAETitle,
        Tls = node.Tls ? new TlsClientOptions() : null,
    };
}

/// <summary>Values that both sides of an association begin with.</summary>
internal static class AssociationDefaults
{
    /// <summary>256 KiB: large enough that the overhead of a PDU does not show, small enough for every peer.</summary>
    public const uint MaximumPduLength = 262144;

    /// <summary>
    /// The implementation class UID of this engine (PS3.7 D.3.3.2); the same as in <c>Data</c>, which this spine does not use.
    /// </summary>
    public const string ImplementationClassUid = "2.25.50488011235580093166798803635494390847";

    /// <summary>The implementation version name of this engine (PS3.7 D.3.3.2).</summary>
    public const string ImplementationVersionName = "DICOMPS_0.1.0";
}
