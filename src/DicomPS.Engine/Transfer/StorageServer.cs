using DicomPS.Dimse;
using DicomPS.Scp;

namespace DicomPS.Transfer;

/// <summary>A running storage SCP: a <see cref="DicomServer"/> that stores into a folder and remembers what came. Any thread may use it.</summary>
public sealed class StorageServer : ReceivingServer<ReceivedInstance>
{
    private readonly Action<ReceivedInstance>? _stored;
    private long _count;
    private long _failed;
    private long _bytes;

    private StorageServer(StorageServerOptions options, StoragePath layout)
        : base(options.Server.AETitle, options.QueueCapacity)
    {
        Path = System.IO.Path.GetFullPath(options.Folder);
        Layout = layout.Template;
        _stored = options.Stored;
        var receiver = ReceiverFor(options, layout);
        var store = new StoreScp(receiver, StoredAsync, NotStored + options.NotStored);
        var services = new ServiceTable([EchoScp.Row, .. store.Rows()], options.AcceptUnknownSopClasses ? store.Row : null);
        Listen(options.Server, services);
    }

    /// <summary>The storage servers that run in this process.</summary>
    public static IReadOnlyList<StorageServer> Running => [.. All.OfType<StorageServer>()];

    /// <summary>The folder for what comes.</summary>
    public string Path { get; }

    /// <summary>The layout template.</summary>
    public string Layout { get; }

    /// <summary>How many instances were stored.</summary>
    public long Received => Interlocked.Read(ref _count);

    /// <summary>How many instances came and were not stored.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>How many bytes of datasets were stored.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>How many received instances were forgotten because nobody asked for them; their files are there.</summary>
    public long DroppedEvents => Forgotten;

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
        return new StorageServer(options, layout);
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

    /// <inheritdoc/>
    public override string ToString() => $"{AETitle} on port {Port} into {Path} ({State})";

    private Task StoredAsync(ReceivedInstance instance, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _bytes, instance.Bytes);
        Remember(instance);
        _stored?.Invoke(instance);
        return Task.CompletedTask;
    }

    private void NotStored(CommandSet command, Exception problem)
    {
        Interlocked.Increment(ref _failed);
        LastError = $"{command.AffectedSopInstanceUid}: {problem.Message}";
    }
}
