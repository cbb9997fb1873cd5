using System.Text.RegularExpressions;
using DicomPS.Archiving.Serving;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Interop.Tests.Support;
using DicomPS.Part10;

namespace DicomPS.Interop.Tests.Archives;

/// <summary>dcmqrscp and an archive of ours with the same instances, filled once.</summary>
public sealed class TwoArchives : IAsyncLifetime
{
    private static readonly string[] Names = ["CT_small.dcm", "MR_small.dcm", "rtplan.dcm", "rtdose.dcm", "test-SR.dcm",
        "ExplVR_LitEndNoMeta.dcm", "image_dfl.dcm"];

    private readonly TempFolder _folder = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private DcmqrscpServer? _reference;
    private ArchiveHost? _archive;
    private int _asked;

    /// <summary>
    /// Their ports. Filled at the first call: a test without DCMTK or pydicom's files is skipped here, which a fixture cannot be.
    /// </summary>
    public async Task<(int Theirs, int Ours)> PortsAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            if (_archive is null)
            {
                // dcmqrscp takes uncompressed instances only.
                string[] files = [.. Names.Select(Corpus.File).Where(file => File.Exists(file) && IsTaken(file)),
                    await CodedAsync(cancellation)];
                _reference = await DcmqrscpServer.StartAsync(cancellation);
                var started = await BoxArchive.StartAsync(_folder.Subfolder("archive"), cancellation);
                foreach (var node in new[] { Engine.Node(_reference.Port, DcmqrscpServer.AETitle),
                    Engine.Node(started.Port, BoxArchive.AETitle) })
                {
                    await QueryArchive.FillAsync(node, cancellation);
                    var results = await Engine.SendAsync(node, files, cancellation);
                    Assert.True(results.All(result => result.Success), Engine.Failures(results));
                }

                _archive = started;
            }

            return (_reference!.Port, _archive.Port);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>A folder for the answers to one query.</summary>
    public string AnswerFolder() => _folder.Subfolder($"{Interlocked.Increment(ref _asked)}");

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        if (_archive is not null)
            await _archive.DisposeAsync();
        if (_reference is not null)
            await _reference.DisposeAsync();
        _turn.Dispose();
        _folder.Dispose();
    }

    private static bool IsTaken(string file)
    {
        try
        {
            var probed = DicomFileProbe.Read(file);
            // What names no study has no place in an archive; what is cut short is no file to send.
            return probed.TransferSyntax.IsUncompressed
                && new[] { Tags.StudyInstanceUID, Tags.SeriesInstanceUID, Tags.SOPClassUID, Tags.SOPInstanceUID, Tags.PatientID }.All(
                    tag => probed.Header.GetString(tag) is { Length: > 0 });
        }
        catch (DicomException)
        {
            return false;
        }
    }

    // A study with a code, and with a name that two ideographic groups follow, all in ASCII.
    private async Task<string> CodedAsync(CancellationToken cancellation)
    {
        var dataset = new DicomDataset();
        dataset.Set(Tags.SOPClassUID, Uids.MRImageStorage);
        dataset.Set(Tags.SOPInstanceUID, $"{QueryArchive.Root}.7.1.1");
        dataset.Set(Tags.SeriesInstanceUID, $"{QueryArchive.Root}.7.1");
        dataset.Set(Tags.StudyInstanceUID, $"{QueryArchive.Root}.7");
        dataset.Set(Tags.PatientID, "P7");
        dataset.Set(Tags.PatientName, "Wang^XiaoDong=WANG^XD");
        dataset.Set(Tags.PatientBirthDate, "19850607");
        dataset.Set(Tags.PatientSex, "M");
        dataset.Set(Tags.StudyDate, "20240203");
        dataset.Set(Tags.StudyTime, "101530.25");
        dataset.Set(Tags.AccessionNumber, "acc7");
        dataset.Set(Tags.StudyID, "7");
        dataset.Set(Tags.Modality, "MR");
        dataset.Set(Tags.SeriesNumber, "1");
        dataset.Set(Tags.InstanceNumber, "1");
        dataset.Set(Tags.ReferringPhysicianName, "House^Gregory");
        var code = new DicomDataset();
        code.Set(Tags.CodeValue, "P5-09051");
        code.Set(Tags.CodingSchemeDesignator, "SRT");
        dataset.SetSequence(Tags.ProcedureCodeSequence, code);
        return await Wire.SaveAsync(_folder.Combine("coded.dcm"), dataset, cancellation);
    }
}

