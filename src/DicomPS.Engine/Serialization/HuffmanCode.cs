namespace DicomPS.Serialization;

/// <summary>A prefix code of a deflate stream (RFC 1951 3.2.2) as a table that is looked up by the next bits.</summary>
internal sealed class HuffmanCode
{
    private const int LongestCode = 15;

    // A symbol in the upper 12 bits, the length of its code in the lower 4; zero for bits that are no code.
    private ushort[] _table = [];
    private int _bits;

    /// <summary>Makes the code of the lengths that its symbols have.</summary>
    /// <param name="lengths">A length for each symbol, 0 for those that are not used.</param>
    /// <returns>Whether the lengths make a code: no bits with two meanings, and none without, save for a code of at most one
    /// symbol.</returns>
    public bool TryBuild(ReadOnlySpan<byte> lengths)
    {
        Span<int> counts = stackalloc int[LongestCode + 1];
        counts.Clear();
        foreach (var length in lengths)
            counts[length]++;

        counts[0] = 0;
        Span<int> next = stackalloc int[LongestCode + 2];
        var (code, left, used, longest) = (0, 1, 0, 0);
        for (var length = 1; length <= LongestCode; length++)
        {
            next[length] = code;
            code = (code + counts[length]) << 1;
            left = (left << 1) - counts[length];
            if (left < 0)
                return false;

            used += counts[length];
            if (counts[length] > 0)
                longest = length;
        }

        if (left > 0 && (used > 1 || longest > 1))
            return false;

        Fill(lengths, next, Math.Max(1, longest));
        return true;
    }

    /// <summary>Looks up the next symbol.</summary>
    /// <param name="bits">The next bits, the first one lowest.</param>
    /// <param name="length">How many of them the symbol takes; 0 when they are no code.</param>
    public int Read(ulong bits, out int length)
    {
        var entry = _table[(int)bits & ((1 << _bits) - 1)];
        length = entry & 0xF;
        return entry >> 4;
    }

    private void Fill(ReadOnlySpan<byte> lengths, Span<int> next, int bits)
    {
        _bits = bits;
        if (_table.Length < 1 << bits)
            _table = new ushort[1 << bits];
        else
            Array.Clear(_table, 0, 1 << bits);

        for (var symbol = 0; symbol < lengths.Length; symbol++)
        {
            var length = lengths[symbol];
            if (length == 0)
                continue;

            // Codes come with their first bit highest, and the stream has it lowest.
            var reversed = 0;
            for (var (i, code) = (0, next[length]++); i < length; i++, code >>= 1)
                reversed = (reversed << 1) | (code & 1);
            for (var at = reversed; at < 1 << bits; at += 1 << length)
                _table[at] = (ushort)((symbol << 4) | length);
        }
    }
}
