using System.IO.Compression;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;
using DicomPS.Serialization;
using DicomPS.Text;

namespace DicomPS.Engine.Tests.Serialization;

public class DatasetReaderTests
{
    private static readonly TransferSyntax Implicit = TransferSyntax.ImplicitVRLittleEndian;
    private static readonly TransferSyntax Explicit = TransferSyntax.ExplicitVRLittleEndian;
    private static readonly TransferSyntax BigEndian = TransferSyntax.ExplicitVRBigEndian;

    [Fact]
    public void The_three_spellings_of_an_element_mean_the_same()
    {
        Assert.Equal("CT", Read("0800 6000 02000000 4354", Implicit).GetString(Tags.Modality));
        Assert.Equal("CT", Read("0800 6000 4353 0200 4354", Explicit).GetString(Tags.Modality));
        Assert.Equal("CT", Read("0008 0060 4353 0002 4354", BigEndian).GetString(Tags.Modality));
        Assert.Equal(513, Read("0028 0010 5553 0002 0201", BigEndian).GetInt32(Tags.Rows));
    }

    [Fact]
    public void Nested_sequences_are_read_with_and_without_lengths()
    {
        const string Inner = "0800 5011 5549 0400 312E3200";
        var defined = Read($"0800 4011 5351 0000 14000000 FEFF 00E0 0C000000 {Inner}", Explicit);
        var undefined = Read($"0800 4011 5351 0000 FFFFFFFF FEFF 00E0 FFFFFFFF {Inner} FEFF 0DE0 00000000 FEFF DDE0 00000000", Explicit);
        Assert.Equal("1.2", defined.GetItems(Tags.ReferencedImageSequence)[0].GetString(Tags.ReferencedSOPClassUID));
        Assert.Equal(Datasets.Describe(defined), Datasets.Describe(undefined));
    }

    [Fact]
    public void A_sequence_in_an_unknown_element_is_implicit_little_endian_in_any_syntax()
    {
        // PS3.5 6.2.2: UN of undefined length.
        const string Item = "FEFF 00E0 FFFFFFFF 1000 2000 04000000 31323334 FEFF 0DE0 00000000 FEFF DDE0 00000000";
        var little = Read($"2900 1010 554E 0000 FFFFFFFF {Item} 3000 1000 4353 0200 4354", Explicit);
        var big = Read($"0029 1010 554E 0000 FFFFFFFF {Item} 0030 0010 4353 0002 4354", BigEndian);
        foreach (var dataset in new[] { little, big })
        {
            Assert.Equal("1234", dataset.GetItems(new DicomTag(0x0029, 0x1010))[0].GetString(Tags.PatientID));
            Assert.True(dataset.Contains(new DicomTag(0x0030, 0x0010)));
        }
    }

    [Fact]
    public void Explicit_items_inside_an_unknown_sequence_are_read_too()
    {
        var dataset =
            Read("2900 1010 554E 0000 FFFFFFFF FEFF 00E0 FFFFFFFF 1000 2000 4C4F 0400 31323334 FEFF 0DE0 00000000 FEFF DDE0 00000000",
                Explicit);
        Assert.Equal("1234", dataset.GetItems(new DicomTag(0x0029, 0x1010))[0].GetString(Tags.PatientID));
    }

    [Fact]
    public void An_unknown_element_that_the_standard_knows_gets_its_representation_back()
    {
        var little = Read("2800 1000 554E 0000 02000000 0002", Explicit);
        var big = Read("0028 0010 554E 0000 00000002 0002", BigEndian);
        Assert.Equal((Vr.US, 512), (little.Find(Tags.Rows)!.Vr, little.GetInt32(Tags.Rows)));
        Assert.Equal((Vr.US, 512), (big.Find(Tags.Rows)!.Vr, big.GetInt32(Tags.Rows)));
        Assert.Equal(Vr.UN, Read("2800 1000 554E 0000 03000000 000200", Explicit).Find(Tags.Rows)!.Vr);
    }

    [Fact]
    public void Encapsulated_pixels_are_a_table_and_fragments()
    {
        var dataset =
            Read("E07F 1000 4F42 0000 FFFFFFFF FEFF 00E0 04000000 00000000 FEFF 00E0 02000000 AABB FEFF 00E0 00000000 FEFF DDE0 00000000",
            TransferSyntax.Find(Uids.JPEG2000Lossless));
        var pixels = Assert.IsType<DicomFragments>(dataset.Find(Tags.PixelData));
        Assert.Equal(4, pixels.OffsetTable.Length);
        Assert.Equal([2L, 0L], pixels.Fragments.Select(fragment => fragment.Length));
    }

