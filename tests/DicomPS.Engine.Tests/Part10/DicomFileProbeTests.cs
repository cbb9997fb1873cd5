using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Engine.Tests.Part10;

public class DicomFileProbeTests
{
    [Theory]
    [InlineData(Uids.ImplicitVRLittleEndian, false)]
    [InlineData(Uids.ExplicitVRLittleEndian, false)]
    [InlineData(Uids.ExplicitVRLittleEndian, true)]
    [InlineData(Uids.ExplicitVRBigEndian, true)]
    [InlineData(Uids.DeflatedExplicitVRLittleEndian, false)]
    public void A_probe_says_what_sending_needs(string uid, bool undefinedLengths)
    {
        using var folder = new TemporaryFolder();
        var syntax = TransferSyntax.Find(uid);
        var meta = FileMeta.For(Sample(), syntax).ToArray();
        var bytes = DatasetWriter.ToArray(Sample(), syntax, new DatasetWriterOptions { UndefinedLengths = undefinedLengths });
        var path = folder.Write("x.dcm", meta, bytes);
        var probed = DicomFileProbe.Read(path);
        Assert.Equal((path, Uids.CTImageStorage, "1.2.3", syntax),
            (probed.Path, probed.SopClassUid, probed.SopInstanceUid, probed.TransferSyntax));
        Assert.Equal((meta.Length, bytes.Length), (probed.DatasetOffset, probed.DatasetLength));
        Assert.Equal("1.2.3.5", probed.Header.GetString(Tags.SeriesInstanceUID));
        Assert.False(probed.Header.Contains(Tags.InstanceNumber));
        Assert.True(DicomFileProbe.Read(path, Tags.PixelData).Header.Contains(Tags.InstanceNumber));
    }

    [Theory]
    [InlineData(Uids.ExplicitVRLittleEndian, true)]
    [InlineData(Uids.ExplicitVRLittleEndian, false)]
    [InlineData(Uids.JPEG2000Lossless, false)]
    public void A_file_cut_anywhere_but_between_two_elements_is_refused(string uid, bool undefinedLengths)
    {
        using var folder = new TemporaryFolder();
        var syntax = TransferSyntax.Find(uid);
        var dataset = Sample();
        if (syntax.IsEncapsulated)
            dataset.Add(new DicomFragments(Tags.PixelData, Vr.OB, default, [new DicomBytes(new byte[100]), new DicomBytes(new byte[20])]));

        var options = new DatasetWriterOptions { UndefinedLengths = undefinedLengths };
        byte[] bytes = [.. FileMeta.For(dataset, syntax).ToArray(), .. DatasetWriter.ToArray(dataset, syntax, options)];
        var boundaries = Boundaries(dataset, syntax, options, bytes.Length);
        var accepted = new List<int>();
        for (var length = 0; length <= bytes.Length; length += length < boundaries[0] - 20 ? 17 : 1)
        {
            var path = folder.Write("cut.dcm", bytes[..length]);
            var error = Record.Exception(() => DicomFileProbe.Read(path));
            Assert.True(error is null or DicomDataException { Path: not null }, $"{length} of {bytes.Length} bytes: {error}");
            if (error is null)
                accepted.Add(length);
        }

        Assert.Equal(boundaries, accepted.Where(length => length > boundaries[0] - 1));
        Assert.Contains(bytes.Length, accepted);
    }

