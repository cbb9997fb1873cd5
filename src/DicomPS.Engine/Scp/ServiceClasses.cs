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
/// <param name="StatusTable">The service as <see cref="Statuses"/> names it.</param>
/// <param name="UnreadableStatus">The status for a dataset that cannot be read.</param>
/// <param name="FailureStatus">The status for a handler that fails.</param>
public sealed record ServiceOperation(
    DicomService Service, CommandField Request, IReadOnlyList<string> SopClassUids, string StatusTable, ushort UnreadableStatus,
    ushort FailureStatus);

/// <summary>The services, their requests and their SOP classes: a table of PS3.4.</summary>
public static class ServiceClasses
{
    /// <summary>The requests of a service.</summary>
    /// <param name="service">The service.</param>
    public static IReadOnlyList<ServiceOperation> Operations(DicomService service) => service switch
    {
        DicomService.Verification => [Of(service, CommandField.CEchoRequest, "verification", "general", 0x0110, 0x0110)],
        DicomService.Storage => [Of(service, CommandField.CStoreRequest, "storage", "storage", 0xC210, 0xC211)],
        // Their tables have C000H and no range (PS3.4 GG.4, Q.4).
        DicomService.NonPatientObject => [Of(service, CommandField.CStoreRequest, "non_patient_object", "non_patient", 0xC000, 0xC000)],
        DicomService.RelevantPatient =>
            [Of(service, CommandField.CFindRequest, "relevant_patient_query", "relevant_patient", 0xC000, 0xC000)],
        DicomService.Worklist => [Of(service, CommandField.CFindRequest, "basic_worklist", "modality_worklist", 0xC310, 0xC311)],
        DicomService.SubstanceAdministration =>
            [Of(service, CommandField.CFindRequest, "substance_administration", "substance_administration", 0xC310, 0xC311)],
        DicomService.QueryRetrieve => Retrieval(service, "qr"),
        DicomService.HangingProtocol => Retrieval(service, "hanging_protocol"),
        DicomService.DefinedProcedureProtocol => Retrieval(service, "defined_procedure"),
        DicomService.ColorPalette => Retrieval(service, "color_palette"),
        DicomService.ImplantTemplate => Retrieval(service, "implant_template"),
        DicomService.ProtocolApproval => Retrieval(service, "protocol_approval"),
        DicomService.Inventory => Retrieval(service, "inventory"),
        _ => throw new ArgumentOutOfRangeException(nameof(service), service, "There is no such service."),
    };

    // Each model has a SOP class a request; its keyword ends with the request. The models other than Q/R take its statuses.
    private static ServiceOperation[] Retrieval(DicomService service, string classes) =>
    [
        Of(service, CommandField.CFindRequest, classes, "qr_find", 0xC310, 0xC311,
            keyword => EndsWith(keyword, "Find") || EndsWith(keyword, "Query")),
        Of(service, CommandField.CMoveRequest, classes, "qr_move", 0xC510, 0xC511, keyword => EndsWith(keyword, "Move")),
        Of(service, CommandField.CGetRequest, classes, "qr_get", 0xC410, 0xC411, keyword => EndsWith(keyword, "Get")),
    ];

    private static bool EndsWith(string keyword, string end) => keyword.EndsWith(end, StringComparison.Ordinal);

    private static ServiceOperation Of(
        DicomService service, CommandField request, string classes, string statuses, ushort unreadable, ushort failure,
        Func<string, bool>? keyword = null) =>
        new(service, request, [.. DicomDictionary.SopClasses(classes).Where(c => keyword?.Invoke(c.Keyword) ?? true).Select(c => c.Uid)],
            statuses, unreadable, failure);
}
