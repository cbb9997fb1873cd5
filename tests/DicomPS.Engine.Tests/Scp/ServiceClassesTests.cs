using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;
using DicomPS.Scp;
using DicomPS.Serialization;

namespace DicomPS.Engine.Tests.Scp;

/// <summary>
/// Every SOP class of every service, asked over a real association: accepted, answered, and failing with the statuses of its own
/// service.
/// </summary>
public sealed class ServiceClassesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<DicomService, CommandField> Operations
    {
        get
        {
            var rows = new TheoryData<DicomService, CommandField>();
            foreach (var operation in Enum.GetValues<DicomService>().SelectMany(ServiceClasses.Operations))
                rows.Add(operation.Service, operation.Request);
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Each_class_is_accepted_and_its_request_answered(DicomService service, CommandField request)
    {
        var operation = ServiceClasses.Operations(service).Single(o => o.Request == request);
        var stored = await StoredAsync(service);
        await using var receiver = DicomServer.Start(new DicomServerOptions(), new ServiceHandlers
        {
            Services = [DicomService.Storage, DicomService.NonPatientObject],
            Store = (call, _, _) => call.Reply(0),
        }.ToTable());
        await using var server = Serve(service, new ServiceHandlers
        {
            Store = (call, _, _) => call.Reply(0),
            Find = (_, identifier, _) => OneAsync(identifier),
            Move = (call, _, _) => Task.FromResult(new MovePlan(Options(receiver.Port), [stored])),
            Get = (_, _, _) => Task.FromResult<IReadOnlyList<StoredInstance>>([stored]),
        });

        await ForEachClassAsync(server.Port, operation, stored.SopClassUid, async (association, context) =>
        {
            var responses = await AskAsync(association, context, request, Identifier(context));
            Assert.Equal(0, responses[^1].Command.Status!.Value);
            if (request == CommandField.CFindRequest)
            {
                Assert.Equal([0xFF00, 0], responses.Select(r => (int)r.Command.Status!.Value));
                Assert.Equal("1.2.3", responses[0].Dataset!.GetString(Tags.SOPInstanceUID));
            }
            else if (request is CommandField.CMoveRequest or CommandField.CGetRequest)
            {
                Assert.Equal(((ushort?)1, (ushort?)0, (ushort?)0, (ushort?)null),
                    (responses[^1].Command.Completed, responses[^1].Command.Failed, responses[^1].Command.Warning,
                        responses[^1].Command.Remaining));
            }
        });
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task A_failing_handler_an_unreadable_dataset_and_a_strange_operation_have_the_statuses_of_the_service(DicomService service,
        CommandField request)
    {
        var operation = ServiceClasses.Operations(service).Single(o => o.Request == request);
        await using var server = Serve(service, new ServiceHandlers
        {
            Echo = (_, _) => throw new HandlerException("not today"),
            Store = (_, _, _) => throw new HandlerException("not today"),
            Find = (_, _, _) => throw new HandlerException("not today"),
            Move = (_, _, _) => throw new HandlerException("not today"),
            Get = (_, _, _) => throw new HandlerException("not today"),
        });

        await ForEachClassAsync(server.Port, operation, null, async (association, context) =>
        {
            var failed = Assert.Single(await AskAsync(association, context, request, Identifier(context)));
            Assert.Equal(((ushort?)operation.FailureStatus, "The handler failed; see the server's own messages"),
                (failed.Command.Status, failed.Command.ErrorComment));
            if (request != CommandField.CEchoRequest)
            {
                byte[] broken = [0x08, 0x00, 0x52, 0x00, (byte)'C', (byte)'S', 0xFF, 0x7F, 0x20, 0x20];
                Assert.Equal(operation.UnreadableStatus,
                    Assert.Single(await AskAsync(association, context, request, broken)).Command.Status);
            }

            // 0211H: no such operation (PS3.7 C.5.18).
            var other = request == CommandField.CEchoRequest ? CommandField.CFindRequest : CommandField.CEchoRequest;
            Assert.Equal(0x0211,
                Assert.Single(await AskAsync(association, context, other,
                    other == CommandField.CEchoRequest ? null : Identifier(context))).Command.Status!.Value);
        });
    }

    private static DicomServer Serve(DicomService service, ServiceHandlers handlers) =>
        DicomServer.Start(new DicomServerOptions(), (handlers with { Services = [service] }).ToTable());

    private static AssociationOptions Options(int port, params PresentationContextProposal[] contexts) =>
        AssociationOptions.For(new DicomNode
        {
            AETitle = "SCP", HostName = "127.0.0.1",
            Port = port
        }) with
        { PresentationContexts = contexts };

    // As many associations as the contexts of the classes need; C-GET has one more, for what comes back.
    private static async Task ForEachClassAsync(int port, ServiceOperation operation, string? storage,
        Func<Association, AcceptedContext, Task> ask)
    {
        foreach (var classes in operation.SopClassUids.Chunk(100))
        {
            var contexts = classes.Select(uid => new PresentationContextProposal(uid, [Uids.ExplicitVRLittleEndian])).ToList();
            if (operation.Request == CommandField.CGetRequest && storage is { })
                contexts.Add(new PresentationContextProposal(storage, [Uids.ExplicitVRLittleEndian]) { ScuRole = false, ScpRole = true });
            await using var association = await Association.ConnectAsync(Options(port, [.. contexts]), Token);
            foreach (var uid in classes)
            {
                var context = association.AcceptedContexts.FirstOrDefault(c => c.AbstractSyntax == uid);
                Assert.True(context is { }, $"{DicomDictionary.NameOf(uid)} is not accepted.");
                await ask(association, context);
            }

            await association.ReleaseAsync(Token);
        }
    }

    // The kind of object that the service is about.
    private async Task<StoredInstance> StoredAsync(DicomService service)
    {
        var sopClass = service switch
        {
            DicomService.HangingProtocol => Uids.HangingProtocolStorage,
            DicomService.DefinedProcedureProtocol => Uids.CTDefinedProcedureProtocolStorage,
            DicomService.ColorPalette => Uids.ColorPaletteStorage,
            DicomService.ImplantTemplate => Uids.GenericImplantTemplateStorage,
            DicomService.ProtocolApproval => Uids.ProtocolApprovalStorage,
            DicomService.Inventory => Uids.InventoryStorage,
            _ => Uids.CTImageStorage,
        };
        var dataset = Instances.Dataset(sopClass);
        return new StoredInstance(await Instances.WriteAsync(_folder, dataset), sopClass, dataset.GetString(Tags.SOPInstanceUID)!,
            Uids.ExplicitVRLittleEndian);
    }

    // An instance for C-STORE, a key for the others: both have a SOP instance.
    private static byte[] Identifier(AcceptedContext context)
    {
        var dataset = new DicomDataset();
        dataset.Set(Tags.SOPClassUID, context.AbstractSyntax);
        dataset.Set(Tags.SOPInstanceUID, "1.2.3");
        return DatasetWriter.ToArray(dataset, TransferSyntax.ExplicitVRLittleEndian);
    }

    private static async IAsyncEnumerable<DicomDataset> OneAsync(DicomDataset identifier)
    {
        await Task.Yield();
        yield return identifier;
    }

    private static async Task<List<(CommandSet Command, DicomDataset? Dataset)>> AskAsync(Association association, AcceptedContext context,
        CommandField field, byte[]? dataset)
    {
        var writer = new DimseWriter(association);
        var reader = new DimseReader(association);
        var request = new CommandSet
        {
            Field = field,
            MessageId = 7,
            AffectedSopClassUid = context.AbstractSyntax,
            AffectedSopInstanceUid = field == CommandField.CStoreRequest ? "1.2.3" : null,
            MoveDestination = field == CommandField.CMoveRequest ? "OTHER" : null,
            Priority = field == CommandField.CEchoRequest ? null : DicomPriority.Medium,
        };
        if (dataset is null || field == CommandField.CEchoRequest)
            await writer.SendAsync(context, request, Token);
        else
            await writer.SendAsync(context, request, (sink, token) => sink.WriteAsync(dataset, true, token).AsTask(), Token);
        var responses = new List<(CommandSet, DicomDataset?)>();
        while (true)
        {
            var message = await reader.ReceiveAsync(Token);
            Assert.NotNull(message);
            if (!message.Command.IsResponse)
            {
                // A sub-operation of C-GET.
                while (await reader.ReadDataAsync(Token) is { })
                    Assert.Equal(CommandField.CStoreRequest, message.Command.Field);
                await writer.SendAsync(message.Context, message.Command.Respond(0), Token);
                continue;
            }

            responses.Add((message.Command, message.Command.HasDataset ? await reader.ReadDatasetAsync(message, null, Token) : null));
            if (DimseStatus.CategoryOf(message.Command.Status) != DimseStatusCategory.Pending)
                return responses;
        }
    }
}
