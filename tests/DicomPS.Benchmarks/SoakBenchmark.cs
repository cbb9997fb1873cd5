using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using DicomPS.Associations;
using DicomPS.Benchmarks.Peers;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Retrieving;
using DicomPS.Scu;
using DicomPS.Serialization;

namespace DicomPS.Benchmarks;

/// <summary>
/// A pwsh with an archive and a storage SCP, under stores, finds, moves and peers that behave badly, for as long as is said: whether its
/// memory, its threads and its files go on growing. Its queue of received instances is drained, or with --undrained not.
/// </summary>
internal sealed class SoakBenchmark : IDisposable
{
    private const string Title = "BOX", Sink = "SINK";

    // Of MB a minute over the second half; the first has the compiling, the caches and the retention's beginning.
    private const double MostGrowth = 0.5;

    // Small: what a server remembers of thousands of studies is full in the first half, and can no longer grow.
    private const int StudySize = 50;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15);
    private readonly List<(double Minutes, double Megabytes, int Threads, int Files)> _samples = [];
    private readonly CancellationTokenSource _end;
    private readonly TimeSpan _length;
    private volatile string _study = "2.25.1.1";
    private long _stored, _found, _moved, _bad, _refused;

    private SoakBenchmark(TimeSpan length)
    {
        _length = length;
        _end = new CancellationTokenSource(length);
    }

    /// <summary>soak [--minutes N] [--module FOLDER] [--undrained]</summary>
    /// <param name="arguments">As above.</param>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var minutes = double.Parse(Value("--minutes") ?? "60", CultureInfo.InvariantCulture);
        var module = Path.GetFullPath(Value("--module") ?? Path.Combine("out", "DicomPS"));
        if (!File.Exists(Path.Combine(module, "DicomPS.psd1")))
            throw new BenchmarkException($"{module} has no DicomPS.psd1: build it, or name its folder with --module.");
        var folder = Directory.CreateTempSubdirectory("dicomps-soak-").FullName;
        try
        {
            using var soak = new SoakBenchmark(TimeSpan.FromMinutes(minutes));
            return await soak.RunAsync(module, folder, isDrained: !arguments.Contains("--undrained"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        string? Value(string name) => Array.IndexOf(arguments, name) is >= 0 and var at ? arguments.ElementAtOrDefault(at + 1) : null;
    }

    public void Dispose() => _end.Dispose();

    private async Task<int> RunAsync(string module, string folder, bool isDrained)
    {
        // The runtime lets garbage lie for as long as the processor's cache is large; here that would look like growth.
        Environment.SetEnvironmentVariable("DOTNET_GCgen0size", "0x2000000");
        var limit = _length + TimeSpan.FromMinutes(10);
        var script = Path.Combine(folder, "server.ps1");
        await File.WriteAllTextAsync(script, Script(module, folder, isDrained));
        await using var server = ChildProcess.Start("pwsh", ["-NoLogo", "-NoProfile", "-NonInteractive", "-File", script], noDelay: false,
            interactive: true, limit);
        var ports = (await server.ReadLineAsync()).Split(' ');
        // The id of the process itself: pwsh as a tool of .NET is a launcher.
        if (ports is not ["ready", var box, var sink, var id])
            throw new BenchmarkException($"pwsh said: {string.Join(' ', ports)}. {server.Errors}");
        await using var first = EngineChild.Start(limit, "crowd");
        await using var second = EngineChild.Start(limit, "crowd");
        Task[] work =
        [
            StoreAsync(first, box, Title), StoreAsync(second, sink, Sink), FindAsync(box), MoveAsync(box), BeBadAsync(box),
            BeBadAsync(sink), SampleAsync(id),
        ];
        await Task.WhenAll(work);
        return Report(isDrained);
    }

    // Retention keeps the disk from filling, and is part of the load.
    private static string Script(string module, string folder, bool isDrained)
    {
        var receive = isDrained
            ? "Receive-DicomStorageScp $scp -Wait | ForEach-Object { [IO.File]::Delete($_.Path) }"
            : "while ($true) { Start-Sleep 5; Get-ChildItem $received -Recurse -File | Remove-Item -ErrorAction Ignore }";
        return $$"""
            $ErrorActionPreference = 'Stop'
            Import-Module '{{Path.Combine(module, "DicomPS.psd1")}}'
            $received = '{{folder}}/received'
            $scp = Start-DicomStorageScp $received -Port 0 -Address 127.0.0.1 -AETitle {{Sink}} -IdleTimeout 20 -WarningAction Ignore
            $box = Start-DicomArchive '{{folder}}/archive' -Port 0 -Address 127.0.0.1 -AETitle {{Title}} -IdleTimeout 20 -MaxBytes 100MB `
                -Destination @{ {{Sink}} = "127.0.0.1:$($scp.Port)" } -WarningAction Ignore
            [Console]::Out.WriteLine("ready $($box.Port) $($scp.Port) $PID")
            {{receive}}
            """;
    }

    private async Task StoreAsync(EngineChild crowd, string port, string title)
    {
        while (!_end.IsCancellationRequested)
        {
            var answer = await crowd.AskAsync($"go {port} {title} 8 3 {StudySize}");
            if (answer.Split(' ') is not ["done", _, var total, _, _])
                throw new BenchmarkException($"The senders said: {answer}");
            Interlocked.Add(ref _stored, long.Parse(total, CultureInfo.InvariantCulture));
            await PauseAsync(2000);
        }
    }

    private async Task FindAsync(string port)
    {
        while (!_end.IsCancellationRequested)
        {
            await GuardedAsync(async () =>
            {
                var keys = new DicomDataset();
                keys.Set(Tags.QueryRetrieveLevel, "STUDY");
                keys.Set(Tags.StudyDate, "20240101-");
                keys.Set(Tags.StudyInstanceUID);
                keys.Set(Tags.NumberOfStudyRelatedInstances);
                await using var scu = await QueryScu.ConnectAsync(AssociationOptions.For(Node(port)) with
                {
                    PresentationContexts =
                        [new(Uids.StudyRootQueryRetrieveInformationModelFind, [TransferSyntax.ExplicitVRLittleEndian.Uid])],
                }, TimeSpan.FromSeconds(5), CancellationToken.None);
                var context = scu.ContextFor(Uids.StudyRootQueryRetrieveInformationModelFind)!;
                await foreach (var response in scu.FindAsync(context, keys, null, DicomPriority.Medium, CancellationToken.None))
                {
                    _found += response.IsPending ? 1 : 0;
                    _study = response.Dataset?.GetString(Tags.StudyInstanceUID) ?? _study;
                }

                await scu.ReleaseAsync(CancellationToken.None);
            });
            await PauseAsync(200);
        }
    }

    private async Task MoveAsync(string port)
    {
        while (!_end.IsCancellationRequested)
        {
            await GuardedAsync(async () =>
            {
                await using var job = new RetrieveJob(new RetrieveJobOptions
                {
                    Association = AssociationOptions.For(Node(port)),
                    Node = Node(port),
                    Destination = Sink,
                });
                await job.AddAsync(new RetrieveKeys { StudyInstanceUID = [_study] }, CancellationToken.None);
                job.CompleteAdding();
                await foreach (var result in job.ResultsAsync(CancellationToken.None))
                    _moved += result.Completed ?? 0;
            });
            await PauseAsync(5000);
        }
    }

    // Noise, half a request, a length that lies, TLS where none is spoken, a call that hangs up, and one that says nothing.
    private async Task BeBadAsync(string port)
    {
        var random = new Random(1);
        byte[][] openings = [[], Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n"), [1, 0, 0x7F, 0xFF, 0xFF, 0xFF],
            [1, 0, 0, 0, 0, 200, 0, 1], [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC], [4, 0, 0, 0, 0, 6, 0, 0, 0, 2, 1, 3],
            [7, 0, 0, 0, 0, 4, 0, 0, 0, 0]];
        while (!_end.IsCancellationRequested)
        {
            try
            {
                using var socket = new TcpClient();
                await socket.ConnectAsync(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture));
                var bytes = openings[random.Next(openings.Length)];
                if (bytes.Length == 0)
                    random.NextBytes(bytes = new byte[random.Next(1, 5000)]);
                await socket.GetStream().WriteAsync(bytes);
                await PauseAsync(random.Next(300));
                if (random.Next(2) == 0)
                    socket.LingerState = new LingerOption(true, 0);
                _bad++;
            }
            catch (Exception gone) when (gone is SocketException or IOException)
            {
                // The server was as rude.
                _refused++;
            }
        }
    }

    private async Task GuardedAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (DicomException)
        {
            // Full for a moment, or the study was removed: the load goes on.
            _refused++;
        }
    }

    private async Task SampleAsync(string process)
    {
        var begun = Environment.TickCount64;
        while (!_end.IsCancellationRequested)
        {
            await PauseAsync((int)Every.TotalMilliseconds);
            var status = await File.ReadAllLinesAsync($"/proc/{process}/status");
            _samples.Add(((Environment.TickCount64 - begun) / 60_000.0, Number("VmRSS:") / 1024.0, (int)Number("Threads:"),
                Directory.GetFiles($"/proc/{process}/fd").Length));
            if (_samples.Count % 4 == 0)
                Console.Error.WriteLine(Line(_samples[^1]));

            double Number(string name)
            {
                var line = status.First(line => line.StartsWith(name, StringComparison.Ordinal));
                return double.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
            }
        }
    }

    private async Task PauseAsync(int milliseconds)
    {
        try
        {
            await Task.Delay(milliseconds, _end.Token);
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private int Report(bool isDrained)
    {
        var half = _samples.Skip(_samples.Count / 2).ToList();
        if (half.Count < 4)
            throw new BenchmarkException("That was too short to say anything: at least two minutes.");
        var growth = Slope(half.ConvertAll(sample => (sample.Minutes, sample.Megabytes)));
        var threads = Slope(half.ConvertAll(sample => (sample.Minutes, (double)sample.Threads)));
        var files = Slope(half.ConvertAll(sample => (sample.Minutes, (double)sample.Files)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            {_length.TotalMinutes:0} minutes, the queue {(isDrained ? "drained" : "not drained")}: {_stored:#,0} stored, {_found:#,0} found,
            {_moved:#,0} moved, {_bad:#,0} bad calls, {_refused:#,0} refused. First, middle, last sample:
            {Line(_samples[0])}
            {Line(half[0])}
            {Line(_samples[^1])}
            Over the second half: memory {growth:+0.00;-0.00} MB a minute (at most {MostGrowth:0.0}:
            {(growth <= MostGrowth ? "flat" : "grows")}), threads {threads:+0.00;-0.00}, open files {files:+0.00;-0.00} a minute.
            """));
        return growth <= MostGrowth ? 0 : 1;
    }

    private static string Line((double Minutes, double Megabytes, int Threads, int Files) sample) => string.Create(
        CultureInfo.InvariantCulture,
        $"{sample.Minutes:0.0} min: {sample.Megabytes:0} MB, {sample.Threads} threads, {sample.Files} open files");

    // Least squares: a single sample, taken before or after a collection, decides nothing.
    private static double Slope(List<(double X, double Y)> points)
    {
        var (x, y) = (points.Average(point => point.X), points.Average(point => point.Y));
        return points.Sum(point => (point.X - x) * (point.Y - y)) / points.Sum(point => (point.X - x) * (point.X - x));
    }

    private static DicomNode Node(string port) => EngineSide.Peer(port) with { AETitle = Title };
}
