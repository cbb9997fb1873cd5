using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;

namespace DicomPS.Engine.Tests.Dimse;

public class CommandSetTests
{
    [Fact]
    public void An_echo_request_is_the_bytes_that_the_standard_describes()
    {
        // PS3.7 table 9.3-12, implicit VR little endian, ascending, group length first.
        byte[] expected =
        [
            0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x38, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x02, 0x00, 0x12, 0x00, 0x00, 0x00,
            .. "1.2.840.10008.1.1\0"u8,
            0x00, 0x00, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x30, 0x00,
            0x00, 0x00, 0x10, 0x01, 0x02, 0x00, 0x00, 0x00, 0x07, 0x00,
            0x00, 0x00, 0x00, 0x08, 0x02, 0x00, 0x00, 0x00, 0x01, 0x01,
        ];
        var command = new CommandSet { Field = CommandField.CEchoRequest, MessageId = 7, AffectedSopClassUid = "1.2.840.10008.1.1" };
        Assert.Equal(expected, CommandWriter.Encode(command));
    }

    public static TheoryData<CommandSet> Commands() =>
    [
        new CommandSet { Field = CommandField.CStoreRequest, MessageId = 1, AffectedSopClassUid = "1.2", AffectedSopInstanceUid = "1.2.3",
            Priority = DicomPriority.Low, HasDataset = true, MoveOriginatorAETitle = "PACS", MoveOriginatorMessageId = 9 },
        new CommandSet { Field = CommandField.CStoreResponse, RespondedTo = 65535, AffectedSopClassUid = "1.2",
            AffectedSopInstanceUid = "1.2.3", Status = 0xA900, ErrorComment = "no", OffendingElements = [0x00080018, 0x7FE00010] },
        new CommandSet { Field = CommandField.CFindRequest, MessageId = 2, AffectedSopClassUid = "1.2", Priority = DicomPriority.High,
            HasDataset = true },
        new CommandSet { Field = CommandField.CMoveRequest, MessageId = 3, AffectedSopClassUid = "1.2", Priority = DicomPriority.Medium,
            MoveDestination = "THERE", HasDataset = true },
        new CommandSet { Field = CommandField.CMoveResponse, RespondedTo = 3, AffectedSopClassUid = "1.2", Status = 0xFF00, Remaining = 4,
            Completed = 3, Failed = 2, Warning = 1 },
        new CommandSet { Field = CommandField.CCancelRequest, RespondedTo = 3 },
        new CommandSet { Field = CommandField.NActionRequest, MessageId = 5, RequestedSopClassUid = "1.3",
            RequestedSopInstanceUid = "1.3.1", ActionTypeId = 1, HasDataset = true },
        new CommandSet { Field = CommandField.NEventReportRequest, MessageId = 6, AffectedSopClassUid = "1.3",
            AffectedSopInstanceUid = "1.3.1", EventTypeId = 2, HasDataset = true },
        new CommandSet { Field = CommandField.NGetRequest, MessageId = 8, RequestedSopClassUid = "1.3", RequestedSopInstanceUid = "1.3.1",
            AttributeIdentifiers = [0x00100010, 0x00100020] },
        new CommandSet { Field = CommandField.NCreateResponse, RespondedTo = 8, Status = 0x0110, ErrorId = 77 },
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_that_was_written_reads_the_same(CommandSet command)
    {
        var read = CommandReader.Decode(CommandWriter.Encode(command));
        Assert.Equivalent(command, read, strict: true);
    }

    [Theory]
    [InlineData(0x0000, true)]
    [InlineData(0x0001, true)]
    [InlineData(0x0102, true)]
    [InlineData(0x0101, false)]
    public void Every_data_set_type_but_0101_announces_a_dataset(int type, bool expected)
    {
        byte[] bytes = [0, 0, 0, 1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 8, 2, 0, 0, 0, (byte)type, (byte)(type >> 8)];
        Assert.Equal(expected, CommandReader.Decode(bytes).HasDataset);
    }

    [Fact]
    public void A_command_without_a_data_set_type_has_no_dataset() =>
        Assert.False(CommandReader.Decode([0, 0, 0, 1, 2, 0, 0, 0, 0x30, 0]).HasDataset);

    [Fact]
    public void Padding_of_any_kind_is_cut_from_texts()
    {
        byte[] bytes = [0, 0, 0, 1, 2, 0, 0, 0, 0x30, 0, 0, 0, 2, 0, 6, 0, 0, 0, (byte)'1', (byte)'.', (byte)'2', 0, (byte)' ', 0];
        Assert.Equal("1.2", CommandReader.Decode(bytes).AffectedSopClassUid);
    }

    [Fact]
    public void A_response_repeats_what_the_request_was_about()
    {
        var request = new CommandSet
        {
            Field = CommandField.NActionRequest, MessageId = 5, RequestedSopClassUid = "1.3",
            RequestedSopInstanceUid = "1.3.1", ActionTypeId = 1, HasDataset = true
        };
        var response = request.Respond(0);
        Assert.Equal((CommandField.NActionResponse, (ushort?)5, "1.3", "1.3.1", (ushort?)1, false),
            (response.Field, response.RespondedTo, response.AffectedSopClassUid, response.AffectedSopInstanceUid, response.ActionTypeId,
                response.HasDataset));
    }

    [Fact]
    public void An_error_comment_is_cut_to_the_64_characters_of_its_element()
    {
        var command = new CommandSet { Field = CommandField.CEchoResponse, ErrorComment = new string('x', 200) };
        Assert.Equal(64, CommandReader.Decode(CommandWriter.Encode(command)).ErrorComment!.Length);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0 }, "inside an element's header")]
    [InlineData(new byte[] { 8, 0, 0x16, 0, 9, 0, 0, 0 }, "(0008,0016)")]
    [InlineData(new byte[] { 8, 0, 0x16, 0, 0, 0, 0, 0 }, "no Command Field")]
    [InlineData(new byte[] { 0, 0, 2, 0, 0xFF, 0xFF, 0xFF, 0xFF }, "4294967295")]
    [InlineData(new byte[] { 0, 0, 2, 0, 9, 0, 0, 0, 1 }, "declares 9 bytes")]
    [InlineData(new byte[] { }, "no Command Field")]
    public void A_broken_command_is_refused_with_its_reason(byte[] bytes, string reason)
    {
        var problem = Assert.Throws<DicomDataException>(() => CommandReader.Decode(bytes));
        Assert.Contains(reason, problem.Message);
    }

    [Theory]
    [InlineData(new byte[] { }, false)]
    [InlineData(new byte[] { 0, 0 }, true)]
    [InlineData(new byte[] { 0 }, false)]
    [InlineData(new byte[] { 0, 0, 0, 0 }, false)]
    public void A_number_of_a_response_has_two_bytes_or_is_none(byte[] value, bool isThere)
    {
        var read = CommandReader.Decode(RawPeer.Command(
            (0x00000100, RawPeer.Short(0x8021)), (0x00000120, value), (0x00000900, value), (0x00001020, value), (0x00001021, value),
            (0x00001022, value), (0x00001023, value)));
        ushort? expected = isThere ? (ushort)0 : null;
        Assert.All([read.RespondedTo, read.Status, read.Remaining, read.Completed, read.Failed, read.Warning],
            number => Assert.Equal(expected, number));
        Assert.Equal(isThere ? null : "Message ID Being Responded To (0000,0120)", read.MissingElement);
    }

    [Fact]
    public void Nothing_is_demanded_of_a_request()
    {
        var read = CommandReader.Decode(RawPeer.Command((0x00000100, [0x30, 0, 0, 0])));
        Assert.Equal((CommandField.CEchoRequest, (ushort)0, null), (read.Field, read.MessageId, read.MissingElement));
    }

    [Fact]
    public void A_response_whose_command_field_has_another_length_has_none()
    {
        var problem = Assert.Throws<DicomDataException>(
            () => CommandReader.Decode(RawPeer.Command((0x00000100, [0x30, 0x80, 0, 0]), (0x00000120, [1, 0]), (0x00000900, [0, 0]))));
        Assert.Contains("no Command Field", problem.Message);
    }

    [Fact]
    public void Elements_of_other_groups_are_passed_over_and_a_sequence_without_length_ends_the_reading()
    {
        var read = CommandReader.Decode(
        [
            .. RawPeer.Command((0x00000100, RawPeer.Short(0x8010)), (0x00080058, RawPeer.Text("1.2\\\\1.3")),
                (0x00100010, RawPeer.Text("NAME")), (0x00000900, [0, 0xB0])),
            0x08, 0x00, 0x40, 0x11, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF,
        ]);
        Assert.Equal((ushort?)0xB000, read.Status);
        Assert.Equal(["1.2", "1.3"], read.FailedSopInstanceUids);
    }

    [Fact]
    public void No_status_is_never_a_success()
    {
        Assert.Equal(DimseStatusCategory.Failure, DimseStatus.CategoryOf(null));
        Assert.Equal(DimseStatusCategory.Failure, DimseStatus.Describe(StatusTable.Storage, null).Category);
    }

    [Fact]
    public void Random_bytes_are_either_a_command_or_a_data_exception()
    {
        var random = new Random(7);
        var good = CommandWriter.Encode(new CommandSet
        {
            Field = CommandField.CStoreRequest, MessageId = 1, AffectedSopClassUid = "1.2",
            HasDataset = true
        });
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = good.ToArray();
            for (var flips = random.Next(1, 6); flips > 0; flips--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                CommandReader.Decode(bytes.AsSpan(0, random.Next(bytes.Length + 1)));
            }
            catch (DicomDataException)
            {
                // The one thing that may happen.
            }
        }
    }
}
