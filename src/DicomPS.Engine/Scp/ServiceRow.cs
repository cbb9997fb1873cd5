using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Pdus;

namespace DicomPS.Scp;

/// <summary>One row of a <see cref="ServiceTable"/>: how one kind of request for one SOP class is answered.</summary>
/// <param name="SopClassUid">The SOP class.</param>
/// <param name="Request">The kind of request.</param>
/// <param name="Handler">What answers it.</param>
/// <param name="UnreadableStatus">The status for a dataset that cannot be read.</param>
/// <param name="FailureStatus">The status for a handler that fails in a way of its own.</param>
public sealed record ServiceRow(string SopClassUid, CommandField Request, ServiceHandler Handler, ushort UnreadableStatus,
    ushort FailureStatus)
{
    /// <summary>
    /// Whether the handler runs beside the reading of the association, so that C-CANCEL and the responses to
    /// sub-operations reach it: C-FIND, C-MOVE, C-GET. Its dataset is read before it starts.
    /// </summary>
    public bool RunsBeside { get; init; }

    /// <summary>
    /// How large the dataset of a request may be. A larger one is refused: A700H for C-FIND, A701H for C-MOVE and C-GET (PS3.4
    /// C.4.1.1.4, C.4.2.1.5, C.4.3.1.4), 0213H for what is normalized (PS3.7 C.5.17).
    /// </summary>
    public DatasetLimit Limit { get; init; } =
        Request is CommandField.CFindRequest or CommandField.CMoveRequest or CommandField.CGetRequest
            ? DatasetLimit.Keys
            : DatasetLimit.Any;

    /// <summary>
    /// Told of a request that fails on purpose (<see cref="FaultPlan"/>) before the handler sees it; must return at once. Null is
    /// silent.
    /// </summary>
    public Action<ServiceCall, Exception>? Unserved { get; init; }

    /// <summary>
    /// Whether a presentation context of the SOP class is accepted, by the role selection that the peer proposes for it (PS3.7
    /// D.3.3.4), null for none. One row of the class that accepts is enough. Null, the default, always accepts.
    /// </summary>
    public Func<RoleSelection?, bool>? Accepts { get; init; }

    /// <summary>
    /// What the service does of its own beside all requests, from the start of the server to its stop. Null does nothing.
    /// </summary>
    public Func<ServerWork, Task>? Work { get; init; }

    /// <summary>
    /// The service as <see cref="Statuses"/> names it: a status that its table lacks is sent, and told as a server
    /// event. Null tells nothing.
    /// </summary>
    public StatusTable? StatusTable { get; init; }
}
