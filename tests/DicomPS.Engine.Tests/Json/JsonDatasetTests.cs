using System.Text.Json;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Json;
using DicomPS.Text;

namespace DicomPS.Engine.Tests.Json;

/// <summary>The DICOM JSON model, rule by rule (PS3.18 F).</summary>
public class JsonDatasetTests
{
    [Fact]
    public void Each_vr_has_the_type_that_the_table_gives_it()
    {
        var dataset = new DicomDataset();
        dataset.Set(Tags.PatientName, "Wang^XiaoDong=王^小東", "=山田");
        dataset.Set(Tags.StudyDate);
        dataset.Set(Tags.ImageType, "ORIGINAL", "", "AXIAL");
        dataset.Set(Tags.SliceThickness, "1.50");
        dataset.Set(Tags.PatientWeight, "+1.5");
        dataset.Set(Tags.InstanceNumber, "007");
        dataset.Set(Tags.SeriesNumber, "42");
        dataset.Set(Tags.Rows, "512");
        dataset.Set(Tags.FrameIncrementPointer, "(0018,1063)");
        dataset.Set(new DicomTag(0x00091001), Vr.UV, "18446744073709551615");
        dataset.Set(new DicomTag(0x00091002), Vr.UN, new byte[] { 1, 2 });
        dataset.SetDoubles(new DicomTag(0x00091003), Vr.FD, 0.1, double.NaN, double.NegativeInfinity);
        dataset.SetSequence(Tags.ReferencedStudySequence, [],
            new DicomDataset { DicomValue.Create(Tags.AdditionalPatientHistory, Vr.LT, "a\"\\\n\u0001") });

        Assert.Equal(
            """
            {"00080008":{"vr":"CS","Value":["ORIGINAL",null,"AXIAL"]},"00080020":{"vr":"DA"},
            "00081110":{"vr":"SQ","Value":[{},{"001021B0":{"vr":"LT","Value":["a\"\\\n\u0001"]}}]},
            "00091001":{"vr":"UV","Value":["18446744073709551615"]},"00091002":{"vr":"UN","InlineBinary":"AQI="},
            "00091003":{"vr":"FD","Value":[0.1,"NaN","-inf"]},
            "00100010":{"vr":"PN","Value":[{"Alphabetic":"Wang^XiaoDong","Ideographic":"王^小東"},{"Ideographic":"山田"}]},
            "00101030":{"vr":"DS","Value":["+1.5"]},"00180050":{"vr":"DS","Value":[1.50]},"00200011":{"vr":"IS","Value":[42]},
            "00200013":{"vr":"IS","Value":["007"]},"00280009":{"vr":"AT","Value":["00181063"]},"00280010":{"vr":"US","Value":[512]}}
            """.ReplaceLineEndings(""),
            JsonDatasetWriter.Write(dataset));
    }

    [Fact]
    public void Text_of_any_character_set_becomes_unicode_and_says_so()
    {
        var dataset = new DicomDataset();
        dataset.SetCharacterSet("ISO_IR 100");
        dataset.Set(Tags.PatientName, Vr.PN, new byte[] { (byte)'B', 0xFC, (byte)'c' });
        var json = JsonDatasetWriter.Write(dataset);
        Assert.Equal("""{"00080005":{"vr":"CS","Value":["ISO_IR 192"]},"00100010":{"vr":"PN","Value":[{"Alphabetic":"Büc"}]}}""", json);

        var back = JsonDatasetReader.Read(json);
        Assert.Equal("ISO_IR 192", back.GetString(Tags.SpecificCharacterSet));
        Assert.Equal("Büc"u8.ToArray(), back.GetBytes(Tags.PatientName).ToArray());
        Assert.Equal("ISO_IR 192", JsonDatasetReader.Read("""{"00100010":{"vr":"PN","Value":[{"Alphabetic":"Büc"}]}}""")
            .GetString(Tags.SpecificCharacterSet));
    }

    [Fact]
    public void Words_in_big_endian_order_are_turned_around()
    {
        var dataset = new DicomDataset { DicomValue.Create(Tags.PixelData, Vr.OW, new byte[] { 1, 2, 3, 4 }, isBigEndian: true) };
        Assert.Contains(Convert.ToBase64String([2, 1, 4, 3]), JsonDatasetWriter.Write(dataset), StringComparison.Ordinal);
    }

