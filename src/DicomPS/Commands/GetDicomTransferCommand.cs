using System.Management.Automation;
using DicomPS.Pipeline;
using DicomPS.Transfers;

namespace DicomPS.Commands;

/// <summary>Tells how transfers stand: how many studies are in each state, how fast it goes, and when it is done.</summary>
[Cmdlet(VerbsCommon.Get, "DicomTransfer")]
[OutputType(typeof(Transfer))]
public sealed class GetDicomTransferCommand : TransferCmdlet
{
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(2);

    /// <summary>Shows it live, with each node and each worker, until nothing is left to do or Ctrl+C; then it is written.</summary>
    [Parameter]
    public SwitchParameter Watch { get; set; }

    private protected override void Process()
    {
        var file = File;
        foreach (var name in Names())
        {
            var now = Wait(token => file.StatusAsync(name, token));
            WriteObject(Watch ? WatchOne(file, now) : now);
        }
    }

    private Transfer WatchOne(TransferFile file, Transfer now)
    {
        var main = Meter($"{now.Name}: {now.Source} to {now.Destination}");
        var meters = new Dictionary<string, ProgressMeter>(StringComparer.Ordinal);
        while (now.Waiting + now.Running + now.Transferred > 0 && !StopToken.IsCancellationRequested)
        {
            var ended = now.Studies - now.Waiting - now.Running - now.Transferred;
            main.Update($"{ended} of {now.Studies} at their end, {now.Running} running, {now.Transferred} to verify, {now.Failed} failed, "
                + $"{now.Differs} differ" + (now.StudiesPerHour is { } rate ? $", {rate:0} studies/h" : "")
                + (now.State == "Active" ? "" : $" ({now.State})"),
                now.Studies == 0 ? null : ended / (double)now.Studies, now.Eta is { } eta ? eta - DateTime.Now : null, now.Held);
            foreach (var node in Wait(token => file.NodesAsync(token))
                .Where(node => node.Node.Address == now.Source.Address || node.Node.Address == now.Destination.Address))
            {
                Line($"{node.Node}", $"{node.Running} of {node.Throttle} under way"
                    + (node.Opens is { } opens ? $", opens {opens:ddd HH:mm}" : "")
                    + (node.HeldSince is { } since ? $", held since {since:HH:mm}: {node.Held}" : ""));
            }

            foreach (var (worker, text) in Wait(token => file.WorkersAsync(token)))
                Line(worker, text);
            Wait(async token =>
            {
                await Task.Delay(Refresh, token).ConfigureAwait(false);
                return true;
            });
            now = Wait(token => file.StatusAsync(now.Name, token));
        }

        return now;

        void Line(string name, string text)
        {
            if (!meters.TryGetValue(name, out var meter))
                meters[name] = meter = Meter(name, id: meters.Count + 2, parent: 1);
            meter.Update(text, null, null);
        }
    }
}
