using System.Diagnostics;
using System.Globalization;
using System.Net;
using DicomPS.Archiving.Serving;
using DicomPS.Archiving.Storage;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Interop.Tests.Support;
using DicomPS.Part10;
using DicomPS.Retrieving;
using DicomPS.Scp;
using DicomPS.Serialization;
using DicomPS.Serving;

namespace DicomPS.Interop.Tests.Archives;

/// <summary>An archive with a limit deletes the oldest studies, and never one that somebody needs.</summary>
public sealed class RetentionTests : IDisposable
{
    private readonly TempFolder _folder = new(), _source = new(), _moved = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        _source.Dispose();
        _moved.Dispose();
    }

    [Fact]
    public async Task A_study_that_is_being_moved_stays_until_it_has_gone_out_whole()
    {
        using var arrived = new SemaphoreSlim(0);
        using var goOn = new ManualResetEventSlim();
        await using var destination = StorageServer.Start(new StorageServerOptions
        {
            Folder = _moved.Path,
            // The first sub-operation hangs as long as the test wants.
            Stored = _ =>
            {
                arrived.Release();
                goOn.Wait(TimeSpan.FromSeconds(60), Cancellation);
            },
            Server = new DicomServerOptions { AETitle = "OTHER", Address = IPAddress.Loopback },
        });
        var files = await WriteAsync(studies: 3, instances: 3);
        var size = new FileInfo(files[0]).Length;
        await using var archive = await StartAsync(destination.Port, maxBytes: size * 7);
        await SendAsync(archive, files.Take(6));

        var moving = Retrieval.RunAsync(Retrieval.MoveTo(Engine.Node(archive.Port, BoxArchive.AETitle), "OTHER"),
            new RetrieveKeys { StudyInstanceUID = ["1.2.840.97.1"] }, Cancellation);
        Assert.True(await arrived.WaitAsync(TimeSpan.FromSeconds(60), Cancellation));
        // The third study is too much. The first one, the oldest, is on its way out, so the second one goes.
        await SendAsync(archive, files.Skip(6));
        await UntilAsync(() => archive.Served.RemovedStudies == 1);
        Assert.Equal(["1.2.840.97.1", "1.2.840.97.3"], Studies());
        goOn.Set();
        var result = await moving;
        Assert.Equal((RetrieveVerdict.Complete, 3), (result.GetVerdict(), result.Completed));
        Assert.Equal(3, destination.Received);
    }

    [Fact]
    public async Task Associations_that_store_while_old_studies_go_lose_nothing_that_is_new()
    {
        var files = await WriteAsync(studies: 40, instances: 5);
        var size = new FileInfo(files[0]).Length;
        await using (var archive = await StartAsync(0, maxBytes: size * 60))
        {
            // Four senders at once, each with studies of its own, in order.
            await Task.WhenAll(Enumerable.Range(0, 4).Select(sender => SendAsync(archive, files.Where((_, i) => i / 5 % 4 == sender))));
            await UntilAsync(() => archive.Served.RemovedStudies >= 28);
            await archive.StopAsync(TimeSpan.FromMinutes(1));
            Assert.Equal((200, 0), (archive.Served.Received, archive.Served.Failed));
            Assert.Equal(40 - archive.Served.RemovedStudies, archive.Served.Studies);
        }

        // What is left is whole, and index and files agree.
        await using var again = await Archive.OpenAsync(new ArchiveOptions { Folder = _folder.Path }, Cancellation);
        var left = Studies();
        Assert.All(left, study => Assert.Equal(5, BoxArchive.Files(Path.Combine(_folder.Path, study)).Length));
        Assert.Equal(new ArchiveRepair(left.Length * 5, 0, 0, 0), await again.ReconcileAsync(Cancellation));
        Assert.Equal(left.Length * 5, (await again.Index.CountAsync(Cancellation)).Instances);
    }

    [Fact]
    public async Task A_kill_in_the_middle_of_deletions_leaves_files_and_index_agreeing_after_the_next_start()
    {
        var files = await WriteAsync(studies: 60, instances: 4);
        var size = new FileInfo(files[0]).Length;
        var random = new Random(2);
        var deletedInAll = 0L;
        for (var round = 0; round < 3; round++)
        {
            using var folder = new TempFolder();
            var acknowledged = await SendAndKillAsync(folder.Path, files, size * 20, killAfter: random.Next(files.Count / 2, files.Count));
            await using var archive = await Archive.OpenAsync(new ArchiveOptions { Folder = folder.Path }, Cancellation);
            var kept = BoxArchive.Files(folder.Path);
            deletedInAll += acknowledged - kept.Length;
            Assert.All(kept, file => DicomFileProbe.Read(file));
            Assert.Equal(new ArchiveRepair(kept.Length, 0, 0, 0), await archive.ReconcileAsync(Cancellation));
            Assert.Equal(kept.Length, (await archive.Index.CountAsync(Cancellation)).Instances);
        }

        Assert.True(deletedInAll > 0, "Nothing was deleted in any round.");
    }

    private static async Task<int> SendAndKillAsync(string folder, IReadOnlyList<string> files, long maxBytes, int killAfter)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in new[] { Path.Combine(AppContext.BaseDirectory, "DicomPS.ArchiveHost.dll"), folder,
            maxBytes.ToString(CultureInfo.InvariantCulture) })
            start.ArgumentList.Add(argument);
        using var host = Process.Start(start)!;
        try
        {
            var node = Engine.Node(int.Parse((await host.StandardOutput.ReadLineAsync(Cancellation))!, CultureInfo.InvariantCulture),
                BoxArchive.AETitle);
            var acknowledged = 0;
            // An association for each study: retention comes when a study is complete.
            foreach (var study in files.Chunk(4))
            {
                acknowledged += (await Engine.SendAsync(node, study, Cancellation)).Count(result => result.Success);
                if (acknowledged >= killAfter)
                    break;
            }

            return acknowledged;
        }
        finally
        {
            host.Kill();
            await host.WaitForExitAsync(CancellationToken.None);
        }
    }

    private Task<ArchiveHost> StartAsync(int destination, long maxBytes) => ArchiveHost.StartAsync(
        new ArchiveServerOptions
        {
            Folder = _folder.Path,
            MaxBytes = maxBytes,
            StudyQuietPeriod = TimeSpan.Zero,
            Destination = title => title == "OTHER" ? Associations.AssociationOptions.For(Engine.Node(destination, title)) : null,
            Server = new DicomServerOptions { AETitle = BoxArchive.AETitle, Address = IPAddress.Loopback },
        },
        Cancellation);

    private static async Task SendAsync(ArchiveHost archive, IEnumerable<string> files)
    {
        foreach (var study in files.Chunk(5))
        {
            var results = await Engine.SendAsync(Engine.Node(archive.Port, BoxArchive.AETitle), study, Cancellation);
            Assert.True(results.All(result => result.Success), Engine.Failures(results));
        }
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        for (var i = 0; i < 2400 && !isSo(); i++)
            await Task.Delay(50, Cancellation);
        Assert.True(isSo());
    }

    private string[] Studies() =>
        [.. Directory.GetDirectories(_folder.Path).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    private async Task<IReadOnlyList<string>> WriteAsync(int studies, int instances)
    {
        var files = new List<string>();
        for (var study = 1; study <= studies; study++)
        {
            for (var instance = 1; instance <= instances; instance++)
            {
                var dataset = new DicomDataset();
                dataset.Set(Tags.SOPClassUID, Uids.CTImageStorage);
                dataset.Set(Tags.SOPInstanceUID, $"1.2.840.97.{study}.1.{instance}");
                dataset.Set(Tags.PatientID, $"P{study}");
                dataset.Set(Tags.StudyInstanceUID, $"1.2.840.97.{study}");
                dataset.Set(Tags.SeriesInstanceUID, $"1.2.840.97.{study}.1");
                dataset.Set(Tags.PixelData, Vr.OW, new byte[4000]);
                var path = _source.Combine($"{study}-{instance}.dcm");
                await new DicomFile(dataset, TransferSyntax.ExplicitVRLittleEndian).SaveAsync(path, Cancellation);
                files.Add(path);
            }
        }

        return files;
    }
}
