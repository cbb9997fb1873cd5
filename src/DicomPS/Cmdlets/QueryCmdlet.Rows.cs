using System.Management.Automation;
using System.Reflection;
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
    private KeylessRows? _keyless;
    private PropertyInfo[] _rowKeys = [];
    private HashSet<string> _perRow = [];

    /// <summary>The rows of the pipeline themselves: -IncludeMissing keeps their columns.</summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>Gives every row of the pipeline back, also without an answer; the property Found tells.</summary>
    [Parameter]
    public SwitchParameter IncludeMissing { get; set; }

    // What a row can ask by.
    private void FindRowKeys()
    {
        var taken = GetType().GetProperties()
            .Where(property => property.GetCustomAttributes(typeof(ParameterAttribute), true).Cast<ParameterAttribute>()
                .Any(parameter => parameter.ValueFromPipelineByPropertyName))
            .Where(property => property.Name is not (nameof(Node) or nameof(ModelQueryCmdlet.Matches))).ToArray();
        _keyless = new KeylessRows([.. taken.Select(property => property.Name)]);
        // What the command line says is there already; what a script block is to say of each row is not.
        _rowKeys = [.. taken.Where(property => property.GetValue(this) is null)];
        _perRow = [.. _rowKeys.Select(property => property.Name).Where(Typed)];
    }

    // What is written there and has no value, as a variable that was never set.
    private ModuleException? EmptyKey() => GivenKeys.Empty(MyInvocation.BoundParameters,
        GetType().GetProperties().Where(property => property.DeclaringType == GetType()
            && property.Name is not (nameof(ModelQueryCmdlet.Index) or nameof(ModelQueryCmdlet.Model))
            && property.IsDefined(typeof(ParameterAttribute), true)).Select(property => property.Name),
        "Leave the parameter out to ask for all.");

    private void Report(DicomDataset keys, string? problem)
    {
        foreach (var _ in _report?.Add(InputObject, keys, problem) ?? [])
        {
            if (_report!.Count >= MostTargets)
                Ask();
        }
    }

    // Whether what came down the pipeline cannot be asked for, and then says why.
    private bool IsRefused(DicomDataset keys)
    {
        if (WithoutKey(keys) is { } keyless)
        {
            if (!_keyless!.Counts(InputObject, keyless))
                WriteFailure(keyless, keyless.Target);
            Report(keys, keyless.Message);
            return true;
        }

        if (WrongUid(keys) is not { } wrong)
            return false;
        WriteFailure(wrong, wrong.Target);
        Report(keys, wrong.Message);
        return true;
    }

    // An object of the pipeline that names no node asks for something; taken for no key at all it would ask for everything.
    private ModuleException? WithoutKey(DicomDataset keys)
    {
        if (!MyInvocation.ExpectingInput)
            return null;
        var isNode = ParameterSetName == ByNode && !Typed(nameof(Node));
        var has = isNode
            ? keys.Count > 0 || !RowColumns.IsRow(InputObject)
                || !Array.Exists(_rowKeys, property => InputObject!.Properties[property.Name] is not null)
            : Array.Exists(_rowKeys, property => property.GetValue(this) is string?[] values
                && Array.Exists(values, value => !string.IsNullOrWhiteSpace(value)));
        return has ? null : _keyless!.Problem(InputObject);
    }

    private void AskRows(RowReport rows)
    {
        _failure = null;
        rows.Node = _current.Length == 1 && ParameterSetName != ByIndex ? _current[0] : null;
        var lost = _current.Select(node => (node, OutageOf(node).Reach.Problem)).Where(known => known.Problem is not null).ToList();
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
