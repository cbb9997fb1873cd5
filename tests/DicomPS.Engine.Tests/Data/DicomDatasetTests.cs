using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Text;

namespace DicomPS.Engine.Tests.Data;

public class DicomDatasetTests
{
    [Fact]
    public void Elements_stand_in_tag_order_whatever_order_they_came_in()
    {
        var dataset = new DicomDataset();
        foreach (var tag in new[] { Tags.PixelData, Tags.PatientID, Tags.SOPInstanceUID, Tags.Rows, Tags.PatientName })
            dataset.Add(DicomValue.Create(tag, Vr.UN, new byte[2]));

        Assert.Equal(
            [Tags.SOPInstanceUID, Tags.PatientName, Tags.PatientID, Tags.Rows, Tags.PixelData], dataset.Select(element => element.Tag));
    }

    [Fact]
    public void An_element_replaces_the_one_with_its_tag()
    {
        var dataset = new DicomDataset();
        dataset.Set(Tags.PatientID, "1");
        dataset.Set(Tags.PatientName, "A");
        dataset.Set(Tags.PatientID, "2");
        Assert.Equal((2, "2"), (dataset.Count, dataset.GetString(Tags.PatientID)));
        Assert.True(dataset.Remove(Tags.PatientID));
        Assert.False(dataset.Remove(Tags.PatientID));
        Assert.Null(dataset.GetString(Tags.PatientID));
    }

    [Fact]
    public void A_hundred_thousand_elements_in_falling_order_are_put_in_order_at_once()
    {
        var elements = Enumerable.Range(0, 100_000)
            .Select(i => (DicomElement)DicomValue.Create(new DicomTag(0x7000_0000u - (uint)i), Vr.UN, default(ReadOnlyMemory<byte>)));
        var dataset = new DicomDataset(elements);
        Assert.Equal(100_000, dataset.Count);
        Assert.True(dataset.Contains(new DicomTag(0x7000_0000u - 99_999)));
    }

    [Fact]
    public void Of_several_elements_with_one_tag_the_last_stays()
    {
        var dataset = new DicomDataset(new[] { "1", "2", "3" }.Select(text => DicomValue.Create(Tags.PatientID, Vr.LO, text)));
        Assert.Equal((1, "3"), (dataset.Count, dataset.GetString(Tags.PatientID)));
    }

    [Theory]
    [InlineData(Vr.LO, " a b \0", "a b")]
    [InlineData(Vr.CS, "CT ", "CT")]
    [InlineData(Vr.UI, "1.2.3\0", "1.2.3")]
    [InlineData(Vr.DS, " 1.5 ", "1.5")]
    [InlineData(Vr.ST, "  indented \r\n ", "  indented \r\n")]
    [InlineData(Vr.UT, "a\\b ", "a\\b")]
    [InlineData(Vr.PN, "Doe^John ", "Doe^John")]
    public void Padding_that_means_nothing_is_taken_off(Vr vr, string stored, string read)
    {
        var dataset = Of(Tags.PatientID, vr, TextCodec.Default.Encode(stored, vr));
        Assert.Equal(read, dataset.GetString(Tags.PatientID));
    }

    [Fact]
    public void A_backslash_separates_values_and_an_empty_one_keeps_its_place()
    {
        var dataset = Of(Tags.ImageType, Vr.CS, "ORIGINAL\\\\AXIAL "u8.ToArray());
        Assert.Equal(["ORIGINAL", "", "AXIAL"], dataset.GetStrings(Tags.ImageType));
        Assert.Equal(@"ORIGINAL\\AXIAL", dataset.GetText(Tags.ImageType));
        Assert.Equal("ORIGINAL", dataset.GetString(Tags.ImageType));
    }

