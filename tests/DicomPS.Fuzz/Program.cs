using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using DicomPS.Fuzz.Targets;

namespace DicomPS.Fuzz;

/// <summary>
/// list; run [TARGET...] [--seed N] [--count N] [--seconds N] [--faults FOLDER] for inputs made in this process, each target so many or so
/// long; samples FOLDER writes what AFL++ begins with; afl TARGET is what it runs; replay TARGET FILE... runs files.
/// </summary>
internal static partial class Program
{
    private static int Main(string[] args)
    {
        switch (args.Length > 0 ? args[0] : "")
        {
            case "list":
                Console.WriteLine(string.Join('\n', FuzzTargets.All.Select(target => target.Name)));
                return 0;
            case "samples":
                WriteSamples(args[1]);
                return 0;
            case "replay":
                foreach (var file in args[2..])
                    Find(args[1]).Run(File.ReadAllBytes(file));
                return 0;
            case "afl":
                RunUnderAfl(args[1]);
                return 0;
            case "run":
                return Run(args);
            default:
                Console.Error.WriteLine("list | run [TARGET...] [--seed N] [--count N] [--seconds N] [--faults FOLDER] | samples FOLDER "
                    + "| replay TARGET FILE... | afl TARGET");
                return 2;
        }
    }

    static partial void RunUnderAfl(string name);

    private static FuzzTarget Find(string name) => FuzzTargets.All.First(target => target.Name == name);

    private static int Run(string[] args)
    {
        var names = args.Skip(1).TakeWhile(arg => !arg.StartsWith("--", StringComparison.Ordinal)).ToArray();
        var (seed, seconds) = ((int)(Number("--seed") ?? 1), Number("--seconds"));
        var count = Number("--count") ?? (seconds is null ? 10_000 : long.MaxValue);
        var faults = Option("--faults");
        var (all, faulty, clock) = (0L, 0, Stopwatch.StartNew());
        foreach (var target in FuzzTargets.All.Where(target => names.Length == 0 || names.Contains(target.Name)))
        {
            var run = new FuzzRun(target, seed, Path.Combine(AppContext.BaseDirectory, "Corpora"));
            var here = 0;
            run.Run(count, seconds is { } most ? TimeSpan.FromSeconds(most) : null, (input, problem) =>
            {
                Tell(target, input, problem, faults);
                return ++here < 5;
            });
            faulty += here;
            all += run.Inputs;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target.Name}: {run.Inputs} inputs, {here} faults, at most ")
                + string.Create(CultureInfo.InvariantCulture, $"{run.MostAllocated / 1024} KiB and {run.Longest.TotalMilliseconds:0} ms"));
        }

        Console.WriteLine($"{all} inputs in {(int)clock.Elapsed.TotalSeconds} s from seed {seed}; {faulty} faults");
        return faulty == 0 ? 0 : 1;

        string? Option(string option) => Array.IndexOf(args, option) is >= 0 and var at ? args[at + 1] : null;

        long? Number(string option) => Option(option) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : null;
    }

    private static void Tell(FuzzTarget target, byte[] input, string problem, string? faults)
    {
        Console.WriteLine($"FAULT of {target.Name}: {problem}");
        Console.WriteLine($"  {Convert.ToBase64String(input)}");
        if (faults is null)
            return;
        Directory.CreateDirectory(faults);
        File.WriteAllBytes(Path.Combine(faults, $"{target.Name}-{Convert.ToHexString(SHA256.HashData(input))[..12]}"), input);
    }

    private static void WriteSamples(string folder)
    {
        foreach (var target in FuzzTargets.All)
        {
            var place = Directory.CreateDirectory(Path.Combine(folder, target.Name)).FullName;
            var number = 0;
            foreach (var sample in target.Samples())
                File.WriteAllBytes(Path.Combine(place, $"sample-{++number:00}"), sample);
        }
    }
}
