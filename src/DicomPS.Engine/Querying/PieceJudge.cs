using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;

namespace DicomPS.Querying;

/// <summary>
/// Holds answers against what a piece asked: its keys as they went out, and the time of the whole request, because windows into which
/// that was cut are nobody's wish.
/// </summary>
internal sealed class PieceJudge
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(10);
    private readonly AnswerJudge _own;
    private readonly AnswerJudge? _step;
    private readonly JudgedMoment? _window;
    private readonly KeyFinding[] _ownFindings;
    private readonly KeyFinding[] _stepFindings;

    /// <summary>Understands a piece.</summary>
    /// <param name="request">The request.</param>
    /// <param name="piece">The piece.</param>
    /// <param name="dialect">How it was asked.</param>
    /// <param name="combinesDateTime">Whether date and time match as one.</param>
    public PieceJudge(QueryRequest request, QueryPiece piece, QueryDialect dialect, bool combinesDateTime)
    {
        var asked = QueryIdentifier.Build(request, piece with { Window = default, Modality = null, PatientEnd = null }, dialect);
        var options = new MatchOptions { FuzzyNames = request.FuzzyNames, CombinedDateTimes = combinesDateTime };
        if (request.Level == QueryLevel.Worklist)
        {
            if (asked.GetItems(Tags.ScheduledProcedureStepSequence) is [var step])
                _step = new AnswerJudge(step, options, request.TimeZone);
            asked.Remove(Tags.ScheduledProcedureStepSequence);
        }

        _own = new AnswerJudge(asked, options);
        var window = request.Windows?[piece.Row] ?? new QueryWindow(request.After, request.Before);
        if (QueryKeys.TimeOf(dialect.WireLevel) is { } time && !window.IsUnlimited)
            _window = new JudgedMoment(time.Date, time.Time, window.From, window.To - Tick, window.ToString(), request.TimeZone);

        Keys = [.. _own.Keys, .. _step?.Keys ?? [], .. _window is null ? Array.Empty<JudgedKey>() : [_window]];
        _ownFindings = new KeyFinding[_own.Keys.Count];
        _stepFindings = new KeyFinding[_step?.Keys.Count ?? 0];
        Findings = new KeyFinding[Keys.Count];
    }

    /// <summary>The keys that have a value, the range of time among them.</summary>
    public IReadOnlyList<JudgedKey> Keys { get; }

    /// <summary>What each of them found in the latest answer.</summary>
    public KeyFinding[] Findings { get; }

    /// <summary>Whether an answer fits. For one thread at a time.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="step">The step of a worklist item, or null.</param>
    public bool? Judge(DicomDataset answer, DicomDataset? step)
    {
        var verdict = _own.Judge(answer, _ownFindings);
        if (_step is not null)
            verdict = AnswerJudge.Both(verdict, _step.Judge(step ?? [], _stepFindings));
        _ownFindings.CopyTo(Findings, 0);
        _stepFindings.CopyTo(Findings, _ownFindings.Length);
        if (_window is null)
            return verdict;
        var found = _window.Find(_step is null ? answer : step ?? []);
        Findings[Findings.Length - 1] = found;
        return AnswerJudge.Both(verdict, found switch { KeyFinding.Matches => true, KeyFinding.Contradicts => false, _ => null });
    }
}
