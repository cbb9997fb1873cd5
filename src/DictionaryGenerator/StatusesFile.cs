namespace DictionaryGenerator;

/// <summary>The DIMSE status codes, by service.</summary>
internal static class StatusesFile
{
    public static string Write(List<string[]> statuses)
    {
        var code = new CodeText("dimse-status.tsv")
            .Line("namespace DicomPS.Dictionary;")
            .Line()
            .Line("/// <content>The table.</content>")
            .Line("public static partial class Statuses")
            .Line("{")
            .Line("    private static StatusEntry[] Create() =>")
            .Line("    [");
        foreach (var row in statuses)
            code.Line(
                $"        new({CodeText.Quote(row[0])}, 0x{row[1]}, 0x{row[2]}, {CodeText.Quote(row[3])}, {CodeText.Quote(row[4])}),");

        return code.Line("    ];").Line("}").ToString();
    }
}
