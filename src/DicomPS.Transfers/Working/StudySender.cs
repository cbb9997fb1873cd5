using DicomPS.Sending;
using DicomPS.Transfers.Store;

namespace DicomPS.Transfers.Working;

/// <summary>Sends what was fetched of a study to the destination by C-STORE, over one association.</summary>
internal sealed class StudySender(WorkerOptions options, TransferRow transfer)
{
    /// <summary>Sends files.</summary>
    /// <returns>The bytes that were sent, and the first failure; null when there was none.</returns>
    public async Task<(long Bytes, long Sent, long Failed, StoreResult? Failure)> SendAsync(IReadOnlyList<string> files,
        CancellationToken cancellationToken)
    {
        await using var job = new StoreJob(new StoreJobOptions
        {
            Association = options.Call(transfer.Destination.Node),
            Node = transfer.Destination.Node,
            RetryCount = 0,
        });
        var adding = AddAsync(job, files, cancellationToken);
        long bytes = 0, sent = 0, failed = 0;
        StoreResult? failure = null;
        await foreach (var result in job.ResultsAsync(cancellationToken).ConfigureAwait(false))
        {
            bytes += result.Success ? result.Bytes : 0;
            (sent, failed) = result.Success ? (sent + 1, failed) : (sent, failed + 1);
            failure ??= result.Success ? null : result;
        }

        await adding.ConfigureAwait(false);
        return (bytes, sent, failed, failure);
    }

    /// <summary>The kind of a file's failure.</summary>
    public static FailureKind KindOf(StoreResult failure, bool isAny) => failure switch
    {
        { StatusCode: { } status } when (status & 0xFF00) == 0xA700 =>
            new("OutOfResources", Blame.Destination, Again: true, LosesTry: true),
        { StatusCode: not null } => new("StoreFailed", Blame.Nobody, Again: true, LosesTry: true),
        _ when failure.GetException() is { } problem => FailureKinds.Of(problem, Blame.Destination) is var kind && !isAny
            && problem is DicomNetworkException and not AssociationAbortedException ? kind with { LosesTry = false } : kind,
        _ => new("StoreFailed", Blame.Nobody, Again: true, LosesTry: true),
    };

    private static async Task AddAsync(StoreJob job, IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var file in files)
                await job.AddAsync(file, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            job.CompleteAdding();
        }
    }
}
