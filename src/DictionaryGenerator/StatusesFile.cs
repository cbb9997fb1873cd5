namespace DictionaryGenerator;

/// <summary>The DIMSE status codes, by service: the rows, the services, and names for the codes that are spoken of.</summary>
internal static class StatusesFile
{
    private const string General = "general";

    // Where the standard has the statuses of a service.
    private static readonly Dictionary<string, string> Clauses = new()
    {
        [General] = "PS3.7 C",
        ["storage"] = "PS3.4 B.2.3",
        ["qr_find"] = "PS3.4 C.4.1.1.4",
        ["qr_move"] = "PS3.4 C.4.2.1.5",
        ["qr_get"] = "PS3.4 C.4.3.1.4",
        ["modality_worklist"] = "PS3.4 K.4.1.1.4",
        ["relevant_patient"] = "PS3.4 Q.4",
        ["substance_administration"] = "PS3.4 V.4",
        ["non_patient"] = "PS3.4 GG.4",
        ["procedure_step"] = "PS3.4 F",
        ["print_job_management"] = "PS3.4 H",
        ["storage_management"] = "PS3.4 KK",
        ["application_event_logging"] = "PS3.4 P",
        ["media_creation_management"] = "PS3.4 S",
        ["unified_procedure_step"] = "PS3.4 CC",
        ["rt_machine_verification"] = "PS3.4 DD",
    };

    public static string Write(List<string[]> statuses, List<string[]> names)
    {
        var services = statuses.Select(row => row[0]).Distinct().ToList();
        var code = new CodeText("dimse-status.tsv and dimse-status-names.tsv")
            .Line("namespace DicomPS.Dictionary;")
            .Line()
            .Line("/// <summary>A table of statuses: that of a service, or that of PS3.7, which holds for all.</summary>")
            .Line("public enum StatusTable")
            .Line("{");
        foreach (var service in services)
            code.Line($"    /// <summary>{CodeText.Words(service)} ({Clauses[service]}).</summary>")
                .Line($"    {CodeText.Pascal(service)},");

        code.Line("}")
            .Line()
            .Line("/// <content>The codes by name, those of PS3.7 C without a class of their own, and the table.</content>")
            .Line("public static partial class Statuses")
            .Line("{");
        foreach (var service in services)
            WriteNames(code, service, statuses.Where(row => row[0] == service).ToList(), names.Where(row => row[0] == service));

        code.Line("    private static StatusEntry[] Create() =>").Line("    [");
        foreach (var row in statuses)
            code.Line($"        new(StatusTable.{CodeText.Pascal(row[0])}, 0x{row[1]}, 0x{row[2]}, {CodeText.Quote(row[3])}, "
                + $"{CodeText.Quote(row[4])}),");

        return code.Line("    ];").Line("}").ToString();
    }

    private static void WriteNames(CodeText code, string service, List<string[]> rows, IEnumerable<string[]> names)
    {
        var constants = names.Select(name => (Name: name[2], Row: rows.Single(row => row[1] == name[1]))).ToList();
        if (constants.Count == 0)
            return;
        var indent = service == General ? "    " : "        ";
        if (service != General)
            code.Line($"    /// <summary>{CodeText.Words(service)} ({Clauses[service]}).</summary>")
                .Line($"    public static class {CodeText.Pascal(service)}")
                .Line("    {");
        foreach (var (name, row) in constants)
        {
            var meaning = row[4].Length > 0 ? row[4] : row[3];
            var isRange = row[1] != row[2];
            code.Line($"{indent}/// <summary>{CodeText.Xml(meaning)}{(isRange ? ": the first of a range" : "")}.</summary>")
                .Line($"{indent}public const ushort {name} = 0x{row[1]};")
                .Line();
            if (isRange)
                code.Line($"{indent}/// <summary>{CodeText.Xml(meaning)}: the last of the range.</summary>")
                    .Line($"{indent}public const ushort {name}Last = 0x{row[2]};")
                    .Line();
        }

        if (service != General)
            code.DropEmptyLine().Line("    }").Line();
    }
}
