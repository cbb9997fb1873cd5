using DicomPS.Scp;

namespace DicomPS.Engine.Tests.Scp;

public class ByteDigestTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(13)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(1000)]
    public void Pieces_of_any_length_come_to_the_same(int length)
    {
        var bytes = new byte[1003];
        new Random(1).NextBytes(bytes);
        var pieces = new ByteDigest();
        for (var at = 0; at < bytes.Length; at += length)
            pieces.Append(bytes.AsSpan(at, Math.Min(length, bytes.Length - at)));
        Assert.Equal(Of(bytes), pieces.Value);
    }

    [Fact]
    public void Each_bit_and_the_length_count()
    {
        var bytes = new byte[41];
        var seen = new HashSet<ulong> { Of(bytes), Of(bytes[..40]), Of([]) };
        for (var bit = 0; bit < 8 * bytes.Length; bit++)
        {
            var other = (byte[])bytes.Clone();
            other[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(seen.Add(Of(other)));
        }
    }

    private static ulong Of(byte[] bytes)
    {
        var digest = new ByteDigest();
        digest.Append(bytes);
        return digest.Value;
    }
}
