using DicomPS.Data;
using DicomPS.Jobs;
using DicomPS.Text;

namespace DicomPS.Querying;

/// <summary>What the workers of one job share: the pieces, what was learnt of the peer, what has been given and told.</summary>
internal sealed class QueryState(QueryRequest request, QueryJobOptions options, AnswerSpool values, DateTime today)
{
    // What came of each target; null when nobody is told.
    private readonly QueryRows? _rows = request.TellsTargets ? new() : null;
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private HashSet<string>? _seen;
    private long _answers;
    private long _duplicates;
    private int _queries;
    private int _callers;
    private int _isLost;

    public QueryRequest Request { get; } = request;

    public QueryJobOptions Options { get; } = options;

    public DateTime Today { get; } = today;

    public WorkQueue<QueryPiece> Pieces { get; } = new(int.MaxValue - 1, takesBack: true);

    public RetryPolicy Policy { get; } = options.Policy;

    /// <summary>Completes when the first worker has called the peer, whatever came of it.</summary>
    public TaskCompletionSource<bool> Called { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What the answers say about the keys.</summary>
    public AnswerCheck Check { get; } = new(request, today);

    /// <summary>
    /// The node's own character set: for its undeclared answers, and for queries that it can hold. Null when none is known.
    /// </summary>
    public SpecificCharacterSet? CharacterSet { get; } = CharacterSetOf(options);

    /// <summary>Whether the peer refused, or passed over, a list of UIDs.</summary>
    public volatile bool RefusesLists;

    /// <summary>Whether a list of UIDs had answers for several.</summary>
    public volatile bool KnowsLists;

    /// <summary>Whether the peer refused a query and only the required keys are asked for since.</summary>
    public volatile bool OnlyRequired;

    /// <summary>Whether an answer lay outside the time of day that was asked for.</summary>
    public volatile bool IgnoresTime;

    /// <summary>Whether a window without limit was cut, so that what has no date was not looked for everywhere.</summary>
    public volatile bool CutTheDateless;

    /// <summary>Whether a day was cut into hours, so that what has no time was not looked for everywhere.</summary>
    public volatile bool CutTheTimeless;

    /// <summary>Whether a window was cut by modality.</summary>
    public volatile bool CutByModality;

    /// <summary>Whether the peer said that it does not support all of the optional keys.</summary>
    public volatile bool SaysUnsupported;

    /// <summary>Whether something is known to be missing.</summary>
    public volatile bool IsIncomplete;

    /// <summary>The latest response of the peer; null before the first.</summary>
    public volatile Dimse.CommandSet? LastResponse;

    public long Answers => Interlocked.Read(ref _answers);

    /// <summary>Whether nobody has called the peer before.</summary>
    public bool IsFirstCall() => Interlocked.Increment(ref _callers) == 1;

    public int NextQuery() => Interlocked.Increment(ref _queries);

    /// <summary>From now on what was given once is dropped when it comes again.</summary>
    public void DropDuplicates() => _seen ??= new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Whether an answer that comes again would be known for what it is.</summary>
    public bool Knows(QueryResult result) =>
        (_seen is not null || Request.Windows is not null) && QueryResults.IdentityOf(result) is not null;

    /// <summary>The node's own character set, or null.</summary>
    public static SpecificCharacterSet? CharacterSetOf(QueryJobOptions options) => options.Node?.CharacterSet is { Length: > 0 } terms
        ? SpecificCharacterSet.Parse(terms.Split('\\'), out _)
        : null;

    /// <summary>Gives an answer unless it was given before. Nothing is waited for.</summary>
    public void Give(QueryResult result, DicomDataset asked, int part, (int Row, int Query) of, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_seen is { } seen && QueryResults.IdentityOf(result) is { } identity)
        {
            bool isNew;
            lock (seen)
                isNew = seen.Add(_rows is null ? identity : $"{of.Row}\n{identity}");
            if (!isNew)
            {
                Interlocked.Increment(ref _duplicates);
                return;
            }
        }

        Interlocked.Increment(ref _answers);
        values.Add(new QueryFound(result) { Target = of.Row, Query = of.Query }, asked, part);
    }

    public void Tell(string message, string? advice = null) => Tell(new QueryNotice(message, advice));

    /// <summary>Says something, once.</summary>
    public void Tell(QueryNotice notice)
    {
        lock (_told)
        {
            if (!_told.Add(notice.Message))
                return;
        }

        values.Add(notice);
    }

    /// <summary>The peer said FF01: not all of the optional keys are looked at.</summary>
    public void TellUnsupported(DicomDataset asked)
    {
        if (!SaysUnsupported)
            Tell(AnswerCheck.Unsupported(asked, Request));
        SaysUnsupported = true;
    }

    public void Fail(DicomException problem, bool isUnreachable = false)
    {
        IsIncomplete = true;
        values.Add(new QueryFailed(problem) { IsUnreachable = isUnreachable });
    }

    /// <summary>Puts pieces before the others, in their order.</summary>
    public void PutBack(IReadOnlyList<QueryPiece> pieces)
    {
        _rows?.Open(pieces);
        foreach (var piece in pieces)
        {
            for (var suspect = piece.Suspect; suspect is not null; suspect = suspect.Piece.Suspect)
                suspect.Open();
        }

        Pieces.PutBack(pieces);
    }

    /// <summary>Puts the parts of a piece before the others; two may have the same answer.</summary>
    public void Replace(IReadOnlyList<QueryPiece> pieces)
    {
        DropDuplicates();
        PutBack(pieces);
    }

