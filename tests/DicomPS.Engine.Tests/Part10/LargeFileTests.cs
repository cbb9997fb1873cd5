using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Engine.Tests.Part10;

[Collection(nameof(Alone))]
public class LargeFileTests
{
    [Fact]
    public async Task Opening_a_large_file_takes_little_memory()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "large.dcm");
        var dataset = new DicomDataset();
        dataset.Set(Tags.SOPClassUID, Uids.CTImageStorage);
        dataset.Set(Tags.SOPInstanceUID, "1.2.3");
        using (var file = File.Create(path))
        {
            file.Write(FileMeta.For(dataset, TransferSyntax.ExplicitVRLittleEndian).ToArray());
            file.Write(DatasetWriter.ToArray(dataset, TransferSyntax.ExplicitVRLittleEndian));
            file.Write(Datasets.Hex("E07F 1000 4F57 0000 00000004"));
            file.SetLength(file.Position + 0x04000000);
        }

        var before = GC.GetTotalAllocatedBytes(precise: true);
        var opened = await DicomFile.OpenAsync(path, null, TestContext.Current.CancellationToken);
        DicomFileProbe.Read(path);
        using var counting = new CountingStream(Stream.Null);
        await DatasetWriter.WriteAsync(opened.Dataset, TransferSyntax.ExplicitVRBigEndian, counting, TestContext.Current.CancellationToken);
        Assert.True(counting.Count > 0x04000000);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 20_000_000);
    }
}
