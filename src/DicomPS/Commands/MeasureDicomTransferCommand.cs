using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Pipeline;
using DicomPS.Transfers;

namespace DicomPS.Commands;

/// <summary>
/// Moves some studies of a transfer with 1, 2, 4 and more associations, and says how fast that was, how long the rest takes within the
/// hours of the nodes, and what the limit is.
/// </summary>
[Cmdlet(VerbsDiagnostic.Measure, "DicomTransfer", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(TransferMeasure))]
public sealed class MeasureDicomTransferCommand : TransferWorkCmdlet
{
    /// <summary>How many studies are moved with each number of associations.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    [Alias("Sample")]
    public int First { get; set; } = 20;

    /// <summary>How long studies are begun with each number of associations; what was begun goes on to its end.</summary>
    [Parameter]
    [SecondsTransform]
    public TimeSpan Duration { get; set; } = TimeSpan.FromMinutes(5);

    private protected override void Process()
    {
        var file = File;
        foreach (var name in Names(file))
        {
            if (!ShouldProcess($"{name} of {Store}", $"Move up to {First} studies with each number of associations"))
                continue;
            try
            {
                Measure(file, name);
            }
            catch (ModuleException problem) when (problem.ErrorId == ErrorIds.TransferNothingToMeasure)
            {
                WriteFailure(problem, name);
            }
        }
    }

    private void Measure(TransferFile file, string name)
    {
        var options = RunOptions(file);
        var measuring = Wait(token => file.NewMeasuringAsync(name, options, token));
        var time = Duration == Timeout.InfiniteTimeSpan ? TimeSpan.FromDays(365) : Duration;
        var meter = Meter($"Measuring {name}");
        WriteObject(Wait(token => file.MeasureAsync(measuring, First, time, token), () => Show(meter, measuring)));
        meter.Complete();
    }

    private static void Show(ProgressMeter meter, TransferMeasuring measuring)
    {
        var (associations, moved) = measuring.Progress;
        meter.Update($"{moved} studies moved; {associations} at a time now", null, null);
    }
}
