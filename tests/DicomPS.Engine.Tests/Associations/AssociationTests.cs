using System.Security.Cryptography;
using DicomPS.Associations;
using DicomPS.Engine.Tests.Support;
using DicomPS.Pdus;

namespace DicomPS.Engine.Tests.Associations;

public class AssociationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Both_ends_know_what_was_agreed(bool isIPv6)
    {
        if (isIPv6 && !System.Net.Sockets.Socket.OSSupportsIPv6) Assert.Skip("This machine has no IPv6.");
        var steps = new List<AssociationEvent>();
        await using var both = await Loopback.OpenAsync(
            options => options with { CalledAETitle = "CALLED", CallingAETitle = "CALLING", Trace = steps.Add }, isIPv6: isIPv6);
        Assert.Equal(AssociationState.Established, both.Requestor.State);
        Assert.Equal(AssociationState.Established, both.Acceptor.State);
        Assert.Equal(Shape.Of(both.Requestor.Request), Shape.Of(both.Acceptor.Request));
        Assert.Equal(Shape.Of(both.Requestor.Response), Shape.Of(both.Acceptor.Response));
        Assert.Equal(both.Requestor.AcceptedContexts, both.Acceptor.AcceptedContexts);
        Assert.Equal(new AcceptedContext(1, Loopback.Verification, Loopback.Implicit, true, false), both.Requestor.FindContext(1));
        Assert.Null(both.Requestor.FindContext(3));
        Assert.Equal(AssociationDefaults.ImplementationVersionName, both.Acceptor.PeerImplementationVersionName);
        Assert.Equal(AssociationDefaults.ImplementationClassUid, both.Requestor.PeerImplementationClassUid);
        Assert.Equal(262144u, both.Requestor.PeerMaximumPduLength);
        Assert.Equal(both.Requestor.LocalEndPoint, both.Acceptor.RemoteEndPoint);
        Assert.Equal(
            [AssociationEventKind.NameResolved, AssociationEventKind.Connected, AssociationEventKind.Requested,
                AssociationEventKind.Accepted],
            steps.Select(step => step.Kind));
    }

    [Theory]
    [InlineData(262144u, 3_000_001)]
    [InlineData(16384u, 1_000_000)]
    [InlineData(16u, 10_001)]
    [InlineData(0u, 3_000_001)]
    public async Task Bytes_arrive_as_they_were_sent_both_ways_at_once(uint maximum, int length)
    {
        await using var both = await Loopback.OpenAsync(
            options => options with { MaximumPduLength = maximum },
            new AcceptorOptions { Policy = new AcceptorPolicy { MaximumPduLength = maximum } });
        var there = RandomNumberGenerator.GetBytes(length);
        var back = RandomNumberGenerator.GetBytes(length);
        Task<byte[]>[] received = [ReceiveAsync(both.Acceptor), ReceiveAsync(both.Requestor)];
        await Task.WhenAll(SendAsync(both.Requestor, there), SendAsync(both.Acceptor, back));
        Assert.True((await received[0]).AsSpan().SequenceEqual(there));
        Assert.True((await received[1]).AsSpan().SequenceEqual(back));
        Assert.True(both.Requestor.BytesSent > length);
        Assert.Equal(both.Requestor.BytesSent, both.Acceptor.BytesReceived);
    }

    [Fact]
    public async Task A_PDU_of_many_megabytes_is_streamed_when_there_is_no_limit()
    {
        const int Length = 64 * 1024 * 1024;
        await using var peer = ScriptedPeer.Listen(async peer =>
        {
            await peer.AcceptAsync();
            await peer.SendAsync(4, Length + 6, [0x04, 0x00, 0x00, 0x02, 1, 2]);
            var piece = new byte[1024 * 1024];
            for (var sent = 0; sent < Length; sent += piece.Length) await peer.SendAsync(piece);
        });
        await using var association = await Association.ConnectAsync(Loopback.Options(peer.Port) with { MaximumPduLength = 0 }, Token);
        long total = 0;
        var largest = 0;
        while (await association.ReceiveDataAsync(Token) is { } fragment)
        {
            total += fragment.Bytes.Length;
            largest = Math.Max(largest, fragment.Bytes.Length);
            if (fragment.IsLast) break;
        }

        Assert.Equal(Length, total);
        Assert.InRange(largest, 1, 1024 * 1024);
        await peer.Script;
    }

    [Fact]
    public async Task A_release_by_the_requestor_ends_both_sides_in_order()
    {
        await using var both = await Loopback.OpenAsync();
        await both.Requestor.SendDataAsync(1, true, new byte[] { 1, 2 }, true, Token);
        var release = both.Requestor.ReleaseAsync(Token);
        var last = await both.Acceptor.ReceiveDataAsync(Token);
        Assert.Equal(2, last!.Value.Bytes.Length);
        Assert.Null(await both.Acceptor.ReceiveDataAsync(Token));
        await release;
        Assert.Equal(AssociationState.Idle, both.Requestor.State);
        Assert.Null(await both.Acceptor.ReceiveDataAsync(Token));
        Assert.Null(await both.Requestor.ReceiveDataAsync(Token));
        await both.Requestor.ReleaseAsync(Token);
        await Assert.ThrowsAsync<AssociationAbortedException>(
            async () => await both.Requestor.SendDataAsync(1, true, default, true, Token));
    }

    [Fact]
    public async Task A_release_goes_through_while_another_task_receives()
    {
        await using var both = await Loopback.OpenAsync();
        var receiving = both.Requestor.ReceiveDataAsync(Token).AsTask();
        var release = both.Requestor.ReleaseAsync(Token);
        Assert.Null(await both.Acceptor.ReceiveDataAsync(Token));
        Assert.Null(await receiving);
        await release;
    }

    [Fact]
    public async Task Data_on_its_way_is_dropped_by_a_release()
    {
        await using var both = await Loopback.OpenAsync();
        await SendAsync(both.Acceptor, new byte[100_000]);
        var release = both.Requestor.ReleaseAsync(Token);
        Assert.Null(await both.Acceptor.ReceiveDataAsync(Token));
        await release;
    }

    [Fact]
    public async Task When_both_release_at_once_both_end_in_order()
    {
        await using var both = await Loopback.OpenAsync();
        await Task.WhenAll(both.Requestor.ReleaseAsync(Token), both.Acceptor.ReleaseAsync(Token));
        Assert.Equal(AssociationState.Idle, both.Requestor.State);
    }

    [Fact]
    public async Task The_requestor_answers_first_in_a_release_collision()
    {
        await using var peer = ScriptedPeer.Listen(async peer =>
        {
            await peer.AcceptAsync();
            await peer.ReadAsync<ReleaseRq>();
            await peer.SendAsync(new ReleaseRq());
            await peer.ReadAsync<ReleaseRp>();
            await peer.SendAsync(new ReleaseRp());
            Assert.Null(await peer.ReadPduAsync());
        });
        await using var association = await Association.ConnectAsync(Loopback.Options(peer.Port), Token);
        await association.ReleaseAsync(Token);
        await peer.Script;
    }

    [Fact]
    public async Task An_abort_is_told_to_the_other_side()
    {
        await using var both = await Loopback.OpenAsync();
        await both.Requestor.AbortAsync();
        var problem = await Assert.ThrowsAsync<AssociationAbortedException>(async () => await both.Acceptor.ReceiveDataAsync(Token));
        Assert.True(problem.ByPeer);
        Assert.Equal((byte)0, problem.Source);
        Assert.Equal(DicomStage.Association, problem.Stage);
        problem = await Assert.ThrowsAsync<AssociationAbortedException>(async () => await both.Requestor.ReceiveDataAsync(Token));
        Assert.False(problem.ByPeer);
    }

    [Fact]
    public async Task An_abort_by_a_provider_is_told_with_its_reason_by_name()
    {
        await using var both = await Loopback.OpenAsync();
        await both.Acceptor.AbortAsync(2, 4);
        var problem = await Assert.ThrowsAsync<AssociationAbortedException>(async () => await both.Requestor.ReceiveDataAsync(Token));
        Assert.Equal((2, 4), ((int)problem.Source!, (int)problem.Reason!));
        Assert.Contains("unrecognized PDU parameter", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_abort_and_a_dispose_from_many_threads_end_a_receive_that_waits()
    {
        await using var both = await Loopback.OpenAsync();
        var receiving = both.Requestor.ReceiveDataAsync(Token).AsTask();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Run(async () =>
        {
            if ((n & 1) == 0) await both.Requestor.AbortAsync();
            else await both.Requestor.DisposeAsync();
        })));
        await Assert.ThrowsAsync<AssociationAbortedException>(() => receiving);
        await Assert.ThrowsAsync<AssociationAbortedException>(async () => await both.Acceptor.ReceiveDataAsync(Token));
    }

    [Fact]
    public async Task A_canceled_receive_aborts_the_association()
    {
        await using var both = await Loopback.OpenAsync();
        using var cancel = new CancellationTokenSource();
        var receiving = both.Requestor.ReceiveDataAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving);
        var problem = await Assert.ThrowsAsync<AssociationAbortedException>(async () => await both.Acceptor.ReceiveDataAsync(Token));
        Assert.Equal((byte)0, problem.Source);
        await Assert.ThrowsAsync<AssociationAbortedException>(async () => await both.Requestor.ReceiveDataAsync(Token));
    }

    [Fact]
    public async Task A_canceled_write_ends_the_association()
    {
        await using var both = await Loopback.OpenAsync();
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (true) await both.Requestor.SendDataAsync(1, false, new byte[1_000_000], false, cancel.Token);
        });
        await Assert.ThrowsAsync<AssociationAbortedException>(async () => await both.Requestor.FlushAsync(Token));
    }

    [Fact]
    public async Task The_reason_of_an_abort_reaches_one_who_only_sends()
    {
        await using var peer = ScriptedPeer.Listen(async peer =>
        {
            await peer.AcceptAsync();
            await peer.ReadPduAsync();
            await peer.SendAsync(new Abort(2, 6));
            peer.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            peer.Close();
        });
        await using var association = await Association.ConnectAsync(Loopback.Options(peer.Port), Token);
        var problem = await Assert.ThrowsAsync<AssociationAbortedException>(async () =>
        {
            while (true)
            {
                await association.SendDataAsync(1, false, new byte[100_000], false, Token);
                await association.FlushAsync(Token);
            }
        });
        Assert.True(problem.ByPeer);
    }

    [Fact]
    public async Task Data_for_a_context_that_was_not_accepted_is_not_sent()
    {
        await using var both = await Loopback.OpenAsync();
        await Assert.ThrowsAsync<ArgumentException>(async () => await both.Requestor.SendDataAsync(3, true, default, true, Token));
        Assert.Equal(AssociationState.Established, both.Requestor.State);
    }

    [Fact]
    public async Task A_peer_whose_maximum_leaves_no_room_for_data_is_refused()
    {
        await using var peer = ScriptedPeer.Listen(async peer =>
        {
            await peer.AcceptAsync(maximumPdu: 7);
            await peer.ReadAsync<Abort>();
        });
        var problem = await Assert.ThrowsAsync<AssociationAbortedException>(
            () => Association.ConnectAsync(Loopback.Options(peer.Port), Token));
        Assert.Contains("7 bytes", problem.Message, StringComparison.Ordinal);
        await peer.Script;
    }

    [Fact]
    public async Task A_peer_that_leaves_Nagle_on_is_not_slowed_by_late_acknowledgements()
    {
        // Two small writes for a message: the second waits for the acknowledgement of the first, 40 ms when that is delayed.
        Runtime.SkipOnMono("sockets have no TCP_QUICKACK there, and Windows, which the same assembly is for, does not need it.");
        const int Messages = 200;
        var first = PduWriter.ToArray(new PData([new(1, true, true, new byte[60])]));
        var second = PduWriter.ToArray(new PData([new(1, false, true, new byte[60])]));
        await using var peer = ScriptedPeer.Listen(async peer =>
        {
            peer.Socket.NoDelay = false;
            await peer.AcceptAsync();
            for (var i = 0; i < Messages; i++)
            {
                await peer.ReadPduAsync();
                await peer.SendAsync(first);
                await peer.SendAsync(second);
            }
        });
        await using var association = await Association.ConnectAsync(Loopback.Options(peer.Port), Token);
        var times = new List<long>();
        for (var i = 0; i < Messages; i++)
        {
            var started = Environment.TickCount64;
            await association.SendDataAsync(1, true, new byte[60], true, Token);
            await association.FlushAsync(Token);
            await association.ReceiveDataAsync(Token);
            await association.ReceiveDataAsync(Token);
            times.Add(Environment.TickCount64 - started);
        }

        // A late acknowledgement is late each time, a busy machine now and then.
        Assert.InRange(times.Order().ElementAt(Messages / 4), 0, 20);
        await peer.Script;
    }

    private static async Task SendAsync(Association association, byte[] bytes)
    {
        for (var sent = 0; sent < bytes.Length;)
        {
            var count = Math.Min(70_001, bytes.Length - sent);
            await association.SendDataAsync(1, false, bytes.AsMemory(sent, count), sent + count == bytes.Length, Token);
            sent += count;
        }

        await association.FlushAsync(Token);
    }

    private static async Task<byte[]> ReceiveAsync(Association association)
    {
        var bytes = new MemoryStream();
        while (await association.ReceiveDataAsync(Token) is { } fragment)
        {
            bytes.Write(fragment.Bytes.Span);
            if (fragment.IsLast) break;
        }

        return bytes.ToArray();
    }
}
