using System.Collections;
using System.Management.Automation;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using DicomPS.Archives;
using DicomPS.Archiving.Serving;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Files;
using DicomPS.Scp;
using DicomPS.Servers;
using DicomPS.Serving;

namespace DicomPS.Commands;

/// <summary>
/// Starts an archive, a folder of files and its index that peers store into, query and retrieve from, and returns at once.
/// </summary>
[Cmdlet(VerbsLifecycle.Start, "DicomArchive", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(ArchiveServer))]
public sealed class StartDicomArchiveCommand : StoringCmdlet
{
    private const int MostWarnings = 3;
    private long _rows;
    private readonly WorklistInput _items = new();

    /// <summary>The folder of the files and their index; made when it is missing.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Where C-MOVE may send to, beside the registered nodes: AE titles, each with host:port, an address or a node.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable? Destination { get; set; }

    /// <summary>
    /// The registered nodes that C-MOVE may send to, by name or AE title, with wildcards, or None; without it all of them. Those of
    /// -Destination are beside them.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    public string[]? MoveDestination { get; set; }

    /// <summary>Refuses C-STORE: the archive is asked and moved from, and nothing comes in.</summary>
    [Parameter]
    public SwitchParameter ReadOnly { get; set; }

    /// <summary>
    /// What happens to an instance that is there already, of the same patient, study and series; the new one replaces it unless told.
    /// Another one never does.
    /// </summary>
    [Parameter]
    public ArchiveDuplicate Duplicate { get; set; }

    /// <summary>A folder of worklist items (.wl, .json, .csv) to serve, or one such file.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Worklist { get; set; }

    /// <summary>Worklist items to serve: rows of Import-Csv, hashtables, answers of Find-DicomWorklist, datasets.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNull]
    public PSObject[]? WorklistItem { get; set; }

    /// <summary>
    /// Deletes the oldest studies when the files have more bytes than this; 500GB and the like work. Without it none is deleted.
    /// </summary>
    [Parameter]
    [ValidateRange(1L, long.MaxValue)]
    public long MaxBytes { get; set; }

    /// <summary>
    /// The most bytes that the files of one calling AE title may have together; further instances of it are refused (A700).
    /// </summary>
    [Parameter]
    [ValidateRange(1L, long.MaxValue)]
    public long MaxBytesPerSender { get; set; }

    /// <summary>How full the disk may be, in percent; then instances are refused (A700).</summary>
    [Parameter]
    [ValidateRange(1, 100)]
    public int MaximumDiskUse { get; set; }

    /// <summary>Deletes studies this long after their last instance came: days or a TimeSpan. Without it none is deleted.</summary>
    [Parameter]
    [AgeTransform]
    public TimeSpan MaxAge { get; set; }

    private protected override string CallersMay => $"{(ReadOnly ? "" : "store, ")}find and fetch, and move "
        + (MoveDestination is null ? "to every registered node" : "to the nodes of -MoveDestination");

    // Limits that are off are zero.
    private long? Bytes => MaxBytes > 0 ? MaxBytes : null;

    private TimeSpan? Age => MaxAge > TimeSpan.Zero ? MaxAge : null;

    private protected override void Process()
    {
        foreach (var item in WorklistItem ?? [])
        {
            _rows++;
            try
            {
                _items.Add(item);
            }
            catch (Exception problem) when (problem is DicomException or ArgumentException)
            {
                WriteFailure(new ModuleException(ErrorIds.WorklistItemInvalid, ErrorCategory.InvalidData,
                    $"Item {_rows} of the pipeline cannot be a worklist item. {problem.Message}",
                    (problem as DicomException)?.Advice
                        ?? "Its names are keywords such as PatientID, or the properties of Find-DicomWorklist's objects.", item, problem),
                        item);
            }
        }
    }

