using System.Threading.Channels;
using DicomPS.Associations;
using DicomPS.Commitment;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;
using DicomPS.Pdus;
using DicomPS.Scp;
using static DicomPS.Engine.Tests.Support.CommitmentPeer;

namespace DicomPS.Engine.Tests.Commitment;

/// <summary>Storage commitment as the server answers and reports it.</summary>
public sealed class CommitmentScpTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly Channel<ServerEvent> _events = Channel.CreateUnbounded<ServerEvent>();

    [Fact]
    public async Task A_requester_that_stays_gets_the_report_over_its_own_association()
    {
        await using var server = Serve(First);
        var reports = new List<CommitmentReport>();
        await using var scu = await ConnectAsync(server, reports);
        Assert.Equal(0, (await scu.RequestAsync(new CommitmentRequest("1.2.9", [First, Second]), Token)).Status!.Value);
        await UntilAsync(scu, reports, 1);
        Assert.Equivalent(new CommitmentReport("1.2.9", [First], [new FailedSopReference(Second, 0x0112)]), Assert.Single(reports),
            strict: true);
    }

    [Fact]
    public async Task A_requester_that_leaves_is_called_back_in_the_role_of_the_SCP()
    {
        RoleSelection? asked = null;
        CommandSet? report = null;
        await using var peer = ScriptedPeer.Listen(async peer =>
        {
            asked = Assert.Single((await peer.AcceptAsync()).UserItems.OfType<RoleSelection>());
            var data = await peer.ReadAsync<PData>();
            report = CommandReader.Decode(data.Values[0].Bytes.Span);
        });
        await using var server = Serve([First],
            new CommitmentScpOptions { Requester = title => title == "SCU" ? Options(peer.Port) : null, GiveUpAfter = TimeSpan.Zero });
        await RequestAndLeaveAsync(server, First);
        await peer.Script.WaitAsync(Patience, Token);
        Assert.Equal(new RoleSelection(Uids.StorageCommitmentPushModel, Scu: false, Scp: true), asked);
        Assert.Equal((CommandField.NEventReportRequest, Uids.StorageCommitmentPushModelInstance, (ushort?)1),
            (report!.Field, report.AffectedSopInstanceUid, report.EventTypeId));
    }

    [Fact]
    public async Task A_requester_that_is_not_known_and_has_left_is_told_of_as_an_event()
    {
        await using var server = Serve(First);
        await RequestAndLeaveAsync(server, First);
        Assert.Contains("did not reach SCU", (await ProblemAsync()).Text);
    }

    [Fact]
    public async Task Requests_that_come_before_the_report_are_answered_meanwhile()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = Serve(async (_, instances, token) =>
        {
            await go.Task.WaitAsync(token);
            return new ushort[instances.Count];
        }, Quick);
        var reports = new List<CommitmentReport>();
        await using var scu = await ConnectAsync(server, reports);
        await scu.RequestAsync(new CommitmentRequest("1.2.9.1", [First]), Token);
        var second = scu.RequestAsync(new CommitmentRequest("1.2.9.2", [Second]), Token);
        Assert.Equal(0, (await second.WaitAsync(Patience, Token)).Status!.Value);
        Assert.Empty(reports);
        go.SetResult();
        await UntilAsync(scu, reports, 2);
        Assert.Equal(["1.2.9.1", "1.2.9.2"], reports.Select(report => report.TransactionUid).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_handler_that_fails_commits_nothing_and_is_told_of()
    {
        await using var server = Serve((_, _, _) => throw new InvalidOperationException("the index is gone"), Quick);
        var reports = new List<CommitmentReport>();
        await using var scu = await ConnectAsync(server, reports);
        await scu.RequestAsync(new CommitmentRequest("1.2.9", [First]), Token);
        await UntilAsync(scu, reports, 1);
        Assert.Equal(0x0110, Assert.Single(Assert.Single(reports).Failed).Reason);
        Assert.Contains("the index is gone", (await ProblemAsync()).Text);
    }

    [Theory]
    [InlineData("action", 0x0123)]
    [InlineData("class", 0x0118)]
    [InlineData("instance", 0x0112)]
    [InlineData("no dataset", 0x0115)]
    [InlineData("no transaction", 0x0115)]
    [InlineData("no UID", 0x0115)]
    [InlineData("no items", 0x0115)]
    [InlineData("empty item", 0x0115)]
    [InlineData("too many", 0x0213)]
    public async Task A_request_that_is_wrong_is_refused_with_what_is_wrong(string what, int status)
    {
        await using var server = Serve([First], Quick with { MaximumInstances = 2 });
        var dataset =
            CommitmentMessages.Write(new CommitmentRequest("1.2.9", what == "too many" ? [First, Second, Third] : [First, Second]));
        switch (what)
        {
            case "no transaction": dataset.Remove(Tags.TransactionUID); break;
            case "no UID": dataset.Set(Tags.TransactionUID, "not a UID"); break;
            case "no items": dataset.SetSequence(Tags.ReferencedSOPSequence); break;
            case "empty item": dataset.SetSequence(Tags.ReferencedSOPSequence, new DicomDataset()); break;
        }

        var command = what switch
        {
            "action" => ActionRequest with { ActionTypeId = 2 },
            "class" => ActionRequest with { RequestedSopClassUid = Uids.StorageCommitmentPullModel },
            "instance" => ActionRequest with { RequestedSopInstanceUid = "1.2.3" },
            _ => ActionRequest,
        };
        var answer = await SendAsync(server.Port, command, what == "no dataset" ? null : dataset);
        Assert.Equal((CommandField.NActionResponse, status), (answer.Field, answer.Status!.Value));
        Assert.NotEmpty(answer.ErrorComment!);
    }

    [Fact]
    public async Task One_item_that_is_no_UID_is_an_instance_that_nobody_has()
    {
        await using var server = Serve(First);
        var reports = new List<CommitmentReport>();
        await using var scu = await ConnectAsync(server, reports);
        Assert.Equal(0,
            (await scu.RequestAsync(new CommitmentRequest("1.2.9", [new SopReference("abc", "1.2 x"), First]), Token)).Status!.Value);
        await UntilAsync(scu, reports, 1);
        Assert.Equal([First], reports[0].Committed);
        Assert.Equal("1.2 x", Assert.Single(reports[0].Failed).Instance.SopInstanceUid);
    }

    [Fact]
    public async Task A_transaction_that_waits_and_one_too_many_are_refused()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = Serve(async (_, instances, token) =>
        {
            await go.Task.WaitAsync(token);
            return new ushort[instances.Count];
        }, Quick with { MaximumTransactions = 2 });
        var reports = new List<CommitmentReport>();
        await using var scu = await ConnectAsync(server, reports);
        var statuses = new List<ushort>();
        foreach (var transaction in new[] { "1.1", "1.1", "1.2", "1.3" })
            statuses.Add((await scu.RequestAsync(new CommitmentRequest(transaction, [First]), Token)).Status!.Value);
        Assert.Equal([0, 0x0115, 0, 0x0213], statuses);
        go.SetResult();
        await UntilAsync(scu, reports, 2);
    }

    [Fact]
    public async Task One_title_cannot_take_the_places_of_another_and_all_together_are_bounded()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = Serve(async (_, instances, token) =>
        {
            await go.Task.WaitAsync(token);
            return new ushort[instances.Count];
        }, Quick with { MaximumTransactions = 1, MaximumOwedInstances = 4 });
        var statuses = new List<ushort>();
        foreach (var (title, count) in new[] { ("ONE", 2), ("ONE", 1), ("TWO", 2), ("THREE", 1) })
        {
            await using var scu = await CommitmentScu.ConnectAsync(Options(server.Port, title), _ => true, Token);
            statuses.Add(
                (await scu.RequestAsync(new CommitmentRequest($"1.2.9.{statuses.Count}", [.. new[] { First, Second }.Take(count)]),
                    Token)).Status!.Value);
        }

        Assert.Equal([0, 0x0213, 0, 0x0213], statuses);
        go.SetResult();
    }

    [Fact]
    public async Task A_request_whose_answer_did_not_get_through_is_not_forgotten()
    {
        var scp = new CommitmentScp((_, instances, _) => Task.FromResult<IReadOnlyList<ushort>>(new ushort[instances.Count]), Quick);
        var faults = new FaultPlan { AbortAfter = 0 };
        await using var server = DicomServer.Start(
            new DicomServerOptions { Faults = faults, Trace = what => _events.Writer.TryWrite(what) }, new ServiceTable([scp.Row]));
        await using var scu = await ConnectAsync(server, []);
        await Assert.ThrowsAsync<AssociationAbortedException>(() => scu.RequestAsync(new CommitmentRequest("1.2.9", [First]), Token));
        while (!(await ProblemAsync()).Text.Contains("did not reach SCU", StringComparison.Ordinal))
        {
            // The abort is told of as well.
        }

        Assert.Equal(0, scp.Owed);
    }

    [Fact]
    public async Task A_server_that_stops_does_not_wait_for_what_it_has_promised()
    {
        var server = Serve(async (_, _, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return [];
        }, Quick);
        await using var scu = await ConnectAsync(server, []);
        await scu.RequestAsync(new CommitmentRequest("1.2.9", [First]), Token);
        await server.StopAsync(TimeSpan.Zero).WaitAsync(Patience, Token);
        Assert.Contains("stopped", (await ProblemAsync()).Text);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static CommitmentScpOptions Quick { get; } = new() { Settle = TimeSpan.Zero };

    private DicomServer Serve(params SopReference[] known) => Serve(known, Quick);

    private DicomServer Serve(SopReference[] known, CommitmentScpOptions options) => Serve(
        (_, instances, _) => Task.FromResult<IReadOnlyList<ushort>>(
            [.. instances.Select(instance => known.Contains(instance) ? (ushort)0 : (ushort)0x0112)]), options);

    private DicomServer Serve(CommitmentHandler handler, CommitmentScpOptions options) => DicomServer.Start(
        new DicomServerOptions { Trace = what => _events.Writer.TryWrite(what) },
        new ServiceTable([new CommitmentScp(handler, options).Row]));

    private static Task<CommitmentScu> ConnectAsync(DicomServer server,
        List<CommitmentReport> reports) => CommitmentScu.ConnectAsync(Options(server.Port), report =>
    {
        reports.Add(report);
        return true;
    }, Token);

    private static async Task UntilAsync(CommitmentScu scu, List<CommitmentReport> reports, int count)
    {
        using var limit = new CancellationTokenSource(Patience);
        var come = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var listening = scu.ListenAsync(come.Task);
        while (reports.Count < count)
            await Task.Delay(10, limit.Token);
        come.SetResult();
        await listening.WaitAsync(Patience, Token);
    }

    private static async Task RequestAndLeaveAsync(DicomServer server, params SopReference[] instances)
    {
        await using var scu = await ConnectAsync(server, []);
        Assert.Equal(0, (await scu.RequestAsync(new CommitmentRequest("1.2.9", instances), Token)).Status!.Value);
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
