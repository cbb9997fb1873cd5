using System.Buffers.Binary;

namespace DicomPS.Pdus;

/// <summary>
/// Reads PDUs from bytes (PS3.8 9.3). Pure: a message, or "need more". Lenient with padding, unknown items and reserved fields.
/// </summary>
internal static partial class PduReader
{
    /// <summary>Reads the PDU at the start of the bytes.</summary>
    /// <param name="bytes">What has come so far.</param>
    /// <param name="maximumLength">The longest P-DATA-TF or unknown PDU that is taken, counted as its length field counts; 0 means no
    /// limit.</param>
    /// <param name="consumed">How many bytes the PDU took; 0 when there is none yet.</param>
    /// <returns>The PDU, or null when more bytes are needed.</returns>
    /// <exception cref="DicomNetworkException">The bytes are no PDU, or a longer one than is taken; thrown as soon as the header shows
    /// it.</exception>
    public static Pdu? TryRead(ReadOnlySpan<byte> bytes, uint maximumLength, out int consumed)
    {
        consumed = 0;
        if (bytes.Length < PduConstants.HeaderLength) return null;
        var type = bytes[0];
        var length = BinaryPrimitives.ReadUInt32BigEndian(bytes.Slice(2));
        CheckLength(type, length, maximumLength);
        if (length > int.MaxValue - PduConstants.HeaderLength || bytes.Length - PduConstants.HeaderLength < (int)length) return null;
        var pdu = ReadBody(type, bytes.Slice(PduConstants.HeaderLength, (int)length));
        consumed = PduConstants.HeaderLength + (int)length;
        return pdu;
    }

    /// <summary>Checks the length of a PDU before its body is waited for.</summary>
    internal static void CheckLength(byte type, uint length, uint maximumLength)
    {
        var (minimum, maximum) = type switch
        {
            PduType.AssociateRq or PduType.AssociateAc => (68u, (uint)PduConstants.MaximumAssociateLength),
            PduType.AssociateRj or PduType.ReleaseRq or PduType.ReleaseRp or PduType.Abort => (4u, (uint)PduConstants.MaximumFixedLength),
            PduType.PData => ((uint)PduConstants.PdvHeaderLength, Limit(maximumLength)),
            _ => (0u, Limit(maximumLength)),
        };
        if (length < minimum)
            throw new MalformedPduException($"{NameOf(type)} says that it is {length} bytes long; it cannot be shorter than {minimum}.",
                AbortReason.InvalidParameterValue);
        if (length > maximum)
            throw new MalformedPduException($"{NameOf(type)} says that it is {length} bytes long; no more than {maximum} are taken.",
                AbortReason.InvalidParameterValue);
    }

    /// <summary>The PDU in words.</summary>
    internal static string NameOf(byte type) => type switch
    {
        PduType.AssociateRq => "A-ASSOCIATE-RQ",
        PduType.AssociateAc => "A-ASSOCIATE-AC",
        PduType.AssociateRj => "A-ASSOCIATE-RJ",
        PduType.PData => "P-DATA-TF",
        PduType.ReleaseRq => "A-RELEASE-RQ",
        PduType.ReleaseRp => "A-RELEASE-RP",
        PduType.Abort => "A-ABORT",
        _ => $"A PDU of unknown type {type:X2}",
    };

    internal static Pdu ReadBody(byte type, ReadOnlySpan<byte> body)
    {
        var cursor = new ByteCursor(body, PduConstants.HeaderLength);
        switch (type)
        {
            case PduType.AssociateRq:
                return ReadAssociateRq(cursor);
            case PduType.AssociateAc:
                return ReadAssociateAc(cursor);
            case PduType.AssociateRj: // PS3.8 9.3.4
                return new AssociateRj(body[1], body[2], body[3]);
            case PduType.PData:
                return ReadPData(cursor);
            case PduType.ReleaseRq: // PS3.8 9.3.6
                return new ReleaseRq();
            case PduType.ReleaseRp: // PS3.8 9.3.7
                return new ReleaseRp();
            case PduType.Abort: // PS3.8 9.3.8
                return new Abort(body[2], body[3]);
            default:
                return new UnknownPdu(type, body.ToArray());
        }
    }

    private static uint Limit(uint maximumLength) => maximumLength == 0 ? uint.MaxValue : maximumLength;

    // PS3.8 9.3.5
    private static PData ReadPData(ByteCursor cursor)
    {
        var values = new List<Pdv>();
        while (cursor.Remaining > 0)
        {
            var length = cursor.UInt32("A PDV");
            if (length < 2)
                throw new MalformedPduException($"A PDV says that it is {length} bytes long; it cannot be shorter than 2.",
                    AbortReason.InvalidParameterValue);
            if (values.Count >= PduConstants.MaximumItems)
                throw new MalformedPduException($"A P-DATA-TF has more than {PduConstants.MaximumItems} PDVs.",
                    AbortReason.InvalidParameterValue);
            var value = cursor.Part(length > int.MaxValue ? int.MaxValue : (int)length, "A PDV");
            var contextId = value.Byte("A PDV");
            var control = value.Byte("A PDV");
            values.Add(new Pdv(contextId, (control & 1) != 0, (control & 2) != 0, value.Rest().ToArray()));
        }

        return new PData(values);
    }

