#:project ../../src/DicomPS.Engine/DicomPS.Engine.csproj
#:property PublishAot=false

// Generates a study (or takes the DICOM files of a folder), starts a storage SCP on a free port, echoes, sends and
// receives; then finds what was sent, moves it into a second folder (C-MOVE), gets it into a third (C-GET), and
// compares everything that arrived with what was sent, byte for byte.
//
//   dotnet run docs/samples/round-trip.cs
//   dotnet run docs/samples/round-trip.cs -- FOLDER

using System.Diagnostics;
using System.Runtime.CompilerServices;
using DicomPS;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Part10;
using DicomPS.Querying;
using DicomPS.Retrieving;
using DicomPS.Scp;
using DicomPS.Scu;
using DicomPS.Sending;
using DicomPS.Serialization;
using DicomPS.Serving;

var work = Directory.CreateTempSubdirectory("dicomps-round-trip-").FullName;
try
{
    var source = args.Length > 0 ? Path.GetFullPath(args[0]) : await GenerateStudyAsync(Path.Combine(work, "study"));
    var uids = new HashSet<string>();
    var files = Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Where(CanGoRound).ToList();
    if (files.Count == 0)
    {
        Console.Error.WriteLine($"There is no DICOM file in {source}.");
        return 1;
    }

    await using var server = StorageServer.Start(
        new StorageServerOptions { Folder = Path.Combine(work, "received"), Layout = "Series", AcceptUnknownSopClasses = true });
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

    var received = new List<ReceivedInstance>();
    await foreach (var instance in server.ReceiveAsync(CancellationToken.None))
        received.Add(instance);
    Console.WriteLine(
        $"C-STORE: {results.Count(r => r.Success)} of {results.Count} files, {results.Sum(r => r.Bytes) / 1e6:N1} MB in "
        + $"{clock.Elapsed.TotalSeconds:0.00} s");

    // A server of four rows that answers from what was received.
    RetrieveJob? move = null;
    RetrieveHandler instances = (_, identifier, _) => Task.FromResult<IReadOnlyList<StoredInstance>>(
        [.. received.Where(i => identifier.GetStrings(Tags.StudyInstanceUID).Contains(i.StudyInstanceUID))
            .Select(i => new StoredInstance(i.Path, i.SOPClassUID, i.SOPInstanceUID, i.TransferSyntaxUID))]);
    var moveScp = new MoveScp(instances, title => title == "MOVED"
        ? AssociationOptions.For(new DicomNode { AETitle = title, HostName = "127.0.0.1", Port = move!.ListenerPort!.Value }) : null);
    // C-GET brings its C-STORE sub-operations in contexts that the server must agree to, although it takes none itself.
    var noStore = DicomDictionary.SopClasses(SopClassService.Storage)
        .Select(c => new ServiceRow(c.Uid, CommandField.CStoreRequest, (call, _) => call.Reply(0x0122), 0xC210, 0xC211));
    await using var archive = DicomServer.Start(new DicomServerOptions { AETitle = "ARCHIVE" }, new ServiceTable(
    [
        EchoScp.Row, .. noStore,
        new FindScp(FindStudies).Row(Uids.StudyRootQueryRetrieveInformationModelFind),
        moveScp.Row(Uids.StudyRootQueryRetrieveInformationModelMove),
        new GetScp(instances).Row(Uids.StudyRootQueryRetrieveInformationModelGet),
    ]));
    var pacs = new DicomNode { AETitle = "ARCHIVE", HostName = "127.0.0.1", Port = archive.Port };

    var studies = new List<Study>();
    await foreach (var value in new QueryJob(new QueryJobOptions { Association = AssociationOptions.For(pacs), Node = pacs },
        new QueryRequest()).RunAsync(CancellationToken.None))
    {
        if (value is QueryFound { Result: Study study })
            studies.Add(study);
        else if (value is QuerySummary summary)
            Console.WriteLine($"C-FIND: {summary.Text}");
    }

    var moved = new StorageServerOptions
    {
        Folder = Path.Combine(work, "moved"), Layout = "Series",
        Server = new DicomServerOptions { AETitle = "MOVED" }
    };
    move = new RetrieveJob(new RetrieveJobOptions
    {
        Association = AssociationOptions.For(pacs), Method = RetrieveMethod.Move,
        Storage = moved
    });
    await RetrieveAsync("C-MOVE", move);
    var got = moved with { Folder = Path.Combine(work, "got") };
    await RetrieveAsync("C-GET",
        new RetrieveJob(new RetrieveJobOptions { Association = AssociationOptions.For(pacs), Method = RetrieveMethod.Get, Storage = got }));
    Console.WriteLine();

    var places = new[] { server.Path, moved.Folder, got.Folder }.Select(Arrivals).ToArray();
    Console.WriteLine($"{"File",-34} {"SOP class",-26} {"Bytes",11}  {"Sent",-10} {"Moved",-10} {"Got",-10}");
    var wrong = 0;
    foreach (var result in results.OrderBy(r => r.Path, StringComparer.Ordinal))
    {
        var verdicts = places.Select(place => !result.Success ? result.Status
            : !place.TryGetValue(result.SOPInstanceUID!, out var arrived) ? "MISSING"
            : SameDataset(result.Path, arrived) ? "identical" : "DIFFERENT").ToArray();
        if (verdicts.Any(verdict => verdict != "identical"))
            wrong++;
        Console.WriteLine(
            $"{Cut(Path.GetRelativePath(source, result.Path), 34),-34} {Cut(result.SOPClass ?? "", 26),-26} {result.Bytes,11:N0}  "
            + $"{verdicts[0],-10} {verdicts[1],-10} {verdicts[2],-10}");
    }

    Console.WriteLine();
    Console.WriteLine($"{results.Count - wrong} of {results.Count} files arrived three times, byte for byte.");
    return wrong == 0 ? 0 : 1;

    // What is found and moved by its study has to name one, and an archive holds one instance for each UID.
    bool CanGoRound(string path)
    {
        try
        {
            var file = DicomFileProbe.Read(path);
            if (file.Header.GetString(Tags.StudyInstanceUID) is { } && uids.Add(file.SopInstanceUid))
                return true;
            Console.WriteLine(
                $"Left out: {Path.GetFileName(path)}: "
                + $"{(uids.Contains(file.SopInstanceUid) ? "another file is the same SOP instance" : "it names no study")}");
        }
        catch (DicomException problem)
        {
            Console.WriteLine($"Left out: {Path.GetFileName(path)}: {problem.Message}");
        }

        return false;
    }

    async Task RetrieveAsync(string name, RetrieveJob job)
    {
        await using (job)
        {
            foreach (var study in studies)
            {
                await job.AddAsync(new RetrieveKeys
                {
                    StudyInstanceUID = [study.StudyInstanceUID!],
                    SOPClassUID = [.. received.Where(i => i.StudyInstanceUID == study.StudyInstanceUID).Select(i => i.SOPClassUID)
                        .Distinct()],
                }, CancellationToken.None);
            }

            job.CompleteAdding();
            var outcomes = new List<RetrieveResult>();
            await foreach (var outcome in job.ResultsAsync(CancellationToken.None))
                outcomes.Add(outcome);
            Console.WriteLine(
                $"{name}: {outcomes.Count(o => o.GetVerdict() == RetrieveVerdict.Complete)} of {outcomes.Count} studies complete, "
                + $"{outcomes.Sum(o => o.Received)} instances");
            foreach (var outcome in outcomes.Where(o => o.GetVerdict() != RetrieveVerdict.Complete))
                Console.WriteLine($"  {outcome.StudyInstanceUID}: {outcome.Verdict}, {outcome.Status}. {outcome.Advice}");
        }
    }

    async IAsyncEnumerable<DicomDataset> FindStudies(ServiceCall call, DicomDataset identifier,
        [EnumeratorCancellation] CancellationToken token)
    {
        await Task.CompletedTask;
        foreach (var study in received.Where(i => i.StudyInstanceUID is { }).GroupBy(i => i.StudyInstanceUID!))
        {
            var answer = new DicomDataset();
            answer.Set(Tags.QueryRetrieveLevel, "STUDY");
            answer.Set(Tags.StudyInstanceUID, study.Key);
            answer.Set(Tags.NumberOfStudyRelatedInstances, study.Count().ToString());
            yield return answer;
        }
    }
}
finally
{
    Directory.Delete(work, recursive: true);
}

