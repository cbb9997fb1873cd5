using System.Globalization;
using System.Text.Json;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;
using DicomPS.Engine.Tests.Text;
using DicomPS.Json;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Engine.Tests.Json;

/// <summary>Real files as JSON, there and back, and against an independent writer.</summary>
[Collection(nameof(Alone))]
public class JsonCorpusTests
{
    private static readonly JsonDatasetWriterOptions Everything = new() { InlineLimit = long.MaxValue };

    /// <summary>Prints to_json() of each file that pydicom can read and write.</summary>
    private const string Dump = """
        import json, os, pydicom
        folder = '%FOLDER%'
        result = {}
        for base, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(base, name)
                key = os.path.relpath(path, folder)
                if not (name.endswith('.dcm') or key.startswith('dicomdirtests')):
                    continue
                try:
                    result[key] = json.loads(pydicom.dcmread(path).to_json(suppress_invalid_tags=False))
                except Exception as e:
                    result[key] = None
        print(json.dumps(result))
        """;

    /// <summary>Their words are in big-endian order; pydicom leaves them so, where the standard wants them turned (PS3.18 F.2.7).</summary>
    private static readonly string[] BigEndian = ["MR_small_bigendian.dcm", "MR_small_expb.dcm", "rtdose_expb.dcm",
        "rtdose_expb_1frame.dcm"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_file_comes_back_from_json_as_it_was()
    {
        foreach (var (name, dataset) in await Readable())
        {
            var json = JsonDatasetWriter.Write(dataset, Everything);
            using (JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 400 }))
            {
                // An independent parser takes it too.
            }

            var back = JsonDatasetReader.Read(json);
            Assert.True(json == JsonDatasetWriter.Write(back, Everything), name);
            Compare(dataset, back, name);

            // What was read can be written as a file's dataset, and reads the same from there.
            // (A dataset that begins with a tag outside the standard is only recognised with its meta information.)
            if (!back.Any(element => element is DicomFragments || element.Tag.Group < 8))
            {
                var bytes = DatasetWriter.ToArray(back, TransferSyntax.ExplicitVRLittleEndian);
                Assert.True(json == JsonDatasetWriter.Write(DatasetReader.Read(bytes, TransferSyntax.ExplicitVRLittleEndian), Everything),
                    name);
            }
        }
    }

    [Fact]
    public async Task Pydicom_writes_the_same()
    {
        using var theirs = JsonDocument.Parse(Python.Run(Dump.Replace("%FOLDER%", Corpus.Folder), "pydicom"),
            new JsonDocumentOptions { MaxDepth = 400 });
        var differences = new List<string>();
        var compared = 0;
        foreach (var (name, dataset) in await Readable())
        {
            if (theirs.RootElement.GetProperty(name) is { ValueKind: JsonValueKind.Object } expected)
            {
                using var ours = JsonDocument.Parse(JsonDatasetWriter.Write(dataset, Everything),
                    new JsonDocumentOptions { MaxDepth = 400 });
                compared += Compare(name, ours.RootElement, expected, differences);
            }
        }

        Assert.True(differences.Count == 0,
            $"{differences.Count} differences in {compared} elements:\n{string.Join('\n', differences.Take(40))}");
        Assert.True(compared > 6000, $"Only {compared} elements were compared.");
    }

    private static int Compare(string path, JsonElement ours, JsonElement theirs, List<string> differences)
    {
        var compared = 0;
        foreach (var element in theirs.EnumerateObject())
        {
            var tag = DicomTag.Parse(element.Name);
            var where = $"{path} {element.Name}";
            if (tag.IsGroupLength || tag == Tags.SpecificCharacterSet)
                continue;

            compared++;
            if (!ours.TryGetProperty(element.Name, out var own))
            {
                differences.Add($"{where}: missing here");
                continue;
            }

            var (vr, theirVr) = (own.GetProperty("vr").GetString()!, element.Value.GetProperty("vr").GetString()!);
            if (vr != theirVr)
            {
                // pydicom knows private elements of some vendors, and leaves choices open.
                if (!theirVr.Contains(" or ", StringComparison.Ordinal) && !(tag.IsPrivate && vr == "UN"))
                    differences.Add($"{where}: {vr} here, {theirVr} there");

                continue;
            }

            if (vr == "SQ")
            {
                var (items, theirItems) = (Values(own), Values(element.Value));
                if (items.Length != theirItems.Length)
                {
                    differences.Add($"{where}: {items.Length} items here, {theirItems.Length} there");
                    continue;
                }

                for (var i = 0; i < items.Length; i++)
                    compared += Compare($"{where}[{i}]", items[i], theirItems[i], differences);
            }
            else if (Plain(vr, own) != Plain(vr, element.Value) && !(vr == "OW" && BigEndian.Contains(path)))
            {
                differences.Add($"{where} {vr}: {Shown(Plain(vr, own))} here, {Shown(Plain(vr, element.Value))} there");
            }
        }

        return compared;
    }

    private static JsonElement[] Values(JsonElement element) =>
        element.TryGetProperty("Value", out var values) ? [.. values.EnumerateArray()] : [];

    /// <summary>Numbers by their value, texts without padding, empty as null: how each spells these is its own choice.</summary>
    private static string Plain(string vr, JsonElement element) => element.TryGetProperty("InlineBinary", out var binary)
        ? binary.GetString()!
        : string.Join('\\', Values(element).Select(value => value.ValueKind switch
        {
            JsonValueKind.Object =>
                string.Join('=', new[] { "Alphabetic", "Ideographic", "Phonetic" }.Select(
                    group => value.TryGetProperty(group, out var text) ? text.GetString() : "")).TrimEnd('='),
            JsonValueKind.Null => "",
            JsonValueKind.Number => Number(value.GetRawText()),
            _ when vr is "DS" or "IS" => Number(value.GetString()!),
            _ => value.GetString()!.Trim(' ', '\0'),
        }));

    private static string Number(string text) => double.TryParse(text, CultureInfo.InvariantCulture, out var number)
        ? number.ToString("R", CultureInfo.InvariantCulture)
        : text;

    private static string Shown(string text) => text.Length > 60 ? text[..60] + "..." : text;

    private static void Compare(DicomDataset expected, DicomDataset actual, string where)
    {
        foreach (var element in expected.Where(element => !element.Tag.IsGroupLength && element.Tag != Tags.SpecificCharacterSet))
        {
            var other = actual.Find(element.Tag);
            Assert.True(other is not null && other.Vr == element.Vr, $"{where} {element}: {other}");
            if (element is DicomSequence sequence)
            {
                var items = Assert.IsType<DicomSequence>(other).Items;
                Assert.Equal(sequence.Items.Count, items.Count);
                for (var i = 0; i < items.Count; i++)
                    Compare(sequence.Items[i], items[i], $"{where} {element.Tag}[{i}]");
            }
            else if (element is DicomFragments fragments)
            {
                Assert.Equal(fragments.Fragments.Count, Assert.IsType<DicomFragments>(other).Fragments.Count);
            }
            else if (!element.Vr.IsBulk())
            {
                Assert.Equal((where, element.Tag, Text(expected, element)), (where, element.Tag, Text(actual, other)));
            }
        }
    }

    // An equals sign at the end of a name separates nothing.
    private static string Text(DicomDataset dataset, DicomElement element) =>
        string.Join('\\', dataset.GetStrings(element.Tag).Select(text => element.Vr == Vr.PN ? text.TrimEnd('=') : text));

    private static async Task<List<(string Name, DicomDataset Dataset)>> Readable()
    {
        var all = new List<(string, DicomDataset)>();
        foreach (var name in Corpus.Files())
        {
            try
            {
                all.Add((name, (await DicomFile.OpenAsync(Corpus.File(name), null, Token)).Dataset));
            }
            catch (DicomDataException)
            {
                // CorpusTests says which and why.
            }
        }

        Assert.True(all.Count > 130);
        return all;
    }
}
