using System.Net;
using System.Net.Sockets;
using System.Text;
using DicomPS.Associations;
using DicomPS.Engine.Tests.Support;
using DicomPS.Pdus;

namespace DicomPS.Engine.Tests.Associations;

public class ConnectFailureTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_port_that_nothing_listens_on_is_named()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var problem = await Assert.ThrowsAsync<DicomNetworkException>(() => Association.ConnectAsync(Loopback.Options(port), Token));
        Assert.Equal($"Nothing listens on port {port} of 127.0.0.1.", problem.Message);
        Assert.Equal(DicomStage.Tcp, problem.Stage);
        Assert.NotNull(problem.Advice);
    }

    [Fact]
    public async Task A_peer_that_resets_every_connection_at_once_is_a_failure_of_the_network()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(8);
        var resetting = Task.Run(
            () =>
            {
                try
                {
                    while (true)
                    {
                        using var peer = listener.Accept();
                        peer.LingerState = new LingerOption(true, 0);
                    }
                }
                catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
                {
                    // The listener is closed: the test is over.
                }
            },
            Token);
        var options = Loopback.Options(((IPEndPoint)listener.LocalEndPoint!).Port) with { ProbesSilentPort = false };

        // When the reset is seen differs from one time to the next.
        for (var i = 0; i < 300; i++)
        {
            var problem = await Assert.ThrowsAnyAsync<DicomNetworkException>(() => Association.ConnectAsync(options, Token));
            Assert.Contains("closed the connection", problem.Message, StringComparison.Ordinal);
        }

        listener.Dispose();
        await resetting;
    }

    [Fact]
    public async Task A_name_that_nobody_has_is_named()
    {
        var options = Loopback.Options(104) with { Host = "no-such-host.invalid" };
        var problem = await Assert.ThrowsAnyAsync<DicomNetworkException>(() => Association.ConnectAsync(options, Token));
        Assert.Equal(DicomStage.NameLookup, problem.Stage);
        Assert.Contains("no-such-host.invalid", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_swallows_packets_ends_with_the_connect_timeout()
    {
        // A listener with a full backlog drops what comes next: nothing else on one machine looks so much like a firewall.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var fillers = new List<Socket>();
        try
        {
            for (var i = 0; i < 4; i++)
            {
                var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                fillers.Add(filler);
                Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems refuse instead.");
                try
                {
                    filler.Connect(listener.LocalEndPoint!);
                }
                catch (SocketException)
                {
                    // It goes on in the background.
                }
            }

            await Task.Delay(100, Token);
            var options =
                Loopback.Options(((IPEndPoint)listener.LocalEndPoint!).Port) with { ConnectTimeout = TimeSpan.FromMilliseconds(300) };
            var problem = await Assert.ThrowsAsync<DicomTimeoutException>(() => Association.ConnectAsync(options, Token));
            Assert.Equal("connect", problem.Name);
            Assert.Equal(DicomStage.Tcp, problem.Stage);
        }
        finally
        {
            foreach (var filler in fillers) filler.Dispose();
        }
    }

    [Theory]
    [InlineData("", 104)]
    [InlineData("localhost", 0)]
    [InlineData("localhost", 65536)]
    public async Task What_is_no_address_is_the_mistake_of_the_caller(string host, int port) =>
        await Assert.ThrowsAsync<ArgumentException>(
            () => Association.ConnectAsync(Loopback.Options(1) with { Host = host, Port = port }, Token));

    [Fact]
    public async Task A_cancellation_while_waiting_for_the_answer_aborts()
    {
        using var cancel = new CancellationTokenSource();
        await using var peer = ScriptedPeer.Listen(async peer =>
        {
            await peer.ReadAsync<AssociateRq>();
            await cancel.CancelAsync();
            await peer.ReadAsync<Abort>();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Association.ConnectAsync(Loopback.Options(peer.Port), cancel.Token));
        await peer.Script;
    }

    [Theory]
    [InlineData(1, 1, 7, "called AE title not recognized", "ANY-SCP", false)]
    [InlineData(1, 1, 3, "calling AE title not recognized", "DICOMPS", false)]
    [InlineData(2, 3, 2, "local limit exceeded", "fewer associations", true)]
    [InlineData(2, 3, 1, "temporary congestion", "later", true)]
    public async Task A_refusal_says_why_and_what_to_do(byte result, byte source, byte reason, string why, string advice, bool isTransient)
    {
        await using var peer = ScriptedPeer.Listen(async peer =>
        {
            await peer.ReadAsync<AssociateRq>();
            await peer.SendAsync(new AssociateRj(result, source, reason));
        });
        var problem = await Assert.ThrowsAsync<AssociationRejectedException>(
            () => Association.ConnectAsync(Loopback.Options(peer.Port), Token));
        Assert.Equal((result, source, reason), (problem.Result, problem.Source, problem.Reason));
        Assert.Contains(why, problem.Message, StringComparison.Ordinal);
        Assert.Contains(advice, problem.Advice, StringComparison.Ordinal);
        Assert.Equal(isTransient, problem.IsTransient);
        Assert.Equal(DicomStage.Association, problem.Stage);
    }

    [Fact]
    public async Task A_refusal_by_our_policy_is_told_on_both_sides()
    {
        var (peer, accepting) = await HostilePeerTests.ConnectAsync(new AcceptorOptions
        {
            PolicyFor = request => new AcceptorPolicy { CalledAETitles = [request.CallingAETitle] },
        });
        await using var disposed = peer;
        Assert.Equal(new AssociateRj(1, 1, 7), await peer.AssociateAsync());
        peer.Close();
        Assert.Equal(7, (await Assert.ThrowsAsync<AssociationRejectedException>(() => accepting)).Reason);
    }

    [Fact]
    public async Task An_abort_instead_of_an_answer_is_told()
    {
        await using var peer = ScriptedPeer.Listen(async peer =>
        {
            await peer.ReadAsync<AssociateRq>();
            await peer.SendAsync(new Abort(2, 0));
        });
        var problem = await Assert.ThrowsAsync<AssociationAbortedException>(
            () => Association.ConnectAsync(Loopback.Options(peer.Port), Token));
        Assert.True(problem.ByPeer);
        Assert.Contains("instead of answering", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_close_instead_of_an_answer_is_told_with_advice()
    {
        await using var peer = ScriptedPeer.Listen(async peer =>
        {
            await peer.ReadAsync<AssociateRq>();
            peer.Close();
        });
        var problem = await Assert.ThrowsAsync<AssociationAbortedException>(
            () => Association.ConnectAsync(Loopback.Options(peer.Port), Token));
        Assert.Contains("TLS", problem.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_waits_for_a_blank_line_is_recognized_by_a_second_call(bool mayProbe)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        // On a thread of its own: the answer is waited for no longer than a second.
        var serving = Task.Factory.StartNew(() =>
        {
            try
            {
                using var first = listener.AcceptSocket();
                using var second = listener.AcceptSocket();
                var call = new byte[1000];
                var count = second.Receive(call);
                if (call.AsSpan(0, count).IndexOf("\r\n\r\n"u8) >= 0)
                    second.Send("HTTP/1.0 400 Bad Request\r\n\r\n"u8.ToArray());
            }
            catch (SocketException) when (!mayProbe)
            {
                // Nobody calls a second time, and the test is over.
            }
        }, Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var options = Loopback.Options(((IPEndPoint)listener.LocalEndpoint).Port) with
        {
            AssociationTimeout = TimeSpan.FromMilliseconds(200),
            ReleaseTimeout = TimeSpan.FromMilliseconds(100),
            ProbesSilentPort = mayProbe,
        };
        var problem = await Assert.ThrowsAnyAsync<DicomNetworkException>(() => Association.ConnectAsync(options, Token));
        Assert.Equal(mayProbe, problem.Message.Contains("HTTP server", StringComparison.Ordinal));
        Assert.Equal(!mayProbe, problem is DicomTimeoutException);
        if (mayProbe) await serving;
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP server")]
    [InlineData("SSH-2.0-OpenSSH_9.6\r\n", "SSH server")]
    [InlineData("220 mail.example ESMTP\r\n", "220 mail.example ESMTP")]
    [InlineData("\x15\x03\x01\x00\x02\x02\x46", "speaks TLS")]
    [InlineData("\x16\x03\x03\x00\x02\x02\x46", "speaks TLS")]
    [InlineData("\xDE\xAD\xBE\xEF", "DE AD BE EF")]
    public async Task What_else_answers_on_the_port_is_recognized(string answer, string name)
    {
        await using var peer = ScriptedPeer.Listen(async peer =>
        {
            await peer.ReadAsync<AssociateRq>();
            await peer.SendAsync(Encoding.Latin1.GetBytes(answer));
            await peer.ReadToEndAsync();
        });
        var problem = await Assert.ThrowsAsync<DicomNetworkException>(() => Association.ConnectAsync(Loopback.Options(peer.Port), Token));
        Assert.Contains(name, problem.Message, StringComparison.Ordinal);
        Assert.NotNull(problem.Advice);
        Assert.Equal(name == "speaks TLS" ? DicomStage.Tls : DicomStage.Association, problem.Stage);
        await peer.Script;
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP request")]
    [InlineData("\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03", "TLS")]
    [InlineData("hello\r\n", "hello")]
    public async Task What_else_calls_a_plain_port_is_recognized(string call, string name)
    {
        var (peer, accepting) = await HostilePeerTests.ConnectAsync(new AcceptorOptions());
        await using var disposed = peer;
        await peer.SendAsync(Encoding.Latin1.GetBytes(call));
        await peer.ReadToEndAsync();
        peer.Close();
        Assert.Contains(name, (await Assert.ThrowsAsync<DicomNetworkException>(() => accepting)).Message, StringComparison.Ordinal);
    }
}
