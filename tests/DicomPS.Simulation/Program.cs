using System.Diagnostics;
using System.Globalization;

namespace DicomPS.Simulation;

/// <summary>
/// Runs seeds and says which one fails: SEED for one of them with all its steps; --from SEED --count N, or --seconds N, for many.
/// </summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        ThreadPool.GetMaxThreads(out var threads, out _);
        if (threads != 1)
            throw new InvalidOperationException($"The pool has {threads} threads: no seed would be the same twice.");
        var (count, seconds) = (Number("--count"), Number("--seconds"));
        var isOne = args.Length > 0 && int.TryParse(args[0], NumberStyles.None, CultureInfo.InvariantCulture, out _);
        var from = isOne ? int.Parse(args[0], CultureInfo.InvariantCulture) : Number("--from") ?? 1;
        var (figures, failed, clock) = (new Figures(), 0, Stopwatch.StartNew());
        for (var seed = from; isOne ? seed == from : IsLeft(seed); seed++)
        {
            if (!TryRun(seed, figures, isOne))
                failed++;
        }

        Console.WriteLine($"{figures} in {(int)clock.Elapsed.TotalSeconds} s from seed {from}; {failed} broken");
        return failed == 0 ? 0 : 1;

        bool IsLeft(int seed) => count is null ? clock.Elapsed.TotalSeconds < (seconds ?? 10) : seed < from + count;

        int? Number(string option) => Array.IndexOf(args, option) is >= 0 and var at
            ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : null;
    }

    private static bool TryRun(int seed, Figures figures, bool isOne)
    {
        var root = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        var folder = Directory.CreateDirectory(Path.Combine(root, $"dicomps-simulation-{Environment.ProcessId}-{seed}"));
        using var run = new Run(seed, folder.FullName);
        try
        {
            run.Time.Run(run.PlayAsync);
            figures.Add(run.Figures);
            if (isOne)
                Tell(run, int.MaxValue);
            return true;
        }
        catch (Exception problem)
        {
            figures.Add(run.Figures);
            Tell(run, isOne ? int.MaxValue : 30);
            var what = problem is BrokenPromiseException or StuckException ? problem.Message : $"{problem}";
            Console.WriteLine($"SEED {seed}: {what}");
            Console.WriteLine($"Again: dotnet run --project tests/DicomPS.Simulation -- {seed}");
            return false;
        }
    }

    private static void Tell(Run run, int most)
    {
        foreach (var step in run.Steps.TakeLast(most))
            Console.WriteLine($"  {step}");
        Console.WriteLine($"seed {run.Seed}, mark {run.Mark}");
    }
}
