namespace DicomPS.Archiving.Index;

/// <summary>That something was retrieved: what an index keeps of it beside what it knows of the thing itself.</summary>
/// <param name="StudyInstanceUid">The study.</param>
/// <param name="SeriesInstanceUid">The series; null where the whole study was asked for.</param>
/// <param name="At">When, in UTC.</param>
/// <param name="Instances">How many instances came; null for all that are known of it.</param>
/// <param name="Of">How many there are; null for all that are known of it.</param>
/// <param name="IsWhole">Whether all came.</param>
public sealed record RetrieveMark(string StudyInstanceUid, string? SeriesInstanceUid, DateTime At, int? Instances, int? Of, bool IsWhole);
