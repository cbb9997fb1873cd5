namespace DicomPS.Scp;

/// <summary>Why a caller gets no association.</summary>
/// <param name="Source">Source of the A-ASSOCIATE-RJ (PS3.8 table 9-21).</param>
/// <param name="Why">Its reason.</param>
/// <param name="IsTransient">Whether a later try may be taken.</param>
/// <param name="Reason">In a sentence, for the server's own record.</param>
/// <param name="Advice">What to do about it.</param>
internal sealed record Denial(byte Source, byte Why, bool IsTransient, string? Reason, string? Advice);
