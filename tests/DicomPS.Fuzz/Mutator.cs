using System.Buffers.Binary;

namespace DicomPS.Fuzz;

/// <summary>Changes bytes as fuzzers do: bits, lengths, pieces left out, doubled, moved, or taken from another sample.</summary>
/// <param name="random">What it draws from: the same seed makes the same bytes.</param>
/// <param name="longest">The most bytes that it makes.</param>
internal sealed class Mutator(Random random, int longest)
{
    // What a length, a count or a tag is worst at.
    private static readonly uint[] Edges =
    [
        0, 1, 2, 3, 7, 8, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0,
        0xFFFFFFFE, 0xFFFFFFFF, 0xE000FFFE, 0xE00DFFFE, 0xE0DDFFFE, 0xFFFEE000, 0xFFFEE0DD, 0x00107FE0, 0x00020010,
    ];

    /// <summary>Makes other bytes of some.</summary>
    /// <param name="sample">The bytes, which stay as they are.</param>
    /// <param name="other">Other bytes of the same kind.</param>
    public byte[] Change(byte[] sample, byte[] other)
    {
        var bytes = new List<byte>(sample);
        for (var changes = 1 + random.Next(1 << random.Next(5)); changes > 0; changes--)
            ChangeOnce(bytes, other);
        if (bytes.Count > longest)
            bytes.RemoveRange(longest, bytes.Count - longest);
        return [.. bytes];
    }

    private void ChangeOnce(List<byte> bytes, byte[] other)
    {
        if (bytes.Count == 0)
        {
            bytes.Add((byte)random.Next(256));
            return;
        }

        var at = random.Next(bytes.Count);
        switch (random.Next(11))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes[at] = (byte)(bytes[at] + random.Next(-35, 36));
                break;
            case 3 or 4:
                WriteNumber(bytes, at);
                break;
            case 5:
                bytes.RemoveRange(at, 1 + random.Next(Math.Min(bytes.Count - at, 1 << random.Next(8))));
                break;
            case 6:
                bytes.InsertRange(at, Piece(bytes));
                break;
            case 7:
                bytes.InsertRange(at, new byte[1 + random.Next(8)]);
                break;
            case 8:
                Overwrite(bytes, at, Piece(bytes));
                break;
            case 9 when other.Length > 0:
                var from = random.Next(other.Length);
                bytes.InsertRange(at, other.AsSpan(from, 1 + random.Next(Math.Min(other.Length - from, 64))).ToArray());
                break;
            default:
                if (random.Next(8) == 0)
                    bytes.RemoveRange(at, bytes.Count - at);
                else
                    bytes[at] = bytes[random.Next(bytes.Count)];
                break;
        }
    }

    private byte[] Piece(List<byte> bytes)
    {
        var from = random.Next(bytes.Count);
        return [.. bytes.GetRange(from, 1 + random.Next(Math.Min(bytes.Count - from, 1 << random.Next(8))))];
    }

    private void WriteNumber(List<byte> bytes, int at)
    {
        var number = new byte[4];
        var value = random.Next(3) == 0 ? (uint)random.Next(bytes.Count + 16) : Edges[random.Next(Edges.Length)];
        if (random.Next(2) == 0)
            BinaryPrimitives.WriteUInt32BigEndian(number, value);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(number, value);
        Overwrite(bytes, at, random.Next(2) == 0 ? number : number[..2]);
    }

    private static void Overwrite(List<byte> bytes, int at, byte[] piece)
    {
        for (var i = 0; i < piece.Length && at + i < bytes.Count; i++)
            bytes[at + i] = piece[i];
    }
}
