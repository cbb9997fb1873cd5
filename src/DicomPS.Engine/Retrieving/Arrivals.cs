using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Scp;

namespace DicomPS.Retrieving;

/// <summary>Gives each instance that arrives to the request that asked for it, and sets aside what none did.</summary>
/// <param name="senders">Who belongs to the peer.</param>
/// <param name="folder">The folder for what comes; null when nothing comes here.</param>
internal sealed class Arrivals(PeerAddresses senders, string? folder)
{
    // What is asked for remains so for a while: the last instances of a request may come after its end.
    private const int Remembered = 1024;
    private readonly string _aside = folder is null ? ""
        : Path.Combine(Path.GetFullPath(folder), RetrieveResult.AsideFolder) + Path.DirectorySeparatorChar;
    private readonly List<ArrivalTracker> _running = [];
    private readonly Queue<RetrieveTarget> _ended = new();
    private (int Count, string? Of) _unclaimed;

    public void Add(ArrivalTracker tracker)
    {
        lock (_running)
        {
            _running.Add(tracker);
            // What came in between is told with the next request, which did not bring it.
            for (; _unclaimed.Count > 0; _unclaimed.Count--)
                tracker.AddAside(_unclaimed.Of!, isOwn: false);
        }
    }

    public void Remove(ArrivalTracker tracker)
    {
        lock (_running)
        {
            _running.Remove(tracker);
            _ended.Enqueue(tracker.Target);
            if (_ended.Count > Remembered)
                _ended.Dequeue();
        }
    }

    /// <summary>The folder below the given one where an instance goes; null for its own place.</summary>
    /// <param name="header">Its first elements.</param>
    public string? FolderFor(DicomDataset header)
    {
        var (study, series, instance) =
            (header.GetString(Tags.StudyInstanceUID), header.GetString(Tags.SeriesInstanceUID), header.GetString(Tags.SOPInstanceUID));
        lock (_running)
        {
            foreach (var tracker in _running)
            {
                if (tracker.Target.Stranger(study, series, instance) is null)
                    return null;
            }

            foreach (var target in _ended)
            {
                if (target.Stranger(study, series, instance) is null)
                    return null;
            }
        }

        return RetrieveResult.AsideFolder;
    }

    /// <summary>Whether a request that runs asked for an instance, as far as the instance says what it is of.</summary>
    /// <param name="header">Its first elements.</param>
    public bool Wants(DicomDataset header)
    {
        var (study, series, instance) =
            (header.GetString(Tags.StudyInstanceUID), header.GetString(Tags.SeriesInstanceUID), header.GetString(Tags.SOPInstanceUID));
        lock (_running)
            return study is not null && _running.Exists(tracker => tracker.Target.Stranger(study, series, instance) is null);
    }

    /// <summary>Whether a C-STORE names a request that runs, or its instance is one of those asked for.</summary>
    public bool IsOf(string? originator, ushort? messageId, string instanceUid)
    {
        lock (_running)
        {
            return _running.Exists(tracker => tracker.IsOriginator(originator, messageId)
                || tracker.Target.Instances.Contains(instanceUid));
        }
    }

    /// <summary>Takes an instance that lies where <see cref="FolderFor"/> had it put.</summary>
    /// <param name="instance">The instance.</param>
    public void AddStored(ReceivedInstance instance)
    {
        lock (_running)
        {
            var named = _running.Find(t => t.IsOriginator(instance.MoveOriginatorAETitle, instance.MoveOriginatorMessageID));
            if (IsAside(instance))
            {
                var of = (named ?? _running.FirstOrDefault())?.Target.Stranger(instance) ?? $"study {instance.StudyInstanceUID}";
                var isPeer = named is { } || senders.Has(instance.RemoteEndPoint);
                if ((named ?? _running.FirstOrDefault()) is { } told)
                    told.AddAside(of, isPeer && (named is { } || _running.Count == 1));
                else
                    _unclaimed = (_unclaimed.Count + 1, _unclaimed.Of ?? of);
                return;
            }

            var owner = named?.Target.Stranger(instance) is null ? named : null;
            owner ??= _running.Find(t => t.Target.Covers(instance)) ?? _running.Find(t => t.Target.Stranger(instance) is null);
            // Without an owner it belongs to a request that has ended.
            owner?.AddStored(instance,
                named is { } || senders.Has(instance.RemoteEndPoint) ? null : PeerAddresses.Of(instance.RemoteEndPoint));
        }
    }

    /// <summary>Has all requests that wait look again: an association has ended.</summary>
    public void Wake()
    {
        lock (_running)
            _running.ForEach(tracker => tracker.Wake());
    }

    /// <summary>Whether an instance was set aside.</summary>
    /// <param name="instance">The instance.</param>
    public bool IsAside(ReceivedInstance instance) => instance.Path.StartsWith(_aside, StringComparison.Ordinal);

    // What could not be stored was perhaps not read either: where nothing names the request, the only one that runs is it.
    public void AddFailure(string? originator, ushort? messageId, string instanceUid, Exception problem)
    {
        ArrivalTracker? tracker;
        lock (_running)
        {
            tracker = _running.Find(t => t.IsOriginator(originator, messageId))
                ?? _running.Find(t => t.Target.Instances.Contains(instanceUid)) ?? (_running.Count == 1 ? _running[0] : null);
        }

        tracker?.AddFailure(instanceUid, problem);
    }
}
