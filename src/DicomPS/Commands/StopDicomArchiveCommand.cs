using System.Management.Automation;
using DicomPS.Archives;
using DicomPS.Nodes;

namespace DicomPS.Commands;

/// <summary>Stops archives: what is in flight is finished, the port is closed, then the index.</summary>
[Cmdlet(VerbsLifecycle.Stop, "DicomArchive", DefaultParameterSetName = ByObject, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(ArchiveServer))]
public sealed class StopDicomArchiveCommand : DicomCmdlet
{
    private const string ByObject = "InputObject", ById = "Id", ByAll = "All";
    private readonly HashSet<ArchiveServer> chosen = [];

    /// <summary>Archives as Start-DicomArchive returned them.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByObject, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public ArchiveServer[] InputObject { get; set; } = [];

    /// <summary>Ids of archives that run in this process.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ById)]
    [ArgumentCompleter(typeof(ArchiveIdCompleter))]
    public int[] Id { get; set; } = [];

    /// <summary>Every archive of this process.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByAll)]
    public SwitchParameter All { get; set; }

    /// <summary>How long requests in flight may take: seconds or a TimeSpan. Then they are aborted.</summary>
    [Parameter]
    [SecondsTransform(KeepZero = true)]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Aborts what is in flight.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the stopped archives, with their final counts.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Process()
    {
        IReadOnlyList<ArchiveServer> meant = ParameterSetName switch
        {
            ByObject => InputObject,
            ById => ArchiveArgument.WithIds(this, Id),
            _ => ArchiveServer.Running,
        };
        foreach (ArchiveServer server in meant)
        {
            if (ShouldProcess($"{server.AETitle} on port {server.Port} ({server.Path})", Force ? "Abort and stop" : "Stop"))
                chosen.Add(server);
        }
    }

    // All of them at once: the waits for what is in flight run side by side.
    private protected override void End()
    {
        if (chosen.Count == 0)
            return;
        TimeSpan grace = Force ? TimeSpan.Zero : Timeout;
        var progress = new ProgressMeter(this, 1, "Stopping archives");
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
