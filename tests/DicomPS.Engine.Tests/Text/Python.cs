using System.Diagnostics;
using System.Text;

namespace DicomPS.Engine.Tests.Text;

/// <summary>Asks Debian's Python, an independent reader of the same character sets.</summary>
internal static class Python
{
    private const string Interpreter = "/usr/bin/python3";
    internal const string CharsetFiles = "/usr/lib/python3/dist-packages/pydicom/data/charset_files";

    /// <summary>Runs a script and returns what it prints; skips the test where there is no Python or the modules are missing.</summary>
    internal static string Run(string script, params string[] modules)
    {
        if (!File.Exists(Interpreter))
            Assert.Skip($"{Interpreter} is not installed.");

        foreach (var module in modules)
        {
            if (Execute($"import {module}").ExitCode != 0)
                Assert.Skip($"{Interpreter} has no module {module} (Debian: python3-{module}).");
        }

        var (exitCode, output, error) = Execute(script);
        Assert.True(exitCode == 0, error);
        return output;
    }

    private static (int ExitCode, string Output, string Error) Execute(string script)
    {
        using var process = Process.Start(new ProcessStartInfo(Interpreter, "-W ignore -")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            StandardOutputEncoding = Encoding.UTF8,
            Environment = { ["PYTHONIOENCODING"] = "utf-8" },
        })!;
        using (var input = process.StandardInput.BaseStream)
            input.Write(Encoding.UTF8.GetBytes(script));

        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
