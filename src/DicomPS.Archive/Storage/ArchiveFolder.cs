using System.Security.Cryptography;
using System.Text;
using DicomPS.Data;
using DicomPS.Part10;

namespace DicomPS.Archiving.Storage;

/// <summary>What an archive does in its folder.</summary>
internal static class ArchiveFolder
{
    private const int CopyLength = 128 * 1024;

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

    /// <summary>A name that nobody has, for what a kill may leave and the next start deletes.</summary>
    public static string NewTemporary(string folder) => Path.Combine(folder, $"{TemporaryPrefix}{Guid.NewGuid():N}{TemporarySuffix}");

    /// <summary>Copies a file into the archive's folder, under a temporary name.</summary>
    public static string Copy(this FileSystem files, string from, string folder, bool flushToDisk)
    {
        var temporary = NewTemporary(folder);
        try
        {
            using var source = files.Open(from, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            using var target = files.Open(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None);
            var (buffer, at) = (new byte[CopyLength], 0L);
            for (var count = source.Read(buffer, 0, CopyLength); count > 0; count = source.Read(buffer, 0, CopyLength))
            {
                files.Write(target, at, [buffer.AsMemory(0, count)]);
                at += count;
            }

            if (flushToDisk)
                files.Flush(target);
            return temporary;
        }
        catch
        {
            files.TryDelete(temporary);
            throw;
        }
    }

    /// <summary>Deletes what a killed process left half written.</summary>
    public static void DeleteAbandoned(this FileSystem files, string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, TemporaryPrefix + "*" + TemporarySuffix).ToList())
            files.TryDelete(file);
    }

    /// <summary>Deletes an index with its log.</summary>
    public static void DeleteIndex(this FileSystem files, string path)
    {
        foreach (var suffix in new[] { "-wal", "-shm", "" })
            files.Delete(path + suffix);
    }

    /// <summary>Deletes a file that nobody needs; one that is in use harms nobody where it is.</summary>
    public static void TryDelete(this FileSystem files, string path)
    {
        try
        {
            files.Delete(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return;
        }
    }

    /// <summary>Deletes a folder that is empty, and those above it that become so; never the archive's own.</summary>
    public static void DeleteEmpty(this FileSystem files, string folder, string archive)
    {
        var prefix = archive.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar;
        try
        {
            for (; folder.StartsWith(prefix, StringComparison.Ordinal); folder = Path.GetDirectoryName(folder)!)
                files.DeleteFolder(folder);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // Not empty, or gone already.
            return;
        }
    }

    /// <summary>A UID as the name of a folder or file; what is no UID goes by its mark, since it may be a path of its own.</summary>
    public static string Safe(string? uid)
    {
        if (Uid.IsValid(uid))
            return uid!;
        using var hash = SHA256.Create();
        return "x" + BitConverter.ToString(hash.ComputeHash(Encoding.UTF8.GetBytes(uid ?? "")), 0, 16).Replace("-", "").ToLowerInvariant();
    }
}
