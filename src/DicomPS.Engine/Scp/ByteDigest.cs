using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DicomPS.Scp;

/// <summary>
/// A number for bytes that come in pieces of any length, to tell whether the same ones came again. It costs next to nothing
/// and holds in this process only: its start is chosen by chance, so that nobody can prepare two datasets that agree.
/// </summary>
internal sealed class ByteDigest
{
    // Four words at a time, each in a lane of its own, because a lane waits for its multiplications.
    private const int Block = 32;

    // Odd, and with about as many ones as noughts: the golden ratio and a prime near it.
    private const ulong One = 0x9E3779B97F4A7C15, Two = 0xC2B2AE3D27D4EB4F;
    private static readonly ulong[] Start = [Chance(), Chance(), Chance(), Chance()];
    private readonly ulong[] _lanes = [.. Start];
    private readonly byte[] _rest = new byte[Block];
    private int _restLength;
    private long _length;

    /// <summary>The number for what has come so far.</summary>
    public ulong Value
    {
        get
        {
            var last = new byte[Block];
            Array.Copy(_rest, last, _restLength);
            var lanes = (ulong[])_lanes.Clone();
            Mix(lanes, last);
            var value = Step(Start[0], (ulong)_length);
            foreach (var lane in lanes)
                value = Step(value, lane);
            return value;
        }
    }

    /// <summary>Takes the next piece.</summary>
    /// <param name="piece">The bytes.</param>
    public void Append(ReadOnlySpan<byte> piece)
    {
        _length += piece.Length;
        if (_restLength > 0)
        {
            var taken = Math.Min(piece.Length, Block - _restLength);
            piece[..taken].CopyTo(_rest.AsSpan(_restLength));
            _restLength += taken;
            piece = piece[taken..];
            if (_restLength < Block)
                return;
            Mix(_lanes, _rest);
        }

        var whole = piece.Length - (piece.Length % Block);
        Mix(_lanes, piece[..whole]);
        _restLength = piece.Length - whole;
        piece[whole..].CopyTo(_rest);
    }

    private static ulong Chance() => BitConverter.ToUInt64(Guid.NewGuid().ToByteArray(), 0)
        ^ BitConverter.ToUInt64(Guid.NewGuid().ToByteArray(), 8);

    private static void Mix(ulong[] lanes, ReadOnlySpan<byte> blocks)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(blocks);
        var (a, b, c, d) = (lanes[0], lanes[1], lanes[2], lanes[3]);
        for (; words.Length >= 4; words = words[4..])
        {
            a = Step(a, Little(words[0]));
            b = Step(b, Little(words[1]));
            c = Step(c, Little(words[2]));
            d = Step(d, Little(words[3]));
        }

        (lanes[0], lanes[1], lanes[2], lanes[3]) = (a, b, c, d);
    }

    private static ulong Little(ulong word) => BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);

    // The shifts let the high bits of a word act on the low ones: what a change does then hangs on the secret start.
    private static ulong Step(ulong state, ulong word)
    {
        state ^= word;
        state = (state ^ (state >> 32)) * One;
        state = (state ^ (state >> 29)) * Two;
        return state ^ (state >> 32);
    }
}
