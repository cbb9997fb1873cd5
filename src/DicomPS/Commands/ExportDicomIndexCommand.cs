using System.Management.Automation;
using DicomPS.Indexes;

namespace DicomPS.Commands;

/// <summary>Puts found patients, studies, series and instances, received instances and files into an SQLite index.</summary>
[Cmdlet(VerbsData.Export, "DicomIndex", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(PSObject))]
public sealed class ExportDicomIndexCommand : DicomCmdlet
{
    // One transaction each: large enough to be fast, small enough to be done when the pipeline is stopped.
    private const int BatchLength = 500;
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(10);
    private readonly List<IndexInput> waiting = [];
    private FileSource? source;
    private ProgressMeter? progress;
    private IndexFile? index;
    private long written;
    private long skipped;

    /// <summary>The index; made when it is missing.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Objects of the Find cmdlets, received instances, files, folders, and whatever has a Path.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [ValidateNotNull]
    public PSObject[] InputObject { get; set; } = [];

    /// <summary>Goes into the folders below a folder as well.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <summary>Writes on what came in.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Begin()
    {
        source = new FileSource(this, Recurse);
        progress = Meter($"Writing the index {Path}");
        string path = SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path);
        if (ShouldProcess(path, "Export to index"))
            index = Wait(token => IndexErrors.Named(() => IndexFile.OpenAsync(path, mayCreate: true, token), path));
    }

    private protected override void Process()
    {
        foreach (PSObject item in InputObject)
        {
            if (StopToken.IsCancellationRequested)
                return;
            if (index is not null)
                Add(item);
            if (PassThru)
                WriteObject(item);
        }
    }

    private protected override void End()
    {
        if (index is null)
            return;
        Write();
        progress!.Complete();
        WriteVerbose($"{written} entries were written to {Path}.");
        if (skipped > 0)
            WriteWarning($"{skipped} file(s) were skipped because they are not DICOM; -Verbose names them.");
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (index is not { } open)
            return;
        index = null;
        // Also the way out of Ctrl+C and of Select-Object -First: what came in before is kept.
        Task.Run(async () =>
        {
            try
            {
                if (waiting.Count > 0)
                    await open.WriteAsync(waiting, CancellationToken.None).ConfigureAwait(false);
            }
            finally
            {
                await open.CloseAsync().ConfigureAwait(false);
            }
        }).ContinueWith(static done => _ = done.Exception, TaskScheduler.Default).Wait(LeaveTime);
    }

    private void Add(PSObject item)
    {
        if (item.BaseObject is QueryResult result)
        {
            Try(() => IndexInput.From(result), item.BaseObject);
            return;
        }

        if (FileSource.FileOf(item) is not var (named, from))
        {
            WriteFailure(new ModuleException(Errors.IndexInputUnknown, ErrorCategory.InvalidType, $"An object of the type {item.BaseObject.GetType().Name} cannot be put into an index.",
                "Pipe objects of the Find cmdlets, received instances, or files.", item), item);
            return;
        }

        foreach (string path in source!.Resolve(named, literal: item.BaseObject is not string))
        {
            bool isFolder = Directory.Exists(path);
            foreach (string file in source.Files(path))
            {
                if (StopToken.IsCancellationRequested)
                    return;
                progress!.Count(written + waiting.Count, null, "entries");
                if (isFolder)
                    AddFromFolder(file, from);
                else
                    Try(() => IndexInput.From(file, from), file);
            }
        }
    }

    // A folder may hold other things than DICOM.
    private void AddFromFolder(string file, string? from)
    {
        try
        {
            Take(IndexInput.From(file, from));
        }
        catch (DicomException e)
        {
            skipped++;
            WriteVerbose(Errors.Sentence(e));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            WriteFailure(e, file);
        }
    }

    private void Try(Func<IndexInput> make, object target)
    {
        try
        {
            Take(make());
        }
        catch (Exception e) when (e is DicomException or IOException or UnauthorizedAccessException)
        {
            WriteFailure(e, target);
        }
    }

    private void Take(IndexInput input)
    {
        waiting.Add(input);
        if (waiting.Count >= BatchLength)
            Write();
    }

    private void Write()
    {
        if (waiting.Count == 0)
            return;
        // Taken off the list only when it is written: the way out of Ctrl+C writes the rest, and twice is as good as once.
        IndexInput[] batch = [.. waiting];
        Wait(token => IndexErrors.Named(
            async () =>
            {
                await index!.WriteAsync(batch, token).ConfigureAwait(false);
                return batch.Length;
            },
            Path), () => progress!.Count(written, null, "entries"));
        waiting.Clear();
        written += batch.Length;
    }
}
