using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DicomPS.Scp;

/// <summary>
/// A number for bytes that come in pieces of any length, to tell whether the same ones came again. It costs next to nothing
/// and holds in this process only: its start is chosen by chance, so that nobody can prepare two datasets that agree.
/// </summary>
internal sealed class ByteDigest
{
    // Odd, and with about as many ones as noughts: the golden ratio and a prime near it.
    private const ulong One = 0x9E3779B97F4A7C15, Two = 0xC2B2AE3D27D4EB4F;
    private static readonly ulong Start = BitConverter.ToUInt64(Guid.NewGuid().ToByteArray(), 0) ^ BitConverter.ToUInt64(Guid.NewGuid().ToByteArray(), 8);
    private ulong _state = Start;
    private ulong _rest;
    private int _restLength;
    private long _length;

    /// <summary>The number for what has come so far.</summary>
    public ulong Value => Step(Step(_state, _rest), (ulong)_length);

    /// <summary>Takes the next piece.</summary>
    /// <param name="piece">The bytes.</param>
    public void Append(ReadOnlySpan<byte> piece)
    {
        _length += piece.Length;
        for (; _restLength > 0 && !piece.IsEmpty; piece = piece[1..])
            Rest(piece[0]);

        var words = MemoryMarshal.Cast<byte, ulong>(piece);
        var state = _state;
        foreach (var word in words)
            state = Step(state, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));

        _state = state;
        foreach (var value in piece[(words.Length * 8)..])
            Rest(value);
    }

    // The shifts let the high bits of a word act on the low ones: what a change does then hangs on the secret start.
    private static ulong Step(ulong state, ulong word)
    {
        state ^= word;
        state = (state ^ (state >> 32)) * One;
        state = (state ^ (state >> 29)) * Two;
        return state ^ (state >> 32);
    }

    private void Rest(byte value)
    {
        _rest |= (ulong)value << (8 * _restLength++);
        if (_restLength < 8)
            return;

        _state = Step(_state, _rest);
        (_rest, _restLength) = (0, 0);
    }
}
