using System.Net;
using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Part10;
using DicomPS.Retrieving;
using DicomPS.Scp;
using DicomPS.Serving;

namespace DicomPS.Interop.Tests.Support;

/// <summary>Retrieving from a peer as the cmdlets do.</summary>
internal static class Retrieval
{
    public const string OurAETitle = "OURS";

    public static DicomNode Node(int port, string title) =>
        new() { AETitle = title, HostName = "127.0.0.1", Port = port, CallingAETitle = OurAETitle };

    /// <summary>The keys of a file, all four levels.</summary>
    /// <param name="file">A Part 10 file.</param>
    public static RetrieveKeys KeysOf(string file)
    {
        var header = DicomFileProbe.Read(file).Header;
        return new RetrieveKeys
        {
            PatientID = header.GetString(Tags.PatientID),
            StudyInstanceUID = [header.GetString(Tags.StudyInstanceUID)!],
            SeriesInstanceUID = [header.GetString(Tags.SeriesInstanceUID)!],
            SOPInstanceUID = [header.GetString(Tags.SOPInstanceUID)!],
        };
    }

    public static RetrieveJobOptions MoveTo(DicomNode node, string destination) =>
        new() { Association = AssociationOptions.For(node), Node = node, Destination = destination, RetryCount = 0 };

    public static RetrieveJobOptions MoveHere(DicomNode node, TempFolder folder, int port) => new()
    {
        Association = AssociationOptions.For(node),
        Node = node,
        RetryCount = 0,
        ArrivalGrace = TimeSpan.FromSeconds(3),
        Storage = new StorageServerOptions
        {
            Folder = folder.Path,
            AcceptUnknownSopClasses = true,
            Server = new DicomServerOptions { AETitle = OurAETitle, Port = port, Address = IPAddress.Loopback },
        },
    };

    public static RetrieveJobOptions Get(DicomNode node, TempFolder folder) => new()
    {
        Association = AssociationOptions.For(node),
        Node = node,
        Method = RetrieveMethod.Get,
        RetryCount = 0,
        Storage = new StorageServerOptions { Folder = folder.Path },
    };

    public static async Task<RetrieveResult> RunAsync(RetrieveJobOptions options, RetrieveKeys keys, CancellationToken cancellation) =>
        Assert.Single(await EachAsync(options, keys, cancellation));

    /// <summary>The result of each study, series or instance that the keys name.</summary>
    public static async Task<List<RetrieveResult>> EachAsync(RetrieveJobOptions options, RetrieveKeys keys, CancellationToken cancellation)
    {
        await using var job = new RetrieveJob(options);
        await job.AddAsync(keys, cancellation);
        job.CompleteAdding();
        var results = new List<RetrieveResult>();
        await foreach (var result in job.ResultsAsync(cancellation))
            results.Add(result);
        return results;
    }

    /// <summary>What the peers here all serve: two models, each with its levels.</summary>
    public static IEnumerable<(InformationModel Model, QueryLevel Level)> ModelsAndLevels { get; } =
    [
        (InformationModel.PatientRoot, QueryLevel.Patient), (InformationModel.PatientRoot, QueryLevel.Study),
        (InformationModel.PatientRoot, QueryLevel.Series), (InformationModel.PatientRoot, QueryLevel.Image),
        (InformationModel.StudyRoot, QueryLevel.Study), (InformationModel.StudyRoot, QueryLevel.Series),
        (InformationModel.StudyRoot, QueryLevel.Image),
    ];

    /// <summary>
    /// Retrieves the same by C-MOVE to this side and by C-GET, and asserts that both are complete and bring these files as they are.
    /// </summary>
    public static async Task<(RetrieveResult Move, RetrieveResult Get)> BringsAsync(
        IEnumerable<string> expected, DicomNode node, int port, RetrieveKeys keys, Func<string> output, CancellationToken cancellation)
    {
        using var moved = new TempFolder();
        using var got = new TempFolder();
        var move = await RunAsync(MoveHere(node, moved, port), keys, cancellation);
        var get = await RunAsync(Get(node, got), keys, cancellation);
        Is(RetrieveVerdict.Complete, move, output());
        Is(RetrieveVerdict.Complete, get, output());
        await Compare.SameContentAsync(expected, moved.Files(), cancellation);
        await Compare.SameContentAsync(expected, got.Files(), cancellation);
        return (move, get);
    }

    /// <summary>Asserts a verdict, with all that is known in the message.</summary>
    /// <param name="verdict">The one that is due.</param>
    /// <param name="result">The result.</param>
    /// <param name="output">What the peer wrote.</param>
    public static void Is(RetrieveVerdict verdict, RetrieveResult result, string output) =>
        Assert.True(verdict == result.GetVerdict(), $"{result}\n{string.Join(' ', result.FailedSOPInstanceUID)}\n{output}");
}