    [Theory]
    [InlineData("US", "0000", Vr.US)]
    [InlineData("SS", "0100", Vr.SS)]
    public void Pixel_representation_decides_between_signed_and_unsigned(string expected, string representation, Vr vr)
    {
        var dataset = Read($"2800 0301 02000000 {representation} 2800 0601 02000000 FFFF", Implicit);
        Assert.Equal((expected, vr), (dataset.Find(Tags.SmallestImagePixelValue)!.Vr.ToString(),
            dataset.Find(Tags.SmallestImagePixelValue)!.Vr));
        var inItem =
            Read($"2800 0301 02000000 {representation} 2800 1030 12000000 FEFF 00E0 0A000000 2800 0230 02000000 FFFF".Replace("2800 1030",
                "2800 0030", StringComparison.Ordinal), Implicit);
        Assert.Equal(vr, inItem.GetItems(Tags.ModalityLUTSequence)[0].Find(Tags.LUTDescriptor)!.Vr);
    }

    [Theory]
    [InlineData("0800 0500 0A000000 49534F5F495220313030", "explicit claimed, implicit found")]
    [InlineData("0800 0500 4353 0A00 49534F5F495220313030", "as claimed")]
    [InlineData("0008 0005 4353 000A 49534F5F495220313030", "big endian found")]
    public void A_first_element_that_contradicts_the_syntax_is_believed(string hex, string why)
    {
        foreach (var claimed in new[] { Implicit, Explicit, BigEndian })
        {
            var dataset = Read(hex, claimed);
            Assert.True(dataset.GetString(Tags.SpecificCharacterSet) == "ISO_IR 100", $"{why}, {claimed.Name} claimed");
        }
    }

    [Fact]
    public void A_representation_that_nobody_knows_is_stepped_over_in_either_length_form()
    {
        var longForm = Read("0900 0110 5A5A 0000 04000000 41424344 1000 2000 4C4F 0200 3132", Explicit);
        var shortForm = Read("0900 0110 5A5A 0400 41424344 1000 2000 4C4F 0200 3132", Explicit);
        var question = Read("0800 6000 4353 0200 4354 0900 0110 3F3F 0400 41424344 1000 2000 4C4F 0200 3132", Explicit);
        foreach (var dataset in new[] { longForm, shortForm, question })
        {
            Assert.Equal("12", dataset.GetString(Tags.PatientID));
            Assert.Equal((Vr.UN, 4L), (dataset.Find(new DicomTag(0x0009, 0x1001))!.Vr,
                Assert.IsType<DicomValue>(dataset.Find(new DicomTag(0x0009, 0x1001))).Length));
        }
    }

    [Fact]
    public void An_implicit_element_astray_in_an_explicit_dataset_is_read()
    {
        var dataset = Read("0800 6000 4353 0200 4354 1000 2000 02000000 3132 2000 0D00 5549 0400 312E3200", Explicit);
        Assert.Equal(("12", "1.2"), (dataset.GetString(Tags.PatientID), dataset.GetString(Tags.StudyInstanceUID)));
    }

    [Fact]
    public void A_long_form_written_with_a_short_length_is_read()
    {
        var dataset = Read("0800 6000 4353 0200 4354 4000 0800 5554 0400 41424344 4000 0900 5348 0200 3132", Explicit);
        Assert.True(dataset.Contains(new DicomTag(0x0040, 0x0009)));
        Assert.Equal("ABCD", dataset.GetString(new DicomTag(0x0040, 0x0008)));
    }

    [Fact]
    public void Odd_lengths_are_read_as_they_are() =>
        Assert.Equal(("CT1", "12"),
            (Read("0800 6000 4353 0300 435431 1000 2000 4C4F 0200 3132", Explicit) is var d ? d.GetString(Tags.Modality) : null,
                d!.GetString(Tags.PatientID)));

    [Theory]
    [InlineData("00000000 00000000 00000000 00000000")]
    [InlineData("000000")]
    public void Zeros_after_the_last_element_are_padding(string zeros) =>
        Assert.Equal(1, Read("0800 6000 4353 0200 4354" + zeros, Explicit).Count);

    [Theory]
    [InlineData("5441 4720 7468 6973 2069 7320 6D75 7369 63")]
    [InlineData("FFFF FFFF FFFF FFFF FFFF FFFF FFFF")]
    [InlineData("0800 6000 4353 0200 4354")]
    public void What_follows_the_pixels_and_is_no_later_element_is_not_read(string trailing) =>
        Assert.Equal(1, Read("E07F 1000 4F57 0000 02000000 0102" + trailing, Explicit).Count);

