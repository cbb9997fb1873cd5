using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Interop.Tests.Support;
using DicomPS.Sending;

namespace DicomPS.Interop.Tests.Scu;

/// <summary>Sending to real archives: what arrives is what was sent.</summary>
public class StoreTests
{
    // No SOP Class or Instance UID, no recognisable dataset, or cut short, which must not pass for whole (PS3.7 9.1.1).
    private static readonly string[] NotToBeSent =
    [
        "MR_truncated.dcm", "SC_rgb_jpeg.dcm", "empty_charset_LEI.dcm", "meta_missing_tsyntax.dcm", "nested_priv_SQ.dcm",
        "no_meta.dcm", "rtplan_truncated.dcm",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_whole_corpus_arrives_at_storescp_byte_for_byte()
    {
        var files = Corpus.Files();
        await using var server = await StorescpServer.StartAsync(Cancellation, "--unique-filenames");

        var results = await Engine.SendAsync(Engine.Node(server.Port), files, Cancellation);

        Assert.Equal(NotToBeSent, results.Where(result => !result.Success).Select(result => Path.GetFileName(result.Path)));
        Assert.All(results.Where(result => !result.Success), result =>
        {
            Assert.Equal("NotSent", result.Status);
            Assert.NotNull(result.Error);
            Assert.NotNull(result.Advice);
        });
        Compare.SameDatasets(results.Where(result => result.Success).Select(result => result.Path), server.Files());
    }

    [Fact]
    public async Task A_generated_study_arrives_at_storescp_byte_for_byte()
    {
        using var folder = new TempFolder();
        var files = GeneratedStudy.Write(folder.Path);
        await using var server = await StorescpServer.StartAsync(Cancellation);

        var results = await Engine.SendAsync(Engine.Node(server.Port), files, Cancellation);

        AllSucceeded(results);
        Compare.SameDatasets(files, server.Files());
        Assert.All(results, result =>
        {
            Assert.Equal("Success", result.Status);
            Assert.Equal((ushort)0, result.StatusCode);
            Assert.Equal(DatasetBytes.Of(result.Path).Length, result.Bytes);
            Assert.Equal(1, result.Attempts);
        });
    }

    [Fact]
    public async Task A_deflated_dataset_of_odd_length_arrives_padded()
    {
        using var folder = new TempFolder();
        var file = GeneratedStudy.WriteOddDeflated(folder.Path);
        await using var server = await StorescpServer.StartAsync(Cancellation);

        AllSucceeded(await Engine.SendAsync(Engine.Node(server.Port), [file], Cancellation));

        Assert.Equal([.. DatasetBytes.Of(file).Span, 0], DatasetBytes.Of(Assert.Single(server.Files())).ToArray());
    }

    [Fact]
    public async Task All_files_of_a_study_go_over_one_association()
    {
        using var folder = new TempFolder();
        var files = GeneratedStudy.WriteSlices(folder.Path, 50);
        await using var server = await StorescpServer.StartAsync(Cancellation);

        AllSucceeded(await Engine.SendAsync(Engine.Node(server.Port), files, Cancellation));

        Assert.Equal(1, await server.LoggedAsync("Association Received", 1, Cancellation));
        Compare.SameDatasets(files, server.Files());
    }

    [Fact]
    public async Task Several_associations_side_by_side_lose_nothing()
    {
        using var folder = new TempFolder();
        var files = GeneratedStudy.WriteSlices(folder.Path, 200);
        await using var server = await StorescpServer.StartAsync(Cancellation, "--fork");
        var node = Engine.Node(server.Port);

        AllSucceeded(await Engine.SendAsync(
            new StoreJobOptions { Association = AssociationOptions.For(node), Associations = 4 }, files, Cancellation));

        Compare.SameDatasets(files, server.Files());
    }

    [Fact]
    public async Task More_kinds_of_files_than_an_association_has_contexts_are_spread_over_several()
    {
        using var folder = new TempFolder();
        var files = GeneratedStudy.WriteSopClasses(folder.Path,
            DicomDictionary.SopClasses(SopClassService.Storage).Take(80).Select(entry => entry.Uid));
        Assert.True(files.Count > 128, $"{files.Count} files are too few for this test.");
        await using var server = await StorescpServer.StartAsync(Cancellation);

        AllSucceeded(await Engine.SendAsync(Engine.Node(server.Port), files, Cancellation));

        Compare.SameDatasets(files, server.Files());
    }

    [Fact]
    public async Task An_uncompressed_file_is_rewritten_for_a_peer_that_takes_implicit_only()
    {
        using var folder = new TempFolder();
        var files = GeneratedStudy.Write(folder.Path);
        await using var server = await StorescpServer.StartAsync(StorescpAccepts.ImplicitOnly, Cancellation);

        var results = await Engine.SendAsync(Engine.Node(server.Port), files, Cancellation);

        var refused = Assert.Single(results, result => !result.Success);
        Assert.Equal("encapsulated.dcm", Path.GetFileName(refused.Path));
        Assert.All(results.Where(result => result.Success), result => Assert.Equal(Uids.ImplicitVRLittleEndian, result.TransferSyntaxUID));
        // Implicit VR has no place for the VRs of private elements: their content cannot be compared this way.
        var told = server.Files().Where(file => !Path.GetFileName(file).StartsWith("MR.", StringComparison.Ordinal));
        await Compare.SameContentAsync(files.Where(file => file != refused.Path && Path.GetFileName(file) != "private.dcm"), told,
            Cancellation);
    }

    [Fact]
    public async Task A_compressed_file_that_the_peer_does_not_take_fails_alone_and_says_so()
    {
        using var folder = new TempFolder();
        var files = GeneratedStudy.Write(folder.Path);
        await using var server = await StorescpServer.StartAsync(StorescpAccepts.Uncompressed, Cancellation);

        var results = await Engine.SendAsync(Engine.Node(server.Port), files, Cancellation);

        var refused = Assert.Single(results, result => !result.Success);
        Assert.Equal("encapsulated.dcm", Path.GetFileName(refused.Path));
        Assert.Equal(DicomStage.PresentationContext, refused.Exception?.Stage);
        Assert.Contains("JPEG Baseline", refused.Error, StringComparison.Ordinal);
        Assert.NotNull(refused.Advice);
        Assert.Equal(files.Count - 1, server.Files().Length);
    }

    [Fact]
    public async Task A_generated_study_arrives_at_dcmqrscp()
    {
        using var folder = new TempFolder();
        var files = GeneratedStudy.Write(folder.Path).Where(file => !file.EndsWith("encapsulated.dcm", StringComparison.Ordinal)).ToList();
        await using var server = await DcmqrscpServer.StartAsync(Cancellation);

        AllSucceeded(await Engine.SendAsync(Engine.Node(server.Port, DcmqrscpServer.AETitle), files, Cancellation));

        await Compare.SameContentAsync(files, server.Files(), Cancellation);
    }

    [Fact]
    public async Task A_generated_study_arrives_at_Orthanc()
    {
        using var folder = new TempFolder();
        var files = GeneratedStudy.Write(folder.Subfolder("sent"));
        await using var server = await OrthancServer.StartAsync(Cancellation);

        AllSucceeded(await Engine.SendAsync(Engine.Node(server.Port, OrthancServer.AETitle), files, Cancellation));

        var kept = folder.Subfolder("kept");
        foreach (var (uid, file) in await server.FilesBySopInstanceUidAsync(Cancellation))
            await File.WriteAllBytesAsync(Path.Combine(kept, uid), file, Cancellation);
        await Compare.SameContentAsync(files, Directory.GetFiles(kept), Cancellation);
    }

    [Fact]
    public async Task The_corpus_is_taken_by_Orthanc()
    {
        var files = Corpus.Files();
        await using var server = await OrthancServer.StartAsync(Cancellation);

        var results = await Engine.SendAsync(Engine.Node(server.Port, OrthancServer.AETitle), files, Cancellation);

        // What Orthanc does not take it says so: five files have no SOP Instance UID in their dataset.
        Assert.Equal(NotToBeSent, results.Where(result => result.Status == "NotSent").Select(result => Path.GetFileName(result.Path)));
        Assert.Equal(
            ["UN_sequence.dcm", "no_meta_group_length.dcm", "priv_SQ.dcm", "rtdose_rle.dcm", "rtdose_rle_1frame.dcm"],
            results.Where(result => result.StatusCode is not (0 or null)).Select(result => Path.GetFileName(result.Path)));
        var taken = results.Where(result => result.Success).Select(result => result.SOPInstanceUID!).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);
        Assert.Equal(taken, (await server.FilesBySopInstanceUidAsync(Cancellation)).Keys.Order(StringComparer.Ordinal));
    }

    private static void AllSucceeded(IReadOnlyList<StoreResult> results) =>
        Assert.True(results.All(result => result.Success), Engine.Failures(results));
}
