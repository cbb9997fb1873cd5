using System.Collections.Concurrent;

namespace DicomPS.Compatibility;

/// <summary>
/// Files that may name patients or hold secrets: on Unix their owner's alone, from the moment that they are there. On Windows the rights
/// of the folder hold, and so they do for the netstandard2.0 build, which Windows PowerShell alone loads. What exists keeps its rights.
/// All members are for any thread.
/// </summary>
internal static class PrivateFiles
{
    // What was told of; a session says it once.
    private static readonly ConcurrentDictionary<string, bool> Told = new(StringComparer.Ordinal);

    /// <summary>Opens a file; a new one is its owner's alone.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mode">How it is opened.</param>
    /// <param name="access">What for.</param>
    /// <param name="share">What others may do meanwhile.</param>
    /// <param name="bufferSize">As <see cref="FileStream"/> has it; 1 for none.</param>
    public static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share, int bufferSize = 4096)
    {
#if NET8_0_OR_GREATER
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share, BufferSize = bufferSize };
        if (!OperatingSystem.IsWindows() && mode is not (FileMode.Open or FileMode.Truncate))
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
#else
        return new FileStream(path, mode, access, share, bufferSize);
#endif
    }

    /// <summary>Opens a log to write at its end, without a buffer; a new one may be read by the group too.</summary>
    /// <param name="path">The file.</param>
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

    /// <summary>Makes an empty file, unless there is one: for who opens it by its name and knows nothing of rights.</summary>
    /// <param name="path">The file.</param>
    public static void Make(string path)
    {
        try
        {
            if (!File.Exists(path))
                Open(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete).Dispose();
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another one was quicker.
        }
    }

    /// <summary>Opens a new file that is to take the place of another, with the rights of that one.</summary>
    /// <param name="path">The new file.</param>
    /// <param name="replaced">The other one; where it is missing, the new one is its owner's alone.</param>
    public static FileStream OpenToReplace(string path, string replaced)
    {
        var file = Open(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
#if NET8_0_OR_GREATER
        if (!OperatingSystem.IsWindows() && File.Exists(replaced))
            File.SetUnixFileMode(file.SafeFileHandle, File.GetUnixFileMode(replaced));
#endif
        return file;
    }

    /// <summary>Makes a folder that nobody else may look into, and those above it; what is there stays as it is.</summary>
    /// <param name="path">The folder.</param>
    public static void CreateFolder(string path)
    {
#if NET8_0_OR_GREATER
        if (!OperatingSystem.IsWindows())
        {
            // The runtime gives the rights to the last folder alone.
            var missing = new Stack<string>();
            for (var at = Path.GetFullPath(path); at is not null && !Directory.Exists(at); at = Path.GetDirectoryName(at))
                missing.Push(at);
            while (missing.Count > 0)
                Directory.CreateDirectory(missing.Pop(), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return;
        }
#endif
        Directory.CreateDirectory(path);
    }

    /// <summary>Whether a file or folder is there and nobody but its owner may use it; false where there are no such rights.</summary>
    /// <param name="path">The file or folder.</param>
    public static bool IsPrivate(string path) => Bits(path) is { } bits && (bits & 0b000_111_111) == 0;

    /// <summary>Whether a file is there that everybody on this machine may read, and this session has not said so of it.</summary>
    /// <param name="path">The file.</param>
    public static bool IsNewsThatAllMayRead(string path) =>
        !FileKind.IsSpecial(path) && Bits(path) is { } bits && (bits & 0b000_000_100) != 0 && Told.TryAdd(Path.GetFullPath(path), true);

    private static int? Bits(string path)
    {
#if NET8_0_OR_GREATER
        try
        {
            return OperatingSystem.IsWindows() || !(File.Exists(path) || Directory.Exists(path)) ? null : (int)File.GetUnixFileMode(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
#else
        return null;
#endif
    }
}
