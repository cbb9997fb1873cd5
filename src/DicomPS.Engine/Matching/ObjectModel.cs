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

/// <summary>The models: a table of PS3.4.</summary>
public static class ObjectModels
{
    /// <summary>All of them, those of a service together and its usual one first.</summary>
    public static IReadOnlyList<ObjectModel> All { get; } =
    [
        Patient("General", Uids.GeneralRelevantPatientInformationQuery),
        Patient("BreastImaging", Uids.BreastImagingRelevantPatientInformationQuery),
        Patient("Cardiac", Uids.CardiacRelevantPatientInformationQuery),
        new()
        {
            Service = ObjectService.SubstanceAdministration, Name = "ProductCharacteristics", Find = Uids.ProductCharacteristicsQuery,
            UniqueKey = Tags.ProductPackageIdentifier, NameKey = Tags.ProductName, DescriptionKey = Tags.ProductDescription,
            MomentKey = Tags.ProductExpirationDateTime, Returned = [Tags.Manufacturer],
        },
        new()
        {
            Service = ObjectService.SubstanceAdministration, Name = "SubstanceApproval", Find = Uids.SubstanceApprovalQuery,
            UniqueKey = Tags.ProductPackageIdentifier, NameKey = Tags.SubstanceAdministrationApproval,
            DescriptionKey = Tags.ApprovalStatusFurtherDescription, MomentKey = Tags.ApprovalStatusDateTime,
            Returned = [Tags.PatientName, Tags.PatientID, Tags.PatientBirthDate, Tags.PatientSex],
        },
        new()
        {
            Service = ObjectService.HangingProtocol, Name = "HangingProtocol", Find = Uids.HangingProtocolInformationModelFind,
            Move = Uids.HangingProtocolInformationModelMove, Get = Uids.HangingProtocolInformationModelGet,
            StorageClasses = [Uids.HangingProtocolStorage], NameKey = Tags.HangingProtocolName,
            DescriptionKey = Tags.HangingProtocolDescription, MomentKey = Tags.HangingProtocolCreationDateTime,
            Returned = [Tags.HangingProtocolLevel, Tags.HangingProtocolCreator, Tags.HangingProtocolUserGroupName,
                Tags.NumberOfPriorsReferenced],
        },
        new()
        {
            Service = ObjectService.DefinedProcedureProtocol, Name = "DefinedProcedureProtocol",
            Find = Uids.DefinedProcedureProtocolInformationModelFind, Move = Uids.DefinedProcedureProtocolInformationModelMove,
            Get = Uids.DefinedProcedureProtocolInformationModelGet,
            StorageClasses = [Uids.CTDefinedProcedureProtocolStorage, Uids.XADefinedProcedureProtocolStorage],
            NameKey = Tags.ProtocolName, DescriptionKey = Tags.ContentDescription,
            Returned = [Tags.Modality, Tags.Manufacturer, Tags.ManufacturerModelName, Tags.ContentCreatorName],
        },
        new()
        {
            Service = ObjectService.ColorPalette, Name = "ColorPalette", Find = Uids.ColorPaletteQueryRetrieveInformationModelFind,
            Move = Uids.ColorPaletteQueryRetrieveInformationModelMove, Get = Uids.ColorPaletteQueryRetrieveInformationModelGet,
            StorageClasses = [Uids.ColorPaletteStorage], NameKey = Tags.ContentLabel, DescriptionKey = Tags.ContentDescription,
            Returned = [Tags.ContentCreatorName],
        },
        Implant("Generic", Uids.GenericImplantTemplateInformationModelFind, Uids.GenericImplantTemplateInformationModelMove,
            Uids.GenericImplantTemplateInformationModelGet, Uids.GenericImplantTemplateStorage, Tags.ImplantName, Tags.ImplantSize,
            [Tags.Manufacturer, Tags.ImplantPartNumber]),
        Implant("Assembly", Uids.ImplantAssemblyTemplateInformationModelFind, Uids.ImplantAssemblyTemplateInformationModelMove,
            Uids.ImplantAssemblyTemplateInformationModelGet, Uids.ImplantAssemblyTemplateStorage, Tags.ImplantAssemblyTemplateName, null,
            [Tags.ImplantAssemblyTemplateIssuer, Tags.ImplantAssemblyTemplateVersion]),
        Implant("Group", Uids.ImplantTemplateGroupInformationModelFind, Uids.ImplantTemplateGroupInformationModelMove,
            Uids.ImplantTemplateGroupInformationModelGet, Uids.ImplantTemplateGroupStorage, Tags.ImplantTemplateGroupName,
            Tags.ImplantTemplateGroupDescription, [Tags.ImplantTemplateGroupIssuer, Tags.ImplantTemplateGroupVersion]),
        new()
        {
            Service = ObjectService.ProtocolApproval, Name = "ProtocolApproval", Find = Uids.ProtocolApprovalInformationModelFind,
            Move = Uids.ProtocolApprovalInformationModelMove, Get = Uids.ProtocolApprovalInformationModelGet,
            StorageClasses = [Uids.ProtocolApprovalStorage], NameKey = Tags.InstanceCreationDate,
            Returned = [Tags.InstanceCreationTime, Tags.Manufacturer, Tags.ManufacturerModelName],
        },
        new()
        {
            Service = ObjectService.Inventory, Name = "Inventory", Find = Uids.InventoryFind, Move = Uids.InventoryMove,
            Get = Uids.InventoryGet, StorageClasses = [Uids.InventoryStorage], NameKey = Tags.InventoryPurpose,
            DescriptionKey = Tags.InventoryInstanceDescription,
            Returned = [Tags.ContentDate, Tags.ContentTime, Tags.InventoryLevel, Tags.InventoryCompletionStatus,
                Tags.TotalNumberOfStudyRecords],
        },
    ];

    /// <summary>The models of a service.</summary>
    /// <param name="service">The service.</param>
    public static IReadOnlyList<ObjectModel> Of(ObjectService service) => [.. All.Where(model => model.Service == service)];

    /// <summary>A model by its name; the usual one of the service without a name; null when the service has none of that name.</summary>
    /// <param name="service">The service.</param>
    /// <param name="name">The name, in any case, or null.</param>
    public static ObjectModel? Find(ObjectService service, string? name) =>
        Of(service).FirstOrDefault(model => name is null || string.Equals(model.Name, name, StringComparison.OrdinalIgnoreCase));

    private static ObjectModel Patient(string name, string find) => new()
    {
        Service = ObjectService.RelevantPatient, Name = name, Find = find, UniqueKey = Tags.PatientID, NameKey = Tags.PatientName,
        MomentKey = Tags.ObservationDateTime,
        Returned = [Tags.IssuerOfPatientID, Tags.PatientBirthDate, Tags.PatientSex, Tags.ValueType, Tags.ConceptNameCodeSequence,
            Tags.ContentSequence],
    };

    private static ObjectModel Implant(string name, string find, string move, string get, string storage, DicomTag named,
        DicomTag? described, DicomTag[] returned) => new()
        {
            Service = ObjectService.ImplantTemplate, Name = name, Find = find, Move = move, Get = get, StorageClasses = [storage],
            NameKey = named, DescriptionKey = described, MomentKey = Tags.EffectiveDateTime, Returned = returned,
        };
}
