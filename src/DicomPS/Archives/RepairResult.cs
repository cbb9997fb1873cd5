namespace DicomPS.Archives;

/// <summary>What a repair has come to: the index of an archive, made anew from its files.</summary>
public sealed record RepairResult
{
    /// <summary>The folder of the archive.</summary>
    public required string Path { get; init; }

    /// <summary>How many files were looked at.</summary>
    public long Files { get; init; }

    /// <summary>How many of them are in the index now.</summary>
    public long Indexed { get; init; }

    /// <summary>How many are no DICOM or damaged; they were left alone.</summary>
    public long Unreadable { get; init; }

    /// <summary>How many are further files of an instance that has one; they were left alone.</summary>
    public long Doubled { get; init; }

    /// <summary>How often a UID is that of things of several patients, studies or series.</summary>
    public long Conflicts { get; init; }

    /// <summary>How many studies the archive has.</summary>
    public long Studies { get; init; }

    /// <summary>How many series the archive has.</summary>
    public long Series { get; init; }

    /// <summary>How many instances the archive has.</summary>
    public long Instances { get; init; }

    /// <summary>What was damaged in the old index, in SQLite's words; null when it was sound or missing.</summary>
    public string? Damage { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The archive, and what it holds now.</summary>
    public override string ToString() =>
        SafeText.Clean($"{Path}: {Instances} instances of {Studies} studies, {Unreadable} files unreadable");
}
