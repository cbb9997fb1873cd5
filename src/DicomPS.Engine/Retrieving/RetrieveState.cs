using System.Diagnostics;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Scu;

namespace DicomPS.Retrieving;

/// <summary>One request while it runs: what the peer said last, over all its tries and associations.</summary>
internal sealed class RetrieveState
{
    private readonly RetrieveJobOptions _options;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly HashSet<string> _failedUids = new(StringComparer.Ordinal);
    private int _total, _done;
    private bool _isCounted;

    public RetrieveState(RetrieveItem item, RetrieveJobOptions options, ushort messageId, bool isHere)
    {
        Item = item;
        _options = options;
        Target = item.Target;
        IsHere = isHere;
        Arrived = new ArrivalTracker(item.Target, options.Association.CallingAETitle, messageId);
    }

    public RetrieveItem Item { get; }

    /// <summary>When it was begun, in local time.</summary>
    public DateTime Begun { get; } = DateTime.Now;

    /// <summary>What is asked for, in a word and the deepest UID.</summary>
    public string Name => $"{Target.Level} {Text(Target.Instances) ?? Text(Target.Series) ?? Text(Target.Studies) ?? Item.Keys.PatientID}";

    public RetrieveTarget Target { get; set; }

    /// <summary>Whether the instances come to this side.</summary>
    public bool IsHere { get; }

    public ArrivalTracker Arrived { get; }

    public int Attempts { get; set; }

    public bool WasSent { get; set; }

    /// <summary>Whether it was not asked because the peer has no room for its association, and others are served.</summary>
    public bool HasNoRoom { get; set; }

    /// <summary>Whether the peer has answered anything in this try.</summary>
    public bool WasAnswered { get; private set; }

    /// <summary>Whether the classes of what is missing were looked up and tried by themselves.</summary>
    public bool WasAskedAlone { get; set; }

    public bool IsCancelled { get; set; }

    /// <summary>Whether the peer has counted instances of other requests of the job as sent.</summary>
    public bool HasSentThere { get; set; }

    public DicomException? Exception { get; set; }

    public ushort? StatusCode { get; private set; }

    public string? ErrorComment { get; private set; }

    /// <summary>The most that was announced, over all tries: what is asked for does not change.</summary>
    public int? Announced { get; private set; }

    /// <summary>Whether the announcement grew although nothing had been done.</summary>
    public bool Wavers { get; private set; }

    public int? Remaining { get; private set; }

    public int? Completed { get; private set; }

    public int? Failed { get; private set; }

    public int? Warning { get; private set; }

    /// <summary>Associations that were open at the listener while the request ran; null without a listener.</summary>
    public long? Associations { get; set; }

    /// <summary>The last thing that went wrong at the listener while the request ran.</summary>
    public string? ListenerError { get; set; }

    public int Port { get; set; }

    /// <summary>What the peer has counted as sent; null when it does not count.</summary>
    public int? Delivered => Completed is null && Warning is null ? null : (Completed ?? 0) + (Warning ?? 0);

    /// <summary>
    /// Whether a new try may go better: not where all that the peer counts has come, and this side refused it, nor where a C-GET failed by
    /// its instances, for want of a context as a rule: the same request over the same contexts ends in the same way.
    /// </summary>
    public bool MayPass => !IsCancelled && (Exception?.IsTransient
        ?? (RetrieveJudge.IsShort(StatusCode) && !(_options.Method == RetrieveMethod.Get && Failed > 0)
            && !(Arrived.Seen > 0 && Arrived.Seen >= (Delivered ?? 0) + (Failed ?? 0) + (Remaining ?? 0))));

    /// <summary>Begins a new try; what has arrived stays.</summary>
    public void Begin()
    {
        Attempts++;
        WasAnswered = false;
        Exception = null;
        StatusCode = null;
        ErrorComment = null;
        Remaining = Completed = Failed = Warning = null;
        _isCounted = false;
        (_total, _done) = (0, -1);
        _failedUids.Clear();
        Arrived.Begin();
    }

