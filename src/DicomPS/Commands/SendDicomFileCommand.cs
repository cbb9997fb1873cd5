using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Files;
using DicomPS.Part10;
using DicomPS.Pipeline;
using DicomPS.Sending;

namespace DicomPS.Commands;

/// <summary>Sends DICOM files to a peer with C-STORE and writes one result for each file.</summary>
[Cmdlet(VerbsCommunications.Send, "DicomFile", DefaultParameterSetName = ByNode, SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(StoreResult))]
public sealed partial class SendDicomFileCommand : RemoteFileCmdlet
{
    private const string LiteralByNode = "NodeLiteralPath";
    private const string LiteralByHost = "HostNameLiteralPath";

    // Files under way, so that a result is known to come from a folder; as bounded as the queue of the job.
    private readonly Dictionary<string, FolderScope> _underWay = new(StringComparer.Ordinal);
    private readonly OutageTeller _outage = new("file", "files",
        "Each file has its result; those with Status NotSent can be piped to Send-DicomFile again.");
    private readonly Patience _patience = new();
    private ProgressMeter? _progress;
    private StoreJob? _job;
    private Pump<StoreResult>? _results;
    private DicomNode? _target;
    private string _action = "";
    private long _added;
    private bool _isOver;
    private bool _isPiped;
    private DicomNode? _alone;