    [Fact]
    public void What_is_absent_or_empty_or_unreadable_is_null_and_never_an_exception()
    {
        var dataset = new DicomDataset();
        dataset.Set(Tags.PatientID);
        dataset.Set(Tags.StudyDate, "yesterday");
        dataset.Set(Tags.Rows, Vr.US, new byte[1]);
        dataset.Set(Tags.PixelSpacing, "wide");
        dataset.SetSequence(Tags.ReferencedStudySequence);
        foreach (var tag in new[] { Tags.PatientID, Tags.StudyDate, Tags.Rows, Tags.PixelSpacing, Tags.ReferencedStudySequence,
            Tags.PatientName })
        {
            Assert.Null(dataset.GetInt32(tag));
            Assert.Null(dataset.GetInt64(tag));
            Assert.Null(dataset.GetDouble(tag));
            Assert.Null(dataset.GetDecimal(tag));
            Assert.Null(dataset.GetDate(tag));
            Assert.Null(dataset.GetTime(tag));
            Assert.Null(dataset.GetDateTime(tag));
            Assert.Empty(dataset.GetTags(tag));
            Assert.Empty(dataset.GetItems(tag));
        }

        Assert.Null(dataset.GetString(Tags.PatientID));
        Assert.Null(dataset.GetPersonName(Tags.PatientName));
        Assert.True(dataset.GetBytes(Tags.PatientName).IsEmpty);
    }

    [Theory]
    [InlineData(Vr.US, "0100FFFF", new long[] { 1, 65535 })]
    [InlineData(Vr.SS, "0100FFFF", new long[] { 1, -1 })]
    [InlineData(Vr.UL, "FFFFFFFF", new long[] { 4294967295 })]
    [InlineData(Vr.SL, "FEFFFFFF", new long[] { -2 })]
    [InlineData(Vr.SV, "FFFFFFFFFFFFFFFF", new long[] { -1 })]
    [InlineData(Vr.IS, "31325C2D33", new long[] { 12, -3 })]
    [InlineData(Vr.DS, "312E30", new long[] { 1 })]
    [InlineData(Vr.FL, "00008040", new long[] { 4 })]
    [InlineData(Vr.LO, "3132", new long[] { 12 })]
    [InlineData(Vr.OW, "0100", new long[] { 1 })]
    public void Whole_numbers_are_read_from_words_and_from_text(Vr vr, string hex, long[] expected) =>
        Assert.Equal(expected, Of(Tags.Rows, vr, Convert.FromHexString(hex)).GetInt64s(Tags.Rows));

    [Fact]
    public void Big_endian_words_are_read_in_their_own_order()
    {
        var dataset = new DicomDataset
        {
            DicomValue.Create(Tags.Rows, Vr.US, new byte[] { 1, 2 }, isBigEndian: true),
            DicomValue.Create(Tags.FrameIncrementPointer, Vr.AT, new byte[] { 0, 0x10, 0, 0x20 }, isBigEndian: true),
            DicomValue.Create(Tags.FrameTimeVector, Vr.FD, new byte[] { 0x3F, 0xF8, 0, 0, 0, 0, 0, 0 }, isBigEndian: true),
        };
        Assert.Equal(0x0102, dataset.GetInt32(Tags.Rows));
        Assert.Equal([Tags.PatientID], dataset.GetTags(Tags.FrameIncrementPointer));
        Assert.Equal(1.5, dataset.GetDouble(Tags.FrameTimeVector));
    }

    [Fact]
    public void Numbers_and_tags_print_as_text()
    {
        var dataset = new DicomDataset();
        dataset.SetInt(Tags.Rows, 512);
        dataset.SetInts(Tags.FrameIncrementPointer, Vr.AT, 0x00181063);
        dataset.SetDouble(Tags.RescaleIntercept, -1024);
        dataset.SetDoubles(Tags.SelectorFDValue, Vr.FD, 0.1);
        dataset.Set(Tags.SelectorUVValue, ulong.MaxValue.ToString());
        Assert.Equal("512", dataset.GetString(Tags.Rows));
        Assert.Equal("(0018,1063)", dataset.GetString(Tags.FrameIncrementPointer));
        Assert.Equal("-1024", dataset.GetString(Tags.RescaleIntercept));
        Assert.Equal("0.1", dataset.GetString(Tags.SelectorFDValue));
        Assert.Equal("18446744073709551615", dataset.GetString(Tags.SelectorUVValue));
    }