    public void Apply(ExchangeResponse response)
    {
        var command = response.Command;
        WasAnswered = true;
        Arrived.Touch();
        var remaining = command.Remaining is ushort.MaxValue ? null : command.Remaining;
        if (remaining is { } left)
            Note(left, (command.Completed ?? 0) + (command.Failed ?? 0) + (command.Warning ?? 0));
        Remaining = remaining ?? (response.IsPending ? Remaining : Remaining is null ? null : StillRemaining(command));
        Completed = command.Completed ?? Completed;
        Failed = command.Failed ?? Failed;
        Warning = command.Warning ?? Warning;
        if (response.Dataset is { } dataset)
            _failedUids.UnionWith(dataset.GetStrings(Tags.FailedSOPInstanceUIDList));
        if (response.IsPending)
            return;
        _isCounted = (command.Completed ?? command.Failed ?? command.Warning) is { };
        StatusCode = command.Status;
        ErrorComment = command.ErrorComment;
    }

    /// <summary>What a response says.</summary>
    public OperationProgress ToProgress(CommandSet response) => new()
    {
        Operation = _options.Method == RetrieveMethod.Move ? "C-MOVE" : "C-GET",
        IsResponse = true,
        Running = Name,
        Status = response.Status is { } code ? DimseStatus.Describe(RetrieveJudge.TableOf(_options.Method), code).ToString() : null,
        StatusCode = response.Status,
        ErrorComment = response.ErrorComment,
        Remaining = Remaining,
        Completed = Completed,
        Failed = Failed,
        Warning = Warning,
        Node = _options.Node,
    };

    // What is left and what is done make what there is. A count of FFFFH is none: the field holds no more.
    private void Note(int left, int done)
    {
        if (left + done > _total && done == _done)
            Wavers = true;
        (_total, _done) = (left + done, done);
        Announced = Math.Max(Announced ?? 0, _total);
    }

    /// <summary>Forgets the final response: it only answers that this side lost its patience.</summary>
    public void ForgetStatus()
    {
        StatusCode = null;
        ErrorComment = null;
    }

    /// <summary>
    /// Joins the counts of one more association for the same C-GET: each could carry other SOP classes only, so that
    /// the failures of the first say how many there are in all, and the arrivals how many of these are done.
    /// </summary>
    public void Join(int total, ushort first)
    {
        var stored = Arrived.Stored;
        Completed = Math.Max(0, stored - (Warning ?? 0));
        Failed = Math.Max(0, total - stored);
        Remaining = null;
        _isCounted = true;
        _failedUids.RemoveWhere(Arrived.Has);
        StatusCode = Failed == 0 ? Statuses.Success : first;
    }

    /// <summary>What is known now that it has ended.</summary>
    public RetrieveFacts Facts()
    {
        var arrived = Arrived.Count() with { Port = Port, Associations = Associations };
        if (arrived.LastError is null && ListenerError is { })
            arrived = arrived with { LastError = ListenerError };
        return new RetrieveFacts
        {
            Method = _options.Method,
            Destination = Destination,
            HasSentThere = HasSentThere,
            StatusCode = StatusCode,
            Announced = Announced,
            Wavers = Wavers,
            OnlyPending = !_isCounted && (Completed ?? Failed ?? Warning ?? Announced) is { },
            Asked = Target.Instances.Count > 0 ? Target.Instances.Count : null,
            Remaining = Remaining,
            Completed = Completed,
            Failed = Failed,
            Warning = Warning,
            FailedUids = FailedUids().Length,
            IsCancelled = IsCancelled,
            Exception = Exception,
            Arrived = IsHere ? arrived : null,
        };
    }

    /// <summary>The instances that failed, as far as the peer or this side knows them.</summary>
    public string[] FailedUids() => [.. _failedUids.Union(Arrived.NotStored).Where(uid => !Arrived.Has(uid))];

    /// <summary>What became of the whole request.</summary>
    public RetrieveResult ToResult() => ToResult(Facts(), Target.Instances, FailedUids(), Arrived.Bytes);

    /// <summary>What became of one instance of a list.</summary>
    /// <param name="uid">The instance.</param>
    /// <param name="facts">What is known of it; see <see cref="RetrieveList"/>.</param>
    public RetrieveResult ToResult(string uid, RetrieveFacts facts) =>
        ToResult(facts, [uid], facts.FailedUids > 0 ? [uid] : [], Arrived.BytesOf(uid));

