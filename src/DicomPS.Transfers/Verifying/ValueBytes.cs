using System.Security.Cryptography;
using DicomPS.Data;

namespace DicomPS.Transfers.Verifying;

/// <summary>Compares values by their bytes, of any length, in the same byte order. Memory does not grow with them.</summary>
internal static class ValueBytes
{
    // A multiple of every word.
    private const int Piece = 64 * 1024;

    /// <summary>Whether two values have the same words; one byte of padding at the end does not count (PS3.5 6.2).</summary>
    public static bool AreAlike(DicomValue one, DicomValue other)
    {
        if (one.Length + (one.Length & 1) != other.Length + (other.Length & 1))
            return false;
        var word = one.IsBigEndian == other.IsBigEndian ? 1 : Math.Max(WordOf(one.Vr), WordOf(other.Vr));
        return Digest(Streams(one), one.IsBigEndian ? word : 1) == Digest(Streams(other), other.IsBigEndian ? word : 1);
    }

    /// <summary>Whether fragments have the same bytes, however they are cut; the table of offsets before them does not count.</summary>
    public static bool AreAlike(IReadOnlyList<DicomBytes> ones, IReadOnlyList<DicomBytes> others) =>
        Digest(ones.Select(one => one.OpenRead()), 1) == Digest(others.Select(other => other.OpenRead()), 1);

    private static IEnumerable<Stream> Streams(DicomValue value)
    {
        yield return value.OpenRead();
    }

    private static string Digest(IEnumerable<Stream> streams, int word)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var piece = new byte[Piece];
        long length = 0;
        foreach (var stream in streams)
        {
            using (stream)
            {
                while (Fill(stream, piece) is > 0 and var read)
                {
                    Swap(piece, read, word);
                    hash.AppendData(piece, 0, read);
                    length += read;
                }
            }
        }

        // What is odd was not padded.
        if ((length & 1) == 1)
            hash.AppendData([0], 0, 1);
        return Convert.ToBase64String(hash.GetHashAndReset());
    }

    private static int Fill(Stream stream, byte[] piece)
    {
        var filled = 0;
        while (filled < piece.Length && stream.Read(piece, filled, piece.Length - filled) is > 0 and var read)
            filled += read;
        return filled;
    }

    private static void Swap(byte[] piece, int length, int word)
    {
        for (var at = 0; word > 1 && at + word <= length; at += word)
            Array.Reverse(piece, at, word);
    }

    private static int WordOf(Vr vr) => vr switch
    {
        Vr.US or Vr.SS or Vr.OW or Vr.AT => 2,
        Vr.UL or Vr.SL or Vr.FL or Vr.OL or Vr.OF => 4,
        Vr.FD or Vr.OD or Vr.SV or Vr.UV or Vr.OV => 8,
        _ => 1,
    };
}
