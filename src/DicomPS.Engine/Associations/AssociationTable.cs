namespace DicomPS.Associations;

/// <summary>The states of PS3.8 9.2.1.</summary>
public enum AssociationState : byte
{
    /// <summary>Sta1: idle.</summary>
    Idle = 1,
    /// <summary>Sta2: transport connection open, awaiting A-ASSOCIATE-RQ.</summary>
    AwaitingRequest,
    /// <summary>Sta3: awaiting the local answer to the request.</summary>
    AwaitingLocalAnswer,
    /// <summary>Sta4: awaiting the transport connection.</summary>
    AwaitingTransport,
    /// <summary>Sta5: awaiting A-ASSOCIATE-AC or -RJ.</summary>
    AwaitingAnswer,
    /// <summary>Sta6: established, ready for data.</summary>
    Established,
    /// <summary>Sta7: awaiting A-RELEASE-RP.</summary>
    AwaitingReleaseRp,
    /// <summary>Sta8: awaiting the local answer to A-RELEASE-RQ.</summary>
    AwaitingLocalRelease,
    /// <summary>Sta9: release collision, requestor, awaiting the local answer.</summary>
    CollisionRequestorAwaitingLocal,
    /// <summary>Sta10: release collision, acceptor, awaiting A-RELEASE-RP.</summary>
    CollisionAcceptorAwaitingRp,
    /// <summary>Sta11: release collision, requestor, awaiting A-RELEASE-RP.</summary>
    CollisionRequestorAwaitingRp,
    /// <summary>Sta12: release collision, acceptor, awaiting the local answer.</summary>
    CollisionAcceptorAwaitingLocal,
    /// <summary>Sta13: awaiting the end of the transport connection.</summary>
    AwaitingClose,
}

/// <summary>The events of PS3.8 table 9-10, numbered as there.</summary>
internal enum UpperLayerEvent : byte
{
    /// <summary>Evt1: the local user asks for an association.</summary>
    AssociateRequest = 1,
    /// <summary>Evt2: the transport connection is open (requestor).</summary>
    TransportConfirmed,
    /// <summary>Evt3: A-ASSOCIATE-AC came.</summary>
    AssociateAcReceived,
    /// <summary>Evt4: A-ASSOCIATE-RJ came.</summary>
    AssociateRjReceived,
    /// <summary>Evt5: a transport connection came in (acceptor).</summary>
    TransportIndicated,
    /// <summary>Evt6: A-ASSOCIATE-RQ came.</summary>
    AssociateRqReceived,
    /// <summary>Evt7: the local user accepts.</summary>
    AssociateAccept,
    /// <summary>Evt8: the local user refuses.</summary>
    AssociateReject,
    /// <summary>Evt9: the local user sends data.</summary>
    DataRequest,
    /// <summary>Evt10: P-DATA-TF came.</summary>
    DataReceived,
    /// <summary>Evt11: the local user asks for release.</summary>
    ReleaseRequest,
    /// <summary>Evt12: A-RELEASE-RQ came.</summary>
    ReleaseRqReceived,
    /// <summary>Evt13: A-RELEASE-RP came.</summary>
    ReleaseRpReceived,
    /// <summary>Evt14: the local user answers a release.</summary>
    ReleaseResponse,
    /// <summary>Evt15: the local user aborts.</summary>
    AbortRequest,
    /// <summary>Evt16: A-ABORT came.</summary>
    AbortReceived,
    /// <summary>Evt17: the transport connection closed.</summary>
    TransportClosed,
    /// <summary>Evt18: the ARTIM timer ran out.</summary>
    ArtimExpired,
    /// <summary>Evt19: an unrecognized or invalid PDU came.</summary>
    InvalidPduReceived,
}

