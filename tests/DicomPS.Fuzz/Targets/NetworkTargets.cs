using System.Buffers.Binary;
using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Pdus;

namespace DicomPS.Fuzz.Targets;

/// <summary>What comes over a socket: PDUs, their user items, command sets.</summary>
internal static class NetworkTargets
{
    private const uint MaximumLength = 262144;

    private static readonly UserItem[] UserItems =
    [
        new MaximumLength(16384), new ImplementationClassUid("2.25.1234567890"), new ImplementationVersionName("DICOMPS_0.1.0"),
        new AsynchronousOperationsWindow(16, 0), new RoleSelection("1.2.840.10008.5.1.4.1.1.2", Scu: false, Scp: true),
        new SopClassExtendedNegotiation("1.2.840.10008.5.1.4.1.2.2.1", new byte[] { 1, 0, 1 }),
        new SopClassCommonExtendedNegotiation("1.2.3", "1.2.840.10008.4.2", ["1.2.4", "1.2.5.6"]),
        UserIdentityRq.ForUser("name", "passcode", isResponseRequested: true), new UserIdentityAc(new byte[] { 1, 2, 3 }),
        new UnknownUserItem(0x7A, new byte[] { 9, 8, 7 }),
    ];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("pdu", Pdus, PduSamples),
        new("user-items", Items, () => UserItems.Select(item => UserItemsOf([item])).Append(UserItemsOf(UserItems))),
        new("command", Commands, CommandSamples),
    ];

    private static void Pdus(byte[] bytes)
    {
        try
        {
            PduReader.TryRead(bytes, MaximumLength, out var whole);
            if (whole < 0 || whole > bytes.Length)
                throw new BrokenPromiseException($"{whole} bytes of {bytes.Length} were taken.");
        }
        catch (DicomNetworkException)
        {
            // What it may throw.
        }

        try
        {
            // In two pieces, as a network brings them.
            var scanner = new PduScanner { MaximumPDataLength = MaximumLength };
            var end = bytes.Length == 0 ? 0 : bytes[0] * bytes.Length / 256;
            for (int at = 0, to = end; ;)
            {
                var token = scanner.Scan(bytes.AsSpan(at, to - at), out var consumed);
                at += consumed;
                if (token != PduToken.NeedMore)
                    continue;
                if (to == bytes.Length)
                    break;
                to = bytes.Length;
            }
        }
        catch (DicomNetworkException)
        {
            // What it may throw.
        }
    }

    // The bytes are the user information item; around it is a request that is well.
    private static void Items(byte[] bytes)
    {
        if (bytes.Length > ushort.MaxValue)
            return;
        byte[] body = [0, 1, 0, 0, .. new byte[64], 0x50, 0, (byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];
        var pdu = new byte[6 + body.Length];
        pdu[0] = 1;
        BinaryPrimitives.WriteInt32BigEndian(pdu.AsSpan(2), body.Length);
        body.CopyTo(pdu, 6);
        try
        {
            if (PduReader.TryRead(pdu, MaximumLength, out _) is AssociateRq request)
                PduReader.TryRead(PduWriter.ToArray(request), MaximumLength, out _);
        }
        catch (DicomNetworkException)
        {
            // What it may throw.
        }
    }

    private static void Commands(byte[] bytes)
    {
        try
        {
            CommandWriter.Encode(CommandReader.Decode(bytes));
        }
        catch (DicomDataException)
        {
            // What it may throw.
        }
    }

    private static byte[] UserItemsOf(UserItem[] items)
    {
        var pdu = PduWriter.ToArray(new AssociateRq { CalledAETitle = "A", CallingAETitle = "B", UserItems = items });
        // The header of the PDU, its fixed part, the application context, the header of the user information item.
        var at = 6 + 68;
        at += 4 + BinaryPrimitives.ReadUInt16BigEndian(pdu.AsSpan(at + 2));
        return pdu[(at + 4)..];
    }

    private static IEnumerable<byte[]> PduSamples()
    {
        var request = new AssociateRq
        {
            CalledAETitle = "SIXTEEN_LETTERS_",
            CallingAETitle = "A",
            PresentationContexts = [new(1, "1.2.840.10008.1.1", ["1.2.840.10008.1.2"]),
                new(255, "1.2.3", ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.50"])],
            UserItems = [.. UserItems],
            UnknownItems = [new UnknownItem(0x60, new byte[] { 1, 2 })],
        };
        Pdu[] pdus =
        [
            request,
            new AssociateAc
            {
                CalledAETitle = "CALLED",
                CallingAETitle = "CALLING",
                PresentationContexts = [new(1, 0, "1.2.840.10008.1.2"), new(3, 4, "")],
                UserItems = [new MaximumLength(16384)],
            },
            new AssociateRj(1, 1, 7),
            new PData([new(1, true, true, new byte[] { 1, 2 }), new(3, false, false, new byte[] { 3, 4, 5 }),
                new(3, false, true, default)]),
            new ReleaseRq(), new ReleaseRp(), new Abort(2, 6), new UnknownPdu(0x42, new byte[] { 1, 2, 3 }),
        ];
        byte[][] each = [.. pdus.Select(PduWriter.ToArray)];
        return [.. each, [.. each.SelectMany(pdu => pdu)]];
    }

    private static IEnumerable<byte[]> CommandSamples() => new CommandSet[]
    {
        new() { Field = CommandField.CEchoRequest, MessageId = 1, AffectedSopClassUid = Uids.Verification },
        new()
        {
            Field = CommandField.CStoreRequest, MessageId = 7, AffectedSopClassUid = Uids.CTImageStorage, AffectedSopInstanceUid = "1.2.3",
            MoveOriginatorAETitle = "MOVER", MoveOriginatorMessageId = 3, HasDataset = true,
        },
        new()
        {
            Field = CommandField.CMoveResponse, RespondedTo = 3, Status = 0xB000, Remaining = 1, Completed = 2, Failed = 3,
            Warning = 4, ErrorComment = "why", FailedSopInstanceUids = ["1.2", "1.3"],
        },
    }.Select(CommandWriter.Encode);
}
