using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using DicomPS.Associations;
using DicomPS.Benchmarks.Peers;
using DicomPS.Comparing;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Querying;
using DicomPS.Scp;

namespace DicomPS.Benchmarks;

/// <summary>Two archives of many studies compared: how long it takes, and how much memory. Each has a process of its own.</summary>
internal static class CompareBenchmark
{
    private const int StudiesOfDay = 50;
    private const int LacksEach = 1000;
    private const int PartialEach = 777;
    private const int TargetSeconds = 60;
    private const int TargetMegabytes = 250;
    private static readonly DateTime First = new(2018, 1, 1);

    /// <summary>compare [--studies N] [--all]: without a first day as well, where all is asked for twice.</summary>
    /// <param name="arguments">As above.</param>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var at = Array.IndexOf(arguments, "--studies");
        var studies = at < 0 ? 100_000 : int.Parse(arguments.ElementAtOrDefault(at + 1) ?? "", CultureInfo.InvariantCulture);
        var limit = TimeSpan.FromMinutes(10);
        var (old, oldPort) = await EngineChild.ListenAsync(limit, "serve-days", $"{studies}", "whole");
        await using var serving = old;
        var (other, newPort) = await EngineChild.ListenAsync(limit, "serve-days", $"{studies}", "lacking");
        await using var servingToo = other;
        await using var child = EngineChild.Start(limit, "compare-on", $"{oldPort}", $"{newPort}",
            arguments.Contains("--all") ? "all" : "days");
        Console.WriteLine(await child.ReadLineAsync());
        return 0;
    }

    /// <summary>compare-on PORT PORT days|all: compares, and prints a line.</summary>
    /// <param name="arguments">As above.</param>
    public static async Task<int> CompareAsync(string[] arguments)
    {
        var watch = Stopwatch.StartNew();
        var counts = new Dictionary<string, int>();
        ComparisonSummary? summary = null;
        var comparison = new ArchiveComparison(new ComparisonOptions
        {
            Reference = Options(arguments[0]),
            Difference = Options(arguments[1]),
            Request = new QueryRequest { After = arguments[2] == "all" ? null : First, Split = QuerySplit.Auto },
        });
        await foreach (var value in comparison.RunAsync(CancellationToken.None))
        {
            if (value is ComparisonFound found)
                counts[found.Result.Difference] = counts.GetValueOrDefault(found.Result.Difference) + 1;
            else if (value is ComparisonFailed failed)
                throw new BenchmarkException(failed.Problem.Message);
            summary = value as ComparisonSummary ?? summary;
        }

        using var self = Process.GetCurrentProcess();
        var megabytes = self.PeakWorkingSet64 / 1e6;
        var isReached = watch.Elapsed.TotalSeconds <= TargetSeconds && megabytes <= TargetMegabytes;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{summary!.Total.ReferenceStudies} against {summary.Total.DifferenceStudies} studies in {watch.Elapsed.TotalSeconds:0.0} s, "
            + $"peak {megabytes:0} MB, {summary.Queries} queries; {string.Join(", ", counts.Select(one => $"{one.Value} {one.Key}"))}; "
            + $"{TargetSeconds} s and {TargetMegabytes} MB: {(isReached ? "reached" : "missed")}"));
        return 0;
    }

    /// <summary>serve-days COUNT whole|lacking: answers by day and by UID; prints "port N".</summary>
    /// <param name="arguments">As above.</param>
    public static async Task<int> ServeAsync(string[] arguments)
    {
        var count = int.Parse(arguments[0], CultureInfo.InvariantCulture);
        var isLacking = arguments[1] == "lacking";
        var find = new FindScp((_, keys, cancellation) => AnswerAsync(keys, count, isLacking, cancellation));
        await using var server = DicomServer.Start(new DicomServerOptions { Address = IPAddress.Loopback },
            new ServiceTable([find.Row(Uids.StudyRootQueryRetrieveInformationModelFind)]));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"port {server.Port}"));
        await Console.In.ReadLineAsync();
        return 0;
    }

    private static async IAsyncEnumerable<DicomDataset> AnswerAsync(DicomDataset keys, int count, bool isLacking,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Yield();
        foreach (var number in Numbers(keys, count))
        {
            cancellation.ThrowIfCancellationRequested();
            if (number >= 0 && number < count && !(isLacking && number % LacksEach == 0))
                yield return FindSide.Study(number, First.AddDays(number / StudiesOfDay), isLacking && number % PartialEach == 0 ? 9 : 512);
        }
    }

    private static IEnumerable<int> Numbers(DicomDataset keys, int count)
    {
        if (keys.GetStrings(Tags.StudyInstanceUID) is { Length: > 0 } uids)
            return uids.Select(uid => int.Parse(uid.AsSpan(uid.LastIndexOf('.') + 1), CultureInfo.InvariantCulture));
        if (keys.GetString(Tags.StudyDate) is not { Length: > 0 } text || !DicomDateRange.TryParse(text, out var range))
            return Enumerable.Range(0, count);
        var from = Math.Max(0, ((range.From ?? First) - First).Days * StudiesOfDay);
        var to = range.To is { } last ? Math.Min(count, ((last - First).Days + 1) * StudiesOfDay) : count;
        return Enumerable.Range(from, Math.Max(0, to - from));
    }

    private static QueryJobOptions Options(string port)
    {
        var node = new DicomNode { AETitle = "ANY-SCP", HostName = "127.0.0.1", Port = int.Parse(port, CultureInfo.InvariantCulture) };
        return new QueryJobOptions { Association = AssociationOptions.For(node), Node = node, Associations = 2 };
    }
}
