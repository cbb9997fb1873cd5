using System.Collections;
using System.Management.Automation;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using DicomPS.Archives;
using DicomPS.Associations;
using DicomPS.Nodes;
using DicomPS.Scp;

namespace DicomPS.Commands;

/// <summary>Starts an archive, a folder of files and its index that peers store into, query and retrieve from, and returns at once.</summary>
[Cmdlet(VerbsLifecycle.Start, "DicomArchive", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(ArchiveServer))]
public sealed class StartDicomArchiveCommand : DicomCmdlet
{
    /// <summary>The folder of the files and their index; made when it is missing.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The port to listen on; 0 picks a free one.</summary>
    [Parameter(Position = 1)]
    [ValidateRange(0, 65535)]
    public int Port { get; set; } = DicomNode.DefaultPort;

    /// <summary>The archive's own AE title, which its answers name as Retrieve AE Title.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string AETitle { get; set; } = DicomNode.DefaultCallingAETitle;

    /// <summary>Where C-MOVE may send to, beside the registered nodes: AE titles, each with host:port, an address or a node.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable? Destination { get; set; }

    /// <summary>Refuses C-STORE: the archive is asked and moved from, and nothing comes in.</summary>
    [Parameter]
    public SwitchParameter ReadOnly { get; set; }

    /// <summary>The local address to listen on; all of them without it.</summary>
    [Parameter]
    [ValidateNotNull]
    public IPAddress? Address { get; set; }

    /// <summary>Takes storage SOP classes that the standard does not list as well.</summary>
    [Parameter]
    public SwitchParameter AllowUnknownSopClass { get; set; }

    /// <summary>The AE titles that may call; anyone without it.</summary>
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

    /// <summary>Answers Success only once the disk itself has file and index.</summary>
    [Parameter]
    public SwitchParameter FlushToDisk { get; set; }

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
        string folder = ArchiveArgument.Folder(this, Path);
        DicomNode.CheckAETitle(AETitle);
        Array.ForEach(AllowedCallingAETitle ?? [], DicomNode.CheckAETitle);
        var options = new ArchiveServerOptions
        {
            Folder = folder,
            ReadOnly = ReadOnly,
            AcceptUnknownSopClasses = AllowUnknownSopClass,
            FlushToDisk = FlushToDisk,
            MaximumObjectBytes = MaximumObjectBytes,
            Destination = new MoveDestinations(Destination, AETitle).Find,
            Unreadable = (file, problem) => Note($"{file}: not in the archive, {problem.Message}"),
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
        if (ShouldProcess(folder, $"Serve a DICOM archive as {AETitle} on {where}{created}"))
            Start(options);
    }

    private void Start(ArchiveServerOptions options)
    {
        // Short, unless files and index have to be made to agree first.
        var progress = new ProgressMeter(this, 1, $"Opening {options.Folder}");
        try
        {
            ArchiveServer server = Wait(token => ArchiveServer.StartAsync(options, token), () => progress.Update("Making files and index agree", null, null));
            progress.Complete();
            if (server.Recovered > 0)
                WriteVerbose($"{server.Recovered} file(s) were taken into the index: it is new, or the archive had not been stopped.");
            WriteObject(server);
        }
        catch (Exception failure) when (failure is DicomException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            progress.Complete();
            Doom(ArchiveArgument.Named(failure, options.Folder), failure is DicomNetworkException ? Port : options.Folder);
        }
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
