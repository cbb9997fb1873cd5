using System.Globalization;
using System.Text;
using DicomPS.Interop.Tests.Support;

namespace DicomPS.Benchmarks.Peers;

/// <summary>Many associations that store at once, to receivers and archives of all; one client of ours is every sender.</summary>
/// <param name="options">How much is measured.</param>
/// <param name="folder">Where files are kept meanwhile.</param>
internal sealed class ManyBenchmark(PeersOptions options, string folder)
{
    private const int Few = 4, Many = 200;
    private const long MostBytes = 300_000_000;
    private readonly StringBuilder _rows = new();

    /// <summary>The rows of a run as a Markdown table; empty when there is none.</summary>
    public string Table => _rows.Length == 0 ? "" :
        $"""
        | 5 KB stored by many associations at once | with {Few} | with {Many} | ratio (90 %) | served | slowest to fastest | peak |
        |---|---:|---:|---:|---:|---:|---:|
        {_rows}
        """;

    /// <summary>Measures each side with few and with many associations in turn; each run into a place of its own.</summary>
    public async Task RunAsync()
    {
        await using var ours = EngineChild.Start(options.Limit * 20, "archive");
        List<(string Name, Func<Task<OpenArchive>> Open, bool IsOurs)> sides =
        [
            ("storescp --fork, to disk", ForkingAsync, false),
            ("Orthanc", () => ArchivePeers.StartOrthancAsync(NewFolder(), isFlushed: false, options.Limit * 4), false),
            ("Start-DicomStorageScp", ReceiverAsync, true),
            ("Start-DicomArchive", () => ArchivePeers.OpenOursAsync(ours, NewFolder()), true),
        ];
        await using var crowd = EngineChild.Start(options.Limit * 20, "crowd");
        var seen = sides.ToDictionary(side => side.Name, _ => new List<(Crowd Few, Crowd Many)>());
        foreach (var side in sides.Where(side => side.IsOurs))
            await MeasureAsync(crowd, side.Open);
        for (var run = 0; run < options.Runs; run++)
        {
            foreach (var side in sides)
            {
                PageCache.Settle();
                var (few, many) = await MeasureAsync(crowd, side.Open);
                seen[side.Name].Add((few, many));
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"  {side.Name}: {few.Rate:0}, {many.Rate:0} a second, {many.Served} served, {many.Evenness:0.00}"));
            }
        }

        foreach (var side in sides)
            Add(side.Name, side.IsOurs, seen[side.Name]);
    }

    private async Task<(Crowd Few, Crowd Many)> MeasureAsync(EngineChild crowd, Func<Task<OpenArchive>> open)
    {
        await using var archive = await open();
        var few = await AskAsync(Few);
        return (few, await AskAsync(Many));

        async Task<Crowd> AskAsync(int associations)
        {
            var line = await crowd.AskAsync(string.Create(CultureInfo.InvariantCulture,
                $"go {archive.Port} {archive.AETitle} {associations} {options.CrowdSeconds} {int.MaxValue}"));
            if (line.Split(' ') is not ["done", .. var words])
                throw new BenchmarkException($"The crowd said: {line}");
            var numbers = words.Select(word => int.Parse(word, CultureInfo.InvariantCulture)).ToArray();
            return new Crowd(numbers[0], (double)numbers[1] / options.CrowdSeconds, (double)numbers[2] / Math.Max(numbers[3], 1),
                archive.Peak());
        }
    }

    private async Task<OpenArchive> ForkingAsync()
    {
        // Each association has a process of its own; what they hold together is not measured.
        var (server, port) = await Dcmtk.ReceiveAsync(NewFolder(), noDelay: true, options.Limit * 4, "--fork");
        return new OpenArchive("storescp", "ANY-SCP", port, () => 0, server.DisposeAsync);
    }

    private async Task<OpenArchive> ReceiverAsync()
    {
        var (server, port) = await EngineChild.ReceiveAsync(NewFolder(), options.Limit * 4);
        return new OpenArchive("DicomPS", "ANY-SCP", port, () => server.PeakBytes, server.DisposeAsync);
    }

    private string NewFolder() => Directory.CreateDirectory(Path.Combine(folder, Path.GetRandomFileName())).FullName;

    private void Add(string name, bool isOurs, List<(Crowd Few, Crowd Many)> runs)
    {
        var (few, many) = (new Side([.. runs.Select(run => run.Few.Rate)], 0), new Side([.. runs.Select(run => run.Many.Rate)], 0));
        var ratio = PairedRatio.Of(many.Rates, few.Rates);
        var even = Results.Median([.. runs.Select(run => run.Many.Evenness)]);
        var peak = runs.Max(run => run.Many.PeakBytes);
        if (_rows.Length > 0)
            _rows.AppendLine();
        _rows.Append(CultureInfo.InvariantCulture,
            $"| {name} | {Results.Rate(few)} | {Results.Rate(many)} /s | {ratio}{(isOurs ? "; " + ratio.Verdict(0.9) : "")} | "
            + $"{runs.Min(run => run.Many.Served)} of {Many} | {Results.Ratio(even)}{Goal("0.5", even >= 0.5)} | "
            + $"{Results.Memory(new Side([], peak))}{Goal("300 MB", peak <= MostBytes)} |");

        string Goal(string goal, bool isReached) => isOurs ? $"; {goal}: {(isReached ? "reached" : "missed")}" : "";
    }

    private sealed record Crowd(int Served, double Rate, double Evenness, long PeakBytes);
}
