using System.Diagnostics;
using System.IO.Pipes;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace DicomPS.PesterTests;

/// <summary>
/// One run of Run.ps1 in the pwsh of .config/dotnet-tools.json. Its results come as lines over a pipe, so that nothing that a test
/// prints can be taken for one.
/// Whatever keeps it from running to its end is a failed test as well: no tool, no Pester, a pwsh that ends early or says nothing for long.
/// </summary>
internal sealed partial class PesterRun
{
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(10);

    private readonly Queue<string> _said = new();

    public required bool ListOnly { get; init; }

    public required string[] Files { get; init; }

    public required string[] Names { get; init; }

    public async IAsyncEnumerable<PesterTest> TestsAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var count = 0;
        string? broken = null, file = null;
        await using var lines = LinesAsync(cancellation).GetAsyncEnumerator(cancellation);
        while (true)
        {
            PesterLine? line = null;
            try
            {
                if (await lines.MoveNextAsync())
                    line = lines.Current;
            }
            catch (Exception problem) when (problem is not OperationCanceledException || !cancellation.IsCancellationRequested)
            {
                broken = problem.Message;
            }

            if (line?.Test is { } test)
            {
                count++;
                yield return test;
            }
            else if (line?.Begins is { } next)
            {
                file = next;
            }
            else
            {
                if (line?.Total != count)
                    broken ??= "The Pester files were not run to their end.";
                break;
            }
        }

        if (broken is not null)
            yield return new PesterTest
            {
                Id = "run", Name = "The Pester files are run", File = "Run.ps1", Result = "Broken",
                Message = $"{broken} {(file is null ? "No file was begun." : $"The last one begun: {file}.")}\n{Said()}"
            };
    }

    private async IAsyncEnumerable<PesterLine> LinesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var root = Place("Root");
        using (var restore = Start(root, ["tool", "restore"]))
        {
            try
            {
                await restore.WaitForExitAsync(cancellation).WaitAsync(Silence, cancellation);
            }
            finally
            {
                Kill(restore);
            }

            if (restore.ExitCode != 0)
                throw new InvalidOperationException(
                    $"dotnet tool restore ended with exit code {restore.ExitCode}: without PowerShell no Pester file is run.");
        }

        var name = $"dicomps-pester-{Guid.NewGuid():N}";
        await using var pipe = new NamedPipeServerStream(name, PipeDirection.In, 1, PipeTransmissionMode.Byte, PipeOptions.Asynchronous);
        var script = Path.Combine(AppContext.BaseDirectory, "Run.ps1");
        using var pwsh = Start(root,
        [
            "tool", "run", "pwsh", "--", "-NoLogo", "-NoProfile", "-NonInteractive", "-File", script,
            "-Pester", Place("Pester"), "-Folder", Path.Combine(root, "tests", "Pester"), "-Pipe", name,
            .. Option("-FilesLike", Files), .. Option("-NamesLike", Names), .. ListOnly ? ["-ListOnly"] : Array.Empty<string>(),
        ]);
        try
        {
            var connected = pipe.WaitForConnectionAsync(cancellation);
            if (await Task.WhenAny(connected, pwsh.WaitForExitAsync(cancellation)).WaitAsync(Silence, cancellation) != connected)
                throw new InvalidOperationException($"pwsh ended with exit code {pwsh.ExitCode} before the first test.");

            await connected;
            using var reader = new StreamReader(pipe, Encoding.UTF8);
            while (await reader.ReadLineAsync(cancellation).AsTask().WaitAsync(Silence, cancellation) is { } line)
                yield return JsonSerializer.Deserialize(line, PesterJson.Default.PesterLine)!;

            await pwsh.WaitForExitAsync(cancellation).WaitAsync(Silence, cancellation);
        }
        finally
        {
            Kill(pwsh);
        }
    }

    /// <summary>dotnet, as the one on whose runtime this runs, with what it says kept.</summary>
    private Process Start(string folder, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static string[] Option(string name, string[] patterns) => patterns.Length == 0 ? [] : [name, string.Join('\n', patterns)];

    private static void Kill(Process process)
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
    }

    private void Keep(string? line)
    {
        lock (_said)
        {
            if (line is not null)
                _said.Enqueue(line);
            if (_said.Count > 40)
                _said.Dequeue();
        }
    }

    private string Said()
    {
        lock (_said)
            return Colour().Replace(string.Join('\n', _said), "");
    }

    [GeneratedRegex("\u001b\\[[0-9;]*m")]
    private static partial Regex Colour();

    private static string Place(string key) =>
        typeof(PesterRun).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == key).Value!;
}
