using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;
using DicomPS.Scp;
using DicomPS.Serialization;
using DicomPS.Serving;

namespace DicomPS.Engine.Tests.Serving;

public sealed class StorageServerTests : IDisposable
{
    private const string Explicit = "1.2.840.10008.1.2.1";
    private readonly TempFolder _received = new();

    public void Dispose() => _received.Dispose();

    [Fact]
    public async Task An_instance_is_told_with_its_names_and_place()
    {
        await using var server = Serve();
        var dataset = Instances.Dataset(instance: "1.2.3.4.5");
        Assert.Equal(0, (await StoreAsync(server, dataset)).Status!.Value);
        Assert.True(server.TryReceive(out var instance));
        Assert.Equal(Path.Combine(_received.Path, "1.2.3", "1.2.3.4.5.dcm"), instance.Path);
        Assert.Equal(
            ("P1", "PHANTOM^ONE", "1.2.3", "1.2.3.4", "1.2.3.4.5", "CT Image Storage", Explicit, "SENDER", "DICOMPS"),
            (instance.PatientID, instance.PatientName, instance.StudyInstanceUID, instance.SeriesInstanceUID, instance.SOPInstanceUID,
                instance.SOPClass, instance.TransferSyntaxUID, instance.CallingAETitle, instance.CalledAETitle));
        Assert.Equal(DatasetWriter.ToArray(dataset, TransferSyntax.ExplicitVRLittleEndian).Length, instance.Bytes);
        Assert.StartsWith("127.0.0.1:", instance.RemoteEndPoint.Replace("[::ffff:127.0.0.1]", "127.0.0.1"));
        Assert.Equal((1, 0, instance.Bytes), (server.Received, server.Failed, server.Bytes));
    }

    [Fact]
    public async Task A_header_longer_than_the_buffer_is_read_all_the_same()
    {
        await using var server = Serve(o => o with { Layout = "{PatientID}/{SOPInstanceUID}" });
        var dataset = Instances.Dataset(instance: "1.2.3.4.5");
        dataset.Set(new DicomTag(0x0009, 0x0010), Vr.LO, "LONG");
        dataset.Set(new DicomTag(0x0009, 0x1001), Vr.OB, new byte[600_000]);
        Assert.Equal(0, (await StoreAsync(server, dataset)).Status!.Value);
        Assert.Equal(Path.Combine(_received.Path, "P1", "1.2.3.4.5"), Assert.Single(_received.Files()));
    }

    [Theory]
    [InlineData(DuplicatePolicy.Overwrite, 0x0000, 1)]
    [InlineData(DuplicatePolicy.KeepBoth, 0x0000, 2)]
    [InlineData(DuplicatePolicy.Reject, 0x0111, 1)]
    public async Task A_duplicate_is_treated_as_was_said(DuplicatePolicy policy, int status, int files)
    {
        await using var server = Serve(o => o with { Duplicates = policy });
        var (first, second) = (Instances.Dataset(instance: "1.2.3.4.5", pixelBytes: 100),
            Instances.Dataset(instance: "1.2.3.4.5", pixelBytes: 200));
        Assert.Equal(0, (await StoreAsync(server, first)).Status!.Value);
        Assert.Equal(status, (await StoreAsync(server, second)).Status!.Value);
        Assert.Equal(files, _received.Files().Length);
        var kept = policy == DuplicatePolicy.Overwrite ? second : first;
        Assert.Equal(DatasetWriter.ToArray(kept, TransferSyntax.ExplicitVRLittleEndian),
            Instances.DatasetBytes(Path.Combine(_received.Path, "1.2.3", "1.2.3.4.5.dcm")));
    }

