using System.Net;

namespace DicomPS.Scp;

/// <summary>
/// Connections that are open and no association yet. When there are too many, the oldest of whoever has most of them gives way: who calls
/// and says what he wants gets in, however many say nothing. Any thread may use it.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class HalfOpenConnections(TimeProvider time)
{
    // A request follows its connection at once; over a slow line, and after a TLS handshake, a little later.
    private static readonly TimeSpan Respite = TimeSpan.FromSeconds(1);

    private readonly LinkedList<Entry> _entries = [];

    /// <summary>Takes a connection in.</summary>
    /// <param name="address">Who calls.</param>
    /// <param name="connection">What ends it when it is disposed of.</param>
    public Entry Enter(IPAddress address, IDisposable connection)
    {
        var entry = new Entry(Places.KeyOf(address), connection, time);
        lock (_entries)
            entry.Node = _entries.AddLast(entry);
        return entry;
    }

    /// <summary>It has become an association, or has ended.</summary>
    public void Leave(Entry entry)
    {
        lock (_entries)
        {
            if (entry.Node is { } node)
                _entries.Remove(node);
            entry.Node = null;
        }
    }

    /// <summary>Ends the oldest connection of the address that has most, if it had the time to say what it wants.</summary>
    /// <returns>Whether there was one.</returns>
    public bool CutOffOne()
    {
        Entry? oldest;
        lock (_entries)
        {
            // Of those that have as many, the one whose first came first.
            oldest = _entries.GroupBy(entry => entry.Address).OrderByDescending(group => group.Count()).FirstOrDefault()?.First();
            if (oldest is null || oldest.Age < Respite)
                return false;
            oldest.IsCutOff = true;
            _entries.Remove(oldest.Node!);
            oldest.Node = null;
        }

        oldest.Connection.Dispose();
        return true;
    }

    /// <summary>One connection.</summary>
    internal sealed class Entry(IPAddress address, IDisposable connection, TimeProvider time)
    {
        private readonly long _since = time.GetTimestamp();
        private volatile bool _isCutOff;

        public IPAddress Address => address;

        public IDisposable Connection => connection;

        public LinkedListNode<Entry>? Node { get; set; }

        /// <summary>How long it is open.</summary>
        public TimeSpan Age => TimeSpan.FromSeconds((time.GetTimestamp() - _since) / (double)time.TimestampFrequency);

        /// <summary>Whether it gave way to another.</summary>
        public bool IsCutOff
        {
            get => _isCutOff;
            set => _isCutOff = value;
        }
    }
}
