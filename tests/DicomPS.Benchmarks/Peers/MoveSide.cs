using System.Globalization;
using System.Net;
using DicomPS.Associations;
using DicomPS.Retrieving;
using DicomPS.Scp;
using DicomPS.Serving;

namespace DicomPS.Benchmarks.Peers;

/// <summary>The client of a C-MOVE to a folder in a child process, as in <see cref="EngineSide"/>: it asks, receives and counts.</summary>
internal static class MoveSide
{
    /// <summary>fetch get|move PORT OWN-PORT FOLDER STUDIES COUNT: the studies STUDIES.1 and so on, as many at once as pay.</summary>
    /// <param name="arguments">As above.</param>
    public static Task<int> FetchAsync(string[] arguments)
    {
        var options = Options(arguments[1], ArchiveSide.AETitle, arguments[2], arguments[3]);
        return EngineSide.ServeAsync(() => RetrieveAsync(options with
        {
            Method = arguments[0] == "get" ? RetrieveMethod.Get : RetrieveMethod.Move,
            Throttle = 64,
            IsAdaptive = true,
            // Each run has a folder of its own: what is there already would not be written again.
            Storage = options.Storage! with { Folder = Path.Combine(arguments[3], Path.GetRandomFileName()) },
        }, [.. Enumerable.Range(1, int.Parse(arguments[5], CultureInfo.InvariantCulture)).Select(i => $"{arguments[4]}.{i}")]));
    }

    /// <summary>move PORT OWN-PORT FOLDER STUDY</summary>
    /// <param name="arguments">As above.</param>
    public static Task<int> MoveAsync(string[] arguments)
    {
        var options = Options(arguments[0], DcmtkArchive.AETitle, arguments[1], arguments[2]);
        return EngineSide.ServeAsync(() => RetrieveAsync(options, arguments[3]));
    }

    private static async Task<int> RetrieveAsync(RetrieveJobOptions options, params string[] studies)
    {
        await using var job = new RetrieveJob(options);
        foreach (var study in studies)
            await job.AddAsync(new RetrieveKeys { StudyInstanceUID = [study] }, CancellationToken.None);
        job.CompleteAdding();
        var received = 0;
        await foreach (var result in job.ResultsAsync(CancellationToken.None))
            received += result.GetVerdict() == RetrieveVerdict.Complete ? result.Received!.Value
                : throw new BenchmarkException($"{result.GetVerdict()}: {result.Status}. {result.Advice}");
        return received;
    }

    private static RetrieveJobOptions Options(string port, string title, string ownPort, string folder)
    {
        var node = EngineSide.Peer(port) with { AETitle = title, CallingAETitle = DcmtkArchive.OurAETitle };
        return new RetrieveJobOptions
        {
            Association = AssociationOptions.For(node),
            Node = node,
            Storage = new StorageServerOptions
            {
                Folder = folder,
                Layout = "Flat",
                Server = new DicomServerOptions
                {
                    AETitle = DcmtkArchive.OurAETitle,
                    Port = int.Parse(ownPort, CultureInfo.InvariantCulture), Address = IPAddress.Loopback
                },
            },
        };
    }
}
