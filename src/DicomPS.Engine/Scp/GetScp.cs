using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Part10;
using DicomPS.Scu;
using DicomPS.Serialization;

namespace DicomPS.Scp;

/// <summary>
/// Answers C-GET (PS3.4 C.4.3, PS3.7 9.1.3): sends each instance over the association of the request, in contexts in
/// which the peer took the SCP role, and tells the counts after each.
/// </summary>
public sealed class GetScp
{
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(60);
    private readonly Func<ServiceCall, DicomDataset, CancellationToken, Task<InstanceFeed>> _open;

    /// <summary>Sends what is known as a whole, so that the peer is told how many remain.</summary>
    /// <param name="find">Finds the instances.</param>
    public GetScp(RetrieveHandler find) =>
        _open =
            async (call, identifier, cancellationToken) =>
                new InstanceFeed(await find(call, identifier, cancellationToken).ConfigureAwait(false));

    /// <summary>Sends each instance as it is found.</summary>
    /// <param name="find">Finds the instances.</param>
    public GetScp(InstancesHandler find) =>
        _open =
            (call, identifier, cancellationToken) =>
                Task.FromResult(new InstanceFeed(find(call, identifier, cancellationToken), cancellationToken));

    /// <summary>The row for a <see cref="ServiceTable"/>.</summary>
    /// <param name="sopClassUid">A retrieve SOP class.</param>
    public ServiceRow Row(string sopClassUid) =>
        new(sopClassUid, CommandField.CGetRequest, GetAsync, ServerStatuses.UnreadableGet, ServerStatuses.FailedGet)
        {
            RunsBeside = true
        };

    private async Task<ServiceReply> GetAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        if (call.Identifier is not { } identifier)
            throw new ServiceException(Statuses.QrGet.IdentifierDoesNotMatch, "The request has no identifier");
        var feed = await _open(call, identifier, cancellationToken).ConfigureAwait(false);
        await using (feed.ConfigureAwait(false))
        {
            var work = new SubOperations(call);
            feed.Say = work.SayAsync;
            try
            {
                while (!cancellationToken.IsCancellationRequested && await feed.WaitAsync().ConfigureAwait(false))
                {
                    await work.TellOwedAsync(feed.Remaining).ConfigureAwait(false);
                    var item = feed.Dequeue();
                    await SendAsync(call, item, work).ConfigureAwait(false);
                    InstanceFeed.Discard(item);
                    await work.TellAsync(feed.Remaining).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested
                && call.Association.State == AssociationState.Established)
            {
                // The final response says what was done until then.
            }
            catch (Exception end) when (feed.IsFailure(end, call))
            {
                return work.Finish(end, feed.Remaining);
            }

            return work.Finish(feed.Remaining, cancellationToken.IsCancellationRequested
                && (feed.MayGrow || feed.Remaining > 0 || work.Left > 0));
        }
    }

    private static async Task SendAsync(ServiceCall call, StoredInstance item, SubOperations work)
    {
        if (item.Problem is { } known)
        {
            work.Fail(item, Refusal.NotSent(known), known);
            return;
        }

        try
        {
            var file = DicomFileProbe.Read(item.Path);
            var withoutBulk = BulkData.IsLeftOut(call.Message.Context.AbstractSyntax);
            if (ChooseContext(call, file, withoutBulk) is not { } context)
            {
                work.Fail(item, "No presentation context for it, or not in the SCP role");
                return;
            }

            var request = new CommandSet
            {
                Field = CommandField.CStoreRequest,
                AffectedSopClassUid = file.SopClassUid,
                AffectedSopInstanceUid = file.SopInstanceUid,
                // That of the C-GET is that of its sub-operations (PS3.4 C.4.3.1.3).
                Priority = call.Command.Priority ?? DicomPriority.Medium,
            };
            var response = await SendAsync(call, request, numbered => StoreScu.SendRequestAsync(
                call.Writer, call.Association, context, numbered, file, null, CancellationToken.None, withoutBulk ? BulkData.Remove : null))
                .ConfigureAwait(false);
            if (DimseExchange.IsAboutInstance(response, request))
                work.Count(item, response);
            else
                work.Fail(item, "C-STORE was answered for another instance");
        }
        catch (Exception problem)
            when (problem is IOException or UnauthorizedAccessException or (DicomException and not DicomNetworkException)
            && call.Association.State == AssociationState.Established)
        {
            work.Fail(item, Refusal.NotSent(problem), problem);
        }
    }

    // What has no pixels left can be spelt in any uncompressed transfer syntax.
    private static AcceptedContext? ChooseContext(ServiceCall call, ProbedFile file, bool withoutBulk)
    {
        var contexts = call.Association.AcceptedContexts.Where(context => context.ScpRole);
        return StoreScu.ChooseContext(contexts, file, reencode: true)
            ?? (withoutBulk ? contexts.FirstOrDefault(
                c => c.AbstractSyntax == file.SopClassUid && TransferSyntax.Find(c.TransferSyntax).IsUncompressed) : null);
    }

    private static async Task<CommandSet> SendAsync(ServiceCall call, CommandSet request, Func<CommandSet, Task> send)
    {
        try
        {
            return await call.Requests!.SendAsync(request, send, ResponseTimeout, CancellationToken.None).ConfigureAwait(false);
        }
        catch (DicomTimeoutException)
        {
            await call.Association.AbortAsync().ConfigureAwait(false);
            throw;
        }
    }
}
