using System.Globalization;
using DicomPS.Archiving.Storage;
using DicomPS.Associations;
using DicomPS.Interop.Tests.Support;
using DicomPS.Matching;
using DicomPS.Part10;
using DicomPS.Sending;

namespace DicomPS.Interop.Tests.Archives;

/// <summary>An archive that is killed in the middle of stores has everything that it acknowledged when it is started again.</summary>
public class KillTests
{
    private const int Instances = 200;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Twenty rounds by hand: DICOMPS_KILL_ROUNDS=20.
    private static int Rounds =>
        int.TryParse(Environment.GetEnvironmentVariable("DICOMPS_KILL_ROUNDS"), CultureInfo.InvariantCulture, out var rounds) ? rounds : 3;

    [Fact]
    public async Task Everything_acknowledged_before_a_kill_is_in_files_and_index()
    {
        using var source = new TempFolder();
        var files = GeneratedStudy.WriteSlices(source.Path, Instances);
        var random = new Random(1);
        var acknowledgedInAll = 0;
        for (var round = 0; round < Rounds; round++)
        {
            using var folder = new TempFolder();
            var acknowledged = await StoreAndKillAsync(folder.Path, files, killAfter: random.Next(1, Instances * 3 / 4));
            acknowledgedInAll += acknowledged.Count;

            await using var archive = await Archive.OpenAsync(new ArchiveOptions { Folder = folder.Path }, Cancellation);

            Assert.NotNull(archive.Recovered);
            Assert.Equal(0, archive.Recovered.Unreadable);
            foreach (var (path, uid) in acknowledged)
            {
                var indexed = new List<string>();
                await foreach (var file in archive.Index.FilesAsync(QueryLevel.Image, uid, Cancellation))
                    indexed.Add(archive.FullPath(file.Path));
                Assert.Equal(DatasetBytes.DigestOf(path), DatasetBytes.DigestOf(Assert.Single(indexed)));
            }

            var kept = BoxArchive.Files(folder.Path);
            Assert.Equal(kept.Length, (await archive.Index.CountAsync(Cancellation)).Instances);
            Assert.Empty(Directory.GetFiles(folder.Path, "*.part", SearchOption.AllDirectories));
            // None half written: what was not acknowledged is whole or not there.
            Assert.All(kept, file => DicomFileProbe.Read(file));
        }

        Assert.True(acknowledgedInAll > 0, "No instance was acknowledged in any round.");
    }

    private static async Task<List<(string Path, string Uid)>> StoreAndKillAsync(string folder, IReadOnlyList<string> files, int killAfter)
    {
        await using var host = await ArchiveProcess.StartAsync(folder, Cancellation);
        var node = Engine.Node(host.Port, BoxArchive.AETitle);
        await using var job =
            new StoreJob(new StoreJobOptions { Association = AssociationOptions.For(node), Node = node, Associations = 4, RetryCount = 0 });
        foreach (var file in files)
            await job.AddAsync(file, Cancellation);
        job.CompleteAdding();
        var acknowledged = new List<(string, string)>();
        await foreach (var result in job.ResultsAsync(Cancellation))
        {
            if (result.Success)
                acknowledged.Add((result.Path, result.SOPInstanceUID!));
            // What was acknowledged until the signal is counted too.
            if (acknowledged.Count == killAfter)
                host.Kill();
        }

        return acknowledged;
    }
}
