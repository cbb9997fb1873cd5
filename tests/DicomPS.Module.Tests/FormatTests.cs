using System.Diagnostics;

namespace DicomPS.Module.Tests;

/// <summary>The white space of the sources, as .editorconfig has it. What else it asks for is an error of the build.</summary>
public sealed class FormatTests(BuiltModule module) : IClassFixture<BuiltModule>
{
    [Fact]
    public async Task The_formatter_has_nothing_to_change()
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            WorkingDirectory = module.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])["format", "whitespace", ".", "--folder", "--exclude", "out", "--verify-no-changes"])
            start.ArgumentList.Add(argument);
        using var format = Process.Start(start)!;
        var stop = TestContext.Current.CancellationToken;
        var (said, problems) = (format.StandardOutput.ReadToEndAsync(stop), format.StandardError.ReadToEndAsync(stop));
        await format.WaitForExitAsync(stop);
        Assert.True(format.ExitCode == 0, $"dotnet format whitespace . --folder --exclude out\n{await said}{await problems}");
    }
}
