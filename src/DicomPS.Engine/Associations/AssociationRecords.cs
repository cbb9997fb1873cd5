using DicomPS.Pdus;

namespace DicomPS.Associations;

/// <summary>A presentation context to propose.</summary>
/// <param name="AbstractSyntax">The SOP class UID.</param>
/// <param name="TransferSyntaxes">The transfer syntaxes, the preferred one first.</param>
public sealed record PresentationContextProposal(string AbstractSyntax, IReadOnlyList<string> TransferSyntaxes)
{
    /// <summary>
    /// Whether this side offers to be SCU; with both roles null no role is negotiated and the requestor is SCU (PS3.7 D.3.3.4).
    /// </summary>
    public bool? ScuRole { get; init; }

    /// <summary>Whether this side offers to be SCP.</summary>
    public bool? ScpRole { get; init; }
}

/// <summary>A presentation context that both sides agreed on.</summary>
/// <param name="Id">The odd number that each fragment carries.</param>
/// <param name="AbstractSyntax">The SOP class UID.</param>
/// <param name="TransferSyntax">The transfer syntax of every dataset in this context.</param>
/// <param name="ScuRole">Whether the association requestor is SCU.</param>
/// <param name="ScpRole">Whether the association requestor is SCP.</param>
public sealed record AcceptedContext(byte Id, string AbstractSyntax, string TransferSyntax, bool ScuRole, bool ScpRole);

/// <summary>A presentation context that the acceptor did not agree to.</summary>
/// <param name="Id">The number of the proposal.</param>
/// <param name="AbstractSyntax">The SOP class UID that was proposed.</param>
/// <param name="TransferSyntaxes">The transfer syntaxes that were proposed.</param>
/// <param name="Result">The result of PS3.8 table 9-18, 1 to 4.</param>
/// <param name="ResultName">The result in words.</param>
public sealed record RefusedContext(byte Id, string AbstractSyntax, IReadOnlyList<string> TransferSyntaxes, byte Result, string ResultName);

/// <summary>A piece of a command or dataset as it came from the peer.</summary>
/// <param name="contextId">The presentation context.</param>
/// <param name="isCommand">Whether the bytes belong to a command.</param>
/// <param name="isLast">Whether they end it.</param>
/// <param name="bytes">The bytes.</param>
internal readonly struct DataFragment(byte contextId, bool isCommand, bool isLast, ReadOnlyMemory<byte> bytes)
{
    /// <summary>The presentation context, one of <see cref="Association.AcceptedContexts"/>.</summary>
    public byte ContextId { get; } = contextId;

    /// <summary>Whether the bytes belong to a command; otherwise to a dataset.</summary>
    public bool IsCommand { get; } = isCommand;

    /// <summary>Whether the command or dataset ends with these bytes.</summary>
    public bool IsLast { get; } = isLast;

    /// <summary>
    /// The bytes, possibly none; a slice of the receive buffer that the next <see cref="Association.ReceiveDataAsync"/> overwrites.
    /// </summary>
    public ReadOnlyMemory<byte> Bytes { get; } = bytes;
}

/// <summary>What an <see cref="AssociationEvent"/> tells of.</summary>
public enum AssociationEventKind
{
    /// <summary>The host name became an address.</summary>
    NameResolved,
    /// <summary>The TCP connection is open.</summary>
    Connected,
    /// <summary>The TLS handshake is done.</summary>
    TlsEstablished,
    /// <summary>A-ASSOCIATE-RQ was sent or received.</summary>
    Requested,
    /// <summary>A-ASSOCIATE-AC was received or sent.</summary>
    Accepted,
    /// <summary>A-ASSOCIATE-RJ was received or sent.</summary>
    Rejected,
    /// <summary>The association was released in order.</summary>
    Released,
    /// <summary>The association was aborted by either side, or the connection broke.</summary>
    Aborted,
}

/// <summary>A step in the life of an association, for diagnosis.</summary>
/// <param name="Kind">Which step.</param>
/// <param name="Stage">The layer that the step belongs to.</param>
/// <param name="Elapsed">How long the step took.</param>
/// <param name="Text">The step in words, with addresses and titles.</param>
public sealed record AssociationEvent(AssociationEventKind Kind, DicomStage Stage, TimeSpan Elapsed, string Text)
{
    /// <summary>The addresses that the name has, then the address and port that answered; null for the later steps.</summary>
    public string? Address { get; init; }

    /// <summary>The request, acceptance or refusal that the step is about; null for the other steps.</summary>
    public Pdu? Pdu { get; init; }
}

/// <summary>Sees bytes of the upper layer on their way, before encryption.</summary>
/// <param name="isSent">Whether this side sends them; otherwise they came.</param>
/// <param name="bytes">The bytes as they are written or were read: any number of PDUs or parts of them. Valid during the call only.</param>
public delegate void WireBytes(bool isSent, ReadOnlySpan<byte> bytes);

/// <summary>
/// Follows one connection for a trace. Called where things happen, also on two threads at once; must return soon and throw nothing.
/// </summary>
public sealed record WireTap
{
    /// <summary>Told of each step.</summary>
    public Action<AssociationEvent>? Step { get; init; }

    /// <summary>Given every byte, the sent ones just before they are written.</summary>
    public WireBytes? Bytes { get; init; }

    /// <summary>Told once that the connection is closed, with the reason when it was never made.</summary>
    public Action<Exception?>? Closed { get; init; }
}
