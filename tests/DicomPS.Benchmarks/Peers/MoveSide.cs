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
    /// <summary>move PORT OWN-PORT FOLDER STUDY</summary>
    /// <param name="arguments">As above.</param>
    public static Task<int> MoveAsync(string[] arguments)
    {
        var node = new DicomNode
        {
            AETitle = DcmtkArchive.AETitle,
            HostName = "127.0.0.1",
            Port = int.Parse(arguments[0], CultureInfo.InvariantCulture),
            CallingAETitle = DcmtkArchive.OurAETitle,
        };
        var options = new RetrieveJobOptions
        {
            Association = AssociationOptions.For(node),
            Node = node,
            Storage = new StorageServerOptions
            {
                Folder = arguments[2],
                Layout = "Flat",
                Server = new DicomServerOptions
                {
                    AETitle = DcmtkArchive.OurAETitle,
                    Port = int.Parse(arguments[1], CultureInfo.InvariantCulture), Address = IPAddress.Loopback
                },
            },
        };
        return EngineSide.ServeAsync(async () =>
        {
            await using var job = new RetrieveJob(options);
            await job.AddAsync(new RetrieveKeys { StudyInstanceUID = [arguments[3]] }, CancellationToken.None);
            job.CompleteAdding();
            var received = 0;
            await foreach (var result in job.ResultsAsync(CancellationToken.None))
                received += result.GetVerdict() == RetrieveVerdict.Complete ? result.Received!.Value
                    : throw new BenchmarkException($"{result.GetVerdict()}: {result.Status}. {result.Advice}");
            return received;
        });
    }
}
