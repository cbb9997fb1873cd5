using System.Diagnostics;
using System.Globalization;
using DicomPS.Archiving.Databases;
using DicomPS.Associations;
using DicomPS.Benchmarks.Peers;
using DicomPS.Retrieving;
using DicomPS.Transfers.Store;
using DicomPS.Transfers.Working;

namespace DicomPS.Benchmarks;

/// <summary>
/// Studies moved by a worker beside the same moved by C-MOVE alone, as Move-DicomStudy does: the same two archives, in turn, each time into
/// an empty one, over as many associations.
/// </summary>
internal static class WorkerBenchmark
{
    private const int Lines = 4;
    private const double MostSlower = 1.05;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(60);

    /// <summary>worker [--studies N] [--instances N] [--runs N] [--small] [--store ADDRESS]</summary>
    /// <param name="arguments">As above.</param>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var (studies, instances, runs) = (Number(arguments, "--studies", 2000), Number(arguments, "--instances", 20),
            Number(arguments, "--runs", 3));
        var folder = Directory.CreateTempSubdirectory("dicomps-worker-").FullName;
        try
        {
            var data = new BenchmarkData(folder);
            var set = arguments.Contains("--small") ? data.Studies(studies * instances, studies)
                : data.CtStudies(studies * instances, studies);
            await using var source = EngineChild.Start(Limit, "archive");
            await using var destination = EngineChild.Start(Limit, "archive");
            var old = Node(await source.AskAsync($"open {Path.Combine(folder, "old")}"));
            await EngineSide.SendAsync(old, [.. set.Files]);
            foreach (var file in set.Files)
                File.Delete(file);
            string[] uids = [.. Enumerable.Range(1, studies).Select(study => $"{BenchmarkData.StudyOf(set)}.{study}")];
            List<double> bare = [], worked = [];
            for (var run = 0; run <= runs; run++)
            {
                foreach (var works in new[] { false, true })
                {
                    var target = Path.Combine(folder, $"new{run}{works}");
                    var @new = Node(await destination.AskAsync($"open {target}"));
                    await source.AskAsync($"knows {ArchiveSide.AETitle} {@new.Port}");
                    var address = Option(arguments, "--store") ?? Path.Combine(folder, $"{run}.db");
                    var seconds = works ? await WorkAsync(address, $"{DateTime.UtcNow:O}", old, @new, uids)
                        : await MoveAsync(old, uids);
                    // The first of each warms up.
                    if (run > 0)
                        (works ? worked : bare).Add(seconds);
                    await destination.AskAsync("close");
                    Directory.Delete(target, recursive: true);
                }
            }

            var ratio = PairedRatio.Of(worked, bare);
            using var self = Process.GetCurrentProcess();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{studies} studies of {instances} instances, {set.Bytes / 1e6:0} MB, {Lines} associations: C-MOVE alone "
                + $"{Results.Median([.. bare]):0.0} s, a worker {Results.Median([.. worked]):0.0} s, {ratio} times as long, "
                + $"{MostSlower}: {(ratio.Median <= MostSlower ? "reached" : "missed")}; peak {self.PeakWorkingSet64 / 1e6:0} MB"));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<double> MoveAsync(DicomNode old, string[] uids)
    {
        var clock = Stopwatch.StartNew();
        await using var job = new RetrieveJob(new RetrieveJobOptions
        {
            Association = AssociationOptions.For(old),
            Node = old,
            Method = RetrieveMethod.Move,
            Destination = ArchiveSide.AETitle,
            Throttle = Lines,
        });
        foreach (var uid in uids)
            await job.AddAsync(new RetrieveKeys { StudyInstanceUID = [uid] }, CancellationToken.None);
        job.CompleteAdding();
        var done = 0;
        await foreach (var result in job.ResultsAsync(CancellationToken.None))
            done += result.GetVerdict() == RetrieveVerdict.Complete ? 1 : 0;
        return done == uids.Length ? clock.Elapsed.TotalSeconds : throw new BenchmarkException($"{done} of {uids.Length} were moved.");
    }

    // Until the last one is moved; what is verified is verified ten minutes later.
    private static async Task<double> WorkAsync(string address, string name, DicomNode old, DicomNode @new, string[] uids)
    {
        await using var store = await TransferStore.OpenAsync(StoreAddress.Parse(address, Path.GetFullPath), true, CancellationToken.None);
        var transfer = await store.AddTransferAsync(new TransferRow
        {
            Id = 0,
            Name = name,
            Source = new NodeRow { Id = 0, Node = old, Throttle = Lines },
            Destination = new NodeRow { Id = 0, Node = @new, Throttle = Lines },
            Method = "Move",
            Verify = "Counts",
            VerifyDelay = TimeSpan.FromHours(10),
            State = "Active",
        }, CancellationToken.None);
        await store.AddItemsAsync(transfer.Id, [.. uids.Select(uid => new NewItem { StudyUid = uid })], CancellationToken.None);
        using var over = new CancellationTokenSource();
        var left = uids.Length;
        var clock = Stopwatch.StartNew();
        var seconds = 0.0;
        await new TransferWorker(store, new WorkerOptions
        {
            Lanes = Lines,
            Names = [name],
            Ended = note =>
            {
                if (note.State != "Transferred")
                    throw new BenchmarkException($"{note.State}: {note.Error}");
                if (Interlocked.Decrement(ref left) != 0)
                    return;
                seconds = clock.Elapsed.TotalSeconds;
                over.Cancel();
            },
        }).RunAsync(over.Token);
        return seconds;
    }

    private static DicomNode Node(string line) =>
        EngineSide.Peer(line.Split(' ')[1]) with { AETitle = ArchiveSide.AETitle, CallingAETitle = "WORKER" };

    private static int Number(string[] arguments, string name, int usual) =>
        Option(arguments, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;

    private static string? Option(string[] arguments, string name) =>
        Array.IndexOf(arguments, name) is >= 0 and var at ? arguments.ElementAtOrDefault(at + 1) : null;
}
