using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Matching;

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
