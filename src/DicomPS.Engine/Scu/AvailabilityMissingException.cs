using DicomPS.Data;

namespace DicomPS.Scu;

/// <summary>Thrown for a notification that lacks what each must have.</summary>
/// <param name="message">What.</param>
/// <param name="offending">Where.</param>
internal sealed class AvailabilityMissingException(string message, DicomTag offending) : DicomException(message)
{
    /// <summary>Offending Elements (0000,0901).</summary>
    public IReadOnlyList<uint> OffendingElements { get; } = [offending.Value];
}
