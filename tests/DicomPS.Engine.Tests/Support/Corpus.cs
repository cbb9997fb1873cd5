namespace DicomPS.Engine.Tests.Support;

/// <summary>The files that Debian's python3-pydicom brings along: from many devices, and some broken on purpose.</summary>
internal static class Corpus
{
    public const string Folder = "/usr/lib/python3/dist-packages/pydicom/data/test_files";

    /// <summary>All files, by their path below the folder; skips the test where there are none.</summary>
    public static IReadOnlyList<string> Files()
    {
        SkipIfMissing();
        return [.. Directory.EnumerateFiles(Folder, "*.dcm")
            .Concat(Directory.EnumerateFiles(Path.Combine(Folder, "dicomdirtests"), "*", SearchOption.AllDirectories))
            .Select(path => Path.GetRelativePath(Folder, path))
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>One file; skips the test where there is none.</summary>
    public static string File(string name)
    {
        SkipIfMissing();
        return Path.Combine(Folder, name);
    }

    private static void SkipIfMissing()
    {
        if (!Directory.Exists(Folder))
            Assert.Skip($"{Folder} is not there (Debian: python3-pydicom).");
    }
}
