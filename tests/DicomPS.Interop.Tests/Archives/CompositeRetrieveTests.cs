using System.Net;
using DicomPS.Archiving.Serving;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Interop.Tests.Support;
using DicomPS.Matching;
using DicomPS.Part10;
using DicomPS.Retrieving;
using DicomPS.Scp;
using DicomPS.Serialization;

namespace DicomPS.Interop.Tests.Archives;

/// <summary>Instances by nothing but their UID, with and without bulk data, both ends of ours (PS3.4 Y, Z).</summary>
public class CompositeRetrieveTests
{
    private static readonly DicomTag[] Bulk = [Tags.PixelData, Tags.EncapsulatedDocument];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Everything_comes_by_get_without_bulk_data_whatever_it_is_and_from_an_archive_that_takes_nothing_too(bool readOnly)
    {
        using var folder = new TempFolder();
        using var arrived = new TempFolder();
        var files = GeneratedStudy.Write(folder.Subfolder("study"));
        await using var archive = await FilledAsync(folder.Subfolder("archive"), files, readOnly);

        var results = await Retrieval.EachAsync(Retrieval.Get(Retrieval.Node(archive.Port, BoxArchive.AETitle), arrived),
            Uids(files, InformationModel.WithoutBulkData), Cancellation);

        Assert.Equal(files.Count, results.Count);
        Assert.All(results, result => Retrieval.Is(RetrieveVerdict.Complete, result, archive.LastError ?? ""));
        await SameAsync(files, arrived.Files(), Bulk);
    }

    [Fact]
    public async Task Everything_comes_by_get_by_its_UID_as_it_is()
    {
        using var folder = new TempFolder();
        using var arrived = new TempFolder();
        var files = GeneratedStudy.Write(folder.Subfolder("study"));
        await using var archive = await FilledAsync(folder.Subfolder("archive"), files, readOnly: false);

        var results = await Retrieval.EachAsync(Retrieval.Get(Retrieval.Node(archive.Port, BoxArchive.AETitle), arrived),
            Uids(files, InformationModel.CompositeInstanceRoot), Cancellation);

        Assert.Equal(files.Count, results.Count);
        Assert.All(results, result => Retrieval.Is(RetrieveVerdict.Complete, result, archive.LastError ?? ""));
        Compare.SameDatasets(files, arrived.Files());
    }

    [Fact]
    public async Task Everything_moves_by_its_UID_as_it_is()
    {
        using var folder = new TempFolder();
        var files = GeneratedStudy.Write(folder.Subfolder("study"));
        await using var destination = await StorescpServer.StartAsync(Cancellation);
        await using var archive = await BoxArchive.StartAsync(folder.Subfolder("archive"), Cancellation, ("OTHER", destination.Port));
        var sent = await Engine.SendAsync(Engine.Node(archive.Port, BoxArchive.AETitle), files, Cancellation);
        Assert.True(sent.All(one => one.Success), Engine.Failures(sent));

        var results = await Retrieval.EachAsync(Retrieval.MoveTo(Retrieval.Node(archive.Port, BoxArchive.AETitle), "OTHER"),
            Uids(files, InformationModel.CompositeInstanceRoot), Cancellation);

        Assert.Equal(files.Count, results.Count);
        Assert.All(results, result => Retrieval.Is(RetrieveVerdict.Complete, result, destination.Output));
        Compare.SameDatasets(files, destination.Files());
    }

    [Theory]
    [InlineData("FRAME", true, "FRAME")]
    [InlineData("STUDY", true, "STUDY")]
    [InlineData("IMAGE", false, "SOPInstanceUID")]
    [InlineData(null, true, "0008,0052")]
    public async Task What_names_no_instance_is_refused_with_the_reason(string? level, bool withUid, string reason)
    {
        using var folder = new TempFolder();
        await using var archive = await BoxArchive.StartAsync(folder.Path, Cancellation, ("OTHER", 1));
        var identifier = Wire.Identifier(level,
            [(Tags.StudyInstanceUID, "1.2.3"), .. withUid ? new[] { (Tags.SOPInstanceUID, "1.2.3.4") } : []]);

        foreach (var model in new[] { Dictionary.Uids.CompositeInstanceRootRetrieveGet,
            Dictionary.Uids.CompositeInstanceRetrieveWithoutBulkDataGet })
        {
            var final = Assert.Single((await Wire.GetAsync(archive.Port, model, identifier, Cancellation)).Responses).Command;
            Assert.Equal(0xA900, final.Status!.Value);
            Assert.Contains(reason, final.ErrorComment, StringComparison.Ordinal);
        }

        var moved =
            Assert.Single(await Wire.MoveAsync(archive.Port, Dictionary.Uids.CompositeInstanceRootRetrieveMove, identifier, "OTHER",
                Cancellation)).Command;
        Assert.Equal(0xA900, moved.Status!.Value);
    }

    [Fact]
    public async Task Relational_retrieval_is_not_agreed_to_where_there_are_no_levels()
    {
        using var folder = new TempFolder();
        await using var archive = await BoxArchive.StartAsync(folder.Path, Cancellation);
        await using var scu = await Wire.ConnectAsync(archive.Port, Dictionary.Uids.CompositeInstanceRootRetrieveMove, Cancellation, [1]);
        Assert.DoesNotContain((byte)1, Wire.Agreed(scu));
        await scu.ReleaseAsync(Cancellation);
    }

    private static async Task<ArchiveHost> FilledAsync(string folder, IReadOnlyList<string> files, bool readOnly)
    {
        var archive = await BoxArchive.StartAsync(folder, Cancellation);
        var sent = await Engine.SendAsync(Engine.Node(archive.Port, BoxArchive.AETitle), files, Cancellation);
        Assert.True(sent.All(result => result.Success), Engine.Failures(sent));
        if (!readOnly)
            return archive;
        await archive.DisposeAsync();
        return await ArchiveHost.StartAsync(
            new ArchiveServerOptions
            {
                Folder = folder, ReadOnly = true,
                Server = new DicomServerOptions { AETitle = BoxArchive.AETitle, Address = IPAddress.Loopback }
            }, Cancellation);
    }

    private static RetrieveKeys Uids(IReadOnlyList<string> files, InformationModel model)
    {
        var probed = files.Select(file => DicomFileProbe.Read(file)).ToList();
        return new RetrieveKeys
        {
            Model = model, SOPInstanceUID = [.. probed.Select(file => file.SopInstanceUid)],
            SOPClassUID = [.. probed.Select(file => file.SopClassUid).Distinct()]
        };
    }

    // In one spelling, since what has lost its bulk data may come in another transfer syntax.
    private static async Task SameAsync(IEnumerable<string> sent, IEnumerable<string> arrived, DicomTag[] without) =>
        Assert.Equal(await SpeltAsync(sent, without), await SpeltAsync(arrived, []));

    private static async Task<List<string>> SpeltAsync(IEnumerable<string> files, DicomTag[] without)
    {
        var spelt = new List<string>();
        foreach (var file in files)
        {
            var dataset = (await DicomFile.OpenAsync(file, null, Cancellation)).Dataset;
            foreach (var tag in without)
                dataset.Remove(tag);
            Assert.False(dataset.Contains(Tags.PixelData), file);
            spelt.Add(
                $"{dataset.GetString(Tags.SOPInstanceUID)} "
                + $"{DatasetBytes.Digest(DatasetWriter.ToArray(dataset, TransferSyntax.ExplicitVRLittleEndian))}");
        }

        spelt.Sort(StringComparer.Ordinal);
        return spelt;
    }
}
