using DicomPS.Associations;
using DicomPS.Interop.Tests.Support;
using DicomPS.Sending;

namespace DicomPS.Interop.Tests.Scu;

/// <summary>Peers that refuse, break off and fall asleep: each file has one result, and none passes for sent that may not be.</summary>
public class StoreFailureTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_refused_association_fails_every_file_with_the_refusal()
    {
        using var folder = new TempFolder();
        await using var server = await StorescpServer.StartAsync(Cancellation, "--refuse");

        var results = await SendAsync(server.Port, GeneratedStudy.WriteSlices(folder.Path, 3));

        Assert.All(results, result =>
        {
            NotSent(result, DicomStage.Association);
            Assert.IsType<AssociationRejectedException>(result.Exception);
        });
    }

    [Fact]
    public async Task A_port_with_nothing_behind_it_fails_every_file_at_TCP()
    {
        using var folder = new TempFolder();

        var results = await SendAsync(FreePort.Next(), GeneratedStudy.WriteSlices(folder.Path, 3));

        Assert.All(results, result => NotSent(result, DicomStage.Tcp));
    }

    [Fact]
    public async Task A_peer_that_aborts_during_each_file_fails_each_file_once()
    {
        using var folder = new TempFolder();
        await using var server = await StorescpServer.StartAsync(Cancellation, "--abort-during");

        var results = await SendAsync(server.Port, GeneratedStudy.WriteSlices(folder.Path, 3));

        Assert.All(results, Broken);
    }

    [Fact]
    public async Task A_peer_that_aborts_after_a_file_leaves_its_fate_unknown()
    {
        using var folder = new TempFolder();
        await using var server = await StorescpServer.StartAsync(Cancellation, "--abort-after");

        var results = await SendAsync(server.Port, GeneratedStudy.WriteSlices(folder.Path, 3));

        Assert.All(results, result =>
        {
            Broken(result);
            Assert.Equal("Unknown", result.Status);
        });
    }

    [Fact]
    public async Task A_file_is_tried_again_over_a_new_association()
    {
        using var folder = new TempFolder();
        await using var server = await StorescpServer.StartAsync(Cancellation, "--abort-after");
        var node = Engine.Node(server.Port);

        var results = await Engine.SendAsync(
            new StoreJobOptions { Association = AssociationOptions.For(node), RetryCount = 2, RetryDelay = TimeSpan.FromMilliseconds(10) },
            GeneratedStudy.WriteSlices(folder.Path, 1),
            Cancellation);

        Assert.Equal(3, Assert.Single(results).Attempts);
        Assert.Equal(3, await server.LoggedAsync("Association Received", 3, Cancellation));
    }

    [Fact]
    public async Task A_peer_that_sleeps_during_a_file_ends_in_the_response_timeout()
    {
        using var folder = new TempFolder();
        await using var server = await StorescpServer.StartAsync(Cancellation, "--sleep-during", "30");

        var result = Assert.Single(await SendAsync(server.Port, GeneratedStudy.WriteSlices(folder.Path, 1), Engine.Impatient));

        Broken(result);
        Assert.Equal("response", Assert.IsType<DicomTimeoutException>(result.Exception).Name);
    }

    [Fact]
    public async Task A_peer_that_sleeps_after_a_file_has_that_file_and_not_the_next()
    {
        using var folder = new TempFolder();
        await using var server = await StorescpServer.StartAsync(Cancellation, "--sleep-after", "30");

        var results = await SendAsync(server.Port, GeneratedStudy.WriteSlices(folder.Path, 2), Engine.Impatient);

        Assert.True(results[0].Success, results[0].Error);
        Assert.False(results[1].Success);
        Assert.IsType<DicomTimeoutException>(results[1].Exception);
        Compare.SameDatasets([results[0].Path], server.Files());
    }

    [Fact]
    public async Task A_web_server_fails_every_file_and_is_recognised()
    {
        using var folder = new TempFolder();
        await using var server = OddServer.Http();

        var results = await SendAsync(server.Port, GeneratedStudy.WriteSlices(folder.Path, 2));

        Assert.All(results, result =>
        {
            NotSent(result, DicomStage.Association);
            Assert.Contains("HTTP", result.Error, StringComparison.Ordinal);
        });
    }

    private static Task<IReadOnlyList<StoreResult>> SendAsync(
        int port, IReadOnlyList<string> files, Func<DicomNode, AssociationOptions>? options = null)
    {
        var node = Engine.Node(port);
        return Engine.SendAsync(new StoreJobOptions
        {
            Association = (options ?? AssociationOptions.For)(node), Node = node,
            RetryCount = 0
        }, files, Cancellation);
    }

    private static void NotSent(StoreResult result, DicomStage stage)
    {
        Assert.False(result.Success);
        Assert.Equal("NotSent", result.Status);
        Assert.Null(result.StatusCode);
        Assert.Equal(stage, result.Exception?.Stage);
        Assert.False(string.IsNullOrWhiteSpace(result.Error));
        Assert.False(string.IsNullOrWhiteSpace(result.Advice), $"No advice for: {result.Error}");
    }

    /// <summary>Begun and not answered: never a success, whether or not all bytes went out.</summary>
    private static void Broken(StoreResult result)
    {
        Assert.False(result.Success);
        Assert.Null(result.StatusCode);
        Assert.Contains(result.Status, (string[])["NotSent", "Unknown"]);
        Assert.IsType<DicomNetworkException>(result.Exception, exactMatch: false);
        Assert.False(string.IsNullOrWhiteSpace(result.Error));
        Assert.False(string.IsNullOrWhiteSpace(result.Advice), $"No advice for: {result.Error}");
    }
}
