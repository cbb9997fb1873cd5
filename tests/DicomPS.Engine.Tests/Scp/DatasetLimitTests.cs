using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Scp;

namespace DicomPS.Engine.Tests.Scp;

/// <summary>What a service takes in one request: as much as it needs, whatever another service on the same server needs.</summary>
public class DatasetLimitTests
{
    private const string Class = Uids.StudyRootQueryRetrieveInformationModelFind;

    public static TheoryData<CommandField, int, int> Requests => new()
    {
        { CommandField.CFindRequest, 0xA700, 0 },
        { CommandField.CMoveRequest, 0xA701, 0 },
        { CommandField.CGetRequest, 0xA701, 0 },
        { CommandField.NCreateRequest, 0x0000, 0x0213 },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task More_elements_than_a_service_needs_are_refused_with_the_limit_and_the_association_goes_on(CommandField field,
        int many, int lessThanMost)
    {
        await using var server = Serve(field, DatasetLimit.Any with { Elements = 500_000 });
        await using var association = await ConnectAsync(server);
        var (status, comment) = await AskAsync(association, field, Empties(20_000));
        Assert.Equal(many, status);
        if (many != 0)
            Assert.Matches(@"^More than 10000 elements in \d+ bytes$", comment);
        Assert.Equal((0, (string?)null), await AskAsync(association, field, Empties(9_000)));

        await using var narrow = Serve(field, new DatasetLimit(5_000, 1 << 20));
        await using var other = await ConnectAsync(narrow);
        var (refused, _) = await AskAsync(other, field, Empties(9_000));
        Assert.Equal(lessThanMost, refused);
    }

    [Theory]
    [InlineData(CommandField.CFindRequest, 0xA700)]
    [InlineData(CommandField.CMoveRequest, 0xA701)]
    public async Task More_bytes_are_read_to_their_end_and_refused_with_both_numbers(CommandField field, int expected)
    {
        await using var server = Serve(field, DatasetLimit.Any);
        await using var association = await ConnectAsync(server);
        var keys = Empties(3);
        keys.Set(Tags.PixelData, Vr.OB, new byte[3 << 20]);
        var (status, comment) = await AskAsync(association, field, keys);
        Assert.Equal(expected, status);
        Assert.Matches(@"^More than 1048576 bytes: 31\d{5} came$", comment);
        Assert.Equal((0, (string?)null), await AskAsync(association, field, Empties(3)));
    }

    [Fact]
    public void A_list_of_ten_thousand_UIDs_is_within_what_a_retrieve_takes()
    {
        var row = new ServiceRow(Class, CommandField.CMoveRequest, (call, _) => call.Reply(0), 0xC310, 0xC311);
        Assert.True(row.Limit.Bytes > 10_000 * 65);
        Assert.Equal(DatasetLimit.Any,
            new ServiceRow(Class, CommandField.NActionRequest, (call, _) => call.Reply(0), 0x0110, 0x0110).Limit);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // The limit of queries and retrieves is that of their rows; for anything else it is given.
    private static DicomServer Serve(CommandField field, DatasetLimit limit)
    {
        var row = new ServiceRow(Class, field, (call, _) => call.Reply(0), 0xC310, 0xC311) { RunsBeside = true };
        return DicomServer.Start(new DicomServerOptions(),
            new ServiceTable([field == CommandField.NCreateRequest ? row with { Limit = limit } : row]));
    }

    private static Task<Association> ConnectAsync(DicomServer server) => Association.ConnectAsync(
        new AssociationOptions
        {
            Host = "127.0.0.1",
            Port = server.Port,
            PresentationContexts = [new PresentationContextProposal(Class, ["1.2.840.10008.1.2.1"])],
        }, Token);

    private static async Task<(int Status, string? Comment)> AskAsync(Association association, CommandField field, DicomDataset keys)
    {
        var context = association.AcceptedContexts[0];
        var command = new CommandSet
        {
            Field = field, MessageId = 7, AffectedSopClassUid = Class, Priority = DicomPriority.Medium, MoveDestination = "X",
            HasDataset = true,
        };
        await new DimseWriter(association).SendAsync(context, command, keys, Token);
        var answer = await new DimseReader(association).ReceiveAsync(Token);
        return (answer!.Command.Status!.Value, answer.Command.ErrorComment);
    }

    private static DicomDataset Empties(int count)
    {
        var keys = new DicomDataset();
        for (var i = 0; i < count; i++)
            keys.Set(new DicomTag((ushort)(0x0009 + (2 * (i / 10_000))), (ushort)(i % 10_000 + 0x1000)), Vr.LO, ReadOnlyMemory<byte>.Empty);
        return keys;
    }
}
