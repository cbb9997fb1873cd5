using System.Globalization;
using System.Text;
using DicomPS.Engine.Tests.Support;
using DicomPS.Interop.Tests.Support;

namespace DicomPS.Benchmarks.Peers;

/// <summary>DCMTK's clients and DicomPS over a line that is far away or narrow (<see cref="SlowLine"/>), to the same peers.</summary>
/// <param name="options">How much is measured.</param>
/// <param name="folder">Where files are kept meanwhile.</param>
/// <param name="data">The files.</param>
internal sealed class LineBenchmark(PeersOptions options, string folder, BenchmarkData data)
{
    private const int Studies = 40;
    private readonly StringBuilder _rows = new();

    /// <summary>The rows of a run as a Markdown table; empty when there is none.</summary>
    public string Table => _rows.Length == 0 ? "" :
        $"""
        | over a slow line | DCMTK | DicomPS | ratio | to reach | associations |
        |---|---:|---:|---:|---:|---:|
        {_rows}
        """;

    /// <summary>Many studies, over as many associations as pay.</summary>
    public async Task SendStudiesAsync(int delay, double target)
    {
        var set = data.Studies(options.LineFiles, Studies);
        var (server, port) = await ForkingAsync();
        await using var serving = server;
        await SendAsync($"{set.Files.Count:#,0} files of 5 KB in {Studies} studies to storescp --fork, {delay} ms each way, "
            + "-Associations Auto", set, port, delay, 0, target, "auto");
    }

    /// <summary>One study, over several associations.</summary>
    public async Task SplitStudyAsync(int delay)
    {
        var set = data.Small(options.LineFiles);
        var (server, port) = await ForkingAsync();
        await using var serving = server;
        await SendAsync($"{set.Files.Count:#,0} files of 5 KB in one study to storescp --fork, {delay} ms each way, "
            + "-Associations Auto -SplitStudies", set, port, delay, 0, 20, "split");
    }

    /// <summary>One study, over one association with operations under way.</summary>
    public async Task SendAheadAsync(int delay)
    {
        var set = data.Small(options.LineFiles);
        var (server, port) = await EngineChild.ReceiveAsync(NewFolder(), options.Limit * 8);
        await using var serving = server;
        await SendAsync($"{set.Files.Count:#,0} files of 5 KB in one study to a server of ours, {delay} ms each way, -AsyncOperations 64",
            set, port, delay, 0, 20, "async:64");
    }

    /// <summary>Files that fill the line.</summary>
    public async Task FillAsync(double megabits, int delay)
    {
        var set = data.CtStudies(options.LineCtFiles, Studies);
        var (server, port) = await ForkingAsync();
        await using var serving = server;
        var ours = new List<double>();
        var theirs = new List<double>();
        await using var line = SlowLine.To(port, TimeSpan.FromMilliseconds(delay), megabits);
        await using var client = Client(line.Port, set, "auto");
        var few = set.Take(Math.Max(set.Files.Count / 5, 1));
        for (var run = 0; run < options.LineRuns; run++)
        {
            theirs.Add(few.Bytes / 1e6 / (await Dcmtk.SendAsync(line.Port, few, noDelay: true, options.Limit * 4)).Seconds);
            ours.Add(set.Bytes / 1e6 / await client.GoAsync(set.Files.Count));
            Tell(theirs, ours);
        }

        Add($"{set.Files.Count:#,0} CT of 0.5 MB in {Studies} studies to storescp --fork, {megabits:0} Mbit/s and {delay} ms each way, "
            + "-Associations Auto; ratio to the line", "MB", theirs, ours, 0.95, line.MostAtOnce, megabits / 8);
    }

