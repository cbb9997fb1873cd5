using System.Management.Automation;
using DicomPS.Compatibility;
using DicomPS.Pipeline;
using DicomPS.Transfers;

namespace DicomPS.Commands;

/// <summary>
/// Works on transfers here, until all is done or Ctrl+C: moves what waits and verifies what was moved. Any number of workers, on several
/// machines with PostgreSQL, may share a store.
/// </summary>
[Cmdlet(VerbsLifecycle.Start, "DicomTransferWorker", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(TransferWorkerResult))]
public sealed class StartDicomTransferWorkerCommand : TransferWorkCmdlet
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(15);
    private Task<bool>? _running;
    private CancellationTokenSource? _leaving;

    /// <summary>
    /// Goes on when all is done, for what is added later, and waits for a store that cannot be reached yet; as a service does.
    /// </summary>
    [Parameter]
    public SwitchParameter KeepRunning { get; set; }

    // A service may start before its database. Who typed the name of a host wants to hear at once that there is none.
    private protected override bool AwaitsStore => KeepRunning && !IsWhatIf;

    private protected override CancellationToken LeaveToken => _leaving?.Token ?? StopToken;

    private protected override void Process()
    {
        // SIGTERM, as a service has it, is a stop in order, also while the store is waited for.
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(StopToken);
        using var signals = new EndSignals(leaving.Cancel);
        _leaving = leaving;
        try
        {
            Run(leaving.Token);
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested && !StopToken.IsCancellationRequested)
        {
            // It had not begun: there is nothing to tell.
        }
    }

    private void Run(CancellationToken leave)
    {
        var file = File;
        // Transfers that are made later count as well where none is named.
        var names = Name is null ? null : Names(file);
        var which = names is null ? "all transfers" : string.Join(", ", names);
        if (names is { Count: 0 } || !ShouldProcess($"{which} of {Store}", "Work on"))
            return;
        Work(file, names, leave);
    }

    private void Work(TransferFile file, IReadOnlyList<string>? names, CancellationToken leave)
    {
        var run = file.NewRun(RunOptions(file) with { Names = names, GoesOn = KeepRunning });
        var meter = Meter($"Working on {(names is null ? Store : string.Join(", ", names))}");
        var running = _running = Task.Run(() => run.RunAsync(leave));
        Task<(long Ended, long All, long Left)>? looking = null;
        (long Ended, long All, long Left)? seen = null;
        var next = TimeSpan.Zero;
        var isTold = false;
        while (Task.WaitAny([running], Tick) < 0)
        {
            WriteNotes();
            if (looking is null && meter.Elapsed >= next)
                looking = run.ProgressAsync(leave);
            if (looking is { IsCompleted: true })
            {
                // A store that is away is told by the worker.
                seen = looking.Status == TaskStatus.RanToCompletion ? looking.Result : seen;
                _ = looking.Exception;
                (looking, next) = (null, meter.Elapsed + LookEvery);
            }

            Show(meter, run, seen);
            // Once: who starts it by day may have forgotten that the node opens at night.
            if (!isTold && run.Waits() is { } why)
                WriteWarning($"{why}; what needs it waits.");
            isTold |= run.HasLooked;
            StopToken.ThrowIfCancellationRequested();
        }

        WriteNotes();
        running.GetAwaiter().GetResult();
        meter.Complete();
        _running = null;
        if (!run.HasBegun)
            return;
        var result = Wait(run.ResultAsync);
        WriteObject(result);
        foreach (var paused in result.Left > 0 ? run.Paused() : [])
            WriteWarning(paused);
        if (!result.IsComplete && result is { Left: 0, Failed: 0, Differs: 0, Done: 0, Skipped: 0 })
            WriteWarning($"{result.Name} has no studies, or none that it may still move: Add-DicomTransferItem adds them, and "
                + "Get-DicomTransfer says how it stands.");
        if (result.Failed + result.Differs > 0)
        {
            WriteWarning($"{result.Failed} studies failed and {result.Differs} differ: Get-DicomTransferItem -State Failed, Differs says "
                + "which and why.");
        }
    }

    private static void Show(ProgressMeter meter, TransferRun run, (long Ended, long All, long Left)? seen)
    {
        if (!meter.IsDue)
            return;
        var own = run.Moved;
        meter.Update($"{(seen is var (ended, all, _) ? $"{ended} of {all} at their end; " : "")}{own} moved here, "
            + $"{run.Count("Done")} done, {run.Count("Skipped")} skipped, {run.Count("Failed")} failed, {run.Count("Differs")} differ, "
            + (run.Waits() is { } why ? why : $"{own / Math.Max(1, meter.Elapsed.TotalSeconds):0.0} moved/s"),
            seen is { All: > 0 } known ? known.Ended / (double)known.All : null, null);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // Ctrl+C: what runs is cancelled and waits again; the store hears of the end.
        if (_running is { } running)
        {
            _running = null;
            try
            {
                _leaving?.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The step ended meanwhile.
            }

            Task.WaitAny([running], LeaveTime);
            _ = running.Exception;
        }

        base.Dispose(disposing);
    }
}
