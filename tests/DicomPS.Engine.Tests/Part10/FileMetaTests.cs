using System.Buffers.Binary;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Engine.Tests.Part10;

public class FileMetaTests
{
    [Fact]
    public void A_file_begins_with_a_preamble_and_DICM_and_a_group_that_says_its_length()
    {
        var bytes = Sample.ToArray();
        Assert.All(bytes[..128], b => Assert.Equal(0, b));
        Assert.Equal("DICM"u8.ToArray(), bytes[128..132]);
        Assert.Equal(Datasets.Hex("0200 0000 554C 0400"), bytes[132..140]);
        Assert.Equal((uint)(bytes.Length - 144), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(140)));
        Assert.Equal(Datasets.Hex("0200 0100 4F42 0000 02000000 0001"), bytes[144..158]);
    }

    [Fact]
    public void Meta_information_is_read_back_as_it_was_written()
    {
        using var source = new MemorySource(Sample.ToArray());
        var (meta, syntax) = FileStart.Read(source);
        Assert.Equal(Sample, meta);
        Assert.Same(TransferSyntax.ExplicitVRBigEndian, syntax);
        Assert.Equal(source.End, source.Position);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(100_000)]
    public void A_wrong_group_length_is_not_believed(int wrong)
    {
        var bytes = Sample.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(140), wrong);
        using var source = new MemorySource(bytes);
        Assert.Equal(Sample, FileStart.Read(source).Meta);
    }

    [Fact]
    public void A_deflated_dataset_that_begins_like_group_2_is_not_taken_for_meta_information()
    {
        var meta = Sample with { TransferSyntaxUid = Uids.DeflatedExplicitVRLittleEndian };
        byte[] bytes = [.. meta.ToArray(), 0x02, 0x00, 0x34, 0x12, 0x56, 0x78, 0x9A, 0xBC, 0xDE, 0xF0, 0, 0, 0, 0];
        using var source = new MemorySource(bytes);
        FileStart.Read(source);
        Assert.Equal(bytes.Length - 14, source.Position);
    }

    [Fact]
    public void New_meta_information_names_the_instance_and_this_implementation()
    {
        var dataset = new DicomDataset();
        dataset.Set(Tags.SOPClassUID, Uids.CTImageStorage);
        dataset.Set(Tags.SOPInstanceUID, "1.2.3");
        var meta = FileMeta.For(dataset, TransferSyntax.ImplicitVRLittleEndian);
        Assert.Equal(
            (Uids.CTImageStorage, "1.2.3", Uids.ImplicitVRLittleEndian, Uid.ImplementationClassUid, Uid.ImplementationVersionName),
            (meta.MediaStorageSopClassUid, meta.MediaStorageSopInstanceUid, meta.TransferSyntaxUid, meta.ImplementationClassUid,
                meta.ImplementationVersionName));
    }

    private static FileMeta Sample { get; } = new()
    {
        MediaStorageSopClassUid = Uids.CTImageStorage,
        MediaStorageSopInstanceUid = "1.2.3",
        TransferSyntaxUid = Uids.ExplicitVRBigEndian,
        ImplementationClassUid = "1.2.3.4",
        ImplementationVersionName = "V1",
        SourceApplicationEntityTitle = "SOURCE",
        SendingApplicationEntityTitle = "SENDER",
        ReceivingApplicationEntityTitle = "RECEIVER",
    };
}
