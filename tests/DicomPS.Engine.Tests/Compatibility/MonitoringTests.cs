using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using System.Globalization;
using DicomPS.Associations;
using DicomPS.Engine.Tests.Support;
using DicomPS.Scp;
using DicomPS.Sending;
using DicomPS.Serialization;
using DicomPS.Serving;

namespace DicomPS.Engine.Tests.Compatibility;

/// <summary>What dotnet-counters and dotnet-trace see of a process that sends and receives.</summary>
[Collection(nameof(Alone))]
public sealed class MonitoringTests : IDisposable
{
    private readonly TempFolder _sent = new();
    private readonly TempFolder _received = new();
    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public void Dispose()
    {
        _sent.Dispose();
        _received.Dispose();
    }

    [Fact]
    public async Task The_meter_counts_what_went_over_the_wire_and_nothing_stays_open()
    {
        using var meter = Listen();
        var bytes = await SendAsync(3);
        Assert.Equal((3, 3), (Count("dicomps.instances/sent"), Count("dicomps.instances/received")));
        Assert.True(Count("dicomps.bytes/sent") > bytes, "Less was counted than was in the files.");
        Assert.Equal(Count("dicomps.bytes/sent"), Count("dicomps.bytes/received"));
        Assert.Equal((0, 0, 0), (Count("dicomps.associations/requestor"), Count("dicomps.associations/acceptor"), Count("dicomps.queue")));
        Assert.Equal((1, 1), (Count("most dicomps.associations/requestor"), Count("most dicomps.associations/acceptor")));
        Assert.Equal(0, Count("dicomps.failures/rejected"));
    }

    [Fact]
    public async Task A_rejected_association_is_a_failure_on_both_sides()
    {
        using var meter = Listen();
        await SendAsync(1, calledAETitle: "NOBODY");
        Assert.Equal((2, 0), (Count("dicomps.failures/rejected"), Count("dicomps.instances/sent")));
        Assert.Equal((0, 0), (Count("dicomps.associations/requestor"), Count("dicomps.queue")));
    }

    [Fact]
    public async Task The_event_source_tells_the_steps_of_an_association_with_nobody_tracing()
    {
        using var events = new Listener();
        await SendAsync(1);
        await SendAsync(1, calledAETitle: "NOBODY");
        var told = events.Told.ToList();
        foreach (var step in (string[])["Requested", "Accepted", "Released", "Rejected"])
            Assert.Contains(told, line => line.StartsWith(step + " ", StringComparison.Ordinal));
        Assert.DoesNotContain(told, line => line.Contains("PHANTOM", StringComparison.Ordinal));
    }

    private async Task<long> SendAsync(int count, string calledAETitle = "STORE")
    {
        long bytes = 0;
        await using var server = StorageServer.Start(new StorageServerOptions
        {
            Folder = _received.Path,
            Server = new DicomServerOptions { AETitle = "STORE", CheckCalledAETitle = true },
        });
        await using var job = new StoreJob(new StoreJobOptions
        {
            Association = new AssociationOptions { Host = "127.0.0.1", Port = server.Port, CalledAETitle = calledAETitle },
        });
        for (var i = 0; i < count; i++)
        {
            var file = await Instances.WriteAsync(_sent, Instances.Dataset(pixelBytes: 10_000), TransferSyntax.ExplicitVRLittleEndian);
            bytes += Instances.DatasetBytes(file).Length;
            await job.AddAsync(file, TestContext.Current.CancellationToken);
        }

        job.CompleteAdding();
        await foreach (var result in job.ResultsAsync(TestContext.Current.CancellationToken))
            Assert.Equal(calledAETitle == "STORE", result.Success);
        return bytes;
    }

    private long Count(string name) => _counts.GetValueOrDefault(name);

    private MeterListener Listen()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "DicomPS")
                    self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var name = tags.Length == 0 ? instrument.Name : $"{instrument.Name}/{tags[0].Value}";
            var now = _counts.AddOrUpdate(name, value, (_, sum) => sum + value);
            _counts.AddOrUpdate("most " + name, now, (_, most) => Math.Max(most, now));
        });
        listener.Start();
        return listener;
    }

    private sealed class Listener : EventListener
    {
        public ConcurrentQueue<string> Told { get; } = new();

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "DicomPS")
                EnableEvents(eventSource, EventLevel.Informational);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData) =>
            Told?.Enqueue(string.Join(' ', eventData.Payload!.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture))));
    }
}
