namespace DicomPS.Interop.Tests.Support;

/// <summary>DCMTK's dcmqrscp, a small image archive, with a generated configuration.</summary>
internal sealed class DcmqrscpServer : IAsyncDisposable
{
    public const string AETitle = "DCMQRSCP";

    private readonly PeerProcess _peer;
    private readonly TempFolder _folder;
    private readonly string _archive;

    private DcmqrscpServer(PeerProcess peer, int port, TempFolder folder, string archive) =>
        (_peer, Port, _folder, _archive) = (peer, port, folder, archive);

    public int Port { get; }

    public string Output => _peer.Output;

    /// <summary>Starts it.</summary>
    /// <param name="cancellation">Ends the wait for its port.</param>
    /// <param name="destinations">The peers that it may move to: application entity title and loopback port.</param>
    public static async Task<DcmqrscpServer> StartAsync(CancellationToken cancellation, params (string AETitle, int Port)[] destinations)
    {
        var program = Programs.Dcmqrscp;
        var folder = new TempFolder();
        try
        {
            var archive = folder.Subfolder("archive");
            var configuration = folder.Combine("dcmqrscp.cfg");
            var hosts = destinations.Select((peer, index) => $"peer{index} = ({peer.AETitle}, 127.0.0.1, {peer.Port})");
            await File.WriteAllTextAsync(
                configuration,
                $"""
                NetworkTCPPort = 104
                MaxPDUSize = 131072
                MaxAssociations = 16
                HostTable BEGIN
                {string.Join('\n', hosts)}
                HostTable END
                VendorTable BEGIN
                VendorTable END
                AETable BEGIN
                {AETitle} {archive} RW (1000, 1024mb) ANY
                AETable END

                """,
                cancellation);
            var environment = new Dictionary<string, string?> { ["TCP_NODELAY"] = "1" };
            var (peer, port) = await PeerProcess.ListenAsync(
                program, port => ["-v", "--config", configuration, $"{port}"], environment, folder.Path, cancellation);
            return new DcmqrscpServer(peer, port, folder, archive);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>The instances that it holds; its index is left out.</summary>
    public string[] Files() =>
        [.. Directory.GetFiles(_archive, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "index.dat")
            .Order(StringComparer.Ordinal)];

    public async ValueTask DisposeAsync()
    {
        await _peer.DisposeAsync();
        _folder.Dispose();
    }
}
