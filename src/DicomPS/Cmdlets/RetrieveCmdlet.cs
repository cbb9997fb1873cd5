using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Host;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Dimse;
using DicomPS.Matching;
using DicomPS.Pipeline;
using DicomPS.Retrieving;
using DicomPS.Scp;

namespace DicomPS.Cmdlets;

/// <summary>
/// The base of the cmdlets that move and get: from whom, when and how. Requests go to one job, which is replaced when a record names
/// another node.
/// </summary>
public abstract partial class RetrieveCmdlet : RemoteCmdlet
{
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(10);

    private readonly OutageTeller _outage = new("request", "requests",
        "Each request has its result; those with Status NotSent can be piped in again.");
    private readonly RefusalTeller _refusals = new("request", "requests", "Each request has its result.");
    private readonly HashSet<string> _warned = [];
    private readonly Patience _patience = new();
    private DateTime? _opening;
    private PSHostUserInterface? _screen;
    private RetrieveMeter? _progress;
    private RetrieveJobOptions? _options;
    private RetrieveJob? _job;
    private Pump<RetrieveResult>? _results;
    private DicomNode? _target;
    private long _skipped;

    /// <summary>The peer: AETITLE@host:port, a registered name, a hashtable, or a node.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByNode, ValueFromPipelineByPropertyName = true)]
    [NodeTransform(Hint = "Position 0 is the peer to retrieve from; where Move-DicomStudy moves to is named with -Destination.")]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    [ValidateNotNull]
    public DicomNode? Node { get; set; }

    /// <summary>What Find says of an answer: whether it fits what was asked for. What does not is skipped.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [MatchTransform]
    public bool? Matches { get; set; }

    /// <summary>Retrieves also what does not fit what Find asked for.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Patient, Study, Series, Flat, or a template such as {PatientID}/{StudyInstanceUID}/{SOPInstanceUID}.dcm.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(LayoutCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Layout { get; set; }

    /// <summary>What happens to an instance that is there already.</summary>
    [Parameter]
    public DuplicatePolicy Duplicate { get; set; }

    /// <summary>The hours in which new requests are begun, such as 22:00-06:00.</summary>
    [Parameter]
    [ValidateNotNull]
    public DailyWindow? Between { get; set; }

    /// <summary>How many requests run side by side, each over an association: a number, or Auto for as many as pay.</summary>
    [Parameter]
    [AssociationsTransform]
    [ArgumentCompleter(typeof(AssociationsCompleter))]
    [Alias("Throttle", "ThrottleLimit")]
    public string Associations { get; set; } = "1";

    /// <summary>How often a request is tried again after a failure that may pass.</summary>
    [Parameter]
    [ValidateRange(0, 100)]
    public int RetryCount { get; set; } = 2;

    /// <summary>The wait before the first retry; each further one is longer.</summary>
    [Parameter]
    [SecondsTransform(KeepZero = true)]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The priority that the peer is asked to give the requests; most pass over it.</summary>
    [Parameter]
    public DicomPriority Priority { get; set; }

    /// <summary>How this cmdlet retrieves from a node.</summary>
    private protected abstract RetrieveJobOptions Complete(RetrieveJobOptions options, DicomNode node);

    /// <summary>Query/Retrieve View (0008,0053) that is wanted; null for none.</summary>
    private protected virtual string? WantedView => null;

    /// <summary>Keeps what became of a request, before it is written.</summary>
    private protected virtual void Mark(RetrieveResult result)
    {
    }

    /// <summary>What ShouldProcess asks about.</summary>
    private protected abstract string ActionFor(DicomNode node);

    /// <summary>The layout without -Layout.</summary>
    private protected virtual string UsualLayout => "Study";

    /// <summary>The layout.</summary>
    private protected string Places => Layout ?? UsualLayout;

    /// <summary>Whether everything at the peer is asked for; then it does so.</summary>
    private protected virtual bool RetrievesAll(DicomNode node) => false;

    /// <summary>What the parameters and the record ask for.</summary>
    private protected abstract IEnumerable<RetrieveKeys> Requests();

    /// <summary>The parameters that an empty value would make ask for more than is meant.</summary>
    private protected abstract IReadOnlyList<string> UidKeys { get; }

