using DicomPS.Scp;

namespace DicomPS.Commitment;

/// <summary>
/// Where peers call back with reports: one for each port, shared by the requests that wait, and gone with the last of them.
/// </summary>
internal sealed class CommitmentListener
{
    // For a peer that has reported to release its association.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private static readonly Dictionary<int, CommitmentListener> Running = [];
    private static readonly SemaphoreSlim Gate = new(1, 1);

    private readonly DicomServer _server;
    private readonly bool _isSecure;
    private readonly string _rules;
    private readonly List<Task> _reporting = [];
    private int _users;

    private CommitmentListener(DicomServerOptions options)
    {
        _isSecure = options.Tls is { };
        _rules = RulesOf(options);
        var row = CommitmentReportScp.Row(StorageCommitment.Take);
        _server = DicomServer.Start(options, new ServiceTable([EchoScp.Row, row with { Handler = HandleAsync }]));

        async Task<ServiceReply> HandleAsync(ServiceCall call, CancellationToken cancellationToken)
        {
            lock (_reporting)
            {
                _reporting.RemoveAll(task => task.IsCompleted);
                _reporting.Add(call.Requests!.Ended);
            }

            return await row.Handler(call, cancellationToken).ConfigureAwait(false);
        }
    }

    public int Port => _server.Port;

    private static string RulesOf(DicomServerOptions options) => options.Allow is { } rules ? string.Join("; ", rules) : "";

    /// <summary>The listener on a port; it is started when there is none, or when the port is 0.</summary>
    /// <exception cref="DicomNetworkException">The port cannot be listened on, or is with TLS and should be without, or the other way
    /// round.</exception>
    public static async Task<CommitmentListener> JoinAsync(DicomServerOptions options, CancellationToken cancellationToken)
    {
        await Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!Running.TryGetValue(options.Port, out var listener))
            {
                listener = new CommitmentListener(options);
                Running[listener.Port] = listener;
            }
            else if (listener._isSecure != options.Tls is { })
            {
                throw new DicomNetworkException(
                    $"Port {options.Port} is listened on {(listener._isSecure ? "with" : "without")} TLS for another request that waits "
                    + "for its report.")
                {
                    Stage = DicomStage.Tcp,
                    Advice = "Ask for all reports of a port in the same way, use another port, or wait for the other request.",
                };
            }

            else if (listener._rules != RulesOf(options))
            {
                throw new DicomNetworkException(
                    $"Port {options.Port} is listened on with other rules of who may call, for another request that waits for its report.")
                {
                    Stage = DicomStage.Tcp,
                    Advice = "Give all requests of a port the same -Allow, use another port, or wait for the other request.",
                };
            }

            listener._users++;
            return listener;
        }
        finally
        {
            Gate.Release();
        }
    }

    /// <summary>Ends it when nobody else waits for a report here.</summary>
    public async Task LeaveAsync()
    {
        await Gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (--_users > 0)
                return;
            Task reporting;
            lock (_reporting)
                reporting = Task.WhenAll(_reporting);
            await Task.WhenAny(reporting, Task.Delay(Grace)).ConfigureAwait(false);
            await _server.StopAsync(Grace).ConfigureAwait(false);
            Running.Remove(Port);
        }
        finally
        {
            Gate.Release();
        }
    }
}
