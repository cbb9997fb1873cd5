using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Matching;

/// <summary>The level of a query or a retrieve, from the outside in (PS3.4 C.6): Query/Retrieve Level (0008,0052).</summary>
public enum QueryLevel
{
    /// <summary>Patients, or everything of a patient.</summary>
    Patient,
    /// <summary>Studies.</summary>
    Study,
    /// <summary>Series.</summary>
    Series,
    /// <summary>Composite instances, which the standard calls IMAGE here.</summary>
    Image,
    /// <summary>Scheduled procedure steps of the modality worklist, whose model has no levels (PS3.4 K.6).</summary>
    Worklist,
    /// <summary>What the other services have, whose models have no levels either; see <see cref="ObjectModel"/>.</summary>
    Object,
}

/// <summary>What the standard has for each level (PS3.4 C.6).</summary>
internal static class QueryLevels
{
    /// <summary>Query/Retrieve Level (0008,0052) as it goes on the wire; the worklist has none.</summary>
    /// <param name="level">The level.</param>
    public static string TextOf(QueryLevel level) => level switch
    {
        QueryLevel.Patient => "PATIENT",
        QueryLevel.Study => "STUDY",
        QueryLevel.Series => "SERIES",
        QueryLevel.Image => "IMAGE",
        _ => throw new ArgumentOutOfRangeException(nameof(level), level, "It goes on the wire in no query."),
    };

    /// <summary>The unique key of a level; for the worklist, what its answers are listed by.</summary>
    /// <param name="level">The level.</param>
    public static DicomTag UniqueKeyOf(QueryLevel level) => level switch
    {
        QueryLevel.Patient => Tags.PatientID,
        QueryLevel.Series => Tags.SeriesInstanceUID,
        QueryLevel.Image or QueryLevel.Object => Tags.SOPInstanceUID,
        _ => Tags.StudyInstanceUID,
    };
}
