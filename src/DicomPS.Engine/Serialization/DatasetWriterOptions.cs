namespace DicomPS.Serialization;

/// <summary>The choices that the standard leaves to a writer.</summary>
public sealed record DatasetWriterOptions
{
    /// <summary>The options that apply when none are given.</summary>
    public static DatasetWriterOptions Default { get; } = new();

    /// <summary>Whether sequences and items end with delimiters instead of saying their length (PS3.5 7.5); false unless told.</summary>
    public bool UndefinedLengths { get; init; }
}
