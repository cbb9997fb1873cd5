using System.Diagnostics;
using System.IO.Compression;
using DicomPS.Compatibility;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Engine.Tests.Part10;

/// <summary>Files that are met and that no standard describes: meta information without VRs, pipes, bombs.</summary>
public sealed class StrangeFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true, true, 0)]
    [InlineData(true, false, 0)]
    [InlineData(false, true, 0)]
    [InlineData(true, true, -30)]
    [InlineData(true, true, 30)]
    public void Meta_information_in_implicit_VR_is_read(bool hasPreamble, bool hasLength, int wrongBy)
    {
        var group = new DicomDataset();
        group.Set(Tags.MediaStorageSOPClassUID, Uids.CTImageStorage);
        group.Set(Tags.MediaStorageSOPInstanceUID, "1.2.3.4");
        group.Set(Tags.TransferSyntaxUID, Uids.ExplicitVRLittleEndian);
        group.Set(Tags.ImplementationClassUID, "1.2.3.4.5");
        var meta = DatasetWriter.ToArray(group, TransferSyntax.ImplicitVRLittleEndian);
        byte[] length = hasLength ? [2, 0, 0, 0, 4, 0, 0, 0, .. BitConverter.GetBytes(meta.Length + wrongBy)] : [];
        byte[] start = hasPreamble ? [.. new byte[128], .. "DICM"u8.ToArray()] : [];
        var path = _folder.NewPath(".dcm");
        File.WriteAllBytes(path, [.. start, .. length, .. meta,
            .. DatasetWriter.ToArray(Instances.Dataset(instance: "1.2.3.4"), TransferSyntax.ExplicitVRLittleEndian)]);

        var probed = DicomFileProbe.Read(path);
        Assert.Equal((Uids.ExplicitVRLittleEndian, "1.2.3.4"), (probed.TransferSyntax.Uid, probed.SopInstanceUid));
        Assert.Equal("P1", FileHeader.Read(path, null, out _, out var isTruncated, TestContext.Current.CancellationToken).PatientID);
        Assert.False(isTruncated);
    }

    [Fact]
    public void A_pipe_is_no_file_and_is_not_waited_for()
    {
        if (Path.DirectorySeparatorChar == '\\')
            Assert.Skip("Unix has pipes in folders.");

        Runtime.SkipOnMono("its runtime has no such question, and Windows, where this build is for, no pipes in folders.");
        var pipe = Path.Combine(_folder.Path, "pipe");
        using (var make = Process.Start("mkfifo", pipe))
            make.WaitForExit();
        var link = Path.Combine(_folder.Path, "link");
        using (var make = Process.Start("ln", $"-s {pipe} {link}"))
            make.WaitForExit();
        var file = _folder.NewPath(".dcm");
        File.WriteAllBytes(file, [1]);
        var empty = _folder.NewPath(".dcm");
        File.WriteAllBytes(empty, []);

        Assert.Equal([true, true, true, false, false, false, false],
            new[] { pipe, link, "/dev/null", file, empty, _folder.Path, "/not/there" }.Select(FileKind.IsSpecial));
        foreach (var path in new[] { pipe, link })
        {
            Assert.Contains("pipe", Assert.Throws<DicomDataException>(() => DicomFileProbe.Read(path)).Message, StringComparison.Ordinal);
            Assert.Contains("pipe",
                Assert.Throws<DicomDataException>(() => FileHeader.Read(path, null, out _, out _,
                    TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_that_inflates_to_much_takes_little_memory_and_gives_its_long_values_when_asked()
    {
        var path = _folder.NewPath(".dcm");
        using (var file = File.Create(path))
        {
            file.Write(new FileMeta { TransferSyntaxUid = Uids.DeflatedExplicitVRLittleEndian }.ToArray());
            using var deflating = new DeflateStream(file, CompressionLevel.Optimal);
            // (0008,0015) as UN of 100 MiB before the UIDs, then what is known.
            deflating.Write(Convert.FromHexString("08001500" + "554E0000" + "00004006"));
            for (var i = 0; i < 100; i++)
                deflating.Write(new byte[1024 * 1024]);
            deflating.Write(DatasetWriter.ToArray(Instances.Dataset(instance: "1.2.3.4", pixelBytes: 200_000),
                TransferSyntax.ExplicitVRLittleEndian));
        }

        Warm(path);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("1.2.3.4", DicomFileProbe.Read(path).SopInstanceUid);
        Assert.Equal("P1", FileHeader.Read(path, null, out _, out _, TestContext.Current.CancellationToken).PatientID);
        var dataset = DicomFile.Open(path, DatasetReaderOptions.Default, TestContext.Current.CancellationToken).Dataset;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3_000_000);

        var pixels = Assert.IsType<DicomValue>(dataset.Find(Tags.PixelData));
        var expected = ((DicomValue)Instances.Dataset(pixelBytes: 200_000).Find(Tags.PixelData)!).Bytes.ToArray();
        using var stream = pixels.OpenRead();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        Assert.Equal(expected, copy.ToArray());
    }

    [Fact]
    public void A_file_of_millions_of_empty_elements_is_an_error_and_not_a_gigabyte()
    {
        var path = _folder.NewPath(".dcm");
        using (var file = File.Create(path))
        {
            file.Write(new FileMeta { TransferSyntaxUid = Uids.DeflatedExplicitVRLittleEndian }.ToArray());
            using var deflating = new DeflateStream(file, CompressionLevel.Optimal);
            byte[] many = [.. Enumerable.Repeat(Convert.FromHexString("0800050043530000"), 100_000).SelectMany(element => element)];
            for (var i = 0; i < 60; i++)
                deflating.Write(many);
        }

        var error = Assert.Throws<DicomDataException>(
            () => FileHeader.Read(path, null, out _, out _, TestContext.Current.CancellationToken));
        Assert.Contains("more than 500000 elements", error.Message, StringComparison.Ordinal);
        Assert.Contains("elements",
            Assert.Throws<DicomDataException>(() => DicomFile.Open(path, DatasetReaderOptions.Default,
                TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Odd_values_are_found_wherever_they_are()
    {
        var odd = Instances.Dataset();
        odd.Set(Tags.StudyDescription, Vr.LO, "ABC"u8.ToArray());
        var even = DatasetWriter.ToArray(Instances.Dataset(), TransferSyntax.ExplicitVRLittleEndian);
        Assert.False(Probe(even).HasOddValues);
        Assert.True(
            Probe([.. even[..^(2048 + 12)], .. Convert.FromHexString("E07F1000" + "4F420000" + "05000000" + "0102030405")]).HasOddValues);
        Assert.True(Probe([.. Convert.FromHexString("08000500" + "43530100" + "41"), .. even]).HasOddValues);
        Assert.False(DicomFileProbe.Read(await Instances.WriteAsync(_folder, odd)).HasOddValues);

        ProbedFile Probe(byte[] dataset)
        {
            var path = _folder.NewPath(".dcm");
            File.WriteAllBytes(path, [.. new FileMeta { TransferSyntaxUid = Uids.ExplicitVRLittleEndian }.ToArray(), .. dataset]);
            return DicomFileProbe.Read(path);
        }
    }

    private static void Warm(string path)
    {
        DicomFileProbe.Read(path);
        FileHeader.Read(path, null, out _, out _, TestContext.Current.CancellationToken);
    }
}
