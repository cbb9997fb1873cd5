namespace DicomPS.Archives;

/// <summary>What became of one file that was to be imported.</summary>
public sealed record ImportResult
{
    /// <summary>The file as it was named.</summary>
    public required string Path { get; init; }

    /// <summary>Whether the archive has it for good.</summary>
    public required bool Success { get; init; }

    /// <summary>Where the archive has it; null when it was not imported.</summary>
    public string? ArchivedPath { get; init; }

    /// <summary>SOP Instance UID; null when the file could not be read.</summary>
    public string? SOPInstanceUID { get; init; }

    /// <summary>Why it was not imported; null when it was.</summary>
    public string? Error { get; init; }

    private Exception? Problem { get; init; }

    /// <summary>The exception behind <see cref="Error"/>; null when it was imported.</summary>
    public Exception? GetException() => Problem;

    internal static ImportResult Of(string path, string? archivedPath, string? uid, Exception? problem) => new()
    {
        Path = path,
        Success = problem is null,
        ArchivedPath = archivedPath,
        SOPInstanceUID = uid,
        Error = problem is null ? null : ErrorRecords.Sentence(problem),
        Problem = problem,
    };

    /// <summary>The file, and what became of it.</summary>
    public override string ToString() => SafeText.Clean(Success ? $"{Path}: imported" : $"{Path}: {Error}");
}
