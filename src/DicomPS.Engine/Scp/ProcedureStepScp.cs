using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Scu;
using DicomPS.Text;

namespace DicomPS.Scp;

/// <summary>Keeps performed procedure steps (PS3.4 F.7: N-CREATE, N-SET) and gives them back (F.8: N-GET).</summary>
/// <param name="steps">Where they are kept.</param>
/// <param name="created">Decides about N-CREATE; null takes each.</param>
/// <param name="changed">Decides about N-SET; null takes each.</param>
internal sealed class ProcedureStepScp(ProcedureSteps steps, ProcedureStepHandler? created, ProcedureStepHandler? changed)
{
    // PS3.4 F.7.2.2.2: Performed Procedure Step Object may no longer be updated.
    private const ushort NoLongerUpdated = 0xA506;

    // N-GET: some of what was asked for is not there (PS3.4 table F.8.2-2).
    private const ushort NotAllSupported = 0x0001;

    /// <summary>
    /// Whether an N-SET for a step that is not kept goes to the handler, which may know it from elsewhere. Default false refuses it.
    /// </summary>
    public bool HandsOnUnknown { get; init; }

    /// <summary>Told of a step that ends without what it must have then; it is taken all the same. Null is silent.</summary>
    public Action<ServiceCall, string>? Incomplete { get; init; }

    /// <summary>What is done about a step that was kept, once its sender knows. Null does nothing.</summary>
    public Func<ProcedureStepRequest, CancellationToken, Task>? Kept { get; init; }

    /// <summary>The rows for a <see cref="ServiceTable"/>.</summary>
    public IReadOnlyList<ServiceRow> Rows =>
    [
        Row(Uids.ModalityPerformedProcedureStep, CommandField.NCreateRequest, CreateAsync),
        Row(Uids.ModalityPerformedProcedureStep, CommandField.NSetRequest, SetAsync),
        Row(Uids.ModalityPerformedProcedureStepRetrieve, CommandField.NGetRequest, GetAsync),
    ];

    private static ServiceRow Row(string sopClassUid, CommandField request, ServiceHandler handler) => new(
        sopClassUid, request, handler, Statuses.ProcessingFailure, Statuses.ProcessingFailure)
    {
        StatusTable = StatusTable.ProcedureStep,
    };

    private async Task<ServiceReply> CreateAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        CheckClass(call.Command.AffectedSopClassUid, call);
        var step = await ReadAsync(call, cancellationToken).ConfigureAwait(false);
        // A peer that names no instance has one named for it (PS3.7 10.1.5.1.4).
        var uid = call.Command.AffectedSopInstanceUid is { Length: > 0 } named ? Usable(named) : Uid.New();
        var command = call.Command with { AffectedSopInstanceUid = uid };
        if (ProcedureStepRules.MissingAtStart(step) is { } missing)
        {
            throw new ServiceException(HasElement(step, missing) ? Statuses.MissingAttributeValue : Statuses.MissingAttribute,
                $"{DicomDictionary.KeywordOf(missing)} is missing or empty")
            { OffendingElements = [missing.Value] };
        }

