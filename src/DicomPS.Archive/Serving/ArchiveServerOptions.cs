using DicomPS.Archiving.Storage;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Scp;
using DicomPS.Serving;

namespace DicomPS.Archiving.Serving;

/// <summary>What an archive serves, whom it lets in and whom it sends to.</summary>
public sealed record ArchiveServerOptions
{
    /// <summary>The folder of the files and their index; made when it is missing.</summary>
    public required string Folder { get; init; }

    /// <summary>Whether instances are refused: the archive is asked, and nothing comes in. Default false.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>
    /// Whether storage SOP classes that the standard does not list, private ones for instance, are taken too. Default false.
    /// </summary>
    public bool AcceptUnknownSopClasses { get; init; }

    /// <summary>Whether Success waits until the disk itself has file and index. Default false.</summary>
    public bool FlushToDisk { get; init; }

    /// <summary>
    /// Whether the files of instances are, on Unix, their owner's alone. Default false: they are as the process has it (umask). The
    /// index is always, and so is the archive's folder when it is made.
    /// </summary>
    public bool Private { get; init; }

    /// <summary>
    /// The folder for instances that come broken, outside <see cref="Folder"/>; null, the default, keeps none. Their senders hear a
    /// failure either way.
    /// </summary>
    public string? BrokenFolder { get; init; }

    /// <summary>The largest dataset taken, in bytes, what a deflated one inflates to. Default no limit but the disk.</summary>
    public long MaximumObjectBytes { get; init; } = long.MaxValue;

    /// <summary>What happens to an instance that the archive has already. Default: the new one replaces it.</summary>
    public SameInstance Duplicates { get; init; }

    /// <summary>
    /// How many bytes the files may have together, 1 or more: the oldest studies are deleted beyond it. Default null: none is.
    /// </summary>
    public long? MaxBytes { get; init; }

    /// <summary>
    /// How many bytes the files of one calling AE title may have together, 1 or more: further instances of it are refused (A700), so that
    /// a flood of one sender deletes nobody else's studies. Default null: no limit.
    /// </summary>
    public long? MaxBytesPerSender { get; init; }

    /// <summary>
    /// How full the disk may be, in percent, 1 to 100: then instances are refused (A700). Default null: until it is full.
    /// </summary>
    public int? MaximumDiskUse { get; init; }

    /// <summary>How long after its last arrival a study is kept, more than zero; then it is deleted. Default null: for ever.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>How long a study must be quiet before it is complete. Default 10 s.</summary>
    public TimeSpan StudyQuietPeriod { get; init; } = StudyFeed.DefaultQuietPeriod;

    /// <summary>How to call a move destination, by its AE title; null for one that is not known. The default knows none.</summary>
    public Func<string, AssociationOptions?> Destination { get; init; } = _ => null;

    /// <summary>Whether C-MOVE may send to one of these, by its AE title; null, the default, lets it send to all.</summary>
    public Func<string, bool>? MayMoveTo { get; init; }

    /// <summary>Told of files in the folder that cannot be read, when the archive looks through it at its start; null is silent.</summary>
    public Action<string, Exception>? Unreadable { get; init; }

    /// <summary>
    /// A folder of worklist items to serve, looked through with its subfolders (.wl, .json, .csv), or one such file; it is read
    /// again when it changes. Null, the default, is none.
    /// </summary>
    public string? Worklist { get; init; }

    /// <summary>
    /// Worklist items to serve, each with Scheduled Procedure Step Sequence (0040,0100) or with the attributes of one step beside the
    /// others. Null, the default, is none.
    /// </summary>
    public IReadOnlyList<DicomDataset>? WorklistItems { get; init; }

    /// <summary>
    /// Told of worklist files, or items in them, that cannot be read at the start; later ones are in
    /// <see cref="RunningServer.LastError"/>. Null is silent.
    /// </summary>
    public Action<string, Exception>? WorklistUnreadable { get; init; }

    /// <summary>Gives the archive another disk and another clock.</summary>
    internal Func<ArchiveOptions, ArchiveOptions> Seams { get; init; } = options => options;

    /// <summary>How the server listens and whom it lets in.</summary>
    public DicomServerOptions Server { get; init; } = new();
}
