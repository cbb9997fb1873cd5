using System.Management.Automation;
using System.Net;
using DicomPS.Associations;
using DicomPS.Nodes;
using DicomPS.Scp;

namespace DicomPS;

/// <summary>The base of the cmdlets that start a server: where it listens, whom it lets in, and what it gets wrong on purpose.</summary>
public abstract class ListeningCmdlet : TlsCmdlet
{
    /// <summary>The port to listen on; 0 picks a free one.</summary>
    [Parameter(Position = 1)]
    [ValidateRange(0, 65535)]
    public int Port { get; set; } = DicomNode.DefaultPort;

    /// <summary>The server's own AE title.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(AETitleCompleter))]
    public string AETitle { get; set; } = DicomNode.DefaultCallingAETitle;

    /// <summary>The local address to listen on; all of them without it.</summary>
    [Parameter]
    [ValidateNotNull]
    public IPAddress? Address { get; set; }

    /// <summary>The AE titles that may call; anyone without it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(AETitleCompleter))]
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

    /// <summary>Mistakes to make on purpose, to test the software that calls: a hashtable with RefuseAssociation, AbortAfter, DelayMilliseconds, FailEvery, FailStatus or DropAfterBytes.</summary>
    [Parameter]
    [FaultTransform]
    [ArgumentCompleter(typeof(FaultCompleter))]
    public FaultPlan? Fault { get; set; }

    // The server goes on when the cmdlet has ended, and nobody could write its lines.
    private protected override bool TellsStory => false;

    /// <summary>Where it listens, in words.</summary>
    private protected string Where => Port == 0 ? "a free port" : $"port {Port}";

    /// <summary>The options of the engine.</summary>
    private protected DicomServerOptions Listening()
    {
        NodeArgument.CheckAETitle(AETitle);
        Array.ForEach(AllowedCallingAETitle ?? [], NodeArgument.CheckAETitle);
        return new DicomServerOptions
        {
            AETitle = AETitle,
            Address = Address,
            Port = Port,
            CheckCalledAETitle = RequireCalledAETitle,
            AllowedCallingAETitles = AllowedCallingAETitle,
            MaximumAssociations = MaximumAssociations,
            MaximumPduLength = MaximumPduLength,
            IdleTimeout = IdleTimeout,
            Faults = Fault,
            Wire = Trace(),
            Tls = ListenerTls(),
        };
    }
}
