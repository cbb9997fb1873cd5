using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Queries;
using DicomPS.Querying;

namespace DicomPS.Cmdlets;

// The rows of the pipeline, where -IncludeMissing gives each of them back.
public abstract partial class QueryCmdlet
{
    private RowReport? _report;
    private string? _failure;
    private HashSet<string> _keyNames = [];

    /// <summary>The rows of the pipeline themselves: -IncludeMissing keeps their columns.</summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>Gives every row of the pipeline back, also without an answer; the property Found tells.</summary>
    [Parameter]
    public SwitchParameter IncludeMissing { get; set; }

    // What a row can ask by.
    private HashSet<string> PipelineKeys => _keyNames.Count > 0 ? _keyNames : _keyNames = new HashSet<string>(
        GetType().GetProperties()
            .Where(property => property.GetCustomAttributes(typeof(ParameterAttribute), true).Cast<ParameterAttribute>()
                .Any(parameter => parameter.ValueFromPipelineByPropertyName))
            .Select(property => property.Name).Except([nameof(Node), nameof(ModelQueryCmdlet.Matches)]),
        StringComparer.OrdinalIgnoreCase);

    private void Report(DicomDataset keys, string? problem)
    {
        foreach (var _ in _report?.Add(InputObject, keys, problem) ?? [])
        {
            if (_report!.Count >= MostTargets)
                Ask();
        }
    }

    // A cell that is empty asks for nothing; taken for no key at all it would ask for everything.
    private ModuleException? WithoutKey(DicomDataset keys)
    {
        if (keys.Count > 0 || !RowColumns.IsRow(InputObject)
            || !InputObject!.Properties.Any(property => PipelineKeys.Contains(property.Name)))
            return null;
        var names = string.Join(", ", PipelineKeys.Where(key => InputObject.Properties[key] is not null));
        return new ModuleException(ErrorIds.RowWithoutKey, ErrorCategory.InvalidData,
            $"A row of the pipeline has no value for {names}: it was not asked for.",
            "Without a key the answer would be all that the peer has. Fill the cell, or leave the row out.", $"{InputObject}");
    }

    private void AskRows(RowReport rows)
    {
        _failure = null;
        rows.Node = _current.Length == 1 && ParameterSetName != ByIndex ? _current[0] : null;
        var lost = _current.Select(node => (node, DeadFor(node).Reach.Problem)).Where(known => known.Problem is not null).ToList();
        foreach (var (node, problem) in lost)
            rows.Miss($"{node} was not asked: {problem!.Message}");
        var wanted = rows.Begin(ParameterSetName == ByIndex ? 1 : _current.Length - lost.Count);
        if (wanted.Count > 0)
        {
            var request = Request(wanted) with { TellsTargets = true };
            if (ParameterSetName == ByIndex)
                AskIndex(request);
            else
                AskNodes(request, rows.Count);
        }

        rows.Finish(_failure);
    }

    private void GiveRow(QueryFound found, object source)
    {
        var isGiven = found.Result.Matches != false && (!Strict || found.Result.Matches == true);
        if (isGiven)
            SeenValues.Remember(found.Result);
        else if (Strict)
            LeaveOut(found.Result, source);
        _report!.Give(found, isGiven, _doubted.Inherit);
    }

    // For a row that is not known to be missing. Of several nodes, which one.
    private string Said(DicomNode node, DicomException? problem) =>
        (_current.Length > 1 ? $"{node}: " : "") + (problem?.Message ?? "The answer is not complete.");
}
