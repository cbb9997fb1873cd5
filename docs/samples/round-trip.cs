#:project ../../src/DicomPS.Engine/DicomPS.Engine.csproj
#:property PublishAot=false

// Generates a study (or takes the DICOM files of a folder), starts a storage SCP on a free port, echoes, sends,
// receives, and compares what arrived with what was sent, byte for byte.
//
//   dotnet run docs/samples/round-trip.cs
//   dotnet run docs/samples/round-trip.cs -- FOLDER

using System.Diagnostics;
using DicomPS;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Part10;
using DicomPS.Scp;
using DicomPS.Scu;
using DicomPS.Serialization;
using DicomPS.Transfer;

var work = Directory.CreateTempSubdirectory("dicomps-round-trip-").FullName;
try
{
    var source = args.Length > 0 ? Path.GetFullPath(args[0]) : await GenerateStudyAsync(Path.Combine(work, "study"));
    var files = Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories).Where(IsDicom).Order(StringComparer.Ordinal).ToList();
    if (files.Count == 0)
    {
        Console.Error.WriteLine($"There is no DICOM file in {source}.");
        return 1;
    }

    await using var server = StorageServer.Start(new StorageServerOptions { Folder = Path.Combine(work, "received"), Layout = "Series", Duplicates = DuplicatePolicy.KeepBoth, AcceptUnknownSopClasses = true });
    var node = new DicomNode { AETitle = server.AETitle, HostName = "127.0.0.1", Port = server.Port };
    Console.WriteLine($"Storage SCP {node} into {server.Path}");

    var echo = await EchoScu.DiagnoseAsync(node, AssociationOptions.For(node), 100, CancellationToken.None);
    Console.WriteLine(echo.Success
        ? $"C-ECHO: {echo.Count} answered, median {echo.RoundTrip!.Value.TotalMilliseconds:0.000} ms, peer {echo.ImplementationVersionName}"
        : $"C-ECHO failed at {echo.Stage}: {echo.Failure} {echo.Advice}");
    Console.WriteLine();

    var clock = Stopwatch.StartNew();
    var results = new List<StoreResult>();
    await using (var job = new StoreJob(new StoreJobOptions { Association = AssociationOptions.For(node), Node = node }))
    {
        var adding = Task.Run(async () =>
        {
            foreach (var file in files)
                await job.AddAsync(file, CancellationToken.None);
            job.CompleteAdding();
        });
        await foreach (var result in job.ResultsAsync(CancellationToken.None))
            results.Add(result);
        await adding;
    }
    clock.Stop();
    await server.StopAsync(TimeSpan.FromSeconds(5));

    // Different files may carry the same SOP Instance UID; the server was told to keep them all.
    var received = new List<ReceivedInstance>();
    await foreach (var instance in server.ReceiveAsync(CancellationToken.None))
        received.Add(instance);
    var arrivals = received.ToLookup(instance => instance.SOPInstanceUID);

    Console.WriteLine($"{"File",-36} {"SOP class",-30} {"Bytes",12}  {"Status",-9} Compared");
    var wrong = 0;
    foreach (var result in results.OrderBy(r => r.Path, StringComparer.Ordinal))
    {
        var verdict = !result.Success ? result.Error ?? result.Status
            : !arrivals.Contains(result.SOPInstanceUID!) ? "NOT RECEIVED"
            : arrivals[result.SOPInstanceUID!].Any(instance => SameDataset(result.Path, instance.Path)) ? "identical"
            : "DIFFERENT";
        if (verdict != "identical")
            wrong++;
        Console.WriteLine($"{Cut(Path.GetRelativePath(source, result.Path), 36),-36} {Cut(result.SOPClass ?? "", 30),-30} {result.Bytes,12:N0}  {result.Status,-9} {verdict}");
    }

    var bytes = results.Sum(r => r.Bytes);
    Console.WriteLine();
    Console.WriteLine($"{results.Count - wrong} of {results.Count} files arrived byte for byte: {bytes / 1e6:N1} MB in {clock.Elapsed.TotalSeconds:0.00} s.");
    return wrong == 0 ? 0 : 1;
}
finally
{
    Directory.Delete(work, recursive: true);
}

