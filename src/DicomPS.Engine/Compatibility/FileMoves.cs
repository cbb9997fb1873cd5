using System.Runtime.InteropServices;

namespace DicomPS.Compatibility;

/// <summary>Renames that say what happens to a file that is there already.</summary>
internal static class FileMoves
{
    /// <summary>
    /// How a name that must not be taken is given to a file on Unix; each way is for file systems that lack those before it.
    /// </summary>
    internal enum Way
    {
        /// <summary>renameat2(RENAME_NOREPLACE) of Linux, renamex_np(RENAME_EXCL) of macOS: one step.</summary>
        Rename,
        /// <summary>
        /// A second name, then the first goes: link() fails when the name is taken. Shares that have no such rename know it.
        /// </summary>
        Link,
        /// <summary>An empty file that takes the name, O_EXCL, then a rename over it.</summary>
        Placeholder,
    }

    // What the C library lacks is not asked for again for each file.
    private static volatile bool _hasRename = true;

    private static bool IsWindows { get; } = RuntimeInformation.IsOSPlatform(OSPlatform.Windows);

    /// <summary>Renames within one file system; a file with the new name is replaced in one step.</summary>
    public static void Replace(string from, string to)
    {
#if NET8_0_OR_GREATER
        File.Move(from, to, overwrite: true);
#else
        while (!TryMoveToNew(from, to))
        {
            try
            {
                File.Replace(from, to, null);
                return;
            }
            catch (FileNotFoundException) when (File.Exists(from))
            {
                // The old file went away in between: move again.
            }
        }
#endif
    }

    /// <summary>Renames within one file system unless the new name is taken; of several at once, one has the name.</summary>
    public static bool TryMoveToNew(string from, string to)
    {
        // File.Move of .NET looks on Unix whether the name is taken, and renames then: what came in between is replaced.
        if (!IsWindows)
            return TryMoveToNew(from, to, _hasRename ? Way.Rename : Way.Link);
        try
        {
            File.Move(from, to);
            return true;
        }
        catch (IOException) when (File.Exists(to) && File.Exists(from))
        {
            return false;
        }
    }

    /// <summary>As the other, from one way on.</summary>
    internal static bool TryMoveToNew(string from, string to, Way way)
    {
        if (way == Way.Rename)
        {
            if (RenameToNew(from, to) is not { } error)
                return true;
            if (IsTaken(error, from, to))
                return false;
            way = Way.Link;
        }

        if (way == Way.Link)
        {
            if (Link(from, to) == 0)
            {
                // A process that is killed here leaves two names of one file; the temporary one is deleted by the next.
                DeleteOldName(from);
                return true;
            }

            if (IsTaken(Marshal.GetLastWin32Error(), from, to))
                return false;
        }

        return TryReserve(from, to);
    }

    /// <summary>Gives a file a second name; false where the file system has no such thing, or the name is taken.</summary>
    public static bool TryLink(string file, string name) =>
        IsWindows ? CreateHardLink(name, file, IntPtr.Zero) : Link(file, name) == 0;

    /// <summary>
    /// Waits until the disk has the names in a folder, as Unix needs it after a rename; Windows writes them in order itself.
    /// </summary>
    /// <exception cref="IOException">The disk failed; whether it has the names is not known.</exception>
    public static void FlushFolder(string folder)
    {
        if (IsWindows)
            return;
        var handle = Open(folder, 0);
        if (handle < 0)
        {
            RequireFlushed(Marshal.GetLastWin32Error(), folder);
            return;
        }

        var error = Flush(handle) == 0 ? 0 : Marshal.GetLastWin32Error();
        _ = Close(handle);
        RequireFlushed(error, folder);
    }

    // Some shares cannot, and some folders must not be opened: they have no more to give. Anything else is a disk that failed, and of
    // which nobody may say that it has the names.
    private static void RequireFlushed(int error, string folder)
    {
        // EPERM, EBADF, EACCES, EISDIR, EINVAL; ENOSYS and ENOTSUP of Linux, then of macOS.
        if (error is not (0 or 1 or 9 or 13 or 21 or 22 or 38 or 95 or 45 or 78))
            throw new IOException($"The names in {folder} could not be flushed to the disk: error {error}.", error);
    }

    private static void DeleteOldName(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // The file has its name; the other one harms nobody.
            return;
        }
    }

    // EEXIST is 17 on Linux and macOS. A share may say anything else, and even that it failed when it did not: the name decides.
    private static bool IsTaken(int error, string from, string to)
    {
        const int exists = 17;
        if (error == exists)
            return true;
        if (!File.Exists(from))
            throw new FileNotFoundException($"The file {from} is gone.", from);
        if (Path.GetDirectoryName(to) is { Length: > 0 } folder && !Directory.Exists(folder))
            throw new DirectoryNotFoundException($"The folder {folder} is gone.");
        return false;
    }

    private static bool TryReserve(string from, string to)
    {
        try
        {
            new FileStream(to, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 1).Dispose();
        }
        catch (IOException) when (File.Exists(to) || Directory.Exists(to))
        {
            return false;
        }

        try
        {
            // Not File.Move: that of Mono and of old frameworks does not replace.
            if (RenameOver(from, to) != 0)
            {
                var error = Marshal.GetLastWin32Error();
                throw new IOException($"{from} could not be renamed to {to}: error {error}.", error);
            }

            return true;
        }
        catch
        {
            File.Delete(to);
            throw;
        }
    }

    /// <summary>The error; null when it is done.</summary>
    private static int? RenameToNew(string from, string to)
    {
        const int currentFolder = -100;
        const uint noReplace = 1, exclusive = 4;
        const int unknown = 38;
        try
        {
            var result = RuntimeInformation.IsOSPlatform(OSPlatform.Linux)
                ? RenameAt(currentFolder, from, currentFolder, to, noReplace)
                : RenameExclusive(from, to, exclusive);
            return result == 0 ? null : Marshal.GetLastWin32Error();
        }
        catch (EntryPointNotFoundException)
        {
            // An older C library, or a small one.
            _hasRename = false;
            return unknown;
        }
    }

    [DllImport("libc", EntryPoint = "link", SetLastError = true)]
    private static extern int Link(string from, string to);

    [DllImport("libc", EntryPoint = "rename", SetLastError = true)]
    private static extern int RenameOver(string from, string to);

    [DllImport("libc", EntryPoint = "renameat2", SetLastError = true)]
    private static extern int RenameAt(int fromFolder, string from, int toFolder, string to, uint flags);

    [DllImport("libc", EntryPoint = "renamex_np", SetLastError = true)]
    private static extern int RenameExclusive(string from, string to, uint flags);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open(string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Flush(int handle);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    private static extern int Close(int handle);

    [DllImport("kernel32", EntryPoint = "CreateHardLinkW", CharSet = CharSet.Unicode, SetLastError = true)]
    private static extern bool CreateHardLink(string name, string file, IntPtr security);
}
