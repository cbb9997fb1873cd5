using DicomPS.Associations;
using DicomPS.Pdus;

namespace DicomPS.Engine.Tests.Associations;

public class ReceiveBufferTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public void PDUs_come_out_whatever_pieces_their_bytes_came_in(int size)
    {
        var sender = new SendBuffer { PeerMaximum = 16384 };
        var data = new byte[50_000];
        new Random(5).NextBytes(data);
        sender.Append(1, isCommand: false, data, isLast: true, out var isDone);
        Assert.True(isDone);
        sender.Append(new ReleaseRq());
        var wire = sender.Ready();

        var buffer = new ReceiveBuffer { MaximumPduLength = 16384 };
        var received = new List<byte>();
        var ended = false;
        while (!ended)
        {
            switch (buffer.Next())
            {
                case PduToken.Data:
                    received.AddRange(buffer.Fragment.Bytes.ToArray());
                    break;
                case PduToken.Pdu:
                    Assert.IsType<ReleaseRq>(buffer.Pdu);
                    ended = true;
                    break;
                default:
                    var room = buffer.MakeRoom();
                    var piece = wire.Slice(0, Math.Min(Math.Min(size, room.Length), wire.Length));
                    piece.CopyTo(room);
                    buffer.Advance(piece.Length);
                    wire = wire.Slice(piece.Length);
                    break;
            }
        }

        Assert.Equal(data, received);
        Assert.False(buffer.IsInsidePdu);
    }

    [Fact]
    public void More_is_expected_soon_in_a_message_and_later_after_it()
    {
        var buffer = new ReceiveBuffer();
        Assert.Equal(Outlook.Later, buffer.Outlook);
        Come(isCommand: true, isLast: true);
        Assert.Equal(Outlook.Soon, buffer.Outlook);
        Come(isCommand: false, isLast: false);
        Assert.Equal(Outlook.Soon, buffer.Outlook);
        Come(isCommand: false, isLast: true);
        Assert.Equal(Outlook.Later, buffer.Outlook);
        buffer.Advance(buffer.MakeRoom().Length);
        Assert.Equal(Outlook.Now, buffer.Outlook);

        void Come(bool isCommand, bool isLast)
        {
            var sender = new SendBuffer { PeerMaximum = 0 };
            sender.Append(1, isCommand, new byte[10], isLast, out _);
            var wire = sender.Ready();
            wire.CopyTo(buffer.MakeRoom());
            buffer.Advance(wire.Length);
            while (buffer.Next() != PduToken.NeedMore)
                continue;
        }
    }
}
