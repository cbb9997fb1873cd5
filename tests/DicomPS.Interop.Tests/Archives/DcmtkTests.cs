using DicomPS.Dictionary;
using DicomPS.Interop.Tests.Support;
using DicomPS.Part10;

namespace DicomPS.Interop.Tests.Archives;

/// <summary>DCMTK's clients against an archive of ours, with pydicom's files.</summary>
public class DcmtkTests
{
    private const string Other = "OTHER";

    private static readonly string[] StudyKeys = ["PatientID", "PatientName", "StudyInstanceUID", "StudyDate", "StudyTime", "AccessionNumber", "StudyID"];
    private static readonly string[] SeriesKeys = ["SeriesInstanceUID", "Modality", "SeriesNumber"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Study Root queries; a key that is only asked for has no value.
    public static TheoryData<string> Queries =>
    [
        "STUDY", "STUDY PatientID=1CT1", "STUDY PatientID=*CT*", "STUDY PatientID=?MR1", "STUDY PatientName=CompressedSamples*",
        "STUDY PatientName=Doe^Peter", "STUDY PatientName=*^*", "STUDY StudyDate=20040119", "STUDY StudyDate=20040101-20041231",
        "STUDY StudyDate=-19991231", "STUDY StudyDate=20100101-", "STUDY StudyTime=120000-235959", "STUDY AccessionNumber=2", "STUDY StudyID=4MR1",
        "STUDY PatientID=nobody", "STUDY StudyInstanceUID={study}", "STUDY StudyInstanceUID={study}\\{other}",
        "SERIES StudyInstanceUID={study}", "SERIES StudyInstanceUID={study} Modality=MR", "SERIES StudyInstanceUID={study} Modality=CT",
        "SERIES StudyInstanceUID={other} SeriesNumber=1", "SERIES StudyInstanceUID={other} Modality=*R",
        "IMAGE StudyInstanceUID={study} SeriesInstanceUID={series}", "IMAGE StudyInstanceUID={study} SeriesInstanceUID={series} InstanceNumber=1",
    ];

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
            ["-nh", "-aec", BoxArchive.AETitle, "-xf", profile, StorescuProfile.Name, "+sd", "+r", "127.0.0.1", $"{archive.Port}", Corpus.Folder], Cancellation);
        // storescu itself cannot read all of them. Of what it sends, only instances without a study or series are refused.
        Assert.True(archive.Received >= 100, $"{archive.Received} received. {archive.LastError}\n{stored.Output}");
        Assert.True(archive.Failed <= 3, $"{archive.Failed} failed. {archive.LastError}");
        Assert.Equal(BoxArchive.Files(folder.Path).Length, archive.Instances);
        var study = DicomFileProbe.Read(Corpus.File("CT_small.dcm")).Header.GetString(Tags.StudyInstanceUID)!;
        string[] keys = ["-k", "QueryRetrieveLevel=STUDY", "-k", $"StudyInstanceUID={study}"];
        var kept = BoxArchive.Files(Path.Combine(folder.Path, study));

        var moved = await PeerProcess.RunAsync(Programs.Movescu, ["-v", "-S", "-aec", BoxArchive.AETitle, "-aem", Other, .. keys, "127.0.0.1", $"{archive.Port}"], Cancellation);
        Assert.True(moved.ExitCode == 0, moved.Output);
        Compare.SameDatasets(kept, destination.Files());

