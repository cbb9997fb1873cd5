using DicomPS.Associations;
using DicomPS.Data;
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
/// <param name="plan">Finds the destination and the instances.</param>
public sealed class MoveScp(MoveHandler plan)
{
    private const ushort Unreadable = 0xC510, Failed = 0xC511, UnknownDestination = 0xA801;

    /// <summary>Moves to destinations that are known by their AE titles.</summary>
    /// <param name="find">Finds the instances.</param>
    /// <param name="destination">The options to call a move destination with, by its AE title; null for one that is not known.</param>
    public MoveScp(RetrieveHandler find, Func<string, AssociationOptions?> destination)
        : this(async (call, identifier, cancellationToken) =>
        {
            if (call.Command.MoveDestination is not { } title || destination(title) is not { } options)
                throw new ServiceException(UnknownDestination, $"Move destination {call.Command.MoveDestination} is not known");
            return new MovePlan(options, await find(call, identifier, cancellationToken).ConfigureAwait(false));
        })
    {
    }

    /// <summary>The row for a <see cref="ServiceTable"/>.</summary>
    /// <param name="sopClassUid">A retrieve SOP class.</param>
    public ServiceRow Row(string sopClassUid) => new(sopClassUid, CommandField.CMoveRequest, MoveAsync, Unreadable, Failed) { RunsBeside = true };

    private async Task<ServiceReply> MoveAsync(ServiceCall call, CancellationToken cancellationToken)
    {
        if (call.Identifier is not { } identifier)
            throw new ServiceException(0xA900, "The request has no identifier");
        var (options, items) = await plan(call, identifier, cancellationToken).ConfigureAwait(false);
        try
        {
            var work = new SubOperations(call, items.Count);
            var originator = new MoveOriginator(call.Association.Request.CallingAETitle, call.Command.MessageId);
            var pending = new Queue<StoredInstance>(items);
            while (pending.Count > 0 && !cancellationToken.IsCancellationRequested)
                await SendSomeAsync(pending, options with { Wire = options.Wire ?? call.Wire }, originator, work, cancellationToken).ConfigureAwait(false);
            return work.Finish(cancellationToken.IsCancellationRequested);
        }
        finally
        {
            SubOperations.Discard(items);
        }
    }

    // One association, as far as its presentation contexts reach or until it breaks.
    private static async Task SendSomeAsync(
        Queue<StoredInstance> pending, AssociationOptions options, MoveOriginator originator, SubOperations work, CancellationToken cancellationToken)
    {
        var (proposals, served) = StoreContexts.Propose(pending.Select(Key), reencode: true);
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
            while (pending.Count > 0)
                work.Fail(pending.Dequeue(), problem.Message);
            return;
        }
        await using (scu.ConfigureAwait(false))
        {
            while (pending.Count > 0 && served.Contains(Key(pending.Peek())) && !cancellationToken.IsCancellationRequested)
            {
                var item = pending.Dequeue();
                try
                {
                    var file = DicomFileProbe.Read(item.Path);
                    if (scu.RouteFor(file, reencode: true) is not { } context)
                        work.Fail(item, "The destination does not take it");
                    else
                        work.Count(item, await scu.SendAsync(file, context, DicomPriority.Medium, null, CancellationToken.None, originator).ConfigureAwait(false));
                }
                catch (Exception problem) when (problem is DicomException or IOException or UnauthorizedAccessException)
                {
                    work.Fail(item, problem.Message);
                }
                await work.TellAsync().ConfigureAwait(false);
                if (scu.Association.State != AssociationState.Established)
                    return;
            }
            await LeaveAsync(scu).ConfigureAwait(false);
        }
    }

    private static async Task LeaveAsync(StoreScu scu)
    {
        try
        {
            await scu.ReleaseAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (DicomNetworkException)
        {
            // Every instance on it has its answer already.
        }
    }

    private static StoreContextKey Key(StoredInstance item) => new(item.SopClassUid, item.TransferSyntaxUid);
}
