using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace DicomPS.Interop.Tests.Support;

/// <summary>How a peer that runs to its end ended, and all that it wrote.</summary>
internal sealed record PeerResult(int ExitCode, string Output);

/// <summary>A real peer in a process of its own, stopped by its process id: at the latest when the tests end.</summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<int, PeerProcess> Running = new();
    // Ends the peer even when the test host itself is killed, and collects it: not every container's first process does.
    private const string Guard = "/usr/bin/timeout";
    private const int SigTerm = 15;
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Timer _lifetime;
    private readonly string _name;
    private readonly bool _guarded;

    static PeerProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var peer in Running.Values)
            peer.Kill();
    };

    private PeerProcess(Process process, string name, bool guarded, TimeSpan lifetime)
    {
        _guarded = guarded;
        _process = process;
        _name = name;
        _lifetime = new Timer(_ => Kill(), null, lifetime, Timeout.InfiniteTimeSpan);
        Running[process.Id] = this;
        process.OutputDataReceived += (_, line) => Append(line.Data);
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Standard output and error so far, as they came.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Starts a program. It is killed after <paramref name="lifetime"/> (default five minutes), whatever happens.</summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">Its arguments, unquoted.</param>
    /// <param name="environment">Variables to set, or with null to remove.</param>
    /// <param name="workingFolder">Where it runs.</param>
    /// <param name="lifetime">When it is killed.</param>
    public static PeerProcess Start(
        string path,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? workingFolder = null,
        TimeSpan? lifetime = null)
    {
        var limit = lifetime ?? TimeSpan.FromMinutes(5);
        var guarded = File.Exists(Guard);
        string[] guard = guarded ? ["--kill-after=5", $"{limit.TotalSeconds + 10:0}", path] : [];
        var start = new ProcessStartInfo(guarded ? Guard : path)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = workingFolder ?? "",
        };
        foreach (var argument in guard.Concat(arguments))
            start.ArgumentList.Add(argument);
        foreach (var (key, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[key] = value;

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{path} did not start.");
        process.StandardInput.Close();
        return new PeerProcess(process, System.IO.Path.GetFileName(path), guarded, limit);
    }

    /// <summary>Starts a server on a free loopback port and returns when it listens there.</summary>
    /// <param name="path">The program.</param>
    /// <param name="argumentsFor">Its arguments for a given port; asked again with another port when one turns out to be taken.</param>
    /// <param name="environment">Variables to set, or with null to remove.</param>
    /// <param name="workingFolder">Where it runs.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task<(PeerProcess Peer, int Port)> ListenAsync(
        string path,
        Func<int, IEnumerable<string>> argumentsFor,
        IReadOnlyDictionary<string, string?>? environment,
        string? workingFolder,
        CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort.Next();
            var peer = Start(path, argumentsFor(port), environment, workingFolder);
            try
            {
                if (await peer.ListensOnAsync(port, cancellation))
                    return (peer, port);
                if (attempt == 3)
                    throw new InvalidOperationException($"{peer._name} does not listen on port {port}. It wrote:\n{peer.Output}");
            }
            catch
            {
                await peer.DisposeAsync();
                throw;
            }

            await peer.DisposeAsync();
        }
    }

    /// <summary>Runs a program to its end.</summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">Its arguments, unquoted.</param>
    /// <param name="cancellation">Kills it.</param>
    /// <param name="environment">Variables to set, or with null to remove.</param>
    /// <param name="limit">When it is killed and the test fails (default one minute).</param>
    public static async Task<PeerResult> RunAsync(
        string path,
        IEnumerable<string> arguments,
        CancellationToken cancellation,
        IReadOnlyDictionary<string, string?>? environment = null,
        TimeSpan? limit = null)
    {
        var bound = limit ?? TimeSpan.FromMinutes(1);
        await using var peer = Start(path, arguments, environment, lifetime: bound + TimeSpan.FromSeconds(5));
        return new PeerResult(await peer.WaitForExitAsync(bound, cancellation), peer.Output);
    }

    /// <summary>Waits for the end of the process and of its output.</summary>
    /// <param name="limit">How long.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<int> WaitForExitAsync(TimeSpan limit, CancellationToken cancellation)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(limit);
        try
        {
            await _process.WaitForExitAsync(bounded.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"{_name} did not end within {limit.TotalSeconds:0} s. It wrote:\n{Output}");
        }

        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // Killed, yet something holds its output open: nothing more to be done by process id.
        }

        Running.TryRemove(_process.Id, out _);
        await _lifetime.DisposeAsync();
        _process.Dispose();
    }

    private async Task<bool> ListensOnAsync(int port, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < StartLimit && !_process.HasExited)
        {
            if (FreePort.IsListening(port))
            {
                // Taken by another in the meantime: this process then dies of it.
                await Task.Delay(50, cancellation);
                return !_process.HasExited;
            }

            await Task.Delay(20, cancellation);
        }

        return false;
    }

    private void Kill()
    {
        try
        {
            // The guard passes it on to the peer and to what that forked, and kills what is left five seconds later.
            if (_guarded && !_process.HasExited)
                _ = SendSignal(_process.Id, SigTerm);
            else
                _process.Kill(entireProcessTree: true);
        }
        catch (Exception failure) when (failure is InvalidOperationException or Win32Exception or AggregateException)
        {
            // Gone already.
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int processId, int signal);

    private void Append(string? line)
    {
        if (line is null)
            return;
        lock (_output)
            _output.Append(line).Append('\n');
    }
}
