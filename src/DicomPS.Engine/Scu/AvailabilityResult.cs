using DicomPS.Associations;

namespace DicomPS.Scu;

/// <summary>What became of one Instance Availability Notification.</summary>
public sealed record AvailabilityResult
{
    /// <summary>The study.</summary>
    public required string StudyInstanceUID { get; init; }

    /// <summary>How many instances the notification names.</summary>
    public int Instances { get; init; }

    /// <summary>What was told of them: ONLINE, NEARLINE, OFFLINE or UNAVAILABLE.</summary>
    public required string Availability { get; init; }

    /// <summary>Where they can be retrieved from.</summary>
    public required string RetrieveAETitle { get; init; }

    /// <summary>Whether the peer took it: status Success or Warning.</summary>
    public bool Success { get; init; }

    /// <summary>The status by name; NotSent when it never went out, Unknown when no answer came.</summary>
    public required string Status { get; init; }

    /// <summary>The status (0000,0900) of the answer; null when none came.</summary>
    public ushort? StatusCode { get; init; }

    /// <summary>Error Comment (0000,0902) of the answer; null where it has none.</summary>
    public string? ErrorComment { get; init; }

    /// <summary>What went wrong; null when nothing did.</summary>
    public string? Error { get; init; }

    /// <summary>The node.</summary>
    public DicomNode? Node { get; init; }

    /// <summary>The result in words.</summary>
    public override string ToString() => SafeText.Clean($"{StudyInstanceUID}: {Status}");
}
