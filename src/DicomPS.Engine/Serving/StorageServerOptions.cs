using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dimse;
using DicomPS.Part10;
using DicomPS.Scp;

namespace DicomPS.Serving;

/// <summary>How a storage SCP listens, whom it lets in and where it puts what comes.</summary>
public sealed record StorageServerOptions
{
    /// <summary>The folder for what comes; made when it is missing.</summary>
    public required string Folder { get; init; }

    /// <summary>A layout's name or template; see <see cref="StoragePath"/>. Default Study.</summary>
    public string Layout { get; init; } = "Study";

    /// <summary>What happens to an instance that is there already. Default overwrite.</summary>
    public DuplicatePolicy Duplicates { get; init; }

    /// <summary>
    /// Whether storage SOP classes that the standard does not list, private ones for instance, are taken too. Default false.
    /// </summary>
    public bool AcceptUnknownSopClasses { get; init; }

    /// <summary>Whether Success waits until the disk itself has the file. Default false.</summary>
    public bool FlushToDisk { get; init; }

    /// <summary>
    /// Whether the files and folders that are made are, on Unix, their owner's alone. Default false: they are as the process has it
    /// (umask).
    /// </summary>
    public bool Private { get; init; }

    /// <summary>The disk, when it is not that of the operating system.</summary>
    internal FileSystem? Files { get; init; }

    internal FileSystem Disk => Files ?? (Private ? FileSystem.Private : FileSystem.Default);

    /// <summary>
    /// The folder for instances that come broken; null, the default, keeps none. Their senders hear a failure either way.
    /// </summary>
    public string? BrokenFolder { get; init; }

    /// <summary>The largest dataset taken, in bytes, what a deflated one inflates to. Default no limit but the disk.</summary>
    public long MaximumObjectBytes { get; init; } = long.MaxValue;

    /// <summary>
    /// How many received instances wait to be asked for; beyond that the oldest are forgotten (their files stay) and counted. Default
    /// 65536.
    /// </summary>
    public int QueueCapacity { get; init; } = 65536;

    /// <summary>
    /// How long a study must be quiet before it is complete (<see cref="StudyFeed"/>); null, the default, does not watch for that.
    /// </summary>
    public TimeSpan? StudyQuietPeriod { get; init; }

    /// <summary>
    /// Names a folder below <see cref="Folder"/> for an instance that does not belong with the others, by its first elements; null
    /// leaves it.
    /// </summary>
    internal Func<DicomDataset, string?>? FolderFor { get; init; }

    /// <summary>Told of each instance in its place, before its sender is; must return at once. Null is silent.</summary>
    public Action<ReceivedInstance>? Stored { get; init; }

    /// <summary>
    /// What is still to be done once no association is left, before the server has stopped. Null, the default, is nothing.
    /// </summary>
    internal Func<Task>? Closing { get; init; }

    /// <summary>Told of each instance that came and was not stored; must return at once. Null is silent.</summary>
    public Action<CommandSet, Exception>? NotStored { get; init; }

    /// <summary>How the server listens and whom it lets in.</summary>
    public DicomServerOptions Server { get; init; } = new();
}
