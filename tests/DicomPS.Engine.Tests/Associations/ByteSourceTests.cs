using System.Net;
using DicomPS.Associations;

namespace DicomPS.Engine.Tests.Associations;

public class ByteSourceTests
{
    [Fact]
    public async Task A_peer_whose_bytes_are_always_there_leaves_its_thread_to_others_now_and_then()
    {
        using var transport = new Flood();
        var source = new DicomPS.Associations.ByteSource(transport, null);
        var room = new byte[1];
        var isWaiting = false;
        // Without a turn of limited length each of them would be complete at once, however long it went on.
        for (var i = 0; i < 100_000_000 && !isWaiting; i++)
        {
            var read = source.ReadAsync(room, Outlook.Now, TestContext.Current.CancellationToken);
            isWaiting = !read.IsCompleted;
            Assert.Equal(1, await read);
        }

        Assert.True(isWaiting);
    }

    private sealed class Flood : Transport
    {
        public override IPEndPoint RemoteEndPoint { get; } = new(IPAddress.Loopback, 1);

        public override IPEndPoint LocalEndPoint { get; } = new(IPAddress.Loopback, 2);

        public override bool IsSecure => false;

        public override bool HasBytes => true;

        public override void BeforeWait()
        {
            // Nothing is waited for.
        }

        public override bool WaitForBytes(TimeSpan limit) => true;

        public override int Read(Memory<byte> buffer) => 1;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => new(1);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => default;

        public override void EndSending()
        {
            // Nothing is sent.
        }

        public override void Dispose()
        {
            // Nothing is held.
        }
    }
}
