using DicomPS.Interop.Tests.Support;

namespace DicomPS.Benchmarks.Peers;

/// <summary>DCMTK and DicomPS in turn, on loopback, in one run.</summary>
internal sealed partial class PeersBenchmark(PeersOptions options, string folder)
{
    private readonly BenchmarkData _data = new(Path.Combine(folder, "data"));
    private readonly Results _results = new();
    private readonly ArchiveBenchmark _archives = new(options, folder);
    private readonly List<string> _notes = [];

    public static async Task<int> RunAsync(string[] arguments)
    {
        var options = PeersOptions.Parse(arguments);
        if (!Dcmtk.IsThere)
        {
            Console.Error.WriteLine("storescp, storescu and echoscu were not found on the PATH (Debian's package dcmtk).");
            return 2;
        }

        var folder = Directory.CreateTempSubdirectory("dicomps-peers-").FullName;
        try
        {
            return await new PeersBenchmark(options, folder).RunAsync();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<int> RunAsync()
    {
        PageCache.BackFreeMemory();
        var ct = $"{options.CtFiles:#,0} CT of 0.5 MB";
        var small = $"{options.SmallFiles:#,0} files of 5 KB";
        var few = $"{options.FewFiles:#,0} files of 5 KB";
        var large = $"{options.LargeFiles} files of 300 MB";
        await CaseAsync("send-ct", () => SendAsync($"{ct} to storescp --ignore", _data.Ct(options.CtFiles)));
        await CaseAsync("send-small", () => SendAsync($"{small} to storescp --ignore", _data.Small(options.SmallFiles)));
        await CaseAsync("receive-ct", () => ReceiveAsync($"{ct} from storescu, to disk", _data.Ct(options.CtFiles)));
        await CaseAsync("receive-small",
            () => ReceiveAsync($"{small} from storescu, to disk", _data.Small(options.SmallFiles)));
        await CaseAsync("sink-ct", () => SinkAsync($"{ct} from storescu, to disk; beside our own sink", _data.Ct(options.CtFiles)));
        await CaseAsync("sink-small",
            () => SinkAsync($"{small} from storescu, to disk; beside our own sink", _data.Small(options.SmallFiles)));
        await CaseAsync("send-large",
            () => SendAsync($"{large} to storescp --ignore", _data.Large(options.LargeFiles)));
        await CaseAsync("receive-large",
            () => ReceiveAsync($"{large} from storescu, to disk", _data.Large(options.LargeFiles)));
        await CaseAsync("echo", () => EchoAsync("echoes on one association to storescp"));
        await CaseAsync("find", () => FindAsync("answers to C-FIND from a server of ours, objects made"));
        await CaseAsync("million",
            () => FindManyAsync("answers to C-FIND from a server of ours, objects made one by one"));
        await CaseAsync("move", () => MoveAsync($"{ct} moved from dcmqrscp into a folder", _data.Ct(options.CtFiles)));
        await CaseAsync("nagle-send", () => SendSlowAsync("CT of 0.5 MB to storescp, Nagle on there"));
        await CaseAsync("nagle-receive", () => ReceiveSlowAsync("CT of 0.5 MB from storescu, Nagle on there, to disk"));
        await CaseAsync("nagle-echo", () => EchoSlowAsync("echoes to storescp, Nagle on there"));
        await CaseAsync("archive-store-ct",
            () => _archives.StoreAsync($"{ct} stored", _data.Ct(options.CtFiles), isFlushed: false, target: 4));
        await CaseAsync("archive-store-small",
            () => _archives.StoreAsync($"{few} stored", _data.Small(options.FewFiles), isFlushed: false, target: 4));
        await CaseAsync("archive-store-flushed",
            () => _archives.StoreAsync($"{options.CtFiles / 5:#,0} CT of 0.5 MB stored, flushed", _data.Ct(options.CtFiles / 5),
                isFlushed: true, target: 2));
        await CaseAsync("archive-find", () => _archives.FindAsync("100,000 instances"));

        var lines = new LineBenchmark(options, folder, _data);
        foreach (var delay in new[] { 25, 50, 100 })
            await CaseAsync("line-studies", () => lines.SendStudiesAsync(delay, delay == 50 ? 20 : 0));
        await CaseAsync("line-split", () => lines.SplitStudyAsync(50));
        await CaseAsync("line-ahead", () => lines.SendAheadAsync(50));
        await CaseAsync("line-get", () => lines.RetrieveAsync(isMove: false, 50));
        await CaseAsync("line-move", () => lines.RetrieveAsync(isMove: true, 50));
        await CaseAsync("line-narrow", () => lines.FillAsync(100, 25));

        var many = new ManyBenchmark(options, folder);
        await CaseAsync("many", many.RunAsync);

        var notes = string.Join(
            "\n",
            [
                .. _notes,
                $"Medians (slowest to fastest run) of {options.Runs} warm and {options.ColdRuns} cold runs, DCMTK and DicomPS in turn,",
                $"on loopback, {Environment.ProcessorCount} cores. Ratio: the median of the ratios run by run, with its 90 % interval;",
                "what is to be reached is missed, too, when the interval goes more than a twentieth below.",
                $"cold: new processes, {(PageCache.CanEvict ? "files evicted from the page cache" : "page cache as it is")};",
                "a client's time is that of its whole process, start and exit included.",
                $"warm: files in the page cache. DicomPS does it again in a running process, after {options.WarmUps} runs that are not",
                "counted; DCMTK's clients, which cannot, have the time of a process with one small file or one echo taken off.",
                "Receiving is timed at storescu, by its whole process.",
                $"storescp to disk: {Dcmtk.ReceiverFlags}, TCP_NODELAY=1. Peak: the most resident memory of the sending, receiving or",
                "echoing process.",
            ]);
        Console.WriteLine();
        foreach (var text in new[] { $"{_results}", _archives.Table, lines.Table, many.Table, notes }.Where(text => text.Length > 0))
            Console.WriteLine(text);
        if (options.Readme is { } readme)
            WriteReadme(readme, notes, lines.Table, many.Table);
        return _results.HasFailures ? 1 : 0;
    }

    private void WriteReadme(string path, string notes, string lines, string many)
    {
        var peers = $"{_results}";
        if (peers.Length > 0)
            ReadmeTables.Replace(path, "peers", $"{peers.Trim()}\n\n{notes}");
        if (_archives.Table.Length > 0)
            ReadmeTables.Replace(path, "archives", _archives.Table);
        if (lines.Length > 0)
            ReadmeTables.Replace(path, "lines", lines);
        if (many.Length > 0)
            ReadmeTables.Replace(path, "many", many);
    }

    private async Task CaseAsync(string name, Func<Task> measure)
    {
        if (options.Only.Count > 0 && !options.Only.Any(part => name.StartsWith(part, StringComparison.OrdinalIgnoreCase)))
            return;
        Console.Error.WriteLine($"{name} ...");
        try
        {
            await measure();
        }
        catch (Exception failure) when (failure is BenchmarkException or IOException)
        {
            Console.Error.WriteLine($"{name}: {failure.Message}");
            _results.AddFailure(name, failure.Message);
        }
    }

    private async Task SendAsync(string title, DataSet set)
    {
        PageCache.Settle();
        var (server, port) = await Dcmtk.ReceiveAsync(folder: null, noDelay: true, options.Limit * 4);
        await using var serving = server;
        string[] send = ["send", $"{port}", set.Folder, $"{set.Files.Count}"];

        var cold = await InTurnAsync(
            options.ColdRuns,
            async () =>
            {
                PageCache.Evict(set);
                return await Dcmtk.SendAsync(port, set, noDelay: true, options.Limit);
            },
            async () =>
            {
                PageCache.Evict(set);
                return await EngineChild.RunOnceAsync(options.Limit, set.Files.Count, send);
            });
        Add(title, "cold", set, cold, target: 0);

        PageCache.Warm(set);
        var start = await StartupAsync(() => Dcmtk.SendAsync(port, _data.Small(1), noDelay: true, options.Limit));
        await using var client = EngineChild.Start(options.Limit * 4, send);
        await WarmUpAsync(() => client.GoAsync(set.Files.Count));
        var warm = await InTurnAsync(
            options.Runs,
            () => LessAsync(start, Dcmtk.SendAsync(port, set, noDelay: true, options.Limit)),
            async () => (await client.GoAsync(set.Files.Count), client.PeakBytes));
        Add(title, "warm", set, warm, target: 1);
    }

    private async Task ReceiveAsync(string title, DataSet set)
    {
        PageCache.Settle();
        var cold = await InTurnAsync(
            options.ColdRuns,
            async () =>
            {
                await using var receiver = await DcmtkReceiver.StartAsync(NewFolder(), noDelay: true, options.Limit);
                PageCache.Evict(set);
                return await receiver.TakeAsync(set, options.Limit);
            },
            async () =>
            {
                await using var receiver = await EngineReceiver.StartAsync(NewFolder(), noDelay: true, options.Limit);
                PageCache.Evict(set);
                return await receiver.TakeAsync(set, options.Limit);
            });
        Add(title, "cold", set, cold, target: 0);

        PageCache.Warm(set);
        await using var theirs = await DcmtkReceiver.StartAsync(NewFolder(), noDelay: true, options.Limit * 4);
        await using var ours = await EngineReceiver.StartAsync(NewFolder(), noDelay: true, options.Limit * 4);
        await theirs.TakeAsync(set, options.Limit);
        await WarmUpAsync(() => ours.TakeAsync(set, options.Limit));
        var warm = await InTurnAsync(options.Runs, () => theirs.TakeAsync(set, options.Limit), () => ours.TakeAsync(set, options.Limit));
        // A receiver of large files waits for nobody but the disk.
        Add(title, "warm", set, warm, target: set.Files.Count < 10 ? 1.2 : 1);
    }

    // What storescu itself takes is in both: the first column is a server of ours that writes nothing.
    private async Task SinkAsync(string title, DataSet set)
    {
        PageCache.Settle();
        PageCache.Warm(set);
        var (sink, port) = await EngineChild.SinkAsync(options.Limit * 4);
        await using var sinking = sink;
        await using var ours = await EngineReceiver.StartAsync(NewFolder(), noDelay: true, options.Limit * 4);
        await WarmUpAsync(() => Dcmtk.SendAsync(port, set, noDelay: true, options.Limit));
        await WarmUpAsync(() => ours.TakeAsync(set, options.Limit));
        var warm = await InTurnAsync(
            options.Runs,
            async () => ((await Dcmtk.SendAsync(port, set, noDelay: true, options.Limit)).Seconds, sink.PeakBytes),
            () => ours.TakeAsync(set, options.Limit));
        Add(title, "warm", set, warm, target: 0.9);
    }

    private async Task EchoAsync(string title)
    {
        var count = options.Echoes;
        var (server, port) = await Dcmtk.ReceiveAsync(folder: null, noDelay: true, options.Limit * 4);
        await using var serving = server;
        var cold = await InTurnAsync(
            options.ColdRuns,
            () => Dcmtk.EchoAsync(port, count, noDelay: true, options.Limit),
            () => EngineChild.RunOnceAsync(options.Limit, count, "echo", $"{port}", $"{count}"));
        Add($"{count:#,0} {title}", "cold", "echoes", count, count, cold, target: 0);

        var start = await StartupAsync(() => Dcmtk.EchoAsync(port, 1, noDelay: true, options.Limit));
        await using var client = EngineChild.Start(options.Limit * 4, "echo", $"{port}", $"{count}");
        await WarmUpAsync(() => client.GoAsync(count));
        var warm = await InTurnAsync(
            options.Runs,
            () => LessAsync(start, Dcmtk.EchoAsync(port, count, noDelay: true, options.Limit)),
            async () => (await client.GoAsync(count), client.PeakBytes));
        Add($"{count:#,0} {title}", "warm", "echoes", count, count, warm, target: 0);
    }

    // movescu asks and storescp receives; DicomPS does both.
    private async Task MoveAsync(string title, DataSet set)
    {
        PageCache.Settle();
        var (theirFolder, ourFolder, ourPort) = (NewFolder(), NewFolder(), FreePort.Next());
        var (storescp, theirPort) = await Dcmtk.ReceiveAsync(theirFolder, noDelay: true, options.Limit * 4);
        await using var receiving = storescp;
        await using var archive = await DcmtkArchive.StartAsync(NewFolder(), ourPort, theirPort, options.Limit * 4);
        await Dcmtk.SendAsync(archive.Port, set, noDelay: true, options.Limit, DcmtkArchive.AETitle);
        await Dcmtk.SendAsync(archive.Port, _data.Small(1), noDelay: true, options.Limit, DcmtkArchive.AETitle);
        var study = BenchmarkData.StudyOf(set);

        var start = await StartupAsync(() => Dcmtk.MoveAsync(archive.Port, BenchmarkData.StudyOf(_data.Small(1)), options.Limit));
        Arrived.Clear(theirFolder, _data.Small(1));
        await using var client = EngineChild.Start(options.Limit * 4, "move", $"{archive.Port}", $"{ourPort}", ourFolder, study);
        await WarmUpAsync(OursAsync);
        var sides = await InTurnAsync(options.Runs, () => LessAsync(start, TheirsAsync()), OursAsync);
        Add(title, "warm", set, sides, target: 1);

        async Task<(double Seconds, long PeakBytes)> TheirsAsync()
        {
            var (seconds, _) = await Dcmtk.MoveAsync(archive.Port, study, options.Limit);
            Arrived.Clear(theirFolder, set);
            return (seconds, storescp.PeakBytes);
        }

        async Task<(double Seconds, long PeakBytes)> OursAsync()
        {
            var seconds = await client.GoAsync(set.Files.Count);
            Arrived.Clear(ourFolder, set);
            return (seconds, client.PeakBytes);
        }
    }

    private async Task SendSlowAsync(string title)
    {
        var (few, many) = (_data.Ct(options.SlowFiles), _data.Ct(options.SlowFilesOurs));
        var (server, port) = await Dcmtk.ReceiveAsync(folder: null, noDelay: false, options.Limit * 4);
        await using var serving = server;
        await using var client = EngineChild.Start(options.Limit * 4, "send", $"{port}", many.Folder, $"{many.Files.Count}");
        await WarmUpAsync(() => client.GoAsync(many.Files.Count));
        var sides = await InTurnAsync(
            options.Runs,
            () => Dcmtk.SendAsync(port, few, noDelay: false, options.Limit),
            async () => (await client.GoAsync(many.Files.Count), client.PeakBytes));
        Add(title, "warm", "files", few.Files.Count, many.Files.Count, sides, target: 50);
    }

    private async Task ReceiveSlowAsync(string title)
    {
        var (few, many) = (_data.Ct(options.SlowFiles), _data.Ct(options.SlowFilesOurs));
        await using var theirs = await DcmtkReceiver.StartAsync(NewFolder(), noDelay: false, options.Limit * 4);
        await using var ours = await EngineReceiver.StartAsync(NewFolder(), noDelay: false, options.Limit * 4);
        await WarmUpAsync(() => ours.TakeAsync(many, options.Limit));
        var sides = await InTurnAsync(options.Runs, () => theirs.TakeAsync(few, options.Limit), () => ours.TakeAsync(many, options.Limit));
        Add(title, "warm", "files", few.Files.Count, many.Files.Count, sides, target: 50);
    }

    private async Task EchoSlowAsync(string title)
    {
        var (few, many) = (options.SlowEchoes, options.SlowEchoesOurs);
        var (server, port) = await Dcmtk.ReceiveAsync(folder: null, noDelay: false, options.Limit * 4);
        await using var serving = server;
        await using var client = EngineChild.Start(options.Limit * 4, "echo", $"{port}", $"{many}");
        await WarmUpAsync(() => client.GoAsync(many));
        var sides = await InTurnAsync(
            options.Runs,
            () => Dcmtk.EchoAsync(port, few, noDelay: false, options.Limit),
            async () => (await client.GoAsync(many), client.PeakBytes));
        Add(title, "warm", "echoes", few, many, sides, target: 50);
    }

    private async Task WarmUpAsync(Func<Task> run)
    {
        for (var i = 0; i < options.WarmUps; i++)
            await run();
    }

    private static async Task<(double Seconds, long PeakBytes)> LessAsync(double start, Task<(double Seconds, long PeakBytes)> run)
    {
        var (seconds, peak) = await run;
        return (Math.Max(seconds - start, 0.001), peak);
    }

    /// <summary>The median time of a process that does next to nothing.</summary>
    private static async Task<double> StartupAsync(Func<Task<(double Seconds, long PeakBytes)>> run)
    {
        var seconds = new List<double>();
        for (var i = 0; i < 5; i++)
            seconds.Add((await run()).Seconds);
        return Results.Median(seconds);
    }

    private static async Task<(List<(double Seconds, long PeakBytes)> Dcmtk, List<(double Seconds, long PeakBytes)> DicomPS)> InTurnAsync(
        int runs,
        Func<Task<(double Seconds, long PeakBytes)>> dcmtk,
        Func<Task<(double Seconds, long PeakBytes)>> dicomPS)
    {
        var (theirs, ours) = (new List<(double, long)>(), new List<(double, long)>());
        for (var run = 0; run < runs; run++)
        {
            // Who goes first alternates, and nothing written by one side is still on its way to the disk when the other runs.
            for (var turn = 0; turn < 2; turn++)
            {
                PageCache.Settle();
                if ((run + turn) % 2 == 0)
                    theirs.Add(await dcmtk());
                else
                    ours.Add(await dicomPS());
            }

            Console.Error.WriteLine($"  {theirs[^1].Item1:0.000} s, {ours[^1].Item1:0.000} s");
        }

        return (theirs, ours);
    }

    private string NewFolder() => Directory.CreateDirectory(Path.Combine(folder, Path.GetRandomFileName())).FullName;

    private void Add(
        string title,
        string state,
        DataSet set,
        (List<(double Seconds, long PeakBytes)> Dcmtk, List<(double Seconds, long PeakBytes)> DicomPS) sides,
        double target)
    {
        // Three files a second say nothing: large ones are counted in megabytes.
        if (set.Bytes / set.Files.Count > 50_000_000)
            Add(title, state, "MB", set.Bytes / 1e6, set.Bytes / 1e6, sides, target);
        else
            Add(title, state, "files", set.Files.Count, set.Files.Count, sides, target);
    }

    private void Add(
        string title,
        string state,
        string unit,
        double dcmtkCount,
        double dicomPSCount,
        (List<(double Seconds, long PeakBytes)> Dcmtk, List<(double Seconds, long PeakBytes)> DicomPS) sides,
        double target)
    {
        _results.Add(new Row(title, state, unit, SideOf(sides.Dcmtk, dcmtkCount), SideOf(sides.DicomPS, dicomPSCount), target));

        static Side SideOf(List<(double Seconds, long PeakBytes)> runs, double count) =>
            new([.. runs.Select(run => count / run.Seconds)], runs.Max(run => run.PeakBytes));
    }
}
