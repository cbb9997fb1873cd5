using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;
using DicomPS.Pdus;
using DicomPS.Scp;
using DicomPS.Serving;

namespace DicomPS.Engine.Tests.Scp;

/// <summary>Who holds places without using them, and who only has a slow line. Time is that of the test.</summary>
public sealed class StarvationTests
{
    private const string Ct = Uids.CTImageStorage, Explicit = "1.2.840.10008.1.2.1";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(50_000_000, 8_000, true)]
    [InlineData(50_000_000, 250_000, true)]
    [InlineData(200_000, 600, true)]
    [InlineData(200_000, 400, false)]
    [InlineData(200_000, 1, false)]
    public async Task A_message_may_take_as_long_as_it_likes_while_it_comes_at_a_rate(int bytes, int rate, bool arrives)
    {
        var line = new Line(bytes, rate);
        var told = new List<ServerEvent>();
        var got = 0L;
        var row = new ServiceRow(Ct, CommandField.CStoreRequest, async (call, cancellationToken) =>
        {
            while (await call.Reader.ReadDataAsync(cancellationToken) is { } piece)
                got += piece.Length;
            return call.Command.Respond(0);
        }, 0xC000, 0x0110);
        await using (var server = DicomServer.StartWithoutPort(new DicomServerOptions { Trace = told.Add }, new ServiceTable([row])))
        {
            server.Take(line);
            await line.Over.WaitAsync(Token);
        }

        Assert.Equal(arrives, got == bytes);
        var cut = told.Where(what => what.Kind == ServerEventKind.Broken && what.Problem is DicomTimeoutException { Name: "rate" });
        Assert.Equal(!arrives, cut.Any());
        Assert.All(cut, what => Assert.Contains("-MinimumRate", what.Advice));
        // However slow it is, it is noticed after the minute that the rate is averaged over.
        if (!arrives)
            Assert.InRange(line.Elapsed.TotalSeconds, 55, 130);
    }

    [Fact]
    public void Between_messages_nobody_is_too_slow()
    {
        var pace = new Pace(500, TimeSpan.FromMinutes(1), 1);
        for (var i = 0; i < 1000; i++)
        {
            Assert.False(pace.Count(59, 1));
            pace.Reset();
        }

        Assert.False(pace.Count(60, 30_000));
        Assert.True(pace.Count(60, 29_999));
    }

    [Fact]
    public async Task An_association_that_drips_is_cut_and_its_place_is_free_again()
    {
        using var folder = new TempFolder();
        await using var server = StorageServer.Start(new StorageServerOptions
        {
            Folder = folder.Path,
            Server = new DicomServerOptions
            {
                Address = IPAddress.Loopback,
                MaximumAssociations = 1,
                LeastRate = 1000,
                RateWindow = TimeSpan.FromMilliseconds(300),
            },
        });
        using var drip = new TcpClient();
        await drip.ConnectAsync(IPAddress.Loopback, server.Port, Token);
        var stream = drip.GetStream();
        await stream.WriteAsync(Requested(), Token);
        while (server.ActiveAssociations == 0)
            await Task.Delay(10, Token);
        try
        {
            // One PDU, a byte at a time.
            for (byte[] next = [4]; server.ActiveAssociations > 0; next = [0])
            {
                await stream.WriteAsync(next, Token);
                await Task.Delay(5, Token);
            }
        }
        catch (IOException)
        {
            // It is closed there.
        }

        while (server.GetEvents().All(what => what.Kind != nameof(ServerEventKind.Broken)))
            await Task.Delay(10, Token);
        await using var another = await ConnectAsync(server);
    }

    [Fact]
    public async Task Who_calls_gets_in_though_hundreds_of_connections_say_nothing_and_each_that_gives_way_is_told()
    {
        using var folder = new TempFolder();
        await using var server = StorageServer.Start(new StorageServerOptions
        {
            Folder = folder.Path,
            Server = new DicomServerOptions { Address = IPAddress.Loopback, MaximumAssociations = 4 },
        });
        var silent = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 4 + 256; i++)
            {
                silent.Add(new TcpClient());
                await silent[^1].ConnectAsync(IPAddress.Loopback, server.Port, Token);
            }

            // Whoever has just come has a moment to say what he wants.
            await Task.Delay(1500, Token);
            for (var i = 0; i < 3; i++)
            {
                await using var association = await ConnectAsync(server);
                Assert.Single(association.AcceptedContexts);
            }

            while (!server.GetEvents().Any(what => what.Message.Contains("was cut off: too many", StringComparison.Ordinal)))
                await Task.Delay(10, Token);
        }
        finally
        {
            silent.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task Sixty_associations_of_one_address_pass_and_the_last_places_are_told_to_be_for_others()
    {
        using var folder = new TempFolder();
        await using var server = StorageServer.Start(new StorageServerOptions
        {
            Folder = folder.Path,
            Server = new DicomServerOptions { Address = IPAddress.Loopback },
        });
        var open = new List<Association>();
        try
        {
            for (var i = 0; i < 60; i++)
                open.Add(await ConnectAsync(server));
            var refused = await Assert.ThrowsAsync<AssociationRejectedException>(() => ConnectAsync(server));
            Assert.Equal((2, 3, 2), (refused.Result, refused.Source, refused.Reason));
            Assert.Contains("It has 60 of the 64 associations open", Assert.Single(server.GetEvents()).Message);
        }
        finally
        {
            foreach (var association in open)
                await association.DisposeAsync();
        }
    }

    [Fact]
    public void The_oldest_of_the_address_with_most_connections_gives_way()
    {
        var clock = new Clock();
        var half = new HalfOpenConnections(clock);
        using var other = new Gone();
        half.Enter(IPAddress.Parse("10.0.0.9"), other);
        var greedy = new List<Gone>();
        for (var i = 0; i < 3; i++)
        {
            clock.Ticks += 10;
            greedy.Add(new Gone());
            half.Enter(IPAddress.Parse("10.0.0.1"), greedy[i]);
        }

        // Whoever has just come may be about to speak.
        Assert.False(half.CutOffOne());
        clock.Ticks += 1000;
        Assert.True(half.CutOffOne());
        Assert.Equal([false, true, false, false], new[] { other }.Concat(greedy).Select(one => one.IsGone));
    }

    private static Task<Association> ConnectAsync(StorageServer server) => Association.ConnectAsync(new AssociationOptions
    {
        Host = "127.0.0.1",
        Port = server.Port,
        PresentationContexts = [new PresentationContextProposal(Ct, [Explicit])],
    }, Token);

    private static byte[] Requested() => PduWriter.ToArray(new AssociateRq
    {
        CalledAETitle = "BOX",
        CallingAETitle = "CT1",
        PresentationContexts = [new PresentationContextRq(1, Ct, [Explicit])],
        UserItems = [new MaximumLength(16384), new ImplementationClassUid("1.2.3")],
    });

    private sealed class Gone : IDisposable
    {
        public bool IsGone { get; private set; }

        public void Dispose() => IsGone = true;
    }

    private sealed class Clock : TimeProvider
    {
        public long Ticks { get; set; } = 1;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Never();

        private sealed class Never : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
                // There is none.
            }

            public ValueTask DisposeAsync() => default;
        }
    }

    /// <summary>A peer that stores one instance over a line of so many bytes a second.</summary>
    private sealed class Line : Transport
    {
        private readonly Clock _clock = new();
        private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly int _rate;
        private readonly MemoryStream _bytes = new();

        public Line(int dataset, int rate)
        {
            _rate = rate;
            _bytes.Write(Requested());
            var command = CommandWriter.Encode(new CommandSet
            {
                Field = CommandField.CStoreRequest,
                MessageId = 1,
                AffectedSopClassUid = Ct,
                AffectedSopInstanceUid = "1.2.3",
                HasDataset = true,
            }).ToArray();
            Data(command, 3);
            for (var left = dataset; left > 0; left -= 100_000)
                Data(new byte[Math.Min(left, 100_000)], (byte)(left <= 100_000 ? 2 : 0));
            _bytes.Position = 0;
        }

        public Task Over => _over.Task;

        public TimeSpan Elapsed => TimeSpan.FromMilliseconds(_clock.Ticks);

        public override TimeProvider Time => _clock;

        public override IPEndPoint RemoteEndPoint { get; } = new(IPAddress.Parse("10.0.0.1"), 4711);

        public override IPEndPoint LocalEndPoint { get; } = new(IPAddress.Loopback, 104);

        public override bool IsSecure => false;

        public override bool HasBytes => true;

        public override X509Certificate? PeerCertificate => null;

        public override void BeforeWait()
        {
            // Nothing is told to a network.
        }

        public override bool WaitForBytes(TimeSpan limit) => true;

        public override int Read(Memory<byte> buffer) => throw new NotSupportedException();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(_over.Task.IsCompleted, this);
            // The association request is there at once; what follows comes second by second.
            if (_bytes.Position < 300)
                return new ValueTask<int>(_bytes.Read(buffer.Span[..Math.Min(buffer.Length, 300)]));
            _clock.Ticks += 1000;
            return new ValueTask<int>(_bytes.Read(buffer.Span[..Math.Min(buffer.Length, _rate)]));
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => default;

        public override void EndSending()
        {
            // The peer would see it.
        }

        public override void Dispose() => _over.TrySetResult();

        // PS3.8 9.3.5: a P-DATA-TF PDU of one PDV.
        private void Data(byte[] data, byte header)
        {
            var pdv = data.Length + 2;
            _bytes.Write([4, 0, .. Long(pdv + 4), .. Long(pdv), 1, header]);
            _bytes.Write(data);
        }

        private static byte[] Long(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
    }
}
