using System.Management.Automation;
using DicomPS.Archives;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Commitment;
using DicomPS.Dictionary;
using DicomPS.Files;
using DicomPS.Part10;
using DicomPS.Scp;
using DicomPS.Serving;

namespace DicomPS.Cmdlets;

/// <summary>
/// The base of Request- and Test-DicomStorageCommitment: what to ask for, whom, and where the report may come. Everything
/// for one node goes into one request, or into several when it is too much for one.
/// </summary>
public abstract class CommitmentCmdlet : RemoteFileCmdlet
{
    private readonly List<CommitmentItem> _waiting = [];
    private readonly Dictionary<DicomNode, OutageTeller> _known = [];
    private DicomNode? _target;
    private bool _pathsAreTaken;
    private bool _sawInput;

    /// <summary>Files, folders or wildcards.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>The peer: AETITLE@host:port, a registered name, a hashtable, or a node.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ByNode, ValueFromPipelineByPropertyName = true)]
    [NodeTransform]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    [ValidateNotNull]
    public DicomNode? Node { get; set; }

    /// <summary>Files or folders whose names are taken as they are.</summary>
    [Parameter]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>
    /// Whatever names instances: results of Send-DicomFile, found instances, CSV rows with SOPClassUID and SOPInstanceUID, files.
    /// </summary>
    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNull]
    public PSObject[] InputObject { get; set; } = [];

    /// <summary>
    /// The port on this machine that the peer calls with its report; goes before the one that is registered with the node.
    /// </summary>
    [Parameter]
    [ValidateRange(0, 65535)]
    public int LocalPort { get; set; }

    /// <summary>Speaks TLS on that port, with the certificate of this side.</summary>
    [Parameter]
    public SwitchParameter LocalTls { get; set; }

    /// <summary>
    /// Who may call that port, as on the servers; the rule Node is the peer that is asked, by its addresses. Anyone without it.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [AllowTransform]
    [ArgumentCompleter(typeof(AllowCompleter))]
    public AccessRule[]? Allow { get; set; }

    /// <summary>Listens nowhere: the report has to come over the association of the request.</summary>
    [Parameter]
    public SwitchParameter NoListener { get; set; }

    /// <summary>How long the report may take.</summary>
    [Parameter]
    [SecondsTransform]
    public override TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    private protected override TimeSpan? AllWaits => null;

    /// <summary>The most instances of one request.</summary>
    [Parameter]
    [ValidateRange(1, StorageCommitment.MaximumInstances)]
    public int BatchSize { get; set; } = 10_000;

    /// <summary>Told of each request that was made.</summary>
    private protected abstract void Requested(StorageCommitment commitment);

    /// <summary>Told of what cannot be asked for, after its error.</summary>
    private protected virtual void Rejected()
    {
    }

    /// <summary>Takes a request that was made before; false when this cmdlet does not take any.</summary>
    private protected virtual bool TryAccept(StorageCommitment commitment) => false;

    private protected override void Process()
    {
        // A record may name another node.
        var node = WithOverrides(ParameterSetName == ByHost ? NodeFromHost() : Node!);
        if (_target is not null && node != _target)
            Send();
        _target = node;
        if (!_pathsAreTaken)
        {
            _pathsAreTaken = true;
            foreach (var path in Path)
                AddFiles(path, literal: false);
            foreach (var path in LiteralPath)
                AddFiles(path, literal: true);
        }

        foreach (var item in InputObject)
            Add(item);
    }

    private protected override void End()
    {
        Send();
        // An empty pipeline is no mistake.
        if (!_sawInput && !MyInvocation.ExpectingInput)
        {
            Reject(new ModuleException(ErrorIds.CommitmentInputUnknown, ErrorCategory.InvalidArgument, "There is nothing to ask for.",
                "Name files with -Path, or pipe results of Send-DicomFile, found instances or rows with SOPClassUID and SOPInstanceUID.",
                null), MyInvocation.MyCommand.Name);
        }

        Source.TellSkipped();
    }

    private void Add(PSObject item)
    {
        _sawInput = true;
        if (item.BaseObject is StorageCommitment made)
        {
            if (!TryAccept(made))
                Reject(NotAnInstance(item, "Test-DicomStorageCommitment takes requests that were made."), item);
        }
        else if (item.BaseObject is string path)
        {
            AddFiles(path, literal: false);
        }
        else if (Text(item, "SOPClassUID") is { } sopClass && Text(item, "SOPInstanceUID") is { } instance)
        {
            Add(new CommitmentItem(sopClass, instance, FileSource.FileOf(item)?.Path));
        }
        else if (FileSource.FileOf(item) is var (file, _))
        {
            AddFiles(file, literal: true);
        }
        else
        {
            Reject(NotAnInstance(item, "Pipe files, or objects with SOPClassUID and SOPInstanceUID."), item);
        }
    }

    private static ModuleException NotAnInstance(PSObject item, string advice) => new(
        ErrorIds.CommitmentInputUnknown, ErrorCategory.InvalidType,
        $"A {item.BaseObject.GetType().Name} names no instance that could be asked for.", advice, item);

    private static string? Text(PSObject item, string property) =>
        item.Properties[property]?.Value is string { Length: > 0 } text ? text.Trim() : null;

    private void AddFiles(string path, bool literal)
    {
        _sawInput = true;
        var found = Source.Resolve(path, literal);
        if (found.Count == 0)
            Rejected();
        foreach (var item in found)
        {
            var isFolder = Directory.Exists(item);
            foreach (var file in Source.Files(item))
            {
                StopToken.ThrowIfCancellationRequested();
                AddFile(file, isFolder);
            }
        }
    }

    private void AddFile(string file, bool isInFolder)
    {
        try
        {
            var probed = DicomFileProbe.Read(file);
            if (!isInFolder || probed.SopClassUid != Uids.MediaStorageDirectoryStorage)
                Add(new CommitmentItem(probed.SopClassUid, probed.SopInstanceUid, file));
        }
        catch (DicomDataException e) when (isInFolder && !FileDescription.HasPrefix(file))
        {
            Source.Skipped++;
            WriteVerbose(ErrorRecords.Sentence(e));
        }
        catch (Exception e) when (e is DicomException or IOException or UnauthorizedAccessException)
        {
            Reject(e, file);
        }
    }

    private void Reject(Exception failure, object? what)
    {
        WriteFailure(failure, what);
        Rejected();
    }

    private void Add(CommitmentItem item)
    {
        if (!item.IsValid)
        {
            Reject(new ModuleException(ErrorIds.CommitmentInputUnknown, ErrorCategory.InvalidData,
                $"SOP class '{item.SopClassUid}', instance '{item.SopInstanceUid}': one of them is no UID, which has up to 64 digits and "
                + "dots.", "Check where it comes from.", item), item);
            return;
        }

        _waiting.Add(item);
        if (_waiting.Count >= BatchSize)
            Send();
    }

    private void Send()
    {
        if (_waiting.Count == 0)
            return;
        var node = _target!;
        CommitmentItem[] items = [.. _waiting];
        _waiting.Clear();
        if (!_known.TryGetValue(node, out var known))
            _known[node] = known = new OutageTeller("request", "requests", "Ask again.");
        var options = OptionsOf(node) with { Reach = known.Reach };
        var progress = Meter($"Asking {node} for storage commitment");
        try
        {
            var commitment = Wait(
                token => StorageCommitment.RequestAsync(options, items, token),
                () =>
                {
                    progress.Update($"{items.Length} instances, {progress.Elapsed.TotalSeconds:0} s", null, null);
                    if (known.Warning(node, known.Reach.Trouble) is { } warning)
                        WriteWarning(warning);
                });
            WriteVerbose(commitment.LocalPort is { } port
                ? $"{commitment.TransactionUID}: the report of {node} is waited for on port {port}."
                : options.IsServedElsewhere
                    ? $"{commitment.TransactionUID}: a server of this session that runs already takes the report of {node}."
                : $"{commitment.TransactionUID}: {node} has to report over the same association; -LocalPort listens for another.");
            Requested(commitment);
        }
        catch (DicomNetworkException e)
        {
            Terminate(e, options.Listener?.Port);
        }
        finally
        {
            progress.Complete();
        }
    }

    private CommitmentOptions OptionsOf(DicomNode node)
    {
        var options = new CommitmentOptions { Association = OptionsFor(node), Node = node, Timeout = Timeout };
        var port = NoListener ? null : Given(nameof(LocalPort)) ? LocalPort : node.LocalPort;
        // Peers have one port for an AE title, and it is often that of a server that runs here already.
        var isServed = port is not null && RunningServer.All.Any(server => server.Port == port && server is StorageServer or ArchiveServer);
        if (LocalTls && (port is null || isServed))
        {
            WriteWarning(
                isServed ? $"-LocalTls does nothing: a server of this session listens on port {port} already, and speaks as it was started."
                : "-LocalTls does nothing where no port is listened on: name one with -LocalPort, or register it with Set-DicomNode "
                + "-LocalPort.");
        }

        return port is null ? options
            : isServed ? options with { IsServedElsewhere = true }
            : options with { Listener = CallbackServer(node, port.Value, LocalTls, Allow, node.GetSenders()) };
    }
}
