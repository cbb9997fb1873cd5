namespace DicomPS.Scp;

/// <summary>Mistakes that a server makes on purpose, so that the software that calls it can be tested.</summary>
public sealed record FaultPlan
{
    /// <summary>How many associations are refused before one is let in; <see cref="int.MaxValue"/> refuses all. Default 0.</summary>
    /// <remarks>
    /// All are refused for good (PS3.8 9.3.4: result 1, source 1, reason 1); a number of them for the moment (result 2,
    /// source 3, reason 2), so that a peer that tries again gets in.
    /// </remarks>
    public int RefuseAssociation { get; init; }

    /// <summary>
    /// After how many responses an association is aborted, those that are pending counted too; null never. 0 aborts instead of the
    /// first one.
    /// </summary>
    public int? AbortAfter { get; init; }

    /// <summary>How long each request waits before it is served. Default 0.</summary>
    public int DelayMilliseconds { get; init; }

    /// <summary>Every how many requests to the server one fails unserved: 1 all, 2 the second, the fourth and so on; null none.</summary>
    public int? FailEvery { get; init; }

    /// <summary>The status that it fails with; null, the default, takes the one with which the service says that it failed.</summary>
    public ushort? FailStatus { get; init; }

    /// <summary>
    /// After how many bytes, of both directions and with everything that is no data, the connection of an association is cut; null
    /// never.
    /// </summary>
    public long? DropAfterBytes { get; init; }

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="ArgumentException">One is out of its range.</exception>
    public void Check()
    {
        if (RefuseAssociation < 0)
            throw new ArgumentOutOfRangeException(nameof(RefuseAssociation), RefuseAssociation,
                "RefuseAssociation is a number of associations, 0 or more.");
        if (AbortAfter < 0)
            throw new ArgumentOutOfRangeException(nameof(AbortAfter), AbortAfter, "AbortAfter is a number of responses, 0 or more.");
        if (DelayMilliseconds < 0)
            throw new ArgumentOutOfRangeException(nameof(DelayMilliseconds), DelayMilliseconds, "DelayMilliseconds is 0 or more.");
        if (FailEvery < 1)
            throw new ArgumentOutOfRangeException(nameof(FailEvery), FailEvery,
                "FailEvery is 1 for every request, 2 for every second one, and so on.");
        if (FailStatus is { } && FailEvery is null)
            throw new ArgumentException("FailStatus needs FailEvery, which says how often.", nameof(FailStatus));
        if (DropAfterBytes < 0)
            throw new ArgumentOutOfRangeException(nameof(DropAfterBytes), DropAfterBytes,
                "DropAfterBytes is a number of bytes, 0 or more.");
    }
}
