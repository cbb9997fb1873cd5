using System.Runtime.CompilerServices;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Jobs;

namespace DicomPS.Querying;

/// <summary>
/// Asks a peer and gives its answers as they come (PS3.4 C.4.1, K.4). The peer is read at its own speed, whenever the answers are
/// taken; memory is bounded, because those that wait go to a file (<see cref="AnswerSpool"/>). Who leaves early, by the token or by
/// leaving the loop, ends the query with C-CANCEL.
/// </summary>
/// <remarks>
/// A job runs once, and one reader takes its answers; its properties are for any thread.
/// <example>
/// <code>
/// var job = new QueryJob(new QueryJobOptions { Association = AssociationOptions.For(node), Node = node }, new QueryRequest());
/// await foreach (var value in job.RunAsync(token))
/// {
///     if (value is QueryFound { Result: Study study })
///         Console.WriteLine(study.StudyInstanceUID);
/// }
/// </code>
/// </example>
/// </remarks>
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
        options.Check();
        QueryPlan.Check(request);
        _options = options;
        _request = request;
    }

    /// <summary>How many answers were given so far.</summary>
    public long Answers => _state?.Answers ?? 0;

    /// <summary>How far the query is, with the latest response of the peer; from any thread, at any time.</summary>
    public OperationProgress Progress
    {
        get
        {
            var last = _state?.LastResponse;
            return new OperationProgress
            {
                Operation = "C-FIND",
                Status = last?.Status is { } code ? DimseStatus.Describe(StatusTable.QrFind, code).ToString() : null,
                StatusCode = last?.Status,
                ErrorComment = last?.ErrorComment,
                Completed = Answers,
                Node = _options.Node,
            };
        }
    }

    /// <summary>Why the node, which has served before, cannot be reached now; it is called again. Null when nothing is wrong.</summary>
    public string? Trouble => _options.Reach.Trouble;

    /// <summary>
    /// Asks, and gives a <see cref="QueryFound"/> for each answer, what else there is to know, and a <see cref="QuerySummary"/> at the end.
    /// </summary>
    /// <param name="cancellationToken">Stops: C-CANCEL, a bounded wait, then release or abort.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async IAsyncEnumerable<QueryValue> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var values = new AnswerSpool(_request.Level, _request.Object, _options.Node, QueryState.CharacterSetOf(_options),
            _options.SpoolLimit, _options.MostInMemory);
        var state = new QueryState(_request, _options, values, DateTime.Today);
        _state = state;
        var pieces = QueryPlan.Pieces(_request, state.Today).ToList();
        if (_request.Windows is null && (pieces.Count > 1 || _request.Split == QuerySplit.Auto || _request.TellsTargets))
            state.DropDuplicates();
        state.PutBack(pieces);
        state.Pieces.Complete();
        var job = new Job<QueryPiece, QueryValue>(state.Pieces, values, _options.IdleRelease);
        await using (job.ConfigureAwait(false))
        {
            job.Start([.. Enumerable.Range(0, _options.Associations).Select(_ => new QueryWorker(state))], null, EndAsync);
            await foreach (var value in job.ResultsAsync(waits: false, cancellationToken).ConfigureAwait(false))
                yield return value;
        }

        cancellationToken.ThrowIfCancellationRequested();

        Task EndAsync(Exception? problem)
        {
            // What was kept is given, and then why that is not all.
            if (problem is AnswerSpoolException full)
                state.Fail(full);
            if (problem is AnswerSpoolException || (problem is null && !job.IsStopped))
            {
                if (state.Check.Ignored() is { } ignored)
                    state.Tell(ignored);
                values.Add(state.Summarize());
            }

            values.Complete(problem is AnswerSpoolException ? null : problem);
            return Task.CompletedTask;
        }
    }
}
