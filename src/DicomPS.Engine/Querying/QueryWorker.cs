using DicomPS.Associations;
using DicomPS.Jobs;
using DicomPS.Scu;

namespace DicomPS.Querying;

/// <summary>One of a job's workers: asks pieces over an association of its own.</summary>
internal sealed class QueryWorker(QueryState state) : IWorker<QueryPiece>
{
    // A peer that breaks association after association is not asked for ever.
    private const int MostBreaks = 2;
    private readonly PeerLine<QueryScu> _line = new(state.Options.Reach, state.Policy);
    private QueryAgreement? _agreement;
    private int _breaks;

    public Func<QueryPiece, bool>? Prefers => null;

    public int Window => 1;

    public bool IsConnected => _line.Scu is { };

    public Task LeaveAsync() => _line.ReleaseAsync(problem => state.Trace($"The association could not be released: {problem.Message}"));

    public async Task WorkAsync(QueryPiece piece, CancellationToken cancellationToken)
    {
        QueryExchange? exchange = null;
        try
        {
            if (!IsConnected && !await ConnectAsync(piece, cancellationToken).ConfigureAwait(false))
                return;
            exchange = new QueryExchange(state, _line.Scu!, _agreement!);
            await exchange.RunAsync(piece, cancellationToken).ConfigureAwait(false);
            _breaks = 0;
        }
        catch (AnswerSpoolException problem)
        {
            state.LeaveIncomplete(piece, problem);
            throw;
        }
        catch (DicomException problem)
        {
            if (await IsAskedAgainAsync(piece, problem, exchange!.CanRepeat, cancellationToken).ConfigureAwait(false))
                return;
            state.Fail(piece, problem);
            if (problem is DicomNetworkException && ++_breaks >= MostBreaks)
                state.GiveUp();
        }
        finally
        {
            await _line.DropBrokenAsync().ConfigureAwait(false);
            if (cancellationToken.IsCancellationRequested)
                state.LeaveIncomplete(piece);
            state.Done(piece);
        }
    }

    private async Task<bool> IsAskedAgainAsync(
        QueryPiece piece, DicomException problem, bool canRepeat, CancellationToken cancellationToken)
    {
        // A peer that is slow would only have the same work twice.
        var isBroken = canRepeat && problem is DicomNetworkException { IsTransient: true } and not DicomTimeoutException;
        var step = state.Policy.After(isBroken ? TryOutcome.Broken : TryOutcome.Final, piece.Breaks + 1, PeerStanding.Served);
        if (step.Verdict != RetryVerdict.Again)
            return false;
        await _line.DropAsync().ConfigureAwait(false);
        var what = piece.Window.IsUnlimited ? "the query" : $"the query for {piece.Window}";
        state.Tell($"The association broke, and {what} is asked again. {problem.Message}");
        await Task.Delay(step.Wait, cancellationToken).ConfigureAwait(false);
        state.PutBack([piece with { Breaks = piece.Breaks + 1 }]);
        return true;
    }

    // False when the piece is not to be asked over this line. The first call shows that the peer can be reached; the others may be too
    // many for it, and then there are fewer.
    private async Task<bool> ConnectAsync(QueryPiece piece, CancellationToken cancellationToken)
    {
        if (!state.IsFirstCall())
            await state.Called.Task.ConfigureAwait(false);
        try
        {
            var options = QueryNegotiation.Propose(state.Options.Association, state.Request);
            var lost = await _line.OpenAsync(
                token => QueryScu.ConnectAsync(options, state.Options.CancelGrace, token), cancellationToken, LeaveToOthersAsync)
                .ConfigureAwait(false);
            if (lost is { })
                state.Lose(piece, lost);
            else if (IsConnected)
                await AgreeAsync(piece).ConfigureAwait(false);
            return IsConnected;
        }
        finally
        {
            state.Called.TrySetResult(true);
        }

        async Task<bool> LeaveToOthersAsync(DicomException problem)
        {
            if (state.Options.Associations > 1)
                state.Tell($"A further association could not be opened; the query goes on over fewer. {problem.Message}", problem.Advice);
            await Task.Delay(state.Policy.Room.Wait, cancellationToken).ConfigureAwait(false);
            state.PutBack([piece]);
            return false;
        }
    }

    private async Task AgreeAsync(QueryPiece piece)
    {
        try
        {
            _agreement = QueryNegotiation.Conclude(_line.Scu!, state.Request, state.Tell);
            if (_agreement.WireLevel != state.Request.Level)
                state.DropDuplicates();
        }
        catch (DicomNetworkException problem)
        {
            await LeaveAsync().ConfigureAwait(false);
            await state.Options.Reach.IsLostAsync(problem).ConfigureAwait(false);
            state.Lose(piece, problem);
        }
    }
}
