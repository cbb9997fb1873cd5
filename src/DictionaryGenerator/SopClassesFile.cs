namespace DictionaryGenerator;

/// <summary>The SOP classes, by service.</summary>
internal static class SopClassesFile
{
    public static string Write(List<string[]> sopClasses)
    {
        var code = new CodeText("sop-classes.tsv")
            .Line("namespace DicomPS.Dictionary;")
            .Line()
            .Line("/// <summary>The service of a SOP class (PS3.4).</summary>")
            .Line("public enum SopClassService")
            .Line("{");
        foreach (var service in sopClasses.Select(row => row[0]).Distinct())
            code.Line($"    /// <summary>{CodeText.Words(service)}.</summary>").Line($"    {CodeText.Pascal(service)},");

        code.Line("}")
            .Line()
            .Line("/// <content>The table.</content>")
            .Line("internal static partial class SopClassTable")
            .Line("{")
            .Line("    private static SopClassEntry[] Create() =>")
            .Line("    [");
        foreach (var row in sopClasses)
            code.Line($"        new(SopClassService.{CodeText.Pascal(row[0])}, {CodeText.Quote(row[1])}, \"{row[2]}\"),");

        return code.Line("    ];").Line("}").ToString();
    }
}