static bool IsDicom(string path)
{
    try
    {
        DicomFileProbe.Read(path);
        return true;
    }
    catch (DicomException problem)
    {
        Console.WriteLine($"Left out: {Path.GetFileName(path)}: {problem.Message}");
        return false;
    }
}

static bool SameDataset(string sent, string arrived)
{
    var (a, b) = (DicomFileProbe.Read(sent), DicomFileProbe.Read(arrived));
    if (a.DatasetLength != b.DatasetLength)
        return false;
    using var one = File.OpenRead(sent);
    using var two = File.OpenRead(arrived);
    one.Position = a.DatasetOffset;
    two.Position = b.DatasetOffset;
    var (left, right) = (new byte[81920], new byte[81920]);
    while (one.ReadAtLeast(left, left.Length, throwOnEndOfStream: false) is var count and > 0)
    {
        if (two.ReadAtLeast(right, right.Length, throwOnEndOfStream: false) != count || !left.AsSpan(0, count).SequenceEqual(right.AsSpan(0, count)))
            return false;
    }
    return true;
}

static string Cut(string text, int width) => text.Length <= width ? text : "..." + text[^(width - 3)..];

static async Task<string> GenerateStudyAsync(string folder)
{
    Directory.CreateDirectory(folder);
    var (study, frame) = (Uid.New(), Uid.New());
    TransferSyntax[] syntaxes =
        [TransferSyntax.ExplicitVRLittleEndian, TransferSyntax.ImplicitVRLittleEndian, TransferSyntax.ExplicitVRBigEndian, TransferSyntax.DeflatedExplicitVRLittleEndian];
    foreach (var (syntax, s) in syntaxes.Select((syntax, s) => (syntax, s)))
    {
        var series = Uid.New();
        for (var i = 1; i <= 5; i++)
        {
            var slice = new DicomDataset();
            slice.Set(Tags.SOPClassUID, Uids.CTImageStorage);
            slice.Set(Tags.SOPInstanceUID, Uid.New());
            slice.Set(Tags.StudyDate, "20240131");
            slice.Set(Tags.StudyTime, "081500");
            slice.Set(Tags.Modality, "CT");
            slice.Set(Tags.PatientName, "PHANTOM^ROUND TRIP");
            slice.Set(Tags.PatientID, "PHANTOM-1");
            slice.Set(Tags.StudyInstanceUID, study);
            slice.Set(Tags.SeriesInstanceUID, series);
            slice.Set(Tags.FrameOfReferenceUID, frame);
            slice.Set(Tags.SeriesNumber, (s + 1).ToString());
            slice.Set(Tags.InstanceNumber, i.ToString());
            slice.SetInt(Tags.SamplesPerPixel, 1);
            slice.Set(Tags.PhotometricInterpretation, "MONOCHROME2");
            slice.SetInt(Tags.Rows, 512);
            slice.SetInt(Tags.Columns, 512);
            slice.SetInt(Tags.BitsAllocated, 16);
            slice.SetInt(Tags.BitsStored, 12);
            slice.SetInt(Tags.HighBit, 11);
            slice.SetInt(Tags.PixelRepresentation, 0);
            slice.Set(Tags.PixelData, Vr.OW, Rings(512, i));
            var path = Path.Combine(folder, $"{s + 1}-{i}.dcm");
            await new DicomFile(slice, syntax).SaveAsync(path, CancellationToken.None);
        }
    }
    return folder;
}

static byte[] Rings(int size, int phase)
{
    var pixels = new byte[2 * size * size];
    for (var y = 0; y < size; y++)
    {
        for (var x = 0; x < size; x++)
        {
            var value = (int)(2000 + 1500 * Math.Sin(Math.Sqrt((x - size / 2) * (x - size / 2) + (y - size / 2) * (y - size / 2)) / 9 + phase));
            pixels[2 * (y * size + x)] = (byte)value;
            pixels[2 * (y * size + x) + 1] = (byte)(value >> 8);
        }
    }
    return pixels;
}
