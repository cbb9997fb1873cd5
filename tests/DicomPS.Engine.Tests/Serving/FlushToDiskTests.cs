using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;
using DicomPS.Part10;
using DicomPS.Scp;
using DicomPS.Serialization;
using DicomPS.Serving;

namespace DicomPS.Engine.Tests.Serving;

/// <summary>With -FlushToDisk a storage server says Success when the disk has the file and its name.</summary>
public sealed class FlushToDiskTests : IDisposable
{
    private readonly TempFolder _received = new();
    private readonly RecordingDisk _disk = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _received.Dispose();

    [Fact]
    public async Task The_disk_has_the_file_then_its_name_then_the_peer_hears_success()
    {
        await using var server = Serve(DuplicatePolicy.Overwrite);
        Assert.Equal(0, await StoreAsync(server));
        var series = Path.Combine(_received.Path, "1.2.3");
        Assert.Equal(["file", series, _received.Path], _disk.Flushed);
    }

    [Theory]
    [InlineData(DuplicatePolicy.Overwrite)]
    [InlineData(DuplicatePolicy.KeepBoth)]
    public async Task Where_the_name_cannot_be_flushed_the_instance_is_refused_and_leaves_nothing(DuplicatePolicy policy)
    {
        await using var server = Serve(policy);
        _disk.Fails = true;
        Assert.NotEqual(0, await StoreAsync(server));
        Assert.Empty(_received.Files());
        _disk.Fails = false;
        Assert.Equal(0, await StoreAsync(server));
        Assert.Equal("1.2.3.4.5.dcm", Path.GetFileName(Assert.Single(_received.Files())));
    }

    [Fact]
    public async Task A_sender_hears_that_the_disk_is_full_also_where_nothing_can_be_taken_back()
    {
        await using var server = Serve(DuplicatePolicy.Overwrite);
        (_disk.Fails, _disk.FailsToDelete) = (true, true);
        Assert.Equal(0xA700, await StoreAsync(server));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_just_now_is_not_overwritten()
    {
        await using var server = Serve(DuplicatePolicy.Overwrite);
        Assert.Equal(0, await StoreAsync(server));
        _disk.FailsToRead = true;
        Assert.Equal(0, await StoreAsync(server));
        Assert.Equal(2, _received.Files().Length);
    }

    private StorageServer Serve(DuplicatePolicy policy) => StorageServer.Start(new StorageServerOptions
    {
        Folder = _received.Path,
        Layout = "{StudyInstanceUID}/{SOPInstanceUID}.dcm",
        FlushToDisk = true,
        Duplicates = policy,
        Files = _disk,
        Server = new DicomServerOptions { Address = System.Net.IPAddress.Loopback },
    });

    private static async Task<int> StoreAsync(StorageServer server)
    {
        await using var association = await Association.ConnectAsync(new AssociationOptions
        {
            Host = "127.0.0.1",
            Port = server.Port,
            PresentationContexts = [new PresentationContextProposal(Uids.CTImageStorage, [TransferSyntax.ExplicitVRLittleEndian.Uid])],
        }, Token);
        var request = new CommandSet
        {
            Field = CommandField.CStoreRequest,
            MessageId = 1,
            AffectedSopClassUid = Uids.CTImageStorage,
            AffectedSopInstanceUid = "1.2.3.4.5",
            Priority = DicomPriority.Medium,
            HasDataset = true,
        };
        var dataset = DatasetWriter.ToArray(Instances.Dataset(instance: "1.2.3.4.5"), TransferSyntax.ExplicitVRLittleEndian);
        await association.SendDataAsync(1, true, CommandWriter.Encode(request), true, Token);
        await association.SendDataAsync(1, false, dataset, true, Token);
        await association.FlushAsync(Token);
        return (await new DimseReader(association).ReceiveAsync(Token))!.Command.Status!.Value;
    }

    private sealed class RecordingDisk : FileSystem
    {
        public bool Fails { get; set; }

        public bool FailsToDelete { get; set; }

        public bool FailsToRead { get; set; }

        public override ProbedFile Probe(string path, DicomTag? stopAt = null, Func<DicomTag, bool>? wanted = null) =>
            FailsToRead ? throw new IOException("Input/output error.") : base.Probe(path, stopAt, wanted);

        public List<string> Flushed { get; } = [];

        public override void Delete(string path)
        {
            if (FailsToDelete)
                throw new IOException("Input/output error.");
            base.Delete(path);
        }

        public override void Flush(FileStream file) => Flushed.Add("file");

        public override void FlushFolder(string folder)
        {
            if (Fails)
                throw new IOException("No space left on the device.", 28);
            Flushed.Add(folder);
        }
    }
}
