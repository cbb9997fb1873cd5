using DicomPS.Associations;

namespace DicomPS.Transfers;

/// <summary>A node of transfers: how much it may be asked, and when.</summary>
public sealed record TransferNode
{
    /// <summary>The node.</summary>
    public required DicomNode Node { get; init; }

    /// <summary>How many studies may be under way with it, over all workers.</summary>
    public long Throttle { get; init; }

    /// <summary>How many studies may be begun in an hour; null for any number.</summary>
    public long? PerHour { get; init; }

    /// <summary>How many bytes a second on average; null for any number.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>
    /// How a worker has instances of it where they have to come to the worker: Get, by C-GET; Move, by C-MOVE to the worker's own port.
    /// </summary>
    public string RetrieveBy { get; init; } = "Get";

    /// <summary>The hours in which studies are begun; null for all.</summary>
    public string? Between { get; init; }

    /// <summary>The time zone of these.</summary>
    public string? TimeZone { get; init; }

    /// <summary>When it opens next, in local time; null while it is open.</summary>
    public DateTime? Opens { get; init; }

    /// <summary>How many associations are under way.</summary>
    public long Running { get; init; }

    /// <summary>Since when it is held, because calls failed; null when it is not.</summary>
    public DateTime? HeldSince { get; init; }

    /// <summary>Why.</summary>
    public string? Held { get; init; }

    /// <summary>Where the tables are.</summary>
    public required string Store { get; init; }

    /// <summary>The node and its limit.</summary>
    public override string ToString() => SafeText.Clean($"{Node}: {Throttle}");
}
