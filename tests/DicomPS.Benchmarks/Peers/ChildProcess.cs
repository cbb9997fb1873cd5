using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace DicomPS.Benchmarks.Peers;

/// <summary>One side of a measurement in a process of its own: timed, its peak memory read, never outliving its limit.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<int, ChildProcess> Running = new();
    private readonly Process _process;
    private readonly Stopwatch _watch;
    private readonly Timer _sampling;
    private readonly Timer _limit;
    private readonly StringBuilder _errors = new();
    private readonly Task _draining;
    private long _peak;

    static ChildProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var child in Running.Values)
            child.Kill();
    };

    private ChildProcess(Process process, Stopwatch watch, bool interactive, TimeSpan limit)
    {
        _process = process;
        _watch = watch;
        Running[process.Id] = this;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
                _errors.AppendLine(line.Data);
        };
        process.BeginErrorReadLine();
        _draining = interactive ? Task.CompletedTask : process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        _sampling = new Timer(_ => Sample(), null, 5, 20);
        _limit = new Timer(_ => Kill(), null, limit, Timeout.InfiniteTimeSpan);
    }

    public int Id => _process.Id;

    /// <summary>The largest resident set so far (VmHWM on Linux).</summary>
    public long PeakBytes
    {
        get
        {
            Sample();
            return Interlocked.Read(ref _peak);
        }
    }

    public string Errors
    {
        get
        {
            lock (_errors)
                return _errors.ToString().Trim();
        }
    }

    /// <summary>Starts a program.</summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">Its arguments, unquoted.</param>
    /// <param name="noDelay">Whether DCMTK turns Nagle's algorithm off, which it reads from the variable TCP_NODELAY.</param>
    /// <param name="interactive">Whether lines go to and fro; otherwise its output is thrown away.</param>
    /// <param name="limit">When it is killed.</param>
    public static ChildProcess Start(string path, IEnumerable<string> arguments, bool noDelay, bool interactive, TimeSpan limit)
    {
        var start = new ProcessStartInfo(path)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        if (noDelay)
            start.Environment["TCP_NODELAY"] = "1";
        else
            start.Environment.Remove("TCP_NODELAY");

        var watch = Stopwatch.StartNew();
        var process = Process.Start(start) ?? throw new BenchmarkException($"{path} did not start.");
        if (!interactive)
            process.StandardInput.Close();
        return new ChildProcess(process, watch, interactive, limit);
    }

    /// <summary>Waits for the end of the process; the seconds since it was started.</summary>
    public async Task<double> FinishAsync()
    {
        await _process.WaitForExitAsync();
        var seconds = _watch.Elapsed.TotalSeconds;
        await _draining;
        if (_process.ExitCode != 0)
            throw new BenchmarkException($"{_process.StartInfo.FileName} ended with {_process.ExitCode} after {seconds:0.0} s: {Errors}");
        return seconds;
    }

    public async Task WriteLineAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Tells the child that nothing more comes.</summary>
    public void CloseInput() => _process.StandardInput.Close();

    public async Task<string> ReadLineAsync() =>
        await _process.StandardOutput.ReadLineAsync()
            ?? throw new BenchmarkException($"{_process.StartInfo.FileName} ended too early: {Errors}");

    /// <summary>Waits until the process listens on a port.</summary>
    /// <param name="port">The port.</param>
    public async Task ListensOnAsync(int port)
    {
        while (!Interop.Tests.Support.FreePort.IsListening(port))
        {
            if (_process.HasExited)
                throw new BenchmarkException($"{_process.StartInfo.FileName} does not listen: {Errors}");
            await Task.Delay(10);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync();
        Running.TryRemove(_process.Id, out _);
        await _sampling.DisposeAsync();
        await _limit.DisposeAsync();
        _process.Dispose();
    }

    private void Sample()
    {
        try
        {
            // VmHWM: the kernel's own high-water mark, so that sampling misses only the last moment before the exit.
            foreach (var line in File.ReadLines($"/proc/{_process.Id}/status"))
            {
                if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
                    Raise(long.Parse(line.AsSpan(6, line.Length - 6 - 2), provider: null) * 1024);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or FormatException)
        {
            SamplePortably();
        }
    }

    private void SamplePortably()
    {
        try
        {
            _process.Refresh();
            Raise(_process.PeakWorkingSet64);
        }
        catch (Exception failure) when (failure is InvalidOperationException or Win32Exception)
        {
            // Ended.
        }
    }

    private void Raise(long bytes)
    {
        for (var seen = Interlocked.Read(ref _peak); bytes > seen;)
            seen = Interlocked.CompareExchange(ref _peak, bytes, seen) is var before && before == seen ? bytes : before;
    }

    private void Kill()
    {
        try
        {
            // pwsh as a tool of .NET is a launcher, which leaves the real one behind.
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception failure) when (failure is InvalidOperationException or Win32Exception)
        {
            // Gone already.
        }
    }
}

/// <summary>A measurement that could not be taken, said in its row; the others go on.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
