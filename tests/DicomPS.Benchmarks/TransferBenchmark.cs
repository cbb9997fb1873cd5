using System.Diagnostics;
using DicomPS.Archiving.Databases;
using DicomPS.Associations;
using DicomPS.Benchmarks.Peers;
using DicomPS.Transfers.Store;

namespace DicomPS.Benchmarks;

/// <summary>The store of transfers with many rows: how long it takes to add them, to claim, and to tell how it stands.</summary>
internal static class TransferBenchmark
{
    public static async Task<int> RunAsync(string[] args)
    {
        var rows = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 1_000_000;
        var address = StoreAddress.Parse(args[0], Path.GetFullPath);
        await using var store = await TransferStore.OpenAsync(address, mayCreate: true, CancellationToken.None);
        var clock = Stopwatch.StartNew();
        var transfer = await store.AddTransferAsync(new TransferRow
        {
            Id = 0,
            Name = $"bench {DateTime.UtcNow:O}",
            Source = new NodeRow { Id = 0, Node = DicomNode.Parse("OLD@127.0.0.1:104"), Throttle = 64 },
            Destination = new NodeRow { Id = 0, Node = DicomNode.Parse("NEW@127.0.0.1:104"), Throttle = 64 },
            Method = "Move",
            Verify = "Counts",
            State = "Active",
        }, CancellationToken.None);
        for (var at = 0; at < rows; at += 2000)
        {
            await store.AddItemsAsync(transfer.Id, [.. Enumerable.Range(at, Math.Min(2000, rows - at)).Select(i => new NewItem
            {
                StudyUid = $"1.2.826.0.1.3680043.8.498.{i * 7919L}", PatientId = $"P{i % 300_000}", PatientName = $"Doe^Jane{i % 300_000}",
                StudyDate = "2020-01-02", Modalities = "CT", Description = "CT Chest", Instances = 200,
            })], CancellationToken.None);
        }

        Console.WriteLine($"{rows} added in {clock.Elapsed.TotalSeconds:0.0} s, "
            + $"{Process.GetCurrentProcess().PeakWorkingSet64 / 1048576} MB at the most");
        await ClaimAsync(store, transfer);
        for (var run = 0; run < 3; run++)
        {
            clock.Restart();
            await store.CountsAsync(transfer.Id, CancellationToken.None);
            await store.RateAsync(transfer.Id, CancellationToken.None);
            Console.WriteLine($"how it stands: {clock.ElapsedMilliseconds} ms");
        }

        return 0;
    }

    private static async Task ClaimAsync(TransferStore store, TransferRow transfer)
    {
        const int workers = 40, each = 50;
        var claims = new System.Collections.Concurrent.ConcurrentBag<double>();
        var ends = new System.Collections.Concurrent.ConcurrentBag<double>();
        var whole = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(async () =>
        {
            var worker = await store.AddWorkerAsync("bench", 1, "bench", "0", 1, CancellationToken.None);
            Slots? slots = null;
            for (var i = 0; i < each; i++)
            {
                // Studies take a while; workers do not all come at once.
                await Task.Delay(Random.Shared.Next(2000));
                var clock = Stopwatch.StartNew();
                if (await store.ClaimAsync(transfer.Id, worker, slots, false, false, CancellationToken.None) is not var (item, held))
                    throw new BenchmarkException("Nothing to claim.");
                claims.Add(clock.Elapsed.TotalMilliseconds);
                slots = held;
                clock.Restart();
                await store.EndAsync(item, transfer, worker, TimeSpan.FromSeconds(1),
                    new AttemptEnd { State = "Transferred", Wait = TimeSpan.FromMinutes(10), IsMoved = true, Served = true }, null,
                    CancellationToken.None);
                ends.Add(clock.Elapsed.TotalMilliseconds);
            }

            await store.EndWorkerAsync(worker, CancellationToken.None);
        })));
        Console.WriteLine(
            $"{workers} workers, {claims.Count} claims in {whole.Elapsed.TotalSeconds:0.0} s: {Of(claims)}; ends: {Of(ends)}");
    }

    private static string Of(IEnumerable<double> times)
    {
        var sorted = times.Order().ToArray();
        return $"median {sorted[sorted.Length / 2]:0.0} ms, 99 % {sorted[(int)(sorted.Length * 0.99)]:0.0} ms, longest {sorted[^1]:0.0} ms";
    }
}
