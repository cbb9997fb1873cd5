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
/// <param name="FirstCheck">The column at which those of the checks begin.</param>
/// <param name="Checks">What the rows are held against, beside the statement.</param>
internal sealed record TranslatedQuery(
    string Sql,
    IReadOnlyList<string> Texts,
    IReadOnlyList<KeyMatcher> Keys,
    IReadOnlyList<AnswerColumn> Columns,
    IReadOnlyList<DicomTag> Missing,
    IReadOnlyList<KeyMatcher> MissingKeys,
    int FirstCheck,
    IReadOnlyList<RowCheck> Checks);

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
    /// <param name="query">The query.</param>
    /// <param name="database">Whose SQL it is.</param>
    /// <exception cref="ArgumentException">The query has no identifier.</exception>
    public static TranslatedQuery Translate(IndexQuery query, IndexDatabase database)
    {
        var level = query.Level;
        var conditions = new SqlConditions(database);
        var where = new List<string>();
        var below = new List<PlacedKey>();
        var checks = new List<RowCheck>();
        var missingKeys = new List<KeyMatcher>();
        foreach (var key in DatasetMatcher.KeysOf(query.Identifier, query.Match))
        {
            if (ComputedAttributes.Condition(key, level, conditions) is { } computed)
                Add(computed, key, [$"CAST({ComputedAttributes.Expression(key.Tag, level)} AS TEXT)"]);
            else if (IndexAttributes.Find(key.Tag, level) is not { } found)
                missingKeys.Add(key);
            else if (found.Level > level && !query.Relational)
                continue;
            else if (Placed(conditions, found.Level, found.Attribute, key) is var placed && found.Level > level)
                below.Add(placed);
            else
                Add(placed.Condition, key, placed.Columns);
        }

        if (below.Count > 0)
        {
            where.Add(Below(level, below, "1"));
            if (IsUnsure(where[where.Count - 1]))
                checks.Add(CheckOf(level, below, database));
        }

        var columns = new List<AnswerColumn>();
        var select = new List<string>();
        var missing = new List<DicomTag>();
        foreach (var element in query.Identifier)
        {
            if (!DatasetMatcher.IsKey(element.Tag) && element.Tag != Tags.RetrieveAETitle && element.Tag != Tags.InstanceAvailability)
                continue;
            var computed = ComputedAttributes.Expression(element.Tag, level);
            var expression = computed is null ? Stored(element.Tag, level) : $"CAST({computed} AS TEXT)";
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
        var first = select.Count;
        select.AddRange(checks.SelectMany(check => check.Expressions));
        var sql =
            $"SELECT {string.Join(", ", select)} FROM {From[(int)level]}{(where.Count > 0 ? " WHERE " + string.Join(" AND ", where) : "")}";
        return new TranslatedQuery(Maybe(sql), conditions.Texts, conditions.Keys, columns, missing, missingKeys, first, checks);

        void Add(string condition, KeyMatcher key, IReadOnlyList<string> compared)
        {
            where.Add(condition);
            if (IsUnsure(condition))
                checks.Add(new ValueCheck(key, compared));
        }
    }

    private static PlacedKey Placed(SqlConditions conditions, QueryLevel level, IndexAttribute attribute, KeyMatcher key)
    {
        var alias = Aliases[(int)level];
        return key is CombinedKey combined && IndexAttributes.Find(combined.Time, level) is { } time
            ? new PlacedKey(level, key, conditions.ForMoment(alias, attribute, time.Attribute, combined),
                [$"{alias}.{attribute.Column}", $"{alias}.{time.Attribute.Column}"])
            : new PlacedKey(level, key, conditions.For(alias, attribute, key), [$"{alias}.{attribute.Column}"]);
    }

    private static bool IsUnsure(string condition) => condition.IndexOf(SqlConditions.Unsure, StringComparison.Ordinal) >= 0;

    private static string Maybe(string sql) => sql.Replace(SqlConditions.Unsure, "1 = 1");

    private static string ForSure(string sql) => sql.Replace(SqlConditions.Unsure, "1 = 0");

    // What is below comes along only where the statement is not sure without it.
    private static BelowCheck CheckOf(QueryLevel level, List<PlacedKey> keys, IndexDatabase database)
    {
        var columns = keys.SelectMany(key => key.Key is SequenceKey ? key.Columns.Select(database.AsText) : key.Columns);
        return new BelowCheck([.. keys.Select(key => (key.Key, key.Columns.Count))],
            $"CASE WHEN {ForSure(Below(level, keys, "1"))} THEN NULL "
            + $"ELSE ARRAY{Below(level, keys, $"ARRAY[{string.Join(", ", columns)}]").Substring("EXISTS ".Length)} END");
    }

    private static string? Stored(DicomTag tag, QueryLevel level) =>
        IndexAttributes.Find(tag, level) is { } found && found.Level <= level
            ? $"{Aliases[(int)found.Level]}.{found.Attribute.Column}" : null;

    /// <summary>Something below has to match all keys of the levels below at once.</summary>
    private static string Below(QueryLevel level, List<PlacedKey> keys, string what)
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
        return $"EXISTS (SELECT {what} FROM {string.Join(", ", tables)} WHERE {string.Join(" AND ", where)})";
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

    /// <summary>A key in its place.</summary>
    private sealed record PlacedKey(QueryLevel Level, KeyMatcher Key, string Condition, IReadOnlyList<string> Columns);
}
