using System.Buffers;

namespace DicomPS.Serialization;

/// <summary>Takes what a deflate stream gives.</summary>
internal delegate void InflatedBytes(ReadOnlySpan<byte> bytes);

/// <summary>
/// Inflates a deflate stream (RFC 1951, PS3.5 A.5) as it flows by. The runtime's own pulls its input, and tells neither whether the stream
/// came to its end nor where that was. Memory is a window and two tables, whatever the ratio.
/// </summary>
/// <param name="output">Takes what comes out, piece by piece.</param>
internal sealed class FlowInflater(InflatedBytes output) : IDisposable
{
    private const int WindowLength = 32 * 1024, LongestMatch = 258, MostRepeats = 32, LongestRun = LongestMatch * MostRepeats;
    private const int BufferLength = 2 * WindowLength + LongestRun;
    private const int MostBits = 48;

    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
    private readonly byte[] _lengths = new byte[288 + 32];
    private readonly HuffmanCode _literals = new(), _distances = new(), _codes = new();
    private Step _step = Step.Block;
    private bool _isLastBlock;
    private ulong _bits;
    private int _bitCount, _at, _told, _stored, _literalCount, _distanceCount, _codeCount, _read;
    private long _position;
    private bool _isDisposed;

    private enum Step
    {
        Block,
        Stored,
        Codes,
        Lengths,
        Symbols,
        End,
    }

    /// <summary>Whether the stream came to its end.</summary>
    public bool IsEnded => _step == Step.End;

    /// <summary>Bytes that were taken and stand behind the end of the stream.</summary>
    public byte[] Rest { get; private set; } = [];

