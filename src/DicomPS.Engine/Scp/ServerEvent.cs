namespace DicomPS.Scp;

/// <summary>What kind of event something on a server is.</summary>
public enum ServerEventKind
{
    /// <summary>For the record; nothing went wrong.</summary>
    Information,
    /// <summary>Worth a look: a part of what was proposed is not served, or somebody connected and said nothing.</summary>
    Warning,
    /// <summary>A caller was turned away: no association, or one in which it can do nothing.</summary>
    Refused,
    /// <summary>A request, or a job of the server's own, failed.</summary>
    Failed,
    /// <summary>An association that had been accepted ended in another way than by a release.</summary>
    Broken,
}

/// <summary>Something that happened on a server.</summary>
/// <param name="RemoteEndPoint">The peer's address and port; empty when none is concerned.</param>
/// <param name="CallingAETitle">The peer's AE title, when it is known.</param>
/// <param name="Text">What happened, in a sentence.</param>
/// <param name="Problem">The error, when it is one.</param>
public sealed record ServerEvent(string RemoteEndPoint, string? CallingAETitle, string Text, Exception? Problem)
{
    /// <summary>What kind of event it is; without more to go by, a failure when there is an error.</summary>
    public ServerEventKind Kind { get; init; } = Problem is null ? ServerEventKind.Information : ServerEventKind.Failed;

    /// <summary>
    /// Whether it says only that a request was answered, and with what; what failed is told by an event of its own as well.
    /// </summary>
    public bool IsAnswer { get; init; }

    /// <summary>The AE title that was called, when it is known.</summary>
    public string? CalledAETitle { get; init; }

    /// <summary>The request that it is about, such as C-STORE; null when it is about none.</summary>
    public string? Operation { get; init; }

    /// <summary>
    /// The SOP class of the request, or the first that was proposed and not taken; of a rejected association the only one.
    /// </summary>
    public string? SOPClassUID { get; init; }

    /// <summary>The instance that the request is about.</summary>
    public string? SOPInstanceUID { get; init; }

    /// <summary>The final status of a request; null for an event of any other kind.</summary>
    public ushort? Status { get; init; }

    /// <summary>
    /// What happened, without the addresses and ports that make two events of one kind differ; null when <see cref="Text"/> has none.
    /// </summary>
    public string? Reason { get; init; }

    /// <summary>What the people on this side, or those of the peer, can do about it; null when there is nothing to be said.</summary>
    public string? Advice { get; init; }
}
