using System.Buffers;
using System.Buffers.Binary;

namespace DicomPS.Pdus;

/// <summary>Writes PDUs as bytes (PS3.8 9.3). All numbers are big endian; reserved fields are zero.</summary>
internal static partial class PduWriter
{
    /// <summary>Bytes before the data of a P-DATA-TF with one PDV.</summary>
    internal const int PDataHeaderLength = PduConstants.HeaderLength + PduConstants.PdvHeaderLength;

    /// <summary>Writes a PDU.</summary>
    /// <param name="pdu">The PDU.</param>
    /// <param name="output">Where to.</param>
    /// <exception cref="ArgumentException">A field is longer than the format can say.</exception>
    public static void Write(Pdu pdu, IBufferWriter<byte> output)
    {
        var builder = Build(pdu);
        builder.Written.CopyTo(output.GetSpan(builder.Length));
        output.Advance(builder.Length);
    }

    /// <summary>Writes a PDU into an array of its own.</summary>
    /// <param name="pdu">The PDU.</param>
    /// <exception cref="ArgumentException">A field is longer than the format can say.</exception>
    public static byte[] ToArray(Pdu pdu) => Build(pdu).Written.ToArray();

    /// <summary>Writes what comes before the data of a P-DATA-TF with one PDV (PS3.8 9.3.5).</summary>
    internal static void WritePDataHeader(Span<byte> target, byte contextId, bool isCommand, bool isLast, int dataLength)
    {
        target[0] = PduType.PData;
        target[1] = 0;
        BinaryPrimitives.WriteInt32BigEndian(target.Slice(2), dataLength + PduConstants.PdvHeaderLength);
        BinaryPrimitives.WriteInt32BigEndian(target.Slice(6), dataLength + 2);
        target[10] = contextId;
        target[11] = ControlHeader(isCommand, isLast);
    }

    private static ByteBuilder Build(Pdu pdu)
    {
        var output = new ByteBuilder();
        switch (pdu)
        {
            case AssociateRq request: WriteAssociateRq(request, output); break;
            case AssociateAc answer: WriteAssociateAc(answer, output); break;
            case AssociateRj refusal: WriteFixed(PduType.AssociateRj, refusal.Result, refusal.Source, refusal.Reason, output); break;
            case PData data: WritePData(data, output); break;
            case ReleaseRq: WriteFixed(PduType.ReleaseRq, 0, 0, 0, output); break;
            case ReleaseRp: WriteFixed(PduType.ReleaseRp, 0, 0, 0, output); break;
            case Abort abort: WriteFixed(PduType.Abort, 0, abort.Source, abort.Reason, output); break;
            case UnknownPdu unknown: WriteUnknown(unknown, output); break;
            default: throw new ArgumentException($"{pdu.GetType().Name} is no PDU of this family.", nameof(pdu));
        }

        return output;
    }

    // A-ASSOCIATE-RQ (PS3.8 9.3.2):
    //   type 01, reserved 1, length 4, protocol version 2, reserved 2, called AE 16, calling AE 16, reserved 32,
    //   application context item, presentation context items (20), user information item
    private static void WriteAssociateRq(AssociateRq pdu, ByteBuilder output)
    {
        var start = BeginAssociate(PduType.AssociateRq, pdu.ProtocolVersion, pdu.CalledAETitle, pdu.CallingAETitle,
            pdu.ApplicationContext, output);
        foreach (var context in pdu.PresentationContexts) WriteContext(context, output);
        EndAssociate(pdu.UserItems, pdu.UnknownItems, start, output);
    }

    // A-ASSOCIATE-AC (PS3.8 9.3.3): as RQ with type 02; the titles are sent back; presentation context items are 21
    private static void WriteAssociateAc(AssociateAc pdu, ByteBuilder output)
    {
        var start = BeginAssociate(PduType.AssociateAc, pdu.ProtocolVersion, pdu.CalledAETitle, pdu.CallingAETitle,
            pdu.ApplicationContext, output);
        foreach (var context in pdu.PresentationContexts) WriteContext(context, output);
        EndAssociate(pdu.UserItems, pdu.UnknownItems, start, output);
    }

    private static int BeginAssociate(byte type, ushort version, string called, string calling, string applicationContext,
        ByteBuilder output)
    {
        output.Byte(type);
        output.Byte(0);
        var start = output.BeginLength32();
        output.UInt16(version, "The protocol version");
        output.Zeros(2);
        WriteTitle(called, output);
        WriteTitle(calling, output);
        output.Zeros(32);
        WriteTextItem(ItemType.ApplicationContext, applicationContext, output);
        return start;
    }