/// <summary>The actions of PS3.8 tables 9-6 to 9-9, named as there.</summary>
internal enum UpperLayerAction : byte
{
    /// <summary>AE-1: open the transport connection.</summary>
    AE1 = 1,
    /// <summary>AE-2: send A-ASSOCIATE-RQ.</summary>
    AE2,
    /// <summary>AE-3: tell the user that the association is accepted.</summary>
    AE3,
    /// <summary>AE-4: tell the user that it is refused; close.</summary>
    AE4,
    /// <summary>AE-5: take the transport connection; start ARTIM.</summary>
    AE5,
    /// <summary>AE-6: stop ARTIM; hand the request to the user, or send A-ASSOCIATE-RJ and start ARTIM.</summary>
    AE6,
    /// <summary>AE-7: send A-ASSOCIATE-AC.</summary>
    AE7,
    /// <summary>AE-8: send A-ASSOCIATE-RJ; start ARTIM.</summary>
    AE8,
    /// <summary>DT-1: send P-DATA-TF.</summary>
    DT1,
    /// <summary>DT-2: hand the data to the user.</summary>
    DT2,
    /// <summary>AR-1: send A-RELEASE-RQ.</summary>
    AR1,
    /// <summary>AR-2: tell the user that the peer asks for release.</summary>
    AR2,
    /// <summary>AR-3: tell the user that the release is confirmed; close.</summary>
    AR3,
    /// <summary>AR-4: send A-RELEASE-RP; start ARTIM.</summary>
    AR4,
    /// <summary>AR-5: stop ARTIM.</summary>
    AR5,
    /// <summary>AR-6: hand the data to the user.</summary>
    AR6,
    /// <summary>AR-7: send P-DATA-TF.</summary>
    AR7,
    /// <summary>AR-8: tell the user that both ask for release.</summary>
    AR8,
    /// <summary>AR-9: send A-RELEASE-RP.</summary>
    AR9,
    /// <summary>AR-10: tell the user that the release is confirmed.</summary>
    AR10,
    /// <summary>AA-1: send A-ABORT as service user; start or restart ARTIM.</summary>
    AA1,
    /// <summary>AA-2: stop ARTIM; close.</summary>
    AA2,
    /// <summary>AA-3: tell the user that the peer aborted; close.</summary>
    AA3,
    /// <summary>AA-4: tell the user that the connection is gone.</summary>
    AA4,
    /// <summary>AA-5: stop ARTIM.</summary>
    AA5,
    /// <summary>AA-6: ignore the PDU.</summary>
    AA6,
    /// <summary>AA-7: send A-ABORT.</summary>
    AA7,
    /// <summary>AA-8: send A-ABORT as service provider; tell the user; start ARTIM.</summary>
    AA8,
}

/// <summary>A cell of the state table.</summary>
/// <param name="Action">What to do.</param>
/// <param name="Next">The state after it.</param>
/// <param name="Otherwise">The state after it in the cells that have two: a request that is not acceptable (Sta2, Evt6), a release
/// collision on the acceptor (Sta7, Evt12). Elsewhere the same as <paramref name="Next"/>.</param>
internal readonly record struct AssociationTransition(UpperLayerAction Action, AssociationState Next, AssociationState Otherwise);

