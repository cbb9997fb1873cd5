using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Matching;

/// <summary>A service that finds, moves and gets things other than images by models of their own.</summary>
public enum ObjectService
{
    /// <summary>What is known about one patient (PS3.4 Q); found only.</summary>
    RelevantPatient,
    /// <summary>Products and approvals of substances (PS3.4 V); found only.</summary>
    SubstanceAdministration,
    /// <summary>Hanging protocols (PS3.4 U).</summary>
    HangingProtocol,
    /// <summary>Defined procedure protocols (PS3.4 HH).</summary>
    DefinedProcedureProtocol,
    /// <summary>Color palettes (PS3.4 X).</summary>
    ColorPalette,
    /// <summary>Implant templates, assemblies and groups (PS3.4 BB).</summary>
    ImplantTemplate,
    /// <summary>Protocol approvals (PS3.4 II).</summary>
    ProtocolApproval,
    /// <summary>Inventories (PS3.4 JJ).</summary>
    Inventory,
}

/// <summary>
/// One information model of such a service: its SOP classes and its keys. It has no levels: the only unique key is that of the object,
/// and no Query/Retrieve Level is sent (PS3.4 Q.4, U.4, V.4, X.4, BB.4, HH.4, II.4, JJ.4).
/// </summary>
public sealed record ObjectModel
{
    /// <summary>The service.</summary>
    public required ObjectService Service { get; init; }

    /// <summary>Which of its models; the name of the service where it has one only.</summary>
    public required string Name { get; init; }

    /// <summary>The SOP class of C-FIND.</summary>
    public required string Find { get; init; }

    /// <summary>The SOP class of C-MOVE; null where the objects cannot be retrieved.</summary>
    public string? Move { get; init; }

    /// <summary>The SOP class of C-GET; null where the objects cannot be retrieved.</summary>
    public string? Get { get; init; }

    /// <summary>The SOP classes of its objects.</summary>
    public IReadOnlyList<string> StorageClasses { get; init; } = [];

    /// <summary>The attribute that people know an object by.</summary>
    public required DicomTag NameKey { get; init; }

    /// <summary>The attribute that describes it.</summary>
    public DicomTag? DescriptionKey { get; init; }

    /// <summary>When it was made or decided, as a DT; null where the model has no such attribute.</summary>
    public DicomTag? MomentKey { get; init; }

    /// <summary>The unique key: SOP Instance UID, or that of a patient or a product.</summary>
    public DicomTag UniqueKey { get; init; } = Tags.SOPInstanceUID;

    /// <summary>The further attributes that are asked to be returned.</summary>
    public IReadOnlyList<DicomTag> Returned { get; init; } = [];

    /// <summary>Whether the model knows of a patient.</summary>
    public bool HasPatient => UniqueKey == Tags.PatientID || Returned.Contains(Tags.PatientID);

    /// <summary>All that is asked to be returned.</summary>
    internal IEnumerable<DicomTag> Keys =>
        (StorageClasses.Count > 0 ? [Tags.SOPClassUID, Tags.SOPInstanceUID] : Array.Empty<DicomTag>())
            .Concat(new[] { UniqueKey, NameKey, DescriptionKey, MomentKey }.OfType<DicomTag>()).Concat(Returned).Distinct();

    /// <summary>Service and model in words, such as ImplantTemplate Group.</summary>
    public override string ToString() => Name == $"{Service}" ? Name : $"{Service} {Name}";
}