    /// <summary>
    /// Says that a piece is done, after what became of it was put back, and its target when it was the last of it. Where nobody was
    /// reached, none ends.
    /// </summary>
    public void Done(QueryPiece piece)
    {
        for (var suspect = piece.Suspect; suspect is not null; suspect = suspect.Piece.Suspect)
        {
            if (suspect.Done())
                Judge(suspect);
        }

        if (_rows?.Done(piece.Row) is { } ended && !(_isLost == 1 && _queries == 0))
            values.Add(ended);
    }

    /// <summary>An answer for a window looks cut short: its parts are asked, and tell.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="answer">What it was answered, by <see cref="CutSuspicion.IdOf"/>.</param>
    /// <param name="isCertain">Whether the peer says so itself.</param>
    /// <param name="why">Why it looks so.</param>
    /// <returns>Whether there are parts.</returns>
    public bool Doubt(QueryPiece piece, IReadOnlyCollection<ulong> answer, bool isCertain, string why)
    {
        // Below a part that has all of the whole the same would be asked again and again.
        if (!isCertain && piece.Suspect is { Stage: not CutStage.Time } of && of.IsUndividedBy(answer))
            return true;
        if (TakeApart(new CutSuspicion(piece, answer, isCertain, why), CutStage.Time))
            return true;
        LeaveIncomplete(piece, why: $"The answer may be cut short: {why}.", isRound: !isCertain);
        return false;
    }

    /// <summary>Remembers that something is missing in what a piece brought.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="problem">Why, where that is a failure.</param>
    /// <param name="why">Why, in words.</param>
    /// <param name="isRound">Whether it only may be missing, because of the number of answers.</param>
    public void LeaveIncomplete(QueryPiece piece, DicomException? problem = null, string? why = null, bool isRound = false)
    {
        IsIncomplete = true;
        _rows?.Fail(piece.Row, problem, why, isRound);
    }

    /// <summary>A piece failed.</summary>
    public void Fail(QueryPiece piece, DicomException problem)
    {
        LeaveIncomplete(piece, problem);
        Fail(problem);
    }

    /// <summary>The peer cannot be reached, or takes no queries: said once, and what waits is not asked.</summary>
    public void Lose(QueryPiece piece, DicomException problem)
    {
        LeaveIncomplete(piece, problem);
        if (Interlocked.Exchange(ref _isLost, 1) == 0)
            Fail(problem, isUnreachable: _queries == 0);
        GiveUp();
    }

    /// <summary>Asks no more of what waits.</summary>
    public void GiveUp()
    {
        var dropped = 0;
        for (; Pieces.TryDequeue(out var piece); dropped++)
            Pieces.Done(piece);
        if (dropped > 0 && _queries > 0)
            Tell($"{dropped} more queries were not sent, because the peer cannot be reached any more.");
    }

    public QuerySummary Summarize()
    {
        var text = $"{Count(Answers, "answer", "answers")} from {Count(_queries, "query", "queries")}";
        if (_duplicates > 0)
            text += $", {Count(_duplicates, "duplicate", "duplicates")} dropped";
        text += IsIncomplete ? "; the answer is not complete" : "; the answer is complete";
        if (!IsIncomplete && CutTheDateless)
            text += ", but for what has no date and can be found by no window of time";
        if (!IsIncomplete && CutTheTimeless)
            text += ", but for what has no time on a day that was asked for by hours";
        if (!IsIncomplete && CutByModality)
            text += ", but for modalities that the standard does not know";
        if (Check.NotMatching > 0)
            text += $"; {Count(Check.NotMatching, "answer does", "answers do")} not fit what was asked for";
        if (Check.NotReturned is { Count: > 0 } missing)
            text += $"; no answer has {string.Join(", ", missing)}";
        if (SaysUnsupported)
            text += "; the peer does not support all of the optional keys (FF01)";
        return new QuerySummary(Answers, _duplicates, _queries, !IsIncomplete, text + ".")
        {
            NotMatching = Check.NotMatching,
            Unjudged = Check.Unjudged,
            NotReturned = Check.NotReturned,
        };
    }

    /// <summary>A number with its noun.</summary>
    public static string Count(long number, string one, string many) => number == 1 ? $"1 {one}" : $"{number} {many}";

    public void Trace(string text) => Options.Trace?.Invoke(text);

    private void Judge(CutSuspicion suspect)
    {
        if (suspect.WhyUnproven(out var isRound) is not { } why)
            return;
        // What is known to be cut is not asked for in yet another way.
        if ((suspect.Stage != CutStage.Time && !isRound) || !TakeApart(suspect, suspect.Stage + 1))
            LeaveIncomplete(suspect.Piece, why: why, isRound: isRound);
    }

    private bool TakeApart(CutSuspicion suspect, CutStage stage)
    {
        var parts = QueryPlan.Apart(suspect.Piece, Request, Today, !IgnoresTime, ref stage);
        if (parts.Count == 0)
            return false;
        Trace($"The answer looks cut short ({suspect.Why}); it is asked in {parts.Count} parts.");
        suspect.Restart(stage);
        Replace([.. parts.Select(part => part with { Suspect = suspect })]);
        return true;
    }

    public QueryDialect Dialect(QueryAgreement agreement, bool onlyRequired) =>
        new(agreement.Model, agreement.WireLevel, agreement.IsRelational, onlyRequired, CharacterSet)
        {
            TimeZone = agreement.HasTimeZone ? Request.TimeZone : null,
            View = agreement.HasView ? Request.View : null,
            IsRepository = agreement.IsRepository,
        };
}
