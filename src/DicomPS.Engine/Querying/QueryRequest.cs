using DicomPS.Data;
using DicomPS.Matching;

namespace DicomPS.Querying;

/// <summary>How a query is cut into windows of time.</summary>
public enum QuerySplit
{
    /// <summary>Not at all.</summary>
    None,
    /// <summary>A query for each day.</summary>
    Day,
    /// <summary>A query for each week, counted from the first day.</summary>
    Week,
    /// <summary>A query for each month.</summary>
    Month,
    /// <summary>One query; whatever looks cut short is halved, down to an hour, then cut by modality.</summary>
    Auto,
}

/// <summary>A query.</summary>
public sealed record QueryRequest
{
    /// <summary>What is asked for.</summary>
    public QueryLevel Level { get; init; } = QueryLevel.Study;

    /// <summary>The information model to use where the peer accepts it; the worklist has its own.</summary>
    public InformationModel Model { get; init; } = InformationModel.StudyRoot;

    /// <summary>
    /// The model of another service; what is asked for is <see cref="QueryLevel.Object"/> then. Null, the default, for none.
    /// </summary>
    public ObjectModel? Object { get; init; }

    /// <summary>The keys to match, with the values as a query has them; sequences hold one item (PS3.4 C.2.2.2).</summary>
    public DicomDataset Keys { get; init; } = [];

    /// <summary>
    /// Further keys, one dataset for each query: what differs when the same is asked of several patients, studies or
    /// series. UIDs may be several; they go out as a list where that is lawful, otherwise one by one. Empty for one query.
    /// </summary>
    public IReadOnlyList<DicomDataset> Targets { get; init; } = [];

    /// <summary>
    /// Whether it is told of each target what came of it: a <see cref="QueryFound"/> says which target it is for, what fits two targets
    /// comes for both, and a <see cref="QueryTargetEnded"/> says whether that was all.
    /// </summary>
    public bool TellsTargets { get; init; }

    /// <summary>Of an index only what was retrieved whole, or with false only the rest; null for all. Nobody else is asked that.</summary>
    internal bool? IsRetrieved { get; init; }

    /// <summary>Attributes to return beside those that the result type has.</summary>
    public IReadOnlyList<DicomTag> ReturnKeys { get; init; } = [];

    /// <summary>The first moment of the study, series, content or scheduled step, by its level; null for no limit.</summary>
    public DateTime? After { get; init; }

    /// <summary>The first moment that is too late; null for no limit.</summary>
    public DateTime? Before { get; init; }

    /// <summary>How the time between is cut.</summary>
    public QuerySplit Split { get; init; }

    /// <summary>
    /// Windows of time to ask about one by one, in place of <see cref="After"/> and <see cref="Before"/>: each is told of as a target is,
    /// by its place here, and what comes twice is given twice. One without ends is never cut by time, so that what has no date is in it.
    /// Null, the default, for one range.
    /// </summary>
    internal IReadOnlyList<QueryWindow>? Windows { get; init; }

    /// <summary>Whether keys of all levels are used at once (PS3.4 C.4.1.2.2.2).</summary>
    public bool Relational { get; init; }

    /// <summary>Whether names match also when they are spelt or ordered differently (PS3.4 C.2.2.2.1.2).</summary>
    public bool FuzzyNames { get; init; }

    /// <summary>Whether date and time are matched as one (PS3.4 C.2.2.2.5.4).</summary>
    public bool DateTimeMatching { get; init; }

    /// <summary>
    /// The offset from UTC, such as +0100, that the times of the query have and those of the answers shall have (PS3.4 C.5.1.1.5); null
    /// not to negotiate any.
    /// </summary>
    public string? TimeZone { get; init; }

    /// <summary>
    /// Query/Retrieve View (0008,0053): CLASSIC or ENHANCED, as which images are told where the peer can convert them (PS3.4 C.3.5); null
    /// not to negotiate any.
    /// </summary>
    public string? View { get; init; }

    /// <summary>
    /// Whether Repository Query (PS3.4 C.6.4) is used where the peer has it: an answer that it cuts goes on where it was cut.
    /// </summary>
    public bool UsesRepository { get; init; }
}
