using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Servers;
using DicomPS.Serving;

namespace DicomPS.Cmdlets;

/// <summary>The base of the cmdlets that stop servers: what is in flight is finished, then the port is closed.</summary>
/// <typeparam name="T">The kind.</typeparam>
public abstract class StopServerCmdlet<T> : ServerCmdlet<T>
    where T : RunningServer
{
    private protected const string ByAll = "All";
    private readonly HashSet<T> _chosen = [];

    /// <summary>Every server of this kind in this process.</summary>
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
        foreach (var server in Selected())
        {
            if (ShouldProcess($"{server}", Force ? "Abort and stop" : "Stop"))
                _chosen.Add(server);
        }
    }

    // All of them at once: the waits for what is in flight run side by side.
    private protected override void End()
    {
        if (_chosen.Count == 0)
            return;
        var grace = Force ? TimeSpan.Zero : Timeout;
        var progress = Meter($"Stopping: {ServerKind.Of<T>().Word}");
        Wait(async token =>
        {
            var stopping = Task.WhenAll(_chosen.Select(server => server.StopAsync(grace)));
            var first = await Task.WhenAny(stopping, Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, token)).ConfigureAwait(false);
            await first.ConfigureAwait(false);
            return true;
        }, () => progress.Update($"{_chosen.Sum(server => server.ActiveAssociations)} association(s) still open", null, null));
        progress.Complete();
        if (PassThru)
            WriteObject(_chosen.OrderBy(server => server.Id), enumerateCollection: true);
    }
}
