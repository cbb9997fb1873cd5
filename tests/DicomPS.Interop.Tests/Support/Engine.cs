using System.Net;
using DicomPS.Associations;
using DicomPS.Scp;
using DicomPS.Sending;
using DicomPS.Serving;

namespace DicomPS.Interop.Tests.Support;

/// <summary>The engine as the cmdlets use it.</summary>
internal static class Engine
{
    public static DicomNode Node(int port, string calledAETitle = "ANY-SCP") =>
        new() { AETitle = calledAETitle, HostName = "127.0.0.1", Port = port };

    /// <summary>
    /// Options for a peer whose silence is the test: not to be used where an answer is expected, since a busy machine may be late with
    /// it.
    /// </summary>
    /// <param name="node">Whom to call.</param>
    public static AssociationOptions Impatient(DicomNode node) => AssociationOptions.For(node) with
    {
        AssociationTimeout = TimeSpan.FromSeconds(3),
        ResponseTimeout = TimeSpan.FromSeconds(3),
    };

    /// <summary>Sends files without trying again; one result for each, in the order of the files.</summary>
    /// <param name="node">Whom to send to.</param>
    /// <param name="files">What to send.</param>
    /// <param name="cancellation">Stops.</param>
    public static Task<IReadOnlyList<StoreResult>> SendAsync(DicomNode node, IReadOnlyList<string> files, CancellationToken cancellation) =>
        SendAsync(new StoreJobOptions { Association = AssociationOptions.For(node), Node = node, RetryCount = 0 }, files, cancellation);

    /// <summary>Sends files; one result for each, in the order of the files.</summary>
    /// <param name="options">How.</param>
    /// <param name="files">What to send.</param>
    /// <param name="cancellation">Stops.</param>
    public static async Task<IReadOnlyList<StoreResult>> SendAsync(StoreJobOptions options, IReadOnlyList<string> files,
        CancellationToken cancellation)
    {
        await using var job = new StoreJob(options);
        var adding = AddAsync();
        var results = new Dictionary<string, StoreResult>(StringComparer.Ordinal);
        await foreach (var result in job.ResultsAsync(cancellation))
            Assert.True(results.TryAdd(result.Path, result), $"{result.Path} has two results.");
        await adding;
        return [
            .. files.Select(file => results.TryGetValue(file, out var result) ? result
                : throw new InvalidOperationException($"{file} has no result."))];

        async Task AddAsync()
        {
            foreach (var file in files)
                await job.AddAsync(file, cancellation);
            job.CompleteAdding();
        }
    }

    /// <summary>A storage SCP of ours on a free loopback port.</summary>
    /// <param name="folder">Where it stores.</param>
    /// <param name="acceptUnknownSopClasses">Whether any SOP class will do.</param>
    public static StorageServer Receive(TempFolder folder,
        bool acceptUnknownSopClasses = true) => StorageServer.Start(new StorageServerOptions
        {
            Folder = folder.Path,
            Layout = "Flat",
            AcceptUnknownSopClasses = acceptUnknownSopClasses,
            Server = new DicomServerOptions { Address = IPAddress.Loopback },
        });

    /// <summary>The results that failed, as text for an assertion's message.</summary>
    /// <param name="results">All results.</param>
    public static string Failures(IEnumerable<StoreResult> results) =>
        string.Join('\n', results.Where(result => !result.Success)
            .Select(result => $"{Path.GetFileName(result.Path)}: {result.Status}. {result.Error}"));
}