    [Fact]
    public void Long_values_become_references_where_there_is_one_to_give()
    {
        var dataset = new DicomDataset { DicomValue.Create(Tags.PixelData, Vr.OW, new FileRange("/data/a b.dcm", 100, 2000)) };
        Assert.Equal("""{"7FE00010":{"vr":"OW","BulkDataURI":"file:///data/a%20b.dcm?offset=100&length=2000"}}""",
            JsonDatasetWriter.Write(dataset));

        dataset.Set(Tags.PixelData, Vr.OW, new byte[2000]);
        Assert.Contains("InlineBinary", JsonDatasetWriter.Write(dataset), StringComparison.Ordinal);
        Assert.Contains("\"BulkDataURI\":\"x:y\"",
            JsonDatasetWriter.Write(dataset, new JsonDatasetWriterOptions { BulkDataUri = _ => "x:y" }), StringComparison.Ordinal);
    }

    [Fact]
    public void References_are_not_followed_unless_told()
    {
        const string json = """{"00100020":{"vr":"LO","Value":["1"]},"7FE00010":{"vr":"OW","BulkDataURI":"file:///etc/passwd"}}""";
        var omitted = new List<string>();
        var dataset = JsonDatasetReader.Read(json, new JsonDatasetReaderOptions { OnOmitted = (tag, uri) => omitted.Add($"{tag} {uri}") });
        Assert.False(dataset.Contains(Tags.PixelData));
        Assert.Equal(["(7FE0,0010) file:///etc/passwd"], omitted);

        dataset = JsonDatasetReader.Read(json, new JsonDatasetReaderOptions { BulkData = (_, _) => new DicomBytes(new byte[] { 1, 2 }) });
        Assert.Equal([1, 2], dataset.GetBytes(Tags.PixelData).ToArray());
    }

    [Theory]
    [InlineData("""{"00100010":{"vr":"PN","Value":["A^B"]}}""", "00100010", "A^B")]
    [InlineData("""{"00100010":{"vr":"PN","Value":[{"Phonetic":"c","Alphabetic":"a"}]}}""", "00100010", "a==c")]
    [InlineData("""{"00100020":{"vr":"LO","Value":"1"}}""", "00100020", "1")]
    [InlineData("""{"00100020":{"Value":["1"]}}""", "00100020", "1")]
    [InlineData("""{"PatientID":{"vr":"LO","Value":[1]}}""", "00100020", "1")]
    [InlineData("""{"0010,0020":{"vr":"LO","Value":["\u00e9\/"]}}""", "00100020", "é/")]
    [InlineData("""{"00280010":{"vr":"US","Value":["512"]}}""", "00280010", "512")]
    [InlineData("""{"00280010":{"vr":"US or SS","Value":[512.0]}}""", "00280010", "512")]
    [InlineData("""{"00200013":{"vr":"IS","Value":["1",null,3]}}""", "00200013", "1\\\\3")]
    [InlineData("""{"00280010":{"vr":"US","Value":[null]}}""", "00280010", null)]
    [InlineData("""{"00020010":{"vr":"UI","Value":["1.2"]},"00100020":{"vr":"LO","x":{"y":[1,{}]},"Value":["1"]}}""", "00100020", "1")]
    [InlineData("""[ {"00280009":{"vr":"AT","Value":["00181063"]}} ]""", "00280009", "(0018,1063)")]
    public void What_services_get_wrong_is_understood(string json, string tag, string? expected)
    {
        var dataset = JsonDatasetReader.Read("\uFEFF" + json);
        Assert.Equal(expected, dataset.GetText(DicomTag.Parse(tag)));
        Assert.All(dataset, element => Assert.NotEqual(2, element.Tag.Group));
    }

