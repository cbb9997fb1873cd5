using DicomPS.Associations;
using DicomPS.Dimse;
using DicomPS.Jobs;
using DicomPS.Serving;

namespace DicomPS.Retrieving;

/// <summary>How instances are retrieved.</summary>
public sealed record RetrieveJobOptions : JobOptions
{
    /// <summary>C-MOVE or C-GET.</summary>
    public RetrieveMethod Method { get; init; }

    /// <summary>For C-MOVE: the AE title to move to. Null moves to this side, into <see cref="Storage"/>.</summary>
    public string? Destination { get; init; }

    /// <summary>
    /// Where instances are stored that come here. For C-MOVE to this side a server runs with these options as long as
    /// the job; its port and AE title must be what the peer holds for us. For C-GET, which needs no server, only the
    /// folder and how to store into it count.
    /// </summary>
    public StorageServerOptions? Storage { get; init; }

    /// <summary>
    /// Where instances come in, when several jobs share a port: <see cref="Storage"/> names a folder below that of the listener, and the
    /// AE title that the peer holds for it. Null, the default, has a C-MOVE to this side listen by itself.
    /// </summary>
    internal RetrieveListener? Listener { get; init; }

    /// <summary>Host names and addresses from which the peer sends beside its own; for C-MOVE to this side.</summary>
    public IReadOnlyList<string> From { get; init; } = [];

    /// <summary>How many requests run side by side, each over an association of its own, 1 to 64. Default 1.</summary>
    public int Throttle { get; init; } = 1;

    /// <summary>
    /// Whether requests for parts of one study may run side by side when instances are moved to an AE title. Default false: many
    /// receivers take the end of an association as the end of its studies. What comes to this side is not held up.
    /// </summary>
    public bool SplitsStudies { get; init; }

    /// <summary>The hours in which new requests are begun; null, the default, begins them at once.</summary>
    public DailyWindow? Between { get; init; }

    /// <summary>
    /// Query/Retrieve View (0008,0053): CLASSIC or ENHANCED, as which images are to come where the peer converts them (PS3.4 C.3.5). A peer
    /// that does not agree to it is asked for nothing. Null, the default, takes them as they are stored.
    /// </summary>
    public string? View { get; init; }

    /// <summary>Priority (0000,0700) of the requests; most peers ignore it.</summary>
    public DicomPriority Priority { get; init; }

    /// <summary>
    /// The longest time without a sign of life, a response or an instance, before a request counts as lost. Default 10 minutes: a peer
    /// may fetch from tape, and some never report on the way.
    /// </summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long instances may take that the peer has counted but that have not arrived, from the last one that did. Default 10 s.
    /// </summary>
    public TimeSpan ArrivalGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the last response to C-CANCEL may take before the association is aborted. Default 5 s.</summary>
    public TimeSpan CancelGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Told of each response of the peer, with its counts; called on any thread, one request's responses in their order, and must return
    /// at once. Null, the default, tells nobody.
    /// </summary>
    public Action<OperationProgress>? Responded { get; init; }

    /// <summary>The clock on the wall; tests have their own.</summary>
    internal Func<DateTime> Clock { get; init; } = () => DateTime.Now;

    internal void Check() => Check(Throttle, 64, "requests can run");

    /// <summary>The result of keys that make no request, so that nothing was sent.</summary>
    /// <param name="keys">The keys as they were given.</param>
    /// <param name="problem">What is wrong with the keys.</param>
    public RetrieveResult Unusable(RetrieveKeys keys, DicomException problem) => NotSent(keys) with
    {
        Judged = RetrieveVerdict.Failed,
        Advice = problem.Message,
        Exception = problem,
    };

    /// <summary>The result of keys that were not asked for, because the job was cancelled before.</summary>
    /// <param name="keys">The keys as they were given.</param>
    public RetrieveResult NotBegun(RetrieveKeys keys) => NotSent(keys) with
    {
        Judged = RetrieveVerdict.Cancelled,
        Advice = "It was not begun: the retrieve was cancelled before. Run it again for the rest.",
    };

    private RetrieveResult NotSent(RetrieveKeys keys) => new()
    {
        Status = "NotSent",
        PatientID = string.IsNullOrWhiteSpace(keys.PatientID) ? null : keys.PatientID,
        StudyInstanceUID = Text(keys.StudyInstanceUID),
        SeriesInstanceUID = Text(keys.SeriesInstanceUID),
        SOPInstanceUID = Text(keys.SOPInstanceUID),
        AskedLevel = RetrieveTarget.LevelOf(keys),
        AskedModel = RetrieveTarget.ModelOf(keys),
        AskedObject = keys.Object,
        UsedMethod = Method,
        Destination = Method == RetrieveMethod.Move ? Destination ?? Storage?.Server.AETitle : null,
        Received = Storage is null ? null : 0,
        Started = DateTime.Now,
        Finished = DateTime.Now,
        Node = Node,
    };

    private static string? Text(IReadOnlyList<string> uids) => string.Join("\\", uids) is { Length: > 0 } text ? text : null;
}