    [Fact]
    public void Identifiers_come_from_the_dataset_and_from_the_meta_information_only_when_it_has_none()
    {
        using var folder = new TemporaryFolder();
        var meta = new FileMeta
        {
            MediaStorageSopClassUid = "1.1", MediaStorageSopInstanceUid = "1.2",
            TransferSyntaxUid = Uids.ExplicitVRLittleEndian
        }.ToArray();
        var both =
            DicomFileProbe.Read(folder.Write("both.dcm", meta, DatasetWriter.ToArray(Sample(), TransferSyntax.ExplicitVRLittleEndian)));
        Assert.Equal((Uids.CTImageStorage, "1.2.3"), (both.SopClassUid, both.SopInstanceUid));
        var bare = new DicomDataset();
        bare.Set(Tags.PatientID, "1");
        var metaOnly =
            DicomFileProbe.Read(folder.Write("meta.dcm", meta, DatasetWriter.ToArray(bare, TransferSyntax.ExplicitVRLittleEndian)));
        Assert.Equal(("1.1", "1.2"), (metaOnly.SopClassUid, metaOnly.SopInstanceUid));
        var neither = folder.Write("neither.dcm", new FileMeta { TransferSyntaxUid = Uids.ExplicitVRLittleEndian }.ToArray(),
            DatasetWriter.ToArray(bare, TransferSyntax.ExplicitVRLittleEndian));
        Assert.Contains("SOPClassUID", Assert.Throws<DicomDataException>(() => DicomFileProbe.Read(neither)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_appended_to_the_file_is_not_part_of_the_dataset()
    {
        using var folder = new TemporaryFolder();
        var meta = FileMeta.For(Sample(), TransferSyntax.ExplicitVRLittleEndian).ToArray();
        var bytes = DatasetWriter.ToArray(Sample(), TransferSyntax.ExplicitVRLittleEndian);
        Assert.Equal(bytes.Length, DicomFileProbe.Read(folder.Write("zeros.dcm", meta, bytes, new byte[512])).DatasetLength);
        Assert.Equal(bytes.Length, DicomFileProbe.Read(folder.Write("text.dcm", meta, bytes, "TAG some title"u8.ToArray())).DatasetLength);
    }

    [Fact]
    public void A_compressed_file_whose_dataset_is_implicit_is_refused_with_advice()
    {
        using var folder = new TemporaryFolder();
        var meta = FileMeta.For(Sample(), TransferSyntax.Find(Uids.JPEGBaseline8Bit)).ToArray();
        var path = folder.Write("x.dcm", meta, DatasetWriter.ToArray(Sample(), TransferSyntax.ImplicitVRLittleEndian));
        Assert.NotNull(Assert.Throws<DicomDataException>(() => DicomFileProbe.Read(path)).Advice);
    }

    [Fact]
    public void Deep_nesting_is_an_error_and_no_stack_overflow()
    {
        using var folder = new TemporaryFolder();
        var level = Datasets.Hex("4000 30A7 5351 0000 FFFFFFFF FEFF 00E0 FFFFFFFF");
        var bytes = Enumerable.Repeat(level, 20_000).SelectMany(b => b).ToArray();
        var path = folder.Write("deep.dcm", FileMeta.For(Sample(), TransferSyntax.ExplicitVRLittleEndian).ToArray(), bytes);
        Assert.Contains("deeper", Assert.Throws<DicomDataException>(() => DicomFileProbe.Read(path)).Message, StringComparison.Ordinal);
    }

    /// <summary>Lengths at which the file ends with a whole element, from the one with the identifiers on.</summary>
    private static List<int> Boundaries(DicomDataset dataset, TransferSyntax syntax, DatasetWriterOptions options, int whole)
    {
        var boundaries = new List<int> { whole };
        var kept = new DicomDataset(dataset);
        foreach (var element in dataset.Reverse())
        {
            kept.Remove(element.Tag);
            boundaries.Add(whole - DatasetWriter.ToArray(dataset, syntax, options).Length
                + DatasetWriter.ToArray(kept, syntax, options).Length);
        }

        boundaries.Reverse();
        return boundaries;
    }

    private static DicomDataset Sample()
    {
        var inner = new DicomDataset();
        inner.Set(Tags.CodeValue, "1");
        var item = new DicomDataset();
        item.Set(Tags.ReferencedSOPClassUID, "1.2");
        item.SetSequence(Tags.PurposeOfReferenceCodeSequence, inner);
        var dataset = new DicomDataset();
        dataset.Set(Tags.SOPClassUID, Uids.CTImageStorage);
        dataset.Set(Tags.SOPInstanceUID, "1.2.3");
        dataset.SetSequence(Tags.ReferencedImageSequence, item, new DicomDataset());
        dataset.Set(Tags.StudyInstanceUID, "1.2.3.4");
        dataset.Set(Tags.SeriesInstanceUID, "1.2.3.5");
        dataset.Set(Tags.InstanceNumber, "1");
        dataset.SetSequence(Tags.SourceImageSequence, item);
        dataset.Set(Tags.PixelData, Vr.OW, Enumerable.Range(1, 100).Select(i => (byte)i).ToArray());
        return dataset;
    }
}
