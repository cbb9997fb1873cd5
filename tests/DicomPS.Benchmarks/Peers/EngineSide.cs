using System.Diagnostics;
using System.Globalization;
using System.Net;
using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Scp;
using DicomPS.Scu;
using DicomPS.Sending;
using DicomPS.Serving;

namespace DicomPS.Benchmarks.Peers;

/// <summary>
/// What an <see cref="EngineChild"/> does: the only file of the benchmark that calls the engine. Clients read "go" from
/// standard input and answer "done COUNT SECONDS"; a receiver prints "port N"; the end of the input ends them.
/// </summary>
internal static class EngineSide
{
    /// <summary>send PORT FOLDER COUNT [auto|split|async:N]</summary>
    /// <param name="arguments">As above.</param>
    public static Task<int> SendAsync(string[] arguments)
    {
        var node = Peer(arguments[0]);
        var count = int.Parse(arguments[2], CultureInfo.InvariantCulture);
        var files = Directory.GetFiles(arguments[1]).Order(StringComparer.Ordinal).Take(count).ToArray();
        var how = arguments.Length > 3 ? arguments[3].Split(':') : [""];
        var number = how.Length > 1 ? int.Parse(how[1], CultureInfo.InvariantCulture) : 1;
        return ServeAsync(() => SendAsync(node, files, how[0] switch
        {
            "auto" => o => o with { Associations = 64, IsAdaptive = true },
            "split" => o => o with { Associations = 64, IsAdaptive = true, SplitsStudies = true },
            "async" => o => o with { AsyncOperations = number },
            _ => o => o,
        }));
    }

    /// <summary>echo PORT COUNT</summary>
    /// <param name="arguments">As above.</param>
    public static Task<int> EchoAsync(string[] arguments)
    {
        var node = Peer(arguments[0]);
        var count = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        return ServeAsync(async () =>
        {
            var result = await EchoScu.DiagnoseAsync(node, AssociationOptions.For(node), count, CancellationToken.None);
            return result.Success ? result.Count : throw new BenchmarkException($"{result.Stage}: {result.Failure}");
        });
    }

    /// <summary>receive FOLDER</summary>
    /// <param name="arguments">As above.</param>
    public static async Task<int> ReceiveAsync(string[] arguments)
    {
        await using var server = StorageServer.Start(new StorageServerOptions
        {
            Folder = arguments[0],
            Layout = "Flat",
            Server = new DicomServerOptions { Address = IPAddress.Loopback, MaximumAssociations = 256 },
        });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"port {server.Port}"));
        using var ended = new CancellationTokenSource();
        // A user's Receive-DicomStorageScp takes the instances as they come; so does this.
        var taking = TakeAsync(server, ended.Token);
        await Console.In.ReadLineAsync();
        await ended.CancelAsync();
        await taking;
        return 0;
    }

    /// <summary>sink: takes instances, writes nothing and says Success; prints "port N".</summary>
    public static async Task<int> SinkAsync()
    {
        // For its rows alone: nothing is received.
        var none = new InstanceReceiverOptions { Folder = ".", PathFor = (_, _) => ".", LastTag = Tags.SOPInstanceUID };
        var scp = new StoreScp(new InstanceReceiver(none), (_, _) => Task.CompletedTask, (_, _) => { });
        await using var server = DicomServer.Start(new DicomServerOptions { Address = IPAddress.Loopback },
            new ServiceTable([.. scp.Rows().Select(row => row with { Handler = DropAsync })]));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"port {server.Port}"));
        await Console.In.ReadLineAsync();
        return 0;
    }

    private static async Task<ServiceReply> DropAsync(ServiceCall call, CancellationToken cancellation)
    {
        while (await call.Reader.ReadDataAsync(cancellation).ConfigureAwait(false) is not null)
            continue;
        return call.Command.Respond(Statuses.Success);
    }

    /// <summary>A node on this machine.</summary>
    /// <param name="port">Its port.</param>
    public static DicomNode Peer(string port) =>
        new() { AETitle = "ANY-SCP", HostName = "127.0.0.1", Port = int.Parse(port, CultureInfo.InvariantCulture) };

    /// <summary>Sends files; all must succeed.</summary>
    /// <param name="node">Whom to.</param>
    /// <param name="files">What.</param>
    /// <param name="how">How; null for the defaults.</param>
    public static async Task<int> SendAsync(DicomNode node, string[] files, Func<StoreJobOptions, StoreJobOptions>? how = null)
    {
        var options = new StoreJobOptions { Association = AssociationOptions.For(node), Node = node };
        await using var job = new StoreJob(how?.Invoke(options) ?? options);
        var adding = AddAsync(job, files);
        var succeeded = 0;
        await foreach (var result in job.ResultsAsync(CancellationToken.None))
        {
            if (!result.Success)
                throw new BenchmarkException($"{result.Path}: {result.Status}. {result.Error}");
            succeeded++;
        }

        await adding;
        return succeeded;
    }

    private static async Task AddAsync(StoreJob job, string[] files)
    {
        foreach (var file in files)
            await job.AddAsync(file, CancellationToken.None);
        job.CompleteAdding();
    }

    private static async Task TakeAsync(StorageServer server, CancellationToken cancellation)
    {
        try
        {
            await foreach (var _ in server.ReceiveAsync(cancellation))
            {
                // Taken.
            }
        }
        catch (OperationCanceledException)
        {
            // The benchmark is done with this receiver.
        }
    }

    /// <summary>Does the work at each "go" and says what it took.</summary>
    /// <param name="work">Returns how many succeeded.</param>
    public static Task<int> ServeAsync(Func<Task<int>> work) => ServeAsync(_ => work());

    /// <summary>Does the work at each "go" and says what it took.</summary>
    /// <param name="work">Takes the words of the line; returns how many succeeded.</param>
    public static async Task<int> ServeAsync(Func<string[], Task<int>> work)
    {
        while ((await Console.In.ReadLineAsync())?.Split(' ') is ["go", ..] words)
        {
            var watch = Stopwatch.StartNew();
            var succeeded = await work(words);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"done {succeeded} {watch.Elapsed.TotalSeconds:R}"));
        }

        return 0;
    }
}
