using System.Management.Automation;
using DicomPS.Files;
using DicomPS.Indexes;
using DicomPS.Pipeline;
using DicomPS.Queries;

namespace DicomPS.Commands;

/// <summary>Puts found patients, studies, series and instances, received instances and files into an index.</summary>
[Cmdlet(VerbsData.Export, "DicomIndex", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(PSObject))]
public sealed class ExportDicomIndexCommand : SelectingCmdlet
{
    // The index puts what waits into one transaction: enough of it to be fast, little enough to be done when the pipeline is stopped.
    private const int MostWriting = 500;
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(10);
    private readonly List<(Task Done, object Entry)> _writing = [];
    private ProgressMeter? _progress;
    private IndexFile? _index;
    private string _shown = "";
    private long _written;
    private long _notFound;

    /// <summary>The index, a file or postgresql://HOST:5432/DATABASE; made when it is missing.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Objects of the Find cmdlets, received instances, files, folders, and whatever has a Path.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [ValidateNotNull]
    public PSObject[] InputObject { get; set; } = [];

    /// <summary>Who logs in to an index in PostgreSQL; without it a passfile, a certificate or the system decides.</summary>
    [Parameter]
    [Credential]
    public PSCredential? IndexCredential { get; set; }

    /// <summary>Writes on what came in.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Begin()
    {
        var place = IndexPlace.Of(Path, IndexCredential, SessionState.Path.GetUnresolvedProviderPathFromPSPath);
        if (place.File is { } file)
            TellIfOpen(file);
        _shown = place.ToString();
        _progress = Meter($"Writing the index {_shown}");
        if (ShouldProcess(_shown, "Export to index"))
            _index = Wait(token => IndexErrors.Named(() => IndexFile.OpenAsync(place, mayCreate: true, token), _shown));
    }

    private protected override void Process()
    {
        foreach (var item in InputObject)
        {
            if (StopToken.IsCancellationRequested)
                return;
            if (_index is not null)
                Add(item);
            if (PassThru)
                WriteObject(item);
        }
    }

    private protected override void End()
    {
        if (_index is null)
            return;
        Write();
        _progress!.Complete();
        WriteVerbose($"{_written} entries were written to {_shown}.");
        if (_notFound > 0)
            WriteWarning($"{_notFound} row(s) were left out: Find did not find them, or could not ask for them.");
        Source.TellSkipped();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (_index is not { } open)
            return;
        _index = null;
        // Also the way out of Ctrl+C and of Select-Object -First: what came in before is kept.
        Task.Run(async () =>
        {
            try
            {
                await Task.WhenAll(_writing.Select(one => one.Done)).ConfigureAwait(false);
            }
            finally
            {
                await open.CloseAsync().ConfigureAwait(false);
            }
        }).ContinueWith(static done => _ = done.Exception, TaskScheduler.Default).Wait(LeaveTime);
    }

    private void Add(PSObject item)
    {
        if (RowColumns.IsNotFound(item))
        {
            _notFound++;
            return;
        }

        // What an index gave with its file is taken from that, which says more.
        var hasFile = item.Properties["Path"]?.Value is string { Length: > 0 };
        if (!hasFile && item.BaseObject is QueryResult result)
        {
            Try(() => IndexInput.From(result), item.BaseObject);
            return;
        }

        if (!hasFile && IndexRows.LevelOf(item) is { } level)
        {
            Try(() => IndexInput.From(item, level), item);
            return;
        }

        if (FileSource.FileOf(item) is not var (named, from))
        {
            WriteFailure(new ModuleException(ErrorIds.IndexInputUnknown, ErrorCategory.InvalidType,
                $"An object of the type {item.BaseObject.GetType().Name} cannot be put into an index.",
                "Pipe objects of the Find cmdlets, also through CSV or CLIXML, received instances, or files.", item), item);
            return;
        }

        foreach (var path in Source.Resolve(named, literal: item.BaseObject is not string))
        {
            var isFolder = Directory.Exists(path);
            foreach (var file in Source.Files(path))
            {
                if (StopToken.IsCancellationRequested)
                    return;
                _progress!.Count(_written + _writing.Count, null, "entries");
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
        IndexInput input;
        try
        {
            input = IndexInput.From(file, from);
        }
        catch (DicomException e)
        {
            Source.Skipped++;
            WriteVerbose(ErrorRecords.Sentence(e));
            return;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            WriteFailure(e, file);
            return;
        }

        Enqueue(input, file);
    }

    private void Try(Func<IndexInput> make, object target)
    {
        IndexInput input;
        try
        {
            input = make();
        }
        catch (Exception e) when (e is DicomException or IOException or UnauthorizedAccessException)
        {
            WriteFailure(e, target);
            return;
        }

        Enqueue(input, target);
    }

    // Begun at once, so that what comes slowly, as from a server, is in the index when it has come.
    private void Enqueue(IndexInput input, object entry)
    {
        _writing.Add((_index!.WriteAsync([input], CancellationToken.None), entry));
        if (_writing.Count >= MostWriting)
            Write();
    }

    private void Write()
    {
        var batch = _writing.ToArray();
        Wait(
            async token =>
            {
                var all = Task.WhenAll(batch.Select(one => one.Done));
                await Task.WhenAny(all, Task.Delay(Timeout.Infinite, token)).ConfigureAwait(false);
                token.ThrowIfCancellationRequested();
                return all.Exception is null;
            },
            () => _progress!.Count(_written, null, "entries"));
        // Not before: who stops the wait leaves them to be waited for on the way out.
        _writing.Clear();
        var failed = batch.Where(one => one.Done.IsFaulted)
            .Select(one => (Problem: one.Done.Exception!.InnerException!, one.Entry)).ToList();
        _written += batch.Length - failed.Count;
        foreach (var (problem, entry) in failed.Where(one => IndexErrors.IsOfValue(one.Problem)))
            WriteFailure(IndexErrors.Of((DicomException)problem, entry), entry);
        failed.RemoveAll(one => IndexErrors.IsOfValue(one.Problem));
        if (failed.Count == 0)
            return;
        var lost = IndexErrors.NotWritten(failed[0].Problem, _shown, failed.Count);
        // Where nothing gets in, what comes next would not, and each time it would be waited for.
        if (IndexErrors.IsAway(failed[0].Problem) || (failed.Count == batch.Length && batch.Length > 1))
            Terminate(lost, _shown);
        WriteFailure(lost, _shown);
    }
}
