using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using DicomPS.Compatibility;
using DicomPS.Scripts;
using DicomPS.Serving;

namespace DicomPS.Services;

/// <summary>
/// A registered service while it runs, in the process that the system started: its log, what it tells of itself, and its end. SIGTERM,
/// or where there is none a file that asks for it, stops all servers in order and ends the process with 0.
/// </summary>
public sealed class ServiceRun : IDisposable
{
    // How long a script may go on when its servers have stopped.
    private static readonly TimeSpan ScriptTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private readonly ServiceDefinition _service;
    private readonly RotatingLog _log;
    private readonly EndSignals _signals;
    private readonly Timer _timer;
    private readonly object _beating = new();
    private readonly HashSet<int> _known = [];
    private readonly ManualResetEvent _ended = new(false);
    private readonly DateTime _startedAt = DateTime.UtcNow;
    private readonly string _mark;
    private readonly int _processId;
    private int _stopping;
    private bool _isToldOfStatus;
    private bool _isOver;

    private ServiceRun(ServiceDefinition service)
    {
        _service = service;
        using (var own = Process.GetCurrentProcess())
            _processId = own.Id;

        _mark = ProcessMark.Of(_processId) ?? "";
        _log = new RotatingLog(service.LogPath, service.LogBytes, service.LogCount, Console.Error.WriteLine);
        // What asked the one before to stop.
        Quietly(() => File.Delete(Path.Combine(service.StateFolder, ServiceStatus.StopFileName)));
        _log.Write("INFO", $"{service.Name} starts, process {_processId}: {service.FilePath}");
        _signals = new EndSignals(() => Stop("SIGTERM"));
        _timer = new Timer(_ => Poll(), null, TimeSpan.Zero, Beat);
    }

    /// <summary>0 when it was stopped, or ended by itself without an error.</summary>
    public int ExitCode { get; private set; }

    private bool IsStopping => Volatile.Read(ref _stopping) > 0;

    /// <summary>Begins a run; the script of the service comes next.</summary>
    /// <param name="definitionPath">The file that Register-DicomService wrote.</param>
    public static ServiceRun Start(string definitionPath) => new(ServiceDefinition.Read(definitionPath));

    /// <summary>Writes what the script wrote, to whichever stream, into the log.</summary>
    /// <param name="record">A record of a stream, or an object.</param>
    public void Write(object? record)
    {
        var (level, text) = LogText.Of(record, _service.IncludePatientData);
        _log.Write(level, text);
    }

    /// <summary>Stays as long as servers of this process run: a script that started them may be at its end.</summary>
    /// <param name="exitCode">What the script ended with; not 0 is a failure.</param>
    public void Stay(int exitCode)
    {
        if (exitCode == 0 && RunningServer.All.Count > 0)
            _log.Write("INFO", "The script is at its end; its servers go on.");
        while (exitCode == 0 && !IsStopping && RunningServer.All.Count > 0 && !_signals.Handle.WaitOne(Beat))
            Drain();

        // Stop in order also what an error leaves behind; after a signal that is under way.
        StopServers();
        Drain();
        if (IsStopping)
            return;
        ExitCode = exitCode;
        _log.Write(exitCode == 0 ? "INFO" : "ERROR", $"The script has ended{(exitCode == 0 ? "" : $" with {exitCode}")}.");
    }

    /// <summary>The script was ended by an error.</summary>
    /// <param name="error">The error.</param>
    public void Fail(ErrorRecord error)
    {
        Write(error);
        Console.Error.WriteLine(SafeText.Clean($"{_service.Name}: {error}"));
        StopServers();
        // What breaks because it is to stop is no failure.
        ExitCode = IsStopping ? 0 : 1;
    }

    /// <summary>Stops what still runs, and ends log and status. Ctrl+C comes here at once.</summary>
    public void Dispose()
    {
        lock (_beating)
        {
            if (_isOver)
                return;
            _isOver = true;
        }

        StopServers();
        _timer.Dispose();
        _log.Write("INFO", $"{_service.Name} ends with {ExitCode.ToString(CultureInfo.InvariantCulture)}.");
        Quietly(() => File.Delete(Path.Combine(_service.StateFolder, ServiceStatus.FileName)));
        _ended.Set();
        _signals.Dispose();
        _log.Dispose();
    }

    // Told by the system, on a thread of its own; what stops the servers lets the script go on to its end.
    private void Stop(string why)
    {
        if (Interlocked.Exchange(ref _stopping, 1) > 0)
            return;
        _log.Write("INFO",
            $"{why}: no association is taken any more, and what is in flight has "
            + $"{_service.StopSeconds.ToString(CultureInfo.InvariantCulture)} s.");
        Task.Run(() =>
        {
            StopServers();
            if (_ended.WaitOne(ScriptTime))
                return;
            _log.Write("WARNING", $"The script did not end within {ScriptTime.TotalSeconds} s of its servers, and is ended.");
            Dispose();
            Environment.Exit(0);
        });
    }

    private void StopServers()
    {
        var grace = TimeSpan.FromSeconds(_service.StopSeconds);
        foreach (var server in RunningServer.All)
            Told(server);
        if (!Task.Run(() => Task.WhenAll(RunningServer.All.Select(server => server.StopAsync(grace)))).Wait(grace + CloseTime))
            _log.Write("WARNING", "A server did not stop in time.");
    }

    private void Poll()
    {
        // A beat that takes long is not overtaken.
        if (!Monitor.TryEnter(_beating))
            return;
        try
        {
            if (_isOver)
                return;
            foreach (var server in RunningServer.All)
                Told(server);
            Tell();
            if (File.Exists(Path.Combine(_service.StateFolder, ServiceStatus.StopFileName)))
                Stop("Stop-DicomService");
        }
        finally
        {
            Monitor.Exit(_beating);
        }
    }

    // What was refused and what failed is what somebody looks for in a log.
    private void Told(RunningServer server)
    {
        if (_known.Add(server.Id))
            _log.Write(server.IsOpenToNetwork ? "WARNING" : "INFO", $"{server} lets in: {server.Access}.");
        foreach (var happened in server.TakeNewEvents())
            _log.Write("WARNING", happened.Advice is { } advice ? $"{server.AETitle}: {happened} {advice}"
                : $"{server.AETitle}: {happened}");
    }

    // While the script goes on it may take these itself.
    private void Drain()
    {
        foreach (var server in RunningServer.All.OfType<ScriptServer>())
        {
            while (server.TryReceive(out var message))
            {
                if (message.Operation is not null)
                    _log.Write(message.Level.ToUpperInvariant(), $"{message.CallingAETitle} {message.Operation}: {message.Message}");
            }
        }
    }

    private void Tell()
    {
        try
        {
            Directory.CreateDirectory(_service.StateFolder);
            ServiceDefinition.Write(Path.Combine(_service.StateFolder, ServiceStatus.FileName), new ServiceStatus
            {
                ProcessId = _processId,
                Mark = _mark,
                StartedAt = _startedAt.ToString("o", CultureInfo.InvariantCulture),
                UpdatedAt = DateTime.UtcNow.ToString("o", CultureInfo.InvariantCulture),
                Servers = [.. RunningServer.All.Select(ServerStatus.Of)],
            });
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            if (!_isToldOfStatus)
                _log.Write("WARNING", $"Get-DicomService will not see what the servers are at: {problem.Message}");
            _isToldOfStatus = true;
        }
    }

    private static void Quietly(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It was not there, or is not ours.
        }
    }
}
