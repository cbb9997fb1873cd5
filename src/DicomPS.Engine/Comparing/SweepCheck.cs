using DicomPS.Querying;

namespace DicomPS.Comparing;

/// <summary>
/// Holds the answer to a query for all studies of a side against what its windows of time had: whoever leaves out some of those has cut
/// it, whatever its status and its number say, and may have left out what has no date.
/// </summary>
internal sealed class SweepCheck
{
    // Sixteen bytes each, and some for the table. Beyond, nothing is held against it, and a round number stays one.
    private const int Most = 2_000_000;
    private readonly HashSet<ulong> _dated = [];
    private readonly HashSet<ulong> _met = [];
    private readonly HashSet<ulong> _others = [];
    private bool _isTooMany;

    /// <summary>How many studies the windows had that an earlier run compared, of which no more is known.</summary>
    public long Before { get; set; }

    /// <summary>Whether the answer has all that the windows had, and nothing with a date beside.</summary>
    public bool HasAll => !_isTooMany && Lacking == 0 && _others.Count == Before && _dated.Count + Before > 0;

    private long Lacking => Math.Max(_dated.Count - _met.Count, _dated.Count + Before - _met.Count - _others.Count);

    /// <summary>A window of time has a study.</summary>
    /// <param name="uid">The study.</param>
    public void Know(string uid)
    {
        if (_dated.Count < Most)
            _dated.Add(CutSuspicion.IdOf(uid));
        else
            _isTooMany = true;
    }

    /// <summary>The answer for all has a study.</summary>
    /// <param name="uid">The study.</param>
    /// <param name="isDated">Whether it says a date; some peers say none, in no answer.</param>
    public void Meet(string uid, bool isDated)
    {
        var id = CutSuspicion.IdOf(uid);
        if (_dated.Contains(id))
            _met.Add(id);
        else if (!isDated)
            return;
        else if (_others.Count < Most)
            _others.Add(id);
        else
            _isTooMany = true;
    }

    /// <summary>All is asked for anew.</summary>
    public void Restart()
    {
        _met.Clear();
        _others.Clear();
    }

    /// <summary>Why the answer is known to be cut; null when it is not.</summary>
    public string? WhyCut() => Lacking <= 0 || _isTooMany ? null
        : $"Asked for all studies it left out {Lacking} that it has by day, so that it may leave out some without a date too.";
}
