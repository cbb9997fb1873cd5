using System.Runtime.CompilerServices;

namespace DicomPS.Engine.Tests.Transcripts;

/// <summary>Servers of the engine, called by a scripted peer, as the wire, the files and the events have it.</summary>
public sealed class ServerTranscripts
{
    private const string Find = Uids.StudyRootQueryRetrieveInformationModelFind, Move = Uids.StudyRootQueryRetrieveInformationModelMove,
        Get = Uids.StudyRootQueryRetrieveInformationModelGet;

    private static readonly DicomDataset Identifier = Peer.Data((Tags.QueryRetrieveLevel, "STUDY"), (Tags.StudyInstanceUID, Peer.Study1));

    [Fact]
    public async Task Server_stores_an_instance()
    {
        await using var transcript = new Transcript();
        await StoreAsync(transcript, DuplicatePolicy.Overwrite, Peer.Explicit(Peer.Image()));
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Server_replaces_an_instance_that_comes_again()
    {
        await using var transcript = new Transcript();
        var other = Peer.Image();
        other.Set(Tags.PatientID, "P2");
        await StoreAsync(transcript, DuplicatePolicy.Overwrite, Peer.Explicit(Peer.Image()), Peer.Explicit(other));
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Server_refuses_an_instance_that_comes_again()
    {
        await using var transcript = new Transcript();
        await StoreAsync(transcript, DuplicatePolicy.Reject, Peer.Explicit(Peer.Image()), Peer.Explicit(Peer.Image()));
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Server_refuses_a_dataset_that_ends_early()
    {
        await using var transcript = new Transcript();
        var whole = Peer.Explicit(Peer.Image());
        await StoreAsync(transcript, DuplicatePolicy.Overwrite, [.. whole.Take(whole.Length - 4)]);
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Server_refuses_an_instance_that_is_another()
    {
        await using var transcript = new Transcript();
        await StoreAsync(transcript, DuplicatePolicy.Overwrite, Peer.Explicit(Peer.Image(Peer.CT2)));
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Server_rejects_a_title_that_is_not_its_own()
    {
        await using var transcript = new Transcript();
        await using var server = Storage(transcript,
            options => options with { Server = options.Server with { AETitle = "ANOTHER", CheckCalledAETitle = true } });
        await transcript.CallAsync(server.Port, async peer => Assert.IsType<AssociateRj>(await peer.AskAsync(Uids.CTImageStorage)));
        await TellAsync(transcript, server);
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Server_refuses_a_class_that_it_does_not_serve()
    {
        await using var transcript = new Transcript();
        await using var server = Storage(transcript);
        await transcript.CallAsync(server.Port, async peer =>
        {
            Assert.IsType<AssociateAc>(await peer.AskAsync(Uids.CTImageStorage, Find));
            await peer.ReleaseAsync();
        });
        await TellAsync(transcript, server);
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Server_aborts_when_it_gets_a_PDU_that_there_is_not()
    {
        await using var transcript = new Transcript();
        await using var server = Storage(transcript);
        await transcript.CallAsync(server.Port, async peer =>
        {
            Assert.IsType<AssociateAc>(await peer.AskAsync(Uids.CTImageStorage));
            await peer.SendAsync(0x42, 2, 1, 2);
        });
        await TellAsync(transcript, server);
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Server_answers_an_echo()
    {
        await using var transcript = new Transcript();
        await using var server = Storage(transcript);
        await transcript.CallAsync(server.Port, async peer =>
        {
            Assert.IsType<AssociateAc>(await peer.AskAsync(Uids.Verification));
            await peer.SendRequestAsync(1, CommandField.CEchoRequest, 9, Uids.Verification);
            await peer.RequestAsync();
            await peer.ReleaseAsync();
        });
        await TellAsync(transcript, server);
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Server_finds_two_studies()
    {
        await using var transcript = new Transcript();
        await FindAsync(transcript, (_, identifier, _) => StudiesAsync(identifier), async peer =>
        {
            for (var i = 0; i < 3; i++)
                await peer.RequestAsync();
        });
        await transcript.CheckAsync();

        async IAsyncEnumerable<DicomDataset> StudiesAsync(DicomDataset identifier)
        {
            transcript.Say($"asked for {identifier.GetString(Tags.QueryRetrieveLevel)} {identifier.GetString(Tags.StudyInstanceUID)}");
            yield return Peer.Data((Tags.QueryRetrieveLevel, "STUDY"), (Tags.StudyInstanceUID, Peer.Study1), (Tags.PatientID, "P1"));
            await Task.Yield();
            yield return Peer.Data((Tags.QueryRetrieveLevel, "STUDY"), (Tags.StudyInstanceUID, "1.2.3.2"), (Tags.PatientID, "P2"));
        }
    }

    [Fact]
    public async Task Server_fails_to_find()
    {
        await using var transcript = new Transcript();
        await FindAsync(transcript, (_, _, _) => throw new ServiceException(0xA700, "the index is busy"), peer => peer.RequestAsync());
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Server_is_told_to_cancel_a_find()
    {
        await using var transcript = new Transcript();
        await FindAsync(transcript, (_, _, token) => EndlessAsync(token), async peer =>
        {
            await peer.RequestAsync();
            await peer.CancelAsync(1, 5);
            await peer.RequestAsync();
        });
        await transcript.CheckAsync();

        static async IAsyncEnumerable<DicomDataset> EndlessAsync([EnumeratorCancellation] CancellationToken token)
        {
            yield return Peer.Data((Tags.QueryRetrieveLevel, "STUDY"), (Tags.StudyInstanceUID, Peer.Study1));
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
        }
    }

    [Fact]
    public async Task Server_moves_two_instances_of_which_one_is_refused()
    {
        await using var transcript = new Transcript();
        var target = transcript.Listen(async peer =>
        {
            await peer.TakeAsync();
            await peer.AnswerAsync(await peer.RequestAsync(), 0);
            await peer.AnswerAsync(await peer.RequestAsync(), 0xA700);
            await peer.ReleasedAsync();
        });
        var items = await ItemsAsync(transcript);
        await RetrieveAsync(transcript, new ServiceHandlers
        {
            Move = (call, _, _) =>
            {
                transcript.Say($"moved to {call.Command.MoveDestination}");
                return Task.FromResult(new MovePlan(Transcript.Call(target), items));
            },
        }, async peer =>
        {
            Assert.IsType<AssociateAc>(await peer.AskAsync(Move));
            await peer.SendRequestAsync(1, CommandField.CMoveRequest, 5, Move, Peer.Explicit(Identifier),
                (0x00000600, RawPeer.Text("TARGET")), (0x00000700, RawPeer.Short(0)));
            while ((await peer.RequestAsync()).Command.Status == 0xFF00)
            {
                // A pending response.
            }
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Server_does_not_know_a_move_destination()
    {
        await using var transcript = new Transcript();
        await RetrieveAsync(transcript,
            new ServiceHandlers { Move = (_, _, _) => throw new ServiceException(0xA801, "Move destination TARGET is not known") },
            async peer =>
        {
            Assert.IsType<AssociateAc>(await peer.AskAsync(Move));
            await peer.SendRequestAsync(1, CommandField.CMoveRequest, 5, Move, Peer.Explicit(Identifier),
                (0x00000600, RawPeer.Text("TARGET")), (0x00000700, RawPeer.Short(0)));
            await peer.RequestAsync();
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Server_gives_two_instances_of_which_one_has_a_warning()
    {
        await using var transcript = new Transcript();
        var items = await ItemsAsync(transcript);
        await RetrieveAsync(transcript, new ServiceHandlers { Get = (_, _, _) => Task.FromResult(items) }, async peer =>
        {
            var role = new RoleSelection(Uids.CTImageStorage, Scu: false, Scp: true);
            Assert.IsType<AssociateAc>(await peer.AskAsync(
                [(Get, Uids.ExplicitVRLittleEndian), (Uids.CTImageStorage, Uids.ExplicitVRLittleEndian)], role));
            await peer.SendRequestAsync(1, CommandField.CGetRequest, 5, Get, Peer.Explicit(Identifier), (0x00000700, RawPeer.Short(0)));
            ushort status = 0;
            while (await peer.RequestAsync() is var message
                && (message.Command.Field == CommandField.CStoreRequest || message.Command.Status == 0xFF00))
            {
                if (message.Command.Field == CommandField.CStoreRequest)
                    await peer.AnswerAsync(message, status);
                status = 0xB000;
            }
        });
        await transcript.CheckAsync();
    }

    [Fact]
    public async Task Server_answers_a_normalized_service_through_a_row()
    {
        await using var transcript = new Transcript();
        var row = new ServiceRow(Uids.ModalityPerformedProcedureStep, CommandField.NCreateRequest, async (call, token) =>
        {
            var created = await call.Reader.ReadDatasetAsync(call.Message, null, token);
            transcript.Say($"created {call.Command.AffectedSopInstanceUid}: {created.GetString(Tags.PerformedProcedureStepStatus)}");
            return new ServiceReply(call.Command.Respond(0), created);
        }, 0x0110, 0x0110);
        await using var server = DicomServer.Start(new DicomServerOptions(), new ServiceTable([row]));
        await transcript.CallAsync(server.Port, async peer =>
        {
            Assert.IsType<AssociateAc>(await peer.AskAsync(Uids.ModalityPerformedProcedureStep));
            await peer.SendRequestAsync(1, CommandField.NCreateRequest, 3, Uids.ModalityPerformedProcedureStep,
                Peer.Explicit(Peer.Data((Tags.PerformedProcedureStepStatus, "IN PROGRESS"))), (0x00001000, RawPeer.Text("1.2.3.9")));
            await peer.RequestAsync();
            // There is no row for N-SET.
            await peer.SendRequestAsync(1, CommandField.NSetRequest, 4, Uids.ModalityPerformedProcedureStep,
                Peer.Explicit(Peer.Data((Tags.PerformedProcedureStepStatus, "COMPLETED"))), (0x00001000, RawPeer.Text("1.2.3.9")));
            await peer.RequestAsync();
            await peer.ReleaseAsync();
        });
        await transcript.CheckAsync();
    }

    private static StorageServer Storage(Transcript transcript, Func<StorageServerOptions, StorageServerOptions>? change = null)
    {
        var options = new StorageServerOptions
        {
            Folder = Path.Combine(transcript.Folder.Path, "in"),
            Server = new DicomServerOptions { AETitle = "OURS", Address = System.Net.IPAddress.Loopback },
        };
        return StorageServer.Start(change?.Invoke(options) ?? options);
    }

    // Each dataset is sent as CT1.
    private static async Task StoreAsync(Transcript transcript, DuplicatePolicy duplicates, params byte[][] datasets)
    {
        await using var server = Storage(transcript, options => options with { Duplicates = duplicates });
        await transcript.CallAsync(server.Port, async peer =>
        {
            Assert.IsType<AssociateAc>(await peer.AskAsync(Uids.CTImageStorage));
            ushort id = 0;
            foreach (var dataset in datasets)
            {
                await peer.StoreAsync(1, ++id, Peer.Image(), dataset);
                await peer.RequestAsync();
            }

            await peer.ReleaseAsync();
        });
        await TellAsync(transcript, server);
        transcript.AddFiles(server.Path);
    }

    private static async Task TellAsync(Transcript transcript, StorageServer server)
    {
        await server.StopAsync(Transcript.Patience);
        transcript.Say($"received {server.Received}, failed {server.Failed}, bytes {server.Bytes}, refused {server.Refused}");
        while (server.TryReceive(out var received))
            transcript.Add(received);
        foreach (var happened in server.GetEvents())
            transcript.Add(happened);
    }

    private static Task FindAsync(Transcript transcript, FindHandler find, Func<ScriptedPeer, Task> read) =>
        RetrieveAsync(transcript, new ServiceHandlers { Find = find }, async peer =>
        {
            Assert.IsType<AssociateAc>(await peer.AskAsync(Find));
            await peer.SendRequestAsync(1, CommandField.CFindRequest, 5, Find, Peer.Explicit(Identifier), (0x00000700, RawPeer.Short(0)));
            await read(peer);
        });

    private static async Task RetrieveAsync(Transcript transcript, ServiceHandlers handlers, Func<ScriptedPeer, Task> script)
    {
        await using var server = DicomServer.Start(new DicomServerOptions { AETitle = "OURS" }, handlers.ToTable());
        await transcript.CallAsync(server.Port, async peer =>
        {
            await script(peer);
            await peer.ReleaseAsync();
        });
    }

    private static async Task<IReadOnlyList<StoredInstance>> ItemsAsync(Transcript transcript)
    {
        var items = new List<StoredInstance>();
        foreach (var uid in new[] { Peer.CT1, Peer.CT2 })
            items.Add(new StoredInstance(await Instances.WriteAsync(transcript.Folder, Peer.Image(uid)), Uids.CTImageStorage, uid,
                Uids.ExplicitVRLittleEndian));
        return items;
    }
}
