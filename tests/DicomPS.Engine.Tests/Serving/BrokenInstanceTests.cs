using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Serialization;
using DicomPS.Engine.Tests.Support;
using DicomPS.Serialization;
using DicomPS.Serving;

namespace DicomPS.Engine.Tests.Serving;

/// <summary>What is broken is refused by a server, changes nothing, and is set aside where that was asked for.</summary>
public sealed class BrokenInstanceTests : IDisposable
{
    private readonly TempFolder _received = new();
    private readonly TempFolder _broken = new();

    public void Dispose()
    {
        _received.Dispose();
        _broken.Dispose();
    }

    [Theory]
    [InlineData("plain", "explicit")]
    [InlineData("open sequences", "implicit")]
    [InlineData("nested", "big endian")]
    [InlineData("long", "deflated")]
    [InlineData("fragments", "explicit")]
    public async Task A_copy_that_was_cut_is_refused_and_leaves_the_good_one(string shape, string spelling)
    {
        await using var server = Serve();
        var (syntax, pieces) = ArrivalShapes.Make(shape, spelling);
        byte[] whole = [.. pieces.SelectMany(piece => piece)];
        if (syntax.IsDeflated)
            whole = DatasetArrivalTests.Deflate(whole);
        await using var association = await ConnectAsync(server, syntax.Uid);
        Assert.Equal(0, (await StoreAsync(association, whole)).Status!.Value);
        var good = File.ReadAllBytes(Assert.Single(_received.Files()));
        foreach (var length in new[] { whole.Length - 1, whole.Length - 9, whole.Length / 2 + 1, 9, 0 })
        {
            var response = await StoreAsync(association, whole[..length]);
            Assert.InRange((int)response.Status!.Value, 0xA900, 0xCFFF);
            Assert.Matches("byte", response.ErrorComment);
            Assert.Equal(good, File.ReadAllBytes(Assert.Single(_received.Files())));
        }

        Assert.Equal((1, 5), (server.Received, server.Failed));
        Assert.Equal(0, server.Broken);
    }

    [Fact]
    public async Task A_request_without_a_dataset_stores_nothing()
    {
        await using var server = Serve();
        await using var association = await ConnectAsync(server, Uids.ExplicitVRLittleEndian);
        await association.SendDataAsync(1, true, CommandWriter.Encode(Request() with { HasDataset = false }), true, Token);
        await association.FlushAsync(Token);
        Assert.Equal(0xC210, (await new DimseReader(association).ReceiveAsync(Token))!.Command.Status!.Value);
        Assert.Empty(_received.Files());
    }

    [Fact]
    public async Task A_dataset_without_the_UIDs_of_its_request_is_A900()
    {
        await using var server = Serve();
        await using var association = await ConnectAsync(server, Uids.ExplicitVRLittleEndian);
        foreach (var tag in new[] { Tags.SOPClassUID, Tags.SOPInstanceUID })
        {
            var dataset = Instances.Dataset(instance: "1.2.3.4.5.6");
            dataset.Remove(tag);
            var response = await StoreAsync(association, DatasetWriter.ToArray(dataset, TransferSyntax.ExplicitVRLittleEndian));
            Assert.Equal(((ushort)0xA900, tag.Value), (response.Status!.Value, Assert.Single(response.OffendingElements!)));
        }

        Assert.Empty(_received.Files());
    }

    [Fact]
    public async Task What_is_broken_is_set_aside_byte_for_byte_and_listed()
    {
        await using var server = Serve(o => o with { BrokenFolder = Path.Combine(_broken.Path, "aside") });
        await using var association = await ConnectAsync(server, Uids.ExplicitVRLittleEndian);
        var whole = DatasetWriter.ToArray(Instances.Dataset(instance: "1.2.3.4.5.6", pixelBytes: 400_000),
            TransferSyntax.ExplicitVRLittleEndian);
        byte[] garbage = [.. Enumerable.Range(0, 300_000).Select(i => (byte)i)];
        Assert.Equal(0xC210, (await StoreAsync(association, whole[..^1000])).Status!.Value);
        Assert.Equal(0xC210, (await StoreAsync(association, garbage)).Status!.Value);
        Assert.Equal(0xC210, (await StoreAsync(association, [])).Status!.Value);
        Assert.Empty(_received.Files());
        Assert.Equal(3, server.Broken);
        var listed = server.BrokenInstances;
        Assert.Equal((3, null), (listed.Count, listed[2].Path));
        Assert.Equal(string.Join("\\", listed.Select(instance => instance.SOPInstanceUID)), listed.ToString());
        Assert.Equal(Path.Combine(_broken.Path, "aside", "1.2.3.4.5.6.dcm"), listed[0].Path);
        Assert.Equal(("1.2.3.4.5.6", "SENDER", whole.Length - 1000), (listed[0].SOPInstanceUID, listed[0].CallingAETitle, listed[0].Bytes));
        Assert.Contains("7FE0", listed[0].Problem, StringComparison.Ordinal);
        Assert.Equal(whole[..^1000], File.ReadAllBytes(listed[0].Path!)[^(whole.Length - 1000)..]);
        Assert.Equal(garbage, File.ReadAllBytes(listed[1].Path!)[^garbage.Length..]);
    }

    [Fact]
    public async Task The_limit_counts_what_a_deflated_dataset_inflates_to()
    {
        await using var server = Serve(o => o with { MaximumObjectBytes = 100_000 });
        await using var association = await ConnectAsync(server, Uids.DeflatedExplicitVRLittleEndian);
        var dataset = Instances.Dataset(instance: "1.2.3.4.5.6");
        dataset.Set(Tags.PixelData, Vr.OW, new byte[1_000_000]);
        var bytes = DatasetWriter.ToArray(dataset, TransferSyntax.DeflatedExplicitVRLittleEndian);
        Assert.InRange(bytes.Length, 0, 50_000);
        Assert.Equal(0xA700, (await StoreAsync(association, bytes)).Status!.Value);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private StorageServer Serve(Func<StorageServerOptions, StorageServerOptions>? change = null) =>
        StorageServer.Start((change ?? (o => o))(new StorageServerOptions { Folder = _received.Path }));

    private static Task<Association> ConnectAsync(StorageServer server, string syntax) => Association.ConnectAsync(
        new AssociationOptions
        {
            Host = "127.0.0.1",
            Port = server.Port,
            CalledAETitle = "DICOMPS",
            CallingAETitle = "SENDER",
            PresentationContexts = [new PresentationContextProposal(Uids.CTImageStorage, [syntax])],
        }, Token);

    private static async Task<CommandSet> StoreAsync(Association association, byte[] bytes)
    {
        await association.SendDataAsync(1, true, CommandWriter.Encode(Request()), true, Token);
        await association.SendDataAsync(1, false, bytes, true, Token);
        await association.FlushAsync(Token);
        return (await new DimseReader(association).ReceiveAsync(Token))!.Command;
    }

    private static CommandSet Request() => new()
    {
        Field = CommandField.CStoreRequest,
        MessageId = 1,
        AffectedSopClassUid = Uids.CTImageStorage,
        AffectedSopInstanceUid = "1.2.3.4.5.6",
        Priority = DicomPriority.Medium,
        HasDataset = true,
    };
}
