using DicomPS.Data;

namespace DicomPS.Querying;

/// <summary>One C-FIND of a job, or what becomes several when its window spans midnights or its list is refused.</summary>
/// <param name="Target">The keys of its own, or null.</param>
/// <param name="Window">The time that it covers.</param>
/// <param name="TimeKey">A time of day that a key of the request was cut into, or null to leave the key as it is.</param>
/// <param name="Modality">The modality to narrow it to, or null.</param>
/// <param name="Breaks">How many associations broke over it.</param>
internal sealed record QueryPiece(DicomDataset? Target, QueryWindow Window, string? TimeKey, string? Modality, int Breaks = 0)
{
    /// <summary>Which of the request's targets it is of, or -1.</summary>
    public int Row { get; init; } = -1;

    /// <summary>The end of the Patient ID to narrow it to, or null.</summary>
    public string? PatientEnd { get; init; }

    /// <summary>The answer that it is a part of, because that looked cut short; null when it is asked for its own sake.</summary>
    public CutSuspicion? Suspect { get; init; }
}