/// <summary>
/// The same queries put by findscu to dcmqrscp and to an archive of ours: the answers are the same, or they differ in a way that
/// docs/conformance.md explains.
/// </summary>
public sealed partial class DcmqrscpComparisonTests(TwoArchives archives) : IClassFixture<TwoArchives>
{
    private static readonly string[] PatientKeys = ["PatientID", "PatientName", "PatientBirthDate", "PatientSex"];
    private static readonly string[] StudyKeys = ["StudyInstanceUID", "StudyDate", "StudyTime", "AccessionNumber", "StudyID",
        "StudyDescription"];
    private static readonly string[] SeriesKeys = ["StudyInstanceUID", "SeriesInstanceUID", "Modality", "SeriesNumber"];
    private static readonly string[] ImageKeys = ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "InstanceNumber"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Model (Patient root, Study root, patient/study Only), level, keys. ~ is the root of the generated UIDs, {mr} the study of
    // MR_small.dcm.
    public static TheoryData<string> Same =>
    [
        "S STUDY", "S STUDY PatientID=1CT1", "S STUDY PatientID=*CT*", "S STUDY PatientID=?MR1", "S STUDY PatientID=nobody",
        "S STUDY PatientName=CompressedSamples*", "S STUDY PatientName=DOE^JOHN", "S STUDY PatientName=*^*", "S STUDY PatientName=?OE^J*",
        "S STUDY PatientName=*",
        "S STUDY StudyDate=20040119", "S STUDY StudyDate=20040101-20041231", "S STUDY StudyDate=-19991231", "S STUDY StudyDate=20240104-",
        "S STUDY StudyDate=20240104-20240104",
        "S STUDY StudyTime=120000-235959", "S STUDY StudyTime=-003000", "S STUDY StudyTime=233000", "S STUDY StudyTime=2330",
        "S STUDY StudyTime=101530.25",
        "S STUDY StudyDate=20240102 StudyTime=101500", "S STUDY StudyDate=20240103-20240104 StudyTime=000000-010000",
        "S STUDY AccessionNumber=ACC3", "S STUDY AccessionNumber=ACC*", "S STUDY AccessionNumber=acc1", "S STUDY StudyID=4MR1",
        "S STUDY StudyDescription=Study*", "S STUDY StudyDescription=Study_?",
        "S STUDY StudyInstanceUID=~.1", "S STUDY StudyInstanceUID=~.1\\{mr}", "S STUDY StudyInstanceUID=~.1\\~.2\\~.99",
        "S STUDY PatientName=Wang^XiaoDong=WANG*", "S STUDY ReferringPhysicianName=House*",
        "S SERIES StudyInstanceUID=~.1", "S SERIES StudyInstanceUID=~.1 Modality=SR", "S SERIES StudyInstanceUID=~.1 Modality=MR",
        "S SERIES StudyInstanceUID={mr} SeriesNumber=1",
        "S SERIES StudyInstanceUID={mr} Modality=*R", "S SERIES StudyInstanceUID=~.1 SeriesInstanceUID=~.1.2",
        "S IMAGE StudyInstanceUID=~.1 SeriesInstanceUID=~.1.1", "S IMAGE StudyInstanceUID=~.1 SeriesInstanceUID=~.1.1 InstanceNumber=1",
        "S IMAGE StudyInstanceUID=~.1 SeriesInstanceUID=~.1.1 InstanceNumber=9",
        "S IMAGE StudyInstanceUID=~.1 SeriesInstanceUID=~.1.1 SOPInstanceUID=~.1.1.1\\~.1.1.9",
        "S IMAGE StudyInstanceUID=~.1 SeriesInstanceUID=~.1.1 SOPClassUID=1.2.840.10008.5.1.4.1.1.2",
        "P PATIENT", "P PATIENT PatientID=P1", "P PATIENT PatientID=P*", "P PATIENT PatientName=DOE*", "P PATIENT PatientSex=M",
        "P PATIENT PatientBirthDate=19700101",
        "P PATIENT PatientBirthDate=19800101-19901231", "P STUDY PatientID=P1", "P STUDY PatientID=P1 StudyDate=20240103",
        "P STUDY PatientID=P1 StudyInstanceUID=~.1\\~.2\\~.3",
        "P SERIES PatientID=P1 StudyInstanceUID=~.1", "P SERIES PatientID=P1 StudyInstanceUID=~.1 SeriesInstanceUID=~.1.1\\~.1.2",
        "P SERIES PatientID=P2 StudyInstanceUID=~.1", "P IMAGE PatientID=P1 StudyInstanceUID=~.1 SeriesInstanceUID=~.1.1",
        "P IMAGE PatientID=P1 StudyInstanceUID=~.1 SeriesInstanceUID=~.1.1 SOPInstanceUID=~.1.1.2", "O PATIENT PatientID=P2",
        "O STUDY PatientID=P1",
    ];

