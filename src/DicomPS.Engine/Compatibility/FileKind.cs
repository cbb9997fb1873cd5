using System.Runtime.InteropServices;

namespace DicomPS.Compatibility;

/// <summary>What stands under a path.</summary>
internal static class FileKind
{
    // The type in st_mode (POSIX sys/stat.h): regular files and folders; others are pipes, sockets and devices.
    private const int TypeMask = 0xF000, Regular = 0x8000, Folder = 0x4000;

    /// <summary>
    /// Whether a path is no file and no folder but a pipe, a socket or a device, which could be opened for ever. Such have no length,
    /// so files
    /// cost no more than the question for it.
    /// </summary>
    /// <param name="path">The path; links are followed.</param>
    public static bool IsSpecial(string path)
    {
        if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
            return false;

        var info = new FileInfo(path);
        return info.Exists && (info.Length == 0 || (info.Attributes & FileAttributes.ReparsePoint) != 0)
            && TypeOf(path) is var type and not 0 && type != Regular && type != Folder;
    }

    private static int TypeOf(string path)
    {
        try
        {
            // The runtime's own question; st_mode is the second number of what it answers.
            var status = new int[64];
            return Stat(path, status) == 0 ? status[1] & TypeMask : 0;
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException)
        {
            return 0;
        }
    }

    [DllImport("libSystem.Native", EntryPoint = "SystemNative_Stat", CharSet = CharSet.Ansi)]
    private static extern int Stat(string path, [Out] int[] status);
}
