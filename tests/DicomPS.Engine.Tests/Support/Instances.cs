using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Engine.Tests.Support;

/// <summary>Small instances to send, and the bytes of what arrived.</summary>
internal static class Instances
{
    public static DicomDataset Dataset(string? sopClass = null, string? instance = null, int pixelBytes = 2048)
    {
        var dataset = new DicomDataset();
        dataset.Set(Tags.SOPClassUID, sopClass ?? Uids.CTImageStorage);
        dataset.Set(Tags.SOPInstanceUID, instance ?? Uid.New());
        dataset.Set(Tags.Modality, "CT");
        dataset.Set(Tags.PatientName, "PHANTOM^ONE");
        dataset.Set(Tags.PatientID, "P1");
        dataset.Set(Tags.StudyInstanceUID, "1.2.3");
        dataset.Set(Tags.SeriesInstanceUID, "1.2.3.4");
        var pixels = new byte[pixelBytes];
        new Random(pixelBytes).NextBytes(pixels);
        dataset.Set(Tags.PixelData, Vr.OW, pixels);
        return dataset;
    }

    public static async Task<string> WriteAsync(TempFolder folder, DicomDataset dataset, TransferSyntax? syntax = null)
    {
        var path = folder.NewPath(".dcm");
        await new DicomFile(dataset, syntax ?? TransferSyntax.ExplicitVRLittleEndian).SaveAsync(path,
            TestContext.Current.CancellationToken);
        return path;
    }

    public static byte[] DatasetBytes(string path)
    {
        var probed = DicomFileProbe.Read(path);
        return File.ReadAllBytes(path)[(int)probed.DatasetOffset..];
    }
}

/// <summary>A folder that goes away with the test.</summary>
internal sealed class TempFolder : IDisposable
{
    private int _last;

    public string Path { get; } = Directory.CreateTempSubdirectory("dicomps-test-").FullName;

    public string NewPath(string extension) => System.IO.Path.Combine(Path, $"{Interlocked.Increment(ref _last)}{extension}");

    public string[] Files() => Directory.GetFiles(Path, "*", SearchOption.AllDirectories);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
