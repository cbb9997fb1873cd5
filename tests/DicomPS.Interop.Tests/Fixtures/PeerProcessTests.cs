using DicomPS.Interop.Tests.Support;

namespace DicomPS.Interop.Tests.Fixtures;

public class PeerProcessTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_finished_program_gives_its_exit_code_and_its_output()
    {
        var result = await PeerProcess.RunAsync("dotnet", ["--version"], Cancellation);

        Assert.Equal(0, result.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+", result.Output);
    }

    [Fact]
    public async Task A_disposed_peer_no_longer_listens()
    {
        int port;
        await using (var server = await StorescpServer.StartAsync(Cancellation))
        {
            port = server.Port;
            Assert.True(FreePort.IsListening(port));
        }

        Assert.False(FreePort.IsListening(port));
    }

    [Fact]
    public async Task A_peer_that_cannot_start_fails_with_its_own_words()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => StorescpServer.StartAsync(Cancellation, "--no-such-option"));

        Assert.Contains("--no-such-option", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_does_not_end_is_killed_and_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no sleep program on Windows.");

        var failure = await Assert.ThrowsAsync<TimeoutException>(
            () => PeerProcess.RunAsync("sleep", ["60"], Cancellation, limit: TimeSpan.FromMilliseconds(200)));

        Assert.Contains("sleep did not end", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Free_ports_are_free()
    {
        for (var i = 0; i < 20; i++)
            Assert.False(FreePort.IsListening(FreePort.Next()));
    }

    [Fact]
    public void A_temp_folder_is_gone_afterwards_with_all_it_held()
    {
        string path;
        using (var folder = new TempFolder())
        {
            path = folder.Path;
            File.WriteAllText(Path.Combine(folder.Subfolder("a"), "b"), "c");
            Assert.Single(folder.Files());
        }

        Assert.False(Directory.Exists(path));
    }
}
