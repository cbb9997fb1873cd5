using System.Diagnostics;
using System.Globalization;

namespace DicomPS.Transfers.Working;

/// <summary>
/// A folder of this process, its owner's alone, for what was fetched and is not sent yet. What a killed process left is deleted by the
/// next one that makes a spool in the same place.
/// </summary>
internal sealed class Spool : IDisposable
{
    private const string Prefix = "dicomps-spool-";

    private Spool(string folder) => Folder = folder;

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Makes a folder.</summary>
    /// <param name="place">Where; null for the folder of temporary files.</param>
    public static Spool Make(string? place)
    {
        place ??= Path.GetTempPath();
        Clean(place);
        using var process = Process.GetCurrentProcess();
        return Make(Path.Combine(place, $"{Prefix}{process.Id}-{Guid.NewGuid():N}"), place);
    }

    /// <summary>A folder in this one, as private.</summary>
    public Spool Below() => Make(Path.Combine(Folder, Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)), Folder);

    /// <summary>The files in it.</summary>
    public IReadOnlyList<string> Files() => Directory.GetFiles(Folder, "*", SearchOption.AllDirectories);

    /// <summary>How many bytes are in it; a file that goes away meanwhile has none.</summary>
    public long Bytes() => Files().Sum(file =>
    {
        try
        {
            return new FileInfo(file).Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    });

    /// <summary>Takes out what is in it.</summary>
    public void Empty()
    {
        foreach (var folder in Directory.GetDirectories(Folder))
            Directory.Delete(folder, recursive: true);
        foreach (var file in Directory.GetFiles(Folder))
            File.Delete(file);
    }

    /// <inheritdoc/>
    public void Dispose() => TryDelete(Folder);

    private static Spool Make(string folder, string place)
    {
        try
        {
#if NET8_0_OR_GREATER
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(folder);
            else
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
#else
            Directory.CreateDirectory(folder);
#endif
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new DicomException($"The spool {folder} cannot be made in {place}: {problem.Message}", problem)
            {
                Stage = DicomStage.File,
            };
        }

        return new Spool(folder);
    }

    private static void Clean(string place)
    {
        if (!Directory.Exists(place))
            return;
        foreach (var left in Directory.GetDirectories(place, Prefix + "*"))
        {
            var parts = Path.GetFileName(left).Substring(Prefix.Length).Split('-');
            if (int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id) && !IsAlive(id))
                TryDelete(left);
        }
    }

    private static bool IsAlive(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
        catch (Exception)
        {
            // Somebody else's.
            return true;
        }
    }

    private static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // The next one tries again.
        }
    }
}
