using DicomPS.Dictionary;

namespace DicomPS.Dimse;

/// <summary>What is said of a response that is no success: one sentence for all services.</summary>
internal static class DimseRefusal
{
    /// <summary>Such as <c>The peer answered C-ECHO with status 0110 (Processing Failure). It says: busy</c>.</summary>
    /// <param name="what">The sentence up to the status.</param>
    /// <param name="table">The statuses of the service.</param>
    /// <param name="status">The status (0000,0900).</param>
    /// <param name="comment">Error Comment (0000,0902), the peer's own words; null for none.</param>
    /// <param name="more">What else there is to say, before the peer has the last word.</param>
    public static string Sentence(string what, StatusTable table, ushort? status, string? comment, string more = "") =>
        $"{what} {status:X4} ({DimseStatus.Describe(table, status).Meaning}).{more}{(comment is { } ? $" It says: {comment}" : "")}";

    /// <summary>The same as an exception.</summary>
    /// <param name="what">The sentence up to the status.</param>
    /// <param name="table">The statuses of the service.</param>
    /// <param name="status">The status (0000,0900).</param>
    /// <param name="comment">Error Comment (0000,0902), the peer's own words; null for none.</param>
    /// <param name="more">What else there is to say, before the peer has the last word.</param>
    /// <param name="isTransient">Whether it may pass.</param>
    /// <param name="advice">What to do about it; null for nothing that is not in the sentence.</param>
    public static DicomStatusException Exception(
        string what, StatusTable table, ushort status, string? comment, string more = "", bool isTransient = false,
        string? advice = null) =>
        new(Sentence(what, table, status, comment, more), status)
        {
            Stage = DicomStage.Dimse,
            ErrorComment = comment,
            IsTransient = isTransient,
            Advice = advice,
        };
}
