using System.Diagnostics;
using System.Management.Automation;
using DicomPS.Transfers.Planning;
using DicomPS.Transfers.Store;
using DicomPS.Transfers.Working;

namespace DicomPS.Transfers;

/// <summary>Moves samples of a transfer with more and more associations, and takes the time.</summary>
internal sealed class TransferMeasuring(TransferStore store, TransferRow transfer, TransferRunOptions options, string address)
{
    private readonly DateTime _started = DateTime.Now;
    private volatile int _associations;
    private long _moved;

    /// <summary>How many associations are at work, and how many studies they have moved.</summary>
    public (int Associations, long Moved) Progress => (_associations, Interlocked.Read(ref _moved));

    /// <summary>Measures.</summary>
    /// <param name="studies">How many studies with each number of associations.</param>
    /// <param name="time">How long studies are begun with each.</param>
    /// <param name="token">Stops it; what runs waits again.</param>
    public async Task<TransferMeasure> RunAsync(long studies, TimeSpan time, CancellationToken token)
    {
        var counts = await store.CountsAsync(transfer.Id, token).ConfigureAwait(false);
        Check(counts);
        var most = (int)Math.Min(options.Lanes, Math.Min(transfer.Source.Throttle, transfer.Destination.Throttle));
        var steps = new List<MeasuredStep>();
        for (var lanes = 1; lanes <= most; lanes = lanes == most ? most + 1 : Math.Min(lanes * 2, most))
        {
            if (!await store.IsAnyReadyAsync(transfer.Id, token).ConfigureAwait(false))
                break;
            steps.Add(await StepAsync(lanes, studies, time, token).ConfigureAwait(false));
            token.ThrowIfCancellationRequested();
        }

        counts = await store.CountsAsync(transfer.Id, token).ConfigureAwait(false);
        var now = (await store.RateAsync(transfer.Id, token).ConfigureAwait(false)).Now;
        if (steps.All(step => step.Moved == 0))
        {
            throw Nothing($"Not one study of {transfer.Name} was moved: {steps.Sum(step => step.Failed)} tries failed, and what else "
                + "was looked at was there already.",
                "Get-DicomTransferItem says what failed; mend that first, and Reset-DicomTransferItem has those moved again that failed.");
        }

        return Result(steps, counts.Waiting + counts.Running, now);
    }

    private void Check(TransferCounts counts)
    {
        if (transfer.State != "Active")
        {
            throw Nothing($"The transfer {transfer.Name} is {transfer.State}, so nothing of it is moved.",
                "Resume-DicomTransfer has it go on.");
        }

        if (counts.Waiting == 0)
        {
            throw Nothing($"No study of {transfer.Name} waits, so there is nothing to move.",
                "Add-DicomTransferItem adds studies; what waits for a later try has Due in Get-DicomTransferItem.");
        }

        foreach (var node in new[] { transfer.Source, transfer.Destination })
        {
            if (node.Windows is { } windows && NodeWindows.Parse(windows, node.TimeZone).Around(node.Now) is var (from, _)
                && from > node.Now)
            {
                throw Nothing($"{node.Node} opens {RowReading.Moment(from):yyyy-MM-dd HH:mm} ({windows}).",
                    "Measure within its hours, or widen them with Set-DicomTransferNode -Between.");
            }

            if (node.HeldSince is not null)
                throw Nothing($"{node.Node} is held: {node.HeldWhy}", "It is tried by Start-DicomTransferWorker; measure when it serves.");
        }
    }

