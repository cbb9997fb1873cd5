namespace DicomPS.Compatibility;

/// <summary>Files that may name patients: read by their owner and his group, not by everybody.</summary>
internal static class PrivateFiles
{
    /// <summary>Opens a file to write at its end, without a buffer; made when it is missing.</summary>
    public static FileStream Append(string path)
    {
#if NET8_0_OR_GREATER
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 1 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        return new FileStream(path, options);
#else
        return new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
#endif
    }
}
