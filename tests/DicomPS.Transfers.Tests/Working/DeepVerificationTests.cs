using System.Net;
using System.Net.Sockets;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Scp;
using DicomPS.Sending;
using DicomPS.Transfers.Working;

namespace DicomPS.Transfers.Tests.Working;

/// <summary>What is looked at beyond what both sides answer to queries.</summary>
public abstract class DeepVerificationTests(StoreFixture fixture)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static WorkerOptions Quick => new()
    {
        Tick = TimeSpan.FromMilliseconds(50),
        Beat = TimeSpan.FromSeconds(1),
        Listen = new DicomServerOptions { Address = IPAddress.Loopback },
    };

    [Fact]
    public async Task What_the_destination_answers_for_is_done()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(4);
        // It reports over the association of the request where it knows no other way.
        var transfer = await PlanAsync(store, archives, 4, "Commitment");
        await new TransferWorker(store, Quick).RunAsync(Cancellation);
        Assert.Equal(4, (await store.CountsAsync(transfer.Id, Cancellation)).Done);
    }

    [Fact]
    public async Task What_the_destination_does_not_answer_for_differs_and_says_why()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(2);
        await archives.PutAsync(archives.New, 1, 1, 2);
        archives.LoseFile(1, 2);
        var transfer = await PlanAsync(store, archives, 2, "Commitment");
        await new TransferWorker(store, Quick).RunAsync(Cancellation);
        var counts = await store.CountsAsync(transfer.Id, Cancellation);
        Assert.Equal((1, 1), (counts.Done, counts.Differs));
        var item = Assert.Single(await store.ItemsAsync(transfer.Id, "Differs", Cancellation).ToListAsync(Cancellation));
        Assert.Equal("NotCommitted", item.ErrorKind);
        Assert.Contains("does not answer for 1 of 2 instances", item.Error);
        var row = Assert.Single(await store.DifferencesAsync(transfer.Id, Cancellation).ToListAsync(Cancellation));
        Assert.Equal(("NotCommitted", "1.2.1.1.2"), (row.Kind, row.InstanceUid));
        Assert.False(string.IsNullOrEmpty(row.DestinationValue));
    }

    [Fact]
    public async Task A_destination_without_storage_commitment_is_not_asked_for_ever()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(2, newClasses: [
            Uids.Verification, Uids.SecondaryCaptureImageStorage, Uids.StudyRootQueryRetrieveInformationModelFind]);
        var transfer = await PlanAsync(store, archives, 2, "Commitment");
        await new TransferWorker(store, Quick).RunAsync(Cancellation);
        Assert.Equal(2, (await store.CountsAsync(transfer.Id, Cancellation)).Differs);
        Assert.All(await store.ItemsAsync(transfer.Id, "Differs", Cancellation).ToListAsync(Cancellation),
            item => Assert.Equal(("CommitmentNotServed", 2L, 2L), (item.ErrorKind, item.SourceInstances, item.DestinationInstances)));
        Assert.Equal(4, (await store.AttemptsAsync(transfer.Id, Cancellation).ToListAsync(Cancellation)).Count);
    }

    [Theory]
    [InlineData("Headers")]
    [InlineData("Bytes")]
    public async Task A_changed_attribute_is_named(string verify)
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(3);
        await archives.PutAsync(archives.New, 1, 1);
        await archives.PutChangedAsync(archives.New, 1, 2, dataset =>
        {
            dataset.Set(Tags.PatientName, "Doe^John");
            dataset.Set(Tags.RetrieveAETitle, "NEW");
            dataset.Set(new DicomTag(0x0099, 0x0010), Vr.LO, "OWN NOTES");
        });
        using var place = new TestFolder();
        var transfer = await PlanAsync(store, archives, 3, verify);
        await new TransferWorker(store, Quick with { SpoolFolder = place.Path }).RunAsync(Cancellation);
        var counts = await store.CountsAsync(transfer.Id, Cancellation);
        Assert.Equal((2, 1), (counts.Done, counts.Differs));
        var item = Assert.Single(await store.ItemsAsync(transfer.Id, "Differs", Cancellation).ToListAsync(Cancellation));
        Assert.Equal("1 of 2 compared instances differ in PatientName.", item.Error);
        var row = Assert.Single(await store.DifferencesAsync(transfer.Id, Cancellation).ToListAsync(Cancellation));
        Assert.Equal(("Different", "1.2.1.1.2", "PatientName", "Doe^Jane", "Doe^John"),
            (row.Kind, row.InstanceUid, row.Attributes, row.SourceValue, row.DestinationValue));
        Assert.Empty(Directory.GetFileSystemEntries(place.Path));

        // All UIDs are there: another try sends nothing, and does not say that it did.
        Assert.Equal(1, await store.ResetAsync(transfer.Id, "Differs", null, Cancellation));
        var again = new TransferWorker(store, Quick with { SpoolFolder = place.Path });
        await again.RunAsync(Cancellation);
        Assert.Equal((0, 1), (again.Moved, (await store.CountsAsync(transfer.Id, Cancellation)).Differs));
    }

    [Fact]
    public async Task Pixels_count_with_Bytes_alone()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(1);
        foreach (var (node, pixels) in new[] { (archives.Old, new byte[] { 1, 2 }), (archives.New, [1, 3]) })
        {
            await archives.PutChangedAsync(node, 1, 1, dataset => dataset.Set(Tags.PixelData, Vr.OW, pixels));
            await archives.PutAsync(node, 1, 2);
        }

        var headers = await PlanAsync(store, archives, 1, "Headers");
        var bytes = await PlanAsync(store, archives, 1, "Bytes", name: "deep");
        await new TransferWorker(store, Quick).RunAsync(Cancellation);
        // It was there before, and nothing was sent.
        Assert.Equal(1, (await store.CountsAsync(headers.Id, Cancellation)).Skipped);
        Assert.Equal(1, (await store.CountsAsync(bytes.Id, Cancellation)).Differs);
        Assert.Equal("PixelData", Assert.Single(await store.DifferencesAsync(bytes.Id, Cancellation).ToListAsync(Cancellation)).Attributes);
    }

    [Fact]
    public async Task A_sample_gets_a_part_of_each_study_back()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(3, instances: 10);
        var transfer = await PlanAsync(store, archives, 3, "Bytes", sample: 20);
        await new TransferWorker(store, Quick).RunAsync(Cancellation);
        Assert.Equal(3, (await store.CountsAsync(transfer.Id, Cancellation)).Done);
    }

    [Fact]
    public async Task Forward_and_Bytes_have_instances_moved_to_the_port_of_the_worker_where_C_GET_is_not_served()
    {
        await using var store = await fixture.NewAsync();
        var port = PostgresServer.FreePort();
        await using var archives = await TwoArchives.StartAsync(6, instances: 3, workerPort: port);
        using var place = new TestFolder();
        var transfer = await PlanAsync(store, archives, 6, "Bytes", "Forward");
        await store.SetNodeAsync(transfer.Source with { RetrieveBy = "Move" }, Cancellation);
        await store.SetNodeAsync(transfer.Destination with { RetrieveBy = "Move" }, Cancellation);
        await new TransferWorker(store, Quick with
        {
            Lanes = 2,
            LocalPort = port,
            SpoolFolder = place.Path,
            Call = node => Associations.AssociationOptions.For(node) with { CallingAETitle = "WORKER" },
        }).RunAsync(Cancellation);
        var counts = await store.CountsAsync(transfer.Id, Cancellation);
        Assert.Equal((6, 0), (counts.Done, counts.Left));
        var (old, @new) = archives.Contents();
        Assert.Equal(old, @new);
        Assert.Empty(Directory.GetFileSystemEntries(place.Path));
        var attempts = await store.AttemptsAsync(transfer.Id, Cancellation).ToListAsync(Cancellation);
        Assert.Equal(6, attempts.Count(one => one.Phase == "Forward"));
    }

    [Fact]
    public async Task A_worker_without_a_port_for_what_is_to_be_moved_to_it_does_not_begin()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(1);
        var transfer = await PlanAsync(store, archives, 1, "Counts", "Forward");
        await store.SetNodeAsync(transfer.Source with { RetrieveBy = "Move" }, Cancellation);
        var problem = await Assert.ThrowsAsync<WorkerPortException>(() => new TransferWorker(store, Quick).RunAsync(Cancellation));
        Assert.True(problem.IsUnknown);
        Assert.Equal(1, (await store.CountsAsync(transfer.Id, Cancellation)).Waiting);
    }

    [Theory]
    [InlineData("Move", "Headers", true, true)]
    [InlineData("Move", "Counts", false, false)]
    [InlineData("Forward", "Counts", true, true)]
    public async Task What_goes_through_a_worker_counts_against_the_bytes_a_second_of_both_nodes(
        string method, string verify, bool source, bool destination)
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(1);
        var transfer = await PlanAsync(store, archives, 1, verify, method);
        foreach (var node in new[] { transfer.Source, transfer.Destination })
            await store.SetNodeAsync(node with { BytesPerSecond = 1_000_000 }, Cancellation);
        await new TransferWorker(store, Quick).RunAsync(Cancellation);
        Assert.Equal((source, destination), (await IsCountedAsync(transfer.Source), await IsCountedAsync(transfer.Destination)));

        async Task<bool> IsCountedAsync(NodeRow node)
        {
            using var connection = fixture.Connect(store.Address);
            await connection.OpenAsync(Cancellation);
            using var command = connection.CreateCommand();
            command.CommandText = $"SELECT next_start FROM node WHERE id = {node.Id}";
            return (long)(await command.ExecuteScalarAsync(Cancellation))! > 0;
        }
    }

    [Fact]
    public async Task A_store_of_the_first_version_is_brought_up_to_date()
    {
        await using var store = await fixture.NewAsync();
        await using var archives = await TwoArchives.StartAsync(1);
        await PlanAsync(store, archives, 1, "Counts");
        await fixture.GoBackAsync(store);
        await using var later = await StoreFixture.AgainAsync(store);
        Assert.All(await later.NodesAsync(Cancellation), node => Assert.Equal("Get", node.RetrieveBy));
    }

    private static Task<TransferRow> PlanAsync(TransferStore store, TwoArchives archives, int studies, string verify,
        string method = "Move", long sample = 100, string name = "move") =>
        TransferWorkerTests.PlanAsync(store, archives, studies, verify: verify, method: method, sample: sample, name: name);
}

/// <summary>Over a store in a file.</summary>
public sealed class SqliteDeepVerificationTests(SqliteFixture fixture) : DeepVerificationTests(fixture), IClassFixture<SqliteFixture>;

/// <summary>Over a store in PostgreSQL.</summary>
public sealed class PostgresDeepVerificationTests(PostgresFixture fixture)
    : DeepVerificationTests(fixture), IClassFixture<PostgresFixture>;
