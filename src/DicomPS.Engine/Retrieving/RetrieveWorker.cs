using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Jobs;
using DicomPS.Matching;
using DicomPS.Pdus;
using DicomPS.Scp;
using DicomPS.Scu;

namespace DicomPS.Retrieving;

/// <summary>One of a job's workers: answers requests one after the other and keeps its associations between them.</summary>
internal sealed class RetrieveWorker(RetrieveShared shared) : IWorker<RetrieveItem>
{
    private static readonly string[] Syntaxes = ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"];
    private const int MostAlone = 12;
    private readonly List<string> _knownClasses = [];
    private readonly HashSet<string> _alone = new(StringComparer.Ordinal);
    private List<ContextSet> _sets = [];
    private RetrieveState? _current;
    private volatile bool _hasAnswered;
    private bool _mayGoBack;
    private ObjectModel? _object;

    public Func<RetrieveItem, bool>? Prefers => null;

    public int Window => 1;

    public bool IsConnected => _sets.Any(set => set.Peer.Scu is { });

    /// <summary>Whether its association has answered, or brought something.</summary>
    public bool IsServed => IsConnected && (_hasAnswered || Volatile.Read(ref _current) is { Arrived.Seen: > 0 });

    public async Task WorkAsync(RetrieveItem item, CancellationToken cancellationToken)
    {
        if (shared.Options.Between?.Contains(shared.Options.Clock()) == false)
        {
            await LeaveAsync().ConfigureAwait(false);
            await shared.WaitForWindowAsync(item, cancellationToken).ConfigureAwait(false);
        }

        await AnswerAsync(item, cancellationToken).ConfigureAwait(false);
    }

    public async Task LeaveAsync()
    {
        foreach (var set in _sets)
            await set.Peer.ReleaseAsync().ConfigureAwait(false);
    }

    // Asks once for a list of instances, and by itself for each one that the answer does not tell of.
    private async Task AnswerAsync(RetrieveItem item, CancellationToken cancellationToken)
    {
        var state = await RetrieveAsync(item, cancellationToken, mayGoBack: true).ConfigureAwait(false);
        if (state.HasNoRoom)
        {
            // Other workers are served, and get the request.
            shared.Pace?.Refuse();
            shared.Requests.PutBack([item]);
            return;
        }

        if (item.Results == 1)
        {
            await shared.Report(state.ToResult()).ConfigureAwait(false);
            return;
        }

        var whole = state.Facts();
        var failed = state.FailedUids();
        RetrieveState? refused = null;
        foreach (var uid in item.Target.Instances)
        {
            if (RetrieveList.Of(whole, uid, failed, state.IsHere ? state.Arrived.Count(uid) : null) is { } known)
            {
                await shared.Report(state.ToResult(uid, known)).ConfigureAwait(false);
                continue;
            }

            var alone = refused ?? await RetrieveAsync(item.Only(uid), cancellationToken).ConfigureAwait(false);
            var facts = alone.Facts();
            await shared.Report(alone.ToResult(uid, facts)).ConfigureAwait(false);
            if (RetrieveList.IsRefused(whole, facts))
                refused = alone;
        }
    }

