using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;
using DicomPS.Scp;

namespace DicomPS.Engine.Tests.Scp;

/// <summary>What a peer sees of a server that is stopped with a grace.</summary>
public class StoppingTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_peer_with_its_last_answer_can_still_release(bool runsBeside)
    {
        var ends = new List<bool>();
        await using var server = Serve(runsBeside, ends);
        await using var scu = await FindCalls.ConnectAsync(server);
        Assert.Equal(Statuses.Success, Assert.Single(await FindCalls.FindAsync(scu)).Command.Status);
        var stop = server.StopAsync(TimeSpan.FromSeconds(60));
        await UntilAsync(() => !server.IsListening);
        await scu.Association.ReleaseAsync(Token);
        await stop;
        Assert.Equal([true], ends);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_peer_that_only_stays_is_aborted_long_before_the_grace_is_over(bool runsBeside)
    {
        var ends = new List<bool>();
        await using var server = Serve(runsBeside, ends);
        await using var scu = await FindCalls.ConnectAsync(server);
        Assert.Equal(Statuses.Success, Assert.Single(await FindCalls.FindAsync(scu)).Command.Status);
        await server.StopAsync(TimeSpan.FromMinutes(30)).WaitAsync(TimeSpan.FromMinutes(1), Token);
        Assert.Equal([false], ends);
        var ended = await Assert.ThrowsAsync<AssociationAbortedException>(async () => await scu.Association.ReceiveDataAsync(Token));
        Assert.True(ended.ByPeer);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static DicomServer Serve(bool runsBeside, List<bool> ends) => DicomServer.Start(
        new DicomServerOptions { Ended = (_, isReleased) => ends.Add(isReleased) },
        new ServiceTable([new ServiceRow(Uids.StudyRootQueryRetrieveInformationModelFind, CommandField.CFindRequest,
            async (call, token) =>
            {
                if (!runsBeside)
                    await call.Reader.ReadDatasetAsync(call.Message, null, token);
                return call.Command.Respond(Statuses.Success);
            }, 0xC310, 0xC311) { RunsBeside = runsBeside }]));

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; i < 6_000 && !condition(); i++)
            await Task.Delay(10, Token);
        Assert.True(condition());
    }
}