    // PS3.8 9.3.2
    private static AssociateRq ReadAssociateRq(ByteCursor cursor)
    {
        var head = ReadHead(ref cursor);
        var contexts = new List<PresentationContextRq>();
        AssociateTail tail = new();
        while (ReadItem(ref cursor, tail, out var type, out var item))
        {
            if (type == ItemType.PresentationContextRq) contexts.Add(ReadContextRq(item, tail));
            else tail.Read(type, item);
        }

        return new AssociateRq
        {
            ProtocolVersion = head.Version,
            CalledAETitle = head.Called,
            CallingAETitle = head.Calling,
            ApplicationContext = tail.ApplicationContext,
            PresentationContexts = contexts,
            UserItems = tail.UserItems,
            UnknownItems = tail.UnknownItems,
        };
    }

    // PS3.8 9.3.3
    private static AssociateAc ReadAssociateAc(ByteCursor cursor)
    {
        var head = ReadHead(ref cursor);
        var contexts = new List<PresentationContextAc>();
        AssociateTail tail = new();
        while (ReadItem(ref cursor, tail, out var type, out var item))
        {
            if (type == ItemType.PresentationContextAc) contexts.Add(ReadContextAc(item, tail));
            else tail.Read(type, item);
        }

        return new AssociateAc
        {
            ProtocolVersion = head.Version,
            CalledAETitle = head.Called,
            CallingAETitle = head.Calling,
            ApplicationContext = tail.ApplicationContext,
            PresentationContexts = contexts,
            UserItems = tail.UserItems,
            UnknownItems = tail.UnknownItems,
        };
    }

    private static AssociateHead ReadHead(ref ByteCursor cursor)
    {
        var version = cursor.UInt16("The protocol version");
        cursor.Skip(2, "A reserved field");
        var called = cursor.Text(16, "The called AE title");
        var calling = cursor.Text(16, "The calling AE title");
        cursor.Skip(32, "A reserved field");
        return new AssociateHead(version, called, calling);
    }

    private static bool ReadItem(ref ByteCursor cursor, AssociateTail tail, out byte type, out ByteCursor item)
    {
        type = 0;
        item = default;
        if (cursor.Remaining == 0) return false;
        tail.Count();
        type = cursor.Byte("An item");
        cursor.Skip(1, "An item");
        item = cursor.Part(cursor.UInt16("An item"), $"Item {type:X2}");
        return true;
    }

    // PS3.8 9.3.2.2
    private static PresentationContextRq ReadContextRq(ByteCursor cursor, AssociateTail tail)
    {
        var id = cursor.Byte("A presentation context");
        cursor.Skip(3, "A presentation context");
        var abstractSyntax = "";
        var transferSyntaxes = new List<string>();
        while (ReadItem(ref cursor, tail, out var type, out var item))
        {
            if (type == ItemType.AbstractSyntax) abstractSyntax = item.Text(item.Remaining, "An abstract syntax");
            else if (type == ItemType.TransferSyntax) transferSyntaxes.Add(item.Text(item.Remaining, "A transfer syntax"));
        }

        return new PresentationContextRq(id, abstractSyntax, transferSyntaxes);
    }

    // PS3.8 9.3.3.2
    private static PresentationContextAc ReadContextAc(ByteCursor cursor, AssociateTail tail)
    {
        var id = cursor.Byte("A presentation context");
        cursor.Skip(1, "A presentation context");
        var result = cursor.Byte("A presentation context");
        cursor.Skip(1, "A presentation context");
        var transferSyntax = "";
        while (ReadItem(ref cursor, tail, out var type, out var item))
            if (type == ItemType.TransferSyntax) transferSyntax = item.Text(item.Remaining, "A transfer syntax");

        return new PresentationContextAc(id, result, transferSyntax);
    }

    private readonly record struct AssociateHead(ushort Version, string Called, string Calling);

    /// <summary>What RQ and AC have in common behind their heads, gathered item by item.</summary>
    private sealed class AssociateTail
    {
        private int _count;

        public string ApplicationContext { get; private set; } = "";

        public List<UserItem> UserItems { get; } = [];

        public List<UnknownItem> UnknownItems { get; } = [];

        public void Count()
        {
            if (++_count > PduConstants.MaximumItems)
                throw new MalformedPduException($"An A-ASSOCIATE PDU has more than {PduConstants.MaximumItems} items.",
                    AbortReason.InvalidParameterValue);
        }

        public void Read(byte type, ByteCursor item)
        {
            switch (type)
            {
                case ItemType.ApplicationContext:
                    ApplicationContext = item.Text(item.Remaining, "The application context");
                    break;
                case ItemType.UserInformation:
                    while (item.Remaining > 0)
                    {
                        Count();
                        UserItems.Add(ReadUserItem(ref item));
                    }

                    break;
                default:
                    UnknownItems.Add(new UnknownItem(type, item.Rest().ToArray()));
                    break;
            }
        }
    }
}
