using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using DicomPS.Dimse;
using DicomPS.Scp;

namespace DicomPS.Transfer;

/// <summary>What a server is at.</summary>
public enum ServerState
{
    /// <summary>Taking associations.</summary>
    Running,
    /// <summary>Finishing what is in flight.</summary>
    Stopping,
    /// <summary>Ended.</summary>
    Stopped,
}

/// <summary>A running storage SCP: a <see cref="DicomServer"/> that stores into a folder and remembers what came. Any thread may use it.</summary>
public sealed class StorageServer : IAsyncDisposable
{
    private static readonly Dictionary<int, StorageServer> Servers = [];
    private static int _lastId;

    private readonly Channel<ReceivedInstance> _received;
    private readonly DicomServer _server;
    private readonly Action<ReceivedInstance>? _stored;
    private long _count;
    private long _failed;
    private long _bytes;
    private long _dropped;
    private volatile string? _lastError;
    private volatile int _state;

    private StorageServer(StorageServerOptions options, StoragePath layout)
    {
        Path = System.IO.Path.GetFullPath(options.Folder);
        Layout = layout.Template;
        AETitle = options.Server.AETitle;
        _stored = options.Stored;
        StartedAt = DateTime.Now;
        Id = Interlocked.Increment(ref _lastId);
        _received = Channel.CreateBounded<ReceivedInstance>(
            new BoundedChannelOptions(options.QueueCapacity) { FullMode = BoundedChannelFullMode.DropOldest },
            _ => Interlocked.Increment(ref _dropped));

        var receiver = ReceiverFor(options, layout);
        var store = new StoreScp(receiver, StoredAsync, NotStored + options.NotStored);
        var services = new ServiceTable([EchoScp.Row, CommitmentReportScp.Row(StorageCommitment.Take), .. store.Rows()], options.AcceptUnknownSopClasses ? store.Row : null);
        _server = DicomServer.Start(options.Server with { Trace = Note + options.Server.Trace }, services);
    }

    /// <summary>The servers that run in this process.</summary>
    public static IReadOnlyList<StorageServer> Running
    {
        get
        {
            lock (Servers)
                return [.. Servers.Values.OrderBy(s => s.Id)];
        }
    }

    /// <summary>A number that is the server's own in this process.</summary>
    public int Id { get; }

    /// <summary>The server's AE title.</summary>
    public string AETitle { get; }

    /// <summary>The port that is listened on.</summary>
    public int Port => _server.Port;

    /// <summary>The folder for what comes.</summary>
    public string Path { get; }

    /// <summary>The layout template.</summary>
    public string Layout { get; }

    /// <summary>What the server is at.</summary>
    public ServerState State => (ServerState)_state;

    /// <summary>When it was started, in local time.</summary>
    public DateTime StartedAt { get; }

    /// <summary>How many instances were stored.</summary>
    public long Received => Interlocked.Read(ref _count);

    /// <summary>How many instances came and were not stored.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>How many bytes of datasets were stored.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>How many associations were accepted so far.</summary>
    public long Associations => _server.Associations;

    /// <summary>How many associations are open now.</summary>
    public int ActiveAssociations => _server.ActiveAssociations;

    /// <summary>How many received instances were forgotten because nobody asked for them; their files are there.</summary>
    public long DroppedEvents => Interlocked.Read(ref _dropped);

    /// <summary>The last thing that went wrong, or null.</summary>
    public string? LastError => _lastError;

    /// <summary>Starts a storage SCP.</summary>
    /// <param name="options">How it listens and where it stores.</param>
    /// <exception cref="ArgumentException">An option or the layout is wrong.</exception>
    /// <exception cref="DicomException">The port cannot be listened on or the folder cannot be made or written to.</exception>
    public static StorageServer Start(StorageServerOptions options)
    {
        var layout = StoragePath.Parse(options.Layout);
        if (options.QueueCapacity < 1)
            throw new ArgumentOutOfRangeException(nameof(options), options.QueueCapacity, "The queue must hold at least one instance.");
        PrepareFolder(options.Folder);
        var server = new StorageServer(options, layout);
        lock (Servers)
            Servers[server.Id] = server;
        return server;
    }

