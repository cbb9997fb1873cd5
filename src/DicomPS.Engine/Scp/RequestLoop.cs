using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Dimse;

namespace DicomPS.Scp;

/// <summary>Answers the requests of the associations of one server by its table of services, each association for itself.</summary>
/// <param name="options">The options of the server.</param>
/// <param name="services">What is served.</param>
/// <param name="teller">Told of what fails.</param>
/// <param name="faults">What is to go wrong on purpose; null for nothing.</param>
/// <param name="followUps">What answers have promised.</param>
/// <param name="idling">Comes when no further request is to be begun.</param>
/// <param name="aborting">Comes when those that were begun are to be left.</param>
internal sealed class RequestLoop(DicomServerOptions options, ServiceTable services, ServerTeller teller, FaultMaker? faults,
    FollowUps followUps, CancellationToken idling, CancellationToken aborting)
{
    // What the identifiers of all associations may take at once, beside the half megabyte that each has.
    private const long IdentifierMemory = 128 * 1024 * 1024;

    private readonly MemoryBudget _budget = new(IdentifierMemory);

    /// <summary>Answers requests until the association is released, or the server stops.</summary>
    /// <param name="association">The association.</param>
    /// <param name="grant">What its requestor may ask for.</param>
    public async Task AnswerAsync(Association association, Grant grant)
    {
        var reader = new DimseReader(association) { Budget = _budget };
        var writer = new DimseWriter(association) { Gate = faults?.GateFor(association) };
        var beside = new RunningService(association, idling, aborting);
        var own = new OwnRequests(association, writer);
        try
        {
            // A stop interrupts the wait for the next request, never a request.
            while (await reader.ReceiveAsync(beside.IsRunning ? aborting : idling).ConfigureAwait(false) is { } message)
            {
                if (message.Command.Field == CommandField.CCancelRequest)
                {
                    beside.Cancel(message.Command.RespondedTo ?? 0);
                    continue;
                }

                if (message.Command.IsResponse)
                {
                    await own.DeliverAsync(message.Command).ConfigureAwait(false);
                    continue;
                }

                // Without an operations window there is one request at a time (PS3.7 D.3.3.3).
                await beside.FinishAsync().ConfigureAwait(false);
                var call = new ServiceCall(association, reader, writer, message)
                {
                    Requests = own,
                    Wire = options.Wire is { } trace ? trace.Tap : null
                };
                if (FindRow(message) is not { } row)
                {
                    // An operation that the SOP class does not have (PS3.7 C.5.18).
                    var comment = $"{message.Command.Operation} is not served for this SOP class";
                    var unknown = message.Command.Respond(Statuses.UnrecognizedOperation) with { ErrorComment = comment };
                    teller.Failed(call, new DicomException(unknown.ErrorComment!), unknown.Status);
                    await writer.SendAsync(message.Context, unknown, aborting).ConfigureAwait(false);
                }
                else if (grant.Services != AccessServices.All
                    && (grant.Services & AccessOf.Request(message.Context.AbstractSyntax, message.Command.Field)) == 0)
                {
                    // What the presentation context could not tell: a storage class that is there for C-GET alone (PS3.7 C.5.25).
                    await RespondAsync(row with { Handler = Forbidden }, call, aborting).ConfigureAwait(false);
                }
                else if (grant.IsMetered && message.Command.Field == CommandField.CStoreRequest)
                {
                    await RespondAsync(grant.MayStore() ? Metered(row, grant) : row with { Handler = UsedUp(grant) }, call, aborting)
                        .ConfigureAwait(false);
                }
                else if (!row.RunsBeside)
                {
                    await RespondAsync(row, call, aborting).ConfigureAwait(false);
                }
                else
                {
                    var identified = await WithIdentifierAsync(row, call).ConfigureAwait(false);
                    if (identified is { })
                        beside.Start(message.Command.MessageId, token => RespondAsync(row, identified, token));
                }
            }
        }
        finally
        {
            own.End();
            reader.Release();
            await beside.EndAsync().ConfigureAwait(false);
        }
    }

    private static Task<ServiceReply> Forbidden(ServiceCall call, CancellationToken cancellationToken) =>
        throw new ServiceException(Statuses.NotAuthorized, "Not allowed to this caller")
        {
            Advice = $"If {call.Association.Request.CallingAETitle} is to do that, add the service to its rule of -Allow.",
        };

    private static ServiceHandler UsedUp(Grant grant) => (_, _) =>
        throw new ServiceException(Statuses.Storage.OutOfResources, "The limit of the day is used up; send it again tomorrow")
        {
            Detail = $"The limit of the day is used up: {grant.UsedUp}",
            Advice = "The sender still has the instance. Raise the limit of the rule of -Allow, or find out why so much comes.",
        };

    private static ServiceRow Metered(ServiceRow row, Grant grant) => row with
    {
        Handler = async (call, cancellationToken) =>
        {
            var reply = await row.Handler(call, cancellationToken).ConfigureAwait(false);
            if (DimseStatus.CategoryOf(reply.Command.Status) != DimseStatusCategory.Failure)
                grant.Stored(call.Association.BytesReceived);
            return reply;
        },
    };

    private ServiceRow? FindRow(DimseMessage message) =>
        services.Find(message.Context.AbstractSyntax, message.Command.Field) is { } row ? faults?.Apply(row) ?? row : null;

    private async Task<ServiceCall?> WithIdentifierAsync(ServiceRow row, ServiceCall call)
    {
        if (!call.Command.HasDataset)
            return call;
        try
        {
            return call with
            {
                Identifier = await call.Reader.ReadDatasetAsync(call.Message, null, row.Limit, aborting).ConfigureAwait(false),
            };
        }
        catch (Exception unreadable) when (unreadable is DicomDataException or ResourceLimitException)
        {
            await RespondAsync(row with { Handler = (_, _) => throw unreadable }, call, aborting).ConfigureAwait(false);
            return null;
        }
    }

    /// <summary>The one place where what a service throws becomes a response.</summary>
    private async Task RespondAsync(ServiceRow row, ServiceCall call, CancellationToken cancellationToken)
    {
        ServiceReply response;
        var isTold = false;
        try
        {
            var served = call with { Note = Note, FailureStatus = row.FailureStatus, Limit = row.Limit };
            response = await row.Handler(served, cancellationToken).ConfigureAwait(false);
            if (Refusal.IsPending(response.Command.Status))
            {
                // The peer would wait for ever for what such an answer promises.
                throw new HandlerException(
                    $"The handler ended with the status {response.Command.Status:X4}, which says that more follows.");
            }
        }
        catch (OperationCanceledException) when (row.RunsBeside && !aborting.IsCancellationRequested
            && call.Association.State == AssociationState.Established)
        {
            // Matching or sub-operations terminated due to cancel (PS3.4 C.4).
            response = call.Command.Respond(Statuses.Cancel);
        }
        catch (Exception failure) when (failure is ServiceException or HandlerException or DicomDataException
            || (failure is not (AssociationAbortedException or OperationCanceledException)
                && call.Association.State == AssociationState.Established))
        {
            response = Refusal.Of(call.Command, failure, row.UnreadableStatus, row.FailureStatus);
            teller.Failed(call, failure, response.Command.Status);
            isTold = true;
        }

        if (row.StatusTable is { } table && !DimseStatus.IsListed(table, response.Command.Status))
            teller.Warn(call,
                $"{call.Command.Operation} is answered with {response.Command.Status:X4}H, which is no status of this service (PS3.4).");

        try
        {
            await SendAsync(call, response).ConfigureAwait(false);
        }
        finally
        {
            // An answer whose sending was cut short may have arrived: what it promises is begun all the same.
            if (response.Then is { } then)
                followUps.Start(call, then);
        }

        teller.Answered(call, response.Command.Status, isTold);

        // What went wrong on the way to the answer, such as an instance that could not be sent.
        void Note(Exception problem)
        {
            isTold = true;
            teller.Failed(call, problem);
        }
    }

    private ValueTask SendAsync(ServiceCall call, ServiceReply reply) => reply.Dataset is { } dataset
        ? call.Writer.SendAsync(call.Message.Context, reply.Command, dataset, aborting)
        : call.Writer.SendAsync(call.Message.Context, reply.Command, aborting);
}
