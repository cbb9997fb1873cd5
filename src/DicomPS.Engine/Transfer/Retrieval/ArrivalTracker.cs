using System.Diagnostics;
using DicomPS.Scp;

namespace DicomPS.Transfer;

/// <summary>What arrived here for one request. Threads of the server write, the worker reads.</summary>
internal sealed class ArrivalTracker(RetrieveTarget target, string originator, ushort messageId)
{
    private readonly object _gate = new();
    private readonly HashSet<string> _stored = new(StringComparer.Ordinal);
    private readonly HashSet<string> _kept = new(StringComparer.Ordinal);
    private readonly HashSet<string> _notStored = new(StringComparer.Ordinal);
    private readonly HashSet<string> _thisTry = new(StringComparer.Ordinal);
    private int _repeated;
    private int _strange;
    private string? _stranger;
    private long _bytes;
    private string? _folder;
    private string? _lastError;
    private long _lastSign = Stopwatch.GetTimestamp();

    /// <summary>The request; set anew when the peer makes us change the model.</summary>
    public RetrieveTarget Target { get; set; } = target;

    /// <summary>The message id of the C-MOVE, which each C-STORE may repeat.</summary>
    public ushort MessageId => messageId;

    /// <summary>Instances that lie in their place.</summary>
    public int Stored => Read(() => _stored.Count);

    /// <summary>Instances that came in whatever state.</summary>
    public int Seen => Read(() => _stored.Count + _kept.Count + _notStored.Count);

    /// <summary>The same, and those that came several times in this try counted each time, as the peer counts.</summary>
    public int Deliveries => Read(() => _stored.Count + _kept.Count + _notStored.Count + _repeated);

    public long Bytes => Read(() => _bytes);

    /// <summary>The innermost folder that holds all that was stored.</summary>
    public string? Folder => Read(() => _folder);

    public string? LastError => Read(() => _lastError);

    /// <summary>How long nothing has come.</summary>
    public TimeSpan Quiet => TimeSpan.FromSeconds((Stopwatch.GetTimestamp() - Volatile.Read(ref _lastSign)) / (double)Stopwatch.Frequency);

    /// <summary>Instances that came and could not be stored.</summary>
    public string[] NotStored => Read(() => _notStored.ToArray());

    public RetrieveArrivals Count() => Read(() => new RetrieveArrivals(_stored.Count, _kept.Count, _notStored.Count)
    {
        Repeated = _repeated,
        Strange = _strange,
        Stranger = _stranger,
        LastError = _lastError,
    });

    public bool Has(string instanceUid) => Read(() => _stored.Contains(instanceUid));

    /// <summary>Notes a sign of life.</summary>
    public void Touch() => Volatile.Write(ref _lastSign, Stopwatch.GetTimestamp());

    /// <summary>Begins a new try, in which what came before comes again.</summary>
    public void Begin()
    {
        Touch();
        lock (_gate)
        {
            _thisTry.Clear();
            _repeated = 0;
        }
    }

    /// <summary>Notes that an instance that is here came once more.</summary>
    public void Repeat(string instanceUid)
    {
        lock (_gate)
        {
            if (!_thisTry.Add(instanceUid))
                _repeated++;
        }
    }

    /// <summary>Whether a C-STORE says that it belongs to this request (PS3.7 9.1.1.1.8 and 9.1.1.1.9).</summary>
    public bool IsOriginator(string? title, ushort? id) => id == messageId && (title is null || title == originator);

    public void Take(ReceivedInstance instance)
    {
        Touch();
        lock (_gate)
        {
            _notStored.Remove(instance.SOPInstanceUID);
            if (!_thisTry.Add(instance.SOPInstanceUID))
                _repeated++;
            if (_stored.Add(instance.SOPInstanceUID))
            {
                _bytes += instance.Bytes;
                if (Target.Stranger(instance) is { } stranger)
                {
                    _strange++;
                    _stranger ??= stranger;
                }
            }
            _folder = Common(_folder, Path.GetDirectoryName(instance.Path)!);
        }
    }

    public void TakeFailure(string instanceUid, Exception problem)
    {
        Touch();
        lock (_gate)
        {
            // 0111H: this side has it and was told to keep it.
            if (problem is ServiceException { Status: 0x0111 })
            {
                if (!_stored.Contains(instanceUid))
                    _kept.Add(instanceUid);
                return;
            }
            _lastError = $"{instanceUid} could not be stored: {problem.Message}";
            if (!_stored.Contains(instanceUid))
                _notStored.Add(instanceUid);
        }
    }

    private static string Common(string? one, string other)
    {
        if (one is null || one == other)
            return other;
        var common = one;
        while (!(other + Path.DirectorySeparatorChar).StartsWith(common + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            if (Path.GetDirectoryName(common) is not { Length: > 0 } parent || parent == common)
                return common;
            common = parent;
        }
        return common;
    }

    private T Read<T>(Func<T> read)
    {
        lock (_gate)
            return read();
    }
}

/// <summary>Gives each instance that arrives to the request that asked for it.</summary>
internal sealed class Arrivals
{
    private readonly List<ArrivalTracker> _running = [];

    public void Add(ArrivalTracker tracker)
    {
        lock (_running)
            _running.Add(tracker);
    }

    public void Remove(ArrivalTracker tracker)
    {
        lock (_running)
            _running.Remove(tracker);
    }

    public void Take(ReceivedInstance instance) =>
        Find(instance.MoveOriginatorAETitle, instance.MoveOriginatorMessageID, tracker => tracker.Target.Covers(instance))?.Take(instance);

    // What could not be stored was perhaps not read either: where nothing names the request, the only one that runs is it.
    public void TakeFailure(string? originator, ushort? messageId, string instanceUid, Exception problem) =>
        Find(originator, messageId, tracker => tracker.Target.Instances.Contains(instanceUid) || IsAlone)?.TakeFailure(instanceUid, problem);

    private bool IsAlone => _running.Count == 1;

    private ArrivalTracker? Find(string? originator, ushort? messageId, Func<ArrivalTracker, bool> covers)
    {
        lock (_running)
            return (messageId is null ? null : _running.Find(t => t.IsOriginator(originator, messageId))) ?? _running.Find(t => covers(t));
    }
}
