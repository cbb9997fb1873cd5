using DicomPS.Scu;

namespace DicomPS.Engine.Tests.Transcripts;

/// <summary>Performed procedure steps, told and kept, as the wire has them.</summary>
public sealed class ProcedureStepTranscripts
{
    private const string Step = "1.2.3.9";

    [Fact]
    public async Task Procedure_step_is_made_ended_and_asked_for()
    {
        await using var transcript = new Transcript();
        var port = transcript.Listen(async peer =>
        {
            await peer.TakeAsync();
            // Some peers give the whole step back.
            var create = await peer.RequestAsync();
            await peer.AnswerAsync(create, 0, Peer.Explicit(Started()));
            await peer.AnswerAsync(await peer.RequestAsync(), 0);
            await peer.AnswerAsync(await peer.RequestAsync(), 0x0110, null, Peer.Comment("may no longer be updated"),
                (0x00000903, RawPeer.Short(0xA506)));
            await peer.ReleasedAsync();
        }, async peer =>
        {
            await peer.TakeAsync();
            await peer.AnswerAsync(await peer.RequestAsync(), 0, Peer.Explicit(Started()));
            await peer.ReleasedAsync();
        });
        await using (var scu = await ProcedureStepScu.ConnectAsync(Transcript.Call(port), Transcript.Token))
        {
            transcript.Add(await scu.CreateAsync(Step, Started(), Transcript.Token));
            transcript.Add(await scu.SetAsync(Step, Ended(), Transcript.Token));
            transcript.Add(await scu.SetAsync(Step, Ended(), Transcript.Token));
            await scu.ReleaseAsync(Transcript.Token);
        }

        await using (var scu = await ProcedureStepScu.ConnectToRetrieveAsync(Transcript.Call(port), Transcript.Token))
        {
            var (response, step) = await scu.GetAsync(Step, Transcript.Token);
            transcript.Add(response);
            Assert.Equal("CT", step?.GetString(Tags.Modality));
            await scu.ReleaseAsync(Transcript.Token);
        }

        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Server_keeps_a_procedure_step_until_it_has_ended()
    {
        await using var transcript = new Transcript();
        var scp = new ProcedureStepScp(new ProcedureSteps(), null, null);
        await using var server = DicomServer.Start(new DicomServerOptions(), new ServiceTable(scp.Rows));
        await transcript.CallAsync(server.Port, async peer =>
        {
            Assert.IsType<AssociateAc>(await peer.AskAsync(Uids.ModalityPerformedProcedureStep,
                Uids.ModalityPerformedProcedureStepRetrieve));
            await CreateAsync(1, Started());
            await CreateAsync(2, Started());
            var lacking = Started();
            lacking.Remove(Tags.Modality);
            await CreateAsync(3, lacking);
            await CreateAsync(4, Ended());
            // Who the patient is was settled when it began.
            var ended = Ended();
            ended.Set(Tags.PatientID, "ANOTHER");
            await SetAsync(5, Step, ended);
            await SetAsync(6, Step, ended);
            await SetAsync(7, "1.2.3.99", ended);
            await peer.SendMessageAsync(3,
                [(0x00000003, RawPeer.Text(Uids.ModalityPerformedProcedureStep)), (0x00000100, RawPeer.Short(0x0110)),
                    (0x00000110, RawPeer.Short(8)), (0x00000800, RawPeer.None), (0x00001001, RawPeer.Text(Step))], null);
            await peer.RequestAsync();
            await peer.ReleaseAsync();

            Task CreateAsync(ushort id, DicomDataset step) => AskAsync(CommandField.NCreateRequest, id, step,
                (0x00000002, RawPeer.Text(Uids.ModalityPerformedProcedureStep)), (0x00001000, RawPeer.Text(Step)));

            Task SetAsync(ushort id, string uid, DicomDataset step) => AskAsync(CommandField.NSetRequest, id, step,
                (0x00000003, RawPeer.Text(Uids.ModalityPerformedProcedureStep)), (0x00001001, RawPeer.Text(uid)));

            async Task AskAsync(CommandField field, ushort id, DicomDataset step, (uint, byte[]?) sopClass, (uint, byte[]?) instance)
            {
                await peer.SendMessageAsync(1, [sopClass, (0x00000100, RawPeer.Short((ushort)field)),
                    (0x00000110, RawPeer.Short(id)), (0x00000800, RawPeer.Some), instance], Peer.Explicit(step));
                await peer.RequestAsync();
            }
        });
        await transcript.CheckAsync();
    }

    private static DicomDataset Started()
    {
        var step = Peer.Data((Tags.PatientID, "1"), (Tags.Modality, "CT"), (Tags.PerformedProcedureStepID, "P1"),
            (Tags.PerformedStationAETitle, "CT1"), (Tags.PerformedProcedureStepStartDate, "20260102"),
            (Tags.PerformedProcedureStepStartTime, "0800"), (Tags.PerformedProcedureStepStatus, "IN PROGRESS"));
        step.SetSequence(Tags.ScheduledStepAttributesSequence,
            [Peer.Data((Tags.StudyInstanceUID, Peer.Study1), (Tags.ScheduledProcedureStepID, "S1"))]);
        return step;
    }

    private static DicomDataset Ended()
    {
        var changes = Peer.Data((Tags.PerformedProcedureStepEndDate, "20260102"), (Tags.PerformedProcedureStepEndTime, "0815"),
            (Tags.PerformedProcedureStepStatus, "COMPLETED"));
        changes.SetSequence(Tags.PerformedSeriesSequence,
            [Peer.Data((Tags.SeriesInstanceUID, Peer.Series1), (Tags.ProtocolName, "HEAD"))]);
        return changes;
    }
}
