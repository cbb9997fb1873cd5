using DicomPS.Associations;
using DicomPS.Retrieving;
using DicomPS.Scp;
using DicomPS.Serving;

namespace DicomPS.Transfers.Working;

/// <summary>
/// The ports of this machine on which a worker is called: for what a C-MOVE sends here, and for reports of storage commitment. They are
/// opened when they are needed and stay open as long as the worker works. Any thread may use it.
/// </summary>
internal sealed class WorkerPorts(WorkerOptions options)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);
    private readonly Dictionary<int, RetrieveListener> _open = [];
    private readonly Dictionary<string, TaskCompletionSource<bool>> _studies = new(StringComparer.Ordinal);
    private Spool? _spool;

    /// <summary>The disk of what comes in.</summary>
    public SpoolDisk Disk { get; } = new(options.SpoolDisk);

    /// <summary>The port on which a node reaches this worker; null when none is known.</summary>
    public int? PortOf(DicomNode node) => options.LocalPort ?? node.LocalPort;

    /// <summary>Opens the port on which a node sends what is moved here.</summary>
    /// <exception cref="WorkerPortException">No port is known, or it cannot be listened on.</exception>
    public RetrieveListener Open(DicomNode node)
    {
        if (PortOf(node) is not { } port)
        {
            throw new WorkerPortException(
                $"It is not known on which port of this machine {node} reaches {options.Call(node).CallingAETitle}.")
            {
                IsUnknown = true,
                Advice = $"{node} must hold that AE title with this machine's host and a port. Name the port with -LocalPort of the "
                    + "worker, or register it with Set-DicomNode -LocalPort before New-DicomTransfer.",
            };
        }

        lock (_open)
        {
            if (_open.TryGetValue(port, out var known))
                return known;
            try
            {
                var spool = _spool ??= Spool.Make(options.SpoolFolder);
                return _open[port] = RetrieveListener.Start(new StorageServerOptions
                {
                    Folder = spool.Folder,
                    Private = true,
                    Files = Disk,
                    AcceptUnknownSopClasses = true,
                    MaximumObjectBytes = options.Room.Limit,
                    Server = options.Listen with { AETitle = options.Call(node).CallingAETitle, Port = port },
                });
            }
            catch (DicomException problem)
            {
                throw new WorkerPortException($"Port {port}, on which {node} is to send, cannot be listened on: {problem.Message}", problem)
                {
                    Advice = problem.Advice ?? "Each worker of a machine needs a port of its own, which the node holds for its AE title.",
                };
            }
        }
    }

    /// <summary>A folder for one node's instances below the one that is listened into.</summary>
    public Spool FolderBelow()
    {
        lock (_open)
            return _spool!.Below();
    }

    /// <summary>Whether reports of storage commitment that a node brings to this machine are taken.</summary>
    /// <exception cref="WorkerPortException">The port cannot be listened on.</exception>
    public bool TakesReports(DicomNode node)
    {
        if (PortOf(node) is not { } port)
            return false;
        // Peers have one port for an AE title, and a server of this process may have it already.
        if (!RunningServer.All.Any(server => server.Port == port))
            Open(node);
        return true;
    }

    /// <summary>
    /// One at a time has a study moved here: what comes says of which study it is, and not for whom.
    /// </summary>
    /// <returns>To be disposed of when it is here.</returns>
    public async Task<IDisposable> TakeStudyAsync(string study, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task other;
            lock (_studies)
            {
                if (!_studies.TryGetValue(study, out var taken))
                {
                    _studies[study] = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
                    return new Turn(this, study);
                }

                other = taken.Task;
            }

            await Task.WhenAny(other, Task.Delay(Timeout.Infinite, cancellationToken)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Closes them, and deletes what came in.</summary>
    public async Task CloseAsync()
    {
        RetrieveListener[] open;
        lock (_open)
        {
            open = [.. _open.Values];
            _open.Clear();
        }

        await Task.WhenAll(open.Select(listener => listener.StopAsync(Grace))).ConfigureAwait(false);
        _spool?.Dispose();
        _spool = null;
    }

    private sealed class Turn(WorkerPorts ports, string study) : IDisposable
    {
        public void Dispose()
        {
            lock (ports._studies)
            {
                ports._studies[study].TrySetResult(true);
                ports._studies.Remove(study);
            }
        }
    }
}

/// <summary>Thrown when a worker cannot be called by a node, because it listens nowhere.</summary>
internal sealed class WorkerPortException(string message, Exception? innerException = null) : DicomException(message, innerException)
{
    /// <summary>Whether no port is known at all; otherwise it may be free later.</summary>
    public bool IsUnknown { get; init; }
}