    // The query, what dcmqrscp answers, what the archive answers: a status in findscu's words and the unique keys; "as" is another query.
    // Last the words under which docs/conformance.md explains it.
    public static TheoryData<string, string, string, string> Different => new()
    {
        { "S STUDY PatientName=doe^john", "Success", "Success ~.1 ~.2", "Case of names" },
        { "S STUDY PatientName=Wang^XiaoDong", "Success", "Success ~.7", "Component groups of names" },
        { "S STUDY PatientName=WANG^XD", "Success", "Success ~.7", "Component groups of names" },
        { "S STUDY PatientID=P1\\P2", "Success", "Success ~.1 ~.2 ~.3", "Several values in a key" },
        { "S STUDY StudyTime=10", "Success", "Success ~.1 ~.7", "An hour alone" },
        { "S STUDY ModalitiesInStudy=SR", "as S STUDY", "Success ~.1", "Keys that dcmqrscp does not hold" },
        { "S STUDY ProcedureCodeSequence[0].CodeValue=P5-09051", "as S STUDY", "Success ~.7", "Keys that dcmqrscp does not hold" },
        { "S SERIES", "Failed: UnableToProcess", "Error: DataSetDoesNotMatchSOPClass", "Status of a refusal" },
        { "S PATIENT PatientID=P1", "Failed: UnableToProcess", "Error: DataSetDoesNotMatchSOPClass", "Status of a refusal" },
        { "P STUDY", "Failed: UnableToProcess", "Error: DataSetDoesNotMatchSOPClass", "Status of a refusal" },
        { "S SERIES StudyInstanceUID=~.1\\~.2", "Success ~.1.1 ~.1.2 ~.2.1", "Error: DataSetDoesNotMatchSOPClass",
            "Lists and wildcards above the level" },
        { "P STUDY PatientID=P*", "Success ~.1 ~.2 ~.3 ~.4 ~.5 ~.6 ~.7", "Error: DataSetDoesNotMatchSOPClass",
            "Lists and wildcards above the level" },
        { "O SERIES PatientID=P1 StudyInstanceUID=~.1", "Success ~.1.1 ~.1.2", "Error: DataSetDoesNotMatchSOPClass",
            "Levels of Patient/Study Only" },
        { "S STUDY StudyDate=2024*", "Success", "Error: DataSetDoesNotMatchSOPClass", "Keys that can match nothing" },
        { "S STUDY StudyInstanceUID=~.*", "Success", "Error: DataSetDoesNotMatchSOPClass", "Keys that can match nothing" },
    };

    [Theory]
    [MemberData(nameof(Same))]
    public async Task The_answers_are_those_of_dcmqrscp(string query)
    {
        var (theirs, ours) = await archives.PortsAsync(Cancellation);
        var expected = await AskAsync(theirs, DcmqrscpServer.AETitle, query);
        var answered = await AskAsync(ours, BoxArchive.AETitle, query);
        Assert.Equal(expected, answered);
    }

