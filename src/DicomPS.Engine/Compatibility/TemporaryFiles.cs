namespace DicomPS.Compatibility;

/// <summary>Files that nobody else can read and that are gone when this process is, however it ends.</summary>
internal static class TemporaryFiles
{
    /// <summary>
    /// Opens a new file in the folder of temporary files. Nothing is left of it when it is closed, or the process killed.
    /// </summary>
    /// <param name="prefix">What its name begins with; what a crash of the machine left under this name is deleted.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be made.</exception>
    public static FileStream Create(string prefix)
    {
        var folder = Path.GetTempPath();
        DeleteLeft(folder, prefix);
        var path = Path.Combine(folder, $"{prefix}{Guid.NewGuid():N}.tmp");
#if NET8_0_OR_GREATER
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Delete,
            BufferSize = 0 };
        if (OperatingSystem.IsWindows())
        {
            // Windows deletes it with the last handle, also that of a killed process.
            options.Options = FileOptions.DeleteOnClose;
            return new FileStream(path, options);
        }

        options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(path, options);
        Unlink(file, path);
        return file;
#else
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, 1, FileOptions.DeleteOnClose);
        if (Path.DirectorySeparatorChar == '/')
            Unlink(file, path);
        return file;
#endif
    }

    // Elsewhere a file without a name lives as long as it is open.
    private static void Unlink(FileStream file, string path)
    {
        try
        {
            File.Delete(path);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // One that is in use cannot be deleted on Windows, and has no name elsewhere.
    private static void DeleteLeft(string folder, string prefix)
    {
        try
        {
            foreach (var left in Directory.EnumerateFiles(folder, prefix + "*.tmp"))
                TryDelete(left);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whether there is anything left is no reason not to work.
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is in use, or somebody else's.
        }
    }
}
