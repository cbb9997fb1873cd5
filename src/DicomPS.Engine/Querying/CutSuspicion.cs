using System.Security.Cryptography;

namespace DicomPS.Querying;

/// <summary>By what the parts of an answer that looks cut short are told apart.</summary>
internal enum CutStage
{
    /// <summary>By windows of time.</summary>
    Time,
    /// <summary>By modality.</summary>
    Modality,
    /// <summary>By the end of the Patient ID.</summary>
    Patient,
}

/// <summary>
/// An answer whose number looks like a peer's limit, and the parts that are asked for in its place. A number alone proves nothing: the
/// parts do. When they find all of the answer again, and, unless they are windows of time, nothing else, it was whole. What they do not
/// find again is a sample of what they would miss in what was cut off.
/// </summary>
/// <remarks>For any thread.</remarks>
/// <param name="piece">The piece that was answered so.</param>
/// <param name="answer">What it was answered, by <see cref="IdOf"/>.</param>
/// <param name="isCertain">Whether the peer said itself that it was cut.</param>
/// <param name="why">Why it looks cut short.</param>
internal sealed class CutSuspicion(QueryPiece piece, IEnumerable<ulong> answer, bool isCertain, string why)
{
    private static readonly ulong Seed = NewSeed();
    private readonly HashSet<ulong> _answer = [.. answer];
    private readonly HashSet<ulong> _again = [];
    private bool _hasMore;
    private int _undivided;
    private int _open;

    /// <summary>The piece that was answered so.</summary>
    public QueryPiece Piece => piece;

    /// <summary>Whether the peer said itself that it was cut.</summary>
    public bool IsCertain => isCertain;

    /// <summary>Why it looks cut short.</summary>
    public string Why => why;

    /// <summary>By what its parts are told apart.</summary>
    public CutStage Stage { get; set; }

    /// <summary>A number for a UID, short enough to keep many; others cannot choose two of the same number.</summary>
    /// <param name="identity">What an answer is known by.</param>
    public static ulong IdOf(string identity)
    {
        // FNV-1a.
        var id = Seed;
        foreach (var letter in identity)
            id = unchecked((id ^ letter) * 1099511628211UL);
        return id;
    }

    /// <summary>A part has it.</summary>
    /// <param name="id">What an answer is known by.</param>
    public void Found(ulong id)
    {
        lock (_again)
        {
            if (_answer.Contains(id))
                _again.Add(id);
            else
                _hasMore = true;
        }
    }

    /// <summary>Whether a part has just what the whole has, so that the key divides nothing.</summary>
    /// <param name="part">What the part was answered.</param>
    public bool IsUndividedBy(IReadOnlyCollection<ulong> part)
    {
        lock (_again)
        {
            var isSame = part.Count == _answer.Count && part.All(_answer.Contains);
            _undivided += isSame ? 1 : 0;
            return isSame;
        }
    }

    /// <summary>Whether the key divides nothing, as of a peer that does not look at it: its other parts need not be asked.</summary>
    public bool IsPassedOver => Stage != CutStage.Time && Volatile.Read(ref _undivided) > 1;

    /// <summary>Counts a part that is to be asked.</summary>
    public void Open() => Interlocked.Increment(ref _open);

    /// <summary>Counts a part that is done, after what became of it was counted; whether it was the last.</summary>
    public bool Done() => Interlocked.Decrement(ref _open) == 0;

    /// <summary>Why the parts prove nothing; null when they do, and the answer is known in full.</summary>
    /// <param name="isRound">Whether nothing but the number speaks against it.</param>
    public string? WhyUnproven(out bool isRound)
    {
        lock (_again)
        {
            var isSplit = Stage != CutStage.Time;
            isRound = !isCertain && !(isSplit && _hasMore);
            if (isSplit && (isCertain || _hasMore))
                return $"The answer was cut short ({why}), and was asked for by {(Stage == CutStage.Modality ? "modality" : "patient")}.";
            if (_undivided > 0 || _again.Count < _answer.Count)
                return $"The answer may be cut short: {why}; it could not be asked for in parts that have all of it.";
            return null;
        }
    }

    /// <summary>The next way to take it apart, after one that proved nothing.</summary>
    public void Restart(CutStage stage)
    {
        lock (_again)
        {
            Stage = stage;
            _undivided = 0;
        }
    }

    private static ulong NewSeed()
    {
        var bytes = new byte[8];
        using var random = RandomNumberGenerator.Create();
        random.GetBytes(bytes);
        return BitConverter.ToUInt64(bytes, 0);
    }
}
