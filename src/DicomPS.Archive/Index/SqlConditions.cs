using System.Globalization;
using System.Text;
using DicomPS.Data;
using DicomPS.Matching;

namespace DicomPS.Archiving.Index;

/// <summary>
/// Turns keys into conditions on columns. Every value is a parameter; only column names and numbers of keys are text of the
/// statement. What SQL cannot say, it asks the key itself through a function (<see cref="IndexReader"/>); where there are none,
/// <see cref="Unsure"/> stands there.
/// </summary>
/// <param name="database">Whose SQL it is.</param>
internal sealed class SqlConditions(IndexDatabase database)
{
    /// <summary>In the place of what a statement cannot ask: true gives all rows that may match, false those that do for sure.</summary>
    public const string Unsure = "{unsure}";

    private readonly List<KeyMatcher> _keys = [];

    /// <summary>The values, in the order of their numbers: $p0, $p1 and so on.</summary>
    public List<string> Texts { get; } = [];

    /// <summary>The keys that the functions ask, by their numbers.</summary>
    public IReadOnlyList<KeyMatcher> Keys => _keys;

    /// <summary>The condition that a key puts on its column.</summary>
    /// <param name="alias">The table.</param>
    /// <param name="attribute">The column.</param>
    /// <param name="key">The key.</param>
    public string For(string alias, IndexAttribute attribute, KeyMatcher key)
    {
        var condition = Valued(alias, attribute, key);
        return key.MatchesEmpty ? $"({alias}.{attribute.Column} IS NULL OR {condition})" : condition;
    }

    /// <summary>The condition that the column has a value which matches.</summary>
    public string Valued(string alias, IndexAttribute attribute, KeyMatcher key)
    {
        var column = $"{alias}.{attribute.Column}";
        return key switch
        {
            SequenceKey => AskBy("dicom_items", column, key),
            _ when (attribute.HasMany ? OneOf(column, key) : Plain(alias, attribute, key)) is { } plain =>
                $"(({alias}.Odd = 0 AND {plain}) OR ({alias}.Odd = 1 AND {Ask(column, key)}))",
            _ => Ask(column, key),
        };
    }

    /// <summary>The condition that a date and a time together put on their columns.</summary>
    public string ForMoment(string alias, IndexAttribute date, IndexAttribute time, CombinedKey key)
    {
        var (day, clock) = ($"{alias}.{date.KeyColumn}", $"coalesce({alias}.{time.KeyColumn}, 0)");
        var parts = new List<string> { $"{day} IS NOT NULL" };
        // The bare comparison of the day comes first: it is the one that an index serves.
        if (key.From is { } from)
            parts.Add($"{day} >= {Text(from.Day)} AND ({day} > {Text(from.Day)} OR {clock} >= {Text(from.Time)})");
        if (key.To is { } to)
            parts.Add($"{day} <= {Text(to.Day)} AND ({day} < {Text(to.Day)} OR {clock} <= {Text(to.Time)})");
        return $"(({alias}.Odd = 0 AND {string.Join(" AND ", parts)}) OR ({alias}.Odd = 1 AND "
            + $"{AskBy("dicom_moment", $"{alias}.{date.Column}, {alias}.{time.Column}", key)}))";
    }

    /// <summary>The question to the key whether a text matches.</summary>
    public string Ask(string expression, KeyMatcher key) => AskBy("dicom_match", expression, key);

    private string AskBy(string function, string expressions, KeyMatcher key) =>
        database.AsksInside ? $"{function}({expressions}, {Number(key)})" : Unsure;

    // A value of several is one between backslashes.
    private string? OneOf(string column, KeyMatcher key) => key is not TextKey { Patterns.Count: 0 } text || !key.Vr.IsMultiValued() ? null
        : Any([.. text.Singles.Select(value => $"{{at}}('\\' || {column} || '\\', {Parameter($"\\{value}\\")}) > 0")]);

