namespace DicomPS.Querying;

/// <summary>What a <see cref="QueryJob"/> yields.</summary>
public abstract record QueryValue;

/// <summary>A match.</summary>
/// <param name="Result">A <see cref="Patient"/>, <see cref="Study"/>, <see cref="Series"/>, <see cref="Instance"/> or
/// <see cref="WorklistItem"/>.</param>
public sealed record QueryFound(QueryResult Result) : QueryValue
{
    /// <summary>The place in <see cref="QueryRequest.Targets"/> of what it answers; -1 where that is not told.</summary>
    public int Target { get; init; } = -1;

    /// <summary>Which request of the job it answers, counted from 1: one request has no reason to give the same twice.</summary>
    internal int Query { get; init; }

    /// <summary>What an index knows of it; null when a peer answered.</summary>
    internal LocalAnswer? Local { get; init; }
}

/// <summary>Nothing more comes for one of the targets; told where <see cref="QueryRequest.TellsTargets"/> asks for it.</summary>
/// <param name="Target">Its place in <see cref="QueryRequest.Targets"/>.</param>
/// <param name="IsComplete">Whether all was asked, and answered in full: only then is what did not come not there.</param>
public sealed record QueryTargetEnded(int Target, bool IsComplete) : QueryValue
{
    /// <summary>Why not all was answered, where that is a failure.</summary>
    public DicomException? Problem { get; init; }

    /// <summary>Why not all was answered, in words, where that is no failure; null where it is one, or is not known.</summary>
    internal string? Why { get; init; }

    /// <summary>Whether nothing speaks against it but that the number of answers looks like a peer's limit.</summary>
    internal bool IsOnlyRound { get; init; }
}

/// <summary>Something to know about the answer. Each is told once.</summary>
/// <param name="Message">What it is.</param>
/// <param name="Advice">What to do about it, or null.</param>
public sealed record QueryNotice(string Message, string? Advice) : QueryValue
{
    /// <summary>
    /// What it is about, the same for notices that need no saying twice to one who asks a peer several times; null when each counts.
    /// </summary>
    public string? Subject { get; init; }
}

/// <summary>A query that failed; the others of the job went on, unless the peer could not be reached.</summary>
/// <param name="Problem">Why.</param>
public sealed record QueryFailed(DicomException Problem) : QueryValue
{
    /// <summary>Whether there was no association at all, so that nothing was asked.</summary>
    public bool IsUnreachable { get; init; }
}

/// <summary>The last value: how it went.</summary>
/// <param name="Answers">How many matches were given.</param>
/// <param name="Duplicates">How many more came again from another query and were dropped.</param>
/// <param name="Queries">How many C-FIND requests it took.</param>
/// <param name="IsComplete">Whether no query failed and none looks cut short.</param>
/// <param name="Text">The same in words.</param>
public sealed record QuerySummary(long Answers, long Duplicates, int Queries, bool IsComplete, string Text) : QueryValue
{
    /// <summary>How many answers contradict what was asked for.</summary>
    public long NotMatching { get; init; }

    /// <summary>Of how many it cannot be said whether they fit.</summary>
    public long Unjudged { get; init; }

    /// <summary>The keywords that were asked for with a value and that no answer has; empty when there was no answer.</summary>
    public IReadOnlyList<string> NotReturned { get; init; } = [];
}
