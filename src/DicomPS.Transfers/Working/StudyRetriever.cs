using DicomPS.Retrieving;
using DicomPS.Scp;
using DicomPS.Serving;
using DicomPS.Transfers.Store;

namespace DicomPS.Transfers.Working;

/// <summary>
/// Has a node send: to another AE title, or here into a spool, by C-GET or by C-MOVE to a port of the worker. One association to the node
/// is kept between two requests. One thread at a time.
/// </summary>
/// <param name="options">How the worker works.</param>
/// <param name="ports">Its ports.</param>
/// <param name="node">The node that has the instances.</param>
/// <param name="destination">The AE title to send to; null sends here.</param>
internal sealed class StudyRetriever(WorkerOptions options, WorkerPorts ports, NodeRow node, string? destination) : IAsyncDisposable
{
    private RetrieveJob? _job;
    private readonly SpoolDisk _own = new(options.SpoolDisk);
    private IAsyncEnumerator<RetrieveResult>? _results;
    private Exception? _problem;

    /// <summary>Where it comes; null before the first request, and where it goes elsewhere.</summary>
    public Spool? Spool { get; private set; }

    private SpoolDisk Disk => IsMovedHere ? ports.Disk : _own;

    private bool IsMovedHere => destination is null && node.RetrieveBy == "Move";

    /// <summary>Asks, and waits for the end. A list of instances has a result for each.</summary>
    /// <exception cref="WorkerPortException">It is to be moved here, and the port cannot be listened on.</exception>
    public async Task<List<RetrieveResult>> RetrieveAsync(RetrieveKeys keys, CancellationToken cancellationToken)
    {
        using var turn = IsMovedHere
            ? await ports.TakeStudyAsync(keys.StudyInstanceUID.FirstOrDefault() ?? "", cancellationToken).ConfigureAwait(false) : null;
        if (_job is null)
        {
            _job = new RetrieveJob(Options());
            _results = _job.ResultsAsync(CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
        }

        var job = _job;
        var before = Disk.Problems;
        using var stop = cancellationToken.Register(() => job.StopAsync());
        await job.AddAsync(keys, cancellationToken).ConfigureAwait(false);
        var results = new List<RetrieveResult>();
        for (var owed = Math.Max(1, keys.SOPInstanceUID.Count); owed > 0 && await _results!.MoveNextAsync().ConfigureAwait(false); owed--)
            results.Add(_results.Current);
        cancellationToken.ThrowIfCancellationRequested();
        _problem = Disk.Problems > before ? Disk.LastProblem : null;
        return results;
    }

    /// <summary>The kind of a result that did not bring everything; null when it did.</summary>
    /// <param name="result">The result.</param>
    /// <param name="asked">Who the node is.</param>
    public FailureKind? KindOf(RetrieveResult result, Blame asked) =>
        FailureKinds.Of(result, asked, destination is null ? asked : Blame.Destination) is not { } kind ? null
        : destination is not null ? kind
        // A disk of this machine that is full is no fault of the node that sends.
        : _problem is { } full ? FailureKinds.Of(full)
        // What a node cannot bring here is no matter of the other one.
        : kind.Kind == "DestinationUnknown" ? kind with { Kind = "WorkerUnknown" }
        : kind;

    /// <summary>What failed, in a sentence.</summary>
    public string Sentence(RetrieveResult result, FailureKind kind)
    {
        var said = result.Advice ?? result.GetException()?.Message ?? result.Status;
        return kind.Kind switch
        {
            _ when _problem is { } full && destination is null => $"The spool {Spool?.Folder} cannot be written to: {full.Message}",
            "WorkerUnknown" => $"{node.Node} does not know {options.Call(node.Node).CallingAETitle}, the AE title of this worker. {said}",
            "ContextRefused" when destination is null && node.RetrieveBy != "Move" =>
                $"{result.GetException()?.Message ?? said} Set-DicomTransferNode -RetrieveBy Move has it sent to a port of the worker.",
            _ => said,
        };
    }

    /// <summary>Lets go of the association.</summary>
    public async Task DropAsync()
    {
        if (_job is not { } job)
            return;
        _job = null;
        job.CompleteAdding();
        await job.DisposeAsync().ConfigureAwait(false);
        if (_results is { } results)
            await results.DisposeAsync().ConfigureAwait(false);
        _results = null;
    }

    public async ValueTask DisposeAsync()
    {
        await DropAsync().ConfigureAwait(false);
        Spool?.Dispose();
        Spool = null;
    }

    private RetrieveJobOptions Options()
    {
        var call = options.Call(node.Node);
        var listener = IsMovedHere ? ports.Open(node.Node) : null;
        if (destination is null)
            Spool ??= listener is null ? Spool.Make(options.SpoolFolder) : ports.FolderBelow();
        return new RetrieveJobOptions
        {
            Association = call,
            Node = node.Node,
            Method = destination is null && !IsMovedHere ? RetrieveMethod.Get : RetrieveMethod.Move,
            Destination = destination,
            Listener = listener,
            From = node.Node.GetSenders(),
            Storage = destination is not null ? null : new StorageServerOptions
            {
                Folder = Spool!.Folder,
                Private = true,
                Files = Disk,
                AcceptUnknownSopClasses = true,
                Server = new DicomServerOptions { AETitle = call.CallingAETitle },
            },
            RetryCount = 0,
            Silence = options.Silence,
            IdleRelease = TimeSpan.FromSeconds(10),
        };
    }
}
