using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;

namespace DicomPS.Archiving.Index;

/// <summary>What an identifier must be like to be answered by a peer (PS3.4 C.4.1.2.2).</summary>
public static class QueryRules
{
    /// <summary>The level that an identifier names in Query/Retrieve Level (0008,0052); null when it names none.</summary>
    /// <param name="identifier">The identifier.</param>
    public static QueryLevel? LevelOf(DicomDataset identifier)
    {
        ArgumentNullException.ThrowIfNull(identifier);
        return identifier.GetString(Tags.QueryRetrieveLevel) switch
        {
            "PATIENT" => QueryLevel.Patient,
            "STUDY" => QueryLevel.Study,
            "SERIES" => QueryLevel.Series,
            "IMAGE" => QueryLevel.Image,
            _ => null,
        };
    }

    /// <summary>The highest level of an information model.</summary>
    internal static QueryLevel TopOf(InformationModel model) => model switch
    {
        InformationModel.StudyRoot => QueryLevel.Study,
        InformationModel.CompositeInstanceRoot => QueryLevel.Image,
        _ => QueryLevel.Patient,
    };

    /// <summary>
    /// Says why an identifier does not fit its information model, which a peer is told as A900H; null when it fits. A
    /// hierarchical query names the levels above its own by one unique key each (PS3.4 C.4.1.2.1).
    /// </summary>
    /// <param name="identifier">The identifier.</param>
    /// <param name="model">The information model.</param>
    /// <param name="isRelational">Whether relational queries were agreed on.</param>
    public static string? Refusal(DicomDataset identifier, InformationModel model, bool isRelational)
    {
        if (LevelOf(identifier) is not { } level)
        {
            // Single frames (PS3.4 Y.3) would be instances of their own.
            if (model == InformationModel.CompositeInstanceRoot && identifier.GetString(Tags.QueryRetrieveLevel) == "FRAME")
                return "Level FRAME is not served; ask for whole instances at level IMAGE.";
            return identifier.GetString(Tags.QueryRetrieveLevel) is { } text
                ? $"Query/Retrieve Level (0008,0052) is '{text}', which is no level."
                : "Query/Retrieve Level (0008,0052) is missing.";
        }

        if (level < TopOf(model) || (level > QueryLevel.Study && model == InformationModel.PatientStudyOnly))
            return $"The information model has no level {QueryLevels.TextOf(level)}.";
        if (Unusable(identifier) is { } unusable)
            return unusable;
        if (isRelational)
            return null;
        for (var above = TopOf(model); above < level; above++)
        {
            var key = QueryLevels.UniqueKeyOf(above);
            if (identifier.GetStrings(key) is not [{ Length: > 0 } value] || Wildcard.IsUniversal(value)
                || (above == QueryLevel.Patient && Wildcard.IsPattern(value)))
                return $"{DicomDictionary.KeywordOf(key)} {key} must have one value at level {QueryLevels.TextOf(level)}.";
        }

        return null;
    }

    /// <summary>
    /// Says which key of an identifier can match nothing, because its value is none of its VR: a date with a wildcard, a UID with one
    /// (PS3.4 C.2.2.2.4). Answered with nothing and Success it would look as if there were nothing. Null when all can be used.
    /// </summary>
    /// <param name="identifier">The identifier.</param>
    public static string? Unusable(DicomDataset identifier)
    {
        ArgumentNullException.ThrowIfNull(identifier);
        foreach (var element in identifier)
        {
            if (element is DicomSequence sequence)
            {
                if (sequence.Items.Select(Unusable).FirstOrDefault(why => why is not null) is { } inner)
                    return inner;
                continue;
            }

            if (!DatasetMatcher.IsKey(element.Tag))
                continue;
            var vr = MatchText.VrOf(element);
            var values = vr == Vr.UI || Moments.Are(vr) || MatchText.IsNumber(vr) ? identifier.GetStrings(element.Tag) : [];
            // Two quotation marks mean what has no value (PS3.4 C.2.2.2.7).
            if (Array.Exists(values, value => value.Length > 0 && value != "\"\"" && !Wildcard.IsUniversal(value) && !IsUsable(vr, value)))
                return $"{DicomDictionary.KeywordOf(element.Tag)} {element.Tag} "
                    + $"{(Moments.Are(vr) ? $"is no {vr} and no range" : $"has a wildcard, and {vr} knows none")}";
        }

        return null;
    }

    private static bool IsUsable(Vr vr, string value) => Moments.Are(vr) ? Moments.TryRange(vr, value, out _) : !Wildcard.IsPattern(value);
}
