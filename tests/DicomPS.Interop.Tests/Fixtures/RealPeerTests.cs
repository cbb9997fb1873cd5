using DicomPS.Interop.Tests.Support;

namespace DicomPS.Interop.Tests.Fixtures;

/// <summary>The peers among themselves: when one of these fails, the other interop tests say nothing about DicomPS.</summary>
public class RealPeerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Echoscu_reaches_storescp()
    {
        await using var server = await StorescpServer.StartAsync(Cancellation);

        Assert.Equal(0, (await EchoAsync(server.Port, "ANY-SCP")).ExitCode);
    }

    [Fact]
    public async Task Echoscu_reaches_dcmqrscp()
    {
        await using var server = await DcmqrscpServer.StartAsync(Cancellation);

        var result = await EchoAsync(server.Port, DcmqrscpServer.AETitle);

        Assert.True(result.ExitCode == 0, result.Output + server.Output);
    }

    [Fact]
    public async Task Echoscu_reaches_Orthanc()
    {
        await using var server = await OrthancServer.StartAsync(Cancellation);

        var result = await EchoAsync(server.Port, OrthancServer.AETitle);

        Assert.True(result.ExitCode == 0, result.Output + server.Output);
    }

    [Fact]
    public async Task Echoscu_to_a_port_with_nothing_behind_it_fails()
    {
        Assert.NotEqual(0, (await EchoAsync(FreePort.Next(), "ANY-SCP")).ExitCode);
    }

    [Fact]
    public async Task What_storescu_sends_to_storescp_arrives_byte_for_byte()
    {
        // One that storescu does not rewrite: it drops trailing padding and recalculates group lengths.
        var sent = Corpus.File("SC_rgb_small_odd.dcm");
        await using var server = await StorescpServer.StartAsync(Cancellation);

        var result = await PeerProcess.RunAsync(Programs.Storescu, ["127.0.0.1", $"{server.Port}", sent], Cancellation);

        Assert.True(result.ExitCode == 0, result.Output);
        Assert.Equal(DatasetBytes.DigestOf(sent), DatasetBytes.DigestOf(Assert.Single(server.Files())));
    }

    [Fact]
    public async Task What_storescu_sends_to_dcmqrscp_is_in_its_archive()
    {
        await using var server = await DcmqrscpServer.StartAsync(Cancellation);

        var result = await PeerProcess.RunAsync(
            Programs.Storescu, ["-aec", DcmqrscpServer.AETitle, "127.0.0.1", $"{server.Port}", Corpus.File("CT_small.dcm")], Cancellation);

        Assert.True(result.ExitCode == 0, result.Output + server.Output);
        Assert.Single(server.Files());
    }

    [Fact]
    public async Task What_storescu_sends_to_Orthanc_comes_back_over_REST()
    {
        await using var server = await OrthancServer.StartAsync(Cancellation);

        var result = await PeerProcess.RunAsync(
            Programs.Storescu, ["-aec", OrthancServer.AETitle, "127.0.0.1", $"{server.Port}", Corpus.File("CT_small.dcm")], Cancellation);

        Assert.True(result.ExitCode == 0, result.Output + server.Output);
        var (uid, file) = Assert.Single(await server.FilesBySopInstanceUidAsync(Cancellation));
        Assert.Equal("1.3.6.1.4.1.5962.1.1.1.1.1.20040119072730.12322", uid);
        Assert.Equal("DICM"u8.ToArray(), file[128..132]);
    }

    private static Task<PeerResult> EchoAsync(int port, string calledAETitle) =>
        PeerProcess.RunAsync(Programs.Echoscu, ["-aec", calledAETitle, "-to", "5", "127.0.0.1", $"{port}"], Cancellation);
}
