using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Interop.Tests.Support;
using DicomPS.Part10;

namespace DicomPS.Interop.Tests.Archives;

/// <summary>
/// findscu -W against the worklist of an archive and against DCMTK's wlmscpfs, both with the same files, which pydicom wrote.
/// </summary>
public class WorklistTests(WorklistPeers peers) : IClassFixture<WorklistPeers>
{
    private const string Step = "ScheduledProcedureStepSequence[0].";

    // What begins with a dot is of the step. Several words are several keys; those without a value are asked for; + is a space.
    public static TheoryData<string> Same =>
    [
        "PatientID AccessionNumber .Modality .ScheduledProcedureStepID", "PatientID=P1 .Modality", "PatientName=DOE* .Modality",
        "PatientName=?OE* .Modality",
        "PatientName .Modality=CT .ScheduledStationAETitle", "PatientName .Modality=MR .ScheduledStationAETitle=SCANNER2",
        "PatientName .ScheduledProcedureStepStartDate=20240103", "PatientName .ScheduledProcedureStepStartDate=20240102-20240103",
        "PatientID .ScheduledProcedureStepStartDate=20240103-", "PatientName .ScheduledProcedureStepStartDate=-20240103",
        "PatientName .ScheduledProcedureStepStartTime=0800-0930", "PatientName .ScheduledProcedureStepStartTime=0900",
        "PatientName .ScheduledProcedureStepStartTime=10",
        "PatientName .ScheduledProcedureStepStartDate=20240102-20240103 .ScheduledProcedureStepStartTime=0900-1000",
        "PatientName .ScheduledProcedureStepStartDate=20240102-20240105 .ScheduledProcedureStepStartTime=0900",
        "PatientName .ScheduledPerformingPhysicianName=GREY*", "AccessionNumber=A3 .ScheduledProcedureStepDescription",
        "RequestedProcedureID=RS2 StudyInstanceUID",
        "PatientID=P1 InstitutionName PatientWeight", "PatientID=nobody", "PatientID PatientSex=O PatientBirthDate=19700101",
    ];

    // Where wlmscpfs does not match, or matches by another rule: docs/conformance.md names each.
    public static TheoryData<string, string> Other => new()
    {
        { "PatientName=doe^john PatientID", "PatientName=DOE^JOHN | PatientID=P1" },
        { "PatientID .ScheduledStationAETitle=SCANNER?",
            "PatientID=P1 | .ScheduledStationAETitle=SCANNER1;PatientID=P2 | .ScheduledStationAETitle=SCANNER2;"
            + "PatientID=P3 | .ScheduledStationAETitle=SCANNER1" },
        { "PatientID=?4 PatientSex", "PatientID=P4 | PatientSex=O" },
        { "PatientID StudyInstanceUID=1.2.9.1", "PatientID=P1 | StudyInstanceUID=1.2.9.1" },
        { "PatientID .ScheduledProcedureStepDescription=HE*", "PatientID=P2 | .ScheduledProcedureStepDescription=HEAD" },
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Same))]
    public async Task Answers_are_those_of_wlmscpfs(string query)
    {
        using var folder = new TempFolder();

        var expected = await AskAsync(await peers.ReferenceAsync(), query, folder.Subfolder("expected"));
        var answered = await AskAsync(await peers.ArchiveAsync(), query, folder.Subfolder("answered"));

        Assert.Equal(expected, answered);
    }

    [Theory]
    [MemberData(nameof(Other))]
    public async Task Every_attribute_matches_by_the_rules_of_the_standard(string query, string expected)
    {
        using var folder = new TempFolder();

        var answered = await AskAsync(await peers.ArchiveAsync(), query, folder.Subfolder("answered"));

        Assert.Equal(expected.Split(';'), answered);
    }

    [Fact]
    public async Task Of_a_code_sequence_in_the_step_what_is_asked_for_matches_and_comes_back()
    {
        using var folder = new TempFolder();

        _ = await AskAsync(await peers.ArchiveAsync(), "PatientID .ScheduledProtocolCodeSequence[0].CodeValue=CS2",
            folder.Subfolder("answered"));

        var answer = Assert.Single(await AnswersAsync(folder.Combine("answered")));
        var code =
            Assert.Single(Assert.Single(answer.GetItems(Tags.ScheduledProcedureStepSequence)).GetItems(Tags.ScheduledProtocolCodeSequence));
        Assert.Equal(("P2", "CS2", 1), (answer.GetString(Tags.PatientID), code.GetString(Tags.CodeValue), code.Count));
    }

    [Fact]
    public async Task Names_come_in_a_character_set_that_the_answer_declares()
    {
        using var folder = new TempFolder();

        _ = await AskAsync(await peers.ArchiveAsync(), "PatientID=P5 PatientName", folder.Subfolder("utf8"));
        _ = await AskAsync(await peers.ArchiveAsync(), "SpecificCharacterSet=ISO_IR+100 PatientID=P5 PatientName",
            folder.Subfolder("latin"));

        foreach (var (set, name) in new[] { ("ISO_IR 192", "utf8"), ("ISO_IR 100", "latin") })
        {
            var answer = Assert.Single(await AnswersAsync(folder.Combine(name)));
            Assert.Equal((set, "Müller^Jörg"), (answer.GetString(Tags.SpecificCharacterSet), answer.GetString(Tags.PatientName)));
        }
    }

    [Fact]
    public async Task An_identifier_with_two_steps_is_refused()
    {
        var asked = await PeerProcess.RunAsync(Programs.Findscu,
            ["-W", "-d", "-k", $"{Step}Modality=CT", "-k", "ScheduledProcedureStepSequence[1].Modality=MR", "127.0.0.1",
                $"{await peers.ArchiveAsync()}"], Cancellation);

        Assert.Contains("0xa900", asked.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("2 items", asked.Output, StringComparison.Ordinal);
    }

    private static async Task<string[]> AskAsync(int port, string query, string folder)
    {
        var words = query.Split(' ');
        var keys = words.SelectMany(word => new[] { "-k", word.StartsWith('.') ? Step + word[1..] : word.Replace('+', ' ') });
        var result = await PeerProcess.RunAsync(Programs.Findscu,
            ["-W", "-X", "-od", folder, "-aec", WorklistPeers.AETitle, .. keys, "127.0.0.1", $"{port}"], Cancellation);
        Assert.True(result.ExitCode == 0, result.Output);
        var answers = new List<string>();
        foreach (var answer in await AnswersAsync(folder))
            answers.Add(string.Join(" | ", words.Select(word => word.Split('=')[0]).Where(name => !name.Contains('['))
                .Select(name => $"{name}={Value(answer, name)}")));
        return [.. answers.Order(StringComparer.Ordinal)];
    }

    private static async Task<List<DicomDataset>> AnswersAsync(string folder)
    {
        var answers = new List<DicomDataset>();
        foreach (var file in Directory.GetFiles(folder))
            answers.Add((await DicomFile.OpenAsync(file, null, Cancellation)).Dataset);
        return answers;
    }

    private static string Value(DicomDataset answer, string name)
    {
        var tag = DicomDictionary.Find(name.TrimStart('.'))!.Tag;
        var holder = name.StartsWith('.') ? Assert.Single(answer.GetItems(Tags.ScheduledProcedureStepSequence)) : answer;
        Assert.True(holder.Contains(tag), $"{name} is not in the answer");
        return holder.GetText(tag)?.Trim() ?? "";
    }
}
