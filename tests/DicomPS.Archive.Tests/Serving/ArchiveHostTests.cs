using System.Net;
using DicomPS.Archiving.Serving;
using DicomPS.Archiving.Tests.Support;
using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Part10;
using DicomPS.Querying;
using DicomPS.Retrieving;
using DicomPS.Scp;
using DicomPS.Sending;
using DicomPS.Serialization;
using DicomPS.Serving;

namespace DicomPS.Archiving.Tests.Serving;

/// <summary>An archive that a program runs, without PowerShell, and the engine's own client.</summary>
public sealed class ArchiveHostTests : IDisposable
{
    private readonly TempFolder _inbox = new(), _folder = new(), _arrived = new();

    private static CancellationToken Cancellation => TestIndex.Cancellation;

    public void Dispose()
    {
        _inbox.Dispose();
        _folder.Dispose();
        _arrived.Dispose();
    }

    [Fact]
    public async Task What_is_stored_is_found_counted_and_comes_back_by_get_and_by_move()
    {
        var port = 0;
        await using var host = await ArchiveHost.StartAsync(Options with
        {
            Destination = title => new AssociationOptions
            {
                Host = "127.0.0.1", Port = port, CalledAETitle = title, CallingAETitle = "BOX",
            },
        }, Cancellation);
        var files = await SaveAsync(3);
        Assert.All(await SendAsync(host, files), result => Assert.True(result.Success, result.Error));
        Assert.Equal((3, 0, 1, 1, 3), (host.Served.Received, host.Served.Failed, host.Served.Studies, host.Served.Series,
            host.Served.Instances));

        var query = new QueryJob(new QueryJobOptions { Association = AssociationOptions.For(Node(host)) }, new QueryRequest());
        var found = new List<string?>();
        await foreach (var answer in query.RunAsync(Cancellation))
        {
            if (answer is QueryFound { Result: Study study })
                found.Add(study.PatientID);
        }

        Assert.Equal(["P1"], found);

        var get = new RetrieveJob(Retrieval(host, Path.Combine(_arrived.Path, "got")) with { Method = RetrieveMethod.Get });
        Assert.Equal(RetrieveVerdict.Complete, await RetrieveAsync(get));
        var move = new RetrieveJob(Retrieval(host, Path.Combine(_arrived.Path, "moved")));
        port = move.ListenerPort!.Value;
        Assert.Equal(RetrieveVerdict.Complete, await RetrieveAsync(move));
        foreach (var way in new[] { "got", "moved" })
            Assert.Equal(DatasetsOf(_inbox.Path), DatasetsOf(Path.Combine(_arrived.Path, way)));
    }

    [Fact]
    public async Task What_was_stored_is_there_after_a_start_anew_and_the_last_counts_stay_readable()
    {
        var host = await ArchiveHost.StartAsync(Options, Cancellation);
        await SendAsync(host, await SaveAsync(2));
        await host.DisposeAsync();
        Assert.Equal(2, host.Served.Instances);
        await using var again = await ArchiveHost.StartAsync(Options, Cancellation);
        Assert.Null(again.Served.Archive.Recovered);
        Assert.Equal((2, 0), (again.Served.Instances, again.Served.Received));
    }

    [Fact]
    public async Task A_stored_file_is_not_opened_again_for_its_header_unless_it_is_strange()
    {
        await using var host = await ArchiveHost.StartAsync(Options, Cancellation);
        var files = await SaveAsync(3);
        Assert.All(await SendAsync(host, files), result => Assert.True(result.Success, result.Error));
        Assert.Equal(0, host.Served.Archive.Readings);

        var strange = Path.Combine(_inbox.Path, "strange.dcm");
        await new DicomFile(Make.Instance(number: 9, elements: (Tags.PatientComments, new string('x', 100_000))),
            TransferSyntax.ImplicitVRLittleEndian).SaveAsync(strange, Cancellation);
        Assert.All(await SendAsync(host, [strange]), result => Assert.True(result.Success, result.Error));
        Assert.Equal((1, 4), (host.Served.Archive.Readings, host.Served.Instances));
    }

    private ArchiveServerOptions Options => new()
    {
        Folder = _folder.Path,
        Server = new DicomServerOptions { AETitle = "BOX", Address = IPAddress.Loopback },
    };

    private static DicomNode Node(ArchiveHost host) => new()
    {
        AETitle = host.AETitle, HostName = "127.0.0.1", Port = host.Port, CallingAETitle = "OURS",
    };

    private static RetrieveJobOptions Retrieval(ArchiveHost host, string folder) => new()
    {
        Association = AssociationOptions.For(Node(host)),
        RetryCount = 0,
        Storage = new StorageServerOptions
        {
            Folder = folder,
            Server = new DicomServerOptions { AETitle = "OURS", Address = IPAddress.Loopback },
        },
    };

    private async Task<List<string>> SaveAsync(int count)
    {
        var files = new List<string>();
        for (var number = 1; number <= count; number++)
        {
            var path = Path.Combine(_inbox.Path, $"{number}.dcm");
            await new DicomFile(Make.Instance(number: number, elements: (Tags.PatientName, "Müller^Jürgen")),
                TransferSyntax.ExplicitVRLittleEndian).SaveAsync(path, Cancellation);
            files.Add(path);
        }

        return files;
    }

    private static async Task<List<StoreResult>> SendAsync(ArchiveHost host, List<string> files)
    {
        var job = new StoreJob(new StoreJobOptions { Association = AssociationOptions.For(Node(host)), RetryCount = 0 });
        await using (job)
        {
            foreach (var file in files)
                await job.AddAsync(file, Cancellation);
            job.CompleteAdding();
            var results = new List<StoreResult>();
            await foreach (var result in job.ResultsAsync(Cancellation))
                results.Add(result);
            return results;
        }
    }

    private static async Task<RetrieveVerdict> RetrieveAsync(RetrieveJob job)
    {
        await using (job)
        {
            await job.AddAsync(new RetrieveKeys { StudyInstanceUID = ["1"] }, Cancellation);
            job.CompleteAdding();
            var results = new List<RetrieveResult>();
            await foreach (var result in job.ResultsAsync(Cancellation))
                results.Add(result);
            return Assert.Single(results).GetVerdict();
        }
    }

    private static List<string> DatasetsOf(string folder) =>
    [
        .. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(path =>
        {
            var probed = DicomFileProbe.Read(path);
            return probed.SopInstanceUid + " " + Convert.ToBase64String(File.ReadAllBytes(path), (int)probed.DatasetOffset,
                (int)probed.DatasetLength);
        }).OrderBy(text => text, StringComparer.Ordinal),
    ];
}
