using System.Management.Automation;
using DicomPS.Commitment;

namespace DicomPS.Commands;

/// <summary>Finds out which instances a peer answers for, and writes one result for each.</summary>
[Cmdlet(VerbsDiagnostic.Test, "DicomStorageCommitment", DefaultParameterSetName = ByNode)]
[OutputType(typeof(CommitmentResult))]
[OutputType(typeof(bool))]
public sealed class TestDicomStorageCommitmentCommand : CommitmentCmdlet
{
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(10);

    private readonly List<StorageCommitment> asked = [];
    private readonly List<StorageCommitment> own = [];
    private bool allCommitted = true;

    /// <summary>Answers only true or false, whether everything is committed; nothing at all is not.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override void Requested(StorageCommitment commitment)
    {
        own.Add(commitment);
        asked.Add(commitment);
    }

    private protected override bool TryTake(StorageCommitment commitment)
    {
        asked.Add(commitment);
        return true;
    }

    private protected override void Rejected() => allCommitted = false;

    private protected override void End()
    {
        base.End();
        // A request of our own has its own limit; this one is for those that were made before.
        Task time = Task.Delay(Timeout, StopToken);
        var progress = Meter("Storage commitment");
        for (int i = 0; i < asked.Count; i++)
        {
            StorageCommitment commitment = asked[i];
            Wait(async token =>
                {
                    Task limit = own.Contains(commitment) ? Task.Delay(System.Threading.Timeout.Infinite, token) : time;
                    return await Task.WhenAny(commitment.WhenCompleted(), limit).ConfigureAwait(false);
                },
                () => progress.Update($"Waiting for report {i + 1} of {asked.Count}, {progress.Elapsed.TotalSeconds:0} s", (double)i / asked.Count, null));
            StopToken.ThrowIfCancellationRequested();
            Write(commitment);
        }

        progress.Complete();
        if (Quiet)
            WriteObject(allCommitted && asked.Count > 0);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        // After Ctrl+C nobody asks for these any more.
        Task.Run(() => Task.WhenAll(own.Select(commitment => commitment.StopAsync()))).Wait(LeaveTime);
    }

    private void Write(StorageCommitment commitment)
    {
        IReadOnlyList<CommitmentResult> results = commitment.Results();
        CommitmentResult? missing = results.FirstOrDefault(result => !result.Committed);
        allCommitted &= missing is null;
        if (Quiet)
            return;
        WriteObject(results, enumerateCollection: true);
        if (missing is null)
            return;
        if (commitment.GetException() is { } problem)
        {
            WriteFailure(problem, commitment.Node);
        }
        else if (commitment.GetState() == CommitmentState.Pending)
        {
            WriteFailure(new DicomTimeoutException("commitment", Timeout, $"the report of {commitment.Node} for {commitment.TransactionUID}")
            {
                Advice = "The request still waits for it: test it again later.",
            }, commitment.Node);
        }
        else
        {
            int count = results.Count(result => !result.Committed);
            WriteFailure(new ModuleException(Errors.NotCommitted, ErrorCategory.InvalidResult,
                $"{commitment.Node} does not answer for {count} of {results.Count} instances, the first for this reason: {missing.FailureReason}",
                "Keep these files. Send them again, and ask again.", commitment.Node), commitment.Node);
        }
    }
}
