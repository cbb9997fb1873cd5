using DicomPS.Associations;
using DicomPS.Jobs;
using DicomPS.Scu;

namespace DicomPS.Querying;

/// <summary>One of a job's workers: takes pieces and asks them over an association of its own.</summary>
internal sealed class QueryWorker(QueryState state)
{
    // A peer that breaks association after association is not asked for ever.
    private const int MostBreaks = 2;
    private QueryScu? _scu;
    private QueryAgreement? _agreement;

    /// <summary>Opens the association. Until it has, there is nothing to be cancelled but the connection.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DicomNetworkException">The peer cannot be reached, or takes no queries.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        var options = QueryNegotiation.Propose(state.Options.Association, state.Request);
        _scu = await QueryScu.ConnectAsync(options, state.Options.CancelGrace, cancellationToken).ConfigureAwait(false);
        var notices = new List<QueryNotice>();
        _agreement = QueryNegotiation.Conclude(_scu, state.Request, notices.Add);
        foreach (var notice in notices)
            await state.TellAsync(notice, cancellationToken).ConfigureAwait(false);
        if (_agreement.WireLevel != state.Request.Level)
            state.DropDuplicates();
    }

    /// <summary>Asks pieces until none is left, then releases the association; cancelled, it ends the query with C-CANCEL first.</summary>
    /// <param name="isFirst">Whether the job hangs on this worker; another leaves its piece to the others when it cannot connect.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task RunAsync(bool isFirst, CancellationToken cancellationToken)
    {
        var breaks = 0;
        try
        {
            while (await state.Pieces.TakeAsync(cancellationToken).ConfigureAwait(false) is { } piece)
            {
                QueryExchange? exchange = null;
                try
                {
                    if (_scu is null)
                        await ConnectAsync(cancellationToken).ConfigureAwait(false);
                    exchange = new QueryExchange(state, _scu!, _agreement!);
                    await exchange.RunAsync(piece, cancellationToken).ConfigureAwait(false);
                    breaks = 0;
                }
                // A peer that is slow would only have the same work twice.
                catch (DicomNetworkException problem) when ((isFirst || exchange is { })
                    && problem is { IsTransient: true } and not DicomTimeoutException
                    && piece.Breaks < state.Options.RetryCount && exchange?.CanRepeat is not false)
                {
                    await DropAsync().ConfigureAwait(false);
                    await AskAgainAsync(piece, problem, cancellationToken).ConfigureAwait(false);
                }
                catch (AnswerSpoolException problem)
                {
                    state.LeaveIncomplete(piece, problem);
                    throw;
                }
                catch (DicomException problem)
                {
                    if (!isFirst && _scu is null)
                    {
                        state.AddFirst([piece]);
                        await state.TellAsync($"A further association could not be opened; the query goes on over fewer. {problem.Message}",
                            problem.Advice, cancellationToken).ConfigureAwait(false);
                        return;
                    }

                    state.LeaveIncomplete(piece, problem);
                    await state.FailAsync(problem, cancellationToken).ConfigureAwait(false);
                    if (problem is DicomNetworkException && (_scu is null || ++breaks >= MostBreaks))
                    {
                        await GiveUpAsync(cancellationToken).ConfigureAwait(false);
                        return;
                    }
                }
                finally
                {
                    if (_scu is { Association.State: not AssociationState.Established })
                        await DropAsync().ConfigureAwait(false);
                    state.Done(piece);
                }
            }
        }
        finally
        {
            await LeaveAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Releases the association if it is open, and gives up when that takes too long.</summary>
    public async Task LeaveAsync()
    {
        if (_scu is null)
            return;
        try
        {
            // What is left of a cancelled query has been taken off the wire; the release timeout bounds the rest.
            if (_scu.Association.State == AssociationState.Established)
                await _scu.ReleaseAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (DicomNetworkException problem)
        {
            state.Trace($"The association could not be released: {problem.Message}");
        }

        await DropAsync().ConfigureAwait(false);
    }

    private async Task AskAgainAsync(QueryPiece piece, DicomException problem, CancellationToken cancellationToken)
    {
        var what = piece.Window.IsUnlimited ? "the query" : $"the query for {piece.Window}";
        await state.TellAsync($"The association broke, and {what} is asked again. {problem.Message}", null, cancellationToken)
            .ConfigureAwait(false);
        await Task.Delay(NodeReach.Delay(state.Options.RetryDelay, piece.Breaks + 1), cancellationToken).ConfigureAwait(false);
        state.AddFirst([piece with { Breaks = piece.Breaks + 1 }]);
    }

    private async ValueTask GiveUpAsync(CancellationToken cancellationToken)
    {
        if (state.Pieces.Drop() is var dropped and > 0)
            await state.TellAsync($"{dropped} more queries were not sent, because the peer cannot be reached any more.", null,
                cancellationToken).ConfigureAwait(false);
    }

    private async Task DropAsync()
    {
        if (_scu is { } scu)
            await scu.DisposeAsync().ConfigureAwait(false);
        _scu = null;
    }
}
