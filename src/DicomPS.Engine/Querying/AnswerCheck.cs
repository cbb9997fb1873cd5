using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;

namespace DicomPS.Querying;

/// <summary>
/// What the answers of a job say about its keys. A peer may pass over keys that it does not know, and says so rarely (PS3.4 C.4.1.1.3.1,
/// FF01 of table C.4-1): then the answers hold more than was asked for, and only they can tell.
/// </summary>
internal sealed class AnswerCheck(QueryRequest request, DateTime today)
{
    /// <summary>What to do about answers that do not fit, where somebody can choose among them.</summary>
    public const string Advice = "The property Matches says of each answer whether it fits; -Strict gives only those that do.";
    private readonly Dictionary<DicomTag, Seen> _seen = [];
    private readonly Dictionary<int, List<PieceJudge>> _others = [];
    private bool _hasContradiction;

    /// <summary>How many answers contradict what was asked for.</summary>
    public long NotMatching { get; private set; }

    /// <summary>Of how many it cannot be said.</summary>
    public long Unjudged { get; private set; }

    /// <summary>Says of an answer whether it fits, and what there is to say about that, once.</summary>
    /// <param name="judge">The keys of its piece.</param>
    /// <param name="piece">The piece.</param>
    /// <param name="dialect">How they were asked.</param>
    /// <param name="combinesDateTime">Whether date and time match as one.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="step">The step of a worklist item, or null.</param>
    public (bool? Matches, QueryNotice? Notice) Judge(
        PieceJudge judge, QueryPiece piece, QueryDialect dialect, bool combinesDateTime, DicomDataset answer, DicomDataset? step)
    {
        var verdict = judge.Judge(answer, step);
        lock (_seen)
        {
            Note(judge, dialect);
            // Of several rows, UIDs or modalities it is enough to be any one's: what the peer gives twice is shown once.
            if (verdict == false && request.Windows is null
                && FitsAnother(piece.Row, dialect, combinesDateTime, answer, step) is var other and not false)
                verdict = other;
            if (verdict is null)
                Unjudged++;
            if (verdict != false)
                return (verdict, null);
            NotMatching++;
            if (_hasContradiction)
                return (false, null);
            _hasContradiction = true;
            return (false, Contradiction(judge, answer, step));
        }
    }

    /// <summary>The keywords that have a value in the query and in no answer.</summary>
    public IReadOnlyList<string> NotReturned
    {
        get
        {
            lock (_seen)
                return [.. _seen.Where(key => !key.Value.IsReturned && !key.Value.IsAbove)
                    .Select(key => DicomDictionary.KeywordOf(key.Key))];
        }
    }

    /// <summary>That the peer returned some keys in no answer; null when it returned all of them.</summary>
    public QueryNotice? Ignored()
    {
        if (NotReturned is not { Count: > 0 } keywords)
            return null;
        var names = string.Join(", ", keywords);
        return new(
            $"The peer returned no {names}: it may not match by {(keywords.Count == 1 ? "it" : "them")}, and the answers may hold more "
            + "than was asked for.", Advice)
        {
            Subject = $"ignored {names}",
        };
    }

    /// <summary>That the peer itself says so, with the keys that it can mean: what was asked for by value and is optional.</summary>
    /// <param name="asked">What was sent.</param>
    /// <param name="request">The request.</param>
    public static QueryNotice Unsupported(DicomDataset asked, QueryRequest request)
    {
        var optional = asked.Where(element => asked.GetText(element.Tag) is { Length: > 0 } && !IsSurelyKnown(element.Tag, request))
            .Select(element => DicomDictionary.KeywordOf(element.Tag)).ToList();
        var names = string.Join(", ", optional);
        return new("The peer says that it does not support some of the optional keys (FF01)"
            + (optional.Count == 0 ? ": what was asked for by value is not among them, but columns that it does not know stay empty."
                : $": it may not match by {names}, and the answers may hold more than was asked for."), Advice)
        {
            Subject = $"unsupported {names}",
        };
    }

    // Keys of type U and R (PS3.4 C.6.1, C.6.2, K.6.1.2.2), and what is no key.
    private static bool IsSurelyKnown(DicomTag tag, QueryRequest request) =>
        tag == Tags.SpecificCharacterSet || tag == Tags.QueryRetrieveLevel
        || tag == Tags.PatientID || tag == Tags.StudyInstanceUID || tag == Tags.SeriesInstanceUID
        || tag == Tags.TimezoneOffsetFromUTC || QueryKeys.Required(request).Contains(tag);

    private void Note(PieceJudge judge, QueryDialect dialect)
    {
        for (var i = 0; i < judge.Keys.Count; i++)
        {
            var tag = judge.Keys[i].Tag;
            if (!_seen.TryGetValue(tag, out var seen))
                _seen[tag] = seen = new Seen { IsAbove = IsAbove(tag, dialect) };
            seen.IsReturned |= judge.Findings[i] != KeyFinding.Absent;
        }
    }

    // By the unique keys above the level every peer has to match (PS3.4 C.4.1.2.1); not all repeat them.
    private static bool IsAbove(DicomTag tag, QueryDialect dialect) => dialect.WireLevel switch
    {
        QueryLevel.Study => tag == Tags.PatientID && dialect.Model != InformationModel.StudyRoot,
        QueryLevel.Series => tag == Tags.PatientID || tag == Tags.StudyInstanceUID,
        QueryLevel.Image => tag == Tags.PatientID || tag == Tags.StudyInstanceUID || tag == Tags.SeriesInstanceUID,
        _ => false,
    };

    // Where it is told of each target, what is another one's is not its own.
    private bool? FitsAnother(int row, QueryDialect dialect, bool combinesDateTime, DicomDataset answer, DicomDataset? step)
    {
        if (!_others.TryGetValue(row, out var others))
        {
            var all = request with
            {
                After = null,
                Before = null,
                Split = QuerySplit.None,
                Targets = row < 0 ? request.Targets : [request.Targets[row]]
            };
            _others[row] =
                others = [.. QueryPlan.Pieces(all, today).Select(piece => new PieceJudge(request, piece, dialect, combinesDateTime))];
        }

        bool? best = false;
        foreach (var other in others)
        {
            switch (other.Judge(answer, step))
            {
                case true:
                    return true;
                case null:
                    best = null;
                    break;
            }
        }

        return best;
    }

    private static QueryNotice Contradiction(PieceJudge judge, DicomDataset answer, DicomDataset? step)
    {
        var at = Array.IndexOf(judge.Findings, KeyFinding.Contradicts);
        var key = judge.Keys[at];
        var name = DicomDictionary.KeywordOf(key.Tag);
        var given = step?.GetText(key.Tag) ?? answer.GetText(key.Tag);
        // What is about a patient does not go into a warning.
        var what = key.Tag.Group == 0x0010 || key.Vr == Vr.SQ || given is null ? $"another {name} than was asked for"
            : $"{name} {Short(given)}, although {Short(key.Value)} was asked for";
        return new($"The peer gave an answer with {what}: it may not match by this key, and the answers may hold more than was asked for.",
            Advice)
        {
            Subject = "contradiction",
        };
    }

    private static string Short(string text) => text.Length <= 64 ? text : text.Substring(0, 64) + "...";

    /// <summary>What is known of one key.</summary>
    private sealed class Seen
    {
        public bool IsReturned { get; set; }

        public bool IsAbove { get; init; }
    }
}
