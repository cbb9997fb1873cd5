using System.Management.Automation;
using DicomPS.Nodes;
using DicomPS.Scripts;

namespace DicomPS.Commands;

/// <summary>Stops SCPs with script blocks: what is in flight is finished, then the port is closed.</summary>
[Cmdlet(VerbsLifecycle.Stop, "DicomScp", DefaultParameterSetName = ByObject, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(ScriptServer))]
public sealed class StopDicomScpCommand : ScriptServerCmdlet
{
    private const string ByAll = "All";
    private readonly HashSet<ScriptServer> chosen = [];

    /// <summary>Every SCP with script blocks of this process.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByAll)]
    public SwitchParameter All { get; set; }

    /// <summary>How long requests in flight may take: seconds or a TimeSpan. Then they are aborted.</summary>
    [Parameter]
    [SecondsTransform(KeepZero = true)]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Aborts what is in flight.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the stopped servers, with their final counts.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Process()
    {
        foreach (ScriptServer server in Selected())
        {
            if (ShouldProcess($"{server.AETitle} on port {server.Port}", Force ? "Abort and stop" : "Stop"))
                chosen.Add(server);
        }
    }

    // All of them at once: the waits for what is in flight run side by side.
    private protected override void End()
    {
        if (chosen.Count == 0)
            return;
        TimeSpan grace = Force ? TimeSpan.Zero : Timeout;
        var progress = new ProgressMeter(this, 1, "Stopping SCPs");
        Wait(async token =>
        {
            Task stopping = Task.WhenAll(chosen.Select(server => server.StopAsync(grace)));
            Task first = await Task.WhenAny(stopping, Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, token)).ConfigureAwait(false);
            await first.ConfigureAwait(false);
            return true;
        }, () => progress.Update($"{chosen.Sum(server => server.ActiveAssociations)} association(s) still open", null, null));
        progress.Complete();
        if (PassThru)
            WriteObject(chosen.OrderBy(server => server.Id), enumerateCollection: true);
    }
}
