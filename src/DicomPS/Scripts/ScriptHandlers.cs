using System.Management.Automation;
using System.Runtime.CompilerServices;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Scp;

namespace DicomPS.Scripts;

/// <summary>The blocks of one server.</summary>
internal sealed record HandlerBlocks(HandlerBlock? Echo, HandlerBlock? Store, HandlerBlock? Find, HandlerBlock? Move, HandlerBlock? Get)
{
    /// <summary>Says which instances are safe, for storage commitment.</summary>
    public HandlerBlock? Commit { get; init; }

    /// <summary>The folder in which reports of storage commitment that are owed outlive the server; null keeps them in memory.</summary>
    public string? OwedFolder { get; init; }

    /// <summary>Takes Instance Availability Notifications.</summary>
    public HandlerBlock? Availability { get; init; }

    /// <summary>Decides about new procedure steps.</summary>
    public HandlerBlock? Create { get; init; }

    /// <summary>Decides about changes of procedure steps.</summary>
    public HandlerBlock? Set { get; init; }

    /// <summary>Those that there are.</summary>
    public IEnumerable<HandlerBlock> All =>
        new[] { Echo, Store, Find, Move, Get, Commit, Availability, Create, Set }.OfType<HandlerBlock>();
}

/// <summary>Makes the engine's handlers of blocks.</summary>
internal sealed class ScriptHandlers(HandlerBlocks blocks, ScriptRunner runner, string title,
    Func<AssociationOptions, AssociationOptions> calls)
{
    private readonly Dictionary<(string, CommandField), ServiceOperation> _operations = [];

    /// <summary>Puts the blocks into the handlers of a server.</summary>
    public ServiceHandlers Into(ServiceHandlers options)
    {
        var handlers = options with
        {
            Echo = blocks.Echo is { } echo ? (call, token) => RespondAsync(echo, call, null, token) : null,
            Store = blocks.Store is { } store ? (call, instance, token) => RespondAsync(store, call, instance, token) : null,
            FindMatches = blocks.Find is { } find ? (call, identifier, token) => FindAsync(find, call, identifier, token) : null,
            MoveInstances = blocks.Move is { } move
                ? (call, _, destination, token) => InstancesAsync(move, call, node => Destination(move, node, destination), token) : null,
            GetInstances = blocks.Get is { } get ? (call, _, token) => InstancesAsync(get, call, null, token) : null,
        };
        foreach (var operation in handlers.Served.SelectMany(ServiceClasses.Operations))
        {
            foreach (var uid in operation.SopClassUids)
                _operations[(uid, operation.Request)] = operation;
        }

        return handlers;
    }

    private async Task<ServiceReply> RespondAsync(HandlerBlock block, ServiceCall call, IncomingInstance? instance,
        CancellationToken cancellationToken)
    {
        var written = new List<PSObject>();
        await foreach (var answer in RunAsync(block, call, instance, cancellationToken).ConfigureAwait(false))
            written.Add(answer);
        return Answers.Response(call.Command, Operation(call).StatusTable, written);
    }

    private async IAsyncEnumerable<FindMatch> FindAsync(
        HandlerBlock block, ServiceCall call, DicomDataset identifier, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var operation = Operation(call);
        await foreach (var answer in Written.PairAsync(RunAsync(block, call, null, cancellationToken), zeroEnds: true)
            .ConfigureAwait(false))
        {
            if (Answers.Status(answer, operation.StatusTable, block.Parameter, out var pending) is { } end)
            {
                if (end.Status == Statuses.Success)
                    yield break;
                throw end;
            }

            var match = Answers.Dataset(answer.Value!, block.Parameter);
            // PS3.4 C.4.1.1.3.2: a match says its level, which is that of the request.
            if (identifier.GetString(Tags.QueryRetrieveLevel) is { } level && !match.Contains(Tags.QueryRetrieveLevel))
                match.Set(Tags.QueryRetrieveLevel, level);
            yield return new FindMatch(match, pending);
        }
    }

    // Each is handed on as it is written; a status in the middle ends the request behind what came before it.
    private async IAsyncEnumerable<StoredInstance> InstancesAsync(
        HandlerBlock block, ServiceCall call, Action<object>? destination, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var operation = Operation(call);
        var isFirst = true;
        var hasSaid = false;
        PSObject? host = null;
        await foreach (var answer in Written.PairAsync(RunAsync(block, call, null, cancellationToken)).ConfigureAwait(false))
        {
            if (answer.Value is { } written && answer.Status is null && Answers.Said(written) is { } said)
            {
                hasSaid = true;
                yield return StoredInstance.Said(said);
                continue;
            }

            if (Answers.Status(answer, operation.StatusTable, block.Parameter, out _) is { } end)
            {
                if (end.Status != Statuses.Success)
                    throw end;
                // Success by the word of the block: nothing remains of what it may have announced.
                yield return StoredInstance.Said((end.Counts ?? new SubOperationCounts()) with { Remaining = 0, IsSilent = true });
                yield break;
            }

            if (destination is { })
            {
                host = Destination(answer.Value!, host, call, destination);
                if (host is null)
                    destination = null;
            }
            else if (isFirst && answer.Value!.BaseObject is ValueType && Answers.Number(answer.Value) is { } announced)
            {
                // How many will come, before the first of them.
                isFirst = false;
                yield return StoredInstance.Said(new SubOperationCounts { Remaining = announced, IsSilent = true });
            }
            else
            {
                isFirst = false;
                yield return await InstanceAsync(answer.Value!, block, cancellationToken).ConfigureAwait(false);
            }
        }

        if (host is { })
            destination!(host);
        else if (destination is { } && !hasSaid)
            throw new ServiceException(Statuses.QrMove.DestinationUnknown, $"Move destination {call.Command.MoveDestination} is not known");
    }

    // A destination of one piece, or a host and its port, which the pipeline may have made two outputs of; the host waits for its port.
    private static PSObject? Destination(PSObject written, PSObject? host, ServiceCall call, Action<object> destination)
    {
        object? first, second;
        if (host is { })
            (first, second) = (host.BaseObject, written.BaseObject);
        else if (!Written.TryPair(written, out first, out second) && Written.IsHost(written))
            return written;
        if (first is null && second is null && Written.TryPair(written, out _, out _))
            throw new ServiceException(Statuses.QrMove.DestinationUnknown, $"Move destination {call.Command.MoveDestination} is not known");
        destination(Written.Node(first, second, call.Command.MoveDestination) ?? (object)(host ?? written));
        return null;
    }

    private void Destination(HandlerBlock block, object first, Action<AssociationOptions> destination)
    {
        try
        {
            // A destination is called by the title of this server, as peers know it, whatever the registry has for the node.
            destination(calls(AssociationOptions.For(NodeArgument.Resolve(first) with { CallingAETitle = title })));
        }
        catch (DicomException unknown)
        {
            throw new ServiceException(Statuses.QrMove.DestinationUnknown, "The move destination cannot be used",
                unknown)
            { Detail = $"-{block.Parameter} wrote no destination first: {unknown.Message} @{{ Status = 0xA801 }} refuses the request." };
        }
    }

    // One that cannot be read is one failed sub-operation among the others.
    private static async Task<StoredInstance> InstanceAsync(PSObject answer, HandlerBlock block, CancellationToken cancellationToken)
    {
        try
        {
            return await Answers.InstanceAsync(answer, block.Parameter, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is DicomDataException or HandlerException or IOException
            or UnauthorizedAccessException or ArgumentException)
        {
            return new StoredInstance("", "", "", "")
            {
                Problem = problem as HandlerException ?? new HandlerException(
                    $"-{block.Parameter} wrote '{answer}', which cannot be sent: {ErrorRecords.Sentence(problem)}", problem),
            };
        }
    }

    private async IAsyncEnumerable<PSObject> RunAsync(
        HandlerBlock block, ServiceCall call, IncomingInstance? instance, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new DicomRequest(call, Operation(call), instance, cancellationToken);
        var answers = runner.RunAsync(block, request, cancellationToken).GetAsyncEnumerator(cancellationToken);
        // The pipeline takes a dataset apart, as every collection; each begins with a tag that is not behind the last one.
        var parts = new List<DicomElement>();
        await using (answers.ConfigureAwait(false))
        {
            while (await NextAsync(answers, block).ConfigureAwait(false))
            {
                var element = answers.Current.BaseObject as DicomElement;
                if (parts.Count > 0 && (element is null || element.Tag <= parts[parts.Count - 1].Tag))
                {
                    yield return Answers.Joined(parts);
                    parts.Clear();
                }

                if (element is null)
                    yield return answers.Current;
                else
                    parts.Add(element);
            }
        }

        if (parts.Count > 0)
            yield return Answers.Joined(parts);
    }

    private static async Task<bool> NextAsync(IAsyncEnumerator<PSObject> answers, HandlerBlock block)
    {
        try
        {
            return await answers.MoveNextAsync().ConfigureAwait(false);
        }
        catch (RuntimeException thrown)
        {
            throw new HandlerException(thrown.ErrorRecord?.ToString() ?? $"-{block.Parameter}: {thrown.Message}", thrown);
        }
    }

    private ServiceOperation Operation(ServiceCall call) => _operations[(call.Message.Context.AbstractSyntax, call.Command.Field)];
}
