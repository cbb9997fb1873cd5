using System.Globalization;
using System.Text;

namespace DicomPS.Benchmarks.Peers;

/// <summary>
/// Our archive beside dcmqrscp and Orthanc. One client of ours, in a process that is already there, sends to all of them and asks
/// all of them, so that only the archives differ.
/// </summary>
internal sealed class ArchiveBenchmark(PeersOptions options, string folder)
{
    /// <summary>
    /// dcmqrscp holds this many studies at most, and becomes slow long before 100,000 instances: each store reads its index.
    /// </summary>
    private const int DcmqrscpStudies = 500;

    private readonly List<(string Title, string Unit, double Target, Dictionary<string, Side> Sides)> _rows = [];

    /// <summary>The table; empty when nothing was measured.</summary>
    public string Table
    {
        get
        {
            if (_rows.Count == 0)
                return "";
            string[] names = [ArchivePeers.Dcmqrscp, ArchivePeers.Orthanc, ArchivePeers.Ours];
            var text = new StringBuilder();
            text.AppendLine($"| archives | {string.Join(" | ", names)} | to the faster of the others (90 %) | to reach | peaks |");
            text.AppendLine("|---|---:|---:|---:|---:|---:|---:|");
            foreach (var (title, unit, target, sides) in _rows)
            {
                var faster = sides.Where(side => side.Key != ArchivePeers.Ours).MaxBy(side => side.Value.Median).Value;
                var ratio = PairedRatio.Of(sides[ArchivePeers.Ours].Rates, faster.Rates);
                var cells =
                    names.Select(name => sides.TryGetValue(name, out var side)
                        ? Results.Rate(side) + (name == ArchivePeers.Ours ? $" {unit}/s" : "") : "");
                var peaks = names.Skip(1).Select(name => $"{name} {Results.Memory(sides[name])}");
                text.AppendLine(CultureInfo.InvariantCulture,
                    $"| {title} | {string.Join(" | ", cells)} | {ratio} | {ratio.Verdict(target)} | "
                    + $"{string.Join(", ", peaks)} |");
            }

            return text.AppendLine().Append(
                """
                Archives: sent to and asked by the same client of ours on one association, in turn.
                Stores: into a new, empty archive each time, file and
                index; what was acknowledged outlives a kill, no side waits for the disk (Orthanc: SyncStorageArea false).
                Flushed: Orthanc waits for
                the disk with each file, its default, and not with its index; DicomPS (-FlushToDisk) with both; dcmqrscp cannot.
                Queries: 100,000 instances, 5,000 studies; dcmqrscp, which holds no more than 500 studies, has 10,000 instances and is
                not asked for modalities; otherwise all give the same answers.
                """).ToString();
        }
    }

    /// <summary>Stores a set of files into an empty archive.</summary>
    /// <param name="title">What is stored.</param>
    /// <param name="set">The files.</param>
    /// <param name="isFlushed">Whether the disk is waited for.</param>
    /// <param name="target">How many times as fast as the faster of the others it is to be.</param>
    public async Task StoreAsync(string title, DataSet set, bool isFlushed, double target)
    {
        await using var sender = EngineChild.Start(options.Limit * 20, "store", set.Folder, $"{set.Files.Count}");
        await using var ours = EngineChild.Start(options.Limit * 20, isFlushed ? ["archive", "flush"] : ["archive"]);
        var opens = new List<Func<string, Task<OpenArchive>>> { path => ArchivePeers.OpenOursAsync(ours, path),
            path => ArchivePeers.StartOrthancAsync(path, isFlushed, options.Limit * 4) };
        if (!isFlushed)
            opens.Add(path => ArchivePeers.StartDcmqrscpAsync(path, options.Limit * 4));
        PageCache.Warm(set);
        // Sender and archive of ours are as in a session that runs for a while; the others need no warming.
        await RunAsync(opens[0]);
        await RunAsync(opens[0]);
        await InTurnAsync(title, "files", set.Files.Count, target,
            opens.ConvertAll(open => (Func<Task<(string, double, long)>>)(() => RunAsync(open))));

        async Task<(string, double, long)> RunAsync(Func<string, Task<OpenArchive>> open)
        {
            var path = Directory.CreateDirectory(Path.Combine(folder, Path.GetRandomFileName())).FullName;
            string name;
            double seconds;
            long peak;
            await using (var archive = await open(path))
            {
                seconds = await sender.GoAsync(set.Files.Count, $"{archive.Port} {archive.AETitle}");
                (name, peak) = (archive.Name, archive.Peak());
            }

            Empty(path, set);
            return (name, seconds, peak);
        }
    }