    [Theory]
    [InlineData("PatientID")]
    [InlineData("StudyInstanceUID")]
    [InlineData("SeriesInstanceUID")]
    public async Task What_has_another_identity_is_not_overwritten_however_the_layout_names_it(string keyword)
    {
        await using var server = Serve(o => o with { Layout = "{SOPInstanceUID}.dcm" });
        var (first, other) = (Instances.Dataset(instance: "1.2.3.4.5", pixelBytes: 100),
            Instances.Dataset(instance: "1.2.3.4.5", pixelBytes: 200));
        other.Set(DicomDictionary.Find(keyword)!.Tag, "1.9");
        foreach (var dataset in new[] { first, other, other, first })
            Assert.Equal(0, (await StoreAsync(server, dataset)).Status!.Value);
        Assert.Equal(
            [Path.Combine(_received.Path, "1.2.3.4.5-1.dcm"), Path.Combine(_received.Path, "1.2.3.4.5.dcm")],
            _received.Files().OrderBy(file => file, StringComparer.Ordinal));
        Assert.Equal(DatasetWriter.ToArray(first, TransferSyntax.ExplicitVRLittleEndian),
            Instances.DatasetBytes(Path.Combine(_received.Path, "1.2.3.4.5.dcm")));
        Assert.Equal(DatasetWriter.ToArray(other, TransferSyntax.ExplicitVRLittleEndian),
            Instances.DatasetBytes(Path.Combine(_received.Path, "1.2.3.4.5-1.dcm")));
    }

    [Fact]
    public async Task An_instance_over_the_limit_is_refused_and_the_association_goes_on()
    {
        await using var server = Serve(o => o with { MaximumObjectBytes = 100_000 });
        await using var association = await ConnectAsync(server);
        Assert.Equal(0xA700, (await StoreAsync(association, Instances.Dataset(pixelBytes: 1_000_000))).Status!.Value);
        Assert.Equal(0, (await StoreAsync(association, Instances.Dataset(pixelBytes: 1000))).Status!.Value);
        Assert.Single(_received.Files());
        Assert.Equal((1, 1), (server.Received, server.Failed));
        Assert.Contains("100000", server.LastError);
    }

    [Fact]
    public async Task A_dataset_that_names_another_instance_than_the_request_is_A900()
    {
        await using var server = Serve();
        await using var association = await ConnectAsync(server);
        var response = await StoreAsync(association, Instances.Dataset(), announcedInstance: "9.9.9");
        Assert.Equal((0xA900, Tags.SOPInstanceUID.Value), (response.Status!.Value, Assert.Single(response.OffendingElements!)));
        Assert.Empty(_received.Files());
    }

