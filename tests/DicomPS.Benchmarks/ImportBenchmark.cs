using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using DicomPS.Benchmarks.Peers;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Scp;

namespace DicomPS.Benchmarks;

/// <summary>What a user waits for at the start of a session: Import-Module and the first commands, each time in a fresh pwsh.</summary>
internal static class ImportBenchmark
{
    private const int TargetMilliseconds = 300;

    private static readonly string[] Steps = ["Import-Module", "first Test-DicomEcho", "second Test-DicomEcho", "first Find-DicomStudy",
        "second Find-DicomStudy"];

    /// <summary>import [--runs N] [--module FOLDER]</summary>
    /// <param name="arguments">As above.</param>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var runs = 10;
        var module = Path.Combine(RepositoryRoot(), "out", "DicomPS");
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : "";
            _ = arguments[i] switch
            {
                "--runs" when int.TryParse(value, CultureInfo.InvariantCulture, out runs) && runs is >= 1 and <= 100 => true,
                "--module" when Directory.Exists(module = value) => true,
                var unknown => throw new BenchmarkException($"{unknown} {value} is not understood: [--runs 1 to 100] [--module FOLDER]"),
            };
        }

        var manifest = Path.GetFullPath(Path.Combine(module, "DicomPS.psd1"));
        if (!File.Exists(manifest))
            throw new BenchmarkException($"{manifest} is not there: run dotnet build -c Release src/DicomPS first.");

        var table = new ServiceTable([EchoScp.Row,
            new FindScp((_, _, cancellation) => AnswerAsync(cancellation)).Row(Uids.StudyRootQueryRetrieveInformationModelFind)]);
        await using var server = DicomServer.Start(new DicomServerOptions { Address = IPAddress.Loopback }, table);
        var node = string.Create(CultureInfo.InvariantCulture, $"ANY-SCP@127.0.0.1:{server.Port}");
        var script = $$"""
            $ErrorActionPreference = 'Stop'
            $clock = [Diagnostics.Stopwatch]::new()
            foreach ($step in { Import-Module '{{manifest.Replace("'", "''", StringComparison.Ordinal)}}' },
                { Test-DicomEcho {{node}} }, { Test-DicomEcho {{node}} }, { Find-DicomStudy {{node}} }, { Find-DicomStudy {{node}} }) {
                $clock.Restart()
                $null = . $step
                [Console]::Out.WriteLine($clock.Elapsed.TotalMilliseconds.ToString([cultureinfo]::InvariantCulture))
            }
            """;

        var bare = new List<double>();
        var steps = Steps.Select(_ => new List<double>()).ToArray();
        for (var run = 0; run <= runs; run++)
        {
            var (empty, _) = await RunPwshAsync("exit 0");
            var (_, lines) = await RunPwshAsync(script);
            // The first run fills the page cache.
            if (run == 0)
                continue;
            bare.Add(empty);
            for (var step = 0; step < Steps.Length; step++)
                steps[step].Add(double.Parse(lines[step], CultureInfo.InvariantCulture));
        }

        Console.WriteLine("| in a fresh pwsh | median | fastest to slowest |");
        Console.WriteLine("|---|---:|---:|");
        Row("pwsh itself, start to end", bare);
        for (var step = 0; step < Steps.Length; step++)
            Row(Steps[step], steps[step]);
        var import = Median(steps[0]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{runs} runs, {Environment.ProcessorCount} cores. Import-Module takes {import:0} ms; it is to stay under "
            + $"{TargetMilliseconds} ms: {(import < TargetMilliseconds ? "reached" : "missed")}."));
        return 0;
    }

    private static void Row(string name, List<double> times) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {Median(times):0} ms | {times.Min():0} to {times.Max():0} ms |"));

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    private static async Task<(double Milliseconds, string[] Lines)> RunPwshAsync(string script)
    {
        var start = new ProcessStartInfo("pwsh", ["-NoLogo", "-NoProfile", "-NonInteractive", "-Command", script])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var clock = Stopwatch.StartNew();
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            throw new BenchmarkException("pwsh was not found on the PATH: the time of Import-Module cannot be measured.");
        }

        using (process)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            using var kill = limit.Token.Register(() => process.Kill());
            var errors = process.StandardError.ReadToEndAsync();
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0
                ? (clock.Elapsed.TotalMilliseconds, output.Split('\n',
                    StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                : throw new BenchmarkException($"pwsh ended with {process.ExitCode}: {await errors}");
        }
    }

    private static string RepositoryRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "DicomPS.sln")))
                return folder.FullName;
        }

        throw new BenchmarkException("DicomPS.sln is in no folder above the benchmark: name the module with --module FOLDER.");
    }

    private static async IAsyncEnumerable<DicomDataset> AnswerAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Yield();
        for (var i = 0; i < 10; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var study = new DicomDataset();
            study.Set(Tags.QueryRetrieveLevel, "STUDY");
            study.Set(Tags.StudyInstanceUID, string.Create(CultureInfo.InvariantCulture, $"2.25.{i + 1}"));
            study.Set(Tags.StudyDate, "20240131");
            study.Set(Tags.PatientID, "P1");
            yield return study;
        }
    }
}
