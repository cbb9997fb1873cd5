using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;
using DicomPS.Scp;

namespace DicomPS.Engine.Tests.Scp;

/// <summary>A request that takes this side longer than the idle timeout: the peer waits for us, and its silence is no fault.</summary>
public class SlowServiceTests
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_service_slower_than_the_idle_timeout_still_answers()
    {
        await using var server = Serve(2 * Idle);
        await using var scu = await FindCalls.ConnectAsync(server);
        var response = Assert.Single(await FindCalls.FindAsync(scu));
        Assert.Equal(Statuses.Success, response.Command.Status);
    }

    [Fact]
    public async Task After_the_answer_silence_counts_again()
    {
        await using var server = Serve(2 * Idle);
        await using var scu = await FindCalls.ConnectAsync(server);
        await FindCalls.FindAsync(scu);
        var ended = await Assert.ThrowsAsync<AssociationAbortedException>(async () => await scu.Association.ReceiveDataAsync(Token));
        Assert.True(ended.ByPeer);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static DicomServer Serve(TimeSpan work) => DicomServer.Start(
        new DicomServerOptions { IdleTimeout = Idle },
        new ServiceTable([new ServiceRow(Uids.StudyRootQueryRetrieveInformationModelFind, CommandField.CFindRequest, async (call, token) =>
        {
            await Task.Delay(work, token);
            return call.Command.Respond(Statuses.Success);
        }, 0xC310, 0xC311) { RunsBeside = true }]));
}
