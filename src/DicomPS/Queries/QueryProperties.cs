using System.Globalization;
using System.Management.Automation;
using System.Text;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Transfer;

namespace DicomPS.Queries;

/// <summary>The attributes that -Property asks for, as properties: the same ones in the same order on every object.</summary>
internal sealed class QueryProperties
{
    private readonly List<(string Name, DicomTag Tag, Vr Vr)> wanted = [];

    public QueryProperties(IEnumerable<string> names, QueryLevel level)
    {
        IEnumerable<string> own = TypeOf(level).GetProperties().Select(property => property.Name);
        var taken = new HashSet<string>(own, StringComparer.OrdinalIgnoreCase);
        foreach (string name in names)
        {
            DicomTag tag = QueryKeyTable.TagOf(name);
            Tags.Add(tag);
            // What the object has anyway keeps its own name and type.
            string keyword = DicomDictionary.KeywordOf(tag);
            if (taken.Add(keyword))
                wanted.Add((keyword, tag, DicomDictionary.VrOf(tag)));
        }
    }

    /// <summary>The attributes to ask for.</summary>
    public List<DicomTag> Tags { get; } = [];

    /// <summary>The object with its further properties; the object itself when there are none.</summary>
    public object AddTo(QueryResult result)
    {
        if (wanted.Count == 0)
            return result;
        var shown = new PSObject(result);
        foreach ((string name, DicomTag tag, Vr vr) in wanted)
            shown.Properties.Add(new PSNoteProperty(name, Value(result, tag, vr)));
        return shown;
    }

    private static Type TypeOf(QueryLevel level) => level switch
    {
        QueryLevel.Patient => typeof(Patient),
        QueryLevel.Study => typeof(Study),
        QueryLevel.Series => typeof(Series),
        QueryLevel.Instance => typeof(Instance),
        _ => typeof(WorklistItem),
    };

    private static object? Value(QueryResult result, DicomTag tag, Vr vr)
    {
        DicomDataset answer = result.Dataset!;
        if (!answer.Contains(tag) && result is WorklistItem item)
        {
            answer = answer.GetItems(Dictionary.Tags.ScheduledProcedureStepSequence)
                .FirstOrDefault(step => step.GetText(Dictionary.Tags.ScheduledProcedureStepID) == item.ProcedureStepID) ?? answer;
        }

        switch (answer.Find(tag))
        {
            case null:
                return null;
            case DicomSequence sequence:
                return sequence.Items.Count == 0 ? null : Describe(sequence);
        }

        string[] values = answer.GetStrings(tag);
        if (values.Length == 1)
        {
            switch (vr)
            {
                case Vr.DA when answer.GetDate(tag) is { } date:
                    return date;
                case Vr.DT when answer.GetDateTime(tag) is { } moment:
                    return moment;
                case Vr.IS or Vr.US or Vr.SS or Vr.UL or Vr.SL when answer.GetInt64(tag) is { } number:
                    return number is >= int.MinValue and <= int.MaxValue ? (int)number : number;
                case Vr.DS or Vr.FL or Vr.FD when answer.GetDouble(tag) is { } number:
                    return number;
            }
        }

        return answer.GetText(tag);
    }

    // Such as "CodeValue=T-A0100; CodeMeaning=Brain | CodeValue=...": a cell of a table has room for no more.
    private static string Describe(DicomSequence sequence)
    {
        var text = new StringBuilder();
        foreach (DicomDataset item in sequence.Items)
        {
            if (text.Length > 0)
                text.Append(" | ");
            text.Append(string.Join("; ", item.Select(element => string.Format(CultureInfo.InvariantCulture, "{0}={1}", DicomDictionary.KeywordOf(element.Tag),
                element is DicomSequence inner ? $"({Describe(inner)})" : item.GetText(element.Tag)))));
        }

        return text.ToString();
    }
}