    private async Task<RetrieveState> RetrieveAsync(RetrieveItem item, CancellationToken cancellationToken, bool mayGoBack = false)
    {
        if (shared.Server is { })
            await shared.Senders.ResolveAsync().ConfigureAwait(false);
        _mayGoBack = mayGoBack;
        var state = shared.Begin(item);
        Volatile.Write(ref _current, state);
        try
        {
            await PrepareLinesAsync(item).ConfigureAwait(false);
            var isSpare = true;
            while (true)
            {
                var outcome = await TryAsync(state, isSpare, cancellationToken).ConfigureAwait(false);
                var step = shared.Policy.After(outcome, state.Attempts, PeerStanding.Served);
                if (step.Verdict == RetryVerdict.Failed)
                    break;
                if (outcome == TryOutcome.Stale)
                {
                    isSpare = false;
                    state.Attempts--;
                }

                await Task.Delay(step.Wait, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            state.IsCancelled = true;
        }
        finally
        {
            shared.End(state);
        }

        return state;
    }

    private async Task<TryOutcome> TryAsync(RetrieveState state, bool isSpare, CancellationToken cancellationToken)
    {
        using var watch = new ListenerWatch(shared.Server, state);
        // An association that has served before may have gone stale unnoticed; that is no fault of this request.
        var wasUsed = _sets[0].Peer.Scu is { };
        state.Begin();
        var isOpen = wasUsed || await OpenAsync(_sets[0], state, cancellationToken).ConfigureAwait(false);
        try
        {
            if (isOpen)
                await ExchangeAsync(_sets[0], state, cancellationToken).ConfigureAwait(false);
            if (isOpen && shared.Receiver is { })
                await AskFurtherAsync(state, cancellationToken).ConfigureAwait(false);
        }
        catch (DicomException problem)
        {
            state.Exception = problem;
            await LeaveAsync().ConfigureAwait(false);
        }

        if (state.WasSent)
            await shared.SettleAsync(state, cancellationToken).ConfigureAwait(false);
        return !isOpen || !state.MayPass ? TryOutcome.Final
            : wasUsed && isSpare && !state.WasAnswered && state.Exception is { } and not DicomTimeoutException ? TryOutcome.Stale
            : TryOutcome.Broken;
    }

    // Each call that failed is a try of this request.
    private async Task<bool> OpenAsync(ContextSet set, RetrieveState state, CancellationToken cancellationToken)
    {
        state.Exception = await set.Peer.OpenAsync(token => ConnectAsync(set, token), cancellationToken,
            shared.Pace is null || !_mayGoBack ? null : NoRoomAsync).ConfigureAwait(false);
        state.Attempts += set.Peer.FailedCalls - (state.Exception is { } ? 1 : 0);
        return state.Exception is null && !state.HasNoRoom;

        async Task<bool> NoRoomAsync(DicomException problem)
        {
            state.HasNoRoom = true;
            await Task.Delay(shared.Policy.Room.Wait, cancellationToken).ConfigureAwait(false);
            return false;
        }
    }

    // What failed may be of classes that the first association had no room for.
    private async Task AskFurtherAsync(RetrieveState state, CancellationToken cancellationToken)
    {
        if (state.StatusCode is not { } first || first is Statuses.Success && state.Failed is null or 0)
            return;
        var total = (state.Delivered ?? 0) + (state.Failed ?? 0);
        foreach (var set in _sets.Skip(1))
        {
            if (total == 0 || state.Arrived.Seen >= total)
                return;
            state.Arrived.Begin();
            await ExchangeAsync(set, state, cancellationToken).ConfigureAwait(false);
            state.Join(total, first);
        }

        await AskAloneAsync(state, total, first, cancellationToken).ConfigureAwait(false);
    }

    // What is still missing was perhaps of a class whose context the peer had agreed to in another transfer syntax than it holds.
    private async Task AskAloneAsync(RetrieveState state, int total, ushort first, CancellationToken cancellationToken)
    {
        if (total == 0 || state.Arrived.Seen >= total || state.WasAskedAlone)
            return;
        state.WasAskedAlone = true;
        // The classes of the other services were proposed already.
        if (state.Target.Object is { })
            return;
        var classes = await new MissingClasses(shared.Options.Association, shared.Options.CancelGrace, state.Arrived.Has)
            .FindAsync(state.Target, cancellationToken).ConfigureAwait(false);
        var models = Models(state.Item.Target);
        foreach (var storage in GetContexts.ProposeAlone(models.Count, classes.Except(_alone).Take(MostAlone)))
        {
            var set = ContextSetFor([.. models, .. storage]);
            // The next request asks there first.
            _sets.Insert(1, set);
            _alone.UnionWith(storage.Select(proposal => proposal.AbstractSyntax));
            state.Arrived.Begin();
            await ExchangeAsync(set, state, cancellationToken).ConfigureAwait(false);
            state.Join(total, first);
        }
    }

    private async Task ExchangeAsync(ContextSet set, RetrieveState state, CancellationToken cancellationToken)
    {
        if (set.Peer.Scu is null)
            await set.Peer.CallAsync(token => ConnectAsync(set, token), cancellationToken).ConfigureAwait(false);
        var scu = set.Peer.Scu!;
        shared.Senders.Add(scu.Association.RemoteEndPoint);
        var (target, context) = Choose(scu, state.Item);
        state.Target = state.Arrived.Target = target;
        state.WasSent = true;
        using var silence = new SilenceWatch(shared.Options.Silence, shared.Server is { } ? state.Arrived : null, cancellationToken);
        try
        {
            var identifier = target.ToIdentifier();
            if (shared.Options.View is { } view)
                identifier.Set(Tags.QueryRetrieveView, view);
            var responses = shared.Receiver is { } receiver
                ? scu.GetAsync(context, identifier, (reader, message, token) => StoreAsync(receiver, scu, state, reader, message, token),
                    shared.Options.Priority, silence.Token)
                : scu.MoveAsync(context, identifier, shared.Options.Destination ?? shared.Options.Storage!.Server.AETitle,
                    state.Arrived.MessageId, shared.Options.Priority, silence.Token);
            await foreach (var response in responses.ConfigureAwait(false))
            {
                _hasAnswered = true;
                state.Apply(response);
                shared.Options.Responded?.Invoke(state.ToProgress(response.Command));
            }
        }
        catch (OperationCanceledException) when (silence.HasExpired && !cancellationToken.IsCancellationRequested)
        {
            state.ForgetStatus();
            throw silence.Problem();
        }
        catch (OperationCanceledException)
        {
            // In good order or aborted: either way the association has served.
            await set.Peer.DropBrokenAsync().ConfigureAwait(false);
            throw;
        }
    }

    private Task<QueryScu> ConnectAsync(ContextSet set, CancellationToken cancellationToken)
    {
        _hasAnswered = false;
        var options = shared.Options.Association with
        {
            PresentationContexts = set.Proposals,
            // PS3.4 tables C.5-2 and C.5-3: relational retrieval, which nobody asks for here, and enhanced multi-frame image conversion.
            ExtraUserItems = shared.Options.View is null ? shared.Options.Association.ExtraUserItems
                : [.. shared.Options.Association.ExtraUserItems, .. set.Proposals.Where(one => one.ScpRole is null)
                    .Select(one => new SopClassExtendedNegotiation(one.AbstractSyntax, new byte[] { 0, 1 }))],
            // Arrivals at the listener are signs of life too; there the silence is watched by SilenceWatch.
            ResponseTimeout = shared.Server is { } ? Timeout.InfiniteTimeSpan : shared.Options.Silence,
        };
        return QueryScu.ConnectAsync(options, shared.Options.CancelGrace, cancellationToken);
    }

    private (RetrieveTarget Target, AcceptedContext Context) Choose(QueryScu scu, RetrieveItem item)
    {
        foreach (var target in item.Target.Alternatives(item.Keys).Prepend(item.Target))
        {
            if (scu.ContextFor(target.SopClassUid(shared.Options.Method)) is not { } context)
                continue;
            if (shared.Receiver is { } && scu.Association.AcceptedContexts.All(c => c.ScuRole))
            {
                throw new DicomNetworkException("The peer offers C-GET but no storage SOP class with the roles that C-GET needs.")
                {
                    Stage = DicomStage.PresentationContext,
                    Advice = "The peer did not take this side as storage SCP (PS3.7 D.3.3.4). Retrieve by C-MOVE instead.",
                };
            }

            if (shared.Options.View is { } && !IsViewAgreed(scu, context))
            {
                throw new DicomNetworkException("The peer did not agree to a Query/Retrieve View; nothing was retrieved.")
                {
                    Stage = DicomStage.PresentationContext,
                    Advice =
                        "Leave -View out to retrieve images as they are stored. Few peers convert between classic and enhanced ones.",
                };
            }

            return (target, context);
        }

        var method = shared.Options.Method == RetrieveMethod.Move ? "C-MOVE" : "C-GET";
        throw new DicomNetworkException(
            $"The peer does not serve {method} in the model {item.Target.Object?.ToString() ?? InformationModels.NameOf(item.Target.Model)}"
            + $"{(item.Target.Alternatives(item.Keys).Count > 0 ? " or any other that fits" : "")}.")
        {
            Stage = DicomStage.PresentationContext,
            Advice = method == "C-GET" ? "Many peers serve C-MOVE only. Retrieve by C-MOVE instead."
                : "Try another model, or ask the peer's administrator to allow C-MOVE for this AE title.",
        };
    }

    private static bool IsViewAgreed(QueryScu scu, AcceptedContext context) =>
        scu.Association.Response.UserItems.OfType<SopClassExtendedNegotiation>()
            .FirstOrDefault(item => item.SopClassUid == context.AbstractSyntax)?.Information is { Length: > 1 } agreed
        && agreed.Span[1] == 1;

    private static async Task<CommandSet> StoreAsync(
        InstanceReceiver receiver, QueryScu scu, RetrieveState state, DimseReader reader, DimseMessage message,
        CancellationToken cancellationToken)
    {
        var instance = message.Command.AffectedSopInstanceUid ?? "";
        var request = scu.Association.Request;
        var titles = new AssociationTitles(request.CalledAETitle, request.CallingAETitle, scu.Association.RemoteEndPoint.ToString());
        try
        {
            // A peer that is asked again sends again: the same bytes are not stored twice. Other bytes may be another
            // patient's, who has an instance of the same UID, or cut short, and are not answered with Success unseen.
            bool IsHere(ulong digest) => state.Arrived.Has(instance, digest);
            var stored = await receiver.ReceiveAsync(reader, message, titles, IsHere, cancellationToken).ConfigureAwait(false);
            if (state.Target.Stranger(stored) is { } stranger)
                state.Arrived.AddAside(stranger, isOwn: true);
            else
                state.Arrived.AddStored(stored, null);
            return message.Command.Respond(Statuses.Success);
        }
        catch (ServiceException refusal)
        {
            state.Arrived.AddFailure(instance, refusal);
            return message.Command.Respond(refusal.Status) with
            {
                ErrorComment = refusal.Message,
                OffendingElements = refusal.OffendingElements
            };
        }
        catch (DicomDataException unreadable)
        {
            state.Arrived.AddFailure(instance, unreadable);
            return message.Command.Respond(ServerStatuses.UnreadableStore) with { ErrorComment = unreadable.Message };
        }
    }

    private async Task PrepareLinesAsync(RetrieveItem item)
    {
        var method = shared.Options.Method;
        var isNew = item.Keys.SOPClassUID.Except(_knownClasses).ToList() is { Count: > 0 } news;
        if (_sets.Count > 0 && !isNew && _object == item.Target.Object)
            return;
        _object = item.Target.Object;
        await LeaveAsync().ConfigureAwait(false);
        _alone.Clear();
        var models = Models(item.Target);
        if (method == RetrieveMethod.Move)
        {
            _sets = [ContextSetFor(models)];
            _knownClasses.AddRange(item.Keys.SOPClassUID.Except(_knownClasses).ToList());
            return;
        }

        // The latest first, and no more than leave room for the common ones.
        _knownClasses.InsertRange(0, item.Keys.SOPClassUID.Except(_knownClasses).ToList());
        _sets = [.. GetContexts.Propose(models.Count, _knownClasses.Take(8)).Select(storage => ContextSetFor([.. models, .. storage]))];
    }

    private List<PresentationContextProposal> Models(RetrieveTarget target) => target.Object is { }
        ? [new PresentationContextProposal(target.SopClassUid(shared.Options.Method), Syntaxes)]
        : Enum.GetValues(typeof(InformationModel))
        .Cast<InformationModel>()
        .Where(m => shared.Options.Method == RetrieveMethod.Get || m != InformationModel.WithoutBulkData)
        .Select(m => new PresentationContextProposal((target with { Model = m }).SopClassUid(shared.Options.Method), Syntaxes)).ToList();

    private ContextSet ContextSetFor(IReadOnlyList<PresentationContextProposal> proposals) =>
        new(proposals, new(shared.Options.Reach, shared.Policy));

    /// <summary>The contexts of one association, and the line that it is opened over.</summary>
    private sealed record ContextSet(IReadOnlyList<PresentationContextProposal> Proposals, PeerLine<QueryScu> Peer);
}