    private protected override void Begin()
    {
        _screen = Host?.UI;
        BeginProgress();
        LayoutArgument.Check(Places);
        // A UID that is missing would make it all of the study or of the patient.
        if (GivenKeys.Empty(MyInvocation.BoundParameters, UidKeys,
            "Leave the parameter out to retrieve all that the other keys name.") is { } empty)
            Terminate(empty, empty.Target);
    }

    private protected override void Process()
    {
        var node = WithOverrides(ParameterSetName == ByHost ? NodeFromHost() : Node!);
        foreach (var keys in RetrievesAll(node) ? [] : Requests())
        {
            if (Matches == false && !Force)
                Skip(keys);
            else if (LacksStudy(keys))
                WriteUnusable(keys, node, new ArgumentException(
                    $"The row has a column StudyInstanceUID and no UID in it: that would be all of the patient {keys.PatientID}. Give the "
                    + "UID, or -Level Patient to mean the patient."));
            else
                Ask(keys, node);
        }

        if (_job is not null)
            WriteReadyResults();
    }

    // The empty cell of a list of studies. Of an object that is about a patient the property is null.
    private static bool LacksStudy(RetrieveKeys keys) => keys.StudyInstanceUID.Count > 0
        && keys.StudyInstanceUID.All(string.IsNullOrWhiteSpace) && !string.IsNullOrEmpty(keys.PatientID)
        && keys.Level != QueryLevel.Patient;

    /// <summary>Asks for what the keys name, once the user agrees.</summary>
    private protected void Ask(RetrieveKeys keys, DicomNode node)
    {
        RetrieveTarget wanted;
        try
        {
            wanted = RetrieveTarget.For(keys);
            _ = wanted.SopClassUid(OptionsOf(node).Method);
        }
        catch (ArgumentException e)
        {
            if (Parted(keys) is { } parts)
                parts.ForEach(part => Ask(part, node));
            else
                WriteUnusable(keys, node, e);
            return;
        }

        if (!ShouldProcess(Describe(wanted), ActionFor(node)))
            return;
        OpenedAudit();
        foreach (var part in RetrieveTarget.Split(keys))
            Add(part, node);
    }

    private protected override void End()
    {
        Finish();
        TellCancelled();
        if (_skipped > 1)
            WriteFailure(NotMatching(_skipped == 2 ? "1 more is" : $"{_skipped - 1} more are", null), null);
    }

    // The first in full; the others only say that they were there.
    private void Skip(RetrieveKeys keys)
    {
        var what = Describe(keys) is { Length: > 0 } named ? named : "A row without a key";
        if (++_skipped == 1)
            WriteFailure(NotMatching($"{what} is", what), what);
        else
            WriteVerbose($"{what} is not retrieved: it does not match what was asked for.");
    }

