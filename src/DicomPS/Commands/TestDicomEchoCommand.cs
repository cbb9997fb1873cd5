using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Associations;
using DicomPS.Scu;

namespace DicomPS.Commands;

/// <summary>Asks peers whether they answer, and finds the layer that fails when they do not.</summary>
[Cmdlet(VerbsDiagnostic.Test, "DicomEcho", DefaultParameterSetName = ByNode)]
[OutputType(typeof(EchoResult))]
[OutputType(typeof(bool))]
public sealed class TestDicomEchoCommand : RemoteCmdlet
{
    /// <summary>The peers: AETITLE@host:port, a registered name, a hashtable, or a node.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByNode, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [NodeTransform]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    [ValidateNotNullOrEmpty]
    public DicomNode[] Node { get; set; } = [];

    /// <summary>How many echoes to send over the one association.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    public int Count { get; set; } = 1;

    /// <summary>Answers only true or false, and writes no error.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override void Process()
    {
        var nodes = ParameterSetName == ByHost ? [NodeFromHost()] : Node;
        foreach (var node in nodes)
        {
            if (StopToken.IsCancellationRequested)
                return;
            Test(WithOverrides(node));
        }
    }

    private void Test(DicomNode node)
    {
        var options = OptionsFor(node);
        var progress = Meter($"Echo to {node}");
        EchoResult result;
        try
        {
            result = Wait(token => EchoScu.DiagnoseAsync(node, options, Count, token),
                () => progress.Update($"{progress.Elapsed.TotalSeconds:0} s", null, null));
        }
        finally
        {
            progress.Complete();
        }

        if (result.ReleaseFailure is { } release)
            WriteVerbose($"{node} answered, but the association was not released in order: {release}");
        if (Quiet)
        {
            WriteObject(result.Success);
            return;
        }

        WriteObject(result);
        if (!result.Success)
            WriteError(ErrorRecords.From(result));
    }
}
