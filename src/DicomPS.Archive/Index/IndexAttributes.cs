using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;

namespace DicomPS.Archiving.Index;

/// <summary>
/// What the index holds of each level: the required attributes of PS3.4 C.6.1.1 and C.6.2.1, and the optional ones in common use.
/// </summary>
internal static class IndexAttributes
{
    private static readonly IndexAttribute[][] ByLevel =
    [
        [
            .. Plain(Tags.PatientName, Tags.PatientID, Tags.IssuerOfPatientID, Tags.PatientBirthDate, Tags.PatientBirthTime,
                Tags.PatientSex,
                Tags.EthnicGroup, Tags.PatientComments),
            .. Many(Tags.OtherPatientIDs, Tags.OtherPatientNames),
        ],
        [
            .. Plain(Tags.StudyInstanceUID, Tags.StudyDate, Tags.StudyTime, Tags.AccessionNumber, Tags.StudyID, Tags.StudyDescription,
                Tags.ReferringPhysicianName, Tags.NameOfPhysiciansReadingStudy, Tags.AdmittingDiagnosesDescription, Tags.PatientAge,
                Tags.PatientSize,
                Tags.PatientWeight, Tags.Occupation, Tags.AdditionalPatientHistory, Tags.ProcedureCodeSequence),
        ],
        [
            .. Plain(Tags.SeriesInstanceUID, Tags.Modality, Tags.SeriesNumber, Tags.SeriesDate, Tags.SeriesTime, Tags.SeriesDescription,
                Tags.BodyPartExamined, Tags.Laterality, Tags.ProtocolName, Tags.PerformingPhysicianName, Tags.OperatorsName,
                Tags.InstitutionName,
                Tags.InstitutionalDepartmentName, Tags.StationName, Tags.Manufacturer, Tags.ManufacturerModelName, Tags.FrameOfReferenceUID,
                Tags.PerformedProcedureStepStartDate, Tags.PerformedProcedureStepStartTime, Tags.PerformedProcedureStepID,
                Tags.RequestAttributesSequence),
        ],
        [
            .. Plain(Tags.SOPInstanceUID, Tags.SOPClassUID, Tags.InstanceNumber, Tags.ContentDate, Tags.ContentTime, Tags.AcquisitionNumber,
                Tags.AcquisitionDate, Tags.AcquisitionTime, Tags.AcquisitionDateTime, Tags.InstanceCreationDate, Tags.InstanceCreationTime,
                Tags.NumberOfFrames, Tags.Rows, Tags.Columns, Tags.BitsAllocated, Tags.PhotometricInterpretation,
                Tags.ConceptNameCodeSequence),
            .. Many(Tags.ImageType),
        ],
    ];

    private static readonly IndexAttribute[][] ToldByLevel =
    [
        [.. Told(Tags.NumberOfPatientRelatedStudies, Tags.NumberOfPatientRelatedSeries, Tags.NumberOfPatientRelatedInstances,
            Tags.RetrieveAETitle, Tags.InstanceAvailability)],
        [.. Told(Tags.ModalitiesInStudy, Tags.SOPClassesInStudy, Tags.NumberOfStudyRelatedSeries, Tags.NumberOfStudyRelatedInstances,
            Tags.RetrieveAETitle, Tags.InstanceAvailability)],
        [.. Told(Tags.NumberOfSeriesRelatedInstances, Tags.RetrieveAETitle, Tags.InstanceAvailability)],
        [.. Told(Tags.AvailableTransferSyntaxUID, Tags.RetrieveAETitle, Tags.InstanceAvailability)],
    ];

    /// <summary>The first tag behind the last one that the index holds: a header needs to be read this far and no further.</summary>
    public static DicomTag StopAt { get; } = new(ByLevel.SelectMany(level => level).Max(attribute => attribute.Tag.Value) + 1);

    /// <summary>Whether the index keeps an attribute.</summary>
    public static bool Has(DicomTag tag) => Array.Exists(ByLevel, level => Array.Exists(level, attribute => attribute.Tag == tag));

    /// <summary>What instances carry, of all levels.</summary>
    public static IEnumerable<DicomTag> Carried => ByLevel.SelectMany(level => level).Select(attribute => attribute.Tag);

    /// <summary>What the table of a level holds; that of studies has the patient's attributes too, as the study itself says them.</summary>
    public static IReadOnlyList<IndexAttribute> Of(QueryLevel level) => Tables[(int)level];

    /// <summary>The attributes that are the patient's, wherever they stand.</summary>
    public static IReadOnlyList<IndexAttribute> OfPatient => ByLevel[0];

    /// <summary>
    /// Finds an attribute and the level whose table holds it, as seen from a level: its own, else the nearest above, else below.
    /// </summary>
    public static (QueryLevel Level, IndexAttribute Attribute)? Find(DicomTag tag, QueryLevel from)
    {
        for (var level = from; level >= QueryLevel.Patient; level--)
        {
            // The study has its own copy of what is the patient's, so that nothing above it is asked.
            if (level == QueryLevel.Patient && from != QueryLevel.Patient)
                break;
            if (Lookups[(int)level].TryGetValue(tag, out var found))
                return (level, found);
        }

        for (var level = from + 1; level <= QueryLevel.Image; level++)
        {
            if (Lookups[(int)level].TryGetValue(tag, out var found) && !found.IsTold)
                return (level, found);
        }

        return null;
    }

    private static IndexAttribute[][] Tables { get; } =
    [
        [.. ByLevel[0], .. ToldByLevel[0]],
        [.. ByLevel[0], .. ByLevel[1], .. ToldByLevel[1]],
        [.. ByLevel[2], .. ToldByLevel[2]],
        [.. ByLevel[3], .. ToldByLevel[3]],
    ];

    private static Dictionary<DicomTag, IndexAttribute>[] Lookups { get; } =
        Array.ConvertAll(Tables, table => table.ToDictionary(a => a.Tag));

    private static IEnumerable<IndexAttribute> Plain(params DicomTag[] tags) => tags.Select(tag => Row(tag, false, false));

    private static IEnumerable<IndexAttribute> Many(params DicomTag[] tags) => tags.Select(tag => Row(tag, true, false));

    private static IEnumerable<IndexAttribute> Told(params DicomTag[] tags) =>
        tags.Select(tag => Row(tag, tag == Tags.ModalitiesInStudy || tag == Tags.SOPClassesInStudy, true));

    private static IndexAttribute Row(DicomTag tag, bool hasMany, bool isTold) =>
        new(tag, DicomDictionary.KeywordOf(tag), DicomDictionary.VrOf(tag), hasMany, isTold);
}
