using System.Runtime.CompilerServices;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;

namespace DicomPS.Scp;

/// <summary>
/// What answers which kind of request, for the SOP classes of whole services. Makes the <see cref="ServiceTable"/> of a server.
/// </summary>
public sealed record ServiceHandlers
{
    /// <summary>
    /// The services beside Verification; null, the default, serves Storage and QueryRetrieve as far as there are handlers.
    /// </summary>
    public IReadOnlyCollection<DicomService>? Services { get; init; }

    /// <summary>Answers C-ECHO; null, the default, answers Success.</summary>
    public ServiceHandler? Echo { get; init; }

    /// <summary>Answers C-STORE.</summary>
    public StoreHandler? Store { get; init; }

    /// <summary>Answers C-FIND.</summary>
    public FindHandler? Find { get; init; }

    /// <summary>Answers C-FIND with matches that have statuses; goes before <see cref="Find"/>.</summary>
    public MatchHandler? FindMatches { get; init; }

    /// <summary>Answers C-MOVE with instances as they are found; goes before <see cref="Move"/>.</summary>
    public MoveInstancesHandler? MoveInstances { get; init; }

    /// <summary>Answers C-GET with instances as they are found; goes before <see cref="Get"/>.</summary>
    public InstancesHandler? GetInstances { get; init; }

    /// <summary>Answers C-MOVE.</summary>
    public MoveHandler? Move { get; init; }

    /// <summary>Answers C-GET.</summary>
    public RetrieveHandler? Get { get; init; }

    /// <summary>
    /// How long a handler may take for its answer, or for each of its answers where they go out one after the other, before the request
    /// fails. Default 30 s.
    /// </summary>
    public TimeSpan HandlerTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Where instances lie until <see cref="Store"/> has answered. Default the system's folder for temporary files.</summary>
    public string Folder { get; init; } = Path.GetTempPath();

    /// <summary>The largest dataset that is taken, in bytes. Default no limit but the disk.</summary>
    public long MaximumObjectBytes { get; init; } = long.MaxValue;

    /// <summary>Rows of further services. Default none.</summary>
    public IReadOnlyCollection<ServiceRow> More { get; init; } = [];

    /// <summary>The services that are served.</summary>
    public IReadOnlyList<DicomService> Served => Services is null
        ? [.. new[] { DicomService.Verification, DicomService.Storage, DicomService.QueryRetrieve }.Where(
            s => s == DicomService.Verification || Handles(s))]
        : [.. Services.Append(DicomService.Verification).Distinct().OrderBy(s => s)];

    /// <summary>Whether there is a handler for at least one kind of request of a service.</summary>
    /// <param name="service">The service.</param>
    public bool Handles(DicomService service) => ServiceClasses.Operations(service).Any(o => o.Request switch
    {
        CommandField.CStoreRequest => Store is { },
        CommandField.CFindRequest => FindMatches is { } || Find is { },
        CommandField.CMoveRequest => MoveInstances is { } || Move is { },
        CommandField.CGetRequest => GetInstances is { } || Get is { },
        _ => true,
    });

    /// <summary>The table for a <see cref="DicomServer"/>.</summary>
    public ServiceTable ToTable()
    {
        var limit = new HandlerLimit(HandlerTimeout);
        var rows = Served.SelectMany(ServiceClasses.Operations).SelectMany(o => o.SopClassUids.Select(uid => RowFor(o, uid, limit)))
            .OfType<ServiceRow>().ToList();
        // C-GET brings instances back in contexts of their classes, which must be accepted even where none is taken (PS3.4 C.5.3).
        if (rows.Exists(row => row.Request == CommandField.CGetRequest))
            rows.InsertRange(0, new[] { DicomService.Storage, DicomService.NonPatientObject }.SelectMany(ServiceClasses.Operations)
                .SelectMany(Refusals));
        return new ServiceTable(rows.Concat(More));
    }

    private ServiceRow? RowFor(ServiceOperation operation, string uid, HandlerLimit limit)
    {
        var row = operation.Request switch
        {
            CommandField.CEchoRequest => Echo is { } echo
                ? EchoScp.Row with { Handler = (call, token) => limit.RunAsync(t => echo(call, t), token) } : EchoScp.Row,
            CommandField.CStoreRequest => Store is { } store
                ? new InstanceScp((call, instance, token) => limit.RunAsync(t => store(call, instance, t), token), Folder,
                    MaximumObjectBytes).Row(uid) : null,
            CommandField.CFindRequest => (FindMatches ?? (Find is { } plain ? FindScp.Matches(plain) : null)) is { } find
                ? new FindScp(operation.Service == DicomService.RelevantPatient ? OnlyOne(Limited(find, limit)) : Limited(find, limit)).Row(
                    uid) : null,
            CommandField.CMoveRequest when MoveInstances is { } stream =>
                new MoveScp((ServiceCall call, DicomDataset identifier, Action<AssociationOptions> destination, CancellationToken token) =>
                    limit.StreamAsync(t => stream(call, identifier, destination, t), token, InstanceFeed.Discard)).Row(uid),
            CommandField.CMoveRequest => Move is { } move
                ? new MoveScp((call, identifier, token) => limit.RunAsync(t => move(call, identifier, t), token)).Row(uid) : null,
            CommandField.CGetRequest when GetInstances is { } stream =>
                new GetScp((ServiceCall call, DicomDataset identifier, CancellationToken token) =>
                    limit.StreamAsync(t => stream(call, identifier, t), token, InstanceFeed.Discard)).Row(uid),
            CommandField.CGetRequest => Get is { } get
                ? new GetScp((call, identifier, token) => limit.RunAsync(t => get(call, identifier, t), token)).Row(uid) : null,
            _ => null,
        };
        return row is null ? null : row with
        {
            UnreadableStatus = operation.UnreadableStatus,
            FailureStatus = operation.FailureStatus,
            StatusTable = operation.StatusTable,
        };
    }

    private static MatchHandler Limited(MatchHandler find, HandlerLimit limit) =>
        (call, identifier, cancellationToken) => limit.StreamAsync(t => find(call, identifier, t), cancellationToken);

    // PS3.4 Q.4.1.3: more than one match is a failure, so the first one waits until there is no second.
    private static MatchHandler OnlyOne(MatchHandler find)
    {
        return FindOneAsync;

        async IAsyncEnumerable<FindMatch> FindOneAsync(ServiceCall call, DicomDataset identifier,
            [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            FindMatch? only = null;
            await foreach (var match in find(call, identifier, cancellationToken).WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                if (only is { })
                    throw new ServiceException(Statuses.RelevantPatient.MoreThanOneMatch, "More than one match found");
                only = match;
            }

            if (only is { })
                yield return only;
        }
    }

    private static IEnumerable<ServiceRow> Refusals(ServiceOperation operation) => operation.SopClassUids.Select(uid => new ServiceRow(
        uid, operation.Request,
        (call, _) => throw new ServiceException(Statuses.SopClassNotSupported, "Instances are sent here and not taken"),
        operation.UnreadableStatus, operation.FailureStatus));
}
