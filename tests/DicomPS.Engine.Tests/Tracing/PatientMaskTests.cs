using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Serialization;
using DicomPS.Text;

namespace DicomPS.Engine.Tests.Tracing;

public class PatientMaskTests
{
    private const string Secret = "Zorro^Diego";

    // What people type, of whatever attribute; the rest are codes, numbers and UIDs that are of no person.
    private static readonly string[] Technical =
        ["Manufacturer", "ManufacturerModelName", "SoftwareVersions", "CodeValue", "CodingSchemeDesignator", "CodingSchemeVersion",
            "TimezoneOffsetFromUTC"];

    [Fact]
    public void No_text_of_any_attribute_shows_at_any_depth()
    {
        var planted = 0;
        foreach (var chunk in Attributes().Select((entry, i) => (entry, i)).GroupBy(pair => pair.i / 300, pair => pair.entry)
            .Select(group => group.ToArray()))
        {
            using var bench = new TraceBench().Associate();
            var item = Planted(chunk);
            bench.SendDataset(new DicomDataset { new DicomSequence(Tags.ReferencedStudySequence,
                [new DicomDataset { new DicomSequence(Tags.ScheduledProcedureStepSequence, [item]) }]) });
            bench.SendDataset(Planted(chunk));
            planted += chunk.Length;
            AssertHidden(bench.Text);
            Assert.Contains("*** 12 bytes", bench.Text);
        }

        Assert.True(planted > 700, $"Only {planted} attributes were tried.");
    }

    [Fact]
    public void All_of_group_0010_is_hidden_whatever_its_kind()
    {
        using var bench = new TraceBench().Associate();
        var dataset = new DicomDataset();
        dataset.Set(Tags.PatientBirthDate, Vr.DA, "19121105");
        dataset.Set(Tags.PatientSex, Vr.CS, "MALEX");
        dataset.Set(Tags.PatientAge, Vr.AS, "061Y");
        dataset.Set(Tags.PatientWeight, Vr.DS, "78.25");
        var other = new DicomDataset();
        other.Set(Tags.StudyDate, Vr.DA, "19391017");
        other.Set(Tags.Modality, Vr.CS, "BELOW");
        dataset.Add(new DicomSequence(Tags.OtherPatientIDsSequence, [other]));
        bench.SendDataset(dataset);
        Assert.All(["19121105", "MALEX", "061Y", "78.25", "19391017", "BELOW"], value => Assert.DoesNotContain(value, bench.Text));
        Assert.Contains("PatientBirthDate", bench.Text);
        Assert.Contains("OtherPatientIDsSequence", bench.Text);
    }

    [Fact]
    public void Private_and_unknown_elements_show_no_value()
    {
        using var bench = new TraceBench().Associate();
        var dataset = new DicomDataset();
        dataset.Set(new DicomTag(0x0009, 0x0010), Vr.LO, "ACME 1.0");
        dataset.Set(new DicomTag(0x0009, 0x1001), Vr.LO, Secret);
        dataset.Set(new DicomTag(0x0009, 0x1002), Vr.CS, "ZORRO");
        dataset.Add(DicomValue.Create(new DicomTag(0x0009, 0x1003), Vr.UN, "Zorro^Diego "u8.ToArray()));
        dataset.Add(DicomValue.Create(new DicomTag(0x0009, 0x1004), Vr.OB, "Zorro^Diego "u8.ToArray()));
        dataset.Set(new DicomTag(0x0008, 0x7FFE), Vr.CS, "ZORRO");
        bench.SendDataset(dataset);
        AssertHidden(bench.Text);
        Assert.Contains("(0009,1001) to (0009,1004) [ACME 1.0] *** 4 elements", bench.Text);
    }

    [Theory]
    [InlineData(Vr.LO)]
    [InlineData(Vr.AE)]
    [InlineData(Vr.CS)]
    [InlineData(Vr.UN)]
    public void A_wrong_VR_does_not_uncover_a_name(Vr vr)
    {
        using var bench = new TraceBench().Associate();
        foreach (var tag in new[] { Tags.ReferringPhysicianName, Tags.AccessionNumber, Tags.StudyDate, Tags.StudyInstanceUID, Tags.Rows,
            Tags.Modality })
        {
            var dataset = new DicomDataset { DicomValue.Create(tag, vr, "Zorro^Diego "u8.ToArray()) };
            bench.SendDataset(dataset);
        }

        AssertHidden(bench.Text);
    }

