using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using DicomPS.Archiving.Tests.Support;

namespace DicomPS.Archiving.Tests.Simulation;

/// <summary>
/// The simulation of tests/DicomPS.Simulation, in a process of its own, whose pool has one thread. What fails prints its seed, and how to
/// run it alone with all its steps. DICOMPS_SIMULATION=5000 for the long form, or build.ps1 Simulate.
/// </summary>
public class SimulationTests
{
    // A few seconds of one processor.
    private const int Fixed = 60, AtRandom = 60;

    private static int More =>
        int.TryParse(Environment.GetEnvironmentVariable("DICOMPS_SIMULATION"), NumberStyles.None, CultureInfo.InvariantCulture,
            out var more) ? more : AtRandom;

    [Fact]
    public Task What_is_acknowledged_is_there_after_kills_power_cuts_and_failures_in_any_order() =>
        RunAsync("--from", "1", "--count", $"{Fixed}");

    [Fact]
    public Task So_it_is_with_seeds_that_nobody_has_tried() =>
        RunAsync("--from", $"{new Random().Next(1_000_000_000)}", "--count", $"{More}");

    [Fact]
    public async Task A_seed_gives_the_same_steps_again() =>
        Assert.Equal(MarkIn(await RunAsync("7")), MarkIn(await RunAsync("7")));

    private static string MarkIn(string output) =>
        Assert.Single(output.Split('\n'), line => line.StartsWith("seed 7, mark ", StringComparison.Ordinal));

    private static async Task<string> RunAsync(params string[] arguments)
    {
        Assert.SkipWhen(RuntimeInformation.IsOSPlatform(OSPlatform.Windows), "A log of SQLite that is open cannot be copied there.");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "DicomPS.Simulation.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync(TestIndex.Cancellation);
            var output = await process.StandardOutput.ReadToEndAsync(TestIndex.Cancellation);
            await process.WaitForExitAsync(TestIndex.Cancellation);
            TestContext.Current.TestOutputHelper?.WriteLine(output.Length > 20_000 ? output[^20_000..] : output);
            Assert.True(process.ExitCode == 0, $"{(output.Length > 6000 ? output[^6000..] : output)}\n{await errors}");
            return output;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
