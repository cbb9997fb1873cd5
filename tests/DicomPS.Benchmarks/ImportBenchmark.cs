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

    private const int FirstFiles = 100;

    private const int FewAnswers = 10, ManyAnswers = 10_000;

    private static readonly string[] Steps = ["Import-Module", "first Test-DicomEcho", "second Test-DicomEcho", "first Find-DicomStudy",
        "second Find-DicomStudy"];

    /// <summary>import [--runs N] [--module FOLDER]... : the first is what the others are compared with.</summary>
    /// <param name="arguments">As above.</param>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var runs = 10;
        var modules = new List<string>();
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : "";
            switch (arguments[i])
            {
                case "--runs" when int.TryParse(value, CultureInfo.InvariantCulture, out runs) && runs is >= 1 and <= 100:
                    break;
                case "--module" when Directory.Exists(value):
                    modules.Add(value);
                    break;
                default:
                    throw new BenchmarkException(
                        $"{arguments[i]} {value} is not understood: [--runs 1 to 100] [--module FOLDER]...");
            }
        }

        if (modules.Count == 0)
            modules.Add(Path.Combine(RepositoryRoot(), "out", "DicomPS"));
        var manifests = modules.ConvertAll(module => Path.GetFullPath(Path.Combine(module, "DicomPS.psd1")));
        if (manifests.Find(manifest => !File.Exists(manifest)) is { } missing)
            throw new BenchmarkException($"{missing} is not there: run dotnet build -c Release src/DicomPS first.");

        var folder = Directory.CreateTempSubdirectory("dicomps-import-").FullName;
        try
        {
            await MeasureAsync(runs, manifests, new BenchmarkData(folder).Ct(FirstFiles));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    private static async Task MeasureAsync(int runs, List<string> manifests, DataSet files)
    {
        await using var server = Serve(FewAnswers);
        await using var talkative = Serve(ManyAnswers);
        var limit = TimeSpan.FromMinutes(30);
        var (storescp, storePort) = await Dcmtk.ReceiveAsync(folder: null, noDelay: true, limit);
        await using var storing = storescp;
        var node = string.Create(CultureInfo.InvariantCulture, $"ANY-SCP@127.0.0.1:{server.Port}");
        var store = string.Create(CultureInfo.InvariantCulture, $"ANY-SCP@127.0.0.1:{storePort}");
        string[] asks = [$"Test-DicomEcho {node}", $"Test-DicomEcho {node}", $"Find-DicomStudy {node}", $"Find-DicomStudy {node}"];

        var all = string.Create(CultureInfo.InvariantCulture, $"ANY-SCP@127.0.0.1:{talkative.Port}");

        var (bare, storescu, findscu) = (new List<double>(), new List<double>(), new List<double>());
        var steps = manifests.ConvertAll(_ => Steps.Select(_ => new List<double>()).ToArray());
        var (sends, finds) = (manifests.ConvertAll(_ => new List<double>()), manifests.ConvertAll(_ => new List<double>()));
        for (var run = 0; run <= runs; run++)
        {
            var (empty, _) = await RunPwshAsync("exit 0");
            var theirs = (await Dcmtk.SendAsync(storePort, files, noDelay: true, limit)).Seconds * 1000;
            var (asked, _) = await Dcmtk.QueryAsync(talkative.Port, ["StudyInstanceUID", "StudyDate", "PatientID"], limit);
            if (run > 0)
            {
                bare.Add(empty);
                storescu.Add(theirs);
                findscu.Add(asked * 1000);
            }

            for (var turn = 0; turn < manifests.Count; turn++)
            {
                var which = (run + turn) % manifests.Count;
                var (_, lines) = await RunPwshAsync(Script(manifests[which], asks));
                var (_, sent) = await RunPwshAsync(Script(manifests[which], $"Send-DicomFile '{files.Folder}' {store}"));
                var (_, found) = await RunPwshAsync(Script(manifests[which], $"Find-DicomStudy {all}"));
                // The first run fills the page cache.
                if (run == 0)
                    continue;
                for (var step = 0; step < Steps.Length; step++)
                    steps[which][step].Add(double.Parse(lines[step], CultureInfo.InvariantCulture));
                sends[which].Add(double.Parse(sent[1], CultureInfo.InvariantCulture));
                finds[which].Add(double.Parse(found[1], CultureInfo.InvariantCulture));
            }
        }

        Console.WriteLine("| in a fresh pwsh | median | fastest to slowest | of the first module's time (90 %) |");
        Console.WriteLine("|---|---:|---:|---:|");
        Row("pwsh itself, start to end", bare);
        for (var which = 0; which < manifests.Count; which++)
        {
            var name = manifests.Count == 1 ? "" : $"{which + 1}: ";
            for (var step = 0; step < Steps.Length; step++)
                Row($"{name}{Steps[step]}", steps[which][step], which > 0 ? steps[0][step] : null);
            Row($"{name}first {FirstFiles} CT sent", sends[which], which > 0 ? sends[0] : null);
            Console.WriteLine($"| {name}first {FirstFiles} CT sent, as fast as storescu from its start | "
                + $"{PairedRatio.Of(storescu, sends[which])} | {PairedRatio.Of(storescu, sends[which]).Verdict(1)} | |");
            Row($"{name}first {ManyAnswers:#,0} answers", finds[which], which > 0 ? finds[0] : null);
            Console.WriteLine($"| {name}first {ManyAnswers:#,0} answers, as fast as findscu from its start | "
                + $"{PairedRatio.Of(findscu, finds[which])} | {PairedRatio.Of(findscu, finds[which]).Verdict(0.8)} | |");
        }

        var import = Median(steps[^1][0]);
        for (var which = 0; which < manifests.Count; which++)
            Console.WriteLine($"{which + 1}: {manifests[which]}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{runs} runs, {Environment.ProcessorCount} cores. Import-Module takes {import:0} ms; it is to stay under "
            + $"{TargetMilliseconds} ms: {(import < TargetMilliseconds ? "reached" : "missed")}."));
    }

    private static string Script(string manifest, params string[] commands) => $$"""
        $ErrorActionPreference = 'Stop'
        $clock = [Diagnostics.Stopwatch]::new()
        $steps = { Import-Module '{{manifest.Replace("'", "''", StringComparison.Ordinal)}}' }, { {{string.Join(" }, { ", commands)}} }
        foreach ($step in $steps) {
            $clock.Restart()
            $null = . $step
            [Console]::Out.WriteLine($clock.Elapsed.TotalMilliseconds.ToString([cultureinfo]::InvariantCulture))
        }
        """;

    private static void Row(string name, List<double> times, List<double>? first = null) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {Median(times):0} ms | {times.Min():0} to {times.Max():0} ms | ")
            + $"{(first is null ? "" : PairedRatio.Of(times, first).ToString())} |");

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

    private static DicomServer Serve(int answers) => DicomServer.Start(new DicomServerOptions { Address = IPAddress.Loopback },
        new ServiceTable([EchoScp.Row, new FindScp((_, _, cancellation) => AnswerAsync(answers, cancellation))
            .Row(Uids.StudyRootQueryRetrieveInformationModelFind)]));

    private static async IAsyncEnumerable<DicomDataset> AnswerAsync(int answers,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Yield();
        for (var i = 0; i < answers; i++)
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
