using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;
using DicomPS.Part10;
using DicomPS.Scp;
using DicomPS.Scu;
using DicomPS.Serialization;

namespace DicomPS.Engine.Tests.Scp;

/// <summary>C-GET of instances without what makes them large (PS3.4 Z), and the files that cannot be sent.</summary>
public sealed class WithoutBulkDataTests : IDisposable
{
    private const string Get = Uids.StudyRootQueryRetrieveInformationModelGet,
        WithoutBulk = Uids.CompositeInstanceRetrieveWithoutBulkDataGet;
    private readonly TempFolder _store = new();

    public void Dispose() => _store.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // PS3.4 table Z.1-1, each in the outermost level.
    public static TheoryData<uint> LeftOut =>
    [
        0x00287FE0, 0x00420011, 0x50003000, 0x501E3000, 0x5000200C, 0x50FE200C, 0x56000020, 0x60003000, 0x60FE3000, 0x7FE00008,
        0x7FE00009, 0x7FE00010,
    ];

    [Theory]
    [MemberData(nameof(LeftOut))]
    public async Task Bulk_data_is_left_out_and_all_else_is_there(uint tag)
    {
        var dataset = Instances.Dataset();
        dataset.Remove(Tags.PixelData);
        var bare = DatasetWriter.ToArray(dataset, TransferSyntax.ExplicitVRLittleEndian);
        var bulk = new DicomTag(tag);
        var vr = DicomDictionary.VrOf(bulk);
        if (vr == Vr.UR)
            dataset.Set(bulk, vr, "http://example.org/pixels");
        else
            dataset.Set(bulk, vr is Vr.None or Vr.UN ? Vr.OW : vr, new byte[200_000]);

        Assert.Equal(bare, Assert.Single(await GetAsync(WithoutBulk, [dataset])));
        Assert.Equal(DatasetWriter.ToArray(dataset, TransferSyntax.ExplicitVRLittleEndian), Assert.Single(await GetAsync(Get, [dataset])));
    }

    [Fact]
    public async Task Waveforms_lose_their_samples_and_icons_keep_their_pixels()
    {
        var dataset = Instances.Dataset();
        var icon = new DicomDataset();
        icon.Set(Tags.PixelData, Vr.OW, new byte[128]);
        dataset.SetSequence(Tags.IconImageSequence, icon);
        dataset.SetSequence(Tags.WaveformSequence, Waveform(), Waveform());
        // An odd group is private, whatever its number.
        dataset.Set(new DicomTag(0x60010010), Vr.LO, "DICOMPS TEST");
        dataset.Set(new DicomTag(0x60013000), Vr.OB, new byte[10]);

        var received = DatasetReader.Read(Assert.Single(await GetAsync(WithoutBulk, [dataset])), TransferSyntax.ExplicitVRLittleEndian);

        Assert.False(received.Contains(Tags.PixelData));
        Assert.True(Assert.Single(received.GetItems(Tags.IconImageSequence)).Contains(Tags.PixelData));
        Assert.True(received.Contains(new DicomTag(0x60013000)));
        Assert.All(received.GetItems(Tags.WaveformSequence),
            item => Assert.Equal(("2", false), (item.GetString(Tags.NumberOfWaveformChannels), item.Contains(Tags.WaveformData))));
        Assert.Equal(2, received.GetItems(Tags.WaveformSequence).Count);

        static DicomDataset Waveform()
        {
            var item = new DicomDataset();
            item.SetInt(Tags.NumberOfWaveformChannels, 2);
            item.Set(Tags.WaveformData, Vr.OW, new byte[4000]);
            return item;
        }
    }

    [Fact]
    public async Task A_compressed_instance_goes_in_any_uncompressed_transfer_syntax_when_its_pixels_do_not()
    {
        var dataset = Instances.Dataset();
        dataset.Remove(Tags.PixelData);
        var bare = DatasetWriter.ToArray(dataset, TransferSyntax.ExplicitVRLittleEndian);
        dataset.Add(new DicomFragments(Tags.PixelData, Vr.OB, default, [new DicomBytes(new byte[70_000])]));
        var jpeg = TransferSyntax.Find(Uids.JPEGBaseline8Bit);

        Assert.Equal(bare, Assert.Single(await GetAsync(WithoutBulk, [dataset], jpeg)));
        Assert.Equal(bare, Assert.Single(await GetAsync(WithoutBulk, [dataset], jpeg, Uids.JPEGBaseline8Bit)));
    }

