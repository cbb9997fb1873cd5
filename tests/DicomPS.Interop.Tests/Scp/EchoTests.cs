using DicomPS.Interop.Tests.Support;

namespace DicomPS.Interop.Tests.Scp;

/// <summary>Real clients echo to us.</summary>
public class EchoTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Echoscu_is_answered()
    {
        using var folder = new TempFolder();
        await using var server = Engine.Receive(folder);

        var result = await PeerProcess.RunAsync(Programs.Echoscu, ["-v", "--repeat", "20", "127.0.0.1", $"{server.Port}"], Cancellation);

        Assert.True(result.ExitCode == 0, result.Output);
        Assert.Equal(20, result.Output.Split("Received Echo Response (Success)").Length - 1);
        Assert.Equal(1, server.Associations);
    }

    [Fact]
    public async Task Echoscu_with_every_transfer_syntax_in_many_contexts_is_answered()
    {
        using var folder = new TempFolder();
        await using var server = Engine.Receive(folder);

        var result = await PeerProcess.RunAsync(
            Programs.Echoscu, ["--propose-ts", "38", "--propose-pc", "128", "127.0.0.1", $"{server.Port}"], Cancellation);

        Assert.True(result.ExitCode == 0, result.Output);
    }

    [Fact]
    public async Task Echoscu_that_aborts_leaves_the_server_up()
    {
        using var folder = new TempFolder();
        await using var server = Engine.Receive(folder);

        for (var i = 0; i < 5; i++)
            await PeerProcess.RunAsync(Programs.Echoscu, ["--abort", "127.0.0.1", $"{server.Port}"], Cancellation);
        var result = await PeerProcess.RunAsync(Programs.Echoscu, ["127.0.0.1", $"{server.Port}"], Cancellation);

        Assert.True(result.ExitCode == 0, result.Output);
        Assert.Equal(6, server.Associations);
    }
}
