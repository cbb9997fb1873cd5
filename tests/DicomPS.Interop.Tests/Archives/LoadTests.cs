using System.Diagnostics;
using System.Globalization;
using System.Net;
using DicomPS.Archiving.Serving;
using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Interop.Tests.Support;
using DicomPS.Part10;
using DicomPS.Scp;
using DicomPS.Scu;

namespace DicomPS.Interop.Tests.Archives;

/// <summary>Many associations with an archive, at once and one after another.</summary>
public class LoadTests
{
    private const int AtOnce = 200;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Ten thousand by hand: DICOMPS_ASSOCIATIONS=10000.
    private static int InTurn =>
        int.TryParse(Environment.GetEnvironmentVariable("DICOMPS_ASSOCIATIONS"), CultureInfo.InvariantCulture, out var count)
            ? count : 3000;

    [Theory]
    [InlineData(AtOnce)]
    [InlineData(50)]
    public async Task Of_two_hundred_associations_at_once_each_is_served_or_refused_by_rule(int most)
    {
        using var folder = new TempFolder();
        using var source = new TempFolder();
        await using var archive = await ArchiveHost.StartAsync(
            new ArchiveServerOptions
            {
                Folder = folder.Path,
                Server = new DicomServerOptions { AETitle = BoxArchive.AETitle, Address = IPAddress.Loopback, MaximumAssociations = most },
            },
            Cancellation);
        ProbedFile[] files = [.. GeneratedStudy.WriteSlices(source.Path, AtOnce).Select(file => DicomFileProbe.Read(file))];

        // One address may have all but the last sixteenth, which is kept for others.
        var mine = most - (most / 16);

        // All have their answer before the first is used, so that the served ones are open at once.
        var opened = await Task.WhenAll(files.Select(file => OpenAsync(archive.Port, file)));

        var served = opened.Where(one => one.Scu is not null).ToArray();
        Assert.Equal(mine, served.Length);
        Assert.Equal(mine, archive.ActiveAssociations);
        Assert.All(opened.Where(one => one.Scu is null), one =>
        {
            // PS3.8 9.3.4: transient, by the service provider (presentation), local limit exceeded.
            var refusal = Assert.IsType<AssociationRejectedException>(one.Problem);
            Assert.Equal((2, 3, 2), (refusal.Result, refusal.Source, refusal.Reason));
        });
        var statuses = await Task.WhenAll(served.Select(one => StoreAsync(one.Scu!, one.File)));
        Assert.All(statuses, status => Assert.Equal(Statuses.Success, status));
        Assert.Equal(mine, archive.Served.Instances);
        Assert.Equal(mine, BoxArchive.Files(folder.Path).Length);

        // Their places are free again, as soon as the archive has seen them off.
        while (archive.ActiveAssociations > 0)
            await Task.Delay(10, Cancellation);
        var (again, problem, last) = await OpenAsync(archive.Port, files[^1]);
        Assert.True(again is not null, problem?.Message);
        Assert.Equal(Statuses.Success, await StoreAsync(again, last));
    }

    [Fact]
    public async Task Associations_one_after_another_leave_no_socket_file_thread_or_memory_behind()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "What a process holds is read from /proc.");
        const int warm = 500, several = 8;
        using var folder = new TempFolder();
        using var source = new TempFolder();
        await using var host = await ArchiveProcess.StartAsync(folder.Path, Cancellation);
        var file = DicomFileProbe.Read(GeneratedStudy.WriteSlices(source.Path, 1)[0]);

        await UseAsync(warm);
        var before = await HeldAsync(_ => true);
        await UseAsync(InTurn);
        // The last ones are let go a moment after their peers.
        var after = await HeldAsync(held => held.Files <= before.Files + several);

        TestContext.Current.TestOutputHelper?.WriteLine($"Files, threads, bytes before {before}, after {after}.");
        Assert.True(after.Files <= before.Files + several,
            $"{before.Files} sockets and files before {InTurn} associations, {after.Files} after.");
        // The thread pool breathes; a thread for each association, or each hundredth, would show.
        Assert.True(after.Threads <= before.Threads + 24, $"{before.Threads} threads before, {after.Threads} after.");
        // 1 MB and 300 bytes for each: less than one small object that stays.
        Assert.True(after.Bytes <= before.Bytes + 1_000_000 + (300L * InTurn),
            $"{before.Bytes:#,0} bytes before, {after.Bytes:#,0} after.");

        Task UseAsync(int count) => Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = several, CancellationToken = Cancellation },
            async (number, _) =>
            {
                // One in ten stores, the others are released, aborted or left without a word.
                var (scu, problem, _) = await OpenAsync(host.Port, file);
                Assert.True(scu is not null, problem?.Message);
                if (number % 10 == 0)
                    Assert.Equal(Statuses.Success, await StoreAsync(scu, file));
                else if (number % 10 == 1)
                    await scu.Association.AbortAsync();
                else
                    await scu.ReleaseAsync(Cancellation);
                await scu.DisposeAsync();
            });

        async Task<(int Files, int Threads, long Bytes)> HeldAsync(Func<(int Files, int Threads, long Bytes), bool> isSettled)
        {
            var waited = Stopwatch.StartNew();
            while (true)
            {
                var bytes = await host.CollectAsync(Cancellation);
                var held = (Directory.GetFiles($"/proc/{host.Id}/fd").Length,
                    Directory.GetDirectories($"/proc/{host.Id}/task").Length, bytes);
                if (isSettled(held) || waited.Elapsed > TimeSpan.FromMinutes(2))
                    return held;
                await Task.Delay(50, Cancellation);
            }
        }
    }

    private static async Task<(StoreScu? Scu, Exception? Problem, ProbedFile File)> OpenAsync(int port, ProbedFile file)
    {
        try
        {
            var options = AssociationOptions.For(Engine.Node(port,
                BoxArchive.AETitle)) with
            { PresentationContexts = [new(file.SopClassUid, [file.TransferSyntax.Uid])] };
            return (await StoreScu.ConnectAsync(options, Cancellation), null, file);
        }
        catch (DicomNetworkException problem)
        {
            return (null, problem, file);
        }
    }

    private static async Task<ushort> StoreAsync(StoreScu scu, ProbedFile file)
    {
        await using (scu)
        {
            var context = scu.RouteFor(file, reencode: false);
            Assert.NotNull(context);
            var response = await scu.SendAsync(file, context, DicomPriority.Medium, null, Cancellation);
            await scu.ReleaseAsync(Cancellation);
            return response.Status!.Value;
        }
    }
}
