using System.Management.Automation.Runspaces;
using DicomPS.Associations;
using DicomPS.Commitment;
using DicomPS.Dimse;
using DicomPS.Scp;
using DicomPS.Serving;

namespace DicomPS.Scripts;

/// <summary>A running SCP whose requests script blocks answer. Any thread and runspace may use it.</summary>
public sealed class ScriptServer : ReceivingServer<ServerMessage>
{
    private const int QueueCapacity = 4096;

    private readonly RunspaceSet _runspaces;
    private long _requests;
    private long _failed;

    private ScriptServer(DicomServerOptions listening, ServiceHandlers options, HandlerBlocks blocks, InitialSessionState session,
        int throttle, object?[] arguments, Func<AssociationOptions, AssociationOptions> calls,
        Func<string, AssociationOptions?> requester)
        : base(listening.AETitle, QueueCapacity)
    {
        _runspaces = new RunspaceSet(session, throttle);
        var runner = new ScriptRunner(_runspaces, arguments, Tell);
        var handlers = new ScriptHandlers(blocks, runner, listening.AETitle, calls).Into(options);
        var named = handlers.Served.Select(service => service.ToString()).ToList();
        var more = new List<ServiceRow>();
        var rows = new InstanceHandlers(runner, options.HandlerTimeout);
        if (blocks.Commit is { } commit)
        {
            more.Add(rows.Commitment(commit, new CommitmentScpOptions { Requester = requester, Folder = blocks.OwedFolder }).Row);
            named.Add("StorageCommitment");
        }

        if (blocks.Availability is { } availability)
        {
            more.Add(rows.Availability(availability));
            named.Add("InstanceAvailability");
        }

        if (blocks.Create is { } || blocks.Set is { })
        {
            more.AddRange(new ProcedureStepHandlers(runner, options.HandlerTimeout, Incomplete).Rows(blocks.Create, blocks.Set));
            named.Add("ProcedureStep");
        }

        Services = string.Join(", ", named);
        Handlers = string.Join(", ", blocks.All.Select(block => block.Parameter));
        Listen(listening, (handlers with { More = more }).ToTable());
        if (Handlers.Length > 0)
            _runspaces.Prepare();
    }

    /// <summary>The servers that run in this process.</summary>
    public static IReadOnlyList<ScriptServer> Running => [.. All.OfType<ScriptServer>()];

    /// <summary>The services whose SOP classes are served.</summary>
    public string Services { get; }

    /// <summary>The parameters that were given blocks.</summary>
    public string Handlers { get; }

    /// <summary>How many requests were answered.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>How many of them were answered with a failure.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>How many messages were forgotten because nobody asked for them.</summary>
    public long DroppedMessages => Forgotten;

    /// <inheritdoc/>
    public override string ToString() => $"{AETitle} on port {Port} ({State})";

    internal static ScriptServer Start(
        DicomServerOptions listening, ServiceHandlers options, HandlerBlocks blocks, InitialSessionState session, int throttle,
        object?[] arguments, Func<AssociationOptions, AssociationOptions> calls, Func<string, AssociationOptions?> requester) =>
        new(listening, options, blocks, session, throttle, arguments, calls, requester);

    /// <inheritdoc/>
    protected override async Task CloseAsync()
    {
        await _runspaces.DisposeAsync().ConfigureAwait(false);
        await base.CloseAsync().ConfigureAwait(false);
    }

    private void Incomplete(ServiceCall call, string what) => Tell(new ServerMessage(DateTime.Now, nameof(ServerMessageLevel.Warning),
        call.Command.Operation, call.Association.Request.CallingAETitle, $"{call.Association.RemoteEndPoint}", what));

    private void Tell(ServerMessage message)
    {
        if (message.Level == nameof(ServerMessageLevel.Error))
            LastError = message.CallingAETitle is null ? message.Message
                : $"{message.CallingAETitle} {message.RemoteEndPoint}: {message.Message}";
        Remember(message);
    }

    /// <inheritdoc/>
    protected override void Note(ServerEvent what)
    {
        if (what is { IsAnswer: true, Status: { } status })
        {
            Interlocked.Increment(ref _requests);
            if (DimseStatus.CategoryOf(status) == DimseStatusCategory.Failure)
                Interlocked.Increment(ref _failed);
            return;
        }

        // A failure that a block answers with a status is its word, and needs no message.
        if (what is { Kind: ServerEventKind.Failed, Problem: null })
            return;
        // A peer often aborts after a failure: that must not hide the failure.
        var level = what.Problem is null or AssociationAbortedException ? ServerMessageLevel.Warning : ServerMessageLevel.Error;
        Tell(new ServerMessage(DateTime.Now, $"{level}", what.Operation, what.CallingAETitle, what.RemoteEndPoint, what.Text));
    }
}
