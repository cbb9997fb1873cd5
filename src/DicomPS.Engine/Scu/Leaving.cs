using DicomPS.Associations;

namespace DicomPS.Scu;

/// <summary>
/// The one rule for the end of an association: it is released where it is intact and nothing is in flight, whatever the peer answered,
/// and aborted only where the protocol broke or somebody gave up in the middle.
/// </summary>
internal static class Leaving
{
    /// <summary>Releases an association that is intact. What was asked over it has its answer; how the peer takes leave changes
    /// nothing.</summary>
    /// <param name="association">The association.</param>
    /// <param name="cancellationToken">Gives up and aborts.</param>
    /// <returns>What the peer did instead of answering the release; null when it answered, or the association was over.</returns>
    public static async Task<DicomException?> LeaveAsync(this Association association, CancellationToken cancellationToken)
    {
        if (association.State != AssociationState.Established)
            return null;
        try
        {
            await association.ReleaseAsync(cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (DicomException problem)
        {
            return problem;
        }
    }
}
