namespace DictionaryGenerator;

/// <summary>A constant for each unique identifier of the standard, and a table to look them up in.</summary>
internal static class UidsFile
{
    public static string Write(List<string[]> uids)
    {
        var code = new CodeText("dicom-uids.tsv")
            .Line("namespace DicomPS.Dictionary;")
            .Line()
            .Line("/// <summary>The unique identifiers of the standard by keyword (PS3.6 A).</summary>")
            .Line("public static class Uids")
            .Line("{");
        foreach (var row in uids)
        {
            var (uid, type, keyword, name, retired) = (row[0], row[1], row[2], row[3], row[4]);
            if (keyword.Length > 0)
            {
                code.Line(
                    $"    /// <summary>{CodeText.Xml(name)} ({CodeText.Xml(type)}{(retired.Length > 0 ? ", retired" : "")}).</summary>")
                    .Line($"    public const string {keyword} = \"{uid}\";");
            }
        }

        code.Line()
            .Line("    /// <summary>The whole table: uid, type, keyword, name and an R for retired, tabs between, a line each.</summary>")
            .Line("    internal static ReadOnlySpan<byte> Table => \"\"\"");
        foreach (var row in uids)
            code.Line($"        {string.Join('\t', row[0], row[1], row[2], row[3], row[4].Length > 0 ? "R" : "")}");

        return code.Line("        \"\"\"u8;").Line("}").ToString();
    }
}
