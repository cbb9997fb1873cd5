namespace DicomPS.Interop.Tests.Support;

/// <summary>A folder that is gone when the test is.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("dicomps-interop-").FullName;

    public string Combine(string name) => System.IO.Path.Combine(Path, name);

    public string Subfolder(string name) => Directory.CreateDirectory(Combine(name)).FullName;

    /// <summary>All files in it, however deep, in a stable order.</summary>
    public string[] Files(string pattern = "*")
    {
        var files = Directory.GetFiles(Path, pattern, SearchOption.AllDirectories);
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A peer that is still dying may write once more: the system's own cleaning takes what is left.
        }
    }
}
