using DicomPS.Data;

namespace DicomPS.Json;

/// <summary>How a dataset is written as JSON.</summary>
public sealed record JsonDatasetWriterOptions
{
    /// <summary>The options that apply when none are given.</summary>
    public static JsonDatasetWriterOptions Default { get; } = new();

    /// <summary>Whether each element has a line of its own.</summary>
    public bool Indented { get; init; }

    /// <summary>A binary value of more bytes becomes a BulkDataURI, where there is one to give; 1,024 unless told.</summary>
    public long InlineLimit { get; init; } = 1024;

    /// <summary>
    /// The URI of a value too long to be inlined. Without one to give, null, a value in memory is inlined and one in a file refers to
    /// it.
    /// </summary>
    public Func<DicomElement, string?>? BulkDataUri { get; init; }
}
