namespace DicomPS.Pdus;

internal static partial class PduReader
{
    // PS3.7 D.3.3, PS3.8 D.1
    private static UserItem ReadUserItem(ref ByteCursor cursor)
    {
        var type = cursor.Byte("A user item");
        var second = cursor.Byte("A user item");
        var item = cursor.Part(cursor.UInt16("A user item"), $"User item {type:X2}");
        switch (type)
        {
            case ItemType.MaximumLength: // PS3.8 D.1.1
                return new MaximumLength(item.UInt32("The maximum length"));
            case ItemType.ImplementationClassUid: // PS3.7 D.3.3.2.1
                return new ImplementationClassUid(item.Text(item.Remaining, "The implementation class UID"));
            case ItemType.ImplementationVersionName: // PS3.7 D.3.3.2.3
                return new ImplementationVersionName(item.Text(item.Remaining, "The implementation version name"));
            case ItemType.AsynchronousOperationsWindow: // PS3.7 D.3.3.3.1
                return new AsynchronousOperationsWindow(item.UInt16("The operations window"), item.UInt16("The operations window"));
            case ItemType.RoleSelection: // PS3.7 D.3.3.4.1
                return new RoleSelection(item.ShortText("A role selection"), item.Byte("A role selection") != 0,
                    item.Byte("A role selection") != 0);
            case ItemType.SopClassExtendedNegotiation: // PS3.7 D.3.3.5.1
                return new SopClassExtendedNegotiation(item.ShortText("An extended negotiation"), item.Rest().ToArray());
            case ItemType.SopClassCommonExtendedNegotiation:
                return ReadCommonExtended(ref item, second);
            case ItemType.UserIdentityRq: // PS3.7 D.3.3.7.1
                return new UserIdentityRq((UserIdentityKind)item.Byte("The user identity"), item.Byte("The user identity") != 0,
                    item.ShortBytes("The user identity"), item.ShortBytes("The user identity"));
            case ItemType.UserIdentityAc: // PS3.7 D.3.3.7.2
                return new UserIdentityAc(item.ShortBytes("The user identity response"));
            default:
                return new UnknownUserItem(type, item.Rest().ToArray());
        }
    }

    // PS3.7 D.3.3.6.1
    private static SopClassCommonExtendedNegotiation ReadCommonExtended(ref ByteCursor item, byte version)
    {
        var sopClass = item.ShortText("A common extended negotiation");
        var serviceClass = item.ShortText("A common extended negotiation");
        var related = new List<string>();
        if (item.Remaining > 0)
        {
            var list = item.Part(item.UInt16("A list of related SOP classes"), "A list of related SOP classes");
            while (list.Remaining > 0) related.Add(list.ShortText("A related SOP class"));
        }

        return new SopClassCommonExtendedNegotiation(sopClass, serviceClass, related) { Version = version };
    }
}
