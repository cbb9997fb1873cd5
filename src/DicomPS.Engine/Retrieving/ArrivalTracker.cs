using System.Diagnostics;
using DicomPS.Dictionary;
using DicomPS.Scp;

namespace DicomPS.Retrieving;

/// <summary>What arrived here for one request. Threads of the server write, the worker reads.</summary>
internal sealed class ArrivalTracker(RetrieveTarget target, string originator, ushort messageId)
{
    private const int MostSenders = 3;
    private readonly object _gate = new();
    private readonly Dictionary<string, Arrival> _stored = new(StringComparer.Ordinal);
    private readonly HashSet<string> _kept = new(StringComparer.Ordinal);
    private readonly HashSet<string> _notStored = new(StringComparer.Ordinal);
    private readonly HashSet<string> _broken = new(StringComparer.Ordinal);
    private readonly HashSet<string> _thisTry = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private readonly HashSet<(string, ulong)> _changes = [];
    private readonly List<string> _senders = [];
    private int _repeated;
    private int _elsewhere;
    private int _aside;
    private int _asideThisTry;
    private string? _asideOf;
    private int _otherPatients;
    private string? _otherPatient;
    private long _bytes;
    private string? _folder;
    private string? _lastError;
    private string? _whyBroken;
    private long _lastSign = Stopwatch.GetTimestamp();
    private TaskCompletionSource<bool>? _change;

    /// <summary>The request; set anew when the peer makes us change the model.</summary>
    public RetrieveTarget Target { get; set; } = target;

    /// <summary>The message id of the C-MOVE, which each C-STORE may repeat.</summary>
    public ushort MessageId => messageId;

    /// <summary>Instances that lie in their place.</summary>
    public int Stored => Read(() => _stored.Count);

    /// <summary>Instances that came in whatever state.</summary>
    public int Seen => Read(() => _stored.Count + _kept.Count + _notStored.Count + _aside);

    /// <summary>
    /// The same, and those that came several times in this try counted each time, as the peer counts. Those from elsewhere
    /// are counted apart.
    /// </summary>
    public (int All, int Own) Deliveries => Read(() =>
    {
        var all = _stored.Count + _kept.Count + _notStored.Count + _repeated + _asideThisTry;
        return (all, all - _elsewhere);
    });

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
        Elsewhere = _elsewhere,
        ElsewhereFrom = _senders.Count == 0 ? null : string.Join(", ", _senders),
        Changed = _changed.Count,
        Aside = _aside,
        AsideOf = _asideOf,
        OtherPatients = _otherPatients,
        OtherPatient = _otherPatient,
        LastError = _lastError,
        Broken = _broken.Count,
        WhyBroken = _whyBroken,
    });

    /// <summary>The same of one instance.</summary>
    public RetrieveArrivals Count(string uid) => Read(() =>
    {
        var isStored = _stored.TryGetValue(uid, out var arrival);
        return new RetrieveArrivals(isStored ? 1 : 0, _kept.Contains(uid) ? 1 : 0, _notStored.Contains(uid) ? 1 : 0)
        {
            Elsewhere = isStored && arrival.IsElsewhere ? 1 : 0,
            ElsewhereFrom = isStored && arrival.IsElsewhere ? string.Join(", ", _senders) : null,
            Changed = _changed.Contains(uid) ? 1 : 0,
            LastError = _lastError,
            Broken = _broken.Contains(uid) ? 1 : 0,
            WhyBroken = _whyBroken,
        };
    });

    public bool Has(string instanceUid) => Read(() => _stored.ContainsKey(instanceUid));

    /// <summary>Whether an instance is here with these bytes.</summary>
    public bool Has(string instanceUid, ulong digest) => Read(() =>
        (_stored.TryGetValue(instanceUid, out var first) && first.Digest == digest) || _changes.Contains((instanceUid, digest)));

    public long BytesOf(string instanceUid) => Read(() => _stored.TryGetValue(instanceUid, out var arrival) ? arrival.Bytes : 0);

    /// <summary>Completes when something more has arrived, or <see cref="Wake"/> was called.</summary>
    public Task NextChange() => Read(() =>
        (_change ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)).Task);

    /// <summary>Has who waits look again.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _change?.TrySetResult(true);
            _change = null;
        }
    }

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
            _asideThisTry = 0;
        }
    }

    /// <summary>Whether a C-STORE says that it belongs to this request (PS3.7 9.1.1.1.8 and 9.1.1.1.9).</summary>
    public bool IsOriginator(string? title, ushort? id) => id == messageId && title?.Trim() == originator.Trim();

    /// <summary>Takes an instance of what was asked for.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="sender">The address that it came from when that is not the peer's and nothing names this request; otherwise
    /// null.</param>
    public void AddStored(ReceivedInstance instance, string? sender)
    {
        Touch();
        var uid = instance.SOPInstanceUID;
        lock (_gate)
        {
            Wake();
            _notStored.Remove(uid);
            _broken.Remove(uid);
            if (!_thisTry.Add(uid))
                _repeated++;
            if (_stored.TryGetValue(uid, out var first))
            {
                if (first.Digest != instance.Digest)
                {
                    _changed.Add(uid);
                    _changes.Add((uid, instance.Digest));
                }

                // What the peer sends itself as well is borne out.
                if (first.IsElsewhere && sender is null && first.Digest == instance.Digest)
                {
                    _elsewhere--;
                    _stored[uid] = first with { IsElsewhere = false };
                }
            }
            else
            {
                _stored[uid] = new Arrival(instance.Digest, instance.Bytes, sender is { });
                _bytes += instance.Bytes;
                if (sender is { })
                {
                    _elsewhere++;
                    if (!_senders.Contains(sender) && _senders.Count < MostSenders)
                        _senders.Add(sender);
                }

                if (!Target.IsOfPatient(instance.PatientID))
                {
                    _otherPatients++;
                    _otherPatient ??= instance.PatientID;
                }
            }

            _folder = Common(_folder, Path.GetDirectoryName(instance.Path)!);
        }
    }

    /// <summary>Takes note of an instance that was set aside.</summary>
    /// <param name="of">What it belongs to, in words.</param>
    /// <param name="isOwn">Whether it came for this request, so that the peer counts it in.</param>
    public void AddAside(string of, bool isOwn)
    {
        Touch();
        lock (_gate)
        {
            Wake();
            _aside++;
            if (isOwn)
                _asideThisTry++;
            _asideOf ??= of;
        }
    }

    public void AddFailure(string instanceUid, Exception problem)
    {
        Touch();
        lock (_gate)
        {
            Wake();
            // 0111H: this side has it and was told to keep it.
            if (problem is ServiceException { Status: Statuses.DuplicateSopInstance })
            {
                if (!_stored.ContainsKey(instanceUid))
                    _kept.Add(instanceUid);
                return;
            }

            // What cannot be read, or is another than it says, is the sender's fault and stays aside.
            if (problem is DicomDataException or ServiceException { Status: Statuses.Storage.DatasetDoesNotMatch }
                && !_stored.ContainsKey(instanceUid))
            {
                _broken.Add(instanceUid);
                _whyBroken = problem.Message;
            }

            _lastError = $"{instanceUid} could not be stored: {problem.Message}";
            if (!_stored.ContainsKey(instanceUid))
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

    private readonly record struct Arrival(ulong Digest, long Bytes, bool IsElsewhere);
}
