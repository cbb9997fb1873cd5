using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Part10;
using DicomPS.Scu;

namespace DicomPS.Scp;

/// <summary>What a move request comes to.</summary>
/// <param name="Destination">How the destination is called.</param>
/// <param name="Instances">The instances.</param>
public sealed record MovePlan(AssociationOptions Destination, IReadOnlyList<StoredInstance> Instances);

/// <summary>Finds the destination and the instances of a move request.</summary>
/// <param name="call">The request; <see cref="CommandSet.MoveDestination"/> names the destination.</param>
/// <param name="identifier">The unique keys.</param>
/// <param name="cancellationToken">Cancelled by C-CANCEL and by the end of the association.</param>
/// <exception cref="ServiceException">With A801H: the destination is not known.</exception>
public delegate Task<MovePlan> MoveHandler(ServiceCall call, DicomDataset identifier, CancellationToken cancellationToken);

/// <summary>
/// Answers C-MOVE (PS3.4 C.4.2, PS3.7 9.1.4): sends each instance to the destination over associations of its own,
/// in its own transfer syntax where the destination takes it, and tells the counts after each.
/// </summary>
public sealed class MoveScp
{
    private readonly Func<ServiceCall, DicomDataset, CancellationToken,
        Task<(Func<AssociationOptions?> Destination, InstanceFeed Feed)>> _open;

    /// <summary>Moves what is known as a whole, so that the peer is told how many remain.</summary>
    /// <param name="plan">Finds the destination and the instances.</param>
    public MoveScp(MoveHandler plan) => _open = async (call, identifier, cancellationToken) =>
    {
        var (options, items) = await plan(call, identifier, cancellationToken).ConfigureAwait(false);
        return (() => options, new InstanceFeed(items));
    };

    /// <summary>Moves each instance as it is found.</summary>
    /// <param name="find">Finds the destination, then the instances.</param>
    public MoveScp(MoveInstancesHandler find) => _open = (call, identifier, cancellationToken) =>
    {
        AssociationOptions? destination = null;
        var feed = new InstanceFeed(find(call, identifier, options => Volatile.Write(ref destination, options), cancellationToken),
            cancellationToken);
        return Task.FromResult<(Func<AssociationOptions?>, InstanceFeed)>((() => Volatile.Read(ref destination), feed));
    };

    /// <summary>Moves to destinations that are known by their AE titles.</summary>
    /// <param name="find">Finds the instances.</param>
    /// <param name="destination">The options to call a move destination with, by its AE title; null for one that is not known.</param>
    public MoveScp(RetrieveHandler find, Func<string, AssociationOptions?> destination)
        : this(async (call, identifier, cancellationToken) =>
        {
            if (call.Command.MoveDestination is not { } title || destination(title) is not { } options)
                throw new ServiceException(Statuses.QrMove.DestinationUnknown,
                    $"Move destination {call.Command.MoveDestination} is not known");
            return new MovePlan(options, await find(call, identifier, cancellationToken).ConfigureAwait(false));
        })
    {
    }

    /// <summary>The row for a <see cref="ServiceTable"/>.</summary>
    /// <param name="sopClassUid">A retrieve SOP class.</param>
    public ServiceRow Row(string sopClassUid) =>
        new(sopClassUid, CommandField.CMoveRequest, MoveAsync, ServerStatuses.UnreadableMove, ServerStatuses.FailedMove)
        {
            RunsBeside = true
        };

    private async Task<ServiceReply> MoveAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        if (call.Identifier is not { } identifier)
            throw new ServiceException(Statuses.QrMove.IdentifierDoesNotMatch, "The request has no identifier");
        var (destination, feed) = await _open(call, identifier, cancellationToken).ConfigureAwait(false);
        await using (feed.ConfigureAwait(false))
        {
            var work = new SubOperations(call);
            feed.Say = work.SayAsync;
            var originator = new MoveOriginator(call.Association.Request.CallingAETitle, call.Command.MessageId)
            {
                // The priority that is asked for is that of the sub-operations too (PS3.4 C.4.2.1.3).
                Priority = call.Command.Priority ?? DicomPriority.Medium,
            };
            var seen = new HashSet<StoreContextKey>();
            try
            {
                while (!cancellationToken.IsCancellationRequested && await feed.WaitAsync().ConfigureAwait(false))
                {
                    var options = destination()
                        ?? throw new ServiceException(Statuses.QrMove.DestinationUnknown, "The move destination is not known");
                    if (feed.Peek().Problem is { })
                        await FailAsync(feed, work).ConfigureAwait(false);
                    else
                        await SendSomeAsync(feed, seen, options with { Wire = options.Wire ?? call.Wire }, originator, work,
                            cancellationToken).ConfigureAwait(false);
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

    private static async Task FailAsync(InstanceFeed feed, SubOperations work)
    {
        var item = feed.Dequeue();
        work.Fail(item, Refusal.NotSent(item.Problem!), item.Problem);
        await work.TellAsync(feed.Remaining).ConfigureAwait(false);
    }

    // One association, as far as its presentation contexts reach or until it breaks.
    private static async Task SendSomeAsync(
        InstanceFeed feed, HashSet<StoreContextKey> seen, AssociationOptions options, MoveOriginator originator, SubOperations work,
        CancellationToken cancellationToken)
    {
        // What comes later may be of the classes that came before.
        var ahead = feed.Sendable.Select(Key).ToList();
        var (proposals, served) = StoreContexts.Propose(ahead.Concat(seen), reencode: true);
        seen.UnionWith(ahead);
        StoreScu scu;
        try
        {
            scu = await StoreScu.ConnectAsync(options with { PresentationContexts = proposals }, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Cancelled before the destination was there: the final response says how much remains.
            return;
        }
        catch (DicomNetworkException problem)
        {
            for (Exception? once = problem; await feed.WaitAsync().ConfigureAwait(false); once = null)
                work.Fail(feed.Dequeue(), Refusal.NotReached(problem), once);
            return;
        }

        await using (scu.ConfigureAwait(false))
        {
            while (!cancellationToken.IsCancellationRequested && await MoreAsync(feed, scu).ConfigureAwait(false))
            {
                await work.TellOwedAsync(feed.Remaining).ConfigureAwait(false);
                if (feed.Peek().Problem is { })
                {
                    await FailAsync(feed, work).ConfigureAwait(false);
                    continue;
                }

                if (!served.Contains(Key(feed.Peek())))
                    break;
                var item = feed.Dequeue();
                try
                {
                    var file = DicomFileProbe.Read(item.Path);
                    if (scu.RouteFor(file, reencode: true) is not { } context)
                        work.Fail(item, "The destination does not take it");
                    else
                        work.Count(item, await scu.SendAsync(file, context, originator.Priority, null, CancellationToken.None, originator)
                            .ConfigureAwait(false));
                }
                catch (Exception problem) when (problem is DicomException or IOException or UnauthorizedAccessException)
                {
                    work.Fail(item, Refusal.NotSent(problem), problem);
                }

                InstanceFeed.Discard(item);
                await work.TellAsync(feed.Remaining).ConfigureAwait(false);
                if (scu.Association.State != AssociationState.Established)
                    return;
            }

            await scu.Association.LeaveAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    // The destination has answered everything: a handler that fails now is no reason to abort its association.
    private static async Task<bool> MoreAsync(InstanceFeed feed, StoreScu scu)
    {
        try
        {
            return await feed.WaitAsync().ConfigureAwait(false);
        }
        catch
        {
            await scu.Association.LeaveAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private static StoreContextKey Key(StoredInstance item) => new(item.SopClassUid, item.TransferSyntaxUid);
}
