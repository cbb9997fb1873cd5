using DicomPS.Data;

namespace DicomPS.Querying;

/// <summary>One C-FIND of a job, or what becomes several when its window spans midnights or its list is refused.</summary>
/// <param name="Target">The keys of its own, or null.</param>
/// <param name="Window">The time that it covers.</param>
/// <param name="TimeKey">A time of day that a key of the request was cut into, or null to leave the key as it is.</param>
/// <param name="Modality">The modality to narrow it to, or null.</param>
/// <param name="Breaks">How many associations broke over it.</param>
internal sealed record QueryPiece(DicomDataset? Target, QueryWindow Window, string? TimeKey, string? Modality, int Breaks = 0)
{
    /// <summary>Which of the request's targets it is of, or -1.</summary>
    public int Row { get; init; } = -1;
}

/// <summary>
/// The pieces that wait, and how many are under way; taken by several workers. A piece that is cut goes on with its halves first.
/// </summary>
internal sealed class QueryPieces : IDisposable
{
    private readonly LinkedList<QueryPiece> _waiting = new();
    private readonly SemaphoreSlim _available = new(0);
    private int _open;

    /// <summary>Puts pieces behind the others.</summary>
    public void AddLast(IEnumerable<QueryPiece> pieces)
    {
        lock (_waiting)
        {
            foreach (var piece in pieces)
            {
                _waiting.AddLast(piece);
                _open++;
                _available.Release();
            }
        }
    }

    /// <summary>Puts pieces before the others, in their order.</summary>
    public void AddFirst(IReadOnlyList<QueryPiece> pieces)
    {
        lock (_waiting)
        {
            for (var i = pieces.Count - 1; i >= 0; i--)
            {
                _waiting.AddFirst(pieces[i]);
                _open++;
                _available.Release();
            }
        }
    }

    /// <summary>Takes the next piece; waits while others may still cut theirs. Null when all are done.</summary>
    public async ValueTask<QueryPiece?> TakeAsync(CancellationToken cancellationToken)
    {
        lock (_waiting)
        {
            if (_open == 0)
                return null;
        }

        await _available.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_waiting)
        {
            if (_waiting.First is not { } first)
            {
                // Woken because the last one was done: so are the others that wait.
                _available.Release();
                return null;
            }

            _waiting.RemoveFirst();
            return first.Value;
        }
    }

    /// <summary>Says that a piece that was taken is done, after its halves, if any, were added.</summary>
    public void Done()
    {
        lock (_waiting)
        {
            if (--_open == 0)
                _available.Release();
        }
    }

    /// <summary>Takes all that wait out.</summary>
    public int Drop()
    {
        lock (_waiting)
        {
            var dropped = _waiting.Count;
            _open -= dropped;
            _waiting.Clear();
            if (_open == 0)
                _available.Release();
            return dropped;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _available.Dispose();
}
