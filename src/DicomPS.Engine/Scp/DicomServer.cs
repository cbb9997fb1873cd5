using System.Net;
using System.Net.Sockets;
using DicomPS.Associations;
using DicomPS.Pdus;

namespace DicomPS.Scp;

/// <summary>
/// Listens for associations and answers their requests by a <see cref="ServiceTable"/>. The accept loop never waits
/// for a handshake, and no association waits for another.
/// </summary>
/// <remarks>
/// All members are for any thread. Handlers run side by side, those of one association one after the other.
/// <example>
/// <code>
/// await using var server = DicomServer.Start(
///     new DicomServerOptions { AETitle = "ECHO", Port = 11112, Trace = what => Console.WriteLine(what.Text) },
///     new ServiceTable([]));
/// await Task.Delay(Timeout.Infinite, token);
/// </code>
/// </example>
/// </remarks>
public sealed class DicomServer : IAsyncDisposable
{
    // A peer that has its last answer is about to release; an abort then reads as a failure in its log.
    private static readonly TimeSpan LeaveTime = TimeSpan.FromMilliseconds(500);

    // How many connections may be open beside the associations.
    private const int MostHalfOpen = 256;

    private readonly DicomServerOptions _options;
    private readonly ServiceTable _services;
    private readonly Socket? _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _idling = new();
    private readonly CancellationTokenSource _aborting = new();
    private readonly Dictionary<int, Task> _connections = [];
    private readonly FaultMaker? _faults;
    private readonly ReadingThreads _reading = new(Math.Max(4, 2 * Environment.ProcessorCount));
    private readonly ServerTeller _teller;
    private readonly Reception _reception;
    private readonly HalfOpenConnections _halfOpen = new(TimeProvider.System);
    private readonly RequestLoop _requests;
    private readonly FollowUps _followUps;
    private readonly Task _acceptLoop;
    private readonly Task _work;
    private Task? _stop;
    private int _nextConnection;
    private long _associations;

    private DicomServer(DicomServerOptions options, ServiceTable services, Socket? listener)
    {
        _options = options;
        _services = services;
        _faults = options.Faults is { } plan ? new FaultMaker(plan) : null;
        _teller = new ServerTeller(options);
        _reception = new Reception(options, services, _faults, TimeProvider.System);
        _followUps = new FollowUps((call, problem) => _teller.Failed(call, problem), _aborting.Token);
        _requests = new RequestLoop(options, services, _teller, _faults, _followUps, _idling.Token, _aborting.Token);
        _listener = listener;
        Port = ((IPEndPoint?)listener?.LocalEndPoint)?.Port ?? 0;
        if (options.Wire is { } trace)
            trace.Failed += TraceFailed;
        if (options.Audit is { } trail)
            trail.Failed += AuditFailed;
        _teller.Audit?.Activity(isStart: true);
        var work = new ServerWork(_teller.Tell, Wire, _stopping.Token, _aborting.Token);
        _work = Task.WhenAll(services.Work.Select(start => Task.Run(() => WorkAsync(start, work))));
        _acceptLoop = listener is null ? Task.CompletedTask : Task.Run(() => AcceptAsync(listener));
    }

    /// <summary>The port that is listened on.</summary>
    public int Port { get; }

    /// <summary>Who may do what, in words: the rules, or that there are none.</summary>
    public string Access => _reception.Access(Address);

    /// <summary>The address that is listened on; null for none of the network.</summary>
    internal IPAddress? Address => (_listener?.LocalEndPoint as IPEndPoint)?.Address;

    /// <summary>Whether whoever reaches this machine over a network may do everything that is served.</summary>
    internal bool IsOpenToNetwork => _reception.IsOpen && Address is { } address && !IPAddress.IsLoopback(address);

    /// <summary>How many associations are open now.</summary>
    public int ActiveAssociations => _reception.Active;

    /// <summary>How many associations were accepted so far.</summary>
    public long Associations => Interlocked.Read(ref _associations);

    /// <summary>Whether new associations are still taken.</summary>
    public bool IsListening => !_stopping.IsCancellationRequested;

