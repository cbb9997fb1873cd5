using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Serving;

namespace DicomPS.Engine.Tests.Serving;

public class StoragePathTests
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(Path.GetTempPath(), "store"));

    [Theory]
    [InlineData("Patient", "P1/1.2/1.2.3/1.2.3.4.dcm")]
    [InlineData("Study", "1.2/1.2.3.4.dcm")]
    [InlineData("series", "1.2/1.2.3/1.2.3.4.dcm")]
    [InlineData("Flat", "1.2.3.4.dcm")]
    [InlineData("{PatientID}/{StudyDate}/{Modality}-{SOPInstanceUID}.dcm", "P1/20240131/CT-1.2.3.4.dcm")]
    [InlineData("from-{CallingAETitle}\\{CalledAETitle}\\{SOPInstanceUID}", "from-MODALITY/ME/1.2.3.4")]
    public void A_layout_places_an_instance(string layout, string expected) =>
        Assert.Equal(expected, Relative(layout, Header("P1")));

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("C:\\Windows\\System32")]
    [InlineData("\\\\server\\share")]
    [InlineData("a\0b")]
    [InlineData("CON")]
    [InlineData("nul.txt")]
    [InlineData("x ")]
    [InlineData("...")]
    [InlineData("~")]
    [InlineData("a\nb\u0085c")]
    [InlineData("\U0001F480")]
    public void No_patient_id_leads_out_of_the_folder_or_to_a_name_that_a_system_refuses(string patientId)
    {
        var path = Relative("{PatientID}/{SOPInstanceUID}.dcm", Header(patientId));
        var parts = path.Split('/');
        Assert.Equal(2, parts.Length);
        Assert.Equal("1.2.3.4.dcm", parts[1]);
        Assert.DoesNotContain(parts[0], c => c < ' ' || @"\/:*?""<>|".Contains(c) || char.IsSurrogate(c));
        Assert.False(parts[0].EndsWith('.') || parts[0].EndsWith(' ') || parts[0] is "CON" or "nul.txt" or "");
    }

    [Fact]
    public void Values_that_become_safe_in_the_same_way_stay_apart()
    {
        var paths = new[] { "A/B", "A:B", "A_B", "A?B" }.Select(id => Relative("{PatientID}/{SOPInstanceUID}", Header(id))).ToList();
        Assert.Equal(4, paths.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Equal("A_B/1.2.3.4", paths[2]);
    }

    [Fact]
    public void Different_patients_never_share_a_folder()
    {
        DicomDataset[] patients =
        [
            .. new[] { "CON", "_CON", "_con", "CON.1", "_CON.1", "AUX", "_AUX", "no-PatientID", "A/B", "A~0c98bb6c", "A B", "A\u00A0B",
                "A\u00A0", "A", "A.", "A\\B", "A\\C", "\uFFFD" }
                .Select(id => Header(id)),
            Header(null), Bytes("ISO_IR 192", 0x49, 0xFF), Bytes("ISO_IR 192", 0x49, 0xFE), Bytes("ISO_IR 192", 0x49, 0xC3),
            Bytes("ISO_IR 192", 0xFF, 0x49),
        ];
        var marked = Relative("{PatientID}/{SOPInstanceUID}", Header("A/B")).Split('/')[0];
        patients = [.. patients, Header(marked), Header("_" + marked)];
        var folders = patients.Select(patient => Relative("{PatientID}/{SOPInstanceUID}", patient).Split('/')[0]).ToList();
        // Names that differ in case alone are one on some systems, and are left out here.
        Assert.Equal(folders.Count, folders.Distinct(StringComparer.Ordinal).Count());
        Assert.Contains("_CON", folders);

        static DicomDataset Bytes(string charset, params byte[] id)
        {
            var header = Header(null);
            header.Set(Tags.PatientID, Vr.LO, id);
            header.Text = DicomPS.Text.SpecificCharacterSet.Parse([charset], out _);
            return header;
        }
    }

    [Fact]
    public void A_long_value_is_shortened_and_keeps_apart_from_its_neighbour()
    {
        var one = Relative("{PatientID}/{SOPInstanceUID}", Header(new string('\u5C71', 5000) + "1"));
        var two = Relative("{PatientID}/{SOPInstanceUID}", Header(new string('\u5C71', 5000) + "2"));
        Assert.NotEqual(one, two);
        Assert.True(System.Text.Encoding.UTF8.GetByteCount(one.Split('/')[0]) < 255);
    }

    [Theory]
    [InlineData("7", "0007_1.2.3.4.dcm")]
    [InlineData(" 7 ", "0007_1.2.3.4.dcm")]
    [InlineData("12345", "12345_1.2.3.4.dcm")]
    [InlineData("-3", "-0003_1.2.3.4.dcm")]
    [InlineData("7a", "7a_1.2.3.4.dcm")]
    [InlineData("", "no-InstanceNumber_1.2.3.4.dcm")]
    public void A_number_has_the_digits_that_its_zeros_ask_for(string number, string expected)
    {
        var header = Header("P1");
        header.Set(Tags.InstanceNumber, number);
        Assert.Equal(expected, Relative("{InstanceNumber:0000}_{SOPInstanceUID}.dcm", header));
    }

    [Fact]
    public void A_missing_value_has_a_name_that_says_so() =>
        Assert.Equal("no-PatientID/1.2.3.4", Relative("{PatientID}/{SOPInstanceUID}", Header(null)));

    [Theory]
    [InlineData("", "empty")]
    [InlineData("Sturdy", "no layout named 'Sturdy'")]
    [InlineData("{PatientID}/{StudyDate}.dcm", "{SOPInstanceUID}")]
    [InlineData("{PatientsID}/{SOPInstanceUID}", "no keyword")]
    [InlineData("{PixelData}/{SOPInstanceUID}", "cannot name a file")]
    [InlineData("{PatientID/{SOPInstanceUID}", "PatientID")]
    [InlineData("../{SOPInstanceUID}", "'..'")]
    [InlineData("/{SOPInstanceUID}", "starts at the root")]
    [InlineData("a//{SOPInstanceUID}", "empty")]
    [InlineData("C:/{SOPInstanceUID}", "character")]
    [InlineData("{InstanceNumber:D4}/{SOPInstanceUID}", "as many zeros")]
    [InlineData("{InstanceNumber:}/{SOPInstanceUID}", "as many zeros")]
    [InlineData("{InstanceNumber:0000000000000}/{SOPInstanceUID}", "as many zeros")]
    [InlineData("{PatientID:0000}/{SOPInstanceUID}", "no number")]
    [InlineData("{CallingAETitle:00}/{SOPInstanceUID}", "no number")]
    [InlineData("{Number:00}/{SOPInstanceUID}", "no keyword")]
    public void A_layout_that_cannot_work_is_refused_when_it_is_given(string layout, string reason)
    {
        var problem = Assert.Throws<ArgumentException>(() => StoragePath.Parse(layout));
        Assert.Contains(reason, problem.Message);
    }

    [Fact]
    public void The_last_tag_that_a_layout_needs_is_known() =>
        Assert.Equal(Tags.SeriesInstanceUID, StoragePath.Parse("Series").LastTag);

    private static string Relative(string layout, DicomDataset header)
    {
        var full = StoragePath.Parse(layout).Resolve(Root, header, "MODALITY", "ME");
        Assert.StartsWith(Root + Path.DirectorySeparatorChar, full);
        return full[(Root.Length + 1)..].Replace('\\', '/');
    }

    private static DicomDataset Header(string? patientId)
    {
        var header = new DicomDataset();
        header.Set(Tags.StudyDate, "20240131");
        header.Set(Tags.Modality, "CT");
        if (patientId is { })
            header.Set(Tags.PatientID, Vr.UT, patientId);
        header.Set(Tags.StudyInstanceUID, "1.2");
        header.Set(Tags.SeriesInstanceUID, "1.2.3");
        header.Set(Tags.SOPInstanceUID, "1.2.3.4");
        return header;
    }
}
