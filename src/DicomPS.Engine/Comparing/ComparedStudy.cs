namespace DicomPS.Comparing;

/// <summary>What is kept of a study until both sides have answered.</summary>
/// <param name="Result">The answer, without its dataset.</param>
/// <param name="Values">The values of the compared keys, in the order of the options, as they can be compared; null for none.</param>
/// <param name="Query">Which request of its job it answers.</param>
internal sealed record ComparedStudy(Study Result, string?[] Values, int Query)
{
    public string Uid => Result.StudyInstanceUID!;
}
