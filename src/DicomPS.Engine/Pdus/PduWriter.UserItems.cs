namespace DicomPS.Pdus;

internal static partial class PduWriter
{
    // A user item: type 1, reserved 1, length 2, and what each arm says
    private static void WriteUserItem(UserItem item, ByteBuilder output)
    {
        switch (item)
        {
            case MaximumLength maximum: // PS3.8 D.1.1: maximum 4
                output.Byte(ItemType.MaximumLength);
                output.Byte(0);
                output.UInt16(4, "An item");
                output.UInt32(maximum.Value);
                break;
            case ImplementationClassUid implementation: // PS3.7 D.3.3.2.1: UID
                WriteTextItem(ItemType.ImplementationClassUid, implementation.Uid, output);
                break;
            case ImplementationVersionName version: // PS3.7 D.3.3.2.3: name
                WriteTextItem(ItemType.ImplementationVersionName, version.Name, output);
                break;
            case AsynchronousOperationsWindow window: // PS3.7 D.3.3.3.1: invoked 2, performed 2
                output.Byte(ItemType.AsynchronousOperationsWindow);
                output.Byte(0);
                output.UInt16(4, "An item");
                output.UInt16(window.MaximumInvoked, "An item");
                output.UInt16(window.MaximumPerformed, "An item");
                break;
            case RoleSelection role: // PS3.7 D.3.3.4.1: UID length 2, UID, SCU role 1, SCP role 1
                WriteItem(ItemType.RoleSelection, output, role, static (item, output) =>
                {
                    WriteShortText(item.SopClassUid, output);
                    output.Byte(item.Scu ? (byte)1 : (byte)0);
                    output.Byte(item.Scp ? (byte)1 : (byte)0);
                });
                break;
            case SopClassExtendedNegotiation extended: // PS3.7 D.3.3.5.1: UID length 2, UID, information
                WriteItem(ItemType.SopClassExtendedNegotiation, output, extended, static (item, output) =>
                {
                    WriteShortText(item.SopClassUid, output);
                    output.Bytes(item.Information.Span);
                });
                break;
            case SopClassCommonExtendedNegotiation common:
                WriteCommonExtended(common, output);
                break;
            case UserIdentityRq identity: // PS3.7 D.3.3.7.1: kind 1, response requested 1, length 2, primary, length 2, secondary
                WriteItem(ItemType.UserIdentityRq, output, identity, static (item, output) =>
                {
                    output.Byte((byte)item.Kind);
                    output.Byte(item.IsResponseRequested ? (byte)1 : (byte)0);
                    WriteShortBytes(item.Primary.Span, output);
                    WriteShortBytes(item.Secondary.Span, output);
                });
                break;
            case UserIdentityAc identity: // PS3.7 D.3.3.7.2: length 2, server response
                WriteItem(ItemType.UserIdentityAc, output, identity,
                    static (item, output) => WriteShortBytes(item.ServerResponse.Span, output));
                break;
            case UnknownUserItem unknown:
                WriteBytesItem(unknown.Type, unknown.Bytes.Span, output);
                break;
            default:
                throw new ArgumentException($"{item.GetType().Name} is no user item of this family.", nameof(item));
        }
    }

    // SOP class common extended negotiation (PS3.7 D.3.3.6.1): type 57, version 1, length 2,
    //   UID length 2, SOP class UID, UID length 2, service class UID, list length 2, { UID length 2, related SOP class UID }
    private static void WriteCommonExtended(SopClassCommonExtendedNegotiation item, ByteBuilder output)
    {
        output.Byte(ItemType.SopClassCommonExtendedNegotiation);
        output.Byte(item.Version);
        var start = output.BeginLength16();
        WriteShortText(item.SopClassUid, output);
        WriteShortText(item.ServiceClassUid, output);
        var listStart = output.BeginLength16();
        foreach (var uid in item.RelatedGeneralSopClasses) WriteShortText(uid, output);
        output.EndLength16(listStart, "A list of related SOP classes");
        output.EndLength16(start, "An item");
    }

    private static void WriteItem<T>(byte type, ByteBuilder output, T item, Action<T, ByteBuilder> writeBody)
    {
        output.Byte(type);
        output.Byte(0);
        var start = output.BeginLength16();
        writeBody(item, output);
        output.EndLength16(start, "An item");
    }

    private static void WriteShortText(string text, ByteBuilder output)
    {
        output.UInt16(text.Length, "A field");
        output.Text(text);
    }

    private static void WriteShortBytes(ReadOnlySpan<byte> bytes, ByteBuilder output)
    {
        output.UInt16(bytes.Length, "A field");
        output.Bytes(bytes);
    }
}
