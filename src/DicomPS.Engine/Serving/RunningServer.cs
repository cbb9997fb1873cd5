using System.Net;
using DicomPS.Associations;
using DicomPS.Scp;

namespace DicomPS.Serving;

/// <summary>What a server is at.</summary>
public enum ServerState
{
    /// <summary>Taking associations.</summary>
    Running,
    /// <summary>Finishing what is in flight.</summary>
    Stopping,
    /// <summary>Ended.</summary>
    Stopped,
}

/// <summary>A server that runs in this process: what every kind of them has. Any thread may use it.</summary>
public abstract class RunningServer : IAsyncDisposable
{
    private static readonly Dictionary<int, RunningServer> Servers = [];
    private static int _lastId;

    private DicomServer? _listener;
    private CertificateWatch? _certificate;
    private readonly object _stopping = new();
    private Task? _stop;
    private readonly ScpEventLog _events;
    private readonly ServerNotices _notices = new();
    private volatile string? _lastError;
    private long _lastErrorAt;
    private volatile int _state;

    /// <summary>Prepares a server; it runs once <see cref="Listen"/> has returned.</summary>
    /// <param name="aeTitle">Its AE title.</param>
    protected RunningServer(string aeTitle)
    {
        AETitle = aeTitle;
        _events = new ScpEventLog(aeTitle);
        StartedAt = DateTime.Now;
    }

    /// <summary>
    /// What was refused, failed or is worth a look, as it happens. Subscribers are called one after the other on a thread of the pool, and
    /// keep nobody waiting.
    /// </summary>
    public event EventHandler<ScpEventArgs>? Occurred;

    /// <summary>A study has come in whole, where that is watched for (<see cref="GetStudyFeed"/>). Called like the others.</summary>
    public event EventHandler<StudyCompletedEventArgs>? StudyCompleted;

    /// <summary>The servers of every kind that run in this process, the oldest first.</summary>
    public static IReadOnlyList<RunningServer> All
    {
        get
        {
            lock (Servers)
                return [.. Servers.Values.OrderBy(s => s.Id)];
        }
    }

    /// <summary>A number that is the server's own among all servers of this process.</summary>
    public int Id { get; private set; }

    /// <summary>The server's AE title.</summary>
    public string AETitle { get; }

    /// <summary>The port that is listened on.</summary>
    public int Port => Listener.Port;

    /// <summary>What the server is at.</summary>
    public string State => GetState().ToString();

    /// <summary>The same as a value of its type. No property: an enumeration becomes a number in JSON and CLIXML.</summary>
    public ServerState GetState() => (ServerState)_state;

    /// <summary>When it was started, in local time.</summary>
    public DateTime StartedAt { get; }

    /// <summary>Who may do what, in words: the rules that let callers in, or that anyone may do everything.</summary>
    public string Access { get; private set; } = "";

    /// <summary>Whether whoever reaches this machine over a network may do everything that is served.</summary>
    internal bool IsOpenToNetwork => Listener.IsOpenToNetwork;

    /// <summary>Gives the AE titles that a move may go to, as they are now; null for a server that moves nothing.</summary>
    internal Func<IReadOnlyList<string>>? MovesTo { get; set; }

    /// <summary>The thumbprint of the certificate that it shows; null for one that speaks plain TCP.</summary>
    internal string? Thumbprint { get; private set; }

