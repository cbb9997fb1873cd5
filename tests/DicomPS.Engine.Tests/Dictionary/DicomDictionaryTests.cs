using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;

namespace DicomPS.Engine.Tests.Dictionary;

public class DicomDictionaryTests
{
    private static string Tables => Path.Combine(Repository.Root(), "src", "DictionaryGenerator", "tables");

    [Fact]
    public void Every_row_of_the_element_table_is_found_by_tag_and_by_keyword()
    {
        var rows = File.ReadLines(Path.Combine(Tables, "dicom-elements.tsv")).Skip(1).Select(line => line.Split('\t')).ToList();
        Assert.True(rows.Count > 5000);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            // In a repeating group each x is tried as 2, which no row of its own has.
            var entry = DicomDictionary.Find(DicomTag.Parse(row[0].Replace('x', '2')));
            Assert.NotNull(entry);
            var vr = row[1] == "NONE" ? "" : row[1];
            Assert.Equal((vr, row[2], row[4], row[5] == "retired"), (entry.VrText, entry.Vm, entry.Name, entry.IsRetired));
            Assert.Equal(vr.Length == 0 ? "None" : vr[..2], entry.Vr.ToString());
            if (row[3].Length > 0 && !row[3].Contains('-') && names.Add(row[3]))
                Assert.Equal(DicomTag.Parse(row[0].Replace('x', '0')), DicomDictionary.Find(row[3])?.Tag);
        }

        Assert.Equal(rows.Count, DicomDictionary.All.Count());
    }

    [Theory]
    [InlineData("6002,3000", "OverlayData", Vr.OB)]
    [InlineData("60FE,0010", "OverlayRows", Vr.US)]
    [InlineData("5004,3000", "CurveData", Vr.OB)]
    [InlineData("7FE0,0010", "PixelData", Vr.OB)]
    public void Repeating_groups_are_known_by_each_of_their_numbers(string tag, string keyword, Vr vr)
    {
        var entry = DicomDictionary.Find(DicomTag.Parse(tag))!;
        Assert.Equal((DicomTag.Parse(tag), keyword, vr), (entry.Tag, entry.Keyword, entry.Vr));
    }

    [Theory]
    [InlineData("0029,0010", "Private Creator", Vr.LO)]
    [InlineData("0008,0000", "Group Length", Vr.UL)]
    [InlineData("0029,0000", "Group Length", Vr.UL)]
    public void Private_creators_and_group_lengths_are_known_without_a_row(string tag, string name, Vr vr)
    {
        var entry = DicomDictionary.Find(DicomTag.Parse(tag))!;
        Assert.Equal((name, vr, vr), (entry.Name, entry.Vr, DicomDictionary.VrOf(DicomTag.Parse(tag))));
    }

    [Theory]
    [InlineData("0029,1010")]
    [InlineData("6001,3000")]
    [InlineData("0008,9999")]
    public void What_the_standard_does_not_know_is_null(string tag)
    {
        Assert.Null(DicomDictionary.Find(DicomTag.Parse(tag)));
        Assert.Equal(Vr.None, DicomDictionary.VrOf(DicomTag.Parse(tag)));
    }

    [Theory]
    [InlineData("patientid")]
    [InlineData("PatientI")]
    [InlineData("PatientIDs")]
    [InlineData("")]
    [InlineData("zzz")]
    public void A_keyword_is_found_in_its_exact_spelling_only(string keyword) => Assert.Null(DicomDictionary.Find(keyword));

    [Fact]
    public void Unique_identifiers_have_names_and_unknown_ones_stand_for_themselves()
    {
        Assert.Equal("CT Image Storage", DicomDictionary.NameOf(Uids.CTImageStorage));
        Assert.Equal("1.2.3", DicomDictionary.NameOf("1.2.3"));
        Assert.Equal("Verification SOP Class", DicomDictionary.FindUidByKeyword("Verification")?.Name);
        var rows = File.ReadLines(Path.Combine(Tables, "dicom-uids.tsv")).Skip(1).Select(line => line.Split('\t')).ToList();
        Assert.All(rows, row => Assert.Equal((row[1], row[2], row[3]),
            (DicomDictionary.FindUid(row[0])!.Type, DicomDictionary.FindUid(row[0])!.Keyword, DicomDictionary.FindUid(row[0])!.Name)));
    }

    [Fact]
    public void Storage_classes_are_told_from_the_rest()
    {
        var storage = DicomDictionary.SopClasses(SopClassService.Storage).Select(entry => entry.Uid).ToArray();
        Assert.Contains(Uids.CTImageStorage, storage);
        Assert.DoesNotContain(Uids.Verification, storage);
        Assert.Equal(170, DicomDictionary.SopClasses(SopClassService.Storage).Count);
    }

    [Fact]
    public void Every_row_of_the_status_table_is_there()
    {
        var rows = File.ReadLines(Path.Combine(Tables, "dimse-status.tsv")).Skip(1).Select(line => line.Split('\t'));
        Assert.Equal(
            rows.Select(row => string.Join('|', [row[0].Replace("_", ""), .. row.Skip(1)])),
            Statuses.All.Select(row =>
                $"{row.Table.ToString().ToLowerInvariant()}|{row.First:X4}|{row.Last:X4}|{row.Category}|{row.Meaning}"));
    }
}
