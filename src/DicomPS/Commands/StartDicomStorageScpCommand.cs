using System.Management.Automation;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using DicomPS.Associations;
using DicomPS.Nodes;
using DicomPS.Scp;
using DicomPS.Transfer;

namespace DicomPS.Commands;

/// <summary>Starts a storage SCP that writes what it receives into a folder, and returns at once.</summary>
[Cmdlet(VerbsLifecycle.Start, "DicomStorageScp", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(StorageServer))]
public sealed class StartDicomStorageScpCommand : DicomCmdlet
{
    /// <summary>The folder for what comes; made when it is missing.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The port to listen on; 0 picks a free one.</summary>
    [Parameter(Position = 1)]
    [ValidateRange(0, 65535)]
    public int Port { get; set; } = DicomNode.DefaultPort;

    /// <summary>The server's own AE title.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string AETitle { get; set; } = DicomNode.DefaultCallingAETitle;

    /// <summary>The local address to listen on; all of them without it.</summary>
    [Parameter]
    [ValidateNotNull]
    public IPAddress? Address { get; set; }

    /// <summary>Patient, Study, Series, Flat, or a template such as {PatientID}/{StudyInstanceUID}/{SOPInstanceUID}.dcm.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(LayoutCompleter))]
    [ValidateNotNullOrEmpty]
    public string Layout { get; set; } = "Study";

    /// <summary>What happens to an instance that is there already.</summary>
    [Parameter]
    public DuplicatePolicy Duplicate { get; set; }

    /// <summary>Takes storage SOP classes that the standard does not list as well.</summary>
    [Parameter]
    public SwitchParameter AllowUnknownSopClass { get; set; }

    /// <summary>The AE titles that may send; anyone without it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? AllowedCallingAETitle { get; set; }

    /// <summary>Refuses peers that do not call the server by its AE title.</summary>
    [Parameter]
    public SwitchParameter RequireCalledAETitle { get; set; }

    /// <summary>How many associations are served at once; further ones are refused for the moment.</summary>
    [Parameter]
    [ValidateRange(1, 10_000)]
    public int MaximumAssociations { get; set; } = 64;

    /// <summary>The largest dataset taken, in bytes; 2GB and the like work.</summary>
    [Parameter]
    [ValidateRange(1L, long.MaxValue)]
    public long MaximumObjectBytes { get; set; } = long.MaxValue;

    /// <summary>The longest P-DATA-TF PDU taken, in bytes; 0 is no limit.</summary>
    [Parameter]
    public uint MaximumPduLength { get; set; } = AssociationDefaults.MaximumPduLength;

    /// <summary>The longest silence on an association before it is aborted: seconds or a TimeSpan, 0 for no limit.</summary>
    [Parameter]
    [SecondsTransform]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Answers Success only once the disk itself has the file.</summary>
    [Parameter]
    public SwitchParameter FlushToDisk { get; set; }

    /// <summary>How many received instances wait for Receive-DicomStorageScp before the oldest are forgotten; their files stay.</summary>
    [Parameter]
    [ValidateRange(1, 100_000_000)]
    public int QueueCapacity { get; set; } = 65536;

    /// <summary>Speaks TLS with this certificate, which needs its private key.</summary>
    [Parameter]
    [ValidateNotNull]
    public X509Certificate2? Certificate { get; set; }

    /// <summary>The thumbprint of such a certificate in the certificate store of the user or the machine.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CertificateThumbprint { get; set; }

    /// <summary>Thumbprints of the certificates that peers must show; without it peers need none.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? TrustedThumbprint { get; set; }

    private protected override void Process()
    {
        string folder = SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path, out ProviderInfo provider, out _);
        if (provider.Name != "FileSystem")
        {
            Doom(new ModuleException(Errors.FileNotFound, ErrorCategory.InvalidArgument,
                $"'{Path}' is not in the file system.", "Name a folder.", Path), Path);
        }

        DicomNode.CheckAETitle(AETitle);
        Array.ForEach(AllowedCallingAETitle ?? [], DicomNode.CheckAETitle);
        var options = new StorageServerOptions
        {
            Folder = folder,
            Layout = Layout,
            Duplicates = Duplicate,
            AcceptUnknownSopClasses = AllowUnknownSopClass,
            FlushToDisk = FlushToDisk,
            MaximumObjectBytes = MaximumObjectBytes,
            QueueCapacity = QueueCapacity,
            Server = new DicomServerOptions
            {
                AETitle = AETitle,
                Address = Address,
                Port = Port,
                CheckCalledAETitle = RequireCalledAETitle,
                AllowedCallingAETitles = AllowedCallingAETitle,
                MaximumAssociations = MaximumAssociations,
                MaximumPduLength = MaximumPduLength,
                IdleTimeout = IdleTimeout,
                Tls = TlsOptions(),
            },
        };
        string where = Port == 0 ? "a free port" : $"port {Port}";
        string created = Directory.Exists(folder) ? "" : ", creating the folder";
        if (!ShouldProcess(folder, $"Receive DICOM as {AETitle} on {where}{created}"))
            return;
        StorageServer server;
        try
        {
            server = StorageServer.Start(options);
        }
        catch (Exception e) when (e is DicomException or ArgumentException)
        {
            if (e is DicomException { Stage: DicomStage.File } unwritable)
                Doom(new ModuleException(Errors.FolderNotWritable, ErrorCategory.PermissionDenied, e.Message, unwritable.Advice, folder, e), folder);
            Doom(e, e is ArgumentException ? Layout : Port);
            return;
        }

        WriteObject(server);
    }

    private TlsServerOptions? TlsOptions()
    {
        if (Certificates.Find(Certificate, CertificateThumbprint) is not { } own)
            return null;
        var options = new TlsServerOptions { Certificate = own };
        return TrustedThumbprint is null ? options
            : options with { RequireClientCertificate = true, Validation = TlsValidation.Pinned, PinnedThumbprints = TrustedThumbprint };
    }
}
