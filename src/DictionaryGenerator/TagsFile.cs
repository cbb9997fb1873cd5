namespace DictionaryGenerator;

/// <summary>A property for each keyword. Nothing runs at start-up: a property is code, not a field.</summary>
internal static class TagsFile
{
    public static string Write(List<string[]> elements)
    {
        var code = new CodeText("dicom-elements.tsv")
            .Line("namespace DicomPS.Dictionary;")
            .Line()
            .Line("using DicomPS.Data;")
            .Line()
            .Line("/// <summary>The tags of the standard by keyword (PS3.6 6). An x in a repeating group stands as 0.</summary>")
            .Line("public static class Tags")
            .Line("{");
        foreach (var row in elements)
        {
            var (tag, vr, vm, keyword, name, retired) = (row[0], row[1], row[2], row[3], row[4], row[5]);
            if (keyword.Length == 0 || keyword.Contains('-'))
                continue;

            var vrText = vr == "NONE" ? "no VR" : vr;
            var note = retired.Length > 0 ? ", retired" : "";
            var number = tag.Replace('x', '0').Split(',');
            code.Line($"    /// <summary>{CodeText.Xml(name)} ({tag}), {vrText}, VM {vm}{note}.</summary>")
                .Line($"    public static DicomTag {keyword} => new(0x{number[0]}{number[1]}u);");
        }

        return code.Line("}").ToString();
    }
}
