using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Compatibility;
using DicomPS.Scp;
using DicomPS.Transfers;

namespace DicomPS.Cmdlets;

/// <summary>The base of the cmdlets that work on transfers here: where they are called, and where what they fetch lies.</summary>
public abstract class TransferWorkCmdlet : TransferCallCmdlet
{
    /// <summary>
    /// The port of this machine on which nodes call: with what they move here and with reports of storage commitment. Goes before those
    /// that are registered with the nodes.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int LocalPort { get; set; }

    /// <summary>Speaks TLS on that port, with the certificate of this side.</summary>
    [Parameter]
    public SwitchParameter LocalTls { get; set; }

    /// <summary>Who may call that port, as on the servers; the rule Node is the nodes of the store, by their addresses.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [AllowTransform]
    [ArgumentCompleter(typeof(AllowCompleter))]
    public AccessRule[]? Allow { get; set; }

    /// <summary>The AE title under which this worker calls nodes and is called; that of each node without it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(AETitleCompleter))]
    [Alias("LocalAETitle")]
    public string? CallingAETitle { get; set; }

    /// <summary>Where fetched instances lie until they are sent or compared; the folder of temporary files without it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SpoolPath { get; set; }

    /// <summary>How many bytes may lie there before more is fetched.</summary>
    [Parameter]
    [ValidateRange(1L, long.MaxValue)]
    public long SpoolLimit { get; set; } = 10_000_000_000;

    /// <summary>The longest time without a sign of life before a move counts as lost.</summary>
    [Parameter]
    [SecondsTransform]
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the report of a storage commitment may take.</summary>
    [Parameter]
    [SecondsTransform]
    public TimeSpan CommitmentTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How this worker works, by the parameters.</summary>
    private protected TransferRunOptions RunOptions(TransferFile file)
    {
        if (CallingAETitle is { } title)
            NodeArgument.CheckAETitle(title);
        var call = Caller();
        return new TransferRunOptions
        {
            Lanes = Associations,
            Call = CallingAETitle is null ? call : node => call(node) with { CallingAETitle = CallingAETitle },
            LocalPort = LocalPort == 0 ? null : LocalPort,
            Listen = Listener(file),
            SpoolFolder = SpoolPath is null ? null : SessionState.Path.GetUnresolvedProviderPathFromPSPath(SpoolPath),
            SpoolLimit = SpoolLimit,
            Silence = ResponseTimeout == Timeout.InfiniteTimeSpan ? TimeSpan.FromDays(1) : ResponseTimeout,
            CommitmentTimeout = CommitmentTimeout,
            Note = Note,
            Warn = NoteWarning,
        };
    }

    private DicomServerOptions Listener(TransferFile file)
    {
        var tls = LocalTls ? CallbackTls() : null;
        if (Allow is not { } allow)
            return new DicomServerOptions { Tls = tls, Wire = Trace() };
        if (CallbackRules.Mistake(allow, tls is not null) is { } mistake)
            Terminate(mistake, mistake.Target);
        var hosts = Wait(_ => file.NodesAsync(LeaveToken)).SelectMany(node => node.Node.GetSenders().Prepend(node.Node.HostName))
            .Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        return new DicomServerOptions
        {
            Tls = allow.Any(rule => rule.Thumbprints.Count > 0) && !tls!.RequireClientCertificate
                ? tls with { AsksForClientCertificate = true, Validation = TlsValidation.AcceptAny } : tls,
            Wire = Trace(),
            Allow = Wait(token => CallbackRules.ResolveAsync(allow, hosts, token)),
        };
    }
}
