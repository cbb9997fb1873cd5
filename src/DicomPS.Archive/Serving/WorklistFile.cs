using System.Globalization;
using DicomPS.Data;
using DicomPS.Json;
using DicomPS.Part10;
using DicomPS.Serialization;
using DicomPS.Text;

namespace DicomPS.Archiving.Serving;

/// <summary>
/// Reads one file of a worklist: .wl is DICOM with or without file meta information, .json the DICOM JSON model, .csv a table.
/// </summary>
internal static class WorklistFile
{
    private const long MaximumBytes = 64L * 1024 * 1024;

    /// <summary>Whether a file is one of a worklist, by its name.</summary>
    public static bool IsOne(string path) => Path.GetExtension(path).ToLowerInvariant() is ".wl" or ".json" or ".csv";

    /// <summary>The items of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tell">Told of what in it is no item; the rest is read all the same.</param>
    /// <exception cref="DicomException">The file cannot be understood, or is too large.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static async Task<List<DicomDataset>> ReadAsync(string path, Action<Exception> tell)
    {
        if (FileKind.IsSpecial(path))
            throw new DicomException("It is a pipe, a socket or a device and no file.");
        if (new FileInfo(path).Length is var length && length > MaximumBytes)
            throw new DicomException($"The file has {length} bytes, more than the {MaximumBytes} that a worklist file may have.");
        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case ".wl":
                // Everything in memory, so that the file may change or go while it is served.
                var whole = new DatasetReaderOptions { LargeValueThreshold = MaximumBytes, MaxInflatedLength = MaximumBytes };
                return [.. WorklistItems.Of((await DicomFile.OpenAsync(path, whole).ConfigureAwait(false)).Dataset)];
            case ".json":
                return Json(CsvTable.Decode(Bytes(path)), tell);
            default:
                return Table(CsvTable.Decode(Bytes(path)), tell);
        }
    }

    /// <summary>The items of a text in the DICOM JSON model.</summary>
    /// <exception cref="DicomException">The text as a whole cannot be understood.</exception>
    internal static List<DicomDataset> Json(string text, Action<Exception> tell)
    {
        var items = new List<DicomDataset>();
        var number = 0;
        foreach (var dataset in JsonDatasetReader.ReadAll(text))
            Add(items, $"Item {++number}", () => WorklistItems.Of(dataset), tell);
        return items;
    }

    /// <summary>The items of a table.</summary>
    /// <exception cref="DicomException">The text as a whole cannot be understood.</exception>
    internal static List<DicomDataset> Table(string text, Action<Exception> tell)
    {
        var items = new List<DicomDataset>();
        DicomTag?[]? columns = null;
        IReadOnlyList<string> names = [];
        foreach (var row in CsvTable.Rows(text))
        {
            if (columns is null)
            {
                names = row.Fields;
                columns = [.. row.Fields.Select(WorklistRow.TagOf)];
                if (Array.TrueForAll(columns, column => column is null))
                    throw new DicomException("The first line names no column that is known, such as PatientID or ScheduledStationAETitle.");
                if (row.Fields.Where(WorklistRow.IsUnknown).ToList() is { Count: > 0 } unknown)
                    tell(new UnknownColumnsException(unknown));
                continue;
            }

            Add(items, $"Line {row.Line}", () => Row(row, columns, names), tell);
        }

        return items;
    }

    private static IReadOnlyList<DicomDataset> Row(CsvRow row, DicomTag?[] columns, IReadOnlyList<string> names)
    {
        if (row.IsOpen || row.Fields.Count != columns.Length)
            throw new DicomException(row.IsOpen ? "The file ends inside a quoted field."
                : $"It has {row.Fields.Count} fields, and the first line names {columns.Length}.");
        var made = new WorklistRow();
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i] is not { } tag)
                continue;
            try
            {
                made.Set(tag, row.Fields[i]);
            }
            catch (ArgumentException problem)
            {
                throw new DicomException($"column {names[i].Trim()}: {problem.Message}", problem);
            }
        }

        return WorklistItems.Of(made.Dataset);
    }

    private static void Add(List<DicomDataset> items, string where, Func<IReadOnlyList<DicomDataset>> read, Action<Exception> tell)
    {
        try
        {
            items.AddRange(read());
        }
        catch (Exception problem) when (problem is DicomException or ArgumentException)
        {
            tell(new DicomException(problem.Message.StartsWith("column ", StringComparison.Ordinal) ? $"{where}, {problem.Message}"
                : $"{where}: {problem.Message}", problem));
        }
    }

    private static byte[] Bytes(string path)
    {
        // Others may write to it meanwhile; what was read of a file that then changed is not used.
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var bytes = new MemoryStream();
        var buffer = new byte[81920];
        for (int read; (read = file.Read(buffer, 0, buffer.Length)) > 0 && bytes.Length <= MaximumBytes;)
            bytes.Write(buffer, 0, read);
        return bytes.ToArray();
    }
}