    [Fact]
    public async Task Bytes_that_are_no_dataset_are_C210()
    {
        await using var server = Serve();
        await using var association = await ConnectAsync(server);
        var response = await StoreBytesAsync(association, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], "1.2.3");
        Assert.Equal(0xC210, response.Status!.Value);
        Assert.Empty(_received.Files());
    }

    [Fact]
    public async Task A_folder_that_went_away_is_made_again()
    {
        await using var server = Serve();
        Assert.Equal(0, (await StoreAsync(server, Instances.Dataset())).Status!.Value);
        Directory.Delete(Path.Combine(_received.Path, "1.2.3"), true);
        Assert.Equal(0, (await StoreAsync(server, Instances.Dataset())).Status!.Value);
        Assert.Single(_received.Files());
    }

    [Fact]
    public async Task Half_an_instance_leaves_nothing_behind()
    {
        await using var server = Serve();
        await using (var association = await ConnectAsync(server))
        {
            await SendHalfAsync(association, Instances.Dataset(pixelBytes: 900_000));
            await association.AbortAsync();
        }

        for (var i = 0; i < 2400 && (server.ActiveAssociations > 0 || _received.Files().Length > 0); i++)
            await Task.Delay(25, Token);
        Assert.Empty(_received.Files());
        Assert.Equal(0, server.Received);
    }

    [Fact]
    public async Task A_stop_lets_the_instance_in_flight_finish()
    {
        await using var server = Serve();
        await using var association = await ConnectAsync(server);
        var rest = await SendHalfAsync(association, Instances.Dataset(instance: "1.2.3.4.5", pixelBytes: 900_000));
        var stop = server.StopAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(ServerState.Stopping, server.GetState());
        await association.SendDataAsync(1, false, rest, true, Token);
        await association.FlushAsync(Token);
        var answer = await new DimseReader(association).ReceiveAsync(Token);
        Assert.Equal(0, answer!.Command.Status!.Value);
        await stop;
        Assert.Equal((ServerState.Stopped, 1L), (server.GetState(), server.Received));
        Assert.Single(_received.Files());
        await Assert.ThrowsAnyAsync<DicomNetworkException>(() => ConnectAsync(server));
    }

    [Fact]
    public async Task What_nobody_asks_for_is_forgotten_oldest_first_and_counted()
    {
        await using var server = Serve(o => o with { QueueCapacity = 2 });
        foreach (var last in new[] { "1", "2", "3" })
            await StoreAsync(server, Instances.Dataset(instance: $"1.2.3.4.{last}"));
        Assert.Equal(1, server.DroppedEvents);
        Assert.True(server.TryReceive(out var oldest));
        Assert.Equal("1.2.3.4.2", oldest.SOPInstanceUID);
        Assert.Equal(3, _received.Files().Length);
    }

    [Fact]
    public async Task More_associations_than_allowed_are_refused_for_the_moment()
    {
        await using var server = Serve(o => o with { Server = o.Server with { MaximumAssociations = 1 } });
        var first = await ConnectAsync(server);
        var refusal = await Assert.ThrowsAsync<AssociationRejectedException>(() => ConnectAsync(server));
        Assert.Equal((2, 3, 2), (refusal.Result, refusal.Source, refusal.Reason));
        Assert.True(refusal.IsTransient);
        await first.ReleaseAsync(Token);
        await first.DisposeAsync();
        for (var i = 0; i < 2400 && server.ActiveAssociations > 0; i++)
            await Task.Delay(25, Token);
        await using var second = await ConnectAsync(server);
        Assert.Equal(0, (await StoreAsync(second, Instances.Dataset())).Status!.Value);
    }

    [Fact]
    public async Task A_port_in_use_is_told_with_advice()
    {
        await using var server = Serve();
        var problem = Assert.Throws<DicomNetworkException>(() => Serve(o => o with { Server = o.Server with { Port = server.Port } }));
        Assert.Contains(server.Port.ToString(), problem.Message);
        Assert.Contains("uses the port", problem.Advice);
    }

    [Fact]
    public async Task What_a_killed_server_left_half_written_is_deleted_and_what_a_running_one_writes_is_not()
    {
        var abandoned = Path.Combine(_received.Path, ".dicomps-0.part");
        File.WriteAllText(abandoned, "half");
        await using var first = Serve();
        Assert.False(File.Exists(abandoned));
        await using var association = await ConnectAsync(first);
        var rest = await SendHalfAsync(association, Instances.Dataset(pixelBytes: 900_000));
        await using var second = Serve();
        Assert.Single(_received.Files());
        await association.SendDataAsync(1, false, rest, true, Token);
        await association.FlushAsync(Token);
        Assert.Equal(0, (await new DimseReader(association).ReceiveAsync(Token))!.Command.Status!.Value);
    }

    // A server or a C-GET that began in the same folder deleted it: the sender heard C211, and who asked with C-GET heard A702.
    [Theory]
    [InlineData(1_000)]
    [InlineData(600_000)]
    public async Task An_instance_that_is_about_to_get_its_name_is_not_abandoned(int headerBytes)
    {
        var receiver = new InstanceReceiver(new InstanceReceiverOptions
        {
            Folder = _received.Path,
            LastTag = Tags.SOPInstanceUID,
            Placing = async (_, _, _) =>
            {
                // Others may look at what lies there.
                var file = Assert.Single(_received.Files());
                new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete).Dispose();
                await Serve().DisposeAsync();
            },
            PathFor = (header, _) => Path.Combine(_received.Path, header.GetString(Tags.SOPInstanceUID) + ".dcm"),
        });
        await using var server = DicomServer.Start(
            new DicomServerOptions(),
            new ServiceTable(new StoreScp(receiver, (_, _) => Task.CompletedTask, (_, _) => { }).Rows()));
        var dataset = Instances.Dataset(instance: "1.2.3.4.5");
        dataset.Set(new DicomTag(0x0009, 0x0010), Vr.LO, "LONG");
        dataset.Set(new DicomTag(0x0009, 0x1001), Vr.OB, new byte[headerBytes]);
        await using var association = await ConnectAsync(server.Port);
        Assert.Equal(0, (await StoreAsync(association, dataset)).Status!.Value);
        Assert.Equal(Path.Combine(_received.Path, "1.2.3.4.5.dcm"), Assert.Single(_received.Files()));
    }

    [Fact]
    public async Task Running_servers_are_known_until_they_stop()
    {
        var server = Serve();
        Assert.Contains(server, StorageServer.Running);
        await server.DisposeAsync();
        Assert.DoesNotContain(server, StorageServer.Running);
        Assert.False(await server.WaitToReceiveAsync(Token));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private StorageServer Serve(Func<StorageServerOptions, StorageServerOptions>? change = null) =>
        StorageServer.Start((change ?? (o => o))(new StorageServerOptions { Folder = _received.Path }));

    private static Task<Association> ConnectAsync(StorageServer server) => ConnectAsync(server.Port);

    private static Task<Association> ConnectAsync(int port) => Association.ConnectAsync(
        new AssociationOptions
        {
            Host = "127.0.0.1",
            Port = port,
            CalledAETitle = "DICOMPS",
            CallingAETitle = "SENDER",
            PresentationContexts = [new PresentationContextProposal(Uids.CTImageStorage, [Explicit])],
        }, Token);

    private static async Task<CommandSet> StoreAsync(StorageServer server, DicomDataset dataset)
    {
        await using var association = await ConnectAsync(server);
        var response = await StoreAsync(association, dataset);
        await association.ReleaseAsync(Token);
        return response;
    }

    private static Task<CommandSet> StoreAsync(Association association, DicomDataset dataset, string? announcedInstance = null) =>
        StoreBytesAsync(association, DatasetWriter.ToArray(dataset, TransferSyntax.ExplicitVRLittleEndian),
            announcedInstance ?? dataset.GetString(Tags.SOPInstanceUID)!);

    private static async Task<CommandSet> StoreBytesAsync(Association association, byte[] bytes, string instance)
    {
        await association.SendDataAsync(1, true, CommandWriter.Encode(Request(instance)), true, Token);
        await association.SendDataAsync(1, false, bytes, true, Token);
        await association.FlushAsync(Token);
        return (await new DimseReader(association).ReceiveAsync(Token))!.Command;
    }

    private async Task<ReadOnlyMemory<byte>> SendHalfAsync(Association association, DicomDataset dataset)
    {
        ReadOnlyMemory<byte> bytes = DatasetWriter.ToArray(dataset, TransferSyntax.ExplicitVRLittleEndian);
        await association.SendDataAsync(1, true, CommandWriter.Encode(Request(dataset.GetString(Tags.SOPInstanceUID)!)), true, Token);
        await association.SendDataAsync(1, false, bytes[..(bytes.Length / 2)], false, Token);
        await association.FlushAsync(Token);
        // Until the server has some of it, there is nothing in flight.
        for (var i = 0; i < 1200 && _received.Files().Length == 0; i++)
            await Task.Delay(25, Token);
        Assert.NotEmpty(_received.Files());
        return bytes[(bytes.Length / 2)..];
    }

    private static CommandSet Request(string instance) => new()
    {
        Field = CommandField.CStoreRequest,
        MessageId = 1,
        AffectedSopClassUid = Uids.CTImageStorage,
        AffectedSopInstanceUid = instance,
        Priority = DicomPriority.Medium,
        HasDataset = true,
    };
}