    private protected override void End()
    {
        var folder = FileSource.Folder(this, Path);
        var worklist = Worklist is null ? null : FileSource.Folder(this, Worklist);
        if (worklist is not null && !Directory.Exists(worklist) && !File.Exists(worklist))
        {
            Terminate(new ModuleException(ErrorIds.FileNotFound, ErrorCategory.ObjectNotFound,
                $"There is no folder or file '{worklist}' for the worklist.",
                "Make the folder first; it may be empty. Relative paths start at Get-Location.", Worklist), Worklist);
        }

        var unreadable = 0;
        var misnamed = 0;
        string? first = null;
        var warnings = new List<string>();
        if (ReadOnly && (Bytes is not null || Age is not null))
            Terminate(new ArgumentException("An archive that is -ReadOnly keeps what it has: leave -MaxBytes and -MaxAge out."), folder);
        var broken = KeepBroken is null ? null : FileSource.Folder(this, KeepBroken);
        if (broken is not null && $"{System.IO.Path.GetFullPath(broken)}/".Replace('\\', '/')
            .StartsWith($"{System.IO.Path.GetFullPath(folder).TrimEnd('/', '\\')}/".Replace('\\', '/'), StringComparison.Ordinal))
        {
            Terminate(new ArgumentException(
                "The folder of -KeepBroken lies in the archive's own, where the next start would look for instances: name one beside it."),
                KeepBroken!);
        }

        var destinations = new MoveDestinations(Destination, AETitle, CallSettings());
        var options = new ArchiveServerOptions
        {
            Folder = folder,
            ReadOnly = ReadOnly,
            AcceptUnknownSopClasses = AllowUnknownSopClass,
            Duplicates = ArchiveFiles.RuleOf(Duplicate),
            FlushToDisk = FlushToDisk,
            Private = Private,
            MaximumObjectBytes = MaximumObjectBytes,
            MaxBytes = Bytes,
            MaxAge = Age,
            MaxBytesPerSender = MaxBytesPerSender > 0 ? MaxBytesPerSender : null,
            MaximumDiskUse = MaximumDiskUse > 0 ? MaximumDiskUse : null,
            StudyQuietPeriod = StudyQuietPeriod,
            Destination = title => destinations.Find(title, MoveDestination),
            MayMoveTo = MoveDestination is null ? null : title => destinations.Allows(title, MoveDestination),
            Worklist = worklist,
            // No item may have come down the pipeline; the worklist is served all the same.
            WorklistItems = WorklistItem is not null || MyInvocation.ExpectingInput ? _items.Items : null,
            WorklistUnreadable = (file, problem) =>
            {
                var isServed = problem is UnknownColumnsException;
                Note($"{file}: {(isServed ? "" : "not in the worklist. ")}{problem.Message}");
                if (!isServed && unreadable++ == 0)
                    first = $"{file}: {problem.Message}";
                else if (isServed && ++misnamed <= MostWarnings)
                    warnings.Add($"{file}: {problem.Message}");
            },
            Unreadable = (file, problem) => Note($"{file}: not in the archive, {problem.Message}"),
            BrokenFolder = broken,
            Server = Listening(),
        };
        var created = Directory.Exists(folder) ? "" : ", creating the folder";
        var expired = Expired(folder);
        if (ShouldProcess(folder, $"Serve a DICOM archive as {AETitle} on {Where}{created}{Limits(expired.Count)}"))
            Start(options, () => destinations.All(MoveDestination), Warn);
        else
            Warn();

        void Warn()
        {
            TellIfOpen(System.IO.Path.Combine(folder, "index.sqlite"));
            if (_items.Unknown.Count > 0)
                WriteWarning($"The worklist from the pipeline: {new UnknownColumnsException(_items.Unknown).Message}");
            warnings.ForEach(WriteWarning);
            if (misnamed > MostWarnings)
                WriteWarning(
                    $"{misnamed - MostWarnings} more file(s) in {worklist} have columns that name no attribute; -Verbose names them.");
            if (unreadable > 0)
                WriteWarning(
                    $"{unreadable} file(s) or item(s) in {worklist} are not in the worklist; -Verbose names all. The first: {first}");
        }
    }

    // What the limits delete is said before anything is: in the question of -Confirm, and study by study with -WhatIf and -Verbose.
    private IReadOnlyList<string> Expired(string folder)
    {
        const int mostNamed = 100;
        IReadOnlyList<string> expired;
        try
        {
            expired = Wait(token => RetentionKeeper.PreviewAsync(folder, Bytes, Age, token));
        }
        catch (Exception failure) when (failure is DicomException or IOException or UnauthorizedAccessException)
        {
            Terminate(ArchiveArgument.Named(failure, folder), folder);
            return [];
        }

        foreach (var study in expired.Take(mostNamed))
        {
            if (IsWhatIf)
                ShouldProcess(study, "Delete because of -MaxBytes or -MaxAge");
            else
                WriteVerbose($"{study}: goes now because of -MaxBytes or -MaxAge.");
        }

        return expired;
    }

    private string Limits(int now)
    {
        string[] limits = [.. new[] { Bytes is { } bytes ? $"the oldest beyond {bytes} bytes" : null,
            Age is { } age ? $"those whose last instance came more than {age.TotalDays:0.##} days ago" : null }.OfType<string>()];
        return limits.Length == 0 ? "" : $", and DELETE studies from it: {string.Join(", and ", limits)} ({now} now)";
    }

    private void Start(ArchiveServerOptions options, Func<IReadOnlyList<string>> movesTo, Action warn)
    {
        // Short, unless files and index have to be made to agree first.
        var progress = Meter($"Opening {options.Folder}");
        ArchiveServer server;
        try
        {
            server = Wait(token => ArchiveServer.StartAsync(options, token),
                () => progress.Update("Making files and index agree", null, null));
        }
        catch (Exception failure) when (failure is DicomException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            progress.Complete();
            Terminate(ArchiveArgument.Named(failure, options.Folder), failure is DicomNetworkException ? Port : options.Folder);
            return;
        }

        progress.Complete();
        server.MovesTo = movesTo;
        if (server.Recovered > 0)
            WriteVerbose($"{server.Recovered} file(s) were taken into the index: it is new, or the archive had not been stopped.");
        Hand(server, warn);
    }
}
