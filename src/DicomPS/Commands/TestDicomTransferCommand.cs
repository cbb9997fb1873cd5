using System.Management.Automation;
using DicomPS.Pipeline;
using DicomPS.Transfers;

namespace DicomPS.Commands;

/// <summary>
/// Verifies now what was moved and was to be verified later, and says whether a transfer is at its end and each of its studies was
/// found the same on both sides when it was verified. What was verified before is not asked for again.
/// </summary>
[Cmdlet(VerbsDiagnostic.Test, "DicomTransfer")]
[OutputType(typeof(TransferTest))]
public sealed class TestDicomTransferCommand : TransferWorkCmdlet
{
    /// <summary>Calls no node: says what the tables have.</summary>
    [Parameter]
    public SwitchParameter NoVerify { get; set; }

    /// <summary>
    /// Gives the PowerShell that runs it an exit code: 0 when all is well, 1 when something failed, differs or is not there to be tested,
    /// 2 when it is not at its end.
    /// </summary>
    [Parameter]
    public SwitchParameter ExitCode { get; set; }

    /// <summary>Writes the object and no error.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    // What failed goes before what is not at its end, whose code is the larger one.
    private const int Bad = 3;

    private int _exit, _meant, _tested;

    private protected override void Process()
    {
        var file = File;
        var names = Names(file);
        _meant += names.Count;
        foreach (var name in names)
        {
            if (!NoVerify)
                Verify(file, name);
            var test = Wait(token => file.TestAsync(name, token));
            _tested++;
            _exit = Math.Max(_exit, test.GetExitCode() == 1 ? Bad : test.GetExitCode());
            WriteObject(test);
            if (!test.Success && !Quiet)
            {
                WriteFailure(new ModuleException(ErrorIds.TransferIncomplete, ErrorCategory.InvalidResult,
                    $"{name}: {test.Done + test.Skipped} of {test.Studies} studies are done; {test.Differs} differ, "
                    + $"{test.Failed} failed, {test.Cancelled} were given up, {test.Left} are not at their end.", test.Advice, name), name);
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // Also where an error ended it, which a script may pass over.
        if (ExitCode)
            Host.SetShouldExit(_exit == Bad || IsNameMissing || _tested == 0 || _tested < _meant ? 1 : _exit);
        base.Dispose(disposing);
    }

    private void Verify(TransferFile file, string name)
    {
        var run = file.NewRun(RunOptions(file) with { Names = [name], OnlyVerifies = true });
        var meter = Meter($"Verifying {name}");
        Wait(run.RunAsync, () => meter.Count(run.Count("Done") + run.Count("Skipped") + run.Count("Differs"), null, "studies"));
        meter.Complete();
    }
}
