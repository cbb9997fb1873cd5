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
    private bool _isTooMany;
    private bool _hasStrangers;

    /// <summary>Whether the answer has all that the windows had, and nothing with a date beside.</summary>
    public bool HasAll => !_isTooMany && !_hasStrangers && _dated.Count > 0 && _met.Count == _dated.Count;

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
        else
            _hasStrangers |= isDated;
    }

    /// <summary>All is asked for anew.</summary>
    public void Restart()
    {
        _met.Clear();
        _hasStrangers = false;
    }

    /// <summary>Why the answer is known to be cut; null when it is not.</summary>
    public string? WhyCut()
    {
        // What is beyond the limit here is a stranger, not a proof.
        var lacking = _dated.Count - _met.Count;
        return lacking == 0 ? null : $"Asked for all studies it left out {lacking} that it has by day, "
            + "so that it may leave out some without a date too.";
    }
}