    [Fact]
    public async Task An_instance_that_cannot_be_spelt_otherwise_fails_alone()
    {
        // Fragments in a file that says it is uncompressed: only as it is can it be sent.
        var odd = Instances.Dataset();
        odd.Remove(Tags.PixelData);
        odd.Add(new DicomFragments(Tags.PixelData, Vr.OB, default, [new DicomBytes(new byte[10])]));
        var (items, datasets) = (new List<StoredInstance>(), new List<byte[]>());
        items.Add(await StoredAsync(odd, TransferSyntax.Find(Uids.JPEGBaseline8Bit)));
        var path = items[0].Path;
        var bytes = await File.ReadAllBytesAsync(path, Token);
        var dataStart = (int)DicomFileProbe.Read(path).DatasetOffset;
        var meta = new FileMeta
        {
            MediaStorageSopClassUid = items[0].SopClassUid, MediaStorageSopInstanceUid = items[0].SopInstanceUid,
            TransferSyntaxUid = Uids.ExplicitVRLittleEndian
        };
        await File.WriteAllBytesAsync(path, [.. meta.ToArray(), .. bytes[dataStart..]], Token);
        items.Add(await StoredAsync(Instances.Dataset(), TransferSyntax.ExplicitVRLittleEndian));

        var final = await RunAsync(Get, items, datasets, Uids.ImplicitVRLittleEndian);

        Assert.Equal((0xB000, (ushort?)1, (ushort?)1), (final.Command.Status!.Value, final.Command.Completed, final.Command.Failed));
        Assert.Equal([items[0].SopInstanceUid], final.Dataset!.GetStrings(Tags.FailedSOPInstanceUIDList));
        Assert.Single(datasets);
    }

    private async Task<StoredInstance> StoredAsync(DicomDataset dataset, TransferSyntax syntax) => new(
        await Instances.WriteAsync(_store, dataset, syntax), dataset.GetString(Tags.SOPClassUID)!, dataset.GetString(Tags.SOPInstanceUID)!,
        syntax.Uid);

    private async Task<List<byte[]>> GetAsync(string model, DicomDataset[] stored, TransferSyntax? syntax = null, string? proposed = null)
    {
        var (items, datasets) = (new List<StoredInstance>(), new List<byte[]>());
        foreach (var dataset in stored)
            items.Add(await StoredAsync(dataset, syntax ?? TransferSyntax.ExplicitVRLittleEndian));
        var final = await RunAsync(model, items, datasets, proposed ?? Uids.ExplicitVRLittleEndian);
        Assert.Equal((0, (ushort?)stored.Length), (final.Command.Status!.Value, final.Command.Completed));
        return datasets;
    }

    private static async Task<ExchangeResponse> RunAsync(string model, IReadOnlyList<StoredInstance> items, List<byte[]> datasets,
        string proposed)
    {
        var get = new GetScp((_, _, _) => Task.FromResult(items));
        var refuse = new ServiceRow(Uids.CTImageStorage, CommandField.CStoreRequest, (call, _) => call.Reply(0x0124), 0xC210, 0xC211);
        await using var server = DicomServer.Start(new DicomServerOptions(), new ServiceTable([get.Row(model), refuse]));
        await using var scu = await QueryScu.ConnectAsync(
            new AssociationOptions
            {
                Host = "127.0.0.1",
                Port = server.Port,
                PresentationContexts =
                [
                    new PresentationContextProposal(model, [Uids.ImplicitVRLittleEndian]),
                    new PresentationContextProposal(Uids.CTImageStorage, [proposed]) { ScuRole = false, ScpRole = true },
                ],
            }, TimeSpan.FromSeconds(60), Token);
        var identifier = new DicomDataset();
        identifier.Set(Tags.QueryRetrieveLevel, "IMAGE");
        ExchangeResponse? last = null;
        await foreach (var response in scu.GetAsync(scu.ContextFor(model)!, identifier, TakeAsync, DicomPriority.Medium, Token))
            last = response;
        await scu.ReleaseAsync(Token);
        return last!;

        async Task<CommandSet> TakeAsync(DimseReader reader, DimseMessage message, CancellationToken token)
        {
            var whole = new List<byte>();
            while (await reader.ReadDataAsync(token) is { } piece)
                whole.AddRange(piece.Span);
            datasets.Add([.. whole]);
            return message.Command.Respond(0);
        }
    }
}
