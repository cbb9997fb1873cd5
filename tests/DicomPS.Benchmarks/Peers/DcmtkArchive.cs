using DicomPS.Interop.Tests.Support;

namespace DicomPS.Benchmarks.Peers;

/// <summary>dcmqrscp, which moves for both sides: to storescp for movescu, and to us.</summary>
internal sealed class DcmtkArchive(ChildProcess process, int port) : IAsyncDisposable
{
    public const string AETitle = "ARCHIVE";

    public const string OurAETitle = "OURS";

    public const string TheirAETitle = "STORE";

    public int Port => port;

    /// <summary>Starts an empty one.</summary>
    /// <param name="folder">Where it keeps its files.</param>
    /// <param name="ourPort">The port that it reaches us on.</param>
    /// <param name="theirPort">The port that it reaches storescp on.</param>
    /// <param name="limit">When it is killed.</param>
    public static async Task<DcmtkArchive> StartAsync(string folder, int ourPort, int theirPort, TimeSpan limit)
    {
        var configuration = folder + ".cfg";
        await File.WriteAllTextAsync(
            configuration,
            $"""
            NetworkTCPPort = 104
            MaxPDUSize = 131072
            MaxAssociations = 16
            HostTable BEGIN
            ours = ({OurAETitle}, 127.0.0.1, {ourPort})
            theirs = ({TheirAETitle}, 127.0.0.1, {theirPort})
            HostTable END
            VendorTable BEGIN
            VendorTable END
            AETable BEGIN
            {AETitle} {folder} RW (10, 4096mb) ANY
            AETable END

            """);
        var port = FreePort.Next();
        var server = Dcmtk.Start("dcmqrscp", limit, "--config", configuration, $"{port}");
        await server.ListensOnAsync(port);
        return new DcmtkArchive(server, port);
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();
}
