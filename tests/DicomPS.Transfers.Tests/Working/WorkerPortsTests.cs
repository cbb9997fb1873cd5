using System.Net;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Part10;
using DicomPS.Scp;
using DicomPS.Sending;
using DicomPS.Serialization;
using DicomPS.Transfers.Working;

namespace DicomPS.Transfers.Tests.Working;

/// <summary>The port on which a worker is called.</summary>
public sealed class WorkerPortsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_nobody_asked_for_is_refused_and_leaves_nothing()
    {
        using var place = new TestFolder();
        using var files = new TestFolder();
        var dataset = new DicomDataset();
        dataset.Set(Tags.SOPClassUID, Uids.SecondaryCaptureImageStorage);
        dataset.Set(Tags.SOPInstanceUID, "1.2.3.4");
        dataset.Set(Tags.StudyInstanceUID, "1.2.3");
        dataset.Set(Tags.SeriesInstanceUID, "1.2.3.1");
        await new DicomFile(dataset, TransferSyntax.ExplicitVRLittleEndian).SaveAsync(files.At("one.dcm"), Cancellation);
        var ports = new WorkerPorts(new WorkerOptions
        {
            SpoolFolder = place.Path,
            Listen = new DicomServerOptions { Address = IPAddress.Loopback },
        });
        var node = new DicomNode { AETitle = "OLD", HostName = "127.0.0.1", Port = 104, LocalPort = 0 };
        var listener = ports.Open(node);
        await using (var job = new StoreJob(new StoreJobOptions
        {
            Association = AssociationOptions.For(new DicomNode
            {
                AETitle = "WORKER", HostName = "127.0.0.1", Port = listener.Server.Port,
            }),
            RetryCount = 0,
        }))
        {
            await job.AddAsync(files.At("one.dcm"), Cancellation);
            job.CompleteAdding();
            var results = await job.ResultsAsync(Cancellation).ToListAsync(Cancellation);
            Assert.Equal((false, (ushort?)0x0124), (results[0].Success, results[0].StatusCode));
        }

        Assert.Empty(Directory.GetFiles(place.Path, "*", SearchOption.AllDirectories));
        await ports.CloseAsync();
        Assert.Empty(Directory.GetFileSystemEntries(place.Path));
    }
}