static Dictionary<string, string> Arrivals(string folder) =>
    Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(path => DicomFileProbe.Read(path).SopInstanceUid);

// A deflated dataset of odd length is padded with one null on its way (PS3.5 A.5); nothing else may differ.
static bool SameDataset(string sent, string arrived)
{
    var (a, b) = (DicomFileProbe.Read(sent), DicomFileProbe.Read(arrived));
    var isPadded = a.TransferSyntax.IsDeflated && a.DatasetLength % 2 == 1;
    if (a.DatasetLength + (isPadded ? 1 : 0) != b.DatasetLength)
        return false;
    using var one = File.OpenRead(sent);
    using var two = File.OpenRead(arrived);
    one.Position = a.DatasetOffset;
    two.Position = b.DatasetOffset;
    var (left, right) = (new byte[81920], new byte[81920]);
    while (one.ReadAtLeast(left, left.Length, throwOnEndOfStream: false) is var count and > 0)
    {
        if (two.ReadAtLeast(right.AsSpan(0, count), count, throwOnEndOfStream: false) != count
            || !left.AsSpan(0, count).SequenceEqual(right.AsSpan(0, count)))
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
        [TransferSyntax.ExplicitVRLittleEndian, TransferSyntax.ImplicitVRLittleEndian, TransferSyntax.ExplicitVRBigEndian,
            TransferSyntax.DeflatedExplicitVRLittleEndian];
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
            var value =
                (int)(2000 + 1500 * Math.Sin(Math.Sqrt((x - size / 2) * (x - size / 2) + (y - size / 2) * (y - size / 2)) / 9 + phase));
            pixels[2 * (y * size + x)] = (byte)value;
            pixels[2 * (y * size + x) + 1] = (byte)(value >> 8);
        }
    }

    return pixels;
}
