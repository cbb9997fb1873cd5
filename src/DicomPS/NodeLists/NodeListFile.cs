using System.Management.Automation;
using DicomPS.Compatibility;
using DicomPS.Text;

namespace DicomPS.NodeLists;

/// <summary>A file with a list of nodes.</summary>
internal static class NodeListFile
{
    /// <summary>The most bytes of a list; those of whole hospitals have a part of it.</summary>
    public const int MaximumBytes = 8 * 1024 * 1024;

    /// <summary>Reads a list.</summary>
    /// <exception cref="NodeListException">The file cannot be understood.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static NodeList Read(string path, NodeListFormat format) => NodeListReader.Read(CsvTable.Decode(Bytes(path)), format);

    /// <summary>The error of a row, or of a whole file, with its place.</summary>
    public static ModuleException Failure(string path, int line, Exception problem)
    {
        var place = line > 0 ? $"{path}, line {line}" : path;
        var advice = (problem as NodeListException)?.Remedy ?? (problem as ModuleException)?.Advice;
        return new ModuleException(ErrorIds.NodeListInvalid, ErrorCategory.InvalidData, $"{place}: {ErrorRecords.Sentence(problem)}",
            advice, line > 0 ? $"{path}:{line}" : path, problem);
    }

    private static byte[] Bytes(string path)
    {
        if (Directory.Exists(path) || FileKind.IsSpecial(path))
            throw new NodeListException(0, "It is no file.", "Name a file, or files with wildcards.");
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        // What grows while it is read is cut off here too.
        var bytes = new byte[Math.Min(stream.Length, MaximumBytes) + 1];
        var count = 0;
        while (count < bytes.Length && stream.Read(bytes, count, bytes.Length - count) is > 0 and var read)
            count += read;
        if (count > MaximumBytes || stream.Length > MaximumBytes)
            throw new NodeListException(0,
                $"The file has {stream.Length} bytes, more than the {MaximumBytes} that a list of nodes may have.",
                "Take the part of it that lists the nodes.");
        Array.Resize(ref bytes, count);
        return bytes;
    }
}
