using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DicomPS.Benchmarks.Peers;

/// <summary>Takes files out of the page cache, so that a cold run reads them from the disk. Does nothing off Linux.</summary>
internal static class PageCache
{
    private const int DontNeed = 4;

    public static bool CanEvict => OperatingSystem.IsLinux();

    /// <summary>Waits until all that was written is on the disk: dirty pages cannot be evicted.</summary>
    public static void Settle()
    {
        if (CanEvict)
            Sync();
    }

    public static void Evict(DataSet data)
    {
        if (!CanEvict)
            return;
        foreach (var path in data.Files)
        {
            using var file = File.OpenHandle(path);
            _ = Advise(file, 0, 0, DontNeed);
        }
    }

    /// <summary>Reads all files once.</summary>
    /// <param name="data">The files.</param>
    public static void Warm(DataSet data)
    {
        var buffer = new byte[1 << 20];
        foreach (var path in data.Files)
        {
            using var file = File.OpenHandle(path);
            for (long position = 0, read; (read = RandomAccess.Read(file, buffer, position)) > 0;)
                position += read;
        }
    }

    [DllImport("libc", EntryPoint = "sync")]
    private static extern void Sync();

    [DllImport("libc", EntryPoint = "posix_fadvise")]
    private static extern int Advise(SafeFileHandle file, nint offset, nint length, int advice);
}
