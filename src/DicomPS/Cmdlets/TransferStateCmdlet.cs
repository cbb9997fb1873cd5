using System.Management.Automation;

namespace DicomPS.Cmdlets;

/// <summary>The base of the cmdlets that suspend, resume and stop transfers.</summary>
public abstract class TransferStateCmdlet : TransferCmdlet
{
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(10);

    /// <summary>The names of the transfers; wildcards choose several.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public override string[]? Name { get; set; }

    /// <summary>Writes the transfers.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>What they are then.</summary>
    private protected abstract string State { get; }

    /// <summary>What ShouldProcess asks about.</summary>
    private protected abstract string Action { get; }

    /// <summary>Whether what waits is given up.</summary>
    private protected virtual bool Cancels => false;

    private protected override void Process()
    {
        var file = File;
        foreach (var name in Names())
        {
            if (!ShouldProcess($"{name} in {Store}", Action))
                continue;
            Wait(token => file.SetStateAsync(name, State, Cancels, token));
            if (State == "Stopped")
            {
                // All workers look every 2 s.
                Wait(async token =>
                {
                    var end = DateTime.UtcNow + StopTime;
                    while (DateTime.UtcNow < end && await file.IsRunningAsync(name, token).ConfigureAwait(false))
                        await Task.Delay(250, token).ConfigureAwait(false);
                    return true;
                });
                var now = Wait(token => file.StatusAsync(name, token));
                if (now.Running > 0)
                {
                    WriteWarning($"{name}: {now.Running} studies still run after {StopTime.TotalSeconds:0} s. A worker that gives no "
                        + "sign of life any more loses them within a minute.");
                }
            }

            if (PassThru)
                WriteObject(Wait(token => file.StatusAsync(name, token)));
        }
    }
}