    private RetrieveResult ToResult(RetrieveFacts facts, IReadOnlyList<string> instances, string[] failed, long bytes)
    {
        var judgement = RetrieveJudge.Judge(facts);
        var now = DateTime.Now;
        // The clock on the wall may be set meanwhile; what it took is what the other clock says.
        var took = TimeSpan.FromSeconds((Stopwatch.GetTimestamp() - _start) / (double)Stopwatch.Frequency);
        return new RetrieveResult
        {
            Judged = judgement.Verdict,
            Advice = judgement.Advice,
            Status = StatusCode is { } code ? DimseStatus.Describe(RetrieveJudge.TableOf(_options.Method), code).ToString()
                : IsCancelled ? "Cancelled" : WasSent ? "Unknown" : "NotSent",
            StatusCode = StatusCode,
            PatientID = Item.Keys.PatientID is { Length: > 0 } patient ? patient : null,
            StudyInstanceUID = Text(Target.Studies),
            SeriesInstanceUID = Text(Target.Series),
            SOPInstanceUID = Text(instances),
            AskedLevel = Target.Level,
            AskedModel = Target.Model,
            AskedObject = Target.Object,
            UsedMethod = _options.Method,
            Destination = Destination,
            Announced = facts.Announced,
            Remaining = facts.Remaining,
            Completed = facts.Completed,
            Failed = facts.Failed,
            Warning = facts.Warning,
            FailedSOPInstanceUID = new UidList(failed),
            Received = facts.Arrived?.Stored,
            Broken = facts.Arrived?.Broken,
            FromElsewhere = _options.Method == RetrieveMethod.Move ? facts.Arrived?.Elsewhere : null,
            Senders = facts.Arrived?.ElsewhereFrom,
            NotAskedFor = facts.Arrived?.Aside,
            Bytes = IsHere ? bytes : null,
            Path = facts.Arrived?.Stored > 0 ? Arrived.Folder : null,
            Started = now - took,
            Finished = now,
            Duration = took,
            Attempts = Attempts,
            ErrorComment = ErrorComment,
            Exception = Exception ?? Refusal(judgement),
            Node = _options.Node,
        };
    }

    private string? Destination => _options.Method == RetrieveMethod.Get ? null : _options.Destination ?? _options.Storage?.Server.AETitle;

    // The final response has no count of what remains (PS3.4 C.4.2.1.6): after a success nothing does, after a failure what its other
    // counts leave over.
    private int? StillRemaining(CommandSet final) =>
        DimseStatus.CategoryOf(final.Status) is DimseStatusCategory.Success or DimseStatusCategory.Warning ? 0
        : final.Completed is null && final.Failed is null ? Remaining
        : Math.Max(0, _total - (final.Completed ?? 0) - (final.Failed ?? 0) - (final.Warning ?? 0));

    private DicomStatusException? Refusal(RetrieveJudgement judgement)
    {
        if (StatusCode is not { } code || judgement.Verdict is not (RetrieveVerdict.Failed or RetrieveVerdict.Partial))
            return null;
        var operation = _options.Method == RetrieveMethod.Move ? "C-MOVE" : "C-GET";
        return DimseRefusal.Exception($"The peer ended {operation} with status", RetrieveJudge.TableOf(_options.Method), code, ErrorComment,
            isTransient: RetrieveJudge.IsShort(code) && !(_options.Method == RetrieveMethod.Get && Failed > 0), advice: judgement.Advice);
    }

    private static string? Text(IReadOnlyList<string> uids) => uids.Count == 0 ? null : string.Join("\\", uids);
}

/// <summary>A request that waits for its turn.</summary>
internal sealed record RetrieveItem(RetrieveKeys Keys, RetrieveTarget Target)
{
    /// <summary>How many results it will have.</summary>
    public int Results => Math.Max(1, Target.Instances.Count);

    /// <summary>The request for one of its instances.</summary>
    public RetrieveItem Only(string instance) => new(Keys with { SOPInstanceUID = [instance] }, Target with { Instances = [instance] });
}
