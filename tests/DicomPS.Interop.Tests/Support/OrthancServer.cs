using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DicomPS.Interop.Tests.Support;

/// <summary>An Orthanc with a generated configuration, a storage of its own and no plugins.</summary>
internal sealed class OrthancServer : IAsyncDisposable
{
    public const string AETitle = "ORTHANC";

    private readonly PeerProcess _peer;
    private readonly TempFolder _folder;

    private OrthancServer(PeerProcess peer, int port, int httpPort, TempFolder folder)
    {
        _peer = peer;
        _folder = folder;
        Port = port;
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{httpPort}/"), Timeout = TimeSpan.FromSeconds(30) };
    }

    /// <summary>The DICOM port.</summary>
    public int Port { get; }

    /// <summary>Its REST interface.</summary>
    public HttpClient Http { get; }

    public string Output => _peer.Output;

    /// <summary>Starts it.</summary>
    /// <param name="cancellation">Ends the wait for its ports.</param>
    /// <param name="modalities">The peers that it may move to: application entity title and loopback port.</param>
    public static Task<OrthancServer> StartAsync(CancellationToken cancellation, params (string AETitle, int Port)[] modalities) =>
        StartAsync(0, cancellation, modalities);

    /// <summary>Starts it with a limit of answers to a query.</summary>
    /// <param name="limit">The limit; 0 for none.</param>
    /// <param name="cancellation">Ends the wait for its ports.</param>
    /// <param name="modalities">The peers that it may move to.</param>
    public static async Task<OrthancServer> StartAsync(
        int limit, CancellationToken cancellation, params (string AETitle, int Port)[] modalities)
    {
        var program = Programs.Orthanc;
        var folder = new TempFolder();
        PeerProcess? started = null;
        try
        {
            var configuration = folder.Combine("orthanc.json");
            var httpPort = 0;
            var (peer, port) = await PeerProcess.ListenAsync(
                program,
                port =>
                {
                    do
                        httpPort = FreePort.Next();
                    while (httpPort == port);
                    File.WriteAllText(configuration, Configuration(folder, port, httpPort, limit, modalities).ToJsonString());
                    return ["--verbose", configuration];
                },
                environment: new Dictionary<string, string?> { ["TCP_NODELAY"] = "1" },
                folder.Path,
                cancellation);
            started = peer;
            var server = new OrthancServer(peer, port, httpPort, folder);
            // The DICOM port opens a moment before the HTTP one.
            for (var attempt = 0; !FreePort.IsListening(httpPort); attempt++)
            {
                if (attempt == 200 || peer.HasExited)
                    throw new InvalidOperationException($"Orthanc's HTTP port {httpPort} does not open. It wrote:\n{peer.Output}");
                await Task.Delay(25, cancellation);
            }

            return server;
        }
        catch
        {
            if (started is not null)
                await started.DisposeAsync();
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Orthanc's own ids of all instances that it holds.</summary>
    /// <param name="cancellation">Ends the request.</param>
    public async Task<string[]> InstanceIdsAsync(CancellationToken cancellation) =>
        await Http.GetFromJsonAsync<string[]>("instances", cancellation) ?? [];

    /// <summary>The Part 10 file that Orthanc keeps of an instance.</summary>
    /// <param name="id">Orthanc's id.</param>
    /// <param name="cancellation">Ends the request.</param>
    public Task<byte[]> FileAsync(string id, CancellationToken cancellation) =>
        Http.GetByteArrayAsync($"instances/{id}/file", cancellation);

    /// <summary>The value of a tag as Orthanc reads it.</summary>
    /// <param name="id">Orthanc's id of the instance.</param>
    /// <param name="tag">As in 0008-0018.</param>
    /// <param name="cancellation">Ends the request.</param>
    public async Task<string> ContentAsync(string id, string tag, CancellationToken cancellation) =>
        (await Http.GetStringAsync($"instances/{id}/content/{tag}", cancellation)).TrimEnd('\0', ' ');

    /// <summary>All instances by SOP Instance UID.</summary>
    /// <param name="cancellation">Ends the requests.</param>
    public async Task<Dictionary<string, byte[]>> FilesBySopInstanceUidAsync(CancellationToken cancellation)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var id in await InstanceIdsAsync(cancellation))
            files[await ContentAsync(id, "0008-0018", cancellation)] = await FileAsync(id, cancellation);
        return files;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _peer.DisposeAsync();
        _folder.Dispose();
    }

    private static JsonObject Configuration(
        TempFolder folder, int port, int httpPort, int limit, (string AETitle, int Port)[] modalities)
    {
        var destinations = new JsonObject();
        foreach (var (title, destination) in modalities)
            destinations[title.ToLowerInvariant()] = new JsonArray(title, "127.0.0.1", destination);

        return new JsonObject
        {
            ["Name"] = "DicomPS interoperability tests",
            ["StorageDirectory"] = folder.Subfolder("storage"),
            ["IndexDirectory"] = folder.Subfolder("index"),
            ["StorageCompression"] = false,
            ["Plugins"] = new JsonArray(),
            ["ConcurrentJobs"] = 2,
            ["SaveJobs"] = false,
            ["HttpServerEnabled"] = true,
            ["HttpPort"] = httpPort,
            ["RemoteAccessAllowed"] = false,
            ["AuthenticationEnabled"] = false,
            ["DicomServerEnabled"] = true,
            // The set in which it answers queries.
            ["DefaultEncoding"] = "Utf8",
            ["DicomAet"] = AETitle,
            ["DicomPort"] = port,
            ["DicomCheckCalledAet"] = false,
            ["DicomCheckModalityHost"] = false,
            ["DicomAlwaysAllowEcho"] = true,
            ["DicomAlwaysAllowStore"] = true,
            ["DicomAlwaysAllowFind"] = true,
            ["DicomAlwaysAllowMove"] = true,
            ["DicomAlwaysAllowGet"] = true,
            ["DicomModalities"] = destinations,
            ["DicomThreadsCount"] = 2,
            ["UnknownSopClassAccepted"] = true,
            ["OverwriteInstances"] = true,
            ["StableAge"] = 1,
            ["LimitFindResults"] = limit,
        };
    }
}
