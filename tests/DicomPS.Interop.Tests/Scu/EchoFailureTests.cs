using DicomPS.Associations;
using DicomPS.Interop.Tests.Support;
using DicomPS.Scu;

namespace DicomPS.Interop.Tests.Scu;

/// <summary>Each way to get an address wrong ends in a stage, a sentence and an advice of its own.</summary>
public class EchoFailureTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_name_that_nobody_has_fails_at_the_name()
    {
        var result = await EchoAsync(new DicomNode { AETitle = "PACS", HostName = "no-such-host.invalid", Port = 104 });

        Failed(result, DicomStage.NameLookup, "no-such-host.invalid");
        Assert.Null(result.TcpTime);
    }

    [Fact]
    public async Task A_port_with_nothing_behind_it_fails_at_TCP()
    {
        var port = FreePort.Next();

        var result = await EchoAsync(Engine.Node(port));

        Failed(result, DicomStage.Tcp, $"{port}");
        Assert.Null(result.AssociationTime);
    }

    [Fact]
    public async Task A_web_server_is_recognised()
    {
        await using var server = OddServer.Http();

        Failed(await EchoAsync(Engine.Node(server.Port)), DicomStage.Association, "HTTP");
    }

    [Fact]
    public async Task A_TLS_server_asked_in_plain_text_is_recognised_by_its_alert()
    {
        await using var server = OddServer.TlsWithAlert();

        Failed(await EchoAsync(Engine.Node(server.Port)), DicomStage.Tls, "TLS");
    }

    [Fact]
    public async Task A_TLS_server_that_only_closes_is_recognised_all_the_same()
    {
        await using var server = OddServer.Tls();

        Failed(await EchoAsync(Engine.Node(server.Port)), DicomStage.Tls, "TLS");
    }

    [Fact]
    public async Task A_plain_server_asked_for_TLS_is_recognised()
    {
        await using var server = await StorescpServer.StartAsync(Cancellation);

        Failed(await EchoAsync(Engine.Node(server.Port) with { Tls = true }), DicomStage.Tls, "TLS");
    }

    [Fact]
    public async Task A_silent_server_ends_in_the_association_timeout()
    {
        await using var server = OddServer.Silent();

        var result = await EchoAsync(Engine.Node(server.Port), Engine.Impatient);

        Failed(result, DicomStage.Association, "association timeout");
        Assert.Equal("association", Assert.IsType<DicomTimeoutException>(result.Exception).Name);
        Assert.NotNull(result.TcpTime);
    }

    [Fact]
    public async Task A_server_that_closes_at_once_fails_at_the_association()
    {
        await using var server = OddServer.Closing();

        Failed(await EchoAsync(Engine.Node(server.Port)), DicomStage.Association, "clos");
    }

    [Fact]
    public async Task A_refusal_is_decoded()
    {
        await using var server = await StorescpServer.StartAsync(Cancellation, "--refuse");

        var result = await EchoAsync(Engine.Node(server.Port));

        Failed(result, DicomStage.Association, "permanent");
        var refusal = Assert.IsType<AssociationRejectedException>(result.Exception);
        Assert.Equal((1, 1, 1), (refusal.Result, refusal.Source, refusal.Reason));
        Assert.False(refusal.IsTransient);
    }

    [Fact]
    public async Task A_called_AE_title_that_the_peer_does_not_know_is_decoded()
    {
        await using var server = await DcmqrscpServer.StartAsync(Cancellation);

        var result = await EchoAsync(Engine.Node(server.Port, "WRONG"));

        Failed(result, DicomStage.Association, "called AE title");
        var refusal = Assert.IsType<AssociationRejectedException>(result.Exception);
        Assert.Equal((1, 1, 7), (refusal.Result, refusal.Source, refusal.Reason));
        Assert.Contains("WRONG", result.Failure + result.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_two_failures_have_the_same_advice()
    {
        await using var http = OddServer.Http();
        await using var tls = OddServer.TlsWithAlert();
        await using var silent = OddServer.Silent();
        await using var closing = OddServer.Closing();
        await using var refusing = await StorescpServer.StartAsync(Cancellation, "--refuse");

        var advice = new List<string?> { (await EchoAsync(Engine.Node(silent.Port), Engine.Impatient)).Advice };
        foreach (var port in (int[])[FreePort.Next(), http.Port, tls.Port, closing.Port, refusing.Port])
            advice.Add((await EchoAsync(Engine.Node(port))).Advice);

        Assert.DoesNotContain(null, advice);
        Assert.Equal(advice.Count, advice.Distinct(StringComparer.Ordinal).Count());
    }

    private static Task<EchoResult> EchoAsync(DicomNode node, Func<DicomNode, AssociationOptions>? options = null) =>
        EchoScu.DiagnoseAsync(node, (options ?? AssociationOptions.For)(node), count: 1, Cancellation);

    /// <summary>The failing layer, a sentence that names the matter, and something to do about it.</summary>
    private static void Failed(EchoResult result, DicomStage stage, string named)
    {
        Assert.False(result.Success);
        Assert.True(result.GetStage() == stage, $"{result.GetStage()}: {result.Failure}");
        Assert.Contains(named, $"{result.Failure} {result.Cause}", StringComparison.OrdinalIgnoreCase);
        Assert.False(string.IsNullOrWhiteSpace(result.Advice), $"No advice for: {result.Failure}");
        Assert.Null(result.RoundTrip);
        Assert.NotNull(result.Exception);
    }
}
