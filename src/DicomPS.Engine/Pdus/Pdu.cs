namespace DicomPS.Pdus;

/// <summary>
/// A protocol data unit of the DICOM upper layer (PS3.8 9.3). The family is closed; kinds that the standard does not name are
/// <see cref="UnknownPdu"/>.
/// </summary>
public abstract record Pdu
{
    private protected Pdu()
    {
    }
}

/// <summary>A-ASSOCIATE-RQ: the request for an association (PS3.8 9.3.2).</summary>
public sealed record AssociateRq : Pdu
{
    /// <summary>A bit for each protocol version that the sender speaks; bit 0 is version 1, the only one.</summary>
    public ushort ProtocolVersion { get; init; } = 1;

    /// <summary>The AE title that is called, without its padding.</summary>
    public required string CalledAETitle { get; init; }

    /// <summary>The AE title that calls, without its padding.</summary>
    public required string CallingAETitle { get; init; }

    /// <summary>The application context name (PS3.7 A.2.1).</summary>
    public string ApplicationContext { get; init; } = PduConstants.DicomApplicationContext;

    /// <summary>The proposed presentation contexts, in the order of the wire.</summary>
    public IReadOnlyList<PresentationContextRq> PresentationContexts { get; init; } = [];

    /// <summary>The items of the user information (PS3.7 D.3.3), unknown ones included.</summary>
    public IReadOnlyList<UserItem> UserItems { get; init; } = [];

    /// <summary>Items beside the contexts and the user information that the standard does not name.</summary>
    public IReadOnlyList<UnknownItem> UnknownItems { get; init; } = [];
}

/// <summary>A-ASSOCIATE-AC: the association is accepted (PS3.8 9.3.3).</summary>
public sealed record AssociateAc : Pdu
{
    /// <summary>A bit for each protocol version that the sender speaks; bit 0 is version 1, the only one.</summary>
    public ushort ProtocolVersion { get; init; } = 1;

    /// <summary>The called AE title of the request, sent back and not to be tested (PS3.8 table 9-17).</summary>
    public required string CalledAETitle { get; init; }

    /// <summary>The calling AE title of the request, sent back and not to be tested (PS3.8 table 9-17).</summary>
    public required string CallingAETitle { get; init; }

    /// <summary>The application context name (PS3.7 A.2.1).</summary>
    public string ApplicationContext { get; init; } = PduConstants.DicomApplicationContext;

    /// <summary>The answer to each proposed presentation context.</summary>
    public IReadOnlyList<PresentationContextAc> PresentationContexts { get; init; } = [];

    /// <summary>The items of the user information (PS3.7 D.3.3), unknown ones included.</summary>
    public IReadOnlyList<UserItem> UserItems { get; init; } = [];

    /// <summary>Items beside the contexts and the user information that the standard does not name.</summary>
    public IReadOnlyList<UnknownItem> UnknownItems { get; init; } = [];
}

/// <summary>A-ASSOCIATE-RJ: the association is refused (PS3.8 9.3.4).</summary>
/// <param name="Result">1 permanent, 2 transient.</param>
/// <param name="Source">1 service user, 2 service provider (ACSE), 3 service provider (presentation).</param>
/// <param name="Reason">The reason, read together with the source.</param>
internal sealed record AssociateRj(byte Result, byte Source, byte Reason) : Pdu;

/// <summary>P-DATA-TF: pieces of commands and datasets (PS3.8 9.3.5).</summary>
/// <param name="Values">The presentation data values, at least one.</param>
internal sealed record PData(IReadOnlyList<Pdv> Values) : Pdu;

/// <summary>A-RELEASE-RQ: the sender wants to end the association in order (PS3.8 9.3.6).</summary>
internal sealed record ReleaseRq : Pdu;

/// <summary>A-RELEASE-RP: the answer to A-RELEASE-RQ (PS3.8 9.3.7).</summary>
internal sealed record ReleaseRp : Pdu;

/// <summary>A-ABORT: the association ends at once (PS3.8 9.3.8).</summary>
/// <param name="Source">0 service user, 2 service provider.</param>
/// <param name="Reason">The reason, significant when the source is the service provider.</param>
internal sealed record Abort(byte Source, byte Reason) : Pdu;

/// <summary>A PDU of a type that the standard does not name, kept as it came.</summary>
/// <param name="Type">The first byte.</param>
/// <param name="Bytes">What follows the length.</param>
internal sealed record UnknownPdu(byte Type, ReadOnlyMemory<byte> Bytes) : Pdu;

/// <summary>A presentation data value: a fragment of one command or dataset (PS3.8 9.3.5.1 and E.2).</summary>
/// <param name="ContextId">The presentation context.</param>
/// <param name="IsCommand">Whether the bytes belong to a command; otherwise to a dataset.</param>
/// <param name="IsLast">Whether this is the last fragment of the command or dataset.</param>
/// <param name="Bytes">The fragment.</param>
internal sealed record Pdv(byte ContextId, bool IsCommand, bool IsLast, ReadOnlyMemory<byte> Bytes);

/// <summary>A proposed presentation context (PS3.8 9.3.2.2).</summary>
/// <param name="Id">An odd number from 1 to 255.</param>
/// <param name="AbstractSyntax">The SOP class UID.</param>
/// <param name="TransferSyntaxes">The transfer syntaxes in the proposer's order.</param>
public sealed record PresentationContextRq(byte Id, string AbstractSyntax, IReadOnlyList<string> TransferSyntaxes);

/// <summary>The answer to a proposed presentation context (PS3.8 9.3.3.2).</summary>
/// <param name="Id">The number of the proposal.</param>
/// <param name="Result">0 acceptance; 1 to 4 say why not (see <see cref="PduNames.ContextResult"/>).</param>
/// <param name="TransferSyntax">The chosen transfer syntax; not significant, and possibly empty, unless accepted.</param>
public sealed record PresentationContextAc(byte Id, byte Result, string TransferSyntax);

/// <summary>An item of an A-ASSOCIATE PDU that the standard does not name, kept as it came.</summary>
/// <param name="Type">The first byte.</param>
/// <param name="Bytes">What follows the length.</param>
public sealed record UnknownItem(byte Type, ReadOnlyMemory<byte> Bytes);
