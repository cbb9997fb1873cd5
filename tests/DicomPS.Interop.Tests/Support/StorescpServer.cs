namespace DicomPS.Interop.Tests.Support;

/// <summary>DCMTK's storescp, receiving into a folder of its own.</summary>
internal sealed class StorescpServer : IAsyncDisposable
{
    private readonly PeerProcess peer;
    private readonly TempFolder folder;

    private StorescpServer(PeerProcess peer, int port, TempFolder folder) => (this.peer, Port, this.folder) = (peer, port, folder);

    public int Port { get; }

    public string Output => peer.Output;

    /// <summary>Starts it. Without options it accepts every transfer syntax and writes each dataset exactly as it came.</summary>
    /// <param name="cancellation">Ends the wait for its port.</param>
    /// <param name="options">More of its options, such as --refuse.</param>
    public static Task<StorescpServer> StartAsync(CancellationToken cancellation, params string[] options) =>
        StartAsync(noDelay: true, cancellation, options);

    /// <summary>Starts it with or without Nagle's algorithm.</summary>
    /// <param name="noDelay">False leaves Nagle's algorithm on, as DCMTK does by itself.</param>
    /// <param name="cancellation">Ends the wait for its port.</param>
    /// <param name="options">More of its options.</param>
    public static async Task<StorescpServer> StartAsync(bool noDelay, CancellationToken cancellation, params string[] options)
    {
        var program = Programs.Storescp;
        var folder = new TempFolder();
        try
        {
            var environment = new Dictionary<string, string?> { ["TCP_NODELAY"] = noDelay ? "1" : null };
            string[] fixedOptions = ["-v", "--accept-all", "--promiscuous", "--bit-preserving", "--output-directory", folder.Path];
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
    public string[] Files() => folder.Files();

    public async ValueTask DisposeAsync()
    {
        await peer.DisposeAsync();
        folder.Dispose();
    }
}
