namespace DicomPS.Querying;

/// <summary>More answers wait to be taken than can be kept. Those that were kept are given all the same.</summary>
/// <param name="message">How many, and what ran out.</param>
/// <param name="innerException">The cause, if there is one.</param>
internal sealed class AnswerSpoolException(string message, Exception? innerException) : DicomException(message, innerException)
{
    /// <summary>What the user can do about it.</summary>
    public static string Remedy => "Narrow the query, or write its answers to a file first (Export-Csv) and go on from there; "
        + "the folder of temporary files is chosen by TMPDIR, or by TEMP on Windows.";
}