    [Fact]
    public void A_decimal_string_keeps_its_digits_and_fits_its_sixteen_characters()
    {
        var dataset = new DicomDataset();
        dataset.SetDouble(Tags.RescaleSlope, Math.PI * 1e-7);
        Assert.InRange(dataset.GetString(Tags.RescaleSlope)!.Length, 1, 16);
        Assert.Equal(Math.PI * 1e-7, dataset.GetDouble(Tags.RescaleSlope)!.Value, 1e-15);
        dataset.Set(Tags.RescaleSlope, "0.10");
        Assert.Equal("0.10", dataset.GetDecimal(Tags.RescaleSlope)!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void A_number_that_does_not_fit_is_refused_when_it_is_set()
    {
        var dataset = new DicomDataset();
        Assert.Throws<ArgumentException>(() => dataset.SetInt(Tags.Rows, 65536));
        Assert.Throws<ArgumentException>(() => dataset.Set(Tags.Rows, "wide"));
        Assert.Throws<ArgumentException>(() => dataset.Set(new DicomTag(0x0009, 0x1001), "of unknown VR"));
        Assert.Equal(0, dataset.Count);
    }

    [Fact]
    public void Dates_and_times_are_read_as_the_clock_showed_them()
    {
        var dataset = new DicomDataset();
        dataset.Set(Tags.StudyDate, "20240229");
        dataset.Set(Tags.StudyTime, "235959.5");
        dataset.Set(Tags.AcquisitionDateTime, "20240229120000.25-0500");
        Assert.Equal(new DateTime(2024, 2, 29), dataset.GetDate(Tags.StudyDate));
        Assert.Equal(new DateTime(2024, 2, 29, 23, 59, 59, 500), dataset.GetDateTime(Tags.StudyDate, Tags.StudyTime));
        Assert.Equal(new DateTime(2024, 2, 29, 12, 0, 0, 250), dataset.GetDateTime(Tags.AcquisitionDateTime));
        Assert.Equal(new DateTime(2024, 2, 29), dataset.GetDate(Tags.AcquisitionDateTime));
        dataset.Set(Tags.StudyDate, "2024.02.29");
        dataset.Set(Tags.StudyTime, "23:59:59");
        Assert.Equal(new DateTime(2024, 2, 29, 23, 59, 59), dataset.GetDateTime(Tags.StudyDate, Tags.StudyTime));
    }

    [Fact]
    public void Items_take_the_character_set_around_them_unless_they_have_their_own()
    {
        var inherits = new DicomDataset();
        inherits.Set(Tags.PatientName, Vr.PN, Convert.FromHexString("C3A4"));
        var own = new DicomDataset { Text = SpecificCharacterSet.Latin };
        own.Set(Tags.PatientName, Vr.PN, Convert.FromHexString("E4"));
        var outer = new DicomDataset { Text = SpecificCharacterSet.Utf8 };
        outer.SetSequence(Tags.OtherPatientIDsSequence, inherits, own);
        Assert.Equal("ä", outer.GetItems(Tags.OtherPatientIDsSequence)[0].GetString(Tags.PatientName));
        Assert.Equal("ä", outer.GetItems(Tags.OtherPatientIDsSequence)[1].GetString(Tags.PatientName));
    }

    [Fact]
    public void A_private_element_is_found_by_its_owner_in_whichever_block_it_got()
    {
        var dataset = new DicomDataset();
        dataset.Set(new DicomTag(0x0029, 0x0010), Vr.LO, "SOMEONE ELSE");
        var tag = dataset.ReservePrivate("ACME", 0x0029, 0x42);
        dataset.Set(tag, Vr.SH, "mine");
        Assert.Equal("(0029,1142)", tag.ToString());
        Assert.Equal(tag, dataset.ReservePrivate("ACME", 0x0029, 0x42));
        Assert.Equal(tag, dataset.FindPrivate("ACME", 0x0029, 0x42)!.Tag);
        Assert.Equal("ACME", dataset.GetPrivateCreator(tag));
        Assert.Null(dataset.FindPrivate("NOBODY", 0x0029, 0x42));
        Assert.Null(dataset.FindPrivate("ACME", 0x0031, 0x42));
    }

    [Fact]
    public void An_unknown_private_value_is_read_as_text_only_when_it_is_text()
    {
        Assert.Equal("SIEMENS", Of(new DicomTag(0x0029, 0x1010), Vr.UN, "SIEMENS "u8.ToArray()).GetString(new DicomTag(0x0029, 0x1010)));
        Assert.Null(Of(new DicomTag(0x0029, 0x1010), Vr.UN, [1, 2, 3, 4]).GetString(new DicomTag(0x0029, 0x1010)));
    }

    private static DicomDataset Of(DicomTag tag, Vr vr, byte[] bytes)
    {
        var dataset = new DicomDataset();
        dataset.Set(tag, vr, bytes);
        return dataset;
    }
}