    private static void EndAssociate(IReadOnlyList<UserItem> userItems, IReadOnlyList<UnknownItem> unknownItems, int start,
        ByteBuilder output)
    {
        // User information (PS3.8 9.3.2.3): 50, reserved 1, length 2, sub-items
        output.Byte(ItemType.UserInformation);
        output.Byte(0);
        var userStart = output.BeginLength16();
        foreach (var item in userItems) WriteUserItem(item, output);
        output.EndLength16(userStart, "User information");

        foreach (var item in unknownItems) WriteBytesItem(item.Type, item.Bytes.Span, output);
        output.EndLength32(start);
    }

    // Presentation context, proposed (PS3.8 9.3.2.2):
    //   20, reserved 1, length 2, id 1, reserved 3, abstract syntax item (30), transfer syntax items (40)
    private static void WriteContext(PresentationContextRq context, ByteBuilder output)
    {
        output.Byte(ItemType.PresentationContextRq);
        output.Byte(0);
        var start = output.BeginLength16();
        output.Byte(context.Id);
        output.Zeros(3);
        WriteTextItem(ItemType.AbstractSyntax, context.AbstractSyntax, output);
        foreach (var syntax in context.TransferSyntaxes) WriteTextItem(ItemType.TransferSyntax, syntax, output);
        output.EndLength16(start, "A presentation context");
    }

    // Presentation context, answered (PS3.8 9.3.3.2):
    //   21, reserved 1, length 2, id 1, reserved 1, result 1, reserved 1, one transfer syntax item (40)
    private static void WriteContext(PresentationContextAc context, ByteBuilder output)
    {
        output.Byte(ItemType.PresentationContextAc);
        output.Byte(0);
        var start = output.BeginLength16();
        output.Byte(context.Id);
        output.Byte(0);
        output.Byte(context.Result);
        output.Byte(0);
        WriteTextItem(ItemType.TransferSyntax, context.TransferSyntax, output);
        output.EndLength16(start, "A presentation context");
    }

    // A-ASSOCIATE-RJ (PS3.8 9.3.4): type 03, reserved 1, length 4 (= 4), reserved 1, result 1, source 1, reason 1
    // A-RELEASE-RQ (9.3.6) and -RP (9.3.7): type 05 and 06, reserved 1, length 4 (= 4), reserved 4
    // A-ABORT (9.3.8): type 07, reserved 1, length 4 (= 4), reserved 2, source 1, reason 1
    private static void WriteFixed(byte type, byte second, byte third, byte fourth, ByteBuilder output)
    {
        output.Byte(type);
        output.Byte(0);
        output.UInt32(4);
        output.Byte(0);
        output.Byte(second);
        output.Byte(third);
        output.Byte(fourth);
    }

    // P-DATA-TF (PS3.8 9.3.5): type 04, reserved 1, length 4, PDVs
    // PDV (9.3.5.1 and E.2): length 4, context id 1, control header 1 (bit 0 command, bit 1 last), data
    private static void WritePData(PData pdu, ByteBuilder output)
    {
        output.Byte(PduType.PData);
        output.Byte(0);
        var start = output.BeginLength32();
        foreach (var value in pdu.Values)
        {
            var valueStart = output.BeginLength32();
            output.Byte(value.ContextId);
            output.Byte(ControlHeader(value.IsCommand, value.IsLast));
            output.Bytes(value.Bytes.Span);
            output.EndLength32(valueStart);
        }

        output.EndLength32(start);
    }

    private static void WriteUnknown(UnknownPdu pdu, ByteBuilder output)
    {
        output.Byte(pdu.Type);
        output.Byte(0);
        output.UInt32((uint)pdu.Bytes.Length);
        output.Bytes(pdu.Bytes.Span);
    }

    private static byte ControlHeader(bool isCommand, bool isLast) => (byte)((isCommand ? 1 : 0) | (isLast ? 2 : 0));

    private static void WriteTitle(string title, ByteBuilder output)
    {
        if (title.Length > 16) throw new ArgumentException($"The AE title '{title}' has more than 16 characters.", nameof(title));
        output.Text(title.PadRight(16));
    }

    private static void WriteTextItem(byte type, string text, ByteBuilder output)
    {
        output.Byte(type);
        output.Byte(0);
        output.UInt16(text.Length, "An item");
        output.Text(text);
    }

    private static void WriteBytesItem(byte type, ReadOnlySpan<byte> bytes, ByteBuilder output)
    {
        output.Byte(type);
        output.Byte(0);
        output.UInt16(bytes.Length, "An item");
        output.Bytes(bytes);
    }
}
