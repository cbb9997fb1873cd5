using DicomPS.Associations;

namespace DicomPS;

/// <summary>How far a C-FIND, C-MOVE, C-GET or C-STORE is. A count that nobody told is null.</summary>
public sealed record OperationProgress
{
    /// <summary>C-FIND, C-MOVE, C-GET or C-STORE.</summary>
    public required string Operation { get; init; }

    /// <summary>Whether a response of the peer came; false where it has been silent for a while.</summary>
    public bool IsResponse { get; init; }

    /// <summary>What is under way: the level and the UID that is retrieved, or the file that is sent; null when nothing is known.</summary>
    public string? Running { get; init; }

    /// <summary>The status of the response by name; null when none came yet.</summary>
    public string? Status { get; init; }

    /// <summary>The status (0000,0900) of the response; null when none came yet.</summary>
    public ushort? StatusCode { get; init; }

    /// <summary>Error Comment (0000,0902): the peer's own words, cleaned of what steers a terminal; null where it has none.</summary>
    public string? ErrorComment { get; init => field = value is null ? null : SafeText.Clean(value); }

    /// <summary>What remains: of a retrieve as the peer says; of files as far as their number is known.</summary>
    public long? Remaining { get; init; }

    /// <summary>What is done: sub-operations as the peer counts them, answers, or files.</summary>
    public long? Completed { get; init; }

    /// <summary>What failed, of sub-operations as the peer counts them, or of files.</summary>
    public long? Failed { get; init; }

    /// <summary>Sub-operations with warnings, as the peer counts them.</summary>
    public long? Warning { get; init; }

    /// <summary>Instances that arrived here in the whole command; null where none come here.</summary>
    public long? Received { get; init; }

    /// <summary>Bytes that arrived here or went out, in the whole command; null where none are counted.</summary>
    public long? Bytes { get; init; }

    /// <summary>Requests of the whole command that were added and those that have a result; null where it is one.</summary>
    public long? Requests { get; init; }

    /// <summary>Of these, those that have a result.</summary>
    public long? Done { get; init; }

    /// <summary>The time since the command began.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>How many responses came since the last call and were left out, because the block was slower than the peer.</summary>
    public long Skipped { get; init; }

    /// <summary>The node.</summary>
    public DicomNode? Node { get; init; }

    /// <summary>The progress in words.</summary>
    public override string ToString() => SafeText.Clean(
        $"{Operation}: {Status ?? "no response yet"}, {Completed?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"} done"
        + (Remaining is { } left ? $", {left} left" : "") + (Failed > 0 ? $", {Failed} failed" : ""));
}
