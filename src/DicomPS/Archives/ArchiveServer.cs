using System.Runtime.CompilerServices;
using DicomPS.Archiving;
using DicomPS.Dimse;
using DicomPS.Scp;
using DicomPS.Transfer;

namespace DicomPS.Archives;

/// <summary>A running archive: a folder of files and its index, served by C-STORE, C-FIND, C-MOVE and C-GET. Any thread may use it.</summary>
public sealed class ArchiveServer : IAsyncDisposable
{
    private static readonly Dictionary<int, ArchiveServer> Servers = [];
    private static int lastId;

    private readonly object counting = new();
    private readonly Archive archive;
    private readonly DicomServer server;
    private (long Studies, long Series, long Instances) counts;
    private Task? stopping;
    private bool isClosed;
    private long received;
    private long failed;
    private long bytes;
    private volatile string? lastError;
    private int changes = 1;
    private int counted;
    private volatile int state;

    private ArchiveServer(Archive archive, ArchiveServerOptions options)
    {
        this.archive = archive;
        AETitle = options.Server.AETitle;
        IsReadOnly = options.ReadOnly;
        StartedAt = DateTime.Now;
        var services = new ArchiveServices(archive, options);
        server = DicomServer.Start(
            options.Server with { Trace = Note + options.Server.Trace, ExtendedNegotiation = ArchiveServices.Agree },
            services.Table(StoredAsync, NotStored));
        Id = Interlocked.Increment(ref lastId);
    }

    /// <summary>The archives that run in this process.</summary>
    public static IReadOnlyList<ArchiveServer> Running
    {
        get
        {
            lock (Servers)
                return [.. Servers.Values.OrderBy(server => server.Id)];
        }
    }

    /// <summary>A number that is the archive's own in this process.</summary>
    public int Id { get; }

    /// <summary>The archive's AE title.</summary>
    public string AETitle { get; }

    /// <summary>The port that is listened on.</summary>
    public int Port => server.Port;

    /// <summary>The folder of the files and their index.</summary>
    public string Path => archive.Folder;

    /// <summary>Whether instances are refused.</summary>
    public bool IsReadOnly { get; }

    /// <summary>What the archive is at.</summary>
    public ServerState State => (ServerState)state;

    /// <summary>When it was started, in local time.</summary>
    public DateTime StartedAt { get; }

    /// <summary>How many studies the archive has.</summary>
    public long Studies => Counts().Studies;

    /// <summary>How many series the archive has.</summary>
    public long Series => Counts().Series;

    /// <summary>How many instances the archive has.</summary>
    public long Instances => Counts().Instances;

    /// <summary>How many instances were stored over the network since the start.</summary>
    public long Received => Interlocked.Read(ref received);

    /// <summary>How many instances came and were not stored.</summary>
    public long Failed => Interlocked.Read(ref failed);

    /// <summary>How many bytes of datasets were stored over the network since the start.</summary>
    public long Bytes => Interlocked.Read(ref bytes);

    /// <summary>How many associations are open now.</summary>
    public int ActiveAssociations => server.ActiveAssociations;

    /// <summary>The last thing that went wrong; null when nothing did.</summary>
    public string? LastError => lastError;

    /// <summary>How many files the start found that the index did not know, because the archive had not been stopped or was new.</summary>
    public long Recovered => archive.Recovered?.Added ?? 0;

    /// <summary>Opens an archive and serves it. Files and index are made to agree first when it had not been closed in good order.</summary>
    /// <param name="options">What, where and for whom.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <exception cref="DicomException">The folder is in use or cannot be written to, or the port cannot be listened on.</exception>
    public static async Task<ArchiveServer> StartAsync(ArchiveServerOptions options, CancellationToken cancellationToken = default)
    {
        if (options is null)
            throw new ArgumentNullException(nameof(options));
        var where = new ArchiveOptions { Folder = options.Folder, FlushToDisk = options.FlushToDisk, Unreadable = options.Unreadable };
        Archive archive = await Archive.OpenAsync(where, cancellationToken).ConfigureAwait(false);
        try
        {
            var started = new ArchiveServer(archive, options);
            lock (Servers)
                Servers[started.Id] = started;
            return started;
        }
        catch
        {
            await archive.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops every archive of this process at once.</summary>
    public static Task StopAllAsync() => Task.WhenAll(Running.Select(server => server.StopAsync(TimeSpan.Zero)));

    /// <summary>Takes no new associations, lets each finish the request that it is at, and closes the archive in good order.</summary>
    /// <param name="grace">How long requests in flight may take; then they are aborted.</param>
    public Task StopAsync(TimeSpan grace)
    {
        lock (counting)
            return stopping ??= Task.Run(() => StopCoreAsync(grace));
    }

    /// <summary>Stops at once.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.Zero).ConfigureAwait(false);

    /// <inheritdoc/>
    public override string ToString() => $"{AETitle} on port {Port} with {Path} ({State})";

    /// <summary>Imports files into the running archive, each told when the archive has it for good.</summary>
    internal async IAsyncEnumerable<ImportResult> ImportAsync(IReadOnlyList<string> files, bool inPlace, [EnumeratorCancellation] CancellationToken token)
    {
        await foreach (ImportResult result in ArchiveFiles.ImportAsync(archive, files, inPlace, token).ConfigureAwait(false))
        {
            Interlocked.Increment(ref changes);
            yield return result;
        }
    }

    private async Task StopCoreAsync(TimeSpan grace)
    {
        state = (int)ServerState.Stopping;
        await server.StopAsync(grace).ConfigureAwait(false);
        // The last counts stay readable when the index is closed.
        Counts();
        lock (counting)
            isClosed = true;
        await archive.DisposeAsync().ConfigureAwait(false);
        state = (int)ServerState.Stopped;
        lock (Servers)
            Servers.Remove(Id);
    }

    // Asked of the index when something was stored since the last time, so that who heard Success sees it counted.
    private (long Studies, long Series, long Instances) Counts()
    {
        lock (counting)
        {
            int now = Volatile.Read(ref changes);
            if (isClosed || now == counted)
                return counts;
            try
            {
                IndexCounts found = Task.Run(() => archive.Index.CountAsync()).GetAwaiter().GetResult();
                counts = (found.Studies, found.Series, found.Instances);
                counted = now;
            }
            catch (DicomException problem)
            {
                lastError = problem.Message;
            }

            return counts;
        }
    }

    private async Task StoredAsync(ReceivedInstance instance, CancellationToken token)
    {
        await archive.AddAsync(instance.Path, instance.CallingAETitle, token).ConfigureAwait(false);
        Interlocked.Increment(ref received);
        Interlocked.Add(ref bytes, instance.Bytes);
        Interlocked.Increment(ref changes);
    }

    private void NotStored(CommandSet command, Exception problem)
    {
        Interlocked.Increment(ref failed);
        lastError = $"{command.AffectedSopInstanceUid}: {problem.Message}";
    }

    private void Note(ServerEvent what)
    {
        if (what.Problem is not null)
            lastError = what.RemoteEndPoint.Length > 0 ? $"{what.CallingAETitle} {what.RemoteEndPoint}: {what.Text}" : what.Text;
    }
}
