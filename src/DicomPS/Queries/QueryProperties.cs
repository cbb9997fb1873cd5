using DicomPS.Data;
using DicomPS.Dates;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Querying;

namespace DicomPS.Queries;

/// <summary>The attributes that -Property asks for, as properties: the same ones in the same order on every object.</summary>
internal sealed class QueryProperties
{
    private readonly List<(string Name, DicomTag Tag, Vr Vr)> _wanted = [];
    private readonly ExtraProperties _extra;
    private readonly string[] _local;

    public QueryProperties(IEnumerable<string> names, QueryLevel level, bool isLocal)
    {
        // What only an index knows.
        _local = !isLocal ? [] : level switch
        {
            QueryLevel.Image => ["Path", "FirstSeen", "LastSeen"],
            QueryLevel.Study => ["FirstSeen", "LastSeen", "Retrieved", "RetrievedInstances", "RetrievedOf", "Protected"],
            QueryLevel.Series => ["FirstSeen", "LastSeen", "Retrieved", "RetrievedInstances", "RetrievedOf"],
            _ => ["FirstSeen", "LastSeen"],
        };
        string[] own = [.. TypeOf(level).GetProperties().Select(property => property.Name)];
        var taken = new HashSet<string>(own, StringComparer.OrdinalIgnoreCase);
        foreach (var name in names)
        {
            var tag = QueryKeyTable.TagOf(name);
            Tags.Add(tag);
            // What the object has anyway keeps its own name and type.
            var keyword = DicomDictionary.KeywordOf(tag);
            if (taken.Add(keyword))
                _wanted.Add((keyword, tag, DicomDictionary.VrOf(tag)));
        }

        string[] further = [.. _wanted.Select(property => property.Name), .. _local];
        _extra = new ExtraProperties(further);
        Names = [.. own, .. further];
    }

    /// <summary>The attributes to ask for.</summary>
    public List<DicomTag> Tags { get; } = [];

    /// <summary>The names of all properties, those of the type among them.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The further properties of an object; without values where nothing was found.</summary>
    public IEnumerable<(string Name, object? Value)> ValuesOf(QueryResult result, LocalAnswer? local) =>
        _wanted.Select(property => (property.Name, Exported(result, property.Tag, property.Vr)))
            .Concat(_local.Select(name => (name, LocalOf(local, name) is DateTime moment ? IsoDate.Of(moment) : LocalOf(local, name))));

    /// <summary>The object with its further properties; the object itself when there are none.</summary>
    public object AddTo(QueryResult result, LocalAnswer? local) => _extra.AddTo(result, _wanted
        .Select(property => Value(result, property.Tag, property.Vr)).Concat(_local.Select(name => LocalOf(local, name))));

    private static object? LocalOf(LocalAnswer? local, string name) => name switch
    {
        "Path" => local?.Path,
        "FirstSeen" => local?.FirstSeen,
        "Retrieved" => local?.Retrieved,
        "RetrievedInstances" => local?.RetrievedInstances,
        "RetrievedOf" => local?.RetrievedOf,
        "Protected" => local?.Protected,
        _ => local?.LastSeen,
    };

    private static Type TypeOf(QueryLevel level) => level switch
    {
        QueryLevel.Patient => typeof(Patient),
        QueryLevel.Study => typeof(Study),
        QueryLevel.Series => typeof(Series),
        QueryLevel.Image => typeof(Instance),
        QueryLevel.Object => typeof(ServiceObject),
        _ => typeof(WorklistItem),
    };

    private static object? Exported(QueryResult result, DicomTag tag, Vr vr) => result.GetDataset() is null ? null
        : Value(result, tag, vr) is var value && value is DateTime moment ? IsoDate.Of(moment) : value;

    private static object? Value(QueryResult result, DicomTag tag, Vr vr)
    {
        var answer = result.GetDataset()!;
        if (!answer.Contains(tag) && result is WorklistItem item)
        {
            answer = answer.GetItems(Dictionary.Tags.ScheduledProcedureStepSequence)
                .FirstOrDefault(step => step.GetText(Dictionary.Tags.ScheduledProcedureStepID) == item.ProcedureStepID) ?? answer;
        }

        return DatasetCell.Of(answer, tag, vr);
    }
}
