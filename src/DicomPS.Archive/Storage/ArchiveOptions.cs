using DicomPS.Archiving.Index;
using DicomPS.Part10;

namespace DicomPS.Archiving.Storage;

/// <summary>Where an archive is, and how it keeps its files.</summary>
public sealed record ArchiveOptions
{
    /// <summary>The folder of the files.</summary>
    public required string Folder { get; init; }

    /// <summary>
    /// Whether what is stored waits for the disk itself. Default false: it outlives this process being killed, but no power cut.
    /// </summary>
    public bool FlushToDisk { get; init; }

    /// <summary>Waited for between two steps of a store, so that a test can have others come in between.</summary>
    internal Func<Task> BetweenSteps { get; init; } = () => Task.CompletedTask;

    /// <summary>The disk.</summary>
    internal FileSystem Files { get; init; } = FileSystem.Default;

    /// <summary>The clock.</summary>
    internal TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>As that of <see cref="ArchiveIndexOptions"/>.</summary>
    internal Action<TransactionStep> AtStep { get; init; } = _ => { };

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
public sealed record ImportedFile(string Path, string? ArchivedPath, string? SopInstanceUid, Exception? Problem)
{
    /// <summary>Whether the archive had the instance and kept what it had.</summary>
    public bool Kept { get; init; }
}

/// <summary>What making files and index agree has changed.</summary>
/// <param name="Files">How many files were looked at.</param>
/// <param name="Added">How many of them the index did not know, or knew otherwise.</param>
/// <param name="Forgotten">How many instances the index knew whose files are gone.</param>
/// <param name="Unreadable">How many files are no DICOM or damaged; they were left alone.</param>
/// <param name="Doubled">How many files are of an instance that has another file; they were left alone.</param>
public sealed record ArchiveRepair(long Files, long Added, long Forgotten, long Unreadable, long Doubled = 0);

/// <summary>
/// What happens to an instance that the archive has already: of the same patient, study and series. Another one never replaces it.
/// </summary>
public enum SameInstance
{
    /// <summary>The new one replaces the one that is there.</summary>
    Replace,
    /// <summary>The one that is there stays, and the new one is dropped.</summary>
    Keep,
    /// <summary>As <see cref="Keep"/>; whoever sends it over the network hears that it is there already.</summary>
    Refuse,
}

/// <summary>What became of a file that was to be stored.</summary>
/// <param name="Path">Where the archive has the instance, in full.</param>
/// <param name="Replaced">Whether a file of the same instance was replaced.</param>
/// <param name="Kept">Whether the archive had it and kept what it had.</param>
/// <param name="Conflict">What has a UID of it and another identity; null when nothing has.</param>
public sealed record StoredFile(string Path, bool Replaced, bool Kept, IndexConflict? Conflict);
