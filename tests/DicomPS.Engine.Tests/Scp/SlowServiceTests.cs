using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Scp;
using DicomPS.Scu;

namespace DicomPS.Engine.Tests.Scp;

/// <summary>A request that takes this side longer than the idle timeout: the peer waits for us, and its silence is no fault.</summary>
public class SlowServiceTests
{
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(150);

    [Fact]
    public async Task A_service_slower_than_the_idle_timeout_still_answers()
    {
        await using var server = Serve(6 * Idle);
        await using var scu = await ConnectAsync(server);
        var response = Assert.Single(await FindAsync(scu));
        Assert.Equal(DimseStatus.Success, response.Command.Status);
    }

    [Fact]
    public async Task After_the_answer_silence_counts_again()
    {
        await using var server = Serve(2 * Idle);
        await using var scu = await ConnectAsync(server);
        await FindAsync(scu);
        var ended = await Assert.ThrowsAsync<AssociationAbortedException>(async () => await scu.Association.ReceiveDataAsync(Token));
        Assert.True(ended.ByPeer);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static DicomServer Serve(TimeSpan work) => DicomServer.Start(
        new DicomServerOptions { IdleTimeout = Idle },
        new ServiceTable([new ServiceRow(Uids.StudyRootQueryRetrieveInformationModelFind, CommandField.CFindRequest, async (call, token) =>
        {
            await Task.Delay(work, token);
            return call.Command.Respond(DimseStatus.Success);
        }, 0xC310, 0xC311) { RunsBeside = true }]));

    private static Task<QueryScu> ConnectAsync(DicomServer server) => QueryScu.ConnectAsync(
        new AssociationOptions
        {
            Host = "127.0.0.1",
            Port = server.Port,
            PresentationContexts = [new PresentationContextProposal(Uids.StudyRootQueryRetrieveInformationModelFind, ["1.2.840.10008.1.2.1"])],
        }, TimeSpan.FromSeconds(5), Token);

    private static async Task<List<ExchangeResponse>> FindAsync(QueryScu scu)
    {
        var identifier = new DicomDataset();
        identifier.Set(Tags.QueryRetrieveLevel, "STUDY");
        var responses = new List<ExchangeResponse>();
        await foreach (var response in scu.FindAsync(scu.ContextFor(Uids.StudyRootQueryRetrieveInformationModelFind)!, identifier, null, DicomPriority.Medium, Token))
            responses.Add(response);
        return responses;
    }
}
