using System.Net;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Engine.Tests.Support;
using DicomPS.Querying;
using DicomPS.Scp;
using DicomPS.Sending;
using DicomPS.Serving;

namespace DicomPS.Engine.Tests.Serving;

/// <summary>
/// What sending, receiving and asking allocate for each megabyte, file and answer, both sides together. Nothing is timed: an added copy
/// or a new object for each PDU shows as well on a slow machine. The bounds are two to three times what it is.
/// </summary>
[Collection(nameof(Alone))]
public class AllocationTests
{
    private const int Megabyte = 1 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_megabyte_of_an_instance_is_not_copied_into_memory_of_its_own()
    {
        Runtime.SkipOnMono("it does not count what all threads allocate");
        const int megabytes = 32;
        using var source = new TempFolder();
        var files = new[] { await Instances.WriteAsync(source, Instances.Dataset(pixelBytes: megabytes * Megabyte)) };

        var bytes = await OfTransferAsync(files) / megabytes;

        Assert.InRange(bytes, 0, Megabyte / 8);
    }

    [Fact]
    public async Task A_small_instance_costs_little_more_than_its_names()
    {
        Runtime.SkipOnMono("it does not count what all threads allocate");
        const int count = 500;
        using var source = new TempFolder();
        var files = new string[count];
        for (var i = 0; i < count; i++)
            files[i] = await Instances.WriteAsync(source, Instances.Dataset(pixelBytes: 4096));

        var bytes = await OfTransferAsync(files) / count;

        Assert.InRange(bytes, 0, 80_000);
    }

    [Fact]
    public async Task An_answer_costs_its_object_and_little_more()
    {
        Runtime.SkipOnMono("it does not count what all threads allocate");
        const int count = 5000;
        var answer = new DicomDataset();
        answer.Set(Tags.QueryRetrieveLevel, "STUDY");
        answer.Set(Tags.StudyInstanceUID, "1.2.3");
        answer.Set(Tags.StudyDate, "20240102");
        answer.Set(Tags.PatientName, "PHANTOM^ONE");
        answer.Set(Tags.PatientID, "P1");
        await using var server = DicomServer.Start(new DicomServerOptions { Address = IPAddress.Loopback },
            new ServiceTable([new FindScp((_, _, _) => Answers()).Row(Uids.StudyRootQueryRetrieveInformationModelFind)]));

        await AskAsync();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        Assert.Equal(count, await AskAsync());
        var bytes = (GC.GetTotalAllocatedBytes(precise: true) - before) / count;

        Assert.InRange(bytes, 0, 20_000);

        async IAsyncEnumerable<DicomDataset> Answers()
        {
            await Task.Yield();
            for (var i = 0; i < count; i++)
                yield return answer;
        }

        async Task<int> AskAsync()
        {
            var node = new DicomNode { AETitle = "DICOMPS", HostName = "127.0.0.1", Port = server.Port };
            var job = new QueryJob(new QueryJobOptions { Association = AssociationOptions.For(node), Node = node }, new QueryRequest());
            var found = 0;
            await foreach (var value in job.RunAsync(Token))
                found += value is QueryFound ? 1 : 0;
            return found;
        }
    }

    // Sent once before, so that tables, buffers and threads are there.
    private static async Task<long> OfTransferAsync(string[] files)
    {
        using var target = new TempFolder();
        await using var server = StorageServer.Start(new StorageServerOptions
        {
            Folder = target.Path,
            Duplicates = DuplicatePolicy.Overwrite,
            Server = new DicomServerOptions { Address = IPAddress.Loopback },
        });
        await SendAsync(server.Port, files);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await SendAsync(server.Port, files);
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    private static async Task SendAsync(int port, string[] files)
    {
        var node = new DicomNode { AETitle = "DICOMPS", HostName = "127.0.0.1", Port = port };
        await using var job = new StoreJob(new StoreJobOptions { Association = AssociationOptions.For(node), Node = node });
        var adding = Task.Run(
            async () =>
            {
                foreach (var file in files)
                    await job.AddAsync(file, Token);
                job.CompleteAdding();
            },
            Token);
        await foreach (var result in job.ResultsAsync(Token))
            Assert.True(result.Success, result.Error);
        await adding;
    }
}
