using System.Buffers.Binary;
using DicomPS.Data;

namespace DicomPS.Serialization;

/// <summary>
/// A dataset that comes piece by piece and is looked at as it comes: whether it is whole, and what its first elements are.
/// </summary>
internal sealed class DatasetArrival : IDisposable
{
    private readonly FlowWalker _walker;
    private readonly FlowInflater? _inflater;
    private readonly byte[] _first = new byte[8];
    private long _behind;
    private bool _isZeros = true, _isOnes = true, _isPadded = true;

    /// <summary>Begins.</summary>
    /// <param name="syntax">How the dataset is spelt.</param>
    /// <param name="keepThrough">The last tag of the outermost level that <see cref="Header"/> has.</param>
    /// <param name="wanted">Which elements of the outermost level it has instead, sequences too; null for the rule of
    /// <paramref name="keepThrough"/>.</param>
    public DatasetArrival(TransferSyntax syntax, DicomTag keepThrough, Func<DicomTag, bool>? wanted = null)
    {
        _walker = new FlowWalker(syntax ?? throw new ArgumentNullException(nameof(syntax)), keepThrough, wanted);
        _inflater = syntax.IsDeflated ? new FlowInflater(_walker.Push) : null;
    }

    /// <summary>Bytes so far, as they came.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes of the dataset so far: what a deflated one inflates to.</summary>
    public long InflatedLength => _inflater is null ? Length : _walker.Position;

    /// <summary>How many elements were met so far, those inside sequences too.</summary>
    public int Elements => _walker.Elements;

    /// <summary>
    /// The first elements, as far as they came: no sequences, nothing private, no long values. Or those that are wanted.
    /// </summary>
    public DicomDataset Header => _walker.Kept.ToDataset();

    /// <summary>
    /// Whether <see cref="Header"/> has all that is wanted, as it would be read from a file, and a file of it would be taken. Otherwise
    /// the file has to be asked.
    /// </summary>
    public bool IsHeaderWhole => _walker.Kept.IsWhole && Elements <= DatasetReaderOptions.MostProbedElements;

    /// <summary>Takes the next bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <exception cref="DicomDataException">They cannot be understood, or are not in the transfer syntax.</exception>
    public void Push(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        if (_inflater is null)
        {
            _walker.Push(bytes);
            return;
        }

        var wasEnded = _inflater.IsEnded;
        if (!wasEnded)
            bytes = bytes.Slice(_inflater.Push(bytes));
        if (_inflater.IsEnded && !wasEnded)
            CheckBehind(_inflater.Rest);
        if (_inflater.IsEnded)
            CheckBehind(bytes);
    }

    /// <summary>The dataset ended.</summary>
    /// <exception cref="DicomDataException">It is not whole.</exception>
    public void Complete()
    {
        if (Length == 0)
            throw new DicomDataException("The dataset is empty", 0);

        if (_inflater is { })
        {
            if (!_inflater.IsEnded)
            {
                _inflater.Push(default, isEnd: true);
                CheckBehind(_inflater.Rest);
            }

            if (!_inflater.IsEnded)
                throw new DicomDataException("The deflated dataset is cut short", Length);

            if (!_isZeros && !_isOnes
                && (_behind < 8 || BinaryPrimitives.ReadUInt32LittleEndian(_first.AsSpan(4)) != (uint)_walker.Position))
                throw new DicomDataException("Other bytes follow the end of the dataset", Length - _behind);
        }

        _walker.Complete();
    }

    /// <inheritdoc/>
    public void Dispose() => _inflater?.Dispose();

    /// <summary>
    /// Whether what stands behind the deflate stream may: padding, or the check sum and length that gzip writes (RFC 1952 2.3.1).
    /// </summary>
    private void CheckBehind(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            if (_behind < _first.Length)
                _first[_behind] = value;
            else
                _isPadded &= value == 0;
            _behind++;
            _isZeros &= value == 0;
            _isOnes &= value == 0xFF;
        }

        var isTrailer = _behind >= 8 && _isPadded && BinaryPrimitives.ReadUInt32LittleEndian(_first.AsSpan(4)) == (uint)_walker.Position;
        if (_behind > 8 && !_isZeros && !_isOnes && !isTrailer)
            throw new DicomDataException("Other bytes follow the end of the dataset", Length - bytes.Length);
    }
}
