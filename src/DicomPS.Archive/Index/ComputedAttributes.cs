using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;

namespace DicomPS.Archiving.Index;

/// <summary>
/// Attributes that follow from the rows below: numbers of related objects, modalities and SOP classes in a study (PS3.4 C.3.4).
/// What a peer told counts as well, since an index of answers has no rows below; of two numbers the larger one holds.
/// </summary>
internal static class ComputedAttributes
{
    /// <summary>The value as an SQL expression; null when the attribute is none of these at this level.</summary>
    public static string? Expression(DicomTag tag, QueryLevel level)
    {
        var patient = level == QueryLevel.Patient ? "p.id" : "t.patient";
        var told = level == QueryLevel.Patient ? "p." + DicomDictionary.KeywordOf(tag) : "NULL";
        const string seriesOf = "studies x JOIN series y ON y.study = x.id";
        return tag switch
        {
            _ when tag == Tags.NumberOfPatientRelatedStudies => Count(told, $"studies x WHERE x.patient = {patient}"),
            _ when tag == Tags.NumberOfPatientRelatedSeries => Count(told, $"{seriesOf} WHERE x.patient = {patient}"),
            _ when tag == Tags.NumberOfPatientRelatedInstances =>
                Count(told, $"{seriesOf} JOIN instances z ON z.series = y.id WHERE x.patient = {patient}"),
            _ when tag == Tags.AvailableTransferSyntaxUID && level == QueryLevel.Image =>
                "coalesce(i.AvailableTransferSyntaxUID, i.TransferSyntaxUID)",
            _ when level == QueryLevel.Patient => null,
            _ when tag == Tags.NumberOfStudyRelatedSeries => Count("t.NumberOfStudyRelatedSeries", "series y WHERE y.study = t.id"),
            _ when tag == Tags.NumberOfStudyRelatedInstances =>
                Count("t.NumberOfStudyRelatedInstances", "series y JOIN instances z ON z.series = y.id WHERE y.study = t.id"),
            _ when tag == Tags.ModalitiesInStudy =>
                List("t.ModalitiesInStudy",
                    "SELECT DISTINCT y.Modality AS m FROM series y WHERE y.study = t.id AND y.Modality IS NOT NULL"),
            _ when tag == Tags.SOPClassesInStudy =>
                List("t.SOPClassesInStudy",
                    "SELECT DISTINCT z.SOPClassUID AS m FROM series y JOIN instances z ON z.series = y.id WHERE y.study = t.id AND "
                    + "z.SOPClassUID IS NOT NULL"),
            _ when level == QueryLevel.Study => null,
            _ when tag == Tags.NumberOfSeriesRelatedInstances =>
                Count("r.NumberOfSeriesRelatedInstances", "instances z WHERE z.series = r.id"),
            _ => null,
        };
    }

    /// <summary>The condition that a key puts on one of them; null when it is none of these.</summary>
    public static string? Condition(KeyMatcher key, QueryLevel level, SqlConditions conditions)
    {
        if (Expression(key.Tag, level) is not { } expression)
            return null;
        string? below = null;
        if (key.Tag == Tags.ModalitiesInStudy)
            below =
                "EXISTS (SELECT 1 FROM series y WHERE y.study = t.id AND "
                + $"{conditions.For("y", Attribute(Tags.Modality, QueryLevel.Series), key)})";
        else if (key.Tag == Tags.SOPClassesInStudy)
            below =
                "EXISTS (SELECT 1 FROM series y JOIN instances z ON z.series = y.id WHERE y.study = t.id AND "
                + $"{conditions.For("z", Attribute(Tags.SOPClassUID, QueryLevel.Image), key)})";
        var condition = below is null ? conditions.Ask($"CAST({expression} AS TEXT)", key)
            : $"({below} OR {conditions.Valued("t", Attribute(key.Tag, QueryLevel.Study), key)})";
        return key.MatchesEmpty ? $"(nullif(CAST({expression} AS TEXT), '') IS NULL OR {condition})" : condition;
    }

    private static IndexAttribute Attribute(DicomTag tag, QueryLevel level) => IndexAttributes.Find(tag, level)!.Value.Attribute;

    private static string Count(string told, string rows) =>
        $"nullif({{max}}(coalesce({{number:{told}}}, 0), (SELECT count(*) FROM {rows})), 0)";

    private static string List(string told, string values) =>
        $"coalesce({told} || '\\', '') || coalesce((SELECT {{list}}(m, '\\') FROM ({values}) v), '')";
}
