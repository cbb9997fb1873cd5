namespace DicomPS.Dimse;

/// <summary>Priority (0000,0700) of a composite request (PS3.7 E.1).</summary>
public enum DicomPriority : ushort
{
    /// <summary>Medium, the default.</summary>
    Medium = 0,
    /// <summary>High.</summary>
    High = 1,
    /// <summary>Low.</summary>
    Low = 2,
}

/// <summary>
/// The command half of a DIMSE message (PS3.7 6.3.1, 9.3, 10.3). An element that the message does not carry is null.
/// </summary>
public sealed record CommandSet
{
    /// <summary>Command Field (0000,0100).</summary>
    public required CommandField Field { get; init; }

    /// <summary>Message ID (0000,0110) of a request.</summary>
    public ushort MessageId { get; init; }

    /// <summary>
    /// Message ID Being Responded To (0000,0120) of a response, and of C-CANCEL; null when it is not there, is empty or has a wrong
    /// length.
    /// </summary>
    public ushort? RespondedTo { get; init; }

    /// <summary>Whether a dataset follows: Command Data Set Type (0000,0800) is not 0101H.</summary>
    public bool HasDataset { get; init; }

    /// <summary>Affected SOP Class UID (0000,0002).</summary>
    public string? AffectedSopClassUid { get; init; }

    /// <summary>Requested SOP Class UID (0000,0003).</summary>
    public string? RequestedSopClassUid { get; init; }

    /// <summary>Affected SOP Instance UID (0000,1000).</summary>
    public string? AffectedSopInstanceUid { get; init; }

    /// <summary>Requested SOP Instance UID (0000,1001).</summary>
    public string? RequestedSopInstanceUid { get; init; }

    /// <summary>Priority (0000,0700) of C-STORE, C-FIND, C-MOVE and C-GET requests.</summary>
    public DicomPriority? Priority { get; init; }

    /// <summary>Move Destination (0000,0600) of a C-MOVE request.</summary>
    public string? MoveDestination { get; init; }

    /// <summary>Move Originator Application Entity Title (0000,1030) of a C-STORE sub-operation.</summary>
    public string? MoveOriginatorAETitle { get; init; }

    /// <summary>Move Originator Message ID (0000,1031) of a C-STORE sub-operation.</summary>
    public ushort? MoveOriginatorMessageId { get; init; }

    /// <summary>
    /// Status (0000,0900) of a response; null when it is not there, is empty or has a wrong length. Null is never Success.
    /// </summary>
    public ushort? Status { get; init; }

    /// <summary>Offending Elements (0000,0901), group and element in one number each.</summary>
    public IReadOnlyList<uint>? OffendingElements { get; init; }

    /// <summary>Error Comment (0000,0902); at most 64 characters go on the wire.</summary>
    public string? ErrorComment { get; init; }

    /// <summary>Error ID (0000,0903).</summary>
    public ushort? ErrorId { get; init; }

    /// <summary>Number of Remaining Sub-operations (0000,1020).</summary>
    public ushort? Remaining { get; init; }

    /// <summary>Number of Completed Sub-operations (0000,1021).</summary>
    public ushort? Completed { get; init; }

    /// <summary>Number of Failed Sub-operations (0000,1022).</summary>
    public ushort? Failed { get; init; }

    /// <summary>Number of Warning Sub-operations (0000,1023).</summary>
    public ushort? Warning { get; init; }

    /// <summary>
    /// Failed SOP Instance UID List (0008,0058), where a response to C-MOVE or C-GET has it here: DCMTK, and Orthanc with it,
    /// put it into the command set, though it belongs into the dataset (PS3.4 C.4.3.1.4.2). Never written.
    /// </summary>
    public IReadOnlyList<string>? FailedSopInstanceUids { get; init; }

    /// <summary>Event Type ID (0000,1002) of N-EVENT-REPORT.</summary>
    public ushort? EventTypeId { get; init; }

    /// <summary>Action Type ID (0000,1008) of N-ACTION.</summary>
    public ushort? ActionTypeId { get; init; }

    /// <summary>Attribute Identifier List (0000,1005) of N-GET, group and element in one number each.</summary>
    public IReadOnlyList<uint>? AttributeIdentifiers { get; init; }

    /// <summary>The operation as the standard writes it, such as C-STORE or N-EVENT-REPORT.</summary>
    public string Operation
    {
        get
        {
            var name = Field.ToString();
            name = name.EndsWith("Request", StringComparison.Ordinal) ? name.Substring(0, name.Length - 7)
                : name.EndsWith("Response", StringComparison.Ordinal) ? name.Substring(0, name.Length - 8) : name;
            return string.Concat(name.Select((c, i) => i > 0 && char.IsUpper(c) ? $"-{c}" : $"{char.ToUpperInvariant(c)}"));
        }
    }

    /// <summary>Whether this is a response: bit 15 of the Command Field.</summary>
    public bool IsResponse => ((ushort)Field & 0x8000) != 0;

    /// <summary>The Command Field of the response to this request (PS3.7 E.1: bit 15).</summary>
    public CommandField ResponseField => (CommandField)((ushort)Field | 0x8000);

    /// <summary>
    /// What a response lacks of the elements that each must have (PS3.7 9.3, 10.3), such as <c>Status (0000,0900)</c>; null when
    /// they are there, and for requests, of which nothing is demanded.
    /// </summary>
    public string? MissingElement => !IsResponse ? null
        : RespondedTo is null ? "Message ID Being Responded To (0000,0120)"
        : Status is null ? "Status (0000,0900)"
        : null;

    /// <summary>The response that answers this request, with its ids copied and no dataset (PS3.7 9.3, 10.3).</summary>
    /// <param name="status">The status to answer with.</param>
    public CommandSet Respond(ushort status) => new()
    {
        Field = ResponseField,
        RespondedTo = MessageId,
        AffectedSopClassUid = AffectedSopClassUid ?? RequestedSopClassUid,
        AffectedSopInstanceUid = AffectedSopInstanceUid ?? RequestedSopInstanceUid,
        Status = status,
        EventTypeId = EventTypeId,
        ActionTypeId = ActionTypeId,
    };
}
