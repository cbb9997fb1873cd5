using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using DicomPS.Archiving.Storage;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Interop.Tests.Support;
using DicomPS.Part10;
using DicomPS.Scp;
using DicomPS.Sending;
using DicomPS.Serving;

namespace DicomPS.Interop.Tests.Archives;

/// <summary>
/// A server is killed under four senders that send again, send another patient's instances of the same UIDs, and break off. What
/// was acknowledged is there, whole, and of who was acknowledged. build.ps1 Kill runs thirty rounds of each.
/// </summary>
public class KillStormTests(ITestOutputHelper output)
{
    private const int Instances = 30, Senders = 4, Versions = 3;
    private static readonly string[] Patients = ["RIGHT", "OTHER"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static int Rounds =>
        int.TryParse(Environment.GetEnvironmentVariable("DICOMPS_KILL_ROUNDS"), CultureInfo.InvariantCulture, out var rounds) ? rounds : 2;

    [Theory]
    [InlineData("archive")]
    [InlineData("storage")]
    public async Task Nothing_acknowledged_is_lost_or_torn(string kind)
    {
        using var source = new TempFolder();
        var files = await MakeAsync(source.Path);
        var digests = files.Select(file => (file.Patient, file.Uid, Digest: DatasetBytes.DigestOf(file.Path))).ToHashSet();
        long acknowledgedInAll = 0, brokenOff = 0, kept = 0;
        for (var round = 0; round < Rounds; round++)
        {
            using var folder = new TempFolder();
            var acknowledged = new ConcurrentDictionary<(string Patient, string Uid), bool>();
            await using (var host = await ArchiveProcess.StartAsync(folder.Path, Cancellation, kind: kind))
            {
                var (count, killAfter) = (0L, new Random(round).Next(10, 150));
                await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(
                    async () =>
                    {
                        var random = new Random((round * Senders) + sender);
                        while (Interlocked.Read(ref count) < killAfter)
                        {
                            brokenOff += await SendAsync(host, [.. Enumerable.Range(0, 8).Select(_ => files[random.Next(files.Count)])],
                                random, acknowledged, () =>
                            {
                                if (Interlocked.Increment(ref count) == killAfter)
                                    host.Kill();
                            });
                        }
                    },
                    Cancellation)));
            }

            acknowledgedInAll += acknowledged.Count;
            var found = await LookAsync(kind, folder.Path);
            kept += found.Count;
            Assert.All(acknowledged.Keys, one => Assert.Contains((one.Patient, one.Uid), found.Select(file => (file.Patient, file.Uid))));
            // None torn or mixed: each is, byte for byte, one that was sent. And one file for each.
            Assert.All(found, file => Assert.Contains(file, digests));
            Assert.Equal(found.Count, found.Select(file => (file.Patient, file.Uid)).Distinct().Count());
            Assert.Empty(Directory.GetFiles(folder.Path, "*.part", SearchOption.AllDirectories));
        }

        output.WriteLine(
            $"{kind}: {Rounds} rounds, {acknowledgedInAll} instances acknowledged, {brokenOff} broken off, {kept} kept; 0 lost, 0 torn.");
        Assert.True(acknowledgedInAll > 0, "No instance was acknowledged in any round.");
    }

    /// <summary>Every instance of two patients, in several versions, so that one that is sent again differs.</summary>
    private static async Task<List<(string Patient, string Uid, string Path)>> MakeAsync(string folder)
    {
        var files = new List<(string, string, string)>();
        foreach (var slice in GeneratedStudy.WriteSlices(Path.Combine(folder, "slices"), Instances))
        {
            foreach (var patient in Patients)
            {
                for (var version = 0; version < Versions; version++)
                {
                    var file = await DicomFile.OpenAsync(slice, cancellationToken: Cancellation);
                    file.Dataset.Set(Tags.PatientID, patient);
                    file.Dataset.Set(Tags.StudyDescription, $"VERSION {version}");
                    var path = Path.Combine(folder, $"{patient}-{version}-{Path.GetFileName(slice)}");
                    await file.SaveAsync(path, Cancellation);
                    files.Add((patient, file.Dataset.GetString(Tags.SOPInstanceUID)!, path));
                }
            }
        }

        return files;
    }

    /// <summary>Sends some over one association, and breaks off now and then; how many were broken off.</summary>
    private static async Task<int> SendAsync(
        ArchiveProcess host, (string Patient, string Uid, string Path)[] files, Random random,
        ConcurrentDictionary<(string, string), bool> acknowledged, Action counted)
    {
        var node = Engine.Node(host.Port, BoxArchive.AETitle);
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        if (random.Next(2) == 0)
            cut.CancelAfter(random.Next(1, 30));
        await using var job =
            new StoreJob(new StoreJobOptions { Association = AssociationOptions.For(node), Node = node, Associations = 1, RetryCount = 0 });
        try
        {
            foreach (var file in files)
                await job.AddAsync(file.Path, cut.Token);
            job.CompleteAdding();
            await foreach (var result in job.ResultsAsync(cut.Token))
            {
                // Once a sender has heard Success, whatever else happens, it is there.
                if (result.Success)
                    acknowledged[files.Where(file => file.Path == result.Path).Select(file => (file.Patient, file.Uid)).First()] = true;
                counted();
            }

            return 0;
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
            counted();
            return 1;
        }
    }

    /// <summary>What the next start finds: in the folder, and for an archive the index agrees.</summary>
    private static async Task<List<(string Patient, string Uid, string Digest)>> LookAsync(string kind, string folder)
    {
        if (kind == "archive")
        {
            await using var archive = await Archive.OpenAsync(new ArchiveOptions { Folder = folder }, Cancellation);
            Assert.NotNull(archive.Recovered);
            Assert.Equal((0L, 0L), (archive.Recovered.Unreadable, archive.Recovered.Doubled));
            var indexed = new List<string>();
            await foreach (var file in archive.Index.FilesAsync(cancellationToken: Cancellation))
                indexed.Add(archive.FullPath(file.Path));
            Assert.Equal(BoxArchive.Files(folder), indexed.Order(StringComparer.Ordinal));
        }
        else
        {
            await using var next = StorageServer.Start(
                new StorageServerOptions { Folder = folder, Server = new DicomServerOptions { Address = IPAddress.Loopback } });
        }

        return [.. BoxArchive.Files(folder).Select(file => DicomFileProbe.Read(file) is var probed
            ? (probed.Header.GetString(Tags.PatientID)!, probed.SopInstanceUid, DatasetBytes.DigestOf(file)) : default)];
    }
}
