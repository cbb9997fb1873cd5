namespace DicomPS.Pdus;

/// <summary>Numbers and names that the wire format is made of (PS3.8 9.3).</summary>
internal static class PduConstants
{
    /// <summary>The DICOM application context name (PS3.7 A.2.1).</summary>
    public const string DicomApplicationContext = "1.2.840.10008.3.1.1.1";

    /// <summary>Bytes of the type, the reserved byte and the length that every PDU begins with.</summary>
    public const int HeaderLength = 6;

    /// <summary>Bytes of the length, the context id and the control header that every PDV begins with.</summary>
    public const int PdvHeaderLength = 6;

    /// <summary>The longest A-ASSOCIATE PDU that is read, in bytes; 128 contexts with 60 transfer syntaxes each need half of it.</summary>
    public const int MaximumAssociateLength = 1024 * 1024;

    /// <summary>The longest PDU of a fixed format (RJ, RELEASE, ABORT) that is read, in bytes; the standard has 4.</summary>
    public const int MaximumFixedLength = 1024;

    /// <summary>How many items and sub-items an A-ASSOCIATE PDU may have before it counts as an attack.</summary>
    internal const int MaximumItems = 20_000;
}

/// <summary>The first byte of each PDU (PS3.8 9.3.2 to 9.3.8).</summary>
internal static class PduType
{
    public const byte AssociateRq = 1;
    public const byte AssociateAc = 2;
    public const byte AssociateRj = 3;
    public const byte PData = 4;
    public const byte ReleaseRq = 5;
    public const byte ReleaseRp = 6;
    public const byte Abort = 7;
}

/// <summary>The first byte of each item of an A-ASSOCIATE PDU (PS3.8 9.3.2 and D.1, PS3.7 D.3.3).</summary>
internal static class ItemType
{
    public const byte ApplicationContext = 0x10;
    public const byte PresentationContextRq = 0x20;
    public const byte PresentationContextAc = 0x21;
    public const byte AbstractSyntax = 0x30;
    public const byte TransferSyntax = 0x40;
    public const byte UserInformation = 0x50;
    public const byte MaximumLength = 0x51;
    public const byte ImplementationClassUid = 0x52;
    public const byte AsynchronousOperationsWindow = 0x53;
    public const byte RoleSelection = 0x54;
    public const byte ImplementationVersionName = 0x55;
    public const byte SopClassExtendedNegotiation = 0x56;
    public const byte SopClassCommonExtendedNegotiation = 0x57;
    public const byte UserIdentityRq = 0x58;
    public const byte UserIdentityAc = 0x59;
}

/// <summary>The reasons that a service provider gives in A-ABORT (PS3.8 table 9-26).</summary>
internal static class AbortReason
{
    public const byte NotSpecified = 0;
    public const byte UnrecognizedPdu = 1;
    public const byte UnexpectedPdu = 2;
    public const byte UnrecognizedParameter = 4;
    public const byte UnexpectedParameter = 5;
    public const byte InvalidParameterValue = 6;
}

/// <summary>Bytes that are no PDU, or not one that may be accepted. Carries the reason that A-ABORT shall give.</summary>
internal sealed class MalformedPduException(string message, byte abortReason) : DicomNetworkException(message)
{
    /// <summary>A reason of <see cref="Pdus.AbortReason"/>.</summary>
    public byte AbortReason { get; } = abortReason;
}
