using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace DicomPS.Querying;

/// <summary>
/// Asks a peer and gives its answers as they come (PS3.4 C.4.1, K.4). The peer is read at its own speed, whenever the answers are
/// taken; memory is bounded, because those that wait go to a file (<see cref="AnswerSpool"/>). Who leaves early, by the token or by
/// leaving the loop, ends the query with C-CANCEL.
/// </summary>
public sealed class QueryJob
{
    private readonly QueryJobOptions _options;
    private readonly QueryRequest _request;
    private QueryState? _state;

    /// <summary>Makes a job; nothing is sent yet.</summary>
    /// <param name="options">Whom to ask.</param>
    /// <param name="request">What to ask.</param>
    /// <exception cref="ArgumentException">Something in the request does not go together, or a number is out of its range.</exception>
    public QueryJob(QueryJobOptions options, QueryRequest request)
    {
        if (options.Associations is < 1 or > 16)
            throw new ArgumentOutOfRangeException(nameof(options), options.Associations,
                "Between 1 and 16 associations can work side by side.");
        if (options.RetryCount < 0)
            throw new ArgumentOutOfRangeException(nameof(options), options.RetryCount, "The number of retries must not be negative.");
        QueryPlan.Check(request);
        _options = options;
        _request = request;
    }

    /// <summary>How many answers were given so far.</summary>
    public long Answers => _state?.Answers ?? 0;

    /// <summary>
    /// Asks, and gives a <see cref="QueryFound"/> for each answer, what else there is to know, and a <see cref="QuerySummary"/> at the
    /// end.
    /// </summary>
    /// <param name="cancellationToken">Stops: C-CANCEL, a bounded wait, then release or abort.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async IAsyncEnumerable<QueryValue> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var values = new AnswerSpool(_request.Level, _options.Node, QueryState.CharacterSetOf(_options), _options.SpoolLimit);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var state = new QueryState(_request, _options, values, DateTime.Today);
        _state = state;
        var token = stop.Token;
        var run = Task.Run(() => RunAsync(state, values, token), CancellationToken.None);
        try
        {
            while (await values.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                while (values.TryRead(out var value))
                    yield return value;
            }
        }
        finally
        {
            if (!run.IsCompleted)
                stop.Cancel();
            await run.ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private static async Task RunAsync(QueryState state, AnswerSpool values, CancellationToken cancellationToken)
    {
        Exception? problem = null;
        try
        {
            AddPieces(state);
            try
            {
                await AskAsync(state, cancellationToken).ConfigureAwait(false);
            }
            catch (AnswerSpoolException full)
            {
                // What was kept is given, and then why that is not all.
                await state.FailAsync(full, cancellationToken).ConfigureAwait(false);
            }

            if (state.Check.Ignored() is { } ignored)
                await state.TellAsync(ignored, cancellationToken).ConfigureAwait(false);
            values.Add(state.Summarize());
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // That is what was asked for; who asked is told by the token.
        }
        catch (Exception fault)
        {
            problem = fault;
        }

        values.Complete(problem);
    }

    private static void AddPieces(QueryState state)
    {
        var pieces = QueryPlan.Pieces(state.Request, state.Today).ToList();
        if (pieces.Count > 1 || state.Request.Split == QuerySplit.Auto || state.Request.TellsTargets)
            state.DropDuplicates();
        state.AddLast(pieces);
    }

    private static async Task AskAsync(QueryState state, CancellationToken cancellationToken)
    {
        var first = new QueryWorker(state);
        try
        {
            await first.ConnectAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DicomException problem)
        {
            await first.LeaveAsync().ConfigureAwait(false);
            await state.FailAsync(problem, cancellationToken, isUnreachable: true).ConfigureAwait(false);
            return;
        }
        catch (OperationCanceledException)
        {
            await first.LeaveAsync().ConfigureAwait(false);
            throw;
        }

        // The first shows that the peer can be reached; the others may be too many for it, and then there are fewer.
        using var together = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Exception? fault = null;
        async Task WorkAsync(QueryWorker worker, bool isFirst)
        {
            try
            {
                await Task.Run(() => worker.RunAsync(isFirst, together.Token), CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception problem)
            {
                Interlocked.CompareExchange(ref fault, problem, null);
                together.Cancel();
            }
        }

        var workers = new List<Task> { WorkAsync(first, isFirst: true) };
        for (var i = 1; i < state.Options.Associations; i++)
            workers.Add(WorkAsync(new QueryWorker(state), isFirst: false));
        await Task.WhenAll(workers).ConfigureAwait(false);
        if (fault is not null)
            ExceptionDispatchInfo.Capture(fault).Throw();
    }
}