    [Fact]
    public void Delimiters_that_are_missing_or_superfluous_do_no_harm()
    {
        const string Element = "0800 5011 5549 0400 312E3200";
        var forgotten =
            Read($"0800 4011 5351 0000 FFFFFFFF FEFF 00E0 FFFFFFFF {Element} FEFF DDE0 00000000 1000 2000 4C4F 0200 3132", Explicit);
        var superfluous =
            Read(
                $"0800 4011 5351 0000 1C000000 FEFF 00E0 0C000000 {Element} FEFF DDE0 00000000 FEFF 0DE0 00000000 1000 2000 4C4F 0200 3132",
                Explicit);
        foreach (var dataset in new[] { forgotten, superfluous })
        {
            Assert.Equal("1.2", dataset.GetItems(Tags.ReferencedImageSequence)[0].GetString(Tags.ReferencedSOPClassUID));
            Assert.Equal("12", dataset.GetString(Tags.PatientID));
        }
    }

    [Fact]
    public void Elements_out_of_order_are_put_in_order()
    {
        var dataset = Read("1000 2000 4C4F 0200 3132 0800 6000 4353 0200 4354 1000 2000 4C4F 0200 3334", Explicit);
        Assert.Equal([Tags.Modality, Tags.PatientID], dataset.Select(element => element.Tag));
        Assert.Equal("34", dataset.GetString(Tags.PatientID));
    }

    [Theory]
    [InlineData("0800 6000 4353 0400 4354", 0, "cut inside a value")]
    [InlineData("0800 6000 4353 0200 4354 1000 20", 10, "cut inside a header")]
    [InlineData("0800 6000 4353 0200 4354 1000 2000 4F42 0000", 10, "cut inside a long header")]
    [InlineData("0800 6000 4353 0200 4354 E07F 1000 4F57 0000 00000080", 10, "2 GiB that are not there")]
    [InlineData("0800 6000 4353 0200 4354 0800 4011 5351 0000 FFFFFFFF FEFF 00E0 FFFFFFFF", 30, "cut inside an item")]
    [InlineData("0800 6000 4353 0200 4354 E07F 1000 4F42 0000 FFFFFFFF FEFF 00E0 00000000", 10, "cut between fragments")]
    public void Data_cut_short_name_the_offset_of_the_element_that_is_not_whole(string hex, long offset, string why)
    {
        var error = Assert.Throws<DicomDataException>(() => Read(hex, Explicit));
        Assert.True(error.Offset == offset && error.Message.Contains($"byte {offset}", StringComparison.Ordinal),
            $"{why}: {error.Message}");
    }

    [Fact]
    public void Data_cut_short_give_what_was_whole_when_that_is_allowed()
    {
        var bytes =
            Datasets.Hex(
                "0800 6000 4353 0200 4354 0800 4011 5351 0000 FFFFFFFF FEFF 00E0 FFFFFFFF "
                + "0800 5011 5549 0400 312E3200 0800 5511 5549 0400");
        var dataset = DatasetReader.Read(bytes, Explicit, new DatasetReaderOptions { AllowTruncated = true });
        Assert.Equal("CT", dataset.GetString(Tags.Modality));
        Assert.Equal("1.2", dataset.GetItems(Tags.ReferencedImageSequence)[0].GetString(Tags.ReferencedSOPClassUID));
    }

    [Theory]
    [InlineData("0800 4011 5351 0000 10000000 FEFF 00E0 80000000 0800 5011 5549 0400 312E3200 1000 2000 4C4F 0200 3132",
        "an item longer than its sequence")]
    [InlineData("0800 4011 5351 0000 14000000 FEFF 00E0 0C000000 0800 5011 5549 4400 312E3200 1000 2000 4C4F 0200 3132",
        "a value longer than its item")]
    [InlineData("0800 4011 5351 0000 0C000000 0800 5011 5549 0400 312E3200", "an element where an item should be")]
    [InlineData("0800 6000 4353 0200 4354 FEFF 00E0 00000000", "an item outside a sequence")]
    [InlineData("0800 6000 4353 0200 4354 4000 0800 5554 0000 FFFFFFFF 4142", "text without a length")]
    [InlineData("E07F 1000 4F42 0000 FFFFFFFF 0800 6000 4353 0200 4354", "an element where a fragment should be")]
    [InlineData("E07F 1000 4F42 0000 FFFFFFFF FEFF 00E0 FFFFFFFF 0000", "a fragment without a length")]
    public void What_cannot_be_understood_is_an_error_with_an_offset(string hex, string why)
    {
        var error = Record.Exception(() => Read(hex, Explicit));
        Assert.True(error is DicomDataException { Offset: > 0 or 0 }, $"{why}: {error}");
    }

