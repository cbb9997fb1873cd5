using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using DicomPS.Associations;
using DicomPS.Benchmarks.Peers;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Scp;
using DicomPS.Scu;
using DicomPS.Sending;
using DicomPS.Serialization;

namespace DicomPS.Benchmarks;

/// <summary>How soon a server sees C-CANCEL, and its sender the end of the query, while many associations store.</summary>
internal static class CancelBenchmark
{
    private const int TargetMilliseconds = 200;

    /// <summary>cancel [--runs N] [--associations N] [--one]</summary>
    /// <param name="arguments">As above.</param>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var (runs, associations) = (Number("--runs", 50), Number("--associations", 64));
        var limit = TimeSpan.FromMinutes(10);
        var folder = Directory.CreateTempSubdirectory("dicomps-cancel-").FullName;
        try
        {
            var files = new BenchmarkData(folder).Small(500);
            var target = Directory.CreateDirectory(Path.Combine(folder, "received")).FullName;
            if (arguments.Contains("--one"))
            {
                var seen = new TaskCompletionSource<long>[1];
                await using var server = Start(target, ticks => seen[0].TrySetResult(ticks));
                using var end = new CancellationTokenSource();
                var storing = StoreAsync(server.Port, files.Folder, associations, end.Token);
                await MeasureAsync(server.Port, runs, () => (seen[0] = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task);
                await end.CancelAsync();
                await storing;
            }
            else
            {
                var (server, port) = await EngineChild.ListenAsync(limit, "serve-cancel", target);
                await using var serving = server;
                await using var storing = EngineChild.Start(limit, "store-on", $"{port}", files.Folder, $"{associations}");
                await MeasureAsync(port, runs, async () => long.Parse(await server.ReadLineAsync(), CultureInfo.InvariantCulture));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;

        int Number(string name, int usual) => Array.IndexOf(arguments, name) is >= 0 and var at
            ? int.Parse(arguments.ElementAtOrDefault(at + 1) ?? "", CultureInfo.InvariantCulture) : usual;
    }

    /// <summary>
    /// serve-cancel FOLDER: stores, answers a query once and then waits; prints "port N" and the moment of each cancel.
    /// </summary>
    /// <param name="folder">Where instances go.</param>
    public static async Task<int> ServeAsync(string folder)
    {
        await using var server = Start(folder, ticks => Console.WriteLine(ticks.ToString(CultureInfo.InvariantCulture)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"port {server.Port}"));
        await Console.In.ReadLineAsync();
        return 0;
    }

    /// <summary>store-on PORT FOLDER ASSOCIATIONS: sends the files of a folder again and again, until the input ends.</summary>
    /// <param name="arguments">As above.</param>
    public static async Task<int> StoreAsync(string[] arguments)
    {
        using var end = new CancellationTokenSource();
        var storing = StoreAsync(int.Parse(arguments[0], CultureInfo.InvariantCulture), arguments[1],
            int.Parse(arguments[2], CultureInfo.InvariantCulture), end.Token);
        await Console.In.ReadLineAsync();
        await end.CancelAsync();
        await storing;
        return 0;
    }

    // One place for all: what is stored again replaces, so that the disk does not fill.
    private static DicomServer Start(string folder, Action<long> cancelled)
    {
        var receiver = new InstanceReceiver(new InstanceReceiverOptions
        {
            Folder = folder,
            PathFor = (header, _) => Path.Combine(folder, $"{header.GetString(Tags.SOPInstanceUID)}.dcm"),
            LastTag = Tags.SOPInstanceUID,
            Duplicates = DuplicatePolicy.Overwrite,
        });
        var store = new StoreScp(receiver, (_, _) => Task.CompletedTask, (_, _) => { });
        var find = new FindScp((_, _, cancellation) => AnswerAsync(cancelled, cancellation));
        return DicomServer.Start(new DicomServerOptions { Address = IPAddress.Loopback, MaximumAssociations = 200 },
            new ServiceTable([.. store.Rows(), find.Row(Uids.StudyRootQueryRetrieveInformationModelFind)]));
    }

    private static async IAsyncEnumerable<DicomDataset> AnswerAsync(Action<long> cancelled,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        var study = new DicomDataset();
        study.Set(Tags.QueryRetrieveLevel, "STUDY");
        study.Set(Tags.StudyInstanceUID, "2.25.1");
        yield return study;
        using var registration = cancellation.UnsafeRegister(_ => cancelled(Stopwatch.GetTimestamp()), null);
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
    }

    private static async Task StoreAsync(int port, string folder, int associations, CancellationToken end)
    {
        var node = Node(port);
        await using var job =
            new StoreJob(new StoreJobOptions { Association = AssociationOptions.For(node), Node = node, Associations = associations });
        var adding = Task.Run(
            async () =>
            {
                while (!end.IsCancellationRequested)
                {
                    foreach (var file in Directory.GetFiles(folder).TakeWhile(_ => !end.IsCancellationRequested))
                        await job.AddAsync(file, CancellationToken.None);
                }

                job.CompleteAdding();
            },
            CancellationToken.None);
        await foreach (var result in job.ResultsAsync(CancellationToken.None))
        {
            if (!result.Success)
                throw new BenchmarkException($"{result.Path}: {result.Status}. {result.Error}");
        }

        await adding;
    }

    private static async Task MeasureAsync(int port, int runs, Func<Task<long>> nextCancel)
    {
        await Task.Delay(TimeSpan.FromSeconds(3));
        var (seen, ended) = (new List<double>(), new List<double>());
        for (var run = 0; run < runs; run++)
        {
            var options = AssociationOptions.For(Node(port)) with
            {
                PresentationContexts =
                    [new(Uids.StudyRootQueryRetrieveInformationModelFind, [TransferSyntax.ImplicitVRLittleEndian.Uid])],
            };
            await using var scu = await QueryScu.ConnectAsync(options, TimeSpan.FromSeconds(30), CancellationToken.None);
            var keys = new DicomDataset();
            keys.Set(Tags.QueryRetrieveLevel, "STUDY");
            keys.Set(Tags.StudyInstanceUID, "");
            using var cancel = new CancellationTokenSource();
            var cancelled = nextCancel();
            var sent = 0L;
            try
            {
                await foreach (var response in scu.FindAsync(scu.ContextFor(Uids.StudyRootQueryRetrieveInformationModelFind)!, keys, null,
                    DicomPriority.Medium, cancel.Token))
                {
                    if (!response.IsPending)
                        continue;
                    await Task.Delay(50);
                    sent = Stopwatch.GetTimestamp();
                    await cancel.CancelAsync();
                }
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                // As it was to end, after the last response.
            }

            ended.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            seen.Add(Stopwatch.GetElapsedTime(sent, await cancelled).TotalMilliseconds);
            await scu.ReleaseAsync(CancellationToken.None);
        }

        Row("C-CANCEL seen by the handler", seen);
        Row("the last response here", ended);

        static void Row(string name, List<double> times)
        {
            var sorted = times.Order().ToArray();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name}: median {Results.Median(sorted):0.0} ms, 9 of 10 within {sorted[sorted.Length * 9 / 10]:0.0} ms, slowest "
                + $"{sorted[^1]:0.0} ms of {sorted.Length}; "
                + $"{TargetMilliseconds} ms: {(sorted[^1] <= TargetMilliseconds ? "reached" : "missed")}"));
        }
    }

    private static DicomNode Node(int port) => new() { AETitle = "ANY-SCP", HostName = "127.0.0.1", Port = port };
}
