namespace DicomPS.Interop.Tests.Support;

/// <summary>The transfer syntaxes that a storescp is to accept.</summary>
internal enum StorescpAccepts
{
    Everything,
    Uncompressed,
    ImplicitOnly,
}

/// <summary>DCMTK's storescp, receiving into a folder of its own.</summary>
internal sealed class StorescpServer : IAsyncDisposable
{
    private readonly PeerProcess _peer;
    private readonly TempFolder _folder;

    private StorescpServer(PeerProcess peer, int port, TempFolder folder) => (_peer, Port, _folder) = (peer, port, folder);

    public int Port { get; }

    public string Output => _peer.Output;

    /// <summary>How often the server has logged a text, once it is at least so often: its log comes later than its answers.</summary>
    public async Task<int> LoggedAsync(string text, int times, CancellationToken cancellation)
    {
        for (var tries = 0; tries < 400 && Count() < times; tries++)
            await Task.Delay(50, cancellation);
        return Count();

        int Count() => Output.Split(text).Length - 1;
    }

    /// <summary>Starts it. Without options it accepts every transfer syntax and writes each dataset exactly as it came.</summary>
    /// <param name="cancellation">Ends the wait for its port.</param>
    /// <param name="options">More of its options, such as --refuse.</param>
    public static Task<StorescpServer> StartAsync(CancellationToken cancellation, params string[] options) =>
        StartAsync(StorescpAccepts.Everything, cancellation, options);

    /// <summary>Starts it with a choice of transfer syntaxes.</summary>
    /// <param name="accepts">What it accepts.</param>
    /// <param name="cancellation">Ends the wait for its port.</param>
    /// <param name="options">More of its options.</param>
    public static async Task<StorescpServer> StartAsync(StorescpAccepts accepts, CancellationToken cancellation, params string[] options)
    {
        var program = Programs.Storescp;
        var folder = new TempFolder();
        try
        {
            var accept = accepts switch
            {
                StorescpAccepts.Uncompressed => "--prefer-uncompr",
                StorescpAccepts.ImplicitOnly => "--implicit",
                _ => "--accept-all",
            };
            string[] fixedOptions = ["-v", accept, "--promiscuous", "--bit-preserving", "--output-directory", folder.Path];
            var environment = new Dictionary<string, string?> { ["TCP_NODELAY"] = "1" };
            var (peer, port) = await PeerProcess.ListenAsync(
                program, port => [.. fixedOptions, .. options, $"{port}"], environment, folder.Path, cancellation);
            return new StorescpServer(peer, port, folder);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>What it has received.</summary>
    public string[] Files() => _folder.Files();

    public async ValueTask DisposeAsync()
    {
        await _peer.DisposeAsync();
        _folder.Dispose();
    }
}
