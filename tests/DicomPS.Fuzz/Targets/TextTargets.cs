using System.Text;
using DicomPS.Archiving.Serving;
using DicomPS.Arguments;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Errors;
using DicomPS.Json;
using DicomPS.NodeLists;
using DicomPS.Serving;
using DicomPS.Text;

namespace DicomPS.Fuzz.Targets;

/// <summary>Texts: of values, of files that people and programs write, of layouts.</summary>
internal static class TextTargets
{
    private static readonly Vr[] TextVrs = [Vr.PN, Vr.LO, Vr.SH, Vr.UT, Vr.ST, Vr.LT, Vr.CS, Vr.UC];
    private static readonly NodeStore Store = new();

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("charset", Charset, CharsetSamples),
        new("json", Json, () => DatasetSamples.Datasets().Select(set => Encoding.UTF8.GetBytes(JsonDatasetWriter.Write(set)))),
        new("layout", Layout, () => Texts("\nStudy", "P1\n{PatientID}/{StudyDate}/{SOPInstanceUID}.dcm",
            "../../etc\n{PatientName}/{InstanceNumber:0000}-{SOPInstanceUID}", "CON\n{CallingAETitle}\\x{PatientID}{SOPInstanceUID}.dcm")),
        new("worklist", Worklist, () => Texts(
            "PatientID,PatientName,ScheduledStationAETitle,ScheduledProcedureStepStartDate\nP1,\"DOE^JOHN\",CT1,2026-11-29\nP2,A,MR1,\n",
            "PatientID;Modality\r\nP1;CT\r\n", "[{\"00100020\":{\"vr\":\"LO\",\"Value\":[\"P1\"]},\"00400100\":{\"vr\":\"SQ\",\"Value\":"
            + "[{\"00400001\":{\"vr\":\"AE\",\"Value\":[\"CT1\"]}}]}}]")),
        new("nodes", Nodes, NodeSamples),
    ];

    // A first byte that says which VR, a line that says which sets, the value.
    private static void Charset(byte[] bytes)
    {
        if (bytes.Length == 0)
            return;
        var vr = TextVrs[bytes[0] % TextVrs.Length];
        var line = Array.IndexOf(bytes, (byte)'\n');
        var terms = Encoding.Latin1.GetString(bytes, 1, Math.Max(0, line - 1));
        var set = SpecificCharacterSet.Parse(terms.Split('\\'), out _);
        var text = set.Decode(bytes.AsSpan(line + 1), vr);
        if (set.CanEncode(text, vr))
            set.Encode(text, vr);
    }

    private static IEnumerable<byte[]> CharsetSamples()
    {
        string[] sets = ["", "ISO_IR 100", "ISO_IR 192", "GB18030", "GBK", "\\ISO 2022 IR 87", "ISO 2022 IR 13\\ISO 2022 IR 87",
            "\\ISO 2022 IR 149", "\\ISO 2022 IR 58", "ISO_IR 144", "ISO_IR 166", "ISO_IR 13", "ISO 2022 IR 6\\ISO 2022 IR 126"];
        byte[][] values = [[.. "Doe^John=x"u8], [.. "\u001b$B;3ED\u001b(B^\u001b$BB@O:\u001b(B"u8], [.. "Gr\u00f6\u00dfe"u8],
            [0x1B, 0x24, 0x29, 0x43, 0xB1, 0xE8, 0x5E, 0xC8, 0xF1], [0xCD, 0xF5, 0x5E, 0xD0, 0xA1, 0x81, 0x30, 0x81, 0x30]];
        return from set in sets
               from value in values
               select (byte[])[0, .. Encoding.Latin1.GetBytes(set), (byte)'\n', .. value];
    }

    private static void Json(byte[] bytes)
    {
        try
        {
            var dataset = JsonDatasetReader.Read(Encoding.UTF8.GetString(bytes));
            JsonDatasetReader.Read(JsonDatasetWriter.Write(dataset));
        }
        catch (DicomJsonException)
        {
            // What it may throw.
        }
    }

    // A line that is what a peer says of itself, then the layout.
    private static void Layout(byte[] bytes)
    {
        var lines = Encoding.UTF8.GetString(bytes).Split('\n', 2);
        StoragePath layout;
        try
        {
            layout = StoragePath.Parse(lines[^1]);
        }
        catch (ArgumentException)
        {
            return;
        }

        var header = new DicomDataset();
        foreach (var tag in new[] { Tags.PatientID, Tags.PatientName, Tags.StudyInstanceUID, Tags.SOPInstanceUID, Tags.InstanceNumber })
            header.Set(tag, DicomDictionary.VrOf(tag), Encoding.UTF8.GetBytes(lines[0]));
        try
        {
            var path = layout.Resolve("/somewhere/below", header, lines[0], lines[0]);
            if (!Path.GetFullPath(path).StartsWith("/somewhere/below/", StringComparison.Ordinal))
                throw new BrokenPromiseException($"{path} is outside.");
            layout.StudyFolder(path);
        }
        catch (DicomException)
        {
            // What it may throw.
        }
    }

    private static void Worklist(byte[] bytes)
    {
        var text = CsvTable.Decode(bytes);
        try
        {
            if (text.TrimStart() is ['[' or '{', ..])
                WorklistFile.Json(text, _ => { });
            else
                WorklistFile.Table(text, _ => { });
        }
        catch (DicomException)
        {
            // What it may throw.
        }
    }

    private static void Nodes(byte[] bytes)
    {
        try
        {
            NodeListReader.Read(CsvTable.Decode(bytes), NodeListFormat.Auto);
        }
        catch (NodeListException)
        {
            // What it may throw.
        }

        try
        {
            Store.Parse(bytes);
        }
        catch (ModuleException)
        {
            // What it may throw.
        }
    }

    private static IEnumerable<byte[]> NodeSamples() => Texts(
        "{\"Version\":1,\"Nodes\":[{\"Name\":\"pacs\",\"AETitle\":\"PACS\",\"HostName\":\"h\",\"Port\":104,\"Tls\":true}]}",
        "{ \"DicomModalities\" : { \"pacs\" : [ \"PACS\", \"h\", 104 ], /* c */ "
        + "\"b\" : { \"AET\" : \"B\", \"Host\" : \"i\", \"Port\" : 1 } } }",
        "HostTable BEGIN\nacme1 = (ACME1, acmehost, 5678)\nall = acme1\nHostTable END\n"
        + "AETable BEGIN\nA /d RW (9, 1024mb) ANY\nAETable END\n",
        "dn: dicomAETitle=PACS,cn=x\nobjectClass: dicomNetworkAE\ndicomAETitle: PACS\n\n"
        + "dn: cn=dicom,cn=x\ndicomHostname: h\ndicomPort: 104\n",
        "Name,AETitle,HostName,Port\npacs,PACS,h,104\n\"a \"\"b\",B,i,70000\n");

    private static IEnumerable<byte[]> Texts(params string[] texts) => texts.Select(Encoding.UTF8.GetBytes);
}
