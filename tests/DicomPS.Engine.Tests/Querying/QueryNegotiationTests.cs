using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;
using DicomPS.Matching;
using DicomPS.Pdus;
using DicomPS.Querying;
using static DicomPS.Engine.Tests.Querying.QueryBench;

namespace DicomPS.Engine.Tests.Querying;

public class QueryNegotiationTests
{
    private static readonly DateTime Start = new(2024, 1, 1, 22, 0, 0, DateTimeKind.Unspecified);

    [Theory]
    [InlineData(QueryLevel.Study, InformationModel.StudyRoot, Uids.StudyRootQueryRetrieveInformationModelFind, null)]
    [InlineData(QueryLevel.Study, InformationModel.StudyRoot, Uids.PatientRootQueryRetrieveInformationModelFind, "Study Root")]
    [InlineData(QueryLevel.Study, InformationModel.PatientRoot, Uids.StudyRootQueryRetrieveInformationModelFind, "Patient Root")]
    [InlineData(QueryLevel.Study, InformationModel.PatientStudyOnly, Uids.PatientStudyOnlyQueryRetrieveInformationModelFind, null)]
    [InlineData(QueryLevel.Series, InformationModel.PatientStudyOnly, Uids.PatientRootQueryRetrieveInformationModelFind, null)]
    [InlineData(QueryLevel.Patient, InformationModel.StudyRoot, Uids.PatientRootQueryRetrieveInformationModelFind, null)]
    [InlineData(QueryLevel.Patient, InformationModel.StudyRoot, Uids.PatientStudyOnlyQueryRetrieveInformationModelFind, "Patient Root")]
    [InlineData(QueryLevel.Patient, InformationModel.PatientRoot, Uids.StudyRootQueryRetrieveInformationModelFind, "patients at the top")]
    public async Task A_model_that_the_peer_has_is_used_and_said_when_it_is_another_one(
        QueryLevel level, InformationModel model, string served,
        string? said)
    {
        DicomDataset? asked = null;
        await using var server = Script(Archive([Study(1, patient: "A"), Study(2, patient: "A")], asked: keys => asked = keys), served);
        var outcome = await AskAsync(server, new QueryRequest { Level = level, Model = model });
        Assert.Empty(outcome.Problems);
        if (said is null)
            Assert.Empty(outcome.Notices);
        else
            Assert.Contains(said, Assert.Single(outcome.Notices).Message);
        if (level == QueryLevel.Patient)
            Assert.Equal(served == Uids.StudyRootQueryRetrieveInformationModelFind ? 1 : 2, outcome.Results.Count);
        if (level != QueryLevel.Patient && served == Uids.PatientRootQueryRetrieveInformationModelFind)
            Assert.Equal((true, false), (asked!.Contains(Tags.PatientID), asked.Contains(Tags.PatientName)));
    }

    [Theory]
    [InlineData(QueryLevel.Study)]
    [InlineData(QueryLevel.Worklist)]
    public async Task A_peer_that_takes_no_queries_says_so_with_an_advice(QueryLevel level)
    {
        await using var server = Script(Archive([]), Uids.HangingProtocolInformationModelFind);
        var problem = Assert.Single((await AskAsync(server, new QueryRequest { Level = level })).Problems);
        Assert.Equal(DicomStage.PresentationContext, problem.Stage);
        Assert.NotNull(problem.Advice);
    }

    [Fact]
    public async Task What_the_peer_does_not_agree_to_is_said_one_by_one()
    {
        await using var server = Script(Archive([]));
        var outcome =
            await AskAsync(server, new QueryRequest { Relational = true, FuzzyNames = true, DateTimeMatching = true, TimeZone = "+0100" });
        Assert.Equal(["relational", "date and time", "fuzzy", "time zones"], outcome.Notices.Select(notice =>
            new[] { "relational", "date and time", "fuzzy", "time zones" }.Single(notice.Message.Contains)));
    }

    [Fact]
    public async Task The_wishes_go_out_in_their_bytes_and_an_agreed_range_is_one_query()
    {
        DicomDataset? asked = null;
        byte[]? wishes = null;
        await using var peer = ScriptedPeer.Listen(async p =>
        {
            var request = await p.ReadAsync<AssociateRq>();
            var item = request.UserItems.OfType<SopClassExtendedNegotiation>()
                .First(i => i.SopClassUid == Uids.StudyRootQueryRetrieveInformationModelFind);
            wishes = item.Information.ToArray();
            var answer = ScriptedPeer.Answer(request);
            await p.SendAsync(answer with { UserItems = [.. answer.UserItems, item] });
            (var id, asked) = await ReadRequestAsync(p);
            await RespondAsync(p, id, 0x0000);
            await p.ReadAsync<ReleaseRq>();
            await p.SendAsync(new ReleaseRp());
        });
        var outcome = await AskAsync(Options(peer.Port),
            new QueryRequest { DateTimeMatching = true, TimeZone = "+0100", After = Start, Before = Start.AddHours(50) });
        Assert.Equal([0, 1, 0, 1], wishes);
        Assert.Empty(outcome.Notices);
        Assert.Equal(1, outcome.Summary!.Queries);
        Assert.Equal(("20240101-20240103", "220000-235959.999999", "+0100"),
            (asked!.GetString(Tags.StudyDate), asked.GetString(Tags.StudyTime), asked.GetString(Tags.TimezoneOffsetFromUTC)));
    }

