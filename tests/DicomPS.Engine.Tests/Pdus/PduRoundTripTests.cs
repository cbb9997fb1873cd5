using System.Buffers;
using DicomPS.Engine.Tests.Support;
using DicomPS.Pdus;
using FsCheck;
using FsCheck.Fluent;

namespace DicomPS.Engine.Tests.Pdus;

public class PduRoundTripTests
{
    public static TheoryData<string> PduNames => [.. PduSamples.Pdus.Keys];

    public static TheoryData<string> UserItemNames => [.. PduSamples.UserItems.Keys];

    [Theory]
    [MemberData(nameof(PduNames))]
    public void A_PDU_reads_back_as_it_was_written(string name) => AssertReadsBack(PduSamples.Pdus[name]);

    [Theory]
    [MemberData(nameof(UserItemNames))]
    public void A_user_item_reads_back_as_it_was_written(string name) => AssertReadsBack(Request(PduSamples.UserItems[name]));

    [Theory]
    [MemberData(nameof(PduNames))]
    public void A_PDU_that_is_not_whole_asks_for_more(string name)
    {
        var bytes = PduWriter.ToArray(PduSamples.Pdus[name]);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Null(PduReader.TryRead(bytes.AsSpan(0, length), 0, out var consumed));
            Assert.Equal(0, consumed);
        }
    }

    [Fact]
    public void A_PDU_is_read_without_the_bytes_behind_it()
    {
        byte[] bytes = [.. PduWriter.ToArray(new ReleaseRq()), 1, 2, 3];
        Assert.IsType<ReleaseRq>(PduReader.TryRead(bytes, 0, out var consumed));
        Assert.Equal(10, consumed);
    }

    [Fact]
    public void A_PDU_is_written_into_a_buffer_writer()
    {
        var output = new ArrayBufferWriter<byte>();
        PduWriter.Write(new Abort(2, 1), output);
        Assert.Equal([7, 0, 0, 0, 0, 4, 0, 0, 2, 1], output.WrittenSpan.ToArray());
    }

    [Fact]
    public void The_fixed_part_of_a_request_lies_where_the_standard_puts_it()
    {
        var bytes = PduWriter.ToArray(Request());
        Assert.Equal([1, 0], bytes[..2]);
        Assert.Equal(bytes.Length - 6, bytes[4] << 8 | bytes[5]);
        Assert.Equal([0, 1, 0, 0], bytes[6..10]);
        Assert.Equal("CALLED          "u8.ToArray(), bytes[10..26]);
        Assert.Equal("CALLING         "u8.ToArray(), bytes[26..42]);
        Assert.Equal(new byte[32], bytes[42..74]);
        Assert.Equal([0x10, 0, 0, 21, .. "1.2.840.10008.3.1.1.1"u8], bytes[74..99]);
    }

    [Fact]
    public void Zeros_and_spaces_around_UIDs_and_titles_do_not_belong_to_them()
    {
        var bytes = PduWriter.ToArray(new AssociateRq
        {
            CalledAETitle = "  CALLED\0\0",
            CallingAETitle = "CALLING \0",
            ApplicationContext = "1.2.840.10008.3.1.1.1\0",
            PresentationContexts = [new(1, "1.2.3 ", ["1.2.840.10008.1.2\0"])],
            UserItems = [new ImplementationClassUid("1.2\0")],
        });
        var read = Assert.IsType<AssociateRq>(PduReader.TryRead(bytes, 0, out _));
        Assert.Equal("CALLED", read.CalledAETitle);
        Assert.Equal("CALLING", read.CallingAETitle);
        Assert.Equal(PduConstants.DicomApplicationContext, read.ApplicationContext);
        Assert.Equal("1.2.3", read.PresentationContexts[0].AbstractSyntax);
        Assert.Equal(["1.2.840.10008.1.2"], read.PresentationContexts[0].TransferSyntaxes);
        Assert.Equal(new ImplementationClassUid("1.2"), Assert.Single(read.UserItems));
    }

    [Fact]
    public void A_title_of_seventeen_characters_is_not_written() =>
        Assert.Throws<ArgumentException>(() => PduWriter.ToArray(Request() with { CalledAETitle = new string('A', 17) }));

    [Fact]
    public void An_item_too_long_for_its_length_field_is_not_written() =>
        Assert.Throws<ArgumentException>(() => PduWriter.ToArray(Request(new UnknownUserItem(0x70, new byte[70000]))));

    [Fact]
    public void Any_request_reads_back_as_it_was_written() =>
        Prop.ForAll(Requests().ToArbitrary(), request => Shape.Of(ReadBack(request)) == Shape.Of(request)).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_data_reads_back_as_it_was_written() =>
        Prop.ForAll(Datas().ToArbitrary(), data => Shape.Of(ReadBack(data)) == Shape.Of(data)).QuickCheckThrowOnFailure();

    private static AssociateRq Request(params UserItem[] items) =>
        new() { CalledAETitle = "CALLED", CallingAETitle = "CALLING", UserItems = items };

    private static Pdu? ReadBack(Pdu pdu) => PduReader.TryRead(PduWriter.ToArray(pdu), 0, out _);

    private static void AssertReadsBack(Pdu pdu)
    {
        var bytes = PduWriter.ToArray(pdu);
        var read = PduReader.TryRead(bytes, 0, out var consumed);
        Assert.Equal(Shape.Of(pdu), Shape.Of(read));
        Assert.Equal(bytes.Length, consumed);
        Assert.Equal(bytes, PduWriter.ToArray(read!));
    }

    private static Gen<string> Uids() => Gen.Choose(0, 9).Select(n => n.ToString(System.Globalization.CultureInfo.InvariantCulture))
        .NonEmptyListOf().Select(parts => string.Join('.', parts.Take(32)));

    private static Gen<string> Titles() => Gen.Elements("ABCDEFGHIJKLMNOPQRSTUVWXYZ_-0123456789".ToCharArray()).NonEmptyListOf()
        .Select(letters => new string([.. letters.Take(16)]));

    private static Gen<ReadOnlyMemory<byte>> Bytes() =>
        Gen.Choose(0, 255).Select(n => (byte)n).ListOf().Select(bytes => (ReadOnlyMemory<byte>)bytes.ToArray());

    private static Gen<bool> Truths() => Gen.Elements(true, false);

    private static Gen<UserItem> AnyUserItem() => Gen.OneOf(
        Gen.Choose(0, int.MaxValue).Select(n => (UserItem)new MaximumLength((uint)n)),
        Uids().Select(uid => (UserItem)new ImplementationClassUid(uid)),
        Titles().Select(name => (UserItem)new ImplementationVersionName(name)),
        from a in Gen.Choose(0, 65535)
        from b in Gen.Choose(0,
            65535)
        select (UserItem)new AsynchronousOperationsWindow((ushort)a, (ushort)b),
        from uid in Uids() from scu in Truths() from scp in Truths() select (UserItem)new RoleSelection(uid, scu, scp),
        from uid in Uids() from bytes in Bytes() select (UserItem)new SopClassExtendedNegotiation(uid, bytes),
        from uid in Uids()
        from service in Uids()
        from related in Uids()
            .ListOf()
        select (UserItem)new SopClassCommonExtendedNegotiation(uid, service, [.. related]),
        from kind in Gen.Choose(1,
            5)
        from asked in Truths()
        from first in Bytes()
        from second in Bytes()
        select (UserItem)new UserIdentityRq(
                (UserIdentityKind)kind, asked, first, second),
        Bytes().Select(bytes => (UserItem)new UserIdentityAc(bytes)),
        from type in Gen.Choose(0x5A, 0xFF) from bytes in Bytes() select (UserItem)new UnknownUserItem((byte)type, bytes));

    private static Gen<AssociateRq> Requests() =>
        from called in Titles()
        from calling in Titles()
        from contexts in (from id in Gen.Choose(0, 255)
                          from uid in Uids()
                          from syntaxes in Uids()
            .ListOf()
                          select new PresentationContextRq((byte)id, uid, [.. syntaxes])).ListOf()
        from items in AnyUserItem().ListOf()
        select new AssociateRq
        {
            CalledAETitle = called, CallingAETitle = calling, PresentationContexts = [.. contexts],
            UserItems = [.. items]
        };

    private static Gen<PData> Datas() =>
        (from id in Gen.Choose(0, 255)
         from command in Truths()
         from last in Truths()
         from bytes in Bytes()
         select new Pdv((byte)id,
            command, last, bytes))
        .NonEmptyListOf().Select(values => new PData([.. values]));
}
