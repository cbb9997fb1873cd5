using DicomPS.Interop.Tests.Support;
using DicomPS.Matching;
using DicomPS.Retrieving;

namespace DicomPS.Interop.Tests.Scu;

/// <summary>C-MOVE and C-GET with Orthanc, which has its own way with errors, and keeps compressed images.</summary>
public class RetrieveFromOrthancTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_level_brings_what_it_names_by_move_and_by_get()
    {
        using var source = new TempFolder();
        var files = GeneratedStudy.WriteSlices(source.Path, 3);
        var port = FreePort.Next();
        await using var orthanc = await OrthancServer.StartAsync(Cancellation, (Retrieval.OurAETitle, port));
        var node = Retrieval.Node(orthanc.Port, OrthancServer.AETitle);
        await Engine.SendAsync(node, files, Cancellation);

        foreach (var (model, level) in Retrieval.ModelsAndLevels)
        {
            var keys = Retrieval.KeysOf(files[0]) with { Model = model, Level = level };
            var expected = level == QueryLevel.Image ? files.Take(1) : files;
            await Retrieval.BringsAsync(expected, node, port, keys, () => orthanc.Output, Cancellation);
        }
    }

    [Fact]
    public async Task A_study_of_all_kinds_comes_as_it_was_sent_compressed_images_too()
    {
        using var source = new TempFolder();
        var files = GeneratedStudy.Write(source.Path);
        var port = FreePort.Next();
        await using var orthanc = await OrthancServer.StartAsync(Cancellation, (Retrieval.OurAETitle, port));
        var node = Retrieval.Node(orthanc.Port, OrthancServer.AETitle);
        await Engine.SendAsync(node, files, Cancellation);

        var keys = Retrieval.KeysOf(files[0]) with { Level = QueryLevel.Study };
        using var moved = new TempFolder();
        using var got = new TempFolder();
        var move = await Retrieval.RunAsync(Retrieval.MoveHere(node, moved, port), keys, Cancellation);
        var get = await Retrieval.RunAsync(Retrieval.Get(node, got), keys, Cancellation);

        Retrieval.Is(RetrieveVerdict.Complete, move, orthanc.Output);
        Retrieval.Is(RetrieveVerdict.Complete, get, orthanc.Output);
        await Compare.SameContentAsync(files, moved.Files(), Cancellation);
        await Compare.SameContentAsync(files, got.Files(), Cancellation);
        Assert.Contains(got.Files(), file => DicomPS.Part10.DicomFileProbe.Read(file).TransferSyntax.Uid == GeneratedStudy.JpegBaseline);
    }

    [Fact]
    public async Task A_move_to_storescp_is_counted_by_the_peer()
    {
        using var source = new TempFolder();
        var files = GeneratedStudy.WriteSlices(source.Path, 4);
        await using var store = await StorescpServer.StartAsync(Cancellation);
        await using var orthanc = await OrthancServer.StartAsync(Cancellation, ("STORE", store.Port));
        var node = Retrieval.Node(orthanc.Port, OrthancServer.AETitle);
        await Engine.SendAsync(node, files, Cancellation);

        var result = await Retrieval.RunAsync(Retrieval.MoveTo(node, "STORE"),
            Retrieval.KeysOf(files[0]) with { Level = QueryLevel.Study }, Cancellation);

        Retrieval.Is(RetrieveVerdict.Complete, result, orthanc.Output);
        Assert.Equal(4, store.Files().Length);
    }

    [Fact]
    public async Task An_unknown_destination_is_unable_to_process_and_still_explained()
    {
        using var source = new TempFolder();
        var files = GeneratedStudy.WriteSlices(source.Path, 1);
        await using var orthanc = await OrthancServer.StartAsync(Cancellation);
        var node = Retrieval.Node(orthanc.Port, OrthancServer.AETitle);
        await Engine.SendAsync(node, files, Cancellation);

        var result = await Retrieval.RunAsync(Retrieval.MoveTo(node, "NOBODY"), Retrieval.KeysOf(files[0]), Cancellation);

        Retrieval.Is(RetrieveVerdict.Failed, result, orthanc.Output);
        Assert.InRange(result.StatusCode!.Value, (ushort)0xA700, (ushort)0xCFFF);
        Assert.Contains("AE title NOBODY", result.Advice);
    }

    [Fact]
    public async Task A_wrong_port_for_us_at_the_peer_is_found_at_the_listener()
    {
        using var source = new TempFolder();
        using var moved = new TempFolder();
        var files = GeneratedStudy.WriteSlices(source.Path, 2);
        await using var orthanc = await OrthancServer.StartAsync(Cancellation, (Retrieval.OurAETitle, FreePort.Next()));
        var node = Retrieval.Node(orthanc.Port, OrthancServer.AETitle);
        await Engine.SendAsync(node, files, Cancellation);

        var port = FreePort.Next();
        var result = await Retrieval.RunAsync(Retrieval.MoveHere(node, moved, port), Retrieval.KeysOf(files[0]), Cancellation);

        Retrieval.Is(RetrieveVerdict.Failed, result, orthanc.Output);
        Assert.Contains($"no inbound association was seen on port {port}", result.Advice, StringComparison.OrdinalIgnoreCase);
    }
}
