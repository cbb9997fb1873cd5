namespace DicomPS.Transfers.Store;

/// <summary>A store names patients: its file is its owner's alone. SQLite gives the files beside it the same rights.</summary>
internal static class PrivateStoreFile
{
    /// <summary>Makes an empty file; one that is there meanwhile stays.</summary>
    public static void Make(string path)
    {
        try
        {
#if NET8_0_OR_GREATER
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            new FileStream(path, options).Dispose();
#else
            new FileStream(path, FileMode.CreateNew, FileAccess.Write).Dispose();
#endif
        }
        catch (IOException) when (File.Exists(path))
        {
            // Two that begin at the same time.
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"The store {path} cannot be made: {problem.Message}", problem)
            {
                Advice = "Name a file in a folder that exists and may be written to.",
            };
        }
    }
}