    private string? Plain(string alias, IndexAttribute attribute, KeyMatcher key)
    {
        var column = $"{alias}.{attribute.Column}";
        var compared = $"{alias}.{attribute.KeyColumn ?? attribute.Column}";
        switch (key)
        {
            case TextKey text:
                return Any([Listed(column, text.Singles), .. text.Patterns.Select(pattern => Like(column, pattern))]);
            case NameKey { HasGroups: false } name:
                if (name.Sounds.Count > 0 && attribute.SoundColumn is null)
                    return null;
                var sounds =
                    name.Sounds.Select(words => string.Join(" AND ",
                        words.Select(word => $"{{at}}({alias}.{attribute.SoundColumn}, {Parameter($" {word} ")}) > 0")));
                return Any([
                    Listed(compared, name.Patterns.FindAll(p => !Wildcard.IsPattern(p))),
                    // What has separators alone is no name, and fits none.
                    .. name.Patterns.FindAll(Wildcard.IsPattern)
                        .Select(pattern => Like(compared, pattern) is { } like ? $"({compared} <> '' AND {like})" : null),
                    .. sounds.Select(sound => $"({sound})"),
                ]);
            case MomentKey moment:
                return Any([Listed(column, moment.Others), .. moment.Ranges.Select(range => Between(compared, range))]);
            default:
                return null;
        }
    }

    /// <summary>The alternatives as one condition; null when SQL cannot say one of them, never when there is none at all.</summary>
    private static string? Any(string?[] alternatives) =>
        Array.Exists(alternatives, a => a is null) ? null
        : alternatives.Where(a => a!.Length > 0).ToArray() is { Length: > 0 } some ? $"({string.Join(" OR ", some)})"
        : "1 = 0";

    private string Listed(string column, IReadOnlyCollection<string> values)
    {
        const int mostParameters = 16;
        return values.Count switch
        {
            0 => "",
            1 => $"{column} = {Parameter(values.First())}",
            <= mostParameters => $"{column} IN ({string.Join(", ", values.Select(Parameter))})",
            // A list of any length is one parameter.
            _ => $"{column} IN {{all:{Parameter(JsonArray(values))}}}",
        };
    }

    private string? Like(string column, string pattern)
    {
        if (database.Like(column, pattern, Parameter) is not { } like)
            return null;
        // What stands before the first wildcard is a range that an index serves.
        return Wildcard.Prefix(pattern) is { Length: > 0 } prefix && Wildcard.Behind(prefix) is { } behind
            ? $"({column} >= {Parameter(prefix)} AND {column} < {Parameter(behind)} AND {like})"
            : like;
    }

    private static string Between(string column, (long? From, long? To) range) => (range.From, range.To) switch
    {
        ({ } from, { } to) => $"{column} BETWEEN {Text(from)} AND {Text(to)}",
        ({ } from, null) => $"{column} >= {Text(from)}",
        (null, { } to) => $"{column} <= {Text(to)}",
        _ => $"{column} IS NOT NULL",
    };

    private string Parameter(string value)
    {
        Texts.Add(StoreText.Clean(value)!);
        return $"$p{Text(Texts.Count - 1)}";
    }

    private string Number(KeyMatcher key)
    {
        var at = _keys.IndexOf(key);
        if (at < 0)
        {
            at = _keys.Count;
            _keys.Add(key);
        }

        return Text(at);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Texts as a JSON array, which is one parameter however many they are.</summary>
    public static string JsonArray(IEnumerable<string> values)
    {
        var json = new StringBuilder("[");
        foreach (var value in values)
        {
            json.Append(json.Length > 1 ? ",\"" : "\"");
            foreach (var c in value)
            {
                if (c is '"' or '\\')
                    json.Append('\\').Append(c);
                else if (c < ' ')
                    json.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                else
                    json.Append(c);
            }

            json.Append('"');
        }

        return json.Append(']').ToString();
    }
}