    /// <summary>Asks archives of 100,000 instances.</summary>
    /// <param name="count">The instances, for the titles.</param>
    public async Task FindAsync(string count)
    {
        await using var ours = EngineChild.Start(options.Limit * 20, "archive");
        await using var client = EngineChild.Start(options.Limit * 20, "ask");
        Func<string, Task<OpenArchive>> dcmqrscp = path => ArchivePeers.StartDcmqrscpAsync(path, options.Limit * 20);
        Func<string, Task<OpenArchive>> orthanc = path => ArchivePeers.StartOrthancAsync(path, isFlushed: false, options.Limit * 20);
        await using var first = await dcmqrscp(await FilledArchives.FillAsync(ArchivePeers.Dcmqrscp, DcmqrscpStudies, dcmqrscp));
        await using var second = await orthanc(await FilledArchives.FillAsync(ArchivePeers.Orthanc, Tiny.Studies, orthanc));
        await using var third = await ArchivePeers.OpenOursAsync(ours,
            await FilledArchives.FillAsync(ArchivePeers.Ours, Tiny.Studies, path => ArchivePeers.OpenOursAsync(ours, path)));
        foreach (var kind in QueryKind.All)
        {
            // dcmqrscp has other studies with a modality than the rest, and does not match the modalities of a study.
            OpenArchive[] archives = kind.AnswersEach > Tiny.Studies / 10 ? [third, second] : [third, second, first];
            foreach (var archive in archives)
                await AskAsync(archive, kind);
            await InTurnAsync($"{count}: {kind.Title}", "queries", kind.Queries, 1,
                [.. archives.Select(archive => (Func<Task<(string, double, long)>>)(() => AskAsync(archive, kind)))]);
        }

        async Task<(string, double, long)> AskAsync(OpenArchive archive, QueryKind kind)
        {
            var seconds = await client.GoAsync(kind.Queries * kind.AnswersEach,
                $"{archive.Port} {archive.AETitle} {kind.Name} {kind.Queries}");
            return (archive.Name, seconds, archive.Peak());
        }
    }

    private async Task InTurnAsync(string title, string unit, int count, double target,
        List<Func<Task<(string Name, double Seconds, long Peak)>>> sides)
    {
        var seen = new List<(string Name, double Seconds, long Peak)>();
        for (var run = 0; run < options.Runs; run++)
        {
            for (var turn = 0; turn < sides.Count; turn++)
            {
                PageCache.Settle();
                seen.Add(await sides[(run + turn) % sides.Count]());
            }

            Console.Error.WriteLine(
                "  " + string.Join(", ", seen.TakeLast(sides.Count).Select(side => $"{side.Name} {side.Seconds:0.000} s")));
        }

        _rows.Add((title, unit, target, seen.GroupBy(side => side.Name).ToDictionary(
            group => group.Key,
            group => new Side([.. group.Select(side => count / side.Seconds)], group.Max(side => side.Peak)))));
    }

    /// <summary>
    /// Checks that all of it was stored, then empties the files. They stay until the end: ext4 searches long for an inode that was
    /// freed a moment ago.
    /// </summary>
    private static void Empty(string path, DataSet set)
    {
        var least = set.Files.Min(file => new FileInfo(file).Length) / 2;
        var stored = new DirectoryInfo(path).GetFiles("*", SearchOption.AllDirectories)
            .Where(file => file.Length >= least && !file.Name.StartsWith("index", StringComparison.Ordinal)).ToArray();
        if (stored.Length < set.Files.Count || stored.Sum(file => file.Length) < set.Bytes - 2048L * set.Files.Count)
            throw new BenchmarkException($"{stored.Length} files were stored in {path} of {set.Files.Count}.");
        foreach (var file in stored)
        {
            using var emptied = file.OpenWrite();
            emptied.SetLength(0);
        }
    }
}
