using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Files;
using DicomPS.NodeLists;

namespace DicomPS.Commands;

/// <summary>Registers the nodes that the configuration of another program, or a table, lists.</summary>
[Cmdlet(VerbsData.Import, "DicomNode", DefaultParameterSetName = ByPath, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(DicomNode))]
public sealed class ImportDicomNodeCommand : DicomCmdlet
{
    private const string ByPath = "Path", ByLiteralPath = "LiteralPath";

    private readonly List<(string Path, ListedNode Node)> _rows = [];
    private FileSource? _source;
    private int _files;

    /// <summary>Files with lists of nodes; wildcards work.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByPath, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Files, taken as they are written.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByLiteralPath, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Which program the files were written for; Auto looks at what is in them.</summary>
    [Parameter]
    public NodeListFormat Format { get; set; }

    /// <summary>Replaces nodes that are registered under the same names.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the nodes that are registered as the files have them.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Begin() => _source = new FileSource(this, recurse: false, NameFilter.All);

    private protected override void Process()
    {
        var literal = ParameterSetName == ByLiteralPath;
        foreach (var path in (literal ? LiteralPath : Path).SelectMany(path => _source!.Resolve(path, literal)))
            Read(path);
    }

    // Nothing is written before everything was read, and then all of it in one step.
    private protected override void End()
    {
        if (_rows.Count == 0)
            return;
        var store = new NodeStore();
        try
        {
            var plan = new NodePlan(store.Read(), Force);
            Weigh(plan, store.Path);
            // Another session may have registered one of the names meanwhile.
            if (plan.Taken.Count > 0)
                store.Change(nodes => plan.Apply(nodes));
            foreach (var lost in plan.Lost)
                WriteFailure(lost, lost.Target);
            WriteVerbose($"{_rows.Count} node(s) in {_files} file(s): {plan.Taken.Count} registered, {plan.Same.Count} registered already, "
                + $"{_rows.Count - plan.Taken.Count - plan.Same.Count} not.");
            if (PassThru)
                WriteObject(plan.Taken.Concat(plan.Same).OrderBy(node => node.Name, StringComparer.OrdinalIgnoreCase),
                    enumerateCollection: true);
        }
        catch (Exception e) when (e is DicomException or IOException or UnauthorizedAccessException)
        {
            Terminate(e, store.Path);
        }
    }

    private void Weigh(NodePlan plan, string registry)
    {
        foreach ((var path, var row) in _rows)
        {
            try
            {
                if (plan.Weigh(path, row) is var (node, old)
                    && ShouldProcess(registry, old is null ? $"Register {node.Name} as {node.Address}"
                        : $"Replace {node.Name}, which is {old.Address}, by {node.Address}"))
                    plan.Accept(node);
            }
            catch (ModuleException e) when (e.ErrorId == ErrorIds.NodeExists)
            {
                WriteFailure(e, e.Target);
            }
            catch (DicomException e)
            {
                WriteFailure(NodeListFile.Failure(path, row.Line, e), path);
            }
        }
    }

    private void Read(string path)
    {
        try
        {
            var list = NodeListFile.Read(path, Format);
            _files++;
            foreach (var note in list.Notes)
                WriteVerbose($"{path}: {note}");
            foreach (var warning in list.Warnings)
                WriteWarning($"{path}: {warning}");
            foreach (var problem in list.Problems)
                WriteFailure(NodeListFile.Failure(path, problem.Line, problem), path);
            _rows.AddRange(list.Nodes.Select(node => (path, node)));
        }
        catch (NodeListException e)
        {
            WriteFailure(NodeListFile.Failure(path, e.Line, e), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            WriteFailure(e, path);
        }
    }
}
