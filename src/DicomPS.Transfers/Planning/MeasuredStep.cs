using DicomPS.Transfers.Store;

namespace DicomPS.Transfers.Planning;

/// <summary>What was measured with one number of associations.</summary>
internal sealed record MeasuredStep
{
    /// <summary>How many there were.</summary>
    public required int Associations { get; init; }

    /// <summary>How many studies were moved.</summary>
    public long Moved { get; init; }

    /// <summary>How many tries did not move one, and failed.</summary>
    public long Failed { get; init; }

    /// <summary>How many instances were moved; null where nobody told.</summary>
    public long? Instances { get; init; }

    /// <summary>How many bytes were; null where nobody told, as with C-MOVE.</summary>
    public long? Bytes { get; init; }

    /// <summary>How long each association was at studies that were moved, all together.</summary>
    public TimeSpan Busy { get; init; }

    /// <summary>What that time was spent on.</summary>
    public SideTimes Times { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>How much of the processors of this machine this process used, 0 to 1.</summary>
    public double Processor { get; init; }

    /// <summary>
    /// Studies a second, with all associations at work: the end, when some of them have no study any more, does not count. Null where
    /// nothing was moved.
    /// </summary>
    public double? PerSecond => Moved > 0 && Busy > TimeSpan.Zero ? Moved * Associations / Busy.TotalSeconds : null;
}
