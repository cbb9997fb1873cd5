using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Associations;

namespace DicomPS.Commands;

/// <summary>Registers a node under a name, or changes one that is registered.</summary>
[Cmdlet(VerbsCommon.Set, "DicomNode", DefaultParameterSetName = ByPart, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(DicomNode))]
public sealed class SetDicomNodeCommand : DicomCmdlet
{
    private const string ByPart = "Parts";
    private const string ByNode = "Node";

    /// <summary>The name to register it under.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>The whole node in one: AETITLE@host:port, a hashtable, or another node.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ByNode)]
    [NodeTransform(IsRegistering = true)]
    [ValidateNotNull]
    public DicomNode? Node { get; set; }

    /// <summary>The AE title of the peer.</summary>
    [Parameter(ParameterSetName = ByPart, ValueFromPipelineByPropertyName = true)]
    public string? AETitle { get; set; }

    /// <summary>The host name or address of the peer.</summary>
    [Parameter(ParameterSetName = ByPart, ValueFromPipelineByPropertyName = true)]
    [Alias("ComputerName")]
    [ArgumentCompleter(typeof(HostNameCompleter))]
    public string? HostName { get; set; }

    /// <summary>The port of the peer.</summary>
    [Parameter(ParameterSetName = ByPart, ValueFromPipelineByPropertyName = true)]
    [ValidateRange(1, 65535)]
    public int Port { get; set; }

    /// <summary>The AE title that this peer knows us by.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(AETitleCompleter))]
    public string? CallingAETitle { get; set; }

    /// <summary>The port on this machine that this peer sends to.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    public int? LocalPort { get; set; }

    /// <summary>The character set to assume where this peer's answers name none, such as ISO_IR 100.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    [AllowNull]
    [ArgumentCompleter(typeof(CharacterSetCompleter))]
    public string? CharacterSet { get; set; }

    /// <summary>Speaks TLS with this peer; -Tls:$false takes it back.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TruthTransform]
    public SwitchParameter Tls { get; set; }

    /// <summary>Host names and addresses from which this peer sends beside its own; an empty text takes them back.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyCollection]
    [AllowEmptyString]
    public string[]? From { get; set; }

    /// <summary>
    /// How many associations work side by side with this peer: a number, or Auto for as many as pay; an empty text takes it back.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AssociationsTransform(AllowsNone = true)]
    [ArgumentCompleter(typeof(AssociationsCompleter))]
    [AllowNull]
    [AllowEmptyString]
    public string? Associations { get; set; }

    /// <summary>
    /// How many files may be under way over one association before this peer answers the first; 1 takes it back.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    public int? AsyncOperations { get; set; }

    /// <summary>Writes the node that was registered.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Process()
    {
        try
        {
            NodeArgument.CheckName(Name);
            var store = new NodeStore();
            var node = Merge(store.Find(Name));
            TellIfOpen(store.Path);
            if (!ShouldProcess(store.Path, $"Register {Name} as {node.Address}"))
                return;
            DicomNode? twin = null;
            store.Change(nodes =>
            {
                // Another session may have changed it since: what was not said here is taken from there.
                node = Merge(nodes.Find(IsIt));
                nodes.RemoveAll(IsIt);
                twin = nodes.Find(other => other.AETitle == node.AETitle && !other.IsSameAs(node));
                nodes.Add(node);
            });
            if (twin is { })
                WriteWarning($"{twin.Name} ({twin.Address}) has the AE title {node.AETitle} too. C-MOVE names where images are to go by "
                    + "the title alone: a PACS that knows both may send them to the other one.");
            if (PassThru)
                WriteObject(node);
        }
        catch (DicomException e)
        {
            WriteFailure(e, Name);
        }
    }

    private bool IsIt(DicomNode node) => string.Equals(node.Name, Name, StringComparison.OrdinalIgnoreCase);

    private DicomNode Merge(DicomNode? old)
    {
        var basis = Node ?? old;
        return NodeArgument.Create(
            old?.Name ?? Name,
            Given(nameof(AETitle)) ? AETitle : basis?.AETitle,
            Given(nameof(HostName)) ? HostName : basis?.HostName,
            Given(nameof(Port)) ? Port : basis?.Port ?? DicomNode.DefaultPort,
            Given(nameof(CallingAETitle)) ? CallingAETitle : basis?.CallingAETitle,
            Given(nameof(LocalPort)) ? LocalPort : basis?.LocalPort,
            Given(nameof(CharacterSet)) ? CharacterSet : basis?.CharacterSet,
            Given(nameof(Tls)) ? Tls : basis?.Tls ?? false,
            Given(nameof(From)) ? string.Join(",", From ?? []) : basis?.From,
            Given(nameof(Associations)) ? Associations : basis?.Associations,
            Given(nameof(AsyncOperations)) ? AsyncOperations : basis?.AsyncOperations);
    }

    private bool Given(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
}
