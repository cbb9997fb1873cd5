using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;

namespace DicomPS.Archiving.Index;

/// <summary>A query as SQL.</summary>
/// <param name="Sql">The statement.</param>
/// <param name="Texts">The values of $p0, $p1 and so on.</param>
/// <param name="Keys">The keys that the statement's functions ask.</param>
/// <param name="Columns">What the columns of a row are; the source and a file follow them.</param>
/// <param name="Missing">The keys that the index does not hold.</param>
/// <param name="MissingKeys">Those of them that have a value to match.</param>
internal sealed record TranslatedQuery(
    string Sql,
    IReadOnlyList<string> Texts,
    IReadOnlyList<KeyMatcher> Keys,
    IReadOnlyList<AnswerColumn> Columns,
    IReadOnlyList<DicomTag> Missing,
    IReadOnlyList<KeyMatcher> MissingKeys);

/// <summary>A column of an answer.</summary>
/// <param name="Key">The element of the identifier.</param>
/// <param name="Vr">The VR of the answer's element.</param>
/// <param name="IsSet">Whether the values are a set: each once, in order.</param>
internal sealed record AnswerColumn(DicomElement Key, Vr Vr, bool IsSet);

/// <summary>Translates identifiers into SQL: the keys with a value into conditions, all keys into columns (PS3.4 C.4.1.1.3).</summary>
internal static class QueryTranslator
{
    private static readonly string[] Aliases = ["p", "t", "r", "i"];

    private static readonly string[] From =
    [
        "patients p",
        "studies t",
        "series r JOIN studies t ON t.id = r.study",
        "instances i JOIN series r ON r.id = i.series JOIN studies t ON t.id = r.study",
    ];

    /// <summary>Translates a query.</summary>
    /// <exception cref="ArgumentException">The query has no identifier.</exception>
    public static TranslatedQuery Translate(IndexQuery query)
    {
        var level = query.Level;
        var conditions = new SqlConditions();
        var where = new List<string>();
        var below = new List<(QueryLevel Level, string Condition)>();
        var missingKeys = new List<KeyMatcher>();
        foreach (var key in DatasetMatcher.KeysOf(query.Identifier, query.Match))
        {
            if (ComputedAttributes.Condition(key, level, conditions) is { } computed)
                where.Add(computed);
            else if (IndexAttributes.Find(key.Tag, level) is not { } found)
                missingKeys.Add(key);
            else if (found.Level <= level)
                where.Add(Condition(conditions, Aliases[(int)found.Level], found.Level, found.Attribute, key));
            else if (query.Relational)
                below.Add((found.Level, Condition(conditions, Aliases[(int)found.Level], found.Level, found.Attribute, key)));
        }

        if (below.Count > 0)
            where.Add(Below(level, below));

        var columns = new List<AnswerColumn>();
        var select = new List<string>();
        var missing = new List<DicomTag>();
        foreach (var element in query.Identifier)
        {
            if (!DatasetMatcher.IsKey(element.Tag) && element.Tag != Tags.RetrieveAETitle && element.Tag != Tags.InstanceAvailability)
                continue;
            var expression = ComputedAttributes.Expression(element.Tag, level) ?? Stored(element.Tag, level);
            if (expression is null && IndexAttributes.Find(element.Tag, level) is null)
                missing.Add(element.Tag);
            select.Add(expression ?? "NULL");
            columns.Add(new AnswerColumn(element, MatchText.VrOf(element),
                element.Tag == Tags.ModalitiesInStudy || element.Tag == Tags.SOPClassesInStudy));
        }

        select.Add($"{Aliases[(int)level]}.Source");
        select.Add(level == QueryLevel.Image || (missing.Count > 0 && query.ReadMissing is { }) ? AnyFile(level) : "NULL");
        select.Add($"{Aliases[(int)level]}.FirstSeen");
        select.Add($"{Aliases[(int)level]}.LastSeen");
        if (query.WithMarks)
            select.AddRange(IndexMarks.Columns(level));
        var sql =
            $"SELECT {string.Join(", ", select)} FROM {From[(int)level]}{(where.Count > 0 ? " WHERE " + string.Join(" AND ", where) : "")}";
        return new TranslatedQuery(sql, conditions.Texts, conditions.Keys, columns, missing, missingKeys);
    }

    private static string Condition(SqlConditions conditions, string alias, QueryLevel level, IndexAttribute attribute, KeyMatcher key) =>
        key is CombinedKey combined && IndexAttributes.Find(combined.Time, level) is { } time
            ? conditions.ForMoment(alias, attribute, time.Attribute, combined)
            : conditions.For(alias, attribute, key);

    private static string? Stored(DicomTag tag, QueryLevel level) =>
        IndexAttributes.Find(tag, level) is { } found && found.Level <= level
            ? $"{Aliases[(int)found.Level]}.{found.Attribute.Column}" : null;

    /// <summary>Something below has to match all keys of the levels below at once.</summary>
    private static string Below(QueryLevel level, List<(QueryLevel Level, string Condition)> keys)
    {
        var lowest = keys.Max(key => key.Level);
        string[] joins = ["", "studies t", "series r", "instances i"];
        string[] links = ["", "t.patient = p.id", "r.study = t.id", "i.series = r.id"];
        var tables = new List<string>();
        var where = new List<string>();
        for (var at = level + 1; at <= lowest; at++)
        {
            tables.Add(joins[(int)at]);
            where.Add(links[(int)at]);
        }

        where.AddRange(keys.Select(key => key.Condition));
        return $"EXISTS (SELECT 1 FROM {string.Join(", ", tables)} WHERE {string.Join(" AND ", where)})";
    }

    private static string AnyFile(QueryLevel level) => level switch
    {
        QueryLevel.Image => "i.Path",
        QueryLevel.Series => "(SELECT z.Path FROM instances z WHERE z.series = r.id AND z.Path IS NOT NULL LIMIT 1)",
        QueryLevel.Study =>
            "(SELECT z.Path FROM series y JOIN instances z ON z.series = y.id WHERE y.study = t.id AND z.Path IS NOT NULL LIMIT 1)",
        _ =>
            "(SELECT z.Path FROM studies x JOIN series y ON y.study = x.id JOIN instances z ON z.series = y.id WHERE x.patient = p.id AND "
            + "z.Path IS NOT NULL LIMIT 1)",
    };
}
