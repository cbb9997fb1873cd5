using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using DicomPS.Associations;
using DicomPS.Commitment;
using DicomPS.Engine.Tests.Support;
using DicomPS.Scp;
using static DicomPS.Engine.Tests.Support.CommitmentPeer;

namespace DicomPS.Engine.Tests.Commitment;

/// <summary>
/// Storage commitment reports to requesters that have left: tried again, over starts of the server too, and not for ever.
/// </summary>
public sealed class CommitmentDeliveryTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly TemporaryFolder _folder = new();
    private readonly Channel<ServerEvent> _events = Channel.CreateUnbounded<ServerEvent>();
    private readonly ConcurrentQueue<CommitmentReport> _reports = [];
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_requester_that_is_down_is_called_again_until_it_takes_the_report()
    {
        await using var requester = Requester();
        var calls = 0;
        var closed = ClosedPort();
        await using var server = Serve(_ => Calling(++calls < 3 ? closed : requester.Port), out var scp);
        await RequestAndLeaveAsync(server);
        Assert.Contains("did not reach SCU", (await ProblemAsync()).Text);
        await ArrivedAsync(scp);
        Assert.Equal(3, calls);
        Assert.Equivalent(new CommitmentReport("1.2.9", [First], [new FailedSopReference(Second, 0x0112)]), Assert.Single(_reports),
            strict: true);
    }

    [Fact]
    public async Task A_report_whose_time_is_up_is_dropped_and_told_of()
    {
        var closed = ClosedPort();
        await using var server = Serve(_ => Calling(closed), out var scp, TimeSpan.Zero);
        await RequestAndLeaveAsync(server);
        var told = await ProblemAsync();
        Assert.Contains("It was dropped", told.Text);
        Assert.Equal(DicomStage.Tcp, Assert.IsAssignableFrom<DicomException>(told.Problem!.InnerException).Stage);
        Assert.Equal((0, 0), (scp.Owed, Files.Length));
    }

    [Fact]
    public async Task A_requester_that_refuses_the_report_is_not_asked_again()
    {
        await using var requester = Requester(takes: false);
        await using var server = Serve(_ => Calling(requester.Port), out var scp);
        await RequestAndLeaveAsync(server);
        Assert.Matches("0115.*It was dropped", (await ProblemAsync()).Text);
        Assert.Equal((1, 0, 0), (_reports.Count, scp.Owed, Files.Length));
    }

    [Fact]
    public async Task A_requester_that_becomes_known_gets_its_report()
    {
        await using var requester = Requester();
        var calls = 0;
        await using var server = Serve(_ => ++calls == 1 ? null : Calling(requester.Port), out var scp);
        await RequestAndLeaveAsync(server);
        Assert.Contains("No node with this AE title", (await ProblemAsync()).Text);
        await ArrivedAsync(scp);
    }

    [Fact]
    public async Task What_is_owed_when_a_server_stops_is_reported_after_the_next_start_once()
    {
        var closed = ClosedPort();
        await using (var first = Serve(_ => Calling(closed), out var before))
        {
            await RequestAndLeaveAsync(first);
            await ProblemAsync();
            // What waits to be tried again does not hold up the stop.
            await first.StopAsync(TimeSpan.FromHours(1)).WaitAsync(Patience, Token);
            Assert.Equal((1, 1), (before.Owed, Files.Length));
        }

        await using var requester = Requester();
        await using (Serve(_ => Calling(requester.Port), out var second))
            await ArrivedAsync(second);
        Assert.Equivalent(new CommitmentReport("1.2.9", [First], [new FailedSopReference(Second, 0x0112)]), Assert.Single(_reports),
            strict: true);
        Assert.Empty(Files);
        await using (Serve(_ => Calling(requester.Port), out var third))
            Assert.Equal(0, third.Owed);
        Assert.Single(_reports);
    }

    [Fact]
    public async Task What_is_cut_off_in_the_middle_of_the_look_is_looked_at_again()
    {
        var looks = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        CommitmentHandler hangs = async (_, instances, token) =>
        {
            looks.SetResult();
            await Task.Delay(Timeout.Infinite, token);
            return new ushort[instances.Count];
        };
        await using (var first = Start(new CommitmentScp(hangs, Options(_ => null))))
        {
            await RequestAndLeaveAsync(first);
            await looks.Task.WaitAsync(Patience, Token);
        }

        await using var requester = Requester();
        await using var second = Serve(_ => Calling(requester.Port), out var scp);
        await ArrivedAsync(scp);
        Assert.Equal([First], Assert.Single(_reports).Committed);
    }

    [Fact]
    public async Task What_is_too_old_at_a_start_is_tried_once_more_and_dropped()
    {
        var closed = ClosedPort();
        await using (var first = Serve(_ => Calling(closed), out _))
        {
            await RequestAndLeaveAsync(first);
            await ProblemAsync();
        }

        File.SetLastWriteTimeUtc(Assert.Single(Files), DateTime.UtcNow.AddDays(-4));
        await using var second = Serve(_ => Calling(closed), out var scp);
        Assert.Contains("It was dropped", (await ProblemAsync()).Text);
        Assert.Equal((0, 0), (scp.Owed, Files.Length));
    }

    [Fact]
    public async Task A_damaged_file_is_told_of_and_deleted_and_the_others_are_reported_on()
    {
        var closed = ClosedPort();
        await using (var first = Serve(_ => Calling(closed), out _))
        {
            await RequestAndLeaveAsync(first);
            await ProblemAsync();
        }

        var whole = Assert.Single(Files);
        await File.WriteAllBytesAsync(whole + "0", (await File.ReadAllBytesAsync(whole, Token))[..40], Token);
        await using var requester = Requester();
        await using var second = Serve(_ => Calling(requester.Port), out var scp);
        Assert.Contains("was deleted", (await ProblemAsync()).Text);
        await ArrivedAsync(scp);
        Assert.Empty(Files);
    }

    [Fact]
    public async Task A_request_that_cannot_be_written_down_is_refused()
    {
        await using var server =
            Start(new CommitmentScp(FindAsync, Options(_ => null) with { Folder = Path.Combine(_folder.Path, "gone") }));
        await using var scu = await CommitmentScu.ConnectAsync(CommitmentPeer.Options(server.Port), _ => true, Token);
        Assert.Equal(0x0110, (await scu.RequestAsync(new CommitmentRequest("1.2.9", [First]), Token)).Status!.Value);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string[] Files => Directory.GetFiles(_folder.Path);

    private static AssociationOptions Calling(int port) => CommitmentPeer.Options(port, "BOX") with { ProbesSilentPort = false };

    private static int ClosedPort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static Task<IReadOnlyList<ushort>> FindAsync(string requester, IReadOnlyList<SopReference> instances,
        CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ushort>>([.. instances.Select(instance => instance == First ? (ushort)0 : (ushort)0x0112)]);

    private CommitmentScpOptions Options(Func<string, AssociationOptions?> requester) =>
        new() { Settle = TimeSpan.Zero, Requester = requester, RetryDelay = TimeSpan.FromMilliseconds(1), Folder = _folder.Path };

    private DicomServer Serve(Func<string, AssociationOptions?> requester, out CommitmentScp scp, TimeSpan? giveUpAfter = null)
    {
        var options = Options(requester);
        return Start(scp = new CommitmentScp(FindAsync, giveUpAfter is { } time ? options with { GiveUpAfter = time } : options));
    }

    private DicomServer Start(CommitmentScp scp) =>
        DicomServer.Start(new DicomServerOptions { Trace = what => _events.Writer.TryWrite(what) }, new ServiceTable([scp.Row]));

    /// <summary>The listener of the side that has asked.</summary>
    private DicomServer Requester(bool takes = true) => DicomServer.Start(new DicomServerOptions(),
        new ServiceTable([CommitmentReportScp.Row(report =>
    {
        _reports.Enqueue(report);
        _arrived.TrySetResult();
        return takes;
    })]));

    private async Task ArrivedAsync(CommitmentScp scp)
    {
        await _arrived.Task.WaitAsync(Patience, Token);
        using var limit = new CancellationTokenSource(Patience);
        // The answer to the report is on its way.
        while (scp.Owed > 0 || Files.Length > 0)
            await Task.Delay(10, limit.Token);
    }

    private static async Task RequestAndLeaveAsync(DicomServer server)
    {
        await using var scu = await CommitmentScu.ConnectAsync(CommitmentPeer.Options(server.Port), _ => true, Token);
        Assert.Equal(0, (await scu.RequestAsync(new CommitmentRequest("1.2.9", [First, Second]), Token)).Status!.Value);
        await scu.Association.ReleaseAsync(Token);
    }

    private async Task<ServerEvent> ProblemAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            if (await _events.Reader.ReadAsync(limit.Token) is { Problem: { } } told)
                return told;
        }
    }
}