    private static ModuleException NotMatching(string what, string? target) => new(ErrorIds.AnswerNotMatching, ErrorCategory.InvalidData,
        $"{what} not retrieved: Find asked for something else, as the answer of the peer shows, or did not find it.",
        "Look at the property Matches of what Find gave. The peer passes over a key of the query; ask with others, or retrieve it all the "
        + "same with -Force.", target);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        var isStopped = StopToken.IsCancellationRequested;
        base.Dispose(disposing);
        CloseAudit();
        if (_job is not { } open)
            return;
        _job = null;
        // Ctrl+C, Select-Object -First and errors end here too: C-CANCEL goes out, and what had been done is told.
        Leave(open, _results!, isStopped);
        Close(open, _results!);
    }

    private void Leave(RetrieveJob stopped, Pump<RetrieveResult> results, bool tells)
    {
        var notBegun = 0;
        var clock = Stopwatch.StartNew();
        stopped.StopAsync();
        try
        {
            while (clock.Elapsed < LeaveTime && results.Wait(Tick))
            {
                while (results.TryRead(out var result))
                {
                    if (result.Attempts == 0)
                        notBegun++;
                    else if (tells)
                        TellWhatWasDone(result);
                }
            }
        }
        catch (Exception)
        {
            // What ended the job itself was an error of the cmdlet before it came here.
        }

        if (tells && notBegun > 0)
            _screen?.WriteWarningLine($"{notBegun} requests were not begun.");
    }

    private static void Close(RetrieveJob job, Pump<RetrieveResult> results)
    {
        // The job first: then the stream of its results has an end.
        Task.Run(async () => await job.DisposeAsync().ConfigureAwait(false)).Wait(LeaveTime);
        results.Dispose();
    }

    private void Add(RetrieveKeys keys, DicomNode node)
    {
        if (IsCancelled)
        {
            WriteNotBegun(keys, node);
            return;
        }

        Open(node);
        var adding = _job!.AddAsync(keys, StopToken).AsTask();
        WriteReadyResults();
        // The queue is full: results make room.
        while (Task.WaitAny([adding], Tick) < 0)
            WriteReadyResults();
        try
        {
            adding.GetAwaiter().GetResult();
        }
        catch (InvalidOperationException) when (IsCancelled)
        {
            WriteNotBegun(keys, node);
        }
    }

    private void Open(DicomNode node)
    {
        if (_job is not null && node == _target)
            return;
        Finish();
        _target = node;
        var options = OptionsOf(node);
        _progress = new RetrieveMeter(Meter(ActionFor(node)), Meter("Instances", id: 2, parent: 1));
        try
        {
            var made = _job = new RetrieveJob(options);
            // A stop does not end the stream: what was done until then is told.
            _results = new Pump<RetrieveResult>(_ => made.ResultsAsync(CancellationToken.None), CancellationToken.None);
        }
        catch (Exception e) when (e is DicomException or ArgumentException)
        {
            if (e is DicomException { Stage: DicomStage.File } unwritable)
                Terminate(new ModuleException(ErrorIds.FolderNotWritable, ErrorCategory.PermissionDenied, e.Message, unwritable.Advice,
                    options.Storage?.Folder, e), options.Storage?.Folder);
            Terminate(e, options.Storage?.Server.Port);
        }

        if (_job!.ListenerPort is { } port)
            WriteVerbose($"{options.Storage!.Server.AETitle} listens on port {port} for what {node} sends.");
    }

    private RetrieveJobOptions OptionsOf(DicomNode node) =>
        _options?.Node == node ? _options : _options = Complete(MakeOptions(node), node);

    private RetrieveJobOptions MakeOptions(DicomNode node)
    {
        var (associations, isAuto) = AssociationCount.Of(Given(nameof(Associations)) ? Associations : node.Associations);
        var options = new RetrieveJobOptions
        {
            Association = OptionsFor(node),
            Node = node,
            Between = Between,
            Throttle = associations,
            IsAdaptive = isAuto,
            RetryCount = RetryCount,
            RetryDelay = RetryDelay,
            Responded = _block is { } block ? block.Keep : null,
            Priority = Priority,
            View = WantedView,
        };
        return (Given(nameof(ResponseTimeout)) ? ResponseTimeout : AllWaits) is { } silence ? options with { Silence = silence } : options;
    }

    // Waits for everything that was asked for, and ends the job.
    private void Finish()
    {
        if (_job is not { } open)
            return;
        open.CompleteAdding();
        Drain(_results!, WriteResult, Show);
        TellUnsent();
        _progress!.Complete();
        _job = null;
        Close(open, _results!);
    }

    private void WriteReadyResults()
    {
        while (_results!.TryRead(out var result))
            WriteResult(result);
        WriteNotes();
        Show();
    }

    private void Show()
    {
        StopToken.ThrowIfCancellationRequested();
        if (_outage.Warning(_target!, _job!.Trouble) is { } warning)
            WriteWarning(warning);
        TellWaits(_job.Progress);
        _progress!.Show(_job);
        RunBlock();
    }

    // For -Verbose, since a log has no progress bar: what keeps the job waiting, and the hour that -Between names.
    private void TellWaits(RetrieveProgress now)
    {
        if (now.WaitingUntil is { } until && until != _opening)
            WriteVerbose($"{_target}: new requests wait until {until:yyyy-MM-dd HH:mm}, because of -Between {Between}.");
        _opening = now.WaitingUntil ?? _opening;
        if (_patience.Notice(now.Running, now.RunningSince is { } begun ? DateTime.Now - begun : TimeSpan.Zero) is { } line)
            WriteVerbose($"{_target}: {line}");
    }
}
