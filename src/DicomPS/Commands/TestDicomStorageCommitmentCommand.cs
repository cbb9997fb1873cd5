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

    private readonly List<StorageCommitment> _asked = [];
    private readonly List<StorageCommitment> _own = [];
    private bool _allCommitted = true;

    /// <summary>Answers only true or false, whether everything is committed; nothing at all is not.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override void Requested(StorageCommitment commitment)
    {
        _own.Add(commitment);
        _asked.Add(commitment);
    }

    private protected override bool TryAccept(StorageCommitment commitment)
    {
        _asked.Add(commitment);
        return true;
    }

    private protected override void Rejected() => _allCommitted = false;

    private protected override void End()
    {
        base.End();
        // A request of our own has its own limit; this one is for those that were made before.
        var time = Task.Delay(Timeout, StopToken);
        var progress = Meter("Storage commitment");
        for (var i = 0; i < _asked.Count; i++)
        {
            var commitment = _asked[i];
            Wait(async token =>
                {
                    var limit = _own.Contains(commitment) ? Task.Delay(System.Threading.Timeout.Infinite, token) : time;
                    return await Task.WhenAny(commitment.WhenCompleted(), limit).ConfigureAwait(false);
                },
                () => progress.Update($"Waiting for report {i + 1} of {_asked.Count}, {progress.Elapsed.TotalSeconds:0} s",
                    (double)i / _asked.Count, null));
            StopToken.ThrowIfCancellationRequested();
            Write(commitment);
        }

        progress.Complete();
        if (Quiet)
            WriteObject(_allCommitted && _asked.Count > 0);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        // After Ctrl+C nobody asks for these any more.
        Task.Run(() => Task.WhenAll(_own.Select(commitment => commitment.StopAsync()))).Wait(LeaveTime);
    }

    private void Write(StorageCommitment commitment)
    {
        var results = commitment.Results();
        var missing = results.FirstOrDefault(result => !result.Committed);
        _allCommitted &= missing is null;
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
            WriteFailure(new DicomTimeoutException("commitment", Timeout,
                $"the report of {commitment.Node} for {commitment.TransactionUID}")
            {
                Advice = "The request still waits for it: test it again later.",
            }, commitment.Node);
        }
        else
        {
            var count = results.Count(result => !result.Committed);
            WriteFailure(new ModuleException(ErrorIds.NotCommitted, ErrorCategory.InvalidResult,
                $"{commitment.Node} does not answer for {count} of {results.Count} instances, "
                + $"the first for this reason: {missing.FailureReason}",
                "Keep these files. Send them again, and ask again.", commitment.Node), commitment.Node);
        }
    }
}
