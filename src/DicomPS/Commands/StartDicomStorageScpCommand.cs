using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Files;
using DicomPS.Scp;
using DicomPS.Scripts;
using DicomPS.Serving;

namespace DicomPS.Commands;

/// <summary>Starts a storage SCP that writes what it receives into a folder, and returns at once.</summary>
[Cmdlet(VerbsLifecycle.Start, "DicomStorageScp", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(StorageServer))]
public sealed class StartDicomStorageScpCommand : StoringCmdlet
{
    /// <summary>The folder for what comes; made when it is missing.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("LiteralPath", "OutputDirectory")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Patient, Study, Series, Flat, or a template such as {PatientID}/{StudyInstanceUID}/{SOPInstanceUID}.dcm.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(LayoutCompleter))]
    [ValidateNotNullOrEmpty]
    public string Layout { get; set; } = "Study";

    /// <summary>What happens to an instance that is there already.</summary>
    [Parameter]
    public DuplicatePolicy Duplicate { get; set; }

    /// <summary>How many received instances wait for Receive-DicomStorageScp before the oldest are forgotten; their files stay.</summary>
    [Parameter]
    [ValidateRange(1, 100_000_000)]
    public int QueueCapacity { get; set; } = 65536;

    /// <summary>
    /// Runs for each instance in its place, one after the other, in a runspace of its own; no sender waits for it.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? OnReceived { get; set; }

    /// <summary>Further arguments of the block, after the instance.</summary>
    [Parameter]
    [AllowNull]
    [AllowEmptyCollection]
    public object?[]? ArgumentList { get; set; }

    private protected override string CallersMay => "store";

    private protected override void Process()
    {
        var block = ReceivedBlock();
        LayoutArgument.Check(Layout);
        var folder = FileSource.Folder(this, Path);
        var options = new StorageServerOptions
        {
            Folder = folder,
            Layout = Layout,
            Duplicates = Duplicate,
            AcceptUnknownSopClasses = AllowUnknownSopClass,
            FlushToDisk = FlushToDisk,
            Private = Private,
            MaximumObjectBytes = MaximumObjectBytes,
            QueueCapacity = QueueCapacity,
            StudyQuietPeriod = StudyQuietPeriod,
            BrokenFolder = KeepBroken is null ? null : FileSource.Folder(this, KeepBroken),
            Stored = block is null ? null : block.Add,
            Closing = block is null ? null : block.EndAsync,
            Server = Listening(),
        };
        var created = Directory.Exists(folder) ? "" : ", creating the folder";
        if (!ShouldProcess(folder, $"Receive DICOM as {AETitle} on {Where}{created}"))
            return;
        StorageServer server;
        try
        {
            server = StorageServer.Start(options);
        }
        catch (Exception e) when (e is DicomException or ArgumentException)
        {
            if (e is DicomException { Stage: DicomStage.File } unwritable)
                Terminate(new ModuleException(ErrorIds.FolderNotWritable, ErrorCategory.PermissionDenied, e.Message, unwritable.Advice,
                    folder, e), folder);
            Terminate(e, Port);
            return;
        }

        block?.Begin(server.Tell);
        Hand(server);
    }

    private ReceivedBlock? ReceivedBlock()
    {
        if (OnReceived is not { } written)
            return null;
        var values = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        var block = HandlerBlock.From(nameof(OnReceived), written, values, name => SessionState.PSVariable.Get(name));
        return new ReceivedBlock(block, HandlerSession.Of(this, values), ArgumentList ?? [], QueueCapacity);
    }
}
