using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;
using DicomPS.Serialization;

namespace DicomPS.Engine.Tests.Serialization;

public class ReadPrefixTests
{
    private static readonly DicomTag Stop = new(0x0020, 0x000F);

    public static TheoryData<string> Syntaxes =>
        [Uids.ImplicitVRLittleEndian, Uids.ExplicitVRLittleEndian, Uids.ExplicitVRBigEndian, Uids.DeflatedExplicitVRLittleEndian];

    [Theory]
    [MemberData(nameof(Syntaxes))]
    public void Each_further_byte_adds_elements_until_the_tag_is_reached(string uid)
    {
        var syntax = TransferSyntax.Find(uid);
        var bytes = DatasetWriter.ToArray(Sample(), syntax, new DatasetWriterOptions { UndefinedLengths = true });
        var count = 0;
        var reached = false;
        for (var length = 0; length <= bytes.Length; length++)
        {
            var result = DatasetReader.ReadPrefix(bytes.AsMemory(0, length), syntax, Stop);
            Assert.True(result.Dataset.Count >= count, $"{length} bytes give {result.Dataset.Count} elements, fewer than {count}");
            Assert.True(result.ReachedStop || !reached);
            (count, reached) = (result.Dataset.Count, result.ReachedStop);
        }

        Assert.Equal((6, true), (count, reached));
    }

    [Fact]
    public void What_is_kept_is_a_copy_because_the_buffer_is_used_again()
    {
        var buffer = DatasetWriter.ToArray(Sample(), TransferSyntax.ExplicitVRLittleEndian);
        var result = DatasetReader.ReadPrefix(buffer, TransferSyntax.ExplicitVRLittleEndian, Stop);
        Array.Fill(buffer, (byte)'?');
        Assert.Equal("1.2.3", result.Dataset.GetString(Tags.SeriesInstanceUID));
        Assert.Equal("1.2", result.Dataset.GetItems(Tags.ReferencedStudySequence)[0].GetString(Tags.ReferencedSOPClassUID));
    }

    [Fact]
    public void A_value_longer_than_the_prefix_waits_for_more()
    {
        var prefix = Datasets.Hex("0800 6000 4353 0200 4354 0900 0110 4F42 0000 00000010 01020304");
        var result = DatasetReader.ReadPrefix(prefix, TransferSyntax.ExplicitVRLittleEndian, Stop);
        Assert.Equal((1, false), (result.Dataset.Count, result.ReachedStop));
    }

    [Fact]
    public void Garbage_is_an_error_whatever_might_follow()
    {
        var garbage = Datasets.Hex("0800 6000 4353 0200 4354 FEFF 00E0 10000000 0000");
        Assert.Throws<DicomDataException>(() => DatasetReader.ReadPrefix(garbage, TransferSyntax.ExplicitVRLittleEndian, Stop));
    }

    private static DicomDataset Sample()
    {
        var item = new DicomDataset();
        item.Set(Tags.ReferencedSOPClassUID, "1.2");
        var dataset = new DicomDataset();
        dataset.Set(Tags.SpecificCharacterSet, "ISO_IR 192");
        dataset.Set(Tags.SOPInstanceUID, "1.2.3.4");
        dataset.SetSequence(Tags.ReferencedStudySequence, item, new DicomDataset());
        dataset.Set(Tags.PatientID, "1");
        dataset.Set(Tags.StudyInstanceUID, "1.2");
        dataset.Set(Tags.SeriesInstanceUID, "1.2.3");
        dataset.Set(Tags.InstanceNumber, "1");
        dataset.Set(Tags.PixelData, Vr.OW, new byte[500]);
        return dataset;
    }
}
