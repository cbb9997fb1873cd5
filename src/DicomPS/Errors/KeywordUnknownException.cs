namespace DicomPS.Errors;

/// <summary>A name that is neither a keyword of the dictionary nor a tag.</summary>
internal sealed class KeywordUnknownException(string keyword, string? nearest)
    : ArgumentException($"'{keyword}' is no keyword of the DICOM dictionary and no tag. "
        + (nearest is null ? "Write a keyword such as PatientID, or a tag in quotes such as '0010,0020'." : $"Did you mean {nearest}?"))
{
    public string Keyword { get; } = keyword;
}