    [Theory]
    [MemberData(nameof(Different))]
    public async Task The_answers_differ_from_dcmqrscp_just_as_the_conformance_statement_says(string query, string expectedTheirs,
        string expectedOurs, string explained)
    {
        var (theirs, ours) = await archives.PortsAsync(Cancellation);
        var (level, their) = (query.Split(' ')[1], await AskAsync(theirs, DcmqrscpServer.AETitle, query));
        Assert.Equal(expectedOurs, Brief(await AskAsync(ours, BoxArchive.AETitle, query), level));
        if (expectedTheirs.StartsWith("as ", StringComparison.Ordinal))
            Assert.Equal(await AskAsync(theirs, DcmqrscpServer.AETitle, expectedTheirs[3..]), their);
        else
            Assert.Equal(expectedTheirs, Brief(their, level));
        Assert.Contains($"| {explained} |", await File.ReadAllTextAsync(Conformance(), Cancellation), StringComparison.Ordinal);
    }

    private static string Conformance()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "docs", "conformance.md")))
                return Path.Combine(folder, "docs", "conformance.md");
        }

        throw new InvalidOperationException("docs/conformance.md was not found above the tests.");
    }

    private static string Brief(string[] answers, string level)
    {
        var unique =
            (level switch
            {
                "PATIENT" => "PatientID",
                "STUDY" => "StudyInstanceUID",
                "SERIES" => "SeriesInstanceUID",
                _ => "SOPInstanceUID"
            }) + "=";
        return string.Join(' ', answers.Take(1).Concat(answers.Skip(1).Select(answer =>
            answer.Split(" | ").Single(part => part.StartsWith(unique, StringComparison.Ordinal))[unique.Length..].Replace(
                QueryArchive.Root, "~", StringComparison.Ordinal))));
    }

    /// <summary>The final status in findscu's words, and the answers with all the keys of the level, in order.</summary>
    private async Task<string[]> AskAsync(int port, string title, string query)
    {
        var mr = DicomFileProbe.Read(Corpus.File("MR_small.dcm")).Header.GetString(Tags.StudyInstanceUID);
        var words = query.Replace("~", QueryArchive.Root, StringComparison.Ordinal).Replace("{mr}", mr, StringComparison.Ordinal).Split(' ')
            .Select(word => word.Replace('_', ' ')).ToArray();
        var given = words.Skip(2).ToDictionary(word => word.Split('=')[0], StringComparer.Ordinal);
        var returned = words[1] switch
        {
            "PATIENT" => PatientKeys,
            "STUDY" => words[0] == "S" ? [.. StudyKeys, .. PatientKeys] : ["PatientID", .. StudyKeys],
            "SERIES" => SeriesKeys,
            _ => ImageKeys,
        };
        // Only what was given of the levels above: an empty unique key would be a query over levels.
        string[] above = words[1] is "SERIES" or "IMAGE"
            ? ["PatientID", "StudyInstanceUID", .. words[1] == "IMAGE" ? new[] { "SeriesInstanceUID" } : []]
            : words[0] == "S" ? [] : ["PatientID"];
        var asked = given.Keys.Union(words[1] == "PATIENT" ? returned : returned.Except(above, StringComparer.Ordinal),
            StringComparer.Ordinal).Select(name => given.GetValueOrDefault(name, name));
        var folder = archives.AnswerFolder();
        var result = await PeerProcess.RunAsync(Programs.Findscu,
            ["-v", $"-{words[0]}", "-X", "-od", folder, "-aec", title, "-k", $"QueryRetrieveLevel={words[1]}",
                .. asked.SelectMany(key => new[] { "-k", key }), "127.0.0.1", $"{port}"], Cancellation);
        var answers = new List<string>();
        foreach (var file in Directory.GetFiles(folder))
        {
            var answer = (await DicomFile.OpenAsync(file, null, Cancellation)).Dataset;
            answers.Add(string.Join(" | ", returned.Select(name => $"{name}={answer.GetText(DicomDictionary.Find(name)!.Tag)?.Trim()}")));
        }

        var final = Final().Match(result.Output);
        Assert.True(final.Success, result.Output);
        return [final.Groups[1].Value, .. answers.Order(StringComparer.Ordinal)];
    }

    [GeneratedRegex(@"Received Final Find Response \((.*)\)")]
    private static partial Regex Final();
}
