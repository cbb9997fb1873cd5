using DicomPS.Engine.Tests.Support;
using DicomPS.Pdus;

namespace DicomPS.Engine.Tests.Pdus;

public class PduScannerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1000)]
    public void A_stream_reads_the_same_in_pieces_of_any_size(int pieceSize)
    {
        Pdu[] pdus = [.. PduSamples.Pdus.Values.Where(pdu => pdu is not UnknownPdu)];
        byte[] stream = [.. pdus.SelectMany(PduWriter.ToArray)];
        var read = new List<Pdu>();
        var scanner = new PduScanner();
        var values = new List<Pdv>();
        var value = new List<byte>();
        var start = 0;
        for (var end = 0; end <= stream.Length; end = end == stream.Length ? end + 1 : Math.Min(end + pieceSize, stream.Length))
        {
            while (true)
            {
                var token = scanner.Scan(stream.AsSpan(start..end), out var consumed);
                if (token == PduToken.Pdu) read.Add(scanner.Pdu!);
                if (token == PduToken.Data)
                {
                    value.AddRange(stream[(start + scanner.DataOffset)..(start + consumed)]);
                    if (scanner.IsLast || value.Count == 3)
                    {
                        values.Add(new Pdv(scanner.ContextId, scanner.IsCommand, scanner.IsLast, value.ToArray()));
                        value.Clear();
                        if (values.Count == 3) read.Add(new PData([.. values]));
                    }
                }

                start += consumed;
                if (token == PduToken.NeedMore) break;
            }
        }

        Assert.Equal(stream.Length, start);
        Assert.Equal(pdus.Select(Shape.Of), read.Select(Shape.Of));
    }

    [Fact]
    public void A_PDV_of_gigabytes_comes_in_pieces_when_there_is_no_limit()
    {
        var scanner = new PduScanner { MaximumPDataLength = 0 };
        byte[] head = [4, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFB, 1, 2, 1, 2, 3];
        Assert.Equal(PduToken.Data, scanner.Scan(head, out var consumed));
        Assert.Equal(head.Length, consumed);
        Assert.False(scanner.IsLast);
        Assert.Equal(PduToken.Data, scanner.Scan(new byte[1000], out consumed));
        Assert.Equal(1000, consumed);
        Assert.Equal(0, scanner.DataOffset);
        Assert.True(scanner.IsInsidePdu);
    }

    [Theory]
    [InlineData("00", AbortReason.UnrecognizedPdu)]
    [InlineData("08", AbortReason.UnrecognizedPdu)]
    [InlineData("FF00", AbortReason.UnrecognizedPdu)]
    [InlineData("010000000000", AbortReason.InvalidParameterValue)]
    [InlineData("0100FFFFFFFF", AbortReason.InvalidParameterValue)]
    [InlineData("0200FFFFFFFF", AbortReason.InvalidParameterValue)]
    [InlineData("030000000003", AbortReason.InvalidParameterValue)]
    [InlineData("0500FFFFFFFF", AbortReason.InvalidParameterValue)]
    [InlineData("040000000000", AbortReason.InvalidParameterValue)]
    [InlineData("040000000005", AbortReason.InvalidParameterValue)]
    [InlineData("040000004001", AbortReason.InvalidParameterValue)]
    [InlineData("04000000000A000000000100", AbortReason.InvalidParameterValue)]
    [InlineData("04000000000A000000010100", AbortReason.InvalidParameterValue)]
    [InlineData("04000000000A000000070100", AbortReason.InvalidParameterValue)]
    [InlineData("04000000000AFFFFFFFF0100", AbortReason.InvalidParameterValue)]
    [InlineData("04000000000B00000006010000000000", AbortReason.InvalidParameterValue)]
    public void A_malformed_PDU_is_refused_as_soon_as_its_header_shows_it(string hex, byte reason)
    {
        var bytes = Convert.FromHexString(hex);
        var scanner = new PduScanner { MaximumPDataLength = 16384 };
        var problem = Assert.Throws<MalformedPduException>(() =>
        {
            ReadOnlySpan<byte> left = bytes;
            while (scanner.Scan(left, out var consumed) != PduToken.NeedMore) left = left[consumed..];
        });
        Assert.Equal(reason, problem.AbortReason);
    }

    [Fact]
    public void The_last_flag_waits_for_the_last_byte_of_its_PDV()
    {
        var scanner = new PduScanner();
        var bytes = PduWriter.ToArray(new PData([new(1, true, true, new byte[] { 1, 2, 3, 4 })]));
        Assert.Equal(PduToken.Data, scanner.Scan(bytes.AsSpan(0, 14), out var consumed));
        Assert.False(scanner.IsLast);
        Assert.Equal(PduToken.Data, scanner.Scan(bytes.AsSpan(consumed), out _));
        Assert.True(scanner.IsLast);
        Assert.False(scanner.IsInsidePdu);
    }
}
