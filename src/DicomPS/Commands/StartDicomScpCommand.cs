using System.Management.Automation;
using DicomPS.Archives;
using DicomPS.Arguments;
using DicomPS.Files;
using DicomPS.Compatibility;
using DicomPS.Scp;
using DicomPS.Scripts;

namespace DicomPS.Commands;

/// <summary>Starts an SCP that answers DICOM requests with script blocks, and returns at once.</summary>
[Cmdlet(VerbsLifecycle.Start, "DicomScp", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(ScriptServer))]
public sealed class StartDicomScpCommand : ListeningCmdlet
{
    /// <summary>Answers C-ECHO: nothing is Success, otherwise a status.</summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? OnEcho { get; set; }

    /// <summary>Answers C-STORE: nothing is Success, otherwise a status. The instance lies in a temporary file.</summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? OnStore { get; set; }

    /// <summary>Answers C-FIND: each dataset, hashtable or object that it writes is a match.</summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? OnFind { get; set; }

    /// <summary>Answers C-MOVE: writes the destination node, then the files or datasets to send there.</summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? OnMove { get; set; }

    /// <summary>Answers C-GET: writes the files or datasets to send.</summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? OnGet { get; set; }

    /// <summary>
    /// Answers storage commitment: the SOP Instance UIDs that it writes, of the Instances of the request, are safe; the others are reported
    /// as failed.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? OnCommit { get; set; }

    /// <summary>
    /// A folder, made when it is missing, in which what -OnCommit was asked stands until it is reported on, so that the next start with the
    /// same folder reports it. Without it a stop forgets it.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OwedReportPath { get; set; }

    /// <summary>Takes Instance Availability Notifications: nothing is Success, otherwise a status.</summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? OnAvailability { get; set; }

    /// <summary>
    /// Decides about each new procedure step of a modality (MPPS, N-CREATE): nothing is Success, otherwise a status. The server keeps the
    /// step as long as it runs.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? OnCreate { get; set; }

    /// <summary>
    /// Decides about each change of a procedure step (MPPS, N-SET), its end among them: nothing is Success, otherwise a status.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? OnSet { get; set; }

    /// <summary>
    /// The services whose SOP classes are served, beside Verification; without it Storage and QueryRetrieve, as far as there are
    /// blocks.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public DicomService[]? Service { get; set; }

    /// <summary>
    /// What the blocks of Query/Retrieve and of the worklist can do of what peers ask for by extended negotiation; nothing without it.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public QueryOption[]? Agree { get; set; }

    /// <summary>Further arguments of every block, after the request.</summary>
    [Parameter]
    [AllowNull]
    [AllowEmptyCollection]
    public object?[]? ArgumentList { get; set; }

    /// <summary>How many blocks run at once; further requests wait.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int Throttle { get; set; } = 16;

    /// <summary>
    /// How long a request may wait for its block's answer, C-FIND, C-MOVE and C-GET for each next one, before it fails: seconds or a
    /// TimeSpan, 0 for no limit.
    /// </summary>
    [Parameter]
    [SecondsTransform]
    public TimeSpan HandlerTimeout { get; set; } = TimeSpan.FromSeconds(30);

    private protected override string CallersMay => "do all that its blocks answer";

    private protected override void Process()
    {
        var values = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        HandlerBlock? Block(string parameter, ScriptBlock? block) =>
            block is null ? null : HandlerBlock.From(parameter, block, values, name => SessionState.PSVariable.Get(name));

        var blocks = new HandlerBlocks(Block(nameof(OnEcho), OnEcho), Block(nameof(OnStore), OnStore), Block(nameof(OnFind), OnFind),
            Block(nameof(OnMove), OnMove), Block(nameof(OnGet), OnGet))
        {
            Commit = Block(nameof(OnCommit), OnCommit),
            OwedFolder = OwedReportPath is null ? null : FileSource.Folder(this, OwedReportPath),
            Availability = Block(nameof(OnAvailability), OnAvailability),
            Create = Block(nameof(OnCreate), OnCreate),
            Set = Block(nameof(OnSet), OnSet),
        };
        CheckServices();
        if (!ShouldProcess($"{AETitle} on {Where}", "Answer DICOM requests with script blocks"))
            return;
        var options = new ServiceHandlers { Services = Service, HandlerTimeout = HandlerTimeout, MaximumObjectBytes = MaximumObjectBytes };
        if (blocks.OwedFolder is { } owed)
        {
            try
            {
                PrivateFiles.CreateFolder(owed);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                Terminate(failure, owed);
            }
        }

        var listening = Listening();
        if (Agree is { } offered)
        {
            var all = new HashSet<QueryOption>(offered);
            listening = listening with { ExtendedNegotiation = proposal => QueryAgreements.Agree(proposal, all) };
        }

        var destinations = new MoveDestinations(null, AETitle, CallSettings());
        ScriptServer server;
        try
        {
            server = ScriptServer.Start(listening, options, blocks, HandlerSession.Of(this, values), Throttle, ArgumentList ?? [],
                CallSettings(), title => destinations.Find(title, null));
        }
        catch (DicomException e)
        {
            Terminate(e, Port);
            return;
        }

        Hand(server);
    }

    // A service without a block, or a block without a service, is a mistake that would show only when a peer is refused.
    private void CheckServices()
    {
        foreach (var service in Service ?? [])
        {
            var needed = ServiceClasses.Operations(service)
                .Select(operation => $"On{DicomRequest.NameOf(operation.Request).Substring(2)}").ToArray();
            if (service != DicomService.Verification && !needed.Any(name => MyInvocation.BoundParameters.ContainsKey(name)))
            {
                Terminate(new ModuleException(ErrorIds.ServiceInvalid, ErrorCategory.InvalidArgument,
                    $"-Service {service} has no block to answer it.", $"Give {string.Join(", ", needed.Select(Parameter))}.", service),
                    service);
            }
        }

        foreach (var name in new[] { nameof(OnStore), nameof(OnFind), nameof(OnMove), nameof(OnGet) }.Where(
            MyInvocation.BoundParameters.ContainsKey))
        {
            if (Service is not null && !Service.SelectMany(ServiceClasses.Operations)
                .Any(operation => Parameter($"On{DicomRequest.NameOf(operation.Request).Substring(2)}") == $"-{name}"))
            {
                Terminate(new ModuleException(ErrorIds.ServiceInvalid, ErrorCategory.InvalidArgument,
                    $"No service of -Service uses -{name}.", "Add the service, such as Storage or QueryRetrieve, or leave the block out.",
                    name), name);
            }
        }

        static string Parameter(string name) => $"-On{char.ToUpperInvariant(name[2])}{name.Substring(3).ToLowerInvariant()}";
    }
}
