namespace DicomPS.Engine.Tests.Support;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("dicomps-").FullName;

    /// <summary>Writes a file and gives its path.</summary>
    public string Write(string name, params byte[][] parts)
    {
        var path = System.IO.Path.Combine(Path, name);
        using var file = File.Create(path);
        foreach (var part in parts)
            file.Write(part);

        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
