using DicomPS.Pdus;

namespace DicomPS.Associations;

/// <summary>
/// How to answer a connection that came in. Every property has a working default: any peer, any SOP class, any transfer syntax.
/// </summary>
public sealed record AcceptorOptions
{
    /// <summary>What is accepted.</summary>
    public AcceptorPolicy Policy { get; init; } = new();

    /// <summary>
    /// Chooses the policy for a request, for instance by the calling AE title or by the load; null takes <see cref="Policy"/>.
    /// </summary>
    public Func<AssociateRq, AcceptorPolicy>? PolicyFor { get; init; }

    /// <summary>As <see cref="PolicyFor"/>, and goes before it: for who has to wait for what decides, or asks who calls.</summary>
    internal Func<Association, CancellationToken, ValueTask<AcceptorPolicy>>? Admit { get; init; }

    /// <summary>Told of a refusal before the peer hears it; must return at once. Null is silent.</summary>
    public Action<AssociationRejectedException>? Refusing { get; init; }

    /// <summary>
    /// The longest wait for the association request and, after a release, for the peer to close: the ARTIM timer (PS3.8 9.1.5). Also
    /// bounds the TLS handshake. Default 30 s.
    /// </summary>
    public TimeSpan AssociationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The longest time without a byte in either direction while <see cref="Association.ReceiveDataAsync"/> waits. Default 60 s.
    /// </summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The fewest bytes a second that a message must come with, averaged over a minute of waiting for them; 0 sets no limit. Between
    /// messages there is only <see cref="IdleTimeout"/>. Default 500: a slow line shared by many passes, a byte a second does not.
    /// </summary>
    public long LeastRate { get; init; } = 500;

    /// <summary>How much waiting the rate is averaged over.</summary>
    internal TimeSpan RateWindow { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The longest time that the peer may leave one write untaken. Default 60 s.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The longest wait for the peer to close the connection after a release, and for the answer to a release request of ours. Default
    /// 5 s.
    /// </summary>
    public TimeSpan ReleaseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// After how many bytes, of both directions, the connection is cut as a broken network cuts it, to test how peers take it; null,
    /// the default, never.
    /// </summary>
    public long? DropAfterBytes { get; init; }

    /// <summary>How to speak TLS; null, the default, speaks plain TCP.</summary>
    public TlsServerOptions? Tls { get; init; }

    /// <summary>Called at each step, on the thread that made it, and must return at once; null is silent.</summary>
    public Action<AssociationEvent>? Trace { get; init; }

    /// <summary>
    /// Gives each connection its listener, by the address that calls; null, the default, listens to nothing and costs nothing.
    /// </summary>
    public Func<string, WireTap?>? Wire { get; init; }

    /// <summary>Where reads may wait while a peer keeps sending; null, the default, leaves them to the thread pool.</summary>
    internal ReadingThreads? Threads { get; init; }
}
