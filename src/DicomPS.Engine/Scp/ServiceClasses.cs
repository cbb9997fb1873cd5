using DicomPS.Dictionary;
using DicomPS.Dimse;

namespace DicomPS.Scp;

/// <summary>A service class of PS3.4 that is answered request by request.</summary>
public enum DicomService
{
    /// <summary>C-ECHO (PS3.4 A).</summary>
    Verification,
    /// <summary>C-STORE of images and other composite instances (PS3.4 B).</summary>
    Storage,
    /// <summary>C-FIND, C-MOVE and C-GET by patient, study, series and instance (PS3.4 C).</summary>
    QueryRetrieve,
    /// <summary>C-FIND of scheduled procedure steps (PS3.4 K).</summary>
    Worklist,
    /// <summary>C-FIND of what is known about one patient (PS3.4 Q).</summary>
    RelevantPatient,
    /// <summary>C-FIND of products and approvals (PS3.4 V).</summary>
    SubstanceAdministration,
    /// <summary>C-STORE of hanging protocols, palettes, templates and other instances without a patient (PS3.4 GG).</summary>
    NonPatientObject,
    /// <summary>C-FIND, C-MOVE and C-GET of hanging protocols (PS3.4 U).</summary>
    HangingProtocol,
    /// <summary>C-FIND, C-MOVE and C-GET of defined procedure protocols (PS3.4 HH).</summary>
    DefinedProcedureProtocol,
    /// <summary>C-FIND, C-MOVE and C-GET of color palettes (PS3.4 X).</summary>
    ColorPalette,
    /// <summary>C-FIND, C-MOVE and C-GET of implant templates (PS3.4 BB).</summary>
    ImplantTemplate,
    /// <summary>C-FIND, C-MOVE and C-GET of protocol approvals (PS3.4 II).</summary>
    ProtocolApproval,
    /// <summary>C-FIND, C-MOVE and C-GET of inventories (PS3.4 JJ).</summary>
    Inventory,
}

/// <summary>One kind of request of a service: which SOP classes carry it, and which statuses it has.</summary>
/// <param name="Service">The service.</param>
/// <param name="Request">The kind of request.</param>
/// <param name="SopClassUids">The SOP classes.</param>
/// <param name="StatusTable">Its statuses.</param>
/// <param name="UnreadableStatus">The status for a dataset that cannot be read.</param>
/// <param name="FailureStatus">The status for a handler that fails.</param>
internal sealed record ServiceOperation(
    DicomService Service, CommandField Request, IReadOnlyList<string> SopClassUids, StatusTable StatusTable, ushort UnreadableStatus,
    ushort FailureStatus);

/// <summary>The services, their requests and their SOP classes: a table of PS3.4.</summary>
internal static class ServiceClasses
{
    /// <summary>The requests of a service.</summary>
    /// <param name="service">The service.</param>
    public static IReadOnlyList<ServiceOperation> Operations(DicomService service) => service switch
    {
        DicomService.Verification => [Of(service, CommandField.CEchoRequest, SopClassService.Verification, StatusTable.General,
            Statuses.ProcessingFailure, Statuses.ProcessingFailure)],
        DicomService.Storage => [Of(service, CommandField.CStoreRequest, SopClassService.Storage, StatusTable.Storage,
            ServerStatuses.UnreadableStore, ServerStatuses.FailedStore)],
        // Their tables have C000H and no range (PS3.4 GG.4, Q.4).
        DicomService.NonPatientObject => [Of(service, CommandField.CStoreRequest, SopClassService.NonPatientObject, StatusTable.NonPatient,
            Statuses.NonPatient.CannotUnderstand, Statuses.NonPatient.CannotUnderstand)],
        DicomService.RelevantPatient => [Of(service, CommandField.CFindRequest, SopClassService.RelevantPatientQuery,
            StatusTable.RelevantPatient, Statuses.RelevantPatient.UnableToProcess, Statuses.RelevantPatient.UnableToProcess)],
        DicomService.Worklist => [Find(service, SopClassService.BasicWorklist, StatusTable.ModalityWorklist)],
        DicomService.SubstanceAdministration =>
            [Find(service, SopClassService.SubstanceAdministration, StatusTable.SubstanceAdministration)],
        DicomService.QueryRetrieve => Retrieval(service, SopClassService.Qr),
        DicomService.HangingProtocol => Retrieval(service, SopClassService.HangingProtocol),
        DicomService.DefinedProcedureProtocol => Retrieval(service, SopClassService.DefinedProcedure),
        DicomService.ColorPalette => Retrieval(service, SopClassService.ColorPalette),
        DicomService.ImplantTemplate => Retrieval(service, SopClassService.ImplantTemplate),
        DicomService.ProtocolApproval => Retrieval(service, SopClassService.ProtocolApproval),
        DicomService.Inventory => Retrieval(service, SopClassService.Inventory),
        _ => throw new ArgumentOutOfRangeException(nameof(service), service, "There is no such service."),
    };

    // Each model has a SOP class a request; its keyword ends with the request. The models other than Q/R take its statuses.
    private static ServiceOperation[] Retrieval(DicomService service, SopClassService classes) =>
    [
        Find(service, classes, StatusTable.QrFind, keyword => EndsWith(keyword, "Find") || EndsWith(keyword, "Query")),
        Of(service, CommandField.CMoveRequest, classes, StatusTable.QrMove, ServerStatuses.UnreadableMove, ServerStatuses.FailedMove,
            keyword => EndsWith(keyword, "Move")),
        Of(service, CommandField.CGetRequest, classes, StatusTable.QrGet, ServerStatuses.UnreadableGet, ServerStatuses.FailedGet,
            keyword => EndsWith(keyword, "Get")),
    ];

    private static bool EndsWith(string keyword, string end) => keyword.EndsWith(end, StringComparison.Ordinal);

    private static ServiceOperation Find(
        DicomService service, SopClassService classes, StatusTable statuses, Func<string, bool>? keyword = null) =>
        Of(service, CommandField.CFindRequest, classes, statuses, ServerStatuses.UnreadableFind, ServerStatuses.FailedFind, keyword);

    private static ServiceOperation Of(
        DicomService service, CommandField request, SopClassService classes, StatusTable statuses, ushort unreadable, ushort failure,
        Func<string, bool>? keyword = null) =>
        new(service, request, [.. DicomDictionary.SopClasses(classes).Where(c => keyword?.Invoke(c.Keyword) ?? true).Select(c => c.Uid)],
            statuses, unreadable, failure);
}