    /// <summary>What stores into the folder by the layout, for a server or for C-GET.</summary>
    internal static InstanceReceiver ReceiverFor(StorageServerOptions options, StoragePath layout)
    {
        var folder = System.IO.Path.GetFullPath(options.Folder);
        return new InstanceReceiver(new InstanceReceiverOptions
        {
            Folder = folder,
            PathFor = (header, titles) => layout.Resolve(folder, header, titles.CallingAETitle, titles.CalledAETitle),
            LastTag = layout.LastTag,
            Duplicates = options.Duplicates,
            MaximumObjectBytes = options.MaximumObjectBytes,
            FlushToDisk = options.FlushToDisk,
        });
    }

    /// <summary>Makes the folder when it is missing, and tries whether it can be written to.</summary>
    /// <exception cref="DicomException">It cannot.</exception>
    internal static void PrepareFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var trial = System.IO.Path.Combine(folder, $"{InstanceReceiver.TemporaryPrefix}{Guid.NewGuid():N}{InstanceReceiver.TemporarySuffix}");
            File.WriteAllBytes(trial, []);
            File.Delete(trial);
            InstanceReceiver.DeleteAbandoned(folder);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new DicomException($"The storage folder {folder} cannot be written to: {problem.Message}", problem)
            {
                Stage = DicomStage.File,
                Advice = "Choose a folder that this user may write to.",
            };
        }
    }

    /// <summary>Stops every server of this process at once.</summary>
    public static Task StopAllAsync() => Task.WhenAll(Running.Select(s => s.StopAsync(TimeSpan.Zero)));

    /// <summary>Takes the next received instance if one is there.</summary>
    /// <param name="instance">The instance.</param>
    public bool TryReceive([NotNullWhen(true)] out ReceivedInstance? instance) => _received.Reader.TryRead(out instance);

    /// <summary>Waits until an instance is there.</summary>
    /// <param name="cancellationToken">Gives up the wait.</param>
    /// <returns>False when the server has stopped and everything was taken.</returns>
    public ValueTask<bool> WaitToReceiveAsync(CancellationToken cancellationToken) => _received.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>The received instances as they come, until the server stops. Each goes to one reader.</summary>
    /// <param name="cancellationToken">Gives up the wait.</param>
    public IAsyncEnumerable<ReceivedInstance> ReceiveAsync(CancellationToken cancellationToken) => _received.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Takes no new associations, lets each finish the instance it is at, and ends.</summary>
    /// <param name="grace">How long instances in flight may take; then they are aborted.</param>
    public async Task StopAsync(TimeSpan grace)
    {
        Interlocked.CompareExchange(ref _state, (int)ServerState.Stopping, (int)ServerState.Running);
        await _server.StopAsync(grace).ConfigureAwait(false);
        _state = (int)ServerState.Stopped;
        _received.Writer.TryComplete();
        lock (Servers)
            Servers.Remove(Id);
    }

    /// <summary>Stops at once.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.Zero).ConfigureAwait(false);

    /// <inheritdoc/>
    public override string ToString() => $"{AETitle} on port {Port} into {Path} ({State})";

    private Task StoredAsync(ReceivedInstance instance, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _bytes, instance.Bytes);
        _received.Writer.TryWrite(instance);
        _stored?.Invoke(instance);
        return Task.CompletedTask;
    }

    private void NotStored(CommandSet command, Exception problem)
    {
        Interlocked.Increment(ref _failed);
        _lastError = $"{command.AffectedSopInstanceUid}: {problem.Message}";
    }

    private void Note(ServerEvent what)
    {
        if (what.Problem is { })
            _lastError = what.RemoteEndPoint.Length > 0 ? $"{what.CallingAETitle} {what.RemoteEndPoint}: {what.Text}" : what.Text;
    }
}