    /// <summary>How this machine calls it.</summary>
    internal DicomNode Node() => new()
    {
        AETitle = AETitle,
        HostName = Listener.Address is { } address && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)
            ? $"{address}" : $"{IPAddress.Loopback}",
        Port = Port,
        Tls = Thumbprint is { },
    };

    /// <summary>How many associations were accepted so far.</summary>
    public long Associations => Listener.Associations;

    /// <summary>How many associations are open now.</summary>
    public int ActiveAssociations => Listener.ActiveAssociations;

    /// <summary>The last thing that went wrong; null when nothing did.</summary>
    public string? LastError
    {
        get => _lastError;
        protected set
        {
            Interlocked.Exchange(ref _lastErrorAt, value is null ? 0 : DateTime.Now.Ticks);
            _lastError = value is null ? null : SafeText.Clean(value);
        }
    }

    /// <summary>When that was, in local time; null when nothing went wrong.</summary>
    public DateTime? LastErrorAt => Interlocked.Read(ref _lastErrorAt) is var ticks and not 0
        ? new DateTime(ticks, DateTimeKind.Local) : null;

    /// <summary>How many callers were turned away: no association, or none in which they can do anything.</summary>
    public long Refused => _events.Refused;

    /// <summary>How many events were forgotten for newer ones; the last 500 different ones are kept.</summary>
    public long DroppedScpEvents => _events.Forgotten;

    /// <summary>How often the subscribers of events were not called, because they were slower than what came.</summary>
    public long DroppedNotices => _notices.Dropped;

    private DicomServer Listener => _listener ?? throw new InvalidOperationException("The server does not listen yet.");

    /// <summary>The studies that have come in whole, for a server that watches for them; null for any other.</summary>
    public virtual StudyFeed? GetStudyFeed() => null;

    /// <summary>What was refused, failed or is worth a look, the latest at the end; also after the server has stopped.</summary>
    public IReadOnlyList<ScpEvent> GetEvents() => _events.All(Id);

    /// <summary>The events that this has not returned yet.</summary>
    public IReadOnlyList<ScpEvent> TakeNewEvents() => _events.TakeUntold(Id);

    /// <summary>Stops every server of this process at once.</summary>
    public static Task StopAllAsync() => Task.WhenAll(All.Select(s => s.StopAsync(TimeSpan.Zero)));

    /// <summary>Takes no new associations, lets each finish the request that it is at, and ends.</summary>
    /// <param name="grace">How long requests in flight may take; then they are aborted. Of a second call only the wait counts.</param>
    public Task StopAsync(TimeSpan grace)
    {
        lock (_stopping)
        {
            if (_stop is null)
                _state = (int)ServerState.Stopping;
            return _stop ??= Task.Run(() => StopCoreAsync(grace));
        }
    }

    /// <summary>Stops at once.</summary>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await StopAsync(TimeSpan.Zero).ConfigureAwait(false);
    }

    /// <summary>Listens from now on; the last step of a start.</summary>
    /// <param name="options">How it listens and whom it lets in.</param>
    /// <param name="services">What it answers.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="DicomNetworkException">The port cannot be listened on.</exception>
    protected void Listen(DicomServerOptions options, ServiceTable services)
    {
        ArgumentNullException.ThrowIfNull(options);
        _listener = DicomServer.Start(options with { Trace = Happened + options.Trace }, services);
        Access = _listener.Access;
        if (GetStudyFeed() is { } feed)
            feed.Completed += study => Notify(StudyCompleted is { } told ? () => told(this, new StudyCompletedEventArgs(study)) : null);
        Thumbprint = options.Tls?.Certificate.Thumbprint;
        if (options.Tls is { } tls)
            _certificate = new CertificateWatch(tls.Certificate,
                term => Happened(new ServerEvent("", null, term, null) { Kind = ServerEventKind.Warning }));
        Id = Interlocked.Increment(ref _lastId);
        lock (Servers)
            Servers[Id] = this;
    }

    /// <summary>Puts something that happened to the server, on an association or beside it, among its events.</summary>
    /// <param name="what">What happened.</param>
    protected void Happened(ServerEvent what)
    {
        ArgumentNullException.ThrowIfNull(what);
        var happened = _events.Add(what, DateTime.Now);
        if (happened is { } && Occurred is { } told)
            Notify(() => told(this, new ScpEventArgs(happened with { ServerId = Id })), tellsFailures: false);
        Note(what);
    }

    /// <summary>Calls subscribers, without keeping anybody waiting.</summary>
    /// <param name="call">Calls them; null for none.</param>
    /// <param name="tellsFailures">Whether what they throw is an event itself.</param>
    private protected void Notify(Action? call, bool tellsFailures = true)
    {
        if (call is null)
            return;
        _notices.Post(call, problem =>
        {
            var text = $"A subscriber of an event of the server failed: {problem.Message}";
            if (tellsFailures)
                Happened(new ServerEvent("", null, text, problem));
            else
                LastError = text;
        });
    }

    /// <summary>Told of each event; the base remembers what went wrong last.</summary>
    /// <param name="what">What happened.</param>
    protected virtual void Note(ServerEvent what)
    {
        ArgumentNullException.ThrowIfNull(what);
        if (what.Problem is { })
            LastError = what.RemoteEndPoint.Length > 0 ? $"{what.CallingAETitle} {what.RemoteEndPoint}: {what.Text}".TrimStart()
                : what.Text;
    }

    /// <summary>Lets go of what the server holds, once no association is left.</summary>
    protected virtual Task CloseAsync() => Task.CompletedTask;

    private async Task StopCoreAsync(TimeSpan grace)
    {
        await Listener.StopAsync(grace).ConfigureAwait(false);
        _certificate?.Dispose();
        await CloseAsync().ConfigureAwait(false);
        _notices.Complete();
        _state = (int)ServerState.Stopped;
        lock (Servers)
            Servers.Remove(Id);
    }
}