    /// <summary>Starts a server.</summary>
    /// <param name="options">How it listens and whom it lets in.</param>
    /// <param name="services">What it answers.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="DicomNetworkException">The port cannot be listened on.</exception>
    public static DicomServer Start(DicomServerOptions options, ServiceTable services)
    {
        DicomNode.CheckAETitle(options.AETitle);
        if (options.Port is < 0 or > 65535)
            throw new ArgumentOutOfRangeException(nameof(options), options.Port, "A port is between 0 and 65535; 0 picks a free one.");
        if (options.MaximumAssociations < 1)
            throw new ArgumentOutOfRangeException(nameof(options), options.MaximumAssociations,
                "At least one association must be possible.");

        if (options.LeastRate < 0)
            throw new ArgumentOutOfRangeException(nameof(options), options.LeastRate, "A rate is 0, for none, or more bytes a second.");

        if (options.SopClasses is { } classes && !classes.Any(uid => services.Serves(uid)))
            throw new ArgumentException("None of the chosen SOP classes is served here; nobody could do anything.", nameof(options));
        if (options.TransferSyntaxes is { Count: 0 })
            throw new ArgumentException("Without a transfer syntax nobody could do anything.", nameof(options));

        options.Faults?.Check();
        var address = options.Address ?? (Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any);
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Equals(IPAddress.IPv6Any))
                listener.DualMode = true;
            listener.Bind(new IPEndPoint(address, options.Port));
            listener.Listen(512);
            return new DicomServer(options, services, listener);
        }
        catch (SocketException problem)
        {
            listener.Dispose();
            throw new DicomNetworkException(
                $"Port {options.Port}{(options.Address is { } named ? $" of {named}" : "")} cannot be listened on: {problem.Message}",
                problem)
            {
                Stage = DicomStage.Tcp,
                Advice = problem.SocketErrorCode switch
                {
                    SocketError.AddressAlreadyInUse =>
                        "Another program, or another server of this session, uses the port. Stop it, choose another port, or port 0 for a "
                        + "free one.",
                    SocketError.AccessDenied =>
                        "Ports below 1024 need administrator rights on this system. Choose a higher port, such as 11112.",
                    SocketError.AddressNotAvailable => "This machine does not have that address.",
                    _ => null,
                },
            };
        }
    }

    /// <summary>A server that listens on no port: it serves the connections that <see cref="Take"/> is given.</summary>
    internal static DicomServer StartWithoutPort(DicomServerOptions options, ServiceTable services) => new(options, services, null);

    /// <summary>Serves a connection, which need not be one of the network.</summary>
    internal void Take(Transport connection)
    {
        lock (_connections)
            Begin(connection, () => connection.RemoteEndPoint, options => Association.AcceptAsync(connection, options, _stopping.Token));
    }

    /// <summary>
    /// Takes no new associations, lets each finish the request it is at, and ends. One without a request has half a second to release.
    /// </summary>
    /// <param name="grace">How long all this may take; what is left then is aborted.</param>
    public Task StopAsync(TimeSpan grace)
    {
        lock (_connections)
            return _stop ??= Task.Run(() => StopCoreAsync(grace));
    }

    /// <summary>Stops at once.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.Zero).ConfigureAwait(false);

    private async Task StopCoreAsync(TimeSpan grace)
    {
        _stopping.Cancel();
        _listener?.Dispose();
        await _acceptLoop.ConfigureAwait(false);
        Task all;
        lock (_connections)
            all = Task.WhenAll([.. _connections.Values, _followUps.Completion, _work]);
        var end = Task.Delay(grace);
        await Task.WhenAny(all, end, Task.Delay(LeaveTime)).ConfigureAwait(false);
        _idling.Cancel();
        await Task.WhenAny(all, end).ConfigureAwait(false);
        _aborting.Cancel();
        await all.ConfigureAwait(false);
        if (_options.Wire is { } trace)
            trace.Failed -= TraceFailed;
        if (_options.Audit is { } trail)
        {
            _teller.Audit!.Activity(isStart: false);
            await trail.DisposeAsync().ConfigureAwait(false);
        }

        // A request that ended in the grace may have begun another.
        await _followUps.Completion.ConfigureAwait(false);
        if (_options.Closed is { } closed)
            await closed().ConfigureAwait(false);
        _stopping.Dispose();
        _idling.Dispose();
        _aborting.Dispose();
    }

    private async Task WorkAsync(Func<ServerWork, Task> start, ServerWork work)
    {
        try
        {
            await start(work).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // It ends with the server.
        }
        catch (Exception problem)
        {
            // Whatever it is, there is nobody above to catch it.
            _teller.Tell(problem.Message, problem);
        }
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var socket = await listener.AcceptAsync().ConfigureAwait(false);
                lock (_connections)
                {
                    // Connections that have not said who they are yet must not pile up either: the oldest of the one who has most goes.
                    if (_connections.Count < _options.MaximumAssociations + MostHalfOpen || _halfOpen.CutOffOne())
                    {
                        Begin(socket, () => socket.RemoteEndPoint, options => Association.AcceptAsync(socket, options, _stopping.Token));
                        continue;
                    }
                }

                _teller.TurnAway(socket);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException problem)
            {
                if (_stopping.IsCancellationRequested)
                    return;
                // Out of handles or memory: the next moment may be better, and an SCP that stops listening helps nobody.
                _teller.Tell($"A connection could not be accepted: {problem.Message}", problem);
                await Task.Delay(100).ConfigureAwait(false);
            }
        }
    }

    private void Begin(IDisposable connection, Func<EndPoint?> remote, Func<AcceptorOptions, Task<Association>> accept)
    {
        var id = _nextConnection++;
        _connections[id] = Task.Run(() => ServeAsync(id, connection, remote, accept));
    }

    private async Task ServeAsync(int id, IDisposable connection, Func<EndPoint?> remoteOf, Func<AcceptorOptions, Task<Association>> accept)
    {
        var remote = "";
        using var visit = new Reception.Visit(_reception);
        string? accepted = null;
        var isReleased = false;
        HalfOpenConnections.Entry? half = null;
        try
        {
            var address = Transport.EndPointOf(remoteOf());
            remote = address.ToString();
            half = _halfOpen.Enter(address.Address, connection);
            var acceptor = new AcceptorOptions
            {
                Admit = visit.AdmitAsync,
                Refusing = refusal => _teller.Ended(remote, visit.Request, false, refusal, visit.Denial),
                AssociationTimeout = _options.AssociationTimeout,
                IdleTimeout = _options.IdleTimeout,
                LeastRate = _options.LeastRate,
                RateWindow = _options.RateWindow,
                Tls = _options.Tls,
                DropAfterBytes = _faults?.DropAfterBytes,
                Wire = Wire,
                Threads = _reading,
            };
            var association = await accept(acceptor).ConfigureAwait(false);
            _halfOpen.Leave(half);
            Interlocked.Increment(ref _associations);
            accepted = association.RemoteEndPoint.ToString();
            _teller.Contexts(association, visit.Forbidden);
            await using (association.ConfigureAwait(false))
                await _requests.AnswerAsync(association, visit.Grant).ConfigureAwait(false);
            isReleased = true;
        }
        catch (Exception) when (half is { IsCutOff: true })
        {
            _teller.CutOff(remote, half.Age);
        }
        catch (OperationCanceledException)
        {
            _teller.Stopped(remote, visit.Request);
        }
        catch (AssociationRejectedException)
        {
            // Told before the peer heard it.
        }
        catch (Exception problem) when (problem is DicomException or SocketException or IOException or ObjectDisposedException)
        {
            _teller.Ended(remote, visit.Request, accepted is { }, problem);
        }
        finally
        {
            // Before the end is told: who hears it and calls again finds the place.
            visit.Dispose();
            if (half is { })
                _halfOpen.Leave(half);
            if (accepted is { })
                _teller.Audit?.Ended(accepted);
            if (accepted is { })
                _options.Ended?.Invoke(accepted, isReleased);
            connection.Dispose();
            lock (_connections)
                _connections.Remove(id);
        }
    }

    private Func<string, WireTap?>? Wire => _options.Wire is { } trace ? trace.Tap : null;

    private void AuditFailed(string text) => _teller.Tell(new ServerEvent("", null, text, new IOException(text)));

    private void TraceFailed(Exception problem) => _teller.Tell(problem.Message, problem);
}