    [Theory]
    [InlineData(true, false, new byte[] { 1, 1, 1, 0 })]
    [InlineData(false, true, new byte[] { 1, 1, 0, 1 })]
    [InlineData(false, false, null)]
    public async Task The_reserved_bytes_of_a_worklist_are_1_and_agree_to_nothing(bool fuzzy, bool timeZone, byte[]? expected)
    {
        byte[]? wishes = null;
        await using var peer = ScriptedPeer.Listen(async p =>
        {
            var request = await p.ReadAsync<AssociateRq>();
            wishes = request.UserItems.OfType<SopClassExtendedNegotiation>().SingleOrDefault()?.Information.ToArray();
            var answer = ScriptedPeer.Answer(request);
            await p.SendAsync(
                answer with
                {
                    UserItems = [.. answer.UserItems,
                    .. request.UserItems.OfType<SopClassExtendedNegotiation>()
                        .Select(item => item with { Information = new byte[item.Information.Length] })]
                });
            (var id, _) = await ReadRequestAsync(p);
            await RespondAsync(p, id, 0x0000);
            await p.ReadAsync<ReleaseRq>();
            await p.SendAsync(new ReleaseRp());
        });
        var outcome = await AskAsync(Options(peer.Port), new QueryRequest
        {
            Level = QueryLevel.Worklist,
            FuzzyNames = fuzzy,
            TimeZone = timeZone ? "+0100" : null,
            Relational = true,
            DateTimeMatching = true,
            After = Start,
            Before = Start.AddHours(50),
        });
        Assert.Equal(expected, wishes);
        // Ranges of date and time are one range there, whatever those bytes say; so it is one query.
        Assert.Equal(1, outcome.Summary!.Queries);
        Assert.Equal((fuzzy ? 1 : 0) + (timeZone ? 1 : 0), outcome.Notices.Count);
    }

    [Fact]
    public async Task A_worklist_is_asked_in_its_step_and_given_flat()
    {
        DicomDataset? asked = null;
        var step = new DicomDataset();
        step.Set(Tags.Modality, "MR");
        step.Set(Tags.ScheduledStationAETitle, "SCANNER1");
        step.Set(Tags.ScheduledProcedureStepStartDate, "20240102");
        step.Set(Tags.ScheduledProcedureStepStartTime, "0815");
        step.Set(Tags.ScheduledPerformingPhysicianName, "GREY^M");
        step.Set(Tags.ScheduledProcedureStepID, "S1");
        var second = new DicomDataset();
        second.Set(Tags.ScheduledProcedureStepID, "S2");
        var item = new DicomDataset();
        item.Set(Tags.PatientName, "DOE^J");
        item.Set(Tags.StudyInstanceUID, "1.2.9");
        item.SetSequence(Tags.ScheduledProcedureStepSequence, step, second);
        await using var server = Script(async (call, _) =>
        {
            asked = call.Identifier;
            await call.Writer.SendAsync(call.Message.Context, call.Command.Respond(0xFF00), item, CancellationToken.None);
            return call.Command.Respond(0);
        }, Uids.ModalityWorklistInformationModelFind);
        var keys = new DicomDataset();
        keys.Set(Tags.Modality, "MR");
        keys.Set(Tags.PatientName, "DOE*");
        var outcome = await AskAsync(server, new QueryRequest
        {
            Level = QueryLevel.Worklist,
            Keys = keys,
            After = Start.Date,
            Before = Start.Date.AddDays(3),
            ReturnKeys = [Tags.ScheduledProtocolCodeSequence, Tags.PatientWeight],
        });
        var askedStep = Assert.Single(asked!.GetItems(Tags.ScheduledProcedureStepSequence));
        Assert.Equal(("MR", "20240101-20240103", "DOE*"),
            (askedStep.GetString(Tags.Modality), askedStep.GetString(Tags.ScheduledProcedureStepStartDate),
                asked.GetString(Tags.PatientName)));
        Assert.True(askedStep.Contains(Tags.ScheduledProtocolCodeSequence) && asked.Contains(Tags.PatientWeight));
        Assert.False(asked.Contains(Tags.QueryRetrieveLevel) || asked.Contains(Tags.Modality));
        var items = outcome.Results.Cast<WorklistItem>().ToList();
        Assert.Equal(["S1", "S2"], items.Select(i => i.ProcedureStepID));
        Assert.Equal((new DateTime(2024, 1, 2, 8, 15, 0), "MR", "SCANNER1", "GREY^M", "DOE^J", "1.2.9"),
            (items[0].ScheduledDate, items[0].Modality, items[0].StationAETitle, items[0].PerformingPhysician, items[0].PatientName,
                items[0].StudyInstanceUID));
    }
}