    [Theory]
    [InlineData("ISO_IR 192", "Вrangel^Зорро")]
    [InlineData("ISO 2022 IR 87", "Yamada^Tarou=山田^太郎=やまだ^たろう")]
    [InlineData("GB18030", "Wang^XiaoDong=王^小东")]
    public void A_query_in_another_character_set_shows_no_name_and_with_patient_data_shows_it_readable(string charset, string name)
    {
        foreach (var shows in new[] { false, true })
        {
            using var bench = new TraceBench(includePatientData: shows).Associate();
            var identifier = new DicomDataset();
            identifier.SetCharacterSet(charset);
            identifier.Set(Tags.PatientName, Vr.PN, name);
            bench.SendDataset(identifier);
            if (shows)
                Assert.Contains($"[{name}]", bench.Text);
            else
                Assert.All(name.Split('^', '='), part => Assert.DoesNotContain(part, bench.Text));
        }
    }

    [Fact]
    public void An_error_comment_shows_only_with_patient_data()
    {
        var answer = new CommandSet
        {
            Field = CommandField.CFindResponse, RespondedTo = 1, Status = 0xC001,
            ErrorComment = $"No study of {Secret}"
        };
        using var masked = new TraceBench().Associate();
        masked.SendCommand(answer);
        AssertHidden(masked.Text);
        AssertHidden(string.Join('\n', masked.Commands));
        Assert.Contains("error comment *** 23 bytes", Assert.Single(masked.Commands));

        using var open = new TraceBench(includePatientData: true).Associate();
        open.SendCommand(answer);
        Assert.Contains($"No study of {Secret}", open.Text);
        AssertHidden(string.Join('\n', open.Commands));
    }

    [Fact]
    public void A_broken_dataset_shows_its_bytes_only_with_patient_data()
    {
        var bytes = DatasetWriter.ToArray(Planted([DicomDictionary.Find(Tags.PatientName)!]), TransferSyntax.ExplicitVRLittleEndian);
        bytes[6] = 0xF0;
        bytes[7] = 0xFF;
        using var masked = new TraceBench().Associate();
        masked.Send(TraceBench.Data(isCommand: false, bytes));
        AssertHidden(masked.Text);
        Assert.Contains("cannot be decoded", masked.Text);
        using var open = new TraceBench(includePatientData: true).Associate();
        open.Send(TraceBench.Data(isCommand: false, bytes));
        Assert.Contains("It begins with 10 00 10 00", open.Text);
    }

    [Fact]
    public void What_faults_are_found_by_stays()
    {
        using var bench = new TraceBench().Associate();
        var dataset = new DicomDataset();
        dataset.Set(Tags.QueryRetrieveLevel, Vr.CS, "study");
        dataset.Set(Tags.StudyDate, Vr.DA, "20260101-20261121");
        dataset.Set(Tags.StudyInstanceUID, Vr.UI, "1.2.3\\1.2.4");
        dataset.Set(Tags.SOPClassUID, Vr.UI, Uids.CTImageStorage);
        dataset.Set(Tags.Manufacturer, Vr.LO, "ACME");
        dataset.Set(Tags.PatientID, Vr.LO, "4711*");
        bench.SendDataset(dataset);
        Assert.All(["[study]", "[20260101-20261121]", @"1.2.3\1.2.4", "CT Image Storage", "[ACME]", "*** 6 bytes with wildcard"],
            text => Assert.Contains(text, bench.Text));
    }

    private static IEnumerable<DictionaryEntry> Attributes() =>
        DicomDictionary.All.Where(entry => entry.Tag.Group > 2 && entry.Tag.Group != 0xFFFE
        && (entry.Tag.Group == 0x0010 ? entry.Vr.IsString()
            : entry.Vr is Vr.PN or Vr.LO or Vr.SH or Vr.ST or Vr.LT or Vr.UT or Vr.UC or Vr.UR)
        && !Technical.Contains(entry.Keyword));

    private static DicomDataset Planted(IEnumerable<DictionaryEntry> entries)
    {
        var dataset = new DicomDataset();
        foreach (var entry in entries)
            dataset.Add(DicomValue.Create(entry.Tag, entry.Vr, "Zorro^Diego "u8.ToArray()));
        return dataset;
    }

    private static void AssertHidden(string text)
    {
        Assert.DoesNotContain("Zorro", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Diego", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("5A 6F 72", text);
    }
}