    [Fact]
    public void Twenty_thousand_nested_sequences_are_an_error_and_no_stack_overflow()
    {
        var level = Datasets.Hex("0800 4011 5351 0000 FFFFFFFF FEFF 00E0 FFFFFFFF");
        var bytes = Enumerable.Repeat(level, 20_000).SelectMany(b => b).ToArray();
        Assert.Contains("deeper than 100", Assert.Throws<DicomDataException>(() => DatasetReader.Read(bytes, Explicit)).Message,
            StringComparison.Ordinal);
        Assert.Throws<DicomDataException>(() => DatasetReader.Read(bytes, Explicit, new DatasetReaderOptions { MaxDepth = 1000 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DatasetReaderOptions { MaxDepth = 1_000_000 });
    }

    [Fact]
    public void Declared_lengths_allocate_nothing_that_the_input_does_not_have()
    {
        var inputs = new[]
        {
            Datasets.Hex("0800 6000 4353 0200 4354 E07F 1000 4F57 0000 FEFFFF7F 0102"),
            Datasets.Hex("0800 6000 4353 0200 4354 E07F 1000 4F42 0000 FFFFFFFF FEFF 00E0 00000000 FEFF 00E0 FEFFFF7F"),
        };
        using var deflated = new MemoryStream();
        using (var deflating = new DeflateStream(deflated, CompressionLevel.Optimal, leaveOpen: true))
            deflating.Write(inputs[0]);

        Allocates(() => DatasetReader.Read(inputs[0], Explicit), 100_000);
        Allocates(() => DatasetReader.Read(inputs[1], Explicit), 100_000);
        Allocates(() => DatasetReader.Read(deflated.ToArray(), TransferSyntax.DeflatedExplicitVRLittleEndian), 400_000);

        static void Allocates(Action read, long most)
        {
            Assert.Throws<DicomDataException>(read);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<DicomDataException>(read);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, most);
        }
    }

    [Fact]
    public void A_deflated_dataset_that_inflates_beyond_the_limit_is_an_error()
    {
        var dataset = new DicomDataset();
        dataset.Set(Tags.PixelData, Vr.OW, new byte[10_000_000]);
        var bytes = DatasetWriter.ToArray(dataset, TransferSyntax.DeflatedExplicitVRLittleEndian);
        Assert.InRange(bytes.Length, 1, 50_000);
        var error = Assert.Throws<DicomDataException>(() =>
            DatasetReader.Read(bytes, TransferSyntax.DeflatedExplicitVRLittleEndian,
                new DatasetReaderOptions { MaxInflatedLength = 1_000_000 }));
        Assert.Contains("1000000", error.Message, StringComparison.Ordinal);
        Assert.Equal(10_000_000, DatasetReader.Read(bytes, TransferSyntax.DeflatedExplicitVRLittleEndian).GetBytes(Tags.PixelData).Length);
    }

    [Fact]
    public void A_deflated_dataset_that_is_none_is_an_error_of_the_data()
    {
        Runtime.SkipOnMono("its DeflateStream throws IOException where .NET throws InvalidDataException.");
        Assert.Throws<DicomDataException>(
            () => DatasetReader.Read(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3 }, TransferSyntax.DeflatedExplicitVRLittleEndian));
    }

    [Fact]
    public void Reading_stops_before_a_tag()
    {
        var options = new DatasetReaderOptions { StopAt = Tags.PatientID };
        var dataset = DatasetReader.Read(Datasets.Hex("0800 6000 4353 0200 4354 1000 2000 4C4F FFFF"), Explicit, options);
        Assert.Equal([Tags.Modality], dataset.Select(element => element.Tag));
    }

    [Fact]
    public void Texts_are_read_in_the_character_set_that_the_dataset_names()
    {
        var dataset = Read("0800 0500 4353 0A00 49534F5F495220313932 1000 1000 504E 0600 C384C396C39C", Explicit);
        Assert.Equal("ÄÖÜ", dataset.GetString(Tags.PatientName));
        Assert.IsType<SpecificCharacterSet>(dataset.Text);
    }

    [Fact]
    public void The_fallback_character_set_holds_where_none_is_named()
    {
        var bytes = Datasets.Hex("1000 1000 504E 0200 C384");
        var options = new DatasetReaderOptions { FallbackText = SpecificCharacterSet.Latin };
        Assert.Equal("Ã\u0084", DatasetReader.Read(bytes, Explicit, options).GetString(Tags.PatientName));
        Assert.Equal("Ä", DatasetReader.Read(bytes, Explicit).GetString(Tags.PatientName));
    }

    [Fact]
    public void An_empty_input_is_an_empty_dataset() => Assert.Equal(0, Read("", Explicit).Count);

    private static DicomDataset Read(string hex, TransferSyntax syntax) => DatasetReader.Read(Datasets.Hex(hex), syntax);
}
