using System.Diagnostics;

namespace DicomPS.Fuzz;

/// <summary>Feeds a target with bytes made of its samples and of its folder of corpora, and looks what they do.</summary>
/// <param name="target">The target.</param>
/// <param name="seed">The same seed makes the same bytes.</param>
/// <param name="corpora">The folder of all corpora.</param>
internal sealed class FuzzRun(FuzzTarget target, int seed, string corpora)
{
    private const int LongestInput = 4096;

    // A dataset that inflates to its limit, read three times, in buffers that double; lasting growth is looked for apart.
    private const long MostBytes = 64L * 1024 * 1024;

    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    /// <summary>How many inputs ran.</summary>
    public long Inputs { get; private set; }

    /// <summary>The most bytes that one input allocated.</summary>
    public long MostAllocated { get; private set; }

    /// <summary>The longest that one input took.</summary>
    public TimeSpan Longest { get; private set; }

    /// <summary>Runs the samples and the corpus as they are, then inputs made of them.</summary>
    /// <param name="count">The most inputs.</param>
    /// <param name="time">The longest time; null for no limit.</param>
    /// <param name="fault">Told of an input that does harm, and why; returns whether to go on.</param>
    public void Run(long count, TimeSpan? time, Func<byte[], string, bool> fault)
    {
        List<byte[]> samples = [.. target.Samples(), .. Corpus()];
        var random = new Random(seed);
        var mutator = new Mutator(random, LongestInput);
        // What runs for the first time compiles: neither its time nor its memory is the input's.
        foreach (var sample in samples)
            target.Run(sample);
        var clock = Stopwatch.StartNew();
        foreach (var sample in samples)
        {
            if (!Try(sample, fault))
                return;
        }

        while (Inputs < count && (time is null || clock.Elapsed < time))
        {
            if (!Try(mutator.Change(samples[random.Next(samples.Count)], samples[random.Next(samples.Count)]), fault))
                return;
        }
    }

    private bool Try(byte[] input, Func<byte[], string, bool> fault)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        string? problem = null;
        try
        {
            target.Run(input);
        }
        catch (Exception e)
        {
            problem = $"{e}";
        }

        var took = Stopwatch.GetElapsedTime(start);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Inputs++;
        MostAllocated = Math.Max(MostAllocated, allocated);
        Longest = took > Longest ? took : Longest;
        problem ??= allocated > MostBytes ? $"{allocated} bytes were allocated for {input.Length}." : null;
        // Another process may have had the processor: what is slow is slow three times.
        if (problem is null && took > Slow && IsSlow(input) && IsSlow(input))
            problem = $"It took {took.TotalSeconds:0.0} s.";
        return problem is null || fault(input, problem);
    }

    private bool IsSlow(byte[] input)
    {
        var start = Stopwatch.GetTimestamp();
        target.Run(input);
        return Stopwatch.GetElapsedTime(start) > Slow;
    }

    private IEnumerable<byte[]> Corpus()
    {
        var folder = Path.Combine(corpora, target.Name);
        return Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes) : [];
    }
}
