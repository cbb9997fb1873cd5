using DicomPS.Pdus;

namespace DicomPS.Engine.Tests.Pdus;

public class PduFuzzTests
{
    private const int Rounds = 20_000;

    [Fact]
    public void Random_bytes_throw_nothing_but_a_network_exception()
    {
        var random = new Random(1);
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = new byte[random.Next(300)];
            random.NextBytes(bytes);
            if (bytes.Length > 6)
            {
                bytes[0] = (byte)random.Next(9);
                bytes[2] = bytes[3] = 0;
                bytes[4] = 0;
                bytes[5] = (byte)random.Next(bytes.Length - 6);
            }

            Feed(bytes);
        }
    }

    [Fact]
    public void Mutated_PDUs_throw_nothing_but_a_network_exception()
    {
        var random = new Random(2);
        byte[][] samples = [.. PduSamples.Pdus.Values.Select(PduWriter.ToArray)];
        for (var round = 0; round < Rounds; round++)
        {
            byte[] bytes = [.. samples[random.Next(samples.Length)]];
            for (var change = random.Next(1, 5); change > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) bytes = bytes[..random.Next(bytes.Length)];
            Feed(bytes);
        }
    }

    [Fact]
    public void No_allocation_follows_a_declared_length()
    {
        byte[][] hostile =
        [
            [1, 0, 0xFF, 0xFF, 0xFF, 0xFF, .. new byte[100]],
            [1, 0, 0, 0x0F, 0xFF, 0xFF, .. new byte[100]],
            [4, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xF0, 1, 0, .. new byte[100]],
            [4, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xF0, 1, 0, .. new byte[100]],
            [0x99, 0, 0x7F, 0xFF, 0xFF, 0xFF, .. new byte[100]],
        ];
        foreach (var bytes in hostile) Feed(bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var bytes in hostile) Feed(bytes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void A_request_of_nothing_but_empty_items_is_refused_before_it_grows()
    {
        var items = new byte[900_000];
        for (var i = 0; i < items.Length; i += 4) items[i] = 0x77;
        byte[] bytes = [1, 0, .. Length(68 + items.Length), 0, 1, .. new byte[66], .. items];
        Assert.Contains("items", Assert.ThrowsAny<DicomNetworkException>(() => PduReader.TryRead(bytes, 0, out _)).Message,
            StringComparison.Ordinal);
    }

    private static byte[] Length(int length) => [(byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length];

    private static void Feed(byte[] bytes)
    {
        try
        {
            PduReader.TryRead(bytes, 262144, out _);
        }
        catch (DicomNetworkException)
        {
            // What it may throw.
        }

        try
        {
            var scanner = new PduScanner { MaximumPDataLength = 262144 };
            ReadOnlySpan<byte> left = bytes;
            while (scanner.Scan(left, out var consumed) != PduToken.NeedMore) left = left[consumed..];
        }
        catch (DicomNetworkException)
        {
            // What it may throw.
        }
    }
}
