using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Pdus;

namespace DicomPS.Scp;

/// <summary>A request that a server is to answer.</summary>
/// <param name="Association">The association that it came over.</param>
/// <param name="Reader">Where its dataset is read from, if it has one and the row does not say <see cref="ServiceRow.RunsBeside"/>.</param>
/// <param name="Writer">Where pending responses go; the final one is returned.</param>
/// <param name="Message">The request.</param>
public sealed record ServiceCall(Association Association, DimseReader Reader, DimseWriter Writer, DimseMessage Message)
{
    /// <summary>The dataset of the request, read already, where the row says <see cref="ServiceRow.RunsBeside"/>; otherwise null.</summary>
    public DicomDataset? Identifier { get; init; }

    /// <summary>What follows the associations that the handler opens for the request; null follows none.</summary>
    public Func<string, WireTap?>? Wire { get; init; }

    /// <summary>
    /// Where requests of the server's own on this association go (N-EVENT-REPORT, and C-STORE for C-GET, where the row says
    /// <see cref="ServiceRow.RunsBeside"/>).
    /// </summary>
    public OwnRequests? Requests { get; init; }

    /// <summary>Takes what goes wrong while the request is served, for the server's own record. Null where there is none.</summary>
    internal Action<Exception>? Note { get; init; }

    /// <summary>Whom the request turned out to be about.</summary>
    internal AuditSubject Subject { get; init; } = new();

    /// <summary>How large the dataset of the request may be.</summary>
    internal DatasetLimit Limit { get; init; } = DatasetLimit.Any;

    /// <summary>The status with which the service says that it failed.</summary>
    internal ushort FailureStatus { get; init; } = Statuses.ProcessingFailure;

    /// <summary>The command of the request.</summary>
    public CommandSet Command => Message.Command;

    /// <summary>A final response without more to say than its status.</summary>
    /// <param name="status">The status (0000,0900).</param>
    public Task<ServiceReply> Reply(ushort status) => Task.FromResult(new ServiceReply(Command.Respond(status)));
}

/// <summary>The final response to a request.</summary>
/// <param name="Command">The response.</param>
/// <param name="Dataset">The dataset that goes with it, or null.</param>
public sealed record ServiceReply(CommandSet Command, DicomDataset? Dataset = null)
{
    /// <summary>
    /// What is done about the request once the response has been sent, while the association goes on; also when sending failed, since
    /// nobody knows then what the peer has read. Cancelled when the server stops. Null does nothing.
    /// </summary>
    public Func<CancellationToken, Task>? Then { get; init; }

    /// <summary>A response without a dataset.</summary>
    /// <param name="command">The response.</param>
    public static implicit operator ServiceReply(CommandSet command) => new(command);
}

/// <summary>Answers a request.</summary>
/// <param name="call">The request.</param>
/// <param name="cancellationToken">Cancelled by C-CANCEL, by the end of the association and when the server is told to stop at
/// once.</param>
/// <returns>The final response.</returns>
/// <exception cref="ServiceException">The request fails with the status that it carries.</exception>
public delegate Task<ServiceReply> ServiceHandler(ServiceCall call, CancellationToken cancellationToken);

/// <summary>What the work of a service has of its server.</summary>
/// <param name="Tell">Takes an event; the server tells it as its own.</param>
/// <param name="Wire">What follows the associations that the work opens; null follows none.</param>
/// <param name="Stopping">Cancelled when the server stops: nothing is begun any more.</param>
/// <param name="Aborting">Cancelled when the grace of the stop is over.</param>
public sealed record ServerWork(Action<ServerEvent> Tell, Func<string, WireTap?>? Wire, CancellationToken Stopping,
    CancellationToken Aborting);

/// <summary>Which requests a server answers, and how. Immutable.</summary>
public sealed class ServiceTable
{
    private readonly Dictionary<(string SopClassUid, CommandField Request), ServiceRow> _rows = [];
    private readonly ILookup<string, ServiceRow> _classes;
    private readonly Func<string, ServiceRow?>? _fallback;

    /// <summary>Makes a table.</summary>
    /// <param name="rows">The rows; a later one replaces an earlier one for the same class and request.</param>
    /// <param name="fallback">Makes a row for a SOP class that has none, or returns null; for SOP classes that are not known yet.</param>
    public ServiceTable(IEnumerable<ServiceRow> rows, Func<string, ServiceRow?>? fallback = null)
    {
        foreach (var row in rows)
            _rows[(row.SopClassUid, row.Request)] = row;
        _classes = _rows.Values.ToLookup(row => row.SopClassUid, StringComparer.Ordinal);
        _fallback = fallback;
    }

    /// <summary>Whether a presentation context for the SOP class is accepted.</summary>
    /// <param name="sopClassUid">The abstract syntax that a peer proposes.</param>
    /// <param name="role">The role selection that it proposes for it; null for none.</param>
    public bool Serves(string sopClassUid, RoleSelection? role = null) => _classes.Contains(sopClassUid)
        ? _classes[sopClassUid].Any(row => row.Accepts?.Invoke(role) != false)
        : _fallback?.Invoke(sopClassUid) is { };

    /// <summary>Whether all requests for a SOP class are answered one after the other as they come.</summary>
    /// <param name="sopClassUid">The abstract syntax that a peer proposes.</param>
    internal bool AnswersInOrder(string sopClassUid) => _classes.Contains(sopClassUid)
        ? _classes[sopClassUid].All(row => !row.RunsBeside)
        : _fallback?.Invoke(sopClassUid) is not { RunsBeside: true };

    /// <summary>What the services do of their own.</summary>
    internal IEnumerable<Func<ServerWork, Task>> Work => _rows.Values.Select(row => row.Work).OfType<Func<ServerWork, Task>>();

    /// <summary>The row for a request, or null.</summary>
    /// <param name="sopClassUid">The abstract syntax of the presentation context.</param>
    /// <param name="request">The kind of request.</param>
    public ServiceRow? Find(string sopClassUid, CommandField request)
    {
        if (_rows.TryGetValue((sopClassUid, request), out var row))
            return row;
        return _fallback?.Invoke(sopClassUid) is { } made && made.Request == request ? made : null;
    }
}
