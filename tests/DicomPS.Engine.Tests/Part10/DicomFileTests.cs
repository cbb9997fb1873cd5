using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Engine.Tests.Part10;

public class DicomFileTests
{
    private const int PixelBytes = 300_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_large_value_stays_in_the_file_and_can_be_read_from_there()
    {
        using var folder = new TemporaryFolder();
        var path = await SaveSample(folder, TransferSyntax.ExplicitVRLittleEndian);
        var pixels = (DicomValue)(await DicomFile.OpenAsync(path, null, Token)).Dataset.Find(Tags.PixelData)!;
        Assert.False(pixels.IsInMemory);
        Assert.Equal((PixelBytes, path), (pixels.Length, pixels.Range!.Path));
        Assert.Contains("OpenRead", Assert.Throws<InvalidOperationException>(() => pixels.Bytes).Message, StringComparison.Ordinal);
        using var stream = pixels.OpenRead();
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Token);
        Assert.Equal(Pixels(), copy.ToArray());
    }

    [Theory]
    [InlineData(Uids.ImplicitVRLittleEndian)]
    [InlineData(Uids.ExplicitVRLittleEndian)]
    [InlineData(Uids.ExplicitVRBigEndian)]
    [InlineData(Uids.DeflatedExplicitVRLittleEndian)]
    public async Task A_file_rewritten_in_each_uncompressed_syntax_holds_the_same(string uid)
    {
        using var folder = new TemporaryFolder();
        var first = await DicomFile.OpenAsync(await SaveSample(folder, TransferSyntax.ExplicitVRBigEndian), null, Token);
        var path = Path.Combine(folder.Path, "second.dcm");
        await new DicomFile(first.Dataset, TransferSyntax.Find(uid)).SaveAsync(path, Token);
        var second = await DicomFile.OpenAsync(path, null, Token);
        Assert.Equal((uid, uid), (second.TransferSyntax.Uid, second.Meta.TransferSyntaxUid));
        Assert.Equal(Datasets.Describe(Sample()), Datasets.Describe(second.Dataset));
    }

    [Fact]
    public async Task Saving_leaves_nothing_but_the_file()
    {
        using var folder = new TemporaryFolder();
        var path = await SaveSample(folder, TransferSyntax.ExplicitVRLittleEndian);
        await SaveSample(folder, TransferSyntax.ImplicitVRLittleEndian);
        Assert.Equal([path], Directory.GetFiles(folder.Path));
        Assert.Same(TransferSyntax.ImplicitVRLittleEndian, (await DicomFile.OpenAsync(path, null, Token)).TransferSyntax);
    }

    [Fact]
    public async Task A_file_that_cannot_be_saved_leaves_the_old_one_alone()
    {
        using var folder = new TemporaryFolder();
        var path = await SaveSample(folder, TransferSyntax.ExplicitVRLittleEndian);
        var before = File.ReadAllBytes(path);
        var broken = new DicomDataset();
        broken.Set(Tags.PatientName, "山田");
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => new DicomFile(broken, TransferSyntax.ExplicitVRLittleEndian).SaveAsync(path, Token));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
        Assert.Equal(before, File.ReadAllBytes(path));
    }

    [Fact]
    public async Task A_value_left_in_a_file_that_has_changed_is_an_error_and_not_other_bytes()
    {
        using var folder = new TemporaryFolder();
        var path = await SaveSample(folder, TransferSyntax.ExplicitVRLittleEndian);
        var file = await DicomFile.OpenAsync(path, null, Token);
        using (var stream = File.Open(path, FileMode.Append))
            stream.WriteByte(0);

        var error = await Assert.ThrowsAsync<DicomDataException>(() => file.SaveAsync(Path.Combine(folder.Path, "copy.dcm"), Token));
        Assert.Contains("changed", error.Message, StringComparison.Ordinal);
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task A_file_cut_short_names_the_offset()
    {
        using var folder = new TemporaryFolder();
        var path = await SaveSample(folder, TransferSyntax.ExplicitVRLittleEndian);
        var bytes = File.ReadAllBytes(path);
        var cut = folder.Write("cut.dcm", bytes[..^1]);
        var pixels = ((DicomValue)(await DicomFile.OpenAsync(path, null, Token)).Dataset.Find(Tags.PixelData)!).Range!.Offset - 12;
        var error = await Assert.ThrowsAsync<DicomDataException>(() => DicomFile.OpenAsync(cut, null, Token));
        Assert.Equal((pixels, cut, DicomStage.File), (error.Offset, error.Path, error.Stage));
        var partial = await DicomFile.OpenAsync(cut, new DatasetReaderOptions { AllowTruncated = true }, Token);
        Assert.True(partial.IsTruncated);
        Assert.Equal("Doe^John", partial.Dataset.GetString(Tags.PatientName));
        Assert.False(partial.Dataset.Contains(Tags.PixelData));
    }

    [Theory]
    [InlineData("no preamble")]
    [InlineData("no preamble and no prefix")]
    [InlineData("no meta information")]
    [InlineData("no meta information but the prefix")]
    [InlineData("a preamble and no prefix")]
    public async Task What_is_missing_before_the_dataset_is_put_up_with(string missing)
    {
        using var folder = new TemporaryFolder();
        var meta = FileMeta.For(Sample(), TransferSyntax.ExplicitVRLittleEndian).ToArray();
        var start = missing switch
        {
            "no preamble" => meta[128..],
            "no preamble and no prefix" => meta[132..],
            "no meta information but the prefix" => meta[..132],
            "a preamble and no prefix" => [.. meta[..128], .. meta[132..]],
            _ => [],
        };
        foreach (var syntax in new[] { TransferSyntax.ExplicitVRLittleEndian, TransferSyntax.ImplicitVRLittleEndian,
            TransferSyntax.ExplicitVRBigEndian })
        {
            var path = folder.Write($"{syntax.Uid}.dcm", start, DatasetWriter.ToArray(Sample(), syntax));
            var file = await DicomFile.OpenAsync(path, null, Token);
            Assert.Same(syntax, file.TransferSyntax);
            Assert.Equal(Datasets.Describe(Sample()), Datasets.Describe(file.Dataset));
            Assert.Same(syntax, DicomFileProbe.Read(path).TransferSyntax);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("GIF89a and then some")]
    [InlineData("<html><body>Not found</body></html>")]
    public async Task What_is_no_DICOM_file_is_said_to_be_none(string content)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("x", System.Text.Encoding.ASCII.GetBytes(content));
        var error = await Assert.ThrowsAsync<DicomDataException>(() => DicomFile.OpenAsync(path, null, Token));
        Assert.StartsWith("This is no DICOM file", error.Message, StringComparison.Ordinal);
        Assert.Throws<DicomDataException>(() => DicomFileProbe.Read(path));
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_the_usual_exception() =>
        await Assert.ThrowsAsync<FileNotFoundException>(() => DicomFile.OpenAsync("/nowhere.dcm", null, Token));

    private static byte[] Pixels() => [.. Enumerable.Range(0, PixelBytes).Select(i => (byte)(i * 7))];

    private static DicomDataset Sample()
    {
        var item = new DicomDataset();
        item.Set(Tags.ReferencedSOPClassUID, "1.2");
        item.SetInt(Tags.ReferencedFrameNumber, 1, 2, 3);
        var dataset = new DicomDataset();
        dataset.Set(Tags.SOPClassUID, Uids.CTImageStorage);
        dataset.Set(Tags.SOPInstanceUID, "1.2.3");
        dataset.SetSequence(Tags.ReferencedImageSequence, item, new DicomDataset());
        dataset.Set(Tags.PatientName, "Doe^John");
        dataset.SetInt(Tags.Rows, 512);
        dataset.SetInts(Tags.FrameIncrementPointer, Vr.AT, 0x00181063);
        dataset.SetDoubles(Tags.RealWorldValueSlope, Vr.FD, 1.5);
        dataset.Set(Tags.PixelData, Vr.OW, Pixels());
        return dataset;
    }

    private static async Task<string> SaveSample(TemporaryFolder folder, TransferSyntax syntax)
    {
        var path = Path.Combine(folder.Path, "sample.dcm");
        await new DicomFile(Sample(), syntax).SaveAsync(path, Token);
        return path;
    }
}
