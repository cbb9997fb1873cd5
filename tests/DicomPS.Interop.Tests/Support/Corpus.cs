namespace DicomPS.Interop.Tests.Support;

/// <summary>The test files that Debian's python3-pydicom ships: every transfer syntax, and real-world damage.</summary>
internal static class Corpus
{
    public const string Folder = "/usr/lib/python3/dist-packages/pydicom/data/test_files";

    /// <summary>The .dcm files in the folder itself; skips the test when there are none.</summary>
    public static string[] Files()
    {
        Assert.SkipUnless(Directory.Exists(Folder), $"{Folder} was not found (Debian's package python3-pydicom).");
        var files = Directory.GetFiles(Folder, "*.dcm");
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }

    public static string File(string name)
    {
        Assert.SkipUnless(Directory.Exists(Folder), $"{Folder} was not found (Debian's package python3-pydicom).");
        return Path.Combine(Folder, name);
    }
}