/// <summary>The state table of PS3.8 9.2.3 (table 9-10).</summary>
internal static class AssociationTable
{
    // A row is an event, a column a state, as in the standard; "-" is a cell without an entry: the event cannot happen there.
    private static readonly string[] Rows =
    [
        //      Sta1     Sta2       Sta3     Sta4     Sta5     Sta6     Sta7       Sta8     Sta9     Sta10    Sta11    Sta12    Sta13
        "Evt1   AE-1/4   -          -        -        -        -        -          -        -        -        -        -        -",
        "Evt2   -        -          -        AE-2/5   -        -        -          -        -        -        -        -        -",
        "Evt3   -        AA-1/13    AA-8/13  -        AE-3/6   AA-8/13  AA-8/13    AA-8/13  AA-8/13  AA-8/13  AA-8/13  AA-8/13  AA-6/13",
        "Evt4   -        AA-1/13    AA-8/13  -        AE-4/1   AA-8/13  AA-8/13    AA-8/13  AA-8/13  AA-8/13  AA-8/13  AA-8/13  AA-6/13",
        "Evt5   AE-5/2   -          -        -        -        -        -          -        -        -        -        -        -",
        "Evt6   -        AE-6/3/13  AA-8/13  -        AA-8/13  AA-8/13  AA-8/13    AA-8/13  AA-8/13  AA-8/13  AA-8/13  AA-8/13  AA-7/13",
        "Evt7   -        -          AE-7/6   -        -        -        -          -        -        -        -        -        -",
        "Evt8   -        -          AE-8/13  -        -        -        -          -        -        -        -        -        -",
        "Evt9   -        -          -        -        -        DT-1/6   -          AR-7/8   -        -        -        -        -",
        "Evt10  -        AA-1/13    AA-8/13  -        AA-8/13  DT-2/6   AR-6/7     AA-8/13  AA-8/13  AA-8/13  AA-8/13  AA-8/13  AA-6/13",
        "Evt11  -        -          -        -        -        AR-1/7   -          -        -        -        -        -        -",
        "Evt12  -        AA-1/13    AA-8/13  -        AA-8/13  AR-2/8   AR-8/9/10  AA-8/13  AA-8/13  AA-8/13  AA-8/13  AA-8/13  AA-6/13",
        "Evt13  -        AA-1/13    AA-8/13  -        AA-8/13  AA-8/13  AR-3/1     AA-8/13  AA-8/13  AR-10/12 AR-3/1   AA-8/13  AA-6/13",
        "Evt14  -        -          -        -        -        -        -          AR-4/13  AR-9/11  -        -        AR-4/13  -",
        "Evt15  -        -          AA-1/13  AA-2/1   AA-1/13  AA-1/13  AA-1/13    AA-1/13  AA-1/13  AA-1/13  AA-1/13  AA-1/13  -",
        "Evt16  -        AA-2/1     AA-3/1   -        AA-3/1   AA-3/1   AA-3/1     AA-3/1   AA-3/1   AA-3/1   AA-3/1   AA-3/1   AA-2/1",
        "Evt17  -        AA-5/1     AA-4/1   AA-4/1   AA-4/1   AA-4/1   AA-4/1     AA-4/1   AA-4/1   AA-4/1   AA-4/1   AA-4/1   AR-5/1",
        "Evt18  -        AA-2/1     -        -        -        -        -          -        -        -        -        -        AA-2/1",
        "Evt19  -        AA-1/13    AA-8/13  -        AA-8/13  AA-8/13  AA-8/13    AA-8/13  AA-8/13  AA-8/13  AA-8/13  AA-8/13  AA-7/13",
    ];

    private const int StateCount = 13;
    private static readonly AssociationTransition?[] Cells = Read(Rows);

    /// <summary>What to do when an event happens in a state.</summary>
    /// <param name="state">The state.</param>
    /// <param name="happened">The event.</param>
    /// <returns>The cell; null when the event cannot happen in that state.</returns>
    public static AssociationTransition? Next(AssociationState state, UpperLayerEvent happened) =>
        Cells[(((int)happened - 1) * StateCount) + (int)state - 1];

    private static AssociationTransition?[] Read(string[] rows)
    {
        var cells = new AssociationTransition?[rows.Length * StateCount];
        for (var row = 0; row < rows.Length; row++)
        {
            var columns = rows[row].Split([' '], StringSplitOptions.RemoveEmptyEntries);
            for (var state = 1; state <= StateCount; state++)
                cells[(row * StateCount) + state - 1] = ReadCell(columns[state]);
        }

        return cells;
    }

    private static AssociationTransition? ReadCell(string text)
    {
        if (text == "-") return null;
        var parts = text.Split('/');
        var action = (UpperLayerAction)Enum.Parse(typeof(UpperLayerAction), parts[0].Replace("-", ""));
        return new AssociationTransition(action, (AssociationState)int.Parse(parts[1]),
            (AssociationState)int.Parse(parts[parts.Length - 1]));
    }
}