        var target = got.Subfolder("got");
        var getting = await PeerProcess.RunAsync(Programs.Getscu, ["-v", "-S", "-B", "-aec", BoxArchive.AETitle, "-od", target, .. keys, "127.0.0.1", $"{archive.Port}"], Cancellation);
        Assert.True(getting.ExitCode == 0, getting.Output);
        // getscu proposes the uncompressed syntaxes in one context, so what the file is in need not be what is agreed on.
        await Compare.SameContentAsync(kept, Directory.GetFiles(target), Cancellation);
    }

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task Answers_are_those_of_dcmqrscp(string query)
    {
        using var folder = new TempFolder();
        await using var reference = await DcmqrscpServer.StartAsync(Cancellation);
        await using var archive = await BoxArchive.StartAsync(folder.Subfolder("archive"), Cancellation);
        string[] names = ["CT_small.dcm", "MR_small.dcm", "rtplan.dcm", "rtdose.dcm", "test-SR.dcm", "ExplVR_LitEndNoMeta.dcm", "image_dfl.dcm"];
        var generated = GeneratedStudy.WriteSlices(folder.Subfolder("generated"), 3);
        // dcmqrscp takes uncompressed instances only.
        string[] files = [.. Studied(names.Select(Corpus.File).Where(File.Exists)).Where(file => DicomFileProbe.Read(file).TransferSyntax.IsUncompressed), .. generated];
        foreach (var (port, title) in new[] { (reference.Port, DcmqrscpServer.AETitle), (archive.Port, BoxArchive.AETitle) })
        {
            var results = await Engine.SendAsync(Engine.Node(port, title), files, Cancellation);
            Assert.True(results.All(result => result.Success), Engine.Failures(results));
        }
        var first = DicomFileProbe.Read(generated[0]).Header;
        var wanted = query.Replace("{study}", first.GetString(Tags.StudyInstanceUID), StringComparison.Ordinal)
            .Replace("{series}", first.GetString(Tags.SeriesInstanceUID), StringComparison.Ordinal)
            .Replace("{other}", DicomFileProbe.Read(Corpus.File("MR_small.dcm")).Header.GetString(Tags.StudyInstanceUID), StringComparison.Ordinal);

        var expected = await AskAsync(reference.Port, DcmqrscpServer.AETitle, wanted, folder.Subfolder("expected"));
        var answered = await AskAsync(archive.Port, BoxArchive.AETitle, wanted, folder.Subfolder("answered"));

        Assert.Equal(expected, answered);
    }

    [Fact]
    public async Task A_move_to_a_stranger_and_an_identifier_without_its_study_are_refused()
    {
        using var folder = new TempFolder();
        await using var archive = await BoxArchive.StartAsync(folder.Path, Cancellation);
        string[] to = ["-aec", BoxArchive.AETitle, "127.0.0.1", $"{archive.Port}"];

        var moved = await PeerProcess.RunAsync(Programs.Movescu, ["-d", "-S", "-aem", "STRANGER", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=1.2.3", .. to], Cancellation);
        var found = await PeerProcess.RunAsync(Programs.Findscu, ["-d", "-S", "-k", "QueryRetrieveLevel=SERIES", "-k", "SeriesInstanceUID", .. to], Cancellation);

        Assert.Contains("0xa801", moved.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("0xa900", found.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("StudyInstanceUID", found.Output, StringComparison.Ordinal);
    }

    private static string[] Studied(IEnumerable<string> files) => [.. files.Where(file =>
    {
        try
        {
            // What names no study has no place in an archive; what is cut short is no file to send.
            var header = DicomFileProbe.Read(file).Header;
            return new[] { Tags.StudyInstanceUID, Tags.SeriesInstanceUID, Tags.SOPClassUID, Tags.SOPInstanceUID, Tags.PatientID }.All(tag => header.GetString(tag) is { Length: > 0 });
        }
        catch (DicomException)
        {
            return false;
        }
    })];

    private static async Task<string[]> AskAsync(int port, string title, string query, string folder)
    {
        var words = query.Split(' ');
        string[] returned = words[0] switch
        {
            "STUDY" => StudyKeys,
            "SERIES" => ["StudyInstanceUID", .. SeriesKeys],
            _ => ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "InstanceNumber"],
        };
        var given = words.Skip(1).ToDictionary(word => word.Split('=')[0], StringComparer.Ordinal);
        var keys = returned.Select(name => given.GetValueOrDefault(name, name)).SelectMany(key => new[] { "-k", key });
        var result = await PeerProcess.RunAsync(Programs.Findscu,
            ["-S", "-X", "-od", folder, "-aec", title, "-k", $"QueryRetrieveLevel={words[0]}", .. keys, "127.0.0.1", $"{port}"], Cancellation);
        Assert.True(result.ExitCode == 0, result.Output);
        var answers = new List<string>();
        foreach (var file in Directory.GetFiles(folder))
        {
            var answer = (await DicomFile.OpenAsync(file, null, Cancellation)).Dataset;
            answers.Add(string.Join(" | ", returned.Select(name => $"{name}={answer.GetText(DicomDictionary.Find(name)!.Tag)?.Trim()}")));
        }
        return [.. answers.Order(StringComparer.Ordinal)];
    }
}
