using System.Management.Automation;
using System.Net;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Serving;

namespace DicomPS.Commands;

/// <summary>Looks at nodes as a stranger would, and says what is open. Nothing is stored, asked for or moved.</summary>
[Cmdlet(VerbsDiagnostic.Test, "DicomSecurity", DefaultParameterSetName = ByNode)]
[OutputType(typeof(SecurityResult))]
public sealed class TestDicomSecurityCommand : RemoteCmdlet
{
    /// <summary>
    /// The nodes: AETITLE@host:port, registered names, hashtables, nodes or servers of this process; all that are registered without it.
    /// </summary>
    [Parameter(Position = 0, ParameterSetName = ByNode, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [NodeTransform]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    [ValidateNotNullOrEmpty]
    public DicomNode[]? Node { get; set; }

    private protected override void Process()
    {
        var nodes = ParameterSetName == ByHost ? [NodeFromHost()] : Node ?? new NodeStore().Read();
        foreach (var node in nodes)
        {
            if (StopToken.IsCancellationRequested)
                return;
            Test(WithOverrides(node));
        }
    }

    private static RunningServer? OwnServer(DicomNode node) => node.HostName is "localhost"
        || (IPAddress.TryParse(node.HostName, out var address) && IPAddress.IsLoopback(address))
        ? RunningServer.All.FirstOrDefault(server => server.Port == node.Port && server.GetState() == ServerState.Running) : null;

    private void Test(DicomNode node)
    {
        var options = OptionsFor(node);
        var own = OwnServer(node);
        // The certificate of our own server is known here.
        if (own?.Thumbprint is { } thumbprint && !NamesTrusted && !SkipCertificateCheck && options.Tls is { } tls)
            options = options with { Tls = tls with { Validation = TlsValidation.Pinned, PinnedThumbprints = [thumbprint] } };
        var progress = Meter($"Looking at {node}");
        try
        {
            WriteObject(Wait(token => SecurityScu.TestAsync(node, options, own?.MovesTo?.Invoke(), DateTime.Now, token),
                () => progress.Update($"{progress.Elapsed.TotalSeconds:0} s", null, null)));
        }
        finally
        {
            progress.Complete();
        }
    }
}