        if (step.GetString(Tags.PerformedProcedureStepStatus) is var state && state != ProcedureStepState.InProgress)
            throw BadState("A new procedure step is IN PROGRESS");
        step.SetCharacterSet("ISO_IR 192");
        return await AloneAsync(uid, async () =>
        {
            if (steps.Find(uid) is { })
                throw new ServiceException(Statuses.DuplicateSopInstance, "The procedure step is here already");
            var request = new ProcedureStepRequest(call, uid, state, step, step);
            return await DecideAsync(created, request, command, step, cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    private async Task<ServiceReply> SetAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        CheckClass(call.Command.RequestedSopClassUid, call);
        var changes = await ReadAsync(call, cancellationToken).ConfigureAwait(false);
        var uid = Usable(call.Command.RequestedSopInstanceUid ?? "");
        var said = changes.GetString(Tags.PerformedProcedureStepStatus);
        if (changes.Contains(Tags.PerformedProcedureStepStatus) && !ProcedureStepState.IsOne(said))
            throw BadState("The status is IN PROGRESS, COMPLETED or DISCONTINUED");
        changes.SetCharacterSet("ISO_IR 192");
        return await AloneAsync(uid, async () =>
        {
            if (steps.Find(uid) is not { } kept)
            {
                return HandsOnUnknown && changed is { }
                    ? await changed(new ProcedureStepRequest(call, uid, said, changes, null), cancellationToken).ConfigureAwait(false)
                    : throw new ServiceException(Statuses.NoSuchSopInstance, "There is no such procedure step");
            }

            if (ProcedureStepState.IsFinal(kept.State))
            {
                throw new ServiceException(Statuses.ProcessingFailure, "Performed Procedure Step Object may no longer be updated")
                {
                    ErrorId = NoLongerUpdated,
                    Detail = $"The procedure step {uid} is {kept.State} and changes no more.",
                };
            }

            var step = steps.Read(uid)!;
            foreach (var element in changes.Where(element => ProcedureStepRules.MayChange(element.Tag)).ToList())
                step.Add(element);
            var request = new ProcedureStepRequest(call, uid, said ?? kept.State, changes, step);
            if (ProcedureStepState.IsFinal(said) && ProcedureStepRules.MissingAtEnd(step) is { } missing)
                Incomplete?.Invoke(call, $"The procedure step {uid} is {said} without {DicomDictionary.KeywordOf(missing)}.");
            return await DecideAsync(changed, request, call.Command, step, cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    private Task<ServiceReply> GetAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        CheckClass(call.Command.RequestedSopClassUid, call);
        var uid = Usable(call.Command.RequestedSopInstanceUid ?? "");
        var step = steps.Read(uid) ?? throw new ServiceException(Statuses.NoSuchSopInstance, "There is no such procedure step");
        var response = call.Command.Respond(Statuses.Success);
        if (call.Command.AttributeIdentifiers is not { Count: > 0 } wanted)
            return Task.FromResult(new ServiceReply(response, step));
        var some = new DicomDataset(wanted.Select(tag => step.Find(new DicomTag(tag))).Append(step.Find(Tags.SpecificCharacterSet))
            .OfType<DicomElement>())
        { Text = step.Text };
        var isWhole = wanted.All(tag => step.Contains(new DicomTag(tag)));
        return Task.FromResult(new ServiceReply(isWhole ? response : response with { Status = NotAllSupported }, some));
    }

    // The handler has the first word, the disk the last: what is acknowledged is kept.
    private async Task<ServiceReply> DecideAsync(ProcedureStepHandler? handler, ProcedureStepRequest request, CommandSet command,
        DicomDataset step, CancellationToken cancellationToken)
    {
        var response = command.Respond(Statuses.Success);
        if (handler is { })
        {
            var decided = await handler(request, cancellationToken).ConfigureAwait(false);
            response = response with
            {
                Status = decided.Status,
                ErrorComment = decided.ErrorComment,
                OffendingElements = decided.OffendingElements,
            };
        }

        if (!DimseStatus.Describe(StatusTable.ProcedureStep, response.Status).IsDone)
            return response;
        steps.Save(request.SopInstanceUid, step);
        return new ServiceReply(response) { Then = Kept is { } kept ? token => kept(request, token) : null };
    }

    private async Task<ServiceReply> AloneAsync(string uid, Func<Task<ServiceReply>> serve)
    {
        if (!steps.TryEnter(uid))
            throw new ServiceException(Statuses.ProcessingFailure, "Another request about the procedure step is being served");
        try
        {
            return await serve().ConfigureAwait(false);
        }
        finally
        {
            steps.Leave(uid);
        }
    }

    private static async Task<DicomDataset> ReadAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        if (!call.Command.HasDataset)
            throw new ServiceException(Statuses.MissingAttribute, "The request has no dataset");
        return await call.Reader.ReadDatasetAsync(call.Message, null, call.Limit, cancellationToken).ConfigureAwait(false);
    }

    private static void CheckClass(string? named, ServiceCall call)
    {
        // The three SOP classes share their instances; a request names the first (PS3.4 F.7.2.1) or that of its context.
        if (named is { } && named != call.Message.Context.AbstractSyntax && named != Uids.ModalityPerformedProcedureStep)
            throw new ServiceException(Statuses.NoSuchSopClass, "Not a Modality Performed Procedure Step");
    }

    private static string Usable(string uid) => Uid.IsUsable(uid) && uid.Any(char.IsDigit) ? uid
        : throw new ServiceException(Statuses.InvalidObjectInstance, "The SOP instance UID is none");

    private static ServiceException BadState(string why) => new(Statuses.InvalidAttributeValue, why)
    {
        OffendingElements = [Tags.PerformedProcedureStepStatus.Value],
    };

    private static bool HasElement(DicomDataset step, DicomTag tag) => step.Contains(tag)
        || step.GetItems(Tags.ScheduledStepAttributesSequence).Any(item => item.Contains(tag));
}
