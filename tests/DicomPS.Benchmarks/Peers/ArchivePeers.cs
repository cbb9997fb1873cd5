using System.Globalization;
using System.Text.Json.Nodes;
using DicomPS.Interop.Tests.Support;

namespace DicomPS.Benchmarks.Peers;

/// <summary>An archive that is open over a folder.</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="AETitle">Its title.</param>
/// <param name="Port">Its port.</param>
/// <param name="Peak">The most memory that its process held so far.</param>
/// <param name="Close">Closes it; a process that is needed again stays.</param>
internal sealed record OpenArchive(string Name, string AETitle, int Port, Func<long> Peak, Func<ValueTask> Close) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Close();
}

/// <summary>
/// The archives that are compared, each with the options that make it fastest, and with the same promise: what is acknowledged outlives
/// a kill, or with flush a power cut.
/// </summary>
internal static class ArchivePeers
{
    public const string Dcmqrscp = "dcmqrscp", Orthanc = "Orthanc", Ours = "DicomPS";

    private static readonly string[] OrthancPaths = ["/usr/sbin/Orthanc", "/usr/local/sbin/Orthanc"];

    /// <summary>
    /// Starts dcmqrscp over a folder. It holds 500 studies at most, and has a process for each association, whose memory is not
    /// measured.
    /// </summary>
    /// <param name="folder">Its storage area.</param>
    /// <param name="limit">When it is killed.</param>
    public static async Task<OpenArchive> StartDcmqrscpAsync(string folder, TimeSpan limit)
    {
        Directory.CreateDirectory(folder);
        var configuration = folder + ".cfg";
        await File.WriteAllTextAsync(
            configuration,
            $"""
            NetworkTCPPort = 104
            MaxPDUSize = 131072
            MaxAssociations = 16
            HostTable BEGIN
            HostTable END
            VendorTable BEGIN
            VendorTable END
            AETable BEGIN
            {DcmtkArchive.AETitle} {folder} RW (500, 1024mb) ANY
            AETable END

            """);
        var port = FreePort.Next();
        var server = Dcmtk.Start("dcmqrscp", limit, "--config", configuration, $"{port}");
        return await OpenAsync(Dcmqrscp, DcmtkArchive.AETitle, server, port) with { Peak = () => 0 };
    }

    /// <summary>Starts Orthanc over a folder: no compression, no checksums, no HTTP.</summary>
    /// <param name="folder">Its storage and its index.</param>
    /// <param name="isFlushed">Whether it waits for the disk with every file, as it does by default; its index never does.</param>
    /// <param name="limit">When it is killed.</param>
    public static async Task<OpenArchive> StartOrthancAsync(string folder, bool isFlushed, TimeSpan limit)
    {
        Directory.CreateDirectory(folder);
        var (configuration, port) = (folder + ".json", FreePort.Next());
        await File.WriteAllTextAsync(configuration, new JsonObject
        {
            ["StorageDirectory"] = folder,
            ["StorageCompression"] = false,
            ["StoreMD5ForAttachments"] = false,
            ["SyncStorageArea"] = isFlushed,
            ["Plugins"] = new JsonArray(),
            ["SaveJobs"] = false,
            ["HttpServerEnabled"] = false,
            ["DicomAet"] = "ORTHANC",
            ["DicomPort"] = port,
            ["DicomCheckCalledAet"] = false,
            ["DicomAlwaysAllowFind"] = true,
            ["DicomAlwaysAllowStore"] = true,
            ["MaximumPduLength"] = 131072,
        }.ToJsonString());
        var program = OrthancPaths.FirstOrDefault(File.Exists)
            ?? throw new BenchmarkException("Orthanc was not found (Debian's package orthanc).");
        var server = ChildProcess.Start(program, [configuration], noDelay: true, interactive: false, limit);
        return await OpenAsync(Orthanc, "ORTHANC", server, port);
    }

    /// <summary>Opens an archive of ours over a folder, in a process that is already there.</summary>
    /// <param name="child">The process.</param>
    /// <param name="folder">The archive's folder.</param>
    public static async Task<OpenArchive> OpenOursAsync(EngineChild child, string folder)
    {
        var port = int.Parse((await child.AskAsync($"open {folder}")).Split(' ')[1], CultureInfo.InvariantCulture);
        return new OpenArchive(Ours, ArchiveSide.AETitle, port, () => child.PeakBytes, async () => await child.AskAsync("close"));
    }

    private static async Task<OpenArchive> OpenAsync(string name, string title, ChildProcess server, int port)
    {
        try
        {
            await server.ListensOnAsync(port);
            return new OpenArchive(name, title, port, () => server.PeakBytes, server.DisposeAsync);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
