using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;

namespace DicomPS.Archiving.Index;

/// <summary>What an identifier must be like to be retrieved by, and the query for the instances that it names (PS3.4 C.4.2.1.4).</summary>
public static class RetrieveRules
{
    /// <summary>
    /// Says why an identifier names nothing that can be retrieved, which a peer is told as A900H; null when it does. At its own
    /// level it has one unique key or a list of UIDs, above it one value each, unless relational retrieval was agreed on.
    /// </summary>
    /// <param name="identifier">The identifier.</param>
    /// <param name="model">The information model.</param>
    /// <param name="isRelational">Whether relational retrieval was agreed on.</param>
    public static string? Refusal(DicomDataset identifier, InformationModel model, bool isRelational)
    {
        if (QueryRules.Refusal(identifier, model, isRelational) is { } refusal)
            return refusal;
        var level = QueryRules.LevelOf(identifier)!.Value;
        for (var at = QueryRules.TopOf(model); at <= level; at++)
        {
            var key = QueryLevels.UniqueKeyOf(at);
            var values = ValuesOf(identifier, at);
            if (at == level && values.Length == 0)
                return $"{DicomDictionary.KeywordOf(key)} {key} is missing at level {QueryLevels.TextOf(level)}.";
            if (at == QueryLevel.Patient && values.Length > 1)
                return $"{DicomDictionary.KeywordOf(key)} {key} must have one value.";
            if (values.Any(value => value.IndexOf('*') >= 0 || value.IndexOf('?') >= 0))
                return $"{DicomDictionary.KeywordOf(key)} {key} has a wildcard, which retrieval does not know.";
        }

        return null;
    }

    /// <summary>The query for the instances that an identifier names: only the unique keys count, whatever else it holds.</summary>
    /// <param name="identifier">An identifier without a <see cref="Refusal"/>.</param>
    /// <param name="model">The information model.</param>
    public static IndexQuery InstancesOf(DicomDataset identifier, InformationModel model)
    {
        ArgumentNullException.ThrowIfNull(identifier);
        var level = QueryRules.LevelOf(identifier) ?? throw new ArgumentException("The identifier has no level.", nameof(identifier));
        var keys = new DicomDataset { Text = identifier.Text };
        for (var at = QueryRules.TopOf(model); at <= level; at++)
        {
            if (ValuesOf(identifier, at) is { Length: > 0 } values)
                keys.Set(QueryLevels.UniqueKeyOf(at), values);
        }

        // Keys without a value are what the answer has to say.
        foreach (var tag in new[] { Tags.StudyInstanceUID, Tags.SOPClassUID, Tags.SOPInstanceUID, Tags.AvailableTransferSyntaxUID })
        {
            if (!keys.Contains(tag))
                keys.Set(tag);
        }

        return new IndexQuery { Level = QueryLevel.Image, Identifier = keys };
    }

    private static string[] ValuesOf(DicomDataset identifier, QueryLevel level) =>
        [.. identifier.GetStrings(QueryLevels.UniqueKeyOf(level)).Where(value => value.Length > 0).Distinct(StringComparer.Ordinal)];
}
