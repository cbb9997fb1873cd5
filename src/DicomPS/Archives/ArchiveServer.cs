using System.Runtime.CompilerServices;
using DicomPS.Archiving;
using DicomPS.Dimse;
using DicomPS.Scp;
using DicomPS.Transfer;

namespace DicomPS.Archives;

/// <summary>A running archive: a folder of files and its index, served by C-STORE, C-FIND, C-MOVE and C-GET. Any thread may use it.</summary>
public sealed class ArchiveServer : RunningServer
{
    private readonly object counting = new();
    private readonly Archive archive;
    private (long Studies, long Series, long Instances) counts;
    private bool isClosed;
    private long received;
    private long failed;
    private long bytes;
    private int changes = 1;
    private int counted;

    private ArchiveServer(Archive archive, ArchiveServerOptions options)
        : base(options.Server.AETitle)
    {
        this.archive = archive;
        IsReadOnly = options.ReadOnly;
        var services = new ArchiveServices(archive, options);
        Listen(options.Server with { ExtendedNegotiation = ArchiveServices.Agree }, services.Table(StoredAsync, NotStored));
    }

    /// <summary>The archives that run in this process.</summary>
    public static IReadOnlyList<ArchiveServer> Running => [.. All.OfType<ArchiveServer>()];

    /// <summary>The folder of the files and their index.</summary>
    public string Path => archive.Folder;

    /// <summary>Whether instances are refused.</summary>
    public bool IsReadOnly { get; }

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
            return new ArchiveServer(archive, options);
        }
        catch
        {
            await archive.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

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

    /// <inheritdoc/>
    protected override async Task CloseAsync()
    {
        // The last counts stay readable when the index is closed.
        Counts();
        lock (counting)
            isClosed = true;
        await archive.DisposeAsync().ConfigureAwait(false);
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
                LastError = problem.Message;
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
        LastError = $"{command.AffectedSopInstanceUid}: {problem.Message}";
    }
}
