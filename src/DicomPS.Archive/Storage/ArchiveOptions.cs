using DicomPS.Data;

namespace DicomPS.Archiving;

/// <summary>Where an archive is, and how it keeps its files.</summary>
public sealed record ArchiveOptions
{
    /// <summary>The folder of the files.</summary>
    public required string Folder { get; init; }

    /// <summary>The path of an instance inside the folder, from its header; null for <c>study/series/instance.dcm</c> by their UIDs.</summary>
    public Func<DicomDataset, string>? PathFor { get; init; }

    /// <summary>Whether what is stored waits for the disk itself. Default false: it outlives this process being killed, but no power cut.</summary>
    public bool FlushToDisk { get; init; }

    /// <summary>Told of files that cannot be read when the archive looks through its folder; null is silent.</summary>
    public Action<string, Exception>? Unreadable { get; init; }
}

/// <summary>How files come into an archive.</summary>
public enum ImportMode
{
    /// <summary>A copy is put into the archive's folder.</summary>
    Copy,
    /// <summary>The file stays where it is; only the index knows it.</summary>
    InPlace,
}

/// <summary>What became of a file that was to be imported.</summary>
/// <param name="Path">The file as it was named.</param>
/// <param name="ArchivedPath">Where the archive has it; null when it was not imported.</param>
/// <param name="SopInstanceUid">The instance; null when the file could not be read.</param>
/// <param name="Problem">Why it was not imported; null when it was.</param>
public sealed record ImportedFile(string Path, string? ArchivedPath, string? SopInstanceUid, Exception? Problem);

/// <summary>What making files and index agree has changed.</summary>
/// <param name="Files">How many files were looked at.</param>
/// <param name="Added">How many of them the index did not know, or knew otherwise.</param>
/// <param name="Forgotten">How many instances the index knew whose files are gone.</param>
/// <param name="Unreadable">How many files are no DICOM or damaged; they were left alone.</param>
public sealed record ArchiveRepair(long Files, long Added, long Forgotten, long Unreadable);
