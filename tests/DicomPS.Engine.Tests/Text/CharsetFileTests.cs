using System.Text.Json;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Part10;
using DicomPS.Text;

namespace DicomPS.Engine.Tests.Text;

/// <summary>The names in pydicom's 17 charset files, and pydicom's own answer for every text in them.</summary>
public class CharsetFileTests
{
    private const string Japanese = "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう";

    private const string JapaneseBytes =
        "\u00D4\u00CF\u00C0\u00DE^\u00C0\u00DB\u00B3=\e$B;3ED\e(J^\e$BB@O:\e(J=\e$B$d$^$@\e(J^\e$B$?$m$&\e(J";

    // File, Specific Character Set, Patient's Name as it stands in the file, and as a reader shows it.
    public static TheoryData<string, string, string, string> Names => new()
    {
        { "chrArab", "ISO_IR 127", "\u00E2\u00C8\u00C7\u00E6\u00EA^\u00E4\u00E6\u00D2\u00C7\u00D1 ", "قباني^لنزار" },
        { "chrFren", "ISO_IR 100", "Buc^J\u00E9r\u00F4me", "Buc^Jérôme" },
        { "chrFrenMulti", "ISO_IR 100", "Buc^J\u00E9r\u00F4me\\Buc^J\u00E9r\u00F4me ", "Buc^Jérôme\\Buc^Jérôme" },
        { "chrGerm", "ISO_IR 100", "\u00C4neas^R\u00FCdiger ", "Äneas^Rüdiger" },
        { "chrGreek", "ISO_IR 126", "\u00C4\u00E9\u00EF\u00ED\u00F5\u00F3\u00E9\u00EF\u00F2 ", "Διονυσιος" },
        { "chrH31", @"\ISO 2022 IR 87", "Yamada^Tarou=\e$B;3ED\e(B^\e$BB@O:\e(B=\e$B$d$^$@\e(B^\e$B$?$m$&\e(B",
            "Yamada^Tarou=山田^太郎=やまだ^たろう" },
        { "chrH32", @"ISO 2022 IR 13\ISO 2022 IR 87", JapaneseBytes, Japanese },
        { "chrHbrw", "ISO_IR 138", "\u00F9\u00F8\u00E5\u00EF^\u00E3\u00E1\u00E5\u00F8\u00E4", "שרון^דבורה" },
        {
            "chrI2", @"\ISO 2022 IR 149",
            "Hong^Gildong=\e$)C\u00FB\u00F3^\e$)C\u00D1\u00CE\u00D4\u00D7=\e$)C\u00C8\u00AB^\e$)C\u00B1\u00E6\u00B5\u00BF",
            "Hong^Gildong=洪^吉洞=홍^길동"
        },
        { "chrJapMulti", @"\ISO 2022 IR 87", "\e$B$d$^$@\e(B^\e$B$?$m$&\e(B ", "やまだ^たろう" },
        { "chrJapMultiExplicitIR6", @"ISO 2022 IR 6\ISO 2022 IR 87", "\e$B$d$^$@\e(B^\e$B$?$m$&\e(B ", "やまだ^たろう" },
        { "chrKoreanMulti", @"\ISO 2022 IR 149", "\e$)C\u00B1\u00E8\u00C8\u00F1\u00C1\u00DF\e(B ", "김희중" },
        { "chrRuss", "ISO_IR 144", "\u00BB\u00EE\u00DAce\u00DC\u00D1yp\u00D3", "Люкceмбypг" },
        { "chrSQEncoding", @"ISO 2022 IR 13\ISO 2022 IR 87", JapaneseBytes, Japanese },
        { "chrSQEncoding1", @"ISO 2022 IR 13\ISO 2022 IR 87", JapaneseBytes, Japanese },
        { "chrX1", "ISO_IR 192", "Wang^XiaoDong=\u00E7\u008E\u008B^\u00E5\u00B0\u008F\u00E6\u009D\u00B1= ", "Wang^XiaoDong=王^小東=" },
        { "chrX2", "GB18030", "Wang^XiaoDong=\u00CD\u00F5^\u00D0\u00A1\u00B6\u00AB=", "Wang^XiaoDong=王^小东=" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void The_name_in_a_charset_file_is_read(string file, string terms, string bytes, string name)
    {
        Assert.NotEmpty(file);
        Assert.Equal(name, Sets.Of(terms).Decode(Sets.Bytes(bytes), Vr.PN).TrimEnd(' '));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_name_read_from_a_charset_file_survives_being_written(string file, string terms, string bytes, string name)
    {
        var set = Sets.Of(terms);
        Assert.Equal(name, set.Decode(set.Encode(name, Vr.PN), Vr.PN));
        // The Korean file returns to ASCII where it need not (PS3.5 I.2 note 2).
        if (file != "chrKoreanMulti")
            Assert.Equal(Sets.Bytes(bytes.TrimEnd(' ')), set.Encode(name, Vr.PN));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_name_is_read_from_the_file_itself(string file, string terms, string bytes, string name)
    {
        var path = Path.Combine(Python.CharsetFiles, file + ".dcm");
        if (!File.Exists(path))
            Assert.Skip($"{Python.CharsetFiles} is not there (Debian: python3-pydicom).");

        Assert.NotEmpty(terms + bytes);
        var dataset = (await DicomFile.OpenAsync(path, null, TestContext.Current.CancellationToken)).Dataset;
        // chrSQEncoding* hold the name in an item with a character set of its own, chrFrenMulti in Other Patient Names.
        var holder = file.StartsWith("chrSQ", StringComparison.Ordinal)
            ? dataset.GetItems(Tags.RequestedProcedureCodeSequence)[0] : dataset;
        Assert.Equal(name, holder.GetText(file == "chrFrenMulti" ? Tags.OtherPatientNames : Tags.PatientName));
    }

    [Fact]
    public void Every_text_in_the_charset_files_is_what_pydicom_reads()
    {
        if (!Directory.Exists(Python.CharsetFiles))
            Assert.Skip($"{Python.CharsetFiles} is not there (Debian: python3-pydicom).");

        var lines = Python.Run($"""
            import glob, json, pydicom
            def walk(file, dataset, inherited):
                terms = dataset.get('SpecificCharacterSet', inherited)
                for tag in list(dataset.keys()):
                    raw = getattr(dataset.get_item(tag), 'value', None)
                    element = dataset[tag]
                    if element.VR == 'SQ':
                        for item in element.value: walk(file, item, terms)
                    elif element.VR in ('SH', 'LO', 'ST', 'LT', 'UC', 'UT', 'PN') and isinstance(raw, bytes):
                        value = element.value
                        values = [str(v) for v in value] if isinstance(value, pydicom.multival.MultiValue) else [str(value or '')]
                        print(json.dumps([file, str(tag), element.VR,
                            [terms] if isinstance(terms, str) else list(terms), raw.hex(), '\\'.join(values)]))
            for file in sorted(glob.glob('{Python.CharsetFiles}/*.dcm')):
                walk(file, pydicom.dcmread(file, defer_size=None), '')
            """, "pydicom").Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.True(lines.Length > 100, $"Only {lines.Length} texts.");
        Assert.Equal(17, lines.Select(line => JsonDocument.Parse(line).RootElement[0].GetString()).Distinct().Count());
        foreach (var line in lines)
        {
            var row = JsonDocument.Parse(line).RootElement;
            Assert.True(VrExtensions.TryParse(row[2].GetString(), out var vr));
            var set = SpecificCharacterSet.Parse([.. row[3].EnumerateArray().Select(term => term.GetString()!)], out var warnings);
            Assert.Empty(warnings);

            var text = set.Decode(Convert.FromHexString(row[4].GetString()!), vr).TrimEnd(' ', '\0');
            // pydicom drops empty component groups at the end of a name.
            Assert.Equal(row[5].GetString(), vr == Vr.PN ? text.TrimEnd('=') : text);
        }
    }
}
