using DicomPS.Dictionary;
using DicomPS.Interop.Tests.Support;
using DicomPS.Part10;

namespace DicomPS.Interop.Tests.Archives;

/// <summary>DCMTK's clients against an archive of ours, with pydicom's files.</summary>
public class DcmtkTests
{
    private const string Other = "OTHER";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_corpus_comes_in_by_storescu_and_goes_out_by_movescu_and_getscu_unchanged()
    {
        using var folder = new TempFolder();
        using var got = new TempFolder();
        await using var destination = await StorescpServer.StartAsync(Cancellation);
        await using var archive = await BoxArchive.StartAsync(folder.Path, Cancellation, (Other, destination.Port));
        _ = Corpus.Files();
        var files = Directory.GetFiles(Corpus.Folder, "*", SearchOption.AllDirectories);
        var profile = got.Combine("storescu.cfg");
        StorescuProfile.Write(profile, files);

        var stored = await PeerProcess.RunAsync(Programs.Storescu,
            ["-nh", "-aec", BoxArchive.AETitle, "-xf", profile, StorescuProfile.Name, "+sd", "+r", "127.0.0.1", $"{archive.Port}",
                Corpus.Folder], Cancellation);
        // storescu itself cannot read all of them. Of what it sends, only instances without a study or series are refused.
        Assert.True(archive.Served.Received >= 100, $"{archive.Served.Received} received. {archive.LastError}\n{stored.Output}");
        Assert.True(archive.Served.Failed <= 3, $"{archive.Served.Failed} failed. {archive.LastError}");
        Assert.Equal(BoxArchive.Files(folder.Path).Length, archive.Served.Instances);
        var study = DicomFileProbe.Read(Corpus.File("CT_small.dcm")).Header.GetString(Tags.StudyInstanceUID)!;
        string[] keys = ["-k", "QueryRetrieveLevel=STUDY", "-k", $"StudyInstanceUID={study}"];
        var kept = BoxArchive.Files(Path.Combine(folder.Path, study));

        var moved = await PeerProcess.RunAsync(Programs.Movescu,
            ["-v", "-S", "-aec", BoxArchive.AETitle, "-aem", Other, .. keys, "127.0.0.1", $"{archive.Port}"], Cancellation);
        Assert.True(moved.ExitCode == 0, moved.Output);
        Compare.SameDatasets(kept, destination.Files());

        var target = got.Subfolder("got");
        var getting = await PeerProcess.RunAsync(Programs.Getscu,
            ["-v", "-S", "-B", "-aec", BoxArchive.AETitle, "-od", target, .. keys, "127.0.0.1", $"{archive.Port}"], Cancellation);
        Assert.True(getting.ExitCode == 0, getting.Output);
        // getscu proposes the uncompressed syntaxes in one context, so what the file is in need not be what is agreed on.
        await Compare.SameContentAsync(kept, Directory.GetFiles(target), Cancellation);
    }

    [Fact]
    public async Task A_move_to_a_stranger_and_an_identifier_without_its_study_are_refused()
    {
        using var folder = new TempFolder();
        await using var archive = await BoxArchive.StartAsync(folder.Path, Cancellation);
        string[] to = ["-aec", BoxArchive.AETitle, "127.0.0.1", $"{archive.Port}"];

        var moved = await PeerProcess.RunAsync(Programs.Movescu,
            ["-d", "-S", "-aem", "STRANGER", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=1.2.3", .. to], Cancellation);
        var found = await PeerProcess.RunAsync(Programs.Findscu,
            ["-d", "-S", "-k", "QueryRetrieveLevel=SERIES", "-k", "SeriesInstanceUID", .. to], Cancellation);

        Assert.Contains("0xa801", moved.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("0xa900", found.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("StudyInstanceUID", found.Output, StringComparison.Ordinal);
    }
}
