using DicomPS.Matching;

namespace DicomPS.Engine.Tests.Transcripts;

/// <summary>Queries of a <see cref="QueryJob"/> as the wire and the results have it.</summary>
public sealed class FindTranscripts
{
    [Fact]
    public async Task Find_gives_two_studies()
    {
        await using var transcript = new Transcript();
        await FindAsync(transcript, Studies, async peer =>
        {
            await peer.TakeAsync();
            var request = await peer.RequestAsync();
            await peer.AnswerAsync(request, 0xFF00, Encode(request, Study(Peer.Study1, "20240102", "CT\\SR")));
            await peer.AnswerAsync(request, 0xFF00, Encode(request, Study("1.2.3.2", "20240103", "MR")));
            await peer.AnswerAsync(request, 0);
            await peer.ReleasedAsync();
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Find_gives_none()
    {
        await using var transcript = new Transcript();
        await FindAsync(transcript, Studies, async peer =>
        {
            await peer.TakeAsync();
            await peer.AnswerAsync(await peer.RequestAsync(), 0);
            await peer.ReleasedAsync();
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Find_gives_answers_that_leave_optional_keys_out()
    {
        await using var transcript = new Transcript();
        await FindAsync(transcript, Studies, async peer =>
        {
            await peer.TakeAsync();
            var request = await peer.RequestAsync();
            await peer.AnswerAsync(request, 0xFF01, Encode(request, Study(Peer.Study1, "20240102", "CT")));
            await peer.AnswerAsync(request, 0);
            await peer.ReleasedAsync();
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Find_fails_with_a_comment_after_an_answer()
    {
        await using var transcript = new Transcript();
        await FindAsync(transcript, Studies, async peer =>
        {
            await peer.TakeAsync();
            var request = await peer.RequestAsync();
            await peer.AnswerAsync(request, 0xFF00, Encode(request, Study(Peer.Study1, "20240102", "CT")));
            await peer.AnswerAsync(request, 0xC001, null, Peer.Comment("database is locked"), (0x00000901, [0x10, 0x00, 0x20, 0x00]));
            await peer.ReleasedAsync();
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Find_is_cancelled_after_the_first_answer()
    {
        await using var transcript = new Transcript();
        await FindAsync(transcript, Studies, async peer =>
        {
            await peer.TakeAsync();
            var request = await peer.RequestAsync();
            await peer.AnswerAsync(request, 0xFF00, Encode(request, Study(Peer.Study1, "20240102", "CT")));
            var cancel = await peer.RequestAsync();
            Assert.Equal(CommandField.CCancelRequest, cancel.Command.Field);
            await peer.AnswerAsync(request, 0xFE00);
            await peer.ReleasedAsync();
        }, first: true);
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Find_gives_answers_that_do_not_match()
    {
        await using var transcript = new Transcript();
        await FindAsync(transcript, Studies, async peer =>
        {
            await peer.TakeAsync();
            var request = await peer.RequestAsync();
            await peer.AnswerAsync(request, 0xFF00, Encode(request, Study(Peer.Study1, "19990102", "CT")));
            await peer.AnswerAsync(request, 0);
            await peer.ReleasedAsync();
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Find_gives_names_in_another_character_set()
    {
        await using var transcript = new Transcript();
        var keys = new DicomDataset();
        keys.SetCharacterSet("ISO_IR 100");
        keys.Set(Tags.PatientName, "M\u00DCLLER*");
        await FindAsync(transcript, new QueryRequest { Level = QueryLevel.Patient, Model = InformationModel.PatientRoot, Keys = keys },
            async peer =>
        {
            await peer.TakeAsync();
            var request = await peer.RequestAsync();
            var answer = new DicomDataset();
            answer.SetCharacterSet("ISO_IR 192");
            answer.Set(Tags.QueryRetrieveLevel, "PATIENT");
            answer.Set(Tags.PatientName, "M\u00DCLLER^J\u00D6RG");
            answer.Set(Tags.PatientID, "P2");
            await peer.AnswerAsync(request, 0xFF00, Encode(request, answer));
            await peer.AnswerAsync(request, 0);
            await peer.ReleasedAsync();
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Find_gives_steps_of_a_worklist()
    {
        await using var transcript = new Transcript();
        var step = Peer.Data((Tags.Modality, "CT"));
        var keys = new DicomDataset();
        keys.SetSequence(Tags.ScheduledProcedureStepSequence, [step]);
        await FindAsync(transcript, new QueryRequest { Level = QueryLevel.Worklist, Keys = keys }, async peer =>
        {
            await peer.TakeAsync();
            var request = await peer.RequestAsync();
            var answer = Peer.Data((Tags.PatientName, "PHANTOM^ONE"), (Tags.PatientID, "P1"), (Tags.AccessionNumber, "A1"),
                (Tags.StudyInstanceUID, Peer.Study1));
            answer.SetSequence(Tags.ScheduledProcedureStepSequence,
            [
                Peer.Data(
                    (Tags.Modality, "CT"), (Tags.ScheduledStationAETitle, "CT1"), (Tags.ScheduledProcedureStepStartDate, "20240102"),
                    (Tags.ScheduledProcedureStepStartTime, "081500"), (Tags.ScheduledProcedureStepID, "S1")),
            ]);
            await peer.AnswerAsync(request, 0xFF00, Encode(request, answer));
            await peer.AnswerAsync(request, 0);
            await peer.ReleasedAsync();
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Find_is_asked_again_after_an_abort()
    {
        await using var transcript = new Transcript();
        await FindAsync(transcript, Studies, [
            async peer =>
            {
                await peer.TakeAsync();
                await peer.RequestAsync();
                await peer.SendAsync(new Abort(0, 0));
            },
            async peer =>
            {
                await peer.TakeAsync();
                await peer.AnswerAsync(await peer.RequestAsync(), 0);
                await peer.ReleasedAsync();
            },
        ]);
        await transcript.CheckAsync();
    }

    private static QueryRequest Studies => new()
    {
        Keys = Peer.Data((Tags.PatientID, "P1")),
        After = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Unspecified),
        Before = new DateTime(2024, 2, 1, 0, 0, 0, DateTimeKind.Unspecified),
    };

    private static DicomDataset Study(string uid, string date, string modalities)
    {
        var study = Peer.Data(
            (Tags.QueryRetrieveLevel, "STUDY"), (Tags.StudyInstanceUID, uid), (Tags.StudyDate, date), (Tags.StudyTime, "101500"),
            (Tags.PatientName, "PHANTOM^ONE"),
            (Tags.PatientID, "P1"), (Tags.AccessionNumber, "A1"), (Tags.StudyDescription, "HEAD"),
            (Tags.NumberOfStudyRelatedInstances, "12"));
        study.Set(Tags.ModalitiesInStudy, modalities.Split('\\'));
        return study;
    }

    // The peer takes the first transfer syntax of each context.
    private static byte[] Encode((CommandSet Command, byte Context, byte[] Dataset) request, DicomDataset answer)
    {
        Assert.NotEmpty(request.Dataset);
        return Peer.Explicit(answer);
    }

    private static Task FindAsync(Transcript transcript, QueryRequest request, Func<ScriptedPeer, Task> script, bool first = false) =>
        FindAsync(transcript, request, [script], first);

    private static async Task FindAsync(Transcript transcript, QueryRequest request, Func<ScriptedPeer, Task>[] scripts, bool first = false)
    {
        var port = transcript.Listen(scripts);
        var options = new QueryJobOptions
        {
            Association = Transcript.Call(port),
            Node = Transcript.Node(port),
            RetryCount = scripts.Length - 1,
            RetryDelay = TimeSpan.FromMilliseconds(20),
        };
        await foreach (var value in new QueryJob(options, request).RunAsync(Transcript.Token))
        {
            transcript.Add(value);
            if (value is QueryFound found)
                transcript.Add(found.Result);
            if (first)
                break;
        }
    }
}