    /// <summary>Inflates the next bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="isEnd">Whether nothing follows them.</param>
    /// <returns>How many of them were taken: all, but for what stands behind the end of the stream.</returns>
    /// <exception cref="DicomDataException">This is no deflate stream.</exception>
    public int Push(ReadOnlySpan<byte> bytes, bool isEnd = false)
    {
        var at = 0;
        while (_step != Step.End)
        {
            if (_step == Step.Stored && _bitCount == 0)
            {
                at += Copy(bytes.Slice(at));
            }
            else
            {
                for (; _bitCount <= 56 && at < bytes.Length; _bitCount += 8)
                    _bits |= (ulong)bytes[at++] << _bitCount;
            }

            if (!Advance(isEnd && at == bytes.Length) && at == bytes.Length)
                break;
        }

        if (_step == Step.End && Rest.Length == 0 && _bitCount > 0)
        {
            var rest = new byte[_bitCount / 8];
            for (var i = 0; i < rest.Length; i++)
                rest[i] = (byte)ReadBits(8);
            Rest = rest;
        }

        Tell();
        _position += at;
        return at;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isDisposed)
            ArrayPool<byte>.Shared.Return(_buffer);
        _isDisposed = true;
    }

    /// <returns>Whether something was done; otherwise more input is needed.</returns>
    private bool Advance(bool isEnd) => _step switch
    {
        Step.Block => TryBlock(),
        Step.Stored => TryStored(),
        Step.Codes => TryCodes(),
        Step.Lengths => TryLengths(isEnd),
        _ => TrySymbols(isEnd),
    };

    private bool TryBlock()
    {
        if (_isLastBlock)
        {
            ReadBits(_bitCount % 8);
            _step = Step.End;
            return true;
        }

        if (_bitCount < 3)
            return false;

        var isLast = (_bits & 1) != 0;
        var type = (int)(_bits >> 1) & 3;
        switch (type)
        {
            case 0:
                // A stored block begins at the next byte, with its length twice (RFC 1951 3.2.4).
                var skipped = 3 + ((_bitCount - 3) % 8);
                if (_bitCount < skipped + 32)
                    return false;

                ReadBits(skipped);
                _stored = (int)(_bits & 0xFFFF);
                if (_stored != (int)(~(_bits >> 16) & 0xFFFF))
                    throw Broken();

                ReadBits(32);
                _step = Step.Stored;
                break;
            case 1:
                ReadBits(3);
                BuildFixed();
                _step = Step.Symbols;
                break;
            case 2:
                if (_bitCount < 17)
                    return false;

                ReadBits(3);
                _literalCount = (int)ReadBits(5) + 257;
                _distanceCount = (int)ReadBits(5) + 1;
                _codeCount = (int)ReadBits(4) + 4;
                if (_literalCount > 286 || _distanceCount > 30)
                    throw Broken();

                Array.Clear(_lengths, 0, _lengths.Length);
                _read = 0;
                _step = Step.Codes;
                break;
            default:
                throw Broken();
        }

        _isLastBlock = isLast;
        return true;
    }

    /// <summary>What of a stored block the bits hold already; the rest is copied as it comes.</summary>
    private bool TryStored()
    {
        var any = _bitCount > 0;
        for (; _stored > 0 && _bitCount >= 8; _stored--)
            Put((byte)ReadBits(8));

        if (_stored > 0)
            return any;

        _step = Step.Block;
        return true;
    }

    private int Copy(ReadOnlySpan<byte> bytes)
    {
        var copied = Math.Min(_stored, bytes.Length);
        for (var left = bytes.Slice(0, copied); !left.IsEmpty;)
        {
            MakeRoom();
            var count = Math.Min(left.Length, _buffer.Length - _at);
            left.Slice(0, count).CopyTo(_buffer.AsSpan(_at));
            _at += count;
            left = left.Slice(count);
        }

        _stored -= copied;
        return copied;
    }

    private bool TryCodes()
    {
        for (; _read < _codeCount; _read++)
        {
            if (_bitCount < 3)
                return false;

            _lengths[DeflateTables.CodeOrder[_read]] = (byte)ReadBits(3);
        }

        if (!_codes.TryBuild(_lengths.AsSpan(0, 19)))
            throw Broken();

        Array.Clear(_lengths, 0, 19);
        _read = 0;
        _step = Step.Lengths;
        return true;
    }

    /// <summary>The lengths of both codes, with runs (RFC 1951 3.2.7).</summary>
    private bool TryLengths(bool isEnd)
    {
        var all = _literalCount + _distanceCount;
        while (_read < all)
        {
            // A code of 7 bits and 7 more: with fewer bits only what is whole counts.
            if (_bitCount < 14 && !isEnd)
                return false;

            var symbol = _codes.Read(_bits, out var length);
            var extra = symbol < 16 ? 0 : symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
            if (length == 0)
                throw Broken();

            if (length + extra > _bitCount)
                return false;

            ReadBits(length);
            if (symbol < 16)
            {
                _lengths[_read++] = (byte)symbol;
                continue;
            }

            if (symbol == 16 && _read == 0)
                throw Broken();

            var repeated = symbol == 16 ? _lengths[_read - 1] : (byte)0;
            var count = (int)ReadBits(extra) + (symbol == 18 ? 11 : 3);
            if (_read + count > all)
                throw Broken();

            _lengths.AsSpan(_read, count).Fill(repeated);
            _read += count;
        }

        // Symbol 256 ends the block; without it there is no end.
        if (_lengths[256] == 0 || !_literals.TryBuild(_lengths.AsSpan(0, _literalCount))
            || !_distances.TryBuild(_lengths.AsSpan(_literalCount, _distanceCount)))
            throw Broken();

        _step = Step.Symbols;
        return true;
    }

    /// <summary>Literals and matches as far as the bits reach: 48 are enough for any.</summary>
    private bool TrySymbols(bool isEnd)
    {
        var any = false;
        while (_bitCount >= MostBits || (isEnd && _bitCount > 0))
        {
            var symbol = _literals.Read(_bits, out var length);
            if (length == 0)
                throw Broken();

            if (length > _bitCount)
                return any;

            if (symbol < 256)
            {
                ReadBits(length);
                Put((byte)symbol);
            }
            else if (symbol == 256)
            {
                ReadBits(length);
                _step = Step.Block;
                return true;
            }
            else if (!TryMatch(symbol - 257, length))
            {
                return any;
            }

            any = true;
        }

        return any;
    }

    private bool TryMatch(int symbol, int used)
    {
        if (symbol >= DeflateTables.LengthBases.Length)
            throw Broken();

        var bits = _bits >> used;
        int extra = DeflateTables.LengthBits[symbol];
        var length = DeflateTables.LengthBases[symbol] + (int)(bits & ((1UL << extra) - 1));
        used += extra;
        bits >>= extra;
        var distanceSymbol = _distances.Read(bits, out var code);
        if (code == 0 || distanceSymbol >= DeflateTables.DistanceBases.Length)
            throw Broken();

        bits >>= code;
        extra = distanceSymbol < 4 ? 0 : (distanceSymbol >> 1) - 1;
        var distance = DeflateTables.DistanceBases[distanceSymbol] + (int)(bits & ((1UL << extra) - 1));
        used += code + extra;
        if (used > _bitCount)
            return false;

        // What compresses well is one match again and again: as many as the bits hold are done at once.
        var match = _bits & ((1UL << used) - 1);
        var times = 0;
        do
        {
            ReadBits(used);
            times++;
        }
        while (_bitCount >= MostBits && times < MostRepeats && (_bits & ((1UL << used) - 1)) == match);

        MakeRoom();
        if (distance > _at)
            throw Broken();

        Repeat(distance, length * times);
        return true;
    }

    private void Repeat(int distance, int length)
    {
        var target = _buffer.AsSpan(_at, length);
        if (distance == 1)
            target.Fill(_buffer[_at - 1]);
        else if (distance >= length)
        {
            _buffer.AsSpan(_at - distance, length).CopyTo(target);
        }
        else
        {
            // Doubled: what was repeated is the source of the next step.
            for (var done = 0; done < length;)
            {
                var count = Math.Min(distance + done, length - done);
                _buffer.AsSpan(_at - distance, count).CopyTo(target.Slice(done));
                done += count;
            }
        }

        _at += length;
    }

    private void Put(byte value)
    {
        MakeRoom();
        _buffer[_at++] = value;
    }

    /// <summary>Room for the longest run of matches, with the window in front of it.</summary>
    private void MakeRoom()
    {
        if (_at <= _buffer.Length - LongestRun)
            return;

        Tell();
        _buffer.AsSpan(_at - WindowLength, WindowLength).CopyTo(_buffer);
        _at = _told = WindowLength;
    }

    private void Tell()
    {
        if (_at > _told)
            output(_buffer.AsSpan(_told, _at - _told));
        _told = _at;
    }

    private ulong ReadBits(int count)
    {
        var taken = _bits & ((1UL << count) - 1);
        _bits >>= count;
        _bitCount -= count;
        return taken;
    }

    private void BuildFixed()
    {
        // RFC 1951 3.2.6.
        _lengths.AsSpan(0, 144).Fill(8);
        _lengths.AsSpan(144, 112).Fill(9);
        _lengths.AsSpan(256, 24).Fill(7);
        _lengths.AsSpan(280, 8).Fill(8);
        _lengths.AsSpan(288, 32).Fill(5);
        if (!_literals.TryBuild(_lengths.AsSpan(0, 288)) || !_distances.TryBuild(_lengths.AsSpan(288, 32)))
            throw Broken();
    }

    private DicomDataException Broken() => new DicomDataException("The deflated dataset is broken", _position);
}
