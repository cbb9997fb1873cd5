using DicomPS.Dictionary;
using DicomPS.Scp;

namespace DicomPS.Serving;

/// <summary>
/// The last events of one server. What happens again in the same way is one event with a count, so that a scanner or a full disk does
/// not push out the rest.
/// </summary>
internal sealed class ScpEventLog(string aeTitle)
{
    /// <summary>How many different events are kept.</summary>
    public const int Capacity = 500;

    private readonly object _lock = new();
    private readonly LinkedList<(long Number, ScpEvent Event)> _events = [];
    private readonly Dictionary<ScpEvent, LinkedListNode<(long Number, ScpEvent Event)>> _byKind = [];
    private long _number;
    private long _told;
    private long _refused;
    private long _forgotten;

    /// <summary>How many callers were turned away.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>How many events were dropped for newer ones.</summary>
    public long Forgotten => Interlocked.Read(ref _forgotten);

    /// <summary>Keeps an event.</summary>
    /// <param name="what">What happened.</param>
    /// <param name="now">When, in local time.</param>
    /// <returns>The event as it is kept; null for one that is not.</returns>
    public ScpEvent? Add(ServerEvent what, DateTime now)
    {
        if (what.IsAnswer)
            return null;
        if (what.Kind == ServerEventKind.Refused)
            Interlocked.Increment(ref _refused);
        var (address, port) = Split(what.RemoteEndPoint);
        var kind = new ScpEvent
        {
            AETitle = aeTitle,
            Kind = what.Kind.ToString(),
            CallingAETitle = what.CallingAETitle,
            CalledAETitle = what.CalledAETitle,
            RemoteAddress = address,
            Operation = what.Operation,
            SOPClassUID = what.SOPClassUID,
            SOPClass = what.SOPClassUID is { } uid ? DicomDictionary.NameOf(uid) : null,
            StatusCode = what.Status,
            Message = what.Reason ?? what.Text,
            Advice = what.Advice,
        };
        lock (_lock)
        {
            var (count, first) = (1L, now);
            if (_byKind.TryGetValue(kind, out var before))
            {
                (count, first) = (before.Value.Event.Times + 1, before.Value.Event.FirstTime);
                _events.Remove(before);
            }
            else if (_events.Count >= Capacity)
            {
                _byKind.Remove(KindOf(_events.First!.Value.Event));
                _events.RemoveFirst();
                Interlocked.Increment(ref _forgotten);
            }

            var happened = kind with
            {
                Time = now,
                FirstTime = first,
                Times = count,
                RemotePort = port,
                SOPInstanceUID = what.SOPInstanceUID
            };
            _byKind[kind] = _events.AddLast((++_number, happened));
            return happened;
        }
    }

    /// <summary>The events, the latest at the end.</summary>
    /// <param name="serverId">The id of the server.</param>
    public IReadOnlyList<ScpEvent> All(int serverId)
    {
        lock (_lock)
            return [.. _events.Select(one => one.Event with { ServerId = serverId })];
    }

    /// <summary>The events that this has not returned yet.</summary>
    /// <param name="serverId">The id of the server.</param>
    public IReadOnlyList<ScpEvent> TakeUntold(int serverId)
    {
        lock (_lock)
        {
            var told = _told;
            _told = _number;
            return [.. _events.Where(one => one.Number > told).Select(one => one.Event with { ServerId = serverId })];
        }
    }

    private static ScpEvent KindOf(ScpEvent happened) =>
        happened with { Time = default, FirstTime = default, Times = 1, RemotePort = null, SOPInstanceUID = null };

    // An address of IPv6 has colons of its own, and stands in brackets.
    private static (string? Address, int? Port) Split(string endPoint)
    {
        var colon = endPoint.LastIndexOf(':');
        if (colon < 0)
            return (endPoint.Length == 0 ? null : endPoint, null);
        return (endPoint.Substring(0, colon).Trim('[', ']'), int.TryParse(endPoint.Substring(colon + 1), out var port) ? port : null);
    }
}
