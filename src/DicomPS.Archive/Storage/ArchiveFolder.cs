using System.Security.Cryptography;
using System.Text;
using DicomPS.Compatibility;
using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Archiving;

/// <summary>What an archive does in its folder.</summary>
internal static class ArchiveFolder
{
    /// <summary>Temporary files, as storage servers name theirs too.</summary>
    private const string TemporaryPrefix = ".dicomps-", TemporarySuffix = ".part";

    /// <summary>All files of a folder, one folder open at each depth; links to folders are not followed.</summary>
    public static IEnumerable<string> Files(string folder)
    {
        var pending = new Stack<string>([folder]);
        while (pending.Count > 0)
        {
            var current = pending.Pop();
            foreach (var file in Directory.EnumerateFiles(current))
                yield return file;
            foreach (var child in Directory.EnumerateDirectories(current))
            {
                if ((File.GetAttributes(child) & FileAttributes.ReparsePoint) == 0)
                    pending.Push(child);
            }
        }
    }

    /// <summary>Copies a file beside its place, then renames it: under its name it is never seen half.</summary>
    public static void Copy(string from, string folder, string to, bool flushToDisk)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        var temporary = Path.Combine(folder, $"{TemporaryPrefix}{Guid.NewGuid():N}{TemporarySuffix}");
        try
        {
            using (var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete))
            using (var target = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                source.CopyTo(target);
                target.Flush(flushToDisk);
            }
            FileMoves.Replace(temporary, to);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Deletes what a killed process left half written.</summary>
    public static void DeleteAbandoned(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, TemporaryPrefix + "*" + TemporarySuffix).ToList())
            TryDelete(file);
    }

    /// <summary>Deletes an index with its log.</summary>
    public static void DeleteIndex(string path)
    {
        foreach (var suffix in new[] { "-wal", "-shm", "" })
            File.Delete(path + suffix);
    }

    /// <summary>Deletes a file that nobody needs; one that is in use harms nobody where it is.</summary>
    public static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return;
        }
    }

    /// <summary>Deletes a folder that is empty, and those above it that become so; never the archive's own.</summary>
    public static void DeleteEmpty(string folder, string archive)
    {
        var prefix = archive.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar;
        try
        {
            for (; folder.StartsWith(prefix, StringComparison.Ordinal); folder = Path.GetDirectoryName(folder)!)
                Directory.Delete(folder);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // Not empty, or gone already.
            return;
        }
    }

    /// <summary>The path of an instance by its UIDs; what is no UID goes by its mark, since it may be a path of its own.</summary>
    public static string PathFor(DicomDataset header, string sopInstanceUid) => Path.Combine(
        Safe(header.GetString(Tags.StudyInstanceUID)), Safe(header.GetString(Tags.SeriesInstanceUID)), Safe(sopInstanceUid) + ".dcm");

    private static string Safe(string? uid)
    {
        if (Uid.IsValid(uid))
            return uid!;
        using var hash = SHA256.Create();
        return "x" + BitConverter.ToString(hash.ComputeHash(Encoding.UTF8.GetBytes(uid ?? "")), 0, 16).Replace("-", "").ToLowerInvariant();
    }
}
