using DicomPS.Associations;
using DicomPS.Compatibility;
using DicomPS.Engine.Tests.Support;

namespace DicomPS.Engine.Tests.Associations;

public class ReadingThreadsTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task There_are_no_more_than_allowed_and_who_finds_none_stays_where_it_is()
    {
        var threads = new ReadingThreads(1);
        using var leave = new ManualResetEventSlim();
        var first = Task.Run(async () =>
        {
            await threads.Enter();
            Assert.True(threads.IsHere);
            leave.Wait(6 * Long);
        }, Token);
        await UntilAsync(() => threads.Count == 1);

        await Task.Run(async () =>
        {
            await threads.Enter();
            Assert.False(threads.IsHere);
        }, Token);
        Assert.Equal(1, threads.Count);
        leave.Set();
        await first;
    }

    [Fact]
    public async Task A_thread_is_used_again_and_ends_when_there_is_nothing_to_do()
    {
        var threads = new ReadingThreads(4) { KeptIdle = TimeSpan.FromMilliseconds(50) };
        for (var i = 0; i < 20; i++) await Task.Run(async () => await threads.Enter(), Token);
        Assert.InRange(threads.Count, 0, 4);
        await UntilAsync(() => threads.Count == 0);
        await Task.Run(async () => await threads.Enter(), Token);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_acceptor_whose_peer_keeps_sending_reads_on_a_thread_and_a_silent_one_holds_none(bool isSecure)
    {
        // The TLS of .NET Framework reads asynchronously only.
        if (isSecure && !PatientStream.IsPossible) return;
        using var certificate = isSecure ? Certificates.SelfSigned("localhost") : null;
        var threads = new ReadingThreads(2) { KeptIdle = TimeSpan.FromMilliseconds(50), Patience = TimeSpan.FromSeconds(1) };
        var pinned = certificate is null ? null
            : new TlsClientOptions { Validation = TlsValidation.Pinned, PinnedThumbprints = [certificate.Thumbprint] };
        var served = certificate is null ? null : new TlsServerOptions { Certificate = certificate };
        await using var both = await Loopback.OpenAsync(
            options => options with { Tls = pinned },
            new AcceptorOptions { Threads = threads, Tls = served });
        Assert.True(await TalkUntilThereAsync(both, threads));
        // It ends where nothing is read for a moment.
        Assert.InRange(threads.Count, 0, 2);

        // It waits on, and the thread is let go.
        var next = both.Acceptor.ReceiveDataAsync(Token).AsTask();
        await UntilAsync(() => threads.Count == 0);
        Assert.False(next.IsCompleted);
        await SendAsync(both.Requestor, 7);
        Assert.Equal(7, (await next)!.Value.Bytes.Span[0]);
        Assert.False(await TalkAsync(both, 2, threads));
        Assert.True(await TalkUntilThereAsync(both, threads));
    }

    [Fact]
    public async Task A_peer_that_trickles_gives_its_thread_to_who_finds_none()
    {
        // Whatever its peer sends counts as too little, and no silence ends its hold.
        var threads = new ReadingThreads(1) { Patience = Long, Busy = TimeSpan.Zero };
        await using var both = await Loopback.OpenAsync(acceptor: new AcceptorOptions { Threads = threads });
        const int after = 30, most = 2000;
        var wasHere = new List<bool>();
        using var taken = new SemaphoreSlim(0);
        var taking = Task.Run(async () =>
        {
            for (var isLast = false; !isLast;)
            {
                var piece = await both.Acceptor.ReceiveDataAsync().ConfigureAwait(false);
                wasHere.Add(threads.IsHere);
                isLast = piece!.Value.Bytes.Span[0] == 2;
                taken.Release();
            }
        }, Token);

        // One at a time, so that each read has to wait; on a busy machine not every one does.
        for (var i = 0; i < most && !wasHere.LastOrDefault(); i++)
        {
            if (i > 100)
                await Task.Delay(2, Token);
            await TalkAsync(1);
        }

        Assert.True(wasHere[^1]);
        var before = wasHere.Count;
        // A thread that has nothing to do for a moment forgets that somebody found none, who then asks again.
        for (var round = 0; round < 20 && !wasHere.Skip(before).Contains(false); round++)
        {
            Assert.True(!await Task.Run(EntersAsync, Token) || round > 0);
            for (var i = 0; i < after; i++)
                await TalkAsync(1);
        }

        Assert.Contains(false, wasHere.Skip(before));
        await TalkAsync(2);
        await taking;
        using var limit = new CancellationTokenSource(6 * Long);
        while (!await Task.Run(EntersAsync, limit.Token))
            await Task.Delay(5, limit.Token);

        async Task<bool> EntersAsync()
        {
            await threads.Enter();
            return threads.IsHere;
        }

        async Task TalkAsync(byte value)
        {
            await SendAsync(both.Requestor, value);
            await taken.WaitAsync(Token);
        }
    }

    [Fact]
    public async Task Where_several_find_none_nobody_keeps_one_for_a_while()
    {
        // The same for all, so that the crowd lasts as long as the test.
        var threads = new ReadingThreads(1) { Patience = 30 * Long, CrowdTime = 30 * Long, KeptIdle = Soon };
        await using var first = await OpenAsync();
        await using var second = await OpenAsync();
        await using var third = await OpenAsync();
        Assert.False(threads.IsCrowded);
        Assert.True(await TalkUntilThereAsync(first, threads));
        Assert.False(threads.IsCrowded);

        await UntilAsync(() => threads.Count == 0);
        using var isThere = new SemaphoreSlim(0);
        var waits = Task.Run(async () =>
        {
            await threads.Enter();
            Assert.True(threads.IsHere);
            isThere.Release();
            await first.Acceptor.ReceiveDataAsync().ConfigureAwait(false);
            return threads.IsHere;
        }, Token);
        await isThere.WaitAsync(Token);
        Assert.Equal(1, threads.Count);
        // They ask for one when a read has to wait.
        for (var round = 0; round < 100 && !threads.IsCrowded; round++)
        {
            Assert.False(await SendLateAsync(second, threads, round));
            Assert.False(await SendLateAsync(third, threads, round));
        }

        Assert.True(threads.IsCrowded);

        await SendAsync(first.Requestor, 1);
        await waits;
        Assert.False(await TalkAsync(second, 20, threads));
        // Its first read may have begun on the thread.
        await TalkAsync(first, 2, threads);
        Assert.False(await TalkAsync(first, 20, threads));

        // What talked may still be on the thread, this test itself too: whoever comes then finds none, and does not ask again.
        async Task<Loopback> OpenAsync()
        {
            var both = await Loopback.OpenAsync(acceptor: new AcceptorOptions { Threads = threads });
            await UntilAsync(() => threads.Count == 0);
            return both;
        }
    }

    [Fact]
    public async Task Who_may_have_one_again_after_a_crowd_has_it()
    {
        var threads = new ReadingThreads(1) { CrowdTime = Soon, KeptIdle = Soon };
        using var leave = new ManualResetEventSlim();
        var first = Task.Run(async () =>
        {
            await threads.Enter();
            leave.Wait(6 * Long);
        }, Token);
        await UntilAsync(() => threads.Count == 1);
        await Task.Run(async () => await threads.Enter(), Token);
        await Task.Run(async () => await threads.Enter(), Token);
        leave.Set();
        await first;
        // This test may be on the thread itself until it waits.
        await UntilAsync(() => !threads.IsCrowded && threads.Count == 0);
        Assert.True(await Task.Run(async () =>
        {
            await threads.Enter();
            return threads.IsHere;
        }, Token));
    }

    [Fact]
    public async Task A_requestor_reads_on_no_thread()
    {
        var threads = new ReadingThreads(2) { Patience = Long };
        await using var both = await Loopback.OpenAsync(acceptor: new AcceptorOptions { Threads = threads });
        await Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await SendAsync(both.Acceptor, 1);
                await both.Requestor.ReceiveDataAsync(Token).ConfigureAwait(false);
                Assert.False(threads.IsHere);
            }
        }, Token);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_read_on_a_thread_ends_with_a_cancellation_or_an_abort(bool isCanceled)
    {
        var threads = new ReadingThreads(2) { Patience = TimeSpan.FromMilliseconds(500) };
        await using var both = await Loopback.OpenAsync(acceptor: new AcceptorOptions { Threads = threads });
        Assert.True(await TalkUntilThereAsync(both, threads));
        using var cancel = new CancellationTokenSource();
        var next = Task.Run(async () => await both.Acceptor.ReceiveDataAsync(cancel.Token), Token);
        if (isCanceled)
        {
            cancel.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        }
        else
        {
            await both.Acceptor.AbortAsync();
            await Assert.ThrowsAsync<AssociationAbortedException>(() => next);
        }
    }

    [Fact]
    public async Task The_end_of_a_peer_and_a_release_are_seen_on_a_thread()
    {
        var threads = new ReadingThreads(2) { Patience = Long };
        await using var released = await Loopback.OpenAsync(acceptor: new AcceptorOptions { Threads = threads });
        Assert.True(await TalkUntilThereAsync(released, threads));
        var next = Task.Run(async () => await released.Acceptor.ReceiveDataAsync(Token), Token);
        await released.Requestor.ReleaseAsync(Token);
        Assert.Null(await next);

        await using var aborted = await Loopback.OpenAsync(acceptor: new AcceptorOptions { Threads = threads });
        Assert.True(await TalkUntilThereAsync(aborted, threads));
        next = Task.Run(async () => await aborted.Acceptor.ReceiveDataAsync(Token), Token);
        await aborted.Requestor.AbortAsync();
        Assert.True((await Assert.ThrowsAsync<AssociationAbortedException>(() => next)).ByPeer);
    }

    // One message at a time, each answered, so that each read has to wait.
    private static Task<bool> TalkAsync(Loopback both, int messages, ReadingThreads threads) => Task.Run(async () =>
    {
        var answering = Task.Run(async () =>
        {
            var wasThere = false;
            for (var i = 0; i < messages; i++)
            {
                var piece = await both.Acceptor.ReceiveDataAsync().ConfigureAwait(false);
                Assert.Equal((byte)i, piece!.Value.Bytes.Span[0]);
                wasThere |= threads.IsHere;
                await SendAsync(both.Acceptor, (byte)i).ConfigureAwait(false);
            }

            return wasThere;
        });
        for (var i = 0; i < messages; i++)
        {
            await SendAsync(both.Requestor, (byte)i);
            await both.Requestor.ReceiveDataAsync();
        }

        return await answering;
    });

    // Until a read was on a thread. On a busy machine the bytes are there before the read, which has nothing to wait for then: they are
    // sent later and later.
    private static async Task<bool> TalkUntilThereAsync(Loopback both, ReadingThreads threads)
    {
        for (var round = 0; round < 400; round++)
        {
            if (await SendLateAsync(both, threads, round - 20))
                return true;
        }

        return false;
    }

    // Whether the read of a message was on a thread.
    private static async Task<bool> SendLateAsync(Loopback both, ReadingThreads threads, int round)
    {
        var isThere = Task.Run(async () =>
        {
            await both.Acceptor.ReceiveDataAsync().ConfigureAwait(false);
            return threads.IsHere;
        });
        if (round >= 0)
            await Task.Delay(Math.Min(round + 1, 50), Token);
        await SendAsync(both.Requestor, 1);
        return await isThere;
    }

    private static async Task SendAsync(Association association, byte value)
    {
        var context = association.AcceptedContexts[0].Id;
        await association.SendDataAsync(context, isCommand: true, new[] { value, value }, isLast: true).ConfigureAwait(false);
        await association.FlushAsync().ConfigureAwait(false);
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(6 * Long);
        while (!isSo()) await Task.Delay(5, limit.Token);
    }
}
