using System.Management.Automation.Runspaces;
using System.Threading.Channels;
using DicomPS.Dimse;
using DicomPS.Scp;
using DicomPS.Transfer;

namespace DicomPS.Scripts;

/// <summary>A running SCP whose requests script blocks answer. Any thread and runspace may use it.</summary>
public sealed class ScriptServer : IAsyncDisposable
{
    private const int QueueCapacity = 4096;
    private static readonly Dictionary<int, ScriptServer> Servers = [];
    private static int lastId;

    private readonly Channel<ServerMessage> messages;
    private readonly RunspaceSet runspaces;
    private readonly DicomServer server;
    private long requests;
    private long failed;
    private long dropped;
    private volatile string? lastError;
    private volatile int state;

    private ScriptServer(DicomServerOptions listening, ServiceHandlers options, HandlerBlocks blocks, InitialSessionState session, int throttle, object?[] arguments)
    {
        messages = Channel.CreateBounded<ServerMessage>(
            new BoundedChannelOptions(QueueCapacity) { FullMode = BoundedChannelFullMode.DropOldest }, _ => Interlocked.Increment(ref dropped));
        runspaces = new RunspaceSet(session, throttle);
        ServiceHandlers handlers = new ScriptHandlers(blocks, new ScriptRunner(runspaces, arguments, Tell)).Into(options);
        AETitle = listening.AETitle;
        Services = string.Join(", ", handlers.Served);
        Handlers = string.Join(", ", new[] { blocks.Echo, blocks.Store, blocks.Find, blocks.Move, blocks.Get }.OfType<HandlerBlock>().Select(block => block.Parameter));
        StartedAt = DateTime.Now;
        server = DicomServer.Start(listening with { Trace = Note }, handlers.ToTable());
        if (Handlers.Length > 0)
            runspaces.Prepare();
        Id = Interlocked.Increment(ref lastId);
    }

    /// <summary>The servers that run in this process.</summary>
    public static IReadOnlyList<ScriptServer> Running
    {
        get
        {
            lock (Servers)
                return [.. Servers.Values.OrderBy(server => server.Id)];
        }
    }

    /// <summary>A number that is the server's own in this process.</summary>
    public int Id { get; }

    /// <summary>The server's AE title.</summary>
    public string AETitle { get; }

    /// <summary>The port that is listened on.</summary>
    public int Port => server.Port;

    /// <summary>What the server is at.</summary>
    public ServerState State => (ServerState)state;

    /// <summary>The services whose SOP classes are served.</summary>
    public string Services { get; }

    /// <summary>The parameters that were given blocks.</summary>
    public string Handlers { get; }

    /// <summary>When it was started, in local time.</summary>
    public DateTime StartedAt { get; }

    /// <summary>How many requests were answered.</summary>
    public long Requests => Interlocked.Read(ref requests);

    /// <summary>How many of them were answered with a failure.</summary>
    public long Failed => Interlocked.Read(ref failed);

    /// <summary>How many associations were accepted so far.</summary>
    public long Associations => server.Associations;

    /// <summary>How many associations are open now.</summary>
    public int ActiveAssociations => server.ActiveAssociations;

    /// <summary>How many messages were forgotten because nobody asked for them.</summary>
    public long DroppedMessages => Interlocked.Read(ref dropped);

    /// <summary>The last thing that went wrong, or null.</summary>
    public string? LastError => lastError;

    /// <summary>Stops at once.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.Zero).ConfigureAwait(false);

    /// <inheritdoc/>
    public override string ToString() => $"{AETitle} on port {Port} ({State})";

    internal static ScriptServer Start(
        DicomServerOptions listening, ServiceHandlers options, HandlerBlocks blocks, InitialSessionState session, int throttle, object?[] arguments)
    {
        var started = new ScriptServer(listening, options, blocks, session, throttle, arguments);
        lock (Servers)
            Servers[started.Id] = started;
        return started;
    }

    internal static Task StopAllAsync() => Task.WhenAll(Running.Select(server => server.StopAsync(TimeSpan.Zero)));

    internal bool TryReceive(out ServerMessage? message) => messages.Reader.TryRead(out message);

    internal ValueTask<bool> WaitToReceiveAsync(CancellationToken cancellationToken) => messages.Reader.WaitToReadAsync(cancellationToken);

    internal async Task StopAsync(TimeSpan grace)
    {
        Interlocked.CompareExchange(ref state, (int)ServerState.Stopping, (int)ServerState.Running);
        await server.StopAsync(grace).ConfigureAwait(false);
        state = (int)ServerState.Stopped;
        await runspaces.DisposeAsync().ConfigureAwait(false);
        messages.Writer.TryComplete();
        lock (Servers)
            Servers.Remove(Id);
    }

    private void Tell(ServerMessage message)
    {
        if (message.Level == ServerMessageLevel.Error)
            lastError = message.CallingAETitle is null ? message.Message : $"{message.CallingAETitle} {message.RemoteEndPoint}: {message.Message}";
        messages.Writer.TryWrite(message);
    }

    private void Note(ServerEvent what)
    {
        if (what.Status is { } status)
        {
            Interlocked.Increment(ref requests);
            if (DimseStatus.CategoryOf(status) == DimseStatusCategory.Failure)
                Interlocked.Increment(ref failed);
            return;
        }

        // A peer often aborts after a failure: that must not hide the failure.
        ServerMessageLevel level = what.Problem is null or AssociationAbortedException ? ServerMessageLevel.Warning : ServerMessageLevel.Error;
        Tell(new ServerMessage(DateTime.Now, level, what.Operation, what.CallingAETitle, what.RemoteEndPoint, what.Text));
    }
}
