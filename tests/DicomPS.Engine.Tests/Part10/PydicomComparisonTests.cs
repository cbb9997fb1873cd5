using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DicomPS.Data;
using DicomPS.Engine.Tests.Support;
using DicomPS.Engine.Tests.Text;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Engine.Tests.Part10;

/// <summary>An independent reader's answer for every element of every file.</summary>
public class PydicomComparisonTests
{
    /// <summary>Prints, for each file, each element as [path, VR, SHA-256 of the raw bytes, decoded text or null].</summary>
    private const string Dump = """
        import hashlib, json, os, pydicom
        from pydicom.dataelem import RawDataElement
        folder = '%FOLDER%'
        def dump(ds, path, out):
            for tag in sorted(ds.keys()):
                item = ds.get_item(tag)
                raw = item.value if isinstance(item, RawDataElement) and isinstance(item.value, bytes) else None
                element = ds[tag]
                here = path + '%08X' % tag
                if element.VR == 'SQ':
                    out.append([here, 'SQ', str(len(element.value)), None])
                    for i, child in enumerate(element.value):
                        dump(child, here + '[%d].' % i, out)
                    continue
                if item.value is None:
                    raw = b''
                text = None
                if element.VR in ('LO', 'SH', 'PN', 'ST', 'LT', 'UT', 'UC', 'CS', 'UI', 'DA', 'TM', 'DT', 'AE', 'AS', 'UR'):
                    value = element.value
                    values = value if isinstance(value, (list, pydicom.multival.MultiValue)) else [value]
                    text = '\\'.join('' if v is None else str(v) for v in values)
                out.append([here, element.VR, None if raw is None else hashlib.sha256(raw).hexdigest(), text])
        result = {}
        for base, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(base, name)
                key = os.path.relpath(path, folder)
                if not (name.endswith('.dcm') or key.startswith('dicomdirtests')):
                    continue
                out = []
                try:
                    dump(pydicom.dcmread(path), '', out)
                except Exception as e:
                    out = None
                result[key] = out
        print(json.dumps(result))
        """;

    /// <summary>What pydicom refuses without force, or what we refuse because it is cut short.</summary>
    private static readonly Dictionary<string, string> Unlike = new(StringComparer.Ordinal)
    {
        ["MR_truncated.dcm"] = "cut short: an error here, an element less there",
        ["rtplan_truncated.dcm"] = "cut short: an error here, a warning there",
        ["dicomdirtests/DICOMDIR-nooffset"] = "cut short by 24 bytes, between two elements",
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_element_of_every_file_is_what_pydicom_says()
    {
        var files = Corpus.Files();
        var json = Python.Run(Dump.Replace("%FOLDER%", Corpus.Folder, StringComparison.Ordinal), "pydicom");
        using var answer = JsonDocument.Parse(json);
        var differences = new List<string>();
        var compared = 0;
        foreach (var name in files)
        {
            var expected = answer.RootElement.GetProperty(name);
            if (expected.ValueKind == JsonValueKind.Null || Unlike.ContainsKey(name))
                continue;

            var file = await DicomFile.OpenAsync(Corpus.File(name),
                new DatasetReaderOptions { LargeValueThreshold = long.MaxValue }, Token);
            var ours = new Dictionary<string, DicomElement>(StringComparer.Ordinal);
            var texts = new Dictionary<string, string>(StringComparer.Ordinal);
            Flatten(file.Dataset, "", ours, texts);
            foreach (var element in expected.EnumerateArray())
            {
                compared++;
                Compare(name, element, ours, texts, differences);
            }

            differences.AddRange(ours.Keys.Select(path => $"{name} {path}: pydicom has no such element"));
        }

        Assert.True(differences.Count == 0,
            $"{differences.Count} differences in {compared} elements:\n{string.Join('\n', differences.Take(40))}");
        Assert.True(compared > 8000, $"Only {compared} elements were compared.");
    }

    private static void Compare(
        string file, JsonElement theirs, Dictionary<string, DicomElement> ours, Dictionary<string, string> texts, List<string> differences)
    {
        var (path, vr, hash, text) = (theirs[0].GetString()!, theirs[1].GetString()!, theirs[2].GetString(), theirs[3].GetString());
        if (!ours.Remove(path, out var element))
        {
            differences.Add($"{file} {path}: missing here");
            return;
        }

        // pydicom leaves the choice of "US or SS" to later, and knows private elements of some vendors.
        if (element.Vr.ToString() != vr && !vr.Contains(" or ", StringComparison.Ordinal)
            && !(element.Tag.IsPrivate && element.Vr == Vr.UN))
        {
            differences.Add($"{file} {path}: {element.Vr} here, {vr} there");
            return;
        }

        var found = element is DicomSequence sequence ? sequence.Items.Count.ToString()
            : Convert.ToHexStringLower(SHA256.HashData(Raw(element)));
        if (hash is not null && vr == "SQ" == element is DicomSequence && found != hash)
            differences.Add($"{file} {path} {vr}: other bytes here: {element}");

        if (text is not null && element.Vr != Vr.UN && Plain(texts[path]) != Plain(text))
            differences.Add($"{file} {path} {vr}: '{texts[path]}' here, '{text}' there");
    }

    /// <summary>Padding and the choice of line and blank at the ends are no part of the comparison.</summary>
    private static string Plain(string text) => string.Join('\\', text.Split('\\').Select(part => part.Trim(' ', '\0')));

    private static byte[] Raw(DicomElement element)
    {
        if (element is not DicomFragments fragments)
            return ((DicomValue)element).Bytes.ToArray();

        var bytes = new MemoryStream();
        foreach (var item in fragments.Fragments.Prepend(fragments.OffsetTable))
        {
            bytes.Write([0xFE, 0xFF, 0x00, 0xE0]);
            bytes.Write(BitConverter.GetBytes((uint)item.Length));
            bytes.Write(item.Memory.Span);
        }

        return bytes.ToArray();
    }

    private static void Flatten(DicomDataset dataset, string path, Dictionary<string, DicomElement> elements,
        Dictionary<string, string> texts)
    {
        foreach (var element in dataset)
        {
            var here = path + element.Tag.Value.ToString("X8");
            elements.Add(here, element);
            texts.Add(here, dataset.GetText(element.Tag) ?? "");
            if (element is DicomSequence sequence)
            {
                for (var i = 0; i < sequence.Items.Count; i++)
                    Flatten(sequence.Items[i], $"{here}[{i}].", elements, texts);
            }
        }
    }
}