    /// <summary>C-GET or C-MOVE of many studies into a folder, from an archive of ours.</summary>
    public async Task RetrieveAsync(bool isMove, int delay)
    {
        var set = data.Studies(options.LineFiles, Studies);
        var (ourPort, theirPort) = (FreePort.Next(), FreePort.Next());
        await using var child = EngineChild.Start(options.Limit * 8, "archive");
        await using var archive = await ArchivePeers.OpenOursAsync(child, NewFolder());
        await EngineSide.SendAsync(EngineSide.Peer($"{archive.Port}"), [.. set.Files]);
        await using var line = SlowLine.To(archive.Port, TimeSpan.FromMilliseconds(delay));
        // What is moved comes back over lines of its own, as far away.
        await using var toUs = SlowLine.To(ourPort, TimeSpan.FromMilliseconds(delay));
        await using var toThem = SlowLine.To(theirPort, TimeSpan.FromMilliseconds(delay));
        await child.AskAsync($"knows {DcmtkArchive.OurAETitle} {toUs.Port} {DcmtkArchive.TheirAETitle} {toThem.Port}");
        var each = options.LineFiles / Studies;
        var (ours, theirs) = (new List<double>(), new List<double>());
        await using var client = EngineChild.Start(options.Limit * 8, "fetch", isMove ? "move" : "get", $"{line.Port}", $"{ourPort}",
            NewFolder(), BenchmarkData.StudyOf(set), $"{Studies}");
        for (var run = 0; run < options.LineRuns; run++)
        {
            theirs.Add(2 * each / await Dcmtk.RetrieveAsync(isMove, line.Port, theirPort, NewFolder(),
                [$"{BenchmarkData.StudyOf(set)}.1", $"{BenchmarkData.StudyOf(set)}.2"], 2 * each, options.Limit * 2));
            ours.Add(set.Files.Count / await client.GoAsync(set.Files.Count));
            Tell(theirs, ours);
        }

        Add($"{set.Files.Count:#,0} files of 5 KB in {Studies} studies, {(isMove ? "C-MOVE" : "C-GET")} from an archive of ours into a "
            + $"folder, {delay} ms each way, -Associations Auto", "files", theirs, ours, 20, line.MostAtOnce);
    }

    private async Task SendAsync(string title, DataSet set, int port, int delay, double megabits, double target, string how)
    {
        await using var line = SlowLine.To(port, TimeSpan.FromMilliseconds(delay), megabits);
        await using var client = Client(line.Port, set, how);
        var few = set.Take(options.LineFilesTheirs);
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var run = 0; run < options.LineRuns; run++)
        {
            theirs.Add(few.Files.Count / (await Dcmtk.SendAsync(line.Port, few, noDelay: true, options.Limit)).Seconds);
            ours.Add(set.Files.Count / await client.GoAsync(set.Files.Count));
            Tell(theirs, ours);
        }

        Add(title, "files", theirs, ours, target, line.MostAtOnce);
    }

    private EngineChild Client(int port, DataSet set, string how) =>
        EngineChild.Start(options.Limit * 8, "send", $"{port}", set.Folder, $"{set.Files.Count}", how);

    private Task<(ChildProcess Server, int Port)> ForkingAsync() =>
        Dcmtk.ReceiveAsync(folder: null, noDelay: true, options.Limit * 8, "--fork");

    private string NewFolder() => Directory.CreateDirectory(Path.Combine(folder, Path.GetRandomFileName())).FullName;

    private static void Tell(List<double> theirs, List<double> ours) =>
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {theirs[^1]:0.0}, {ours[^1]:0.0} a second"));

    private void Add(string title, string unit, List<double> theirs, List<double> ours, double target, int associations,
        double? line = null)
    {
        var ratio = Results.Median(ours) / (line ?? Results.Median(theirs));
        if (_rows.Length > 0)
            _rows.AppendLine();
        _rows.Append(CultureInfo.InvariantCulture,
            $"| {title} | {Results.Rate(new Side(theirs, 0))} | {Results.Rate(new Side(ours, 0))} {unit}/s | {Results.Ratio(ratio)} | "
            + $"{target:0.##}: {(ratio >= target ? "reached" : "missed")} | {associations} |");
    }
}
