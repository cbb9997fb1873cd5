using DicomPS.Associations;
using DicomPS.Engine.Tests.Support;
using DicomPS.Pdus;

namespace DicomPS.Engine.Tests.Associations;

public class SendBufferTests
{
    [Theory]
    [InlineData(8u)]
    [InlineData(9u)]
    [InlineData(100u)]
    [InlineData(16384u)]
    [InlineData(0u)]
    [InlineData(uint.MaxValue)]
    public void Any_bytes_come_in_PDUs_that_the_peer_takes(uint peerMaximum)
    {
        var random = new Random(3);
        var data = new byte[20_001];
        random.NextBytes(data);
        var sender = new SendBuffer { PeerMaximum = peerMaximum };
        var wire = new List<byte>();
        for (var sent = 0; sent < data.Length;)
        {
            var count = Math.Min(random.Next(1, 3000), data.Length - sent);
            Send(sender, wire, 1, isCommand: false, data.AsSpan(sent, count), sent + count == data.Length);
            sent += count;
        }

        wire.AddRange(sender.Ready().ToArray());
        var values = ReadAll([.. wire], peerMaximum);
        Assert.Equal(data, values.SelectMany(value => value.Bytes.ToArray()));
        Assert.All(values.SkipLast(1), value => Assert.Equal(0, value.Bytes.Length & 1));
        Assert.Equal([.. Enumerable.Repeat(false, values.Count - 1), true], values.Select(value => value.IsLast));
    }

    [Fact]
    public void A_full_buffer_cuts_no_fragment_at_an_odd_length()
    {
        // Only behind a dataset of odd length does the buffer end in the middle of two bytes.
        var sender = new SendBuffer { PeerMaximum = 0 };
        var wire = new List<byte>();
        Send(sender, wire, 1, isCommand: false, new byte[101], isLast: true);
        for (var i = 0; i < 3; i++) Send(sender, wire, 1, isCommand: false, new byte[300_000], isLast: i == 2);
        wire.AddRange(sender.Ready().ToArray());
        var values = ReadAll([.. wire], 0);
        Assert.Equal(900_101, values.Sum(value => value.Bytes.Length));
        Assert.All(values.Where(value => !value.IsLast), value => Assert.Equal(0, value.Bytes.Length & 1));
    }

    [Fact]
    public void Small_pieces_of_one_dataset_share_a_PDU()
    {
        var sender = new SendBuffer { PeerMaximum = 16384 };
        var wire = new List<byte>();
        for (var i = 0; i < 10; i++) Send(sender, wire, 1, isCommand: false, [(byte)i, 0], isLast: i == 9);
        Assert.Empty(wire);
        var value = Assert.Single(ReadAll(sender.Ready().ToArray(), 16384));
        Assert.Equal(20, value.Bytes.Length);
        Assert.True(value.IsLast);
    }

    [Fact]
    public void A_command_and_its_dataset_are_one_write_of_two_PDUs()
    {
        var sender = new SendBuffer { PeerMaximum = 16384 };
        var wire = new List<byte>();
        Send(sender, wire, 1, isCommand: true, new byte[100], isLast: true);
        Send(sender, wire, 1, isCommand: false, new byte[200], isLast: true);
        var values = ReadAll(sender.Ready().ToArray(), 16384);
        Assert.Equal([(true, true, 100), (false, true, 200)], values.Select(value => (value.IsCommand, value.IsLast, value.Bytes.Length)));
    }

    [Fact]
    public void A_last_fragment_may_be_empty()
    {
        var sender = new SendBuffer { PeerMaximum = 16384 };
        var wire = new List<byte>();
        Send(sender, wire, 1, isCommand: false, [1, 2], isLast: false);
        wire.AddRange(sender.Ready().ToArray());
        sender.Clear();
        Send(sender, wire, 1, isCommand: false, [], isLast: true);
        wire.AddRange(sender.Ready().ToArray());
        Assert.Equal([(2, false), (0, true)], ReadAll([.. wire], 16384).Select(value => (value.Bytes.Length, value.IsLast)));
    }

    [Fact]
    public void A_PDU_of_another_kind_closes_the_fragment_before_it()
    {
        var sender = new SendBuffer { PeerMaximum = 16384 };
        sender.Append(1, false, new byte[10], isLast: false, out _);
        sender.Append(new ReleaseRq());
        var wire = sender.Ready().ToArray();
        var data = Assert.IsType<PData>(PduReader.TryRead(wire, 0, out var consumed));
        Assert.Equal(10, data.Values[0].Bytes.Length);
        Assert.IsType<ReleaseRq>(PduReader.TryRead(wire.AsSpan(consumed), 0, out _));
    }

    private static void Send(SendBuffer sender, List<byte> wire, byte context, bool isCommand, ReadOnlySpan<byte> bytes, bool isLast)
    {
        while (true)
        {
            bytes = bytes[sender.Append(context, isCommand, bytes, isLast, out var isDone)..];
            if (isDone) return;
            wire.AddRange(sender.Ready().ToArray());
            sender.Clear();
        }
    }

    private static List<Pdv> ReadAll(byte[] wire, uint maximum)
    {
        var values = new List<Pdv>();
        ReadOnlySpan<byte> left = wire;
        while (!left.IsEmpty)
        {
            values.AddRange(Assert.IsType<PData>(PduReader.TryRead(left, maximum, out var consumed)).Values);
            left = left[consumed..];
        }

        return values;
    }
}
