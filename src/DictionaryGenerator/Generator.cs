namespace DictionaryGenerator;

/// <summary>Turns the tables into C#. The same tables give the same text, byte for byte.</summary>
public static class Generator
{
    /// <summary>All generated files, by name.</summary>
    /// <param name="tables">The folder with the .tsv files.</param>
    public static IEnumerable<(string Name, string Text)> Generate(string tables)
    {
        var elements = ReadTable(Path.Combine(tables, "dicom-elements.tsv"), 6);
        var uids = ReadTable(Path.Combine(tables, "dicom-uids.tsv"), 5);
        yield return ("Tags.Generated.cs", TagsFile.Write(elements));
        yield return ("DicomDictionary.Generated.cs", ElementTableFile.Write(elements));
        yield return ("Uids.Generated.cs", UidsFile.Write(uids));
        yield return ("Statuses.Generated.cs", StatusesFile.Write(
            ReadTable(Path.Combine(tables, "dimse-status.tsv"), 5), ReadTable(Path.Combine(tables, "dimse-status-names.tsv"), 3)));
        yield return ("SopClasses.Generated.cs", SopClassesFile.Write(ReadTable(Path.Combine(tables, "sop-classes.tsv"), 3)));
    }

    private static List<string[]> ReadTable(string path, int columns)
    {
        var rows = new List<string[]>();
        foreach (var line in File.ReadLines(path).Skip(1))
        {
            var cells = line.Split('\t');
            if (cells.Length != columns)
                throw new InvalidDataException($"{path}: {cells.Length} columns instead of {columns}: {line}");

            rows.Add(cells);
        }

        return rows;
    }
}
