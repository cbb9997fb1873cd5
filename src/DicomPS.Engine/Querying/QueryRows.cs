namespace DicomPS.Querying;

/// <summary>
/// What came of each target of a request: it has ended when none of its pieces is left, however often they were cut or asked again.
/// </summary>
internal sealed class QueryRows
{
    private readonly Dictionary<int, Row> _rows = [];

    /// <summary>Counts pieces that are to be asked.</summary>
    public void Open(IEnumerable<QueryPiece> pieces)
    {
        lock (_rows)
        {
            foreach (var piece in pieces)
                Of(piece.Row).Open++;
        }
    }

    /// <summary>Remembers that not all of a target was answered, and why.</summary>
    /// <param name="row">The target.</param>
    /// <param name="problem">Why, where that is a failure.</param>
    /// <param name="why">Why, in words.</param>
    /// <param name="isRound">Whether it is but the number of answers that speaks for it.</param>
    public void Fail(int row, DicomException? problem, string? why = null, bool isRound = false)
    {
        lock (_rows)
        {
            var failed = Of(row);
            failed.IsIncomplete = true;
            failed.IsMore |= !isRound;
            failed.Problem ??= problem;
            failed.Why ??= why;
        }
    }

    /// <summary>
    /// Counts a piece that is done, after what becomes of it was counted: the end of its target, or null while there is more.
    /// </summary>
    public QueryTargetEnded? Done(int row)
    {
        lock (_rows)
        {
            var done = Of(row);
            return --done.Open > 0 ? null : new QueryTargetEnded(row, !done.IsIncomplete)
            {
                Problem = done.Problem,
                Why = done.Why,
                IsOnlyRound = done.IsIncomplete && !done.IsMore,
            };
        }
    }

    private Row Of(int row)
    {
        if (!_rows.TryGetValue(row, out var known))
            _rows[row] = known = new Row();
        return known;
    }

    private sealed class Row
    {
        public int Open { get; set; }

        public bool IsIncomplete { get; set; }

        public bool IsMore { get; set; }

        public DicomException? Problem { get; set; }

        public string? Why { get; set; }
    }
}
