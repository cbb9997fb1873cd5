using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Pdus;

namespace DicomPS.Scp;

/// <summary>Which service of a rule a SOP class and a request belong to.</summary>
internal static class AccessOf
{
    private static readonly Dictionary<string, AccessServices> Classes = Table();

    /// <summary>The names that a rule may have.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetNames(typeof(AccessServices)).Where(name => name != "None")];

    /// <summary>
    /// The service that a presentation context is for, as its abstract syntax says; what is not known is a storage class that is newer.
    /// </summary>
    public static AccessServices Class(string sopClassUid) =>
        Classes.TryGetValue(sopClassUid, out var known) ? known : AccessServices.Store;

    /// <summary>The service that a request asks for.</summary>
    public static AccessServices Request(string sopClassUid, CommandField request) => request switch
    {
        CommandField.CEchoRequest => AccessServices.Echo,
        CommandField.CStoreRequest => AccessServices.Store,
        CommandField.CMoveRequest => AccessServices.Move,
        CommandField.CGetRequest => AccessServices.Get,
        _ => Class(sopClassUid),
    };

    /// <summary>
    /// Whether a presentation context is of use to a caller: its service is among those that it may ask for, or it is there for the
    /// instances that C-GET sends back (PS3.4 C.5.3: the caller is SCP then).
    /// </summary>
    public static bool IsOpen(AccessServices granted, string sopClassUid, RoleSelection? role)
    {
        var needed = Class(sopClassUid);
        return (granted & needed) != 0
            || (needed == AccessServices.Store && role is { Scp: true } && (granted & AccessServices.Get) != 0);
    }

    private static Dictionary<string, AccessServices> Table()
    {
        var table = new Dictionary<string, AccessServices>(StringComparer.Ordinal);
        void Add(SopClassService service, Func<string, AccessServices> of)
        {
            foreach (var entry in DicomDictionary.SopClasses(service))
                table[entry.Uid] = of(entry.Keyword);
        }

        Add(SopClassService.Verification, _ => AccessServices.Echo);
        Add(SopClassService.BasicWorklist, _ => AccessServices.Worklist);
        Add(SopClassService.StorageCommitment, _ => AccessServices.Commit);
        Add(SopClassService.ProcedureStep, _ => AccessServices.Mpps);
        Add(SopClassService.InstanceAvailability, _ => AccessServices.Availability);
        foreach (var service in new[]
        {
            SopClassService.Qr, SopClassService.HangingProtocol, SopClassService.DefinedProcedure, SopClassService.ColorPalette,
            SopClassService.ImplantTemplate, SopClassService.ProtocolApproval, SopClassService.Inventory,
            SopClassService.RelevantPatientQuery, SopClassService.SubstanceAdministration,
        })
            Add(service, keyword => keyword.EndsWith("Move", StringComparison.Ordinal) ? AccessServices.Move
                : keyword.EndsWith("Get", StringComparison.Ordinal) ? AccessServices.Get : AccessServices.Find);

        return table;
    }
}
