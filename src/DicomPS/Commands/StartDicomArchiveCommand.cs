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
public sealed class StartDicomArchiveCommand : ListeningCmdlet
{
    /// <summary>The folder of the files and their index; made when it is missing.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Where C-MOVE may send to, beside the registered nodes: AE titles, each with host:port, an address or a node.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable? Destination { get; set; }

    /// <summary>Refuses C-STORE: the archive is asked and moved from, and nothing comes in.</summary>
    [Parameter]
    public SwitchParameter ReadOnly { get; set; }

    /// <summary>Takes storage SOP classes that the standard does not list as well.</summary>
    [Parameter]
    public SwitchParameter AllowUnknownSopClass { get; set; }

    /// <summary>Answers Success only once the disk itself has file and index.</summary>
    [Parameter]
    public SwitchParameter FlushToDisk { get; set; }

    private protected override void Process()
    {
        string folder = ArchiveArgument.Folder(this, Path);
        var options = new ArchiveServerOptions
        {
            Folder = folder,
            ReadOnly = ReadOnly,
            AcceptUnknownSopClasses = AllowUnknownSopClass,
            FlushToDisk = FlushToDisk,
            MaximumObjectBytes = MaximumObjectBytes,
            Destination = new MoveDestinations(Destination, AETitle).Find,
            Unreadable = (file, problem) => Note($"{file}: not in the archive, {problem.Message}"),
            Server = Listening(),
        };
        string created = Directory.Exists(folder) ? "" : ", creating the folder";
        if (ShouldProcess(folder, $"Serve a DICOM archive as {AETitle} on {Where}{created}"))
            Start(options);
    }

    private void Start(ArchiveServerOptions options)
    {
        // Short, unless files and index have to be made to agree first.
        var progress = Meter($"Opening {options.Folder}");
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
}