    [Theory]
    [InlineData("{", "The end of the input stands where '\"' is expected", 1, 2, null)]
    [InlineData("{\n  \"0010002\": {} }", "'0010002' is no tag", 2, 3, null)]
    [InlineData("""{"00100020":{"vr":"LO" "Value":[]}}""", "expected between members", 1, 24, "00100020")]
    [InlineData("""{"00400275":{"vr":"SQ","Value":[{},{"00280010":{"vr":"US","Value":[70000]}}]}}""", "'70000' is no value of US", 1, 73,
        "00400275[1].00280010")]
    [InlineData("""{"00280010":{"vr":"US","Value":["x"]}}""", "'x' is no value of US", 1, 36, "00280010")]
    [InlineData("""{"00091001":{"vr":"OB","InlineBinary":"*"}}""", "no base64", 1, 14, "00091001")]
    [InlineData("""{"00100020":{"vr":"LO","Value":[tru]}}""", "'tru' is no JSON value", 1, 33, "00100020")]
    [InlineData("""{"00100020":{"vr":"LO","Value":["\q"]}}""", "no escape", 1, 36, "00100020")]
    [InlineData("""{"00081110":{"vr":"SQ","Value":["x"]}}""", "A sequence holds objects", 1, 36, "00081110")]
    [InlineData("{} {}", "more than one", 1, 1, null)]
    [InlineData("", "no dataset", 1, 1, null)]
    [InlineData("<html>", "expected to begin a dataset", 1, 1, null)]
    public void Errors_say_what_and_where(string json, string message, int line, int column, string? element)
    {
        var error = Assert.Throws<DicomJsonException>(() => JsonDatasetReader.Read(json));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal((line, column, element), (error.Line, error.Column, error.Element));
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        var json = string.Concat(Enumerable.Repeat("""{"00081110":{"vr":"SQ","Value":[""", 100_000));
        Assert.Contains("nested deeper than 100", Assert.Throws<DicomJsonException>(() => JsonDatasetReader.Read(json)).Message,
            StringComparison.Ordinal);
        json = """{"00100020":{"x":""" + new string('[', 100_000);
        Assert.Contains("nested too deeply", Assert.Throws<DicomJsonException>(() => JsonDatasetReader.Read(json)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Any_cut_or_changed_text_is_an_error_of_the_text_or_a_dataset()
    {
        const string json =
            """{"00100010":{"vr":"PN","Value":[{"Alphabetic":"A\u0041"}]},"00081110":{"vr":"SQ","""
            + "\"Value\":[{\"00280010\":{\"vr\":\"US\",\"Value\":[1,2]}}]},"
            + "\"7FE00010\":{\"vr\":\"OB\",\"InlineBinary\":\"AAAA\"}}";
        var random = new Random(5);
        for (var i = 0; i < 20_000; i++)
        {
            var chars = json.Substring(0, i < json.Length ? i : json.Length).ToCharArray();
            for (var change = 0; change < 2 && i >= json.Length; change++)
                chars[random.Next(chars.Length)] = "{}[]\",:0a\\-. n"[random.Next(14)];

            var error = Record.Exception(() => JsonDatasetReader.ReadAll(new string(chars)).Count());
            Assert.True(error is null or DicomJsonException, $"{new string(chars)}: {error}");
        }
    }

    [Fact]
    public void Arrays_and_texts_in_a_row_give_their_datasets_one_by_one()
    {
        Assert.Equal(3, JsonDatasetReader.ReadAll("[{},{}]\n{}").Count());
        Assert.Empty(JsonDatasetReader.ReadAll(" [] "));
    }

    [Fact]
    public void Lines_change_nothing_but_blanks()
    {
        var dataset = new DicomDataset();
        dataset.SetSequence(Tags.ReferencedStudySequence, [], new DicomDataset { DicomValue.Create(Tags.StudyID, Vr.SH, "1") });
        var indented = JsonDatasetWriter.Write(dataset, new JsonDatasetWriterOptions { Indented = true });
        using var parsed = JsonDocument.Parse(indented);
        Assert.Equal(JsonDatasetWriter.Write(dataset), JsonSerializer.Serialize(parsed));
        Assert.Equal(
            ("{\n  \"00081110\": { \"vr\": \"SQ\", \"Value\": [\n      {},\n      {\n"
                + "        \"00200010\": { \"vr\": \"SH\", \"Value\": [ \"1\" ] }\n      }\n    ] }\n}")
                    .Replace("      ", "    ").Replace("    ]", "  ]"), indented);
    }
}
