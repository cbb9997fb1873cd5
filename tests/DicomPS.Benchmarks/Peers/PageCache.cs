using System.Globalization;
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

    /// <summary>
    /// Touches most of the free memory once. A virtual machine gets a page from its host when it first uses it, which takes
    /// longer than writing it: whoever happened to be given new pages would be measured slower.
    /// </summary>
    public static unsafe void BackFreeMemory()
    {
        if (!CanEvict)
            return;
        const int page = 4096;
        const nuint piece = 64 << 20;
        var free = File.ReadLines("/proc/meminfo").First(line => line.StartsWith("MemFree:", StringComparison.Ordinal));
        var left = long.Parse(free.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / 10 * 7;
        var pieces = new List<nint>();
        for (; left > 0; left -= (long)piece)
        {
            var memory = (byte*)NativeMemory.Alloc(piece);
            pieces.Add((nint)memory);
            for (nuint i = 0; i < piece; i += page)
                memory[i] = 1;
        }

        foreach (var memory in pieces)
            NativeMemory.Free((void*)memory);
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
