using System.Globalization;

namespace DicomPS.Benchmarks.Peers;

/// <summary>How much is measured.</summary>
internal sealed record PeersOptions
{
    public int Runs { get; init; } = 9;

    public int ColdRuns { get; init; } = 9;

    /// <summary>
    /// Runs of DicomPS before the warm ones count. .NET compiles what is used much up to three times, and only then anew no more.
    /// </summary>
    public int WarmUps { get; init; } = 5;

    public int CtFiles { get; init; } = 1000;

    public int SmallFiles { get; init; } = 5000;

    public int LargeFiles { get; init; } = 3;

    /// <summary>Small files for archives: dcmqrscp reads its whole index at each store.</summary>
    public int FewFiles { get; init; } = 2000;

    public int Echoes { get; init; } = 5000;

    public int Answers { get; init; } = 10_000;

    /// <summary>Answers to a query that is larger than any memory should have to be.</summary>
    public int ManyAnswers { get; init; } = 1_000_000;

    /// <summary>Files and echoes from DCMTK to DCMTK with Nagle's algorithm on: 40 to 90 ms each.</summary>
    public int SlowFiles { get; init; } = 40;

    /// <summary>The same with DicomPS on one side, where a few would measure the association alone.</summary>
    public int SlowFilesOurs { get; init; } = 400;

    public int SlowEchoes { get; init; } = 20;

    public int SlowEchoesOurs { get; init; } = 2000;

    /// <summary>Runs over slow lines, where the line is the clock.</summary>
    public int LineRuns { get; init; } = 3;

    public int LineFiles { get; init; } = 1000;

    /// <summary>The same for DCMTK, which has one file under way.</summary>
    public int LineFilesTheirs { get; init; } = 60;

    public int LineCtFiles { get; init; } = 400;

    /// <summary>How long many associations store at once.</summary>
    public int CrowdSeconds { get; init; } = 5;

    /// <summary>Beginnings of case names; empty for all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>The README.md whose tables become those of this run; null for none.</summary>
    public string? Readme { get; init; }

    /// <summary>For one run of one side.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Reads [--quick] [--runs N] [--only NAME,NAME] [--readme FILE].</summary>
    /// <param name="arguments">As above.</param>
    public static PeersOptions Parse(string[] arguments)
    {
        var options = new PeersOptions();
        if (arguments.Contains("--quick"))
            options = options with
            {
                Runs = 3,
                ColdRuns = 1,
                WarmUps = 2,
                CtFiles = 200,
                SmallFiles = 1000,
                LargeFiles = 1,
                FewFiles = 1000,
                Echoes = 1000,
                ManyAnswers = 200_000,
                SlowFilesOurs = 200,
                SlowEchoesOurs = 500,
                LineRuns = 1,
                CrowdSeconds = 2,
            };
        for (var i = 0; i < arguments.Length; i++)
        {
            options = arguments[i] switch
            {
                "--quick" => options,
                "--runs" when i + 1 < arguments.Length => options with { Runs = int.Parse(arguments[++i], CultureInfo.InvariantCulture) },
                "--only" when i + 1 < arguments.Length => options with { Only = arguments[++i].Split(',') },
                "--readme" when i + 1 < arguments.Length => options with { Readme = arguments[++i] },
                var unknown => throw new BenchmarkException(
                    $"{unknown} is not understood: [--quick] [--runs N] [--only NAME,NAME] [--readme FILE]"),
            };
        }

        return options.Runs is >= 1 and <= 100 ? options : throw new BenchmarkException("--runs takes 1 to 100.");
    }
}
