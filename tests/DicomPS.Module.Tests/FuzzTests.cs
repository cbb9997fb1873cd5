using System.Diagnostics;

namespace DicomPS.Module.Tests;

/// <summary>
/// The targets of tests/DicomPS.Fuzz, in a process of its own, with bytes that are made of good ones: nothing but the errors that a target
/// may throw, no second, no 64 MiB. DICOMPS_FUZZ=60 for so many seconds each, or build.ps1 Fuzz, which has AFL++ choose the bytes.
/// </summary>
public class FuzzTests
{
    private const int Inputs = 4000;

    [Fact]
    public Task Bytes_of_strangers_do_no_harm() => RunAsync("--seed", "1", "--count", $"{Inputs}");

    [Fact]
    public Task Nor_do_those_that_nobody_has_tried() =>
        RunAsync("--seed", $"{new Random().Next(1_000_000_000)}",
            Environment.GetEnvironmentVariable("DICOMPS_FUZZ") is { Length: > 0 } seconds ? "--seconds" : "--count",
            Environment.GetEnvironmentVariable("DICOMPS_FUZZ") is { Length: > 0 } given ? given : $"{Inputs}");

    private static async Task RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "fuzz", "DicomPS.Fuzz.dll"));
        start.ArgumentList.Add("run");
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            TestContext.Current.TestOutputHelper?.WriteLine(output.Length > 20_000 ? output[^20_000..] : output);
            Assert.True(process.ExitCode == 0, $"{(output.Length > 6000 ? output[..6000] : output)}\n{await errors}");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
