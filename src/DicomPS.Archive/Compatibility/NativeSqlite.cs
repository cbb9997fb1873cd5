// Finding the native library, which each runtime does in its own way; the only place of this project with #if.
using System.Runtime.InteropServices;
using SQLitePCL;

namespace DicomPS.Archiving;

/// <summary>
/// Loads SQLite from the folder of this platform beside the assembly, such as linux-x64, where the module keeps it. Without such a
/// folder the runtime looks where it always does, which is right for programs that were built with the package.
/// </summary>
internal static class NativeSqlite
{
    private static readonly Lazy<bool> Prepared = new(Prepare);

    /// <summary>Prepares SQLite, once in a process.</summary>
    /// <exception cref="DicomException">There is no SQLite for this platform.</exception>
    public static void EnsureLoaded()
    {
        try
        {
            _ = Prepared.Value;
        }
        catch (Exception problem) when (problem is DllNotFoundException or TypeInitializationException or BadImageFormatException)
        {
            throw new DicomException($"SQLite could not be loaded for {Platform}: {problem.Message}", problem)
            {
                Stage = DicomStage.File,
                Advice =
                    "The module brings SQLite for Windows, macOS and Linux (glibc and musl) on x64 and arm64. On another platform, an "
                    + "index cannot be used.",
            };
        }
    }

    /// <summary>The platform as the folders are named.</summary>
    internal static string Platform { get; } =
        OperatingSystemName() + "-" + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    private static bool Prepare()
    {
#if NET8_0_OR_GREATER
        try
        {
            NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, static (name, _, _) =>
                name == "e_sqlite3" && NativeLibrary.TryLoad(Beside(), out var library) ? library : default);
        }
        catch (InvalidOperationException)
        {
            // Another module of this process shares the assembly and has already said where its SQLite is; any will do.
        }

#else
        // A library that is loaded is found by its name from then on.
        if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows) && File.Exists(Beside()))
            _ = LoadLibrary(Beside());
#endif
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        return true;
    }

    private static string Beside() => Path.Combine(Path.GetDirectoryName(typeof(NativeSqlite).Assembly.Location) ?? "", Platform, FileName);

    private static string FileName => RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? "e_sqlite3.dll"
        : RuntimeInformation.IsOSPlatform(OSPlatform.OSX) ? "libe_sqlite3.dylib" : "libe_sqlite3.so";

    private static string OperatingSystemName() => RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? "win"
        : RuntimeInformation.IsOSPlatform(OSPlatform.OSX) ? "osx"
        : IsMusl() ? "linux-musl" : "linux";

    // The identifier of a runtime names the system that it was built for, not always the one that it runs on; the loader's file tells.
    private static bool IsMusl()
    {
        try
        {
            return Directory.EnumerateFiles("/lib", "ld-musl-*").Any() && !Directory.EnumerateFiles("/lib", "ld-linux*").Any()
                && !(Directory.Exists("/lib64") && Directory.EnumerateFiles("/lib64", "ld-linux*").Any());
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

#if !NET8_0_OR_GREATER
    [DllImport("kernel32", CharSet = CharSet.Unicode, SetLastError = true)]
    private static extern IntPtr LoadLibrary(string path);
#endif
}