    /// <summary>Files, folders or wildcards.</summary>
    [Parameter(Position = 0, ParameterSetName = ByNode, ValueFromPipelineByPropertyName = true)]
    [Parameter(Position = 0, ParameterSetName = ByHost, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Files from the pipeline: paths, files, or objects with a path. Then -Node may stand alone, at the first position.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNull]
    public PSObject? InputObject { get; set; }

    /// <summary>Files or folders whose names are taken as they are.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralByNode, ValueFromPipelineByPropertyName = true)]
    [Parameter(Mandatory = true, ParameterSetName = LiteralByHost, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>The peer: AETITLE@host:port, a registered name, a hashtable, or a node.</summary>
    [Parameter(Position = 1, ParameterSetName = ByNode, ValueFromPipelineByPropertyName = true)]
    [Parameter(Position = 1, ParameterSetName = LiteralByNode, ValueFromPipelineByPropertyName = true)]
    [NodeTransform(IsOptional = true)]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    public DicomNode? Node { get; set; }

    /// <inheritdoc/>
    [Parameter(Mandatory = true, ParameterSetName = ByHost), Parameter(Mandatory = true, ParameterSetName = LiteralByHost)]
    [Alias("ComputerName")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(HostNameCompleter))]
    public override string HostName { get => base.HostName; set => base.HostName = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ByHost), Parameter(ParameterSetName = LiteralByHost)]
    [ValidateRange(1, 65535)]
    public override int Port { get => base.Port; set => base.Port = value; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ByHost), Parameter(ParameterSetName = LiteralByHost)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(AETitleCompleter))]
    [Alias("AETitle", "RemoteAETitle")]
    public override string CalledAETitle { get => base.CalledAETitle; set => base.CalledAETitle = value; }

    /// <summary>How many associations send side by side: a number, or Auto for as many as pay.</summary>
    [Parameter]
    [AssociationsTransform]
    [ArgumentCompleter(typeof(AssociationsCompleter))]
    [Alias("ThrottleLimit")]
    public string Associations { get; set; } = "1";

    /// <summary>Lets the files of one study go over several associations.</summary>
    [Parameter]
    public SwitchParameter SplitStudies { get; set; }

    /// <summary>How many files may be under way over one association before the first is answered, where the peer agrees.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int AsyncOperations { get; set; } = 1;

    /// <summary>How often a file is tried again after a failure that may pass.</summary>
    [Parameter]
    [ValidateRange(0, 100)]
    public int RetryCount { get; set; } = 2;

    /// <summary>The wait before the first retry; each further one is longer.</summary>
    [Parameter]
    [SecondsTransform(KeepZero = true)]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Sends every file in its own transfer syntax or not at all.</summary>
    [Parameter]
    public SwitchParameter NoReencode { get; set; }

    /// <summary>The priority that the peer is asked to give the requests; most pass over it.</summary>
    [Parameter]
    public DicomPriority Priority { get; set; }

    private protected override void Begin()
    {
        _block = OnProgress is { } block ? new ProgressBlock(this, block) : null;
        var isHost = Given(nameof(HostName));
        var isPath = Given(nameof(Path)) || Given(nameof(LiteralPath));
        // gci *.dcm | Send-DicomFile pacs: what stands alone beside files of the pipeline is the node.
        if (MyInvocation.ExpectingInput && !isHost && Node is null && Given(nameof(Path)) && Path.Length == 1)
        {
            Node = _alone = NodeArgument.Resolve(Path[0]);
            _isPiped = true;
        }
        else if (MyInvocation.ExpectingInput)
        {
            _isPiped = !isPath;
        }
        else if (!isPath)
        {
            Terminate(new ModuleException(ErrorIds.FileNotFound, ErrorCategory.InvalidArgument, "Nothing is named that should be sent.",
                "Name files or folders with -Path, or pipe them in.", null), null);
        }
        else if (!isHost && Node is null)
        {
            Terminate(NoNode(), null);
        }
    }

    private protected override void Process()
    {
        // What is piped in may say which node it came from; it goes where the command says.
        Node = _alone ?? Node;
        if (!Given(nameof(HostName)) && Node is null)
            Terminate(NoNode(), null);
        Turn(WithOverrides(Node ?? NodeFromHost()));
        var literal = ParameterSetName is LiteralByNode or LiteralByHost;
        var paths = literal ? LiteralPath : Path;
        if (_isPiped)
        {
            literal = InputObject!.BaseObject is not string;
            if (FileSource.FileOf(InputObject) is not { } named)
            {
                WriteFailure(new ModuleException(ErrorIds.FileNotFound, ErrorCategory.ObjectNotFound,
                    $"'{InputObject}' is a {InputObject.BaseObject.GetType().Name} and names no file.",
                    "Pipe in paths, files of Get-ChildItem, or objects with a property Path.", InputObject.BaseObject),
                    InputObject.BaseObject);
                return;
            }

            paths = [named.Path];
        }

        foreach (var (file, folder) in Source.Files(paths, literal))
        {
            if (StopToken.IsCancellationRequested)
                return;
            if (IsWanted(file, folder))
                Add(file, folder);
        }
    }

    private protected override void End()
    {
        Finish();
        _isOver = true;
        if (_block is { IsCancelled: true })
            WriteWarning($"-OnProgress ended the sending: {_notBegun} file(s) were not begun and have the Status NotSent.");
        Source.TellEmptyFolders();

        Source.TellSkipped();
    }

    // Results of an earlier Send may name different nodes; each has a job of its own, one after the other.
    private void Turn(DicomNode node)
    {
        if (_target == node)
            return;
        Finish();
        if (_job is not null)
        {
            var done = _job;
            _job = null;
            _results!.Dispose();
            Task.Run(async () => await done.DisposeAsync().ConfigureAwait(false)).Wait(TimeSpan.FromSeconds(10));
        }

        BeginAudit();
        _target = node;
        _action = $"Send to {node.Address}";
    }

    private void Finish()
    {
        if (_job is null)
            return;
        _job.CompleteAdding();
        Drain(_results!, WriteResult, ShowProgress);
        TellUnsent();
        _progress!.Complete();
    }

    private static ModuleException NoNode() => new(ErrorIds.NodeInvalid, ErrorCategory.InvalidArgument,
        "To which node? None is named.", "Name it with -Node: AETITLE@host:port, or a name that Set-DicomNode registered.", null);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // Also the way out of Ctrl+C and of Select-Object -First, after which End never runs.
        var isStopped = StopToken.IsCancellationRequested && !_isOver;
        var total = isStopped ? Source.Total : null;
        base.Dispose(disposing);
        CloseAudit();
        _results?.Dispose();
        if (_job is { } open)
        {
            Task.Run(async () => await open.DisposeAsync().ConfigureAwait(false)).Wait(TimeSpan.FromSeconds(10));
            if (isStopped)
                TellStopped(open, total);
        }

        _job = null;
    }

    private void TellStopped(StoreJob stopped, long? total)
    {
        var notBegun = Math.Max(Math.Max(_added, total ?? 0) - stopped.FilesDone - stopped.FilesUnderWay, 0);
        StopNotice.Write(this,
            $"Send-DicomFile was stopped: {stopped.FilesDone - stopped.FilesFailed} file(s) were sent, {stopped.FilesFailed} failed, "
            + $"{stopped.FilesUnderWay} were under way and may or may not have arrived, "
            + (total is null && notBegun == 0 ? "and no other had come yet."
                : $"{(total is null ? "at least " : "")}{notBegun} had not begun."));
    }

    private bool IsWanted(string file, FolderScope? folder)
    {
        if (folder is not null && string.Equals(System.IO.Path.GetFileName(file), "DICOMDIR", StringComparison.OrdinalIgnoreCase))
        {
            NoteDirectory(file);
            return false;
        }

        if (!IsWhatIf)
            return ShouldProcess(file, _action);
        Explain(file, folder);
        return false;
    }

    private void Explain(string file, FolderScope? folder)
    {
        try
        {
            var probed = StoreJob.Probe(file);
            folder?.Dicom += 1;
            if (folder is not null && probed.SopClassUid == Uids.MediaStorageDirectoryStorage)
                NoteDirectory(file);
            else
                ShouldProcess($"{file} ({FileDescription.Of(probed)})", _action);
        }
        catch (DicomException e)
        {
            if (IsNoDicom(e, file, folder))
                Skip(file);
            else
                WriteFailure(e, file);
        }
    }

    private void Add(string file, FolderScope? folder)
    {
        Open();
        if (folder is not null)
            _underWay[file] = folder;
        while (!_job!.TryAdd(file))
        {
            var goesOn = _results!.Wait(Tick);
            WriteReadyResults();
            if (!goesOn)
                return;
        }

        _added++;
        WriteReadyResults();
    }

    private void Open()
    {
        if (_job is not null)
            return;
        _progress = Meter($"Sending to {_target!.Address}");
        var (associations, isAuto) = AssociationCount.Of(Given(nameof(Associations)) ? Associations : _target.Associations);
        _job = new StoreJob(new StoreJobOptions
        {
            Association = OptionsFor(_target!),
            Node = _target,
            Associations = associations,
            IsAdaptive = isAuto,
            SplitsStudies = SplitStudies,
            AsyncOperations = Given(nameof(AsyncOperations)) ? AsyncOperations : _target.AsyncOperations ?? 1,
            RetryCount = RetryCount,
            RetryDelay = RetryDelay,
            Reencode = !NoReencode,
            Priority = Priority,
        });
        _results = new Pump<StoreResult>(_job.ResultsAsync, StopToken);
    }

    private void WriteReadyResults()
    {
        while (_results!.TryRead(out var result))
            WriteResult(result);
        WriteNotes();
        ShowProgress();
    }

    private void WriteResult(StoreResult result)
    {
        if (_underWay.TryGetValue(result.Path, out var folder))
            _underWay.Remove(result.Path);
        if (IsNoDicom(result.GetException(), result.Path, folder))
        {
            Skip(result.Path);
            return;
        }

        folder?.Dicom += 1;
        // One under another name is known only now; what a peer did store has its row like any other file.
        if (folder is not null && !result.Success && result.SOPClassUID == Uids.MediaStorageDirectoryStorage)
        {
            NoteDirectory(result.Path);
            return;
        }

        WriteAudit(result);
        WriteObject(result);
        if (_block is { IsCancelled: true } && result is { Status: "NotSent", Attempts: 0 })
            _notBegun++;
        else if (!result.Success)
            WriteProblem(result);
        _block?.Keep(Now(result));
    }

    private void WriteProblem(StoreResult result)
    {
        var failure = result.GetException();
        var isReason = OutageTeller.IsReason(failure, result.Status == "NotSent");
        if (_outage.Counts(failure, isReason))
            return;
        TellUnsent(failure, isReason);
        WriteError(ErrorRecords.From(result));
    }

    private void TellUnsent(DicomException? next = null, bool isReason = false)
    {
        if (_outage.TakeRest(_target!, next, isReason) is { } rest)
            WriteError(rest);
    }

    // A file that was named is meant; one that a folder happens to hold may be anything.
    private static bool IsNoDicom(DicomException? failure, string path, FolderScope? folder) =>
        folder is not null && failure is DicomDataException && !FileDescription.HasPrefix(path);

    private void NoteDirectory(string path) => WriteVerbose($"{path}: a DICOMDIR lists other files and is not sent.");

    private void Skip(string path)
    {
        Source.Skipped++;
        WriteVerbose($"{path}: not DICOM, skipped.");
    }

    private void ShowProgress()
    {
        if (_outage.Warning(_target!, _job!.Trouble) is { } warning)
            WriteWarning(warning);
        var waiting = _job.WaitingFor;
        if (_patience.Notice(waiting?.Path, waiting is { } since ? DateTime.UtcNow - since.Since : TimeSpan.Zero) is { } line)
            WriteVerbose($"{_target}: {line}");
        // The first look at the total starts the counting, so a short job never pays for it.
        _block?.Run(said => said ?? Now(null), _job.BeginNoMore);
        if (_progress!.IsDue)
            _progress.Count(_job.FilesDone, Source.Total, "files", _job.FilesFailed, _job.BytesSent, waiting?.Path);
    }
}
