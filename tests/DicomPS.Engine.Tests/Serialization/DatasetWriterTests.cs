using System.Buffers;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;
using DicomPS.Serialization;
using DicomPS.Text;

namespace DicomPS.Engine.Tests.Serialization;

public class DatasetWriterTests
{
    private static readonly TransferSyntax Explicit = TransferSyntax.ExplicitVRLittleEndian;

    [Theory]
    [InlineData("UI", "1.2.3", "312E322E3300")]
    [InlineData("LO", "abc", "61626320")]
    [InlineData("CS", "CT", "4354")]
    [InlineData("UT", "abc", "61626320")]
    public void An_odd_value_is_padded_as_its_representation_asks(string vr, string text, string expected)
    {
        VrExtensions.TryParse(vr, out var parsed);
        var dataset = new DicomDataset();
        dataset.Set(new DicomTag(0x0009, 0x1001), parsed, text);
        Assert.EndsWith(expected, Convert.ToHexString(DatasetWriter.ToArray(dataset, Explicit)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_three_spellings_are_those_of_the_standard()
    {
        var dataset = new DicomDataset();
        dataset.SetInt(Tags.Rows, 513);
        dataset.Set(Tags.PixelData, Vr.OW, new byte[] { 1, 2 });
        Assert.Equal("28001000020000000102" + "E07F1000020000000102", Hex(dataset, TransferSyntax.ImplicitVRLittleEndian));
        Assert.Equal("28001000555302000102" + "E07F10004F570000020000000102", Hex(dataset, Explicit));
        Assert.Equal("00280010555300020201" + "7FE000104F570000000000020201", Hex(dataset, TransferSyntax.ExplicitVRBigEndian));
    }

    [Fact]
    public void Sequences_say_their_length_unless_told_otherwise()
    {
        var item = new DicomDataset();
        item.Set(Tags.ReferencedSOPClassUID, "1.2");
        var dataset = new DicomDataset();
        dataset.SetSequence(Tags.ReferencedImageSequence, item);
        Assert.Equal("0800401153510000" + "14000000" + "FEFF00E0" + "0C000000" + "080050115549" + "0400" + "312E3200",
            Hex(dataset, Explicit));
        Assert.Equal(
            "0800401153510000" + "FFFFFFFF" + "FEFF00E0" + "FFFFFFFF" + "080050115549" + "0400" + "312E3200" + "FEFF0DE000000000"
                + "FEFFDDE000000000",
            Convert.ToHexString(DatasetWriter.ToArray(dataset, Explicit, new DatasetWriterOptions { UndefinedLengths = true })));
    }

    [Fact]
    public void Retired_group_lengths_are_dropped_and_those_of_commands_are_right()
    {
        var dataset = new DicomDataset
        {
            DicomValue.Create(Tags.CommandGroupLength, Vr.UL, new byte[4]),
            DicomValue.Create(new DicomTag(0x0008, 0), Vr.UL, new byte[4]),
        };
        dataset.SetInt(Tags.CommandField, 0x0030);
        dataset.SetInt(Tags.MessageID, 1);
        dataset.Set(Tags.Modality, "CT");
        var written = DatasetReader.Read(DatasetWriter.ToArray(dataset, TransferSyntax.ImplicitVRLittleEndian),
            TransferSyntax.ImplicitVRLittleEndian);
        Assert.Equal(20, written.GetInt32(Tags.CommandGroupLength));
        Assert.False(written.Contains(new DicomTag(0x0008, 0)));
    }

    [Fact]
    public void A_value_too_long_for_a_short_length_is_written_as_unknown_and_read_back_as_it_was()
    {
        var dataset = new DicomDataset();
        var values = Enumerable.Range(0, 20_000).Select(i => i % 60_000).ToArray();
        dataset.SetInts(Tags.RedPaletteColorLookupTableData, Vr.US, Array.ConvertAll(values, v => (long)v));
        dataset.SetInts(new DicomTag(0x0009, 0x1001), Vr.UL, [.. Enumerable.Range(0, 20_000)]);
        foreach (var syntax in new[] { Explicit, TransferSyntax.ExplicitVRBigEndian })
        {
            var bytes = DatasetWriter.ToArray(dataset, syntax);
            var read = DatasetReader.Read(bytes, syntax);
            Assert.Equal(Vr.UN, read.Find(new DicomTag(0x0009, 0x1001))!.Vr);
            // PS3.5 6.2.2: the bytes of UN are little endian in any syntax.
            Assert.Equal(dataset.GetBytes(new DicomTag(0x0009, 0x1001)).ToArray(), read.GetBytes(new DicomTag(0x0009, 0x1001)).ToArray());
            Assert.Equal(dataset.GetInt64s(Tags.RedPaletteColorLookupTableData), read.GetInt64s(Tags.RedPaletteColorLookupTableData));
        }
    }

    [Fact]
    public void Text_is_encoded_in_the_character_set_of_its_dataset_when_it_is_written()
    {
        var item = new DicomDataset();
        item.Set(Tags.PatientName, "Ä");
        var dataset = new DicomDataset();
        dataset.Set(Tags.PatientName, "Müller^Jörg");
        dataset.SetSequence(Tags.OtherPatientIDsSequence, item);
        dataset.SetCharacterSet("ISO_IR 192");
        var read = DatasetReader.Read(DatasetWriter.ToArray(dataset, Explicit), Explicit);
        Assert.Equal("Müller^Jörg", read.GetString(Tags.PatientName));
        Assert.Equal("Ä", read.GetItems(Tags.OtherPatientIDsSequence)[0].GetString(Tags.PatientName));
        Assert.Equal("4DC3BC6C6C65725E4AC3B67267", Convert.ToHexString(read.GetBytes(Tags.PatientName).Span)[..26]);
    }

    [Fact]
    public void Text_that_its_character_set_lacks_is_refused_and_not_replaced()
    {
        var dataset = new DicomDataset();
        dataset.Set(Tags.PatientName, "山田");
        var error = Assert.Throws<InvalidOperationException>(() => DatasetWriter.ToArray(dataset, Explicit));
        Assert.Contains("(0010,0010)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encapsulated_pixels_are_not_written_into_a_syntax_without_them()
    {
        var dataset = new DicomDataset { new DicomFragments(Tags.PixelData, Vr.OB, default, [new DicomBytes(new byte[2])]) };
        var output = new ArrayBufferWriter<byte>();
        Assert.Throws<InvalidOperationException>(() => DatasetWriter.Write(dataset, Explicit, output));
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void An_odd_fragment_is_padded_and_a_table_that_no_longer_fits_is_left_out()
    {
        var syntax = TransferSyntax.Find(Uids.RLELossless);
        DicomFragments Pixels(int length) => new(Tags.PixelData, Vr.OB, new DicomBytes(new byte[8]),
            [new DicomBytes(new byte[length]), new DicomBytes(new byte[2])]);
        var even = (DicomFragments)DatasetReader.Read(DatasetWriter.ToArray([Pixels(4)], syntax), syntax).Find(Tags.PixelData)!;
        var odd = (DicomFragments)DatasetReader.Read(DatasetWriter.ToArray([Pixels(3)], syntax), syntax).Find(Tags.PixelData)!;
        Assert.Equal((8L, 4L), (even.OffsetTable.Length, even.Fragments[0].Length));
        Assert.Equal((0L, 4L), (odd.OffsetTable.Length, odd.Fragments[0].Length));
    }

    [Fact]
    public void A_dataset_that_holds_itself_is_refused()
    {
        var dataset = new DicomDataset();
        dataset.SetSequence(Tags.ReferencedStudySequence, dataset);
        Assert.Throws<InvalidOperationException>(() => DatasetWriter.ToArray(dataset, Explicit));
    }

    [Fact]
    public async Task Writing_into_a_stream_gives_the_same_bytes()
    {
        var dataset = new DicomDataset();
        dataset.Set(Tags.PatientName, "Doe^John");
        dataset.Set(Tags.PixelData, Vr.OW, Enumerable.Range(0, 200_001).Select(i => (byte)i).ToArray());
        foreach (var uid in ReadPrefixTests.Syntaxes.Select(row => row.Data))
        {
            using var stream = new MemoryStream();
            await DatasetWriter.WriteAsync(dataset, TransferSyntax.Find(uid), stream, TestContext.Current.CancellationToken);
            Assert.Equal(0, stream.Length % 2);
            var expected = DatasetReader.Read(DatasetWriter.ToArray(dataset, TransferSyntax.Find(uid)), TransferSyntax.Find(uid));
            Assert.Equal(Datasets.Describe(expected), Datasets.Describe(DatasetReader.Read(stream.ToArray(), TransferSyntax.Find(uid))));
        }
    }

    private static string Hex(DicomDataset dataset, TransferSyntax syntax) => Convert.ToHexString(DatasetWriter.ToArray(dataset, syntax));
}