    private async Task<MeasuredStep> StepAsync(int lanes, long studies, TimeSpan time, CancellationToken token)
    {
        _associations = lanes;
        var gate = new object();
        var step = new MeasuredStep { Associations = lanes };
        var worker = new TransferWorker(store, TransferRun.WorkerOptions(options with { Lanes = lanes, Names = [transfer.Name] }) with
        {
            Quota = new MoveQuota(studies, time, TimeProvider.System),
            Tick = TimeSpan.FromMilliseconds(200),
            Ended = note =>
            {
                options.Note?.Invoke($"{note.Transfer}: {note.StudyUid}: {note.Phase}: {note.State}. {note.Error}");
                lock (gate)
                    step = Counted(step, note);
            },
        });
        using var process = Process.GetCurrentProcess();
        var (clock, before) = (Stopwatch.StartNew(), process.TotalProcessorTime);
        await worker.RunAsync(token).ConfigureAwait(false);
        process.Refresh();
        var used = (process.TotalProcessorTime - before).TotalSeconds;
        lock (gate)
        {
            return step with
            {
                Elapsed = clock.Elapsed,
                Processor = Math.Min(1, used / Math.Max(0.001, clock.Elapsed.TotalSeconds * Environment.ProcessorCount)),
            };
        }
    }

    private MeasuredStep Counted(MeasuredStep step, WorkerNote note)
    {
        if (note.End is not { IsMoved: true, IsFound: false })
            return note.End.Kind is null or "Stopped" ? step : step with { Failed = step.Failed + 1 };
        Interlocked.Increment(ref _moved);
        return step with
        {
            Moved = step.Moved + 1,
            Busy = step.Busy + note.Elapsed,
            Times = step.Times.Plus(note.End.Times),
            Instances = note.End.Completed is { } instances ? (step.Instances ?? 0) + instances : step.Instances,
            Bytes = note.End.Bytes is { } bytes ? (step.Bytes ?? 0) + bytes : step.Bytes,
        };
    }

    private TransferMeasure Result(IReadOnlyList<MeasuredStep> steps, long left, long now)
    {
        var forecast = new TransferForecast(transfer, steps, left, now);
        var (openings, end) = forecast.Plan();
        var finished = DateTime.Now;
        return new TransferMeasure
        {
            Name = transfer.Name,
            Forecast = forecast.Sentence(),
            Associations = forecast.Best.Associations,
            StudiesPerHour = Math.Round(forecast.PerHour, 1),
            BytesPerSecond = PerSecond(forecast.Best, forecast.Best.Bytes),
            Nights = openings,
            Work = TimeSpan.FromSeconds(Math.Round(forecast.Work.TotalSeconds)),
            Eta = end is { } moment ? RowReading.Moment(moment) : null,
            Limit = forecast.Limit().Word,
            Moved = steps.Sum(step => step.Moved),
            Failed = steps.Sum(step => step.Failed),
            Left = left,
            Steps = [.. steps.Select(Shown)],
            Started = _started,
            Finished = finished,
            Duration = finished - _started,
            Store = address,
        };
    }

    private static TransferMeasureStep Shown(MeasuredStep step)
    {
        var all = step.Times.All;
        int Percent(TimeSpan time) => all > TimeSpan.Zero ? (int)Math.Round(100 * time.TotalSeconds / all.TotalSeconds) : 0;
        return new TransferMeasureStep
        {
            Associations = step.Associations,
            Moved = step.Moved,
            Failed = step.Failed,
            StudiesPerHour = step.PerSecond is { } rate ? Math.Round(rate * 3600, 1) : null,
            InstancesPerSecond = PerSecond(step, step.Instances),
            BytesPerSecond = PerSecond(step, step.Bytes),
            SourcePercent = Percent(step.Times.Source),
            DestinationPercent = Percent(step.Times.Destination),
            ProcessorPercent = (int)Math.Round(step.Processor * 100),
            Duration = step.Elapsed,
        };
    }

    private static double? PerSecond(MeasuredStep step, long? count) => count is { } all && step.Busy > TimeSpan.Zero
        ? Math.Round(all * step.Associations / step.Busy.TotalSeconds, 1) : null;

    private ModuleException Nothing(string message, string advice) =>
        new(ErrorIds.TransferNothingToMeasure, ErrorCategory.InvalidOperation, message, advice, transfer.Name);
}
