using System.Net;
using System.Net.Sockets;
using DicomPS.Associations;
using DicomPS.Engine.Tests.Support;
using DicomPS.Pdus;

namespace DicomPS.Engine.Tests.Associations;

public class HostilePeerTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, byte> BrokenBytes => new()
    {
        { "000000000000", AbortReason.UnrecognizedPdu },
        { "990000000004DEADBEEF", AbortReason.UnrecognizedPdu },
        { "040000000000", AbortReason.InvalidParameterValue },
        { "0400FFFFFFFF000000040100", AbortReason.InvalidParameterValue },
        { "040000040001000000040100", AbortReason.InvalidParameterValue },
        { "040000000006000000010100", AbortReason.InvalidParameterValue },
        { "040000000006000000030100", AbortReason.InvalidParameterValue },
        { "04000000000AFFFFFFFF010000000000", AbortReason.InvalidParameterValue },
        { "0400000000080000000403000000", AbortReason.InvalidParameterValue },
        { "0500FFFFFFFF", AbortReason.InvalidParameterValue },
        { "010000000000", AbortReason.InvalidParameterValue },
        { "0100FFFFFFFF", AbortReason.InvalidParameterValue },
        { "03000000000400010101", AbortReason.UnexpectedPdu },
        { "06000000000400000000", AbortReason.UnexpectedPdu },
    };

    [Theory]
    [MemberData(nameof(BrokenBytes))]
    public async Task Broken_bytes_from_an_acceptor_are_answered_with_an_abort_and_its_reason(string hex, byte reason)
    {
        await using var peer = ScriptedPeer.Listen(async peer =>
        {
            await peer.AcceptAsync();
            await peer.SendAsync(Convert.FromHexString(hex));
            Assert.Equal(new Abort(2, reason), await peer.ReadAsync<Abort>());
        });
        await using var association = await Association.ConnectAsync(Loopback.Options(peer.Port), Token);
        var problem = await Assert.ThrowsAsync<AssociationAbortedException>(async () => await association.ReceiveDataAsync(Token));
        Assert.False(problem.ByPeer);
        Assert.Equal((byte)2, problem.Source);
        Assert.Equal(reason, problem.Reason);
        await peer.Script;
    }

    [Theory]
    [MemberData(nameof(BrokenBytes))]
    public async Task Broken_bytes_from_a_requestor_are_answered_with_an_abort_and_its_reason(string hex, byte reason)
    {
        var (peer, accepting) = await ConnectAsync(new AcceptorOptions());
        await using var disposed = peer;
        Assert.IsType<AssociateAc>(await peer.AssociateAsync());
        await using var association = await accepting;
        await peer.SendAsync(Convert.FromHexString(hex));
        await Assert.ThrowsAsync<AssociationAbortedException>(async () => await association.ReceiveDataAsync(Token));
        Assert.Equal(new Abort(2, reason), await peer.ReadAsync<Abort>());
        peer.Close();
    }

    [Theory]
    [InlineData("000000000000")]
    [InlineData("0100FFFFFFFF")]
    [InlineData("010000000001")]
    [InlineData("0400FFFFFFFF000000040100")]
    [InlineData("05000000000400000000")]
    [InlineData("0200000000FF")]
    public async Task Broken_bytes_before_a_request_end_the_connection(string hex)
    {
        var (peer, accepting) = await ConnectAsync(new AcceptorOptions { AssociationTimeout = Short });
        await using var disposed = peer;
        await peer.SendAsync(Convert.FromHexString(hex));
        await peer.ReadToEndAsync();
        peer.Close();
        await Assert.ThrowsAnyAsync<DicomNetworkException>(() => accepting);
    }

    [Fact]
    public async Task Half_a_PDU_and_silence_end_with_the_timeout_and_an_abort()
    {
        await using var peer = ScriptedPeer.Listen(async peer =>
        {
            await peer.AcceptAsync();
            await peer.SendAsync(4, 1000, [0, 0, 3, 0xE2, 1, 0, 1, 2, 3]);
            Assert.Equal(new Abort(0, 0), await peer.ReadAsync<Abort>());
        });
        await using var association =
            await Association.ConnectAsync(Loopback.Options(peer.Port) with { ResponseTimeout = 10 * Short }, Token);
        // The first bytes are in time on a busy machine too.
        Assert.Equal(3, (await association.ReceiveDataAsync(Token))!.Value.Bytes.Length);
        var problem = await Assert.ThrowsAsync<DicomTimeoutException>(async () => await association.ReceiveDataAsync(Token));
        Assert.Equal("response", problem.Name);
        await peer.Script;
    }

    [Fact]
    public async Task An_endless_stream_of_tiny_PDVs_takes_no_memory()
    {
        byte[] tiny = [.. Enumerable.Repeat<byte[]>([0, 0, 0, 2, 1, 0], 40_000).SelectMany(bytes => bytes)];
        var (peer, accepting) = await ConnectAsync(new AcceptorOptions());
        await using var disposed = peer;
        await peer.AssociateAsync();
        await using var association = await accepting;
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++) await peer.SendAsync(4, (uint)tiny.Length, tiny);
            await peer.SendAsync(new PData([new(1, false, true, new byte[] { 1 })]));
        }, Token);
        var fragment = await association.ReceiveDataAsync(Token);
        Assert.True(fragment!.Value.IsLast);
        Assert.True(association.BytesReceived > 10 * tiny.Length);
        await sending;
        peer.Close();
    }

    [Fact]
    public async Task A_peer_that_sends_nothing_after_connecting_is_dropped()
    {
        var (peer, accepting) = await ConnectAsync(new AcceptorOptions { AssociationTimeout = Short });
        await using var disposed = peer;
        var problem = await Assert.ThrowsAsync<DicomTimeoutException>(() => accepting);
        Assert.Equal("association", problem.Name);
        Assert.Equal(Short, problem.Value);
        Assert.Null(await peer.ReadPduAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_that_trickles_in_does_not_extend_the_timeout(bool isReadOnThread)
    {
        var threads = isReadOnThread ? new ReadingThreads(1) { Patience = TimeSpan.FromSeconds(1) } : null;
        var (peer, accepting) = await ConnectAsync(new AcceptorOptions { AssociationTimeout = Short, Threads = threads });
        await using var disposed = peer;
        var request = PduWriter.ToArray(ScriptedPeer.Request());
        var trickle = Task.Run(async () =>
        {
            foreach (var value in request)
            {
                await peer.SendAsync(value);
                await Task.Delay(20, Token);
            }
        }, Token);
        Assert.Equal("association", (await Assert.ThrowsAsync<DicomTimeoutException>(() => accepting)).Name);
        await Task.WhenAny(trickle);
    }

    [Fact]
    public async Task A_peer_that_falls_silent_ends_with_the_idle_timeout()
    {
        var (peer, accepting) = await ConnectAsync(new AcceptorOptions { IdleTimeout = Short });
        await using var disposed = peer;
        await peer.AssociateAsync();
        await using var association = await accepting;
        Assert.Equal("idle", (await Assert.ThrowsAsync<DicomTimeoutException>(async () => await association.ReceiveDataAsync(Token))).Name);
        Assert.IsType<Abort>(await peer.ReadPduAsync());
        peer.Close();
    }

    [Fact]
    public async Task A_peer_that_does_not_read_ends_with_the_write_timeout()
    {
        await using var peer = ScriptedPeer.Listen(async peer =>
        {
            await peer.AcceptAsync();
            await peer.StayAsync();
        });
        await using var association = await Association.ConnectAsync(Loopback.Options(peer.Port) with { WriteTimeout = Short }, Token);
        var problem = await Assert.ThrowsAsync<DicomTimeoutException>(async () =>
        {
            while (true) await association.SendDataAsync(1, false, new byte[1_000_000], false, Token);
        });
        Assert.Equal("write", problem.Name);
    }

    [Fact]
    public async Task A_peer_that_does_not_answer_a_release_ends_with_the_release_timeout()
    {
        await using var peer = ScriptedPeer.Listen(async peer =>
        {
            await peer.AcceptAsync();
            await peer.ReadToEndAsync();
        });
        await using var association = await Association.ConnectAsync(Loopback.Options(peer.Port) with { ReleaseTimeout = Short }, Token);
        Assert.Equal("release", (await Assert.ThrowsAsync<DicomTimeoutException>(() => association.ReleaseAsync(Token))).Name);
    }

    [Fact]
    public async Task A_peer_that_floods_instead_of_answering_a_release_ends_with_the_release_timeout()
    {
        var flood = PduWriter.ToArray(new PData([new(1, false, false, new byte[16000])]));
        await using var peer = ScriptedPeer.Listen(async peer =>
        {
            await peer.AcceptAsync();
            try
            {
                while (true) await peer.SendAsync(flood);
            }
            catch (SocketException)
            {
                // The other side had enough.
            }
        });
        await using var association = await Association.ConnectAsync(Loopback.Options(peer.Port) with { ReleaseTimeout = Short }, Token);
        Assert.Equal("release", (await Assert.ThrowsAsync<DicomTimeoutException>(() => association.ReleaseAsync(Token))).Name);
    }

    [Fact]
    public async Task A_peer_that_does_not_answer_the_request_ends_with_the_association_timeout()
    {
        await using var peer = ScriptedPeer.Listen(async peer =>
        {
            await peer.ReadAsync<AssociateRq>();
            await peer.ReadAsync<Abort>();
        });
        var problem = await Assert.ThrowsAsync<DicomTimeoutException>(
            () => Association.ConnectAsync(Loopback.Options(peer.Port) with { AssociationTimeout = Short }, Token));
        Assert.Equal("association", problem.Name);
        Assert.Equal(DicomStage.Association, problem.Stage);
        await peer.Script;
    }

    [Fact]
    public async Task A_connection_that_closes_in_the_middle_is_told_as_such()
    {
        await using var peer = ScriptedPeer.Listen(async peer =>
        {
            await peer.AcceptAsync();
            await peer.SendAsync(4, 100, 0, 0);
            peer.Close();
        });
        await using var association = await Association.ConnectAsync(Loopback.Options(peer.Port), Token);
        var problem = await Assert.ThrowsAsync<AssociationAbortedException>(async () => await association.ReceiveDataAsync(Token));
        Assert.True(problem.ByPeer);
        Assert.Null(problem.Source);
        Assert.Contains("after a part of a PDU", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_request_is_answered_with_an_abort_for_an_unexpected_PDU()
    {
        var (peer, accepting) = await ConnectAsync(new AcceptorOptions());
        await using var disposed = peer;
        await peer.AssociateAsync();
        await using var association = await accepting;
        await peer.SendAsync(ScriptedPeer.Request());
        var problem = await Assert.ThrowsAsync<AssociationAbortedException>(async () => await association.ReceiveDataAsync(Token));
        Assert.Equal(AbortReason.UnexpectedPdu, problem.Reason);
        Assert.Equal(new Abort(2, AbortReason.UnexpectedPdu), await peer.ReadAsync<Abort>());
        peer.Close();
    }

    internal static async Task<(ScriptedPeer Peer, Task<Association> Accepting)> ConnectAsync(AcceptorOptions options)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var accepting = AcceptAsync();
        return (await ScriptedPeer.ConnectAsync(port), accepting);

        // A listener that stops before it has accepted would reset the connection.
        async Task<Association> AcceptAsync()
        {
            using (listener) return await Loopback.AcceptAsync(listener, options);
        }
    }
}
