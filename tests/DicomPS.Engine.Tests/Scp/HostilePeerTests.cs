using System.Buffers.Binary;
using System.Net.Sockets;
using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;
using DicomPS.Scp;
using DicomPS.Scu;
using DicomPS.Serving;

namespace DicomPS.Engine.Tests.Scp;

/// <summary>Whatever a peer sends, the server stays up, keeps its memory, and serves the next one.</summary>
[Collection(nameof(Alone))]
public sealed class HostilePeerTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, byte[]> FirstBytes() => new()
    {
        { "a PDU of length 0", [1, 0, 0, 0, 0, 0] },
        { "an association request of 4 GiB", [1, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 1] },
        { "data before any association", [4, 0, 0, 0, 0, 6, 0, 0, 0, 2, 1, 3] },
        { "data of 4 GiB before any association", [4, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0] },
        { "an unknown type", [0x77, 0, 0, 0, 0, 4, 1, 2, 3, 4] },
        { "half a PDU", [1, 0, 0, 0] },
        { "a request that ends early", [1, 0, 0, 0, 0, 80, 0, 1, 0, 0] },
        { "an abort", [7, 0, 0, 0, 0, 4, 0, 0, 0, 0] },
        { "a release", [5, 0, 0, 0, 0, 4, 0, 0, 0, 0] },
        { "another protocol", "GET / HTTP/1.1\r\nHost: pacs\r\n\r\n"u8.ToArray() },
        { "a TLS hello", [0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3] },
        { "nothing", [] },
    };

    [Theory]
    [MemberData(nameof(FirstBytes))]
    public async Task Wrong_first_bytes_leave_the_server_up(string what, byte[] bytes)
    {
        await using var server = Serve();
        for (var i = 0; i < 20; i++)
        {
            using var client = new TcpClient("127.0.0.1", server.Port);
            await client.GetStream().WriteAsync(bytes, Token);
        }

        Assert.True(await AnswersAsync(server), what);
    }

    [Fact]
    public async Task A_peer_that_says_nothing_is_let_go_after_the_association_timeout()
    {
        await using var server = Serve(o => o with { AssociationTimeout = TimeSpan.FromSeconds(1) });
        using var client = new TcpClient("127.0.0.1", server.Port);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        var rest = new byte[100];
        while (await client.GetStream().ReadAsync(rest, limit.Token) > 0)
        {
            // An abort may come before the connection is closed.
        }

        Assert.True(await AnswersAsync(server));
    }

    public static TheoryData<string, byte[]> Data() => new()
    {
        { "a PDV of length 0", Pdu(0, 0, 0, 0) },
        { "a PDV of length 1", Pdu(0, 0, 0, 1, 1) },
        { "a PDV longer than its PDU", Pdu(0, 0, 1, 0, 1, 3, 0, 0) },
        { "a PDV of 4 GiB", Pdu(0xFF, 0xFF, 0xFF, 0xFF, 1, 3, 0, 0) },
        { "a context that was not accepted", Pdu(0, 0, 0, 4, 9, 3, 0, 0) },
        { "a dataset before its command", Pdu(0, 0, 0, 4, 1, 2, 0, 0) },
        { "a command that is none", Pdu(0, 0, 0, 6, 1, 3, 9, 9, 9, 9) },
        { "a command that goes on in another context", Pdu(0, 0, 0, 6, 1, 1, 0, 0, 0, 1, 0, 0, 0, 8, 3, 3, 2, 0, 0, 0, 0x30, 0) },
        { "a response without a status", Pdu([0, 0, 0, 22, 1, 3, .. RawPeer.Response(CommandField.CEchoResponse, 1, null).AsSpan(0, 20)]) },
        { "a PDU over the agreed maximum", [4, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 4, 1, 3] },
        { "an association request on an association", [1, 0, 0, 0, 0, 4, 0, 1, 0, 0] },
        { "an unknown type", [0x77, 0, 0, 0, 0, 1, 1] },
    };

    [Theory]
    [MemberData(nameof(Data))]
    public async Task Wrong_data_on_an_association_aborts_that_one_alone(string what, byte[] bytes)
    {
        await using var server = Serve();
        using var client = await EstablishAsync(server);
        var stream = client.GetStream();
        await stream.WriteAsync(bytes, Token);
        var answer = new byte[10];
        await stream.ReadExactlyAsync(answer, Token);
        Assert.True(answer[0] == 7, $"{what} was answered with PDU type {answer[0]}, not A-ABORT");
        Assert.True(await AnswersAsync(server), what);
    }

    [Fact]
    public async Task Commands_without_end_do_not_fill_the_memory()
    {
        await using var server = Serve();
        using var client = await EstablishAsync(server);
        var stream = client.GetStream();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var piece = Pdu([0, 0, 0x10, 2, 1, 1, .. new byte[4096]]);
        for (var i = 0; i < 500; i++)
            await stream.WriteAsync(piece, Token);
        var answer = new byte[10];
        await stream.ReadExactlyAsync(answer, Token);
        Assert.Equal(7, answer[0]);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 1 << 20);
        Assert.True(await AnswersAsync(server));
    }

    [Fact]
    public async Task Connections_that_say_nothing_do_not_pile_up_without_end()
    {
        await using var server = Serve(o => o with { MaximumAssociations = 1, AssociationTimeout = TimeSpan.FromHours(1) });
        var clients = new List<TcpClient>();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        try
        {
            for (var i = 0; i < 1 + 256 + 20; i++)
                clients.Add(new TcpClient("127.0.0.1", server.Port));
            // As many as are beyond the limit are closed, long before the association timeout: those that came last, or where a second
            // has passed meanwhile those that came first.
            var reads = clients.ConvertAll(client => ReadAsync(client, limit.Token));
            for (var closed = 0; closed < 20; closed++)
            {
                var next = await Task.WhenAny(reads);
                reads.Remove(next);
                Assert.Equal(0, await next);
            }
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }

        static async Task<int> ReadAsync(TcpClient client, CancellationToken token)
        {
            try
            {
                return await client.GetStream().ReadAsync(new byte[1], token);
            }
            catch (IOException)
            {
                return 0;
            }
        }
    }

    [Theory]
    [InlineData(28, true)]
    [InlineData(122, true)]
    [InlineData(39, true)]
    [InlineData(112, true)]
    [InlineData(5, false)]
    public void A_disk_or_a_quota_that_is_full_is_known_as_such(int code, bool isFull) =>
        Assert.Equal(isFull, InstanceReceiver.IsDiskFull(new IOException("as the system has it", code)));

    [Fact]
    public async Task An_instance_of_another_class_than_announced_is_refused_and_not_kept()
    {
        await using var server = Serve();
        await using var association = await Association.ConnectAsync(
            new AssociationOptions
            {
                Host = "127.0.0.1",
                Port = server.Port,
                PresentationContexts = [new PresentationContextProposal(Uids.CTImageStorage, ["1.2.840.10008.1.2.1"])],
            }, Token);
        var writer = new DimseWriter(association);
        var dataset = Instances.Dataset(Uids.MRImageStorage, "1.2.3.9");
        var request = new CommandSet
        {
            Field = CommandField.CStoreRequest, MessageId = 1, AffectedSopClassUid = Uids.CTImageStorage,
            AffectedSopInstanceUid = "1.2.3.9", Priority = DicomPriority.Medium,
        };
        await writer.SendAsync(association.AcceptedContexts[0], request, dataset, Token);
        var answer = await new DimseReader(association).ReceiveAsync(Token);
        Assert.Equal((ushort?)0xA900, answer!.Command.Status);
        Assert.Empty(_folder.Files());
    }

    [Fact]
    public async Task Many_broken_connections_leave_no_socket_open()
    {
        await using var server = Serve();
        await AnswersAsync(server);
        var before = OpenHandles();
        for (var i = 0; i < 300; i++)
        {
            using var client = new TcpClient("127.0.0.1", server.Port);
            await client.GetStream().WriteAsync(new byte[] { 1, 0, 0, 0 }, Token);
            client.Client.LingerState = new LingerOption(true, 0);
        }

        // Connections are accepted in turn: once this one is, none of the others is still to come.
        Assert.True(await AnswersAsync(server));
        for (var i = 0; i < 1200 && OpenHandles() > before + 10; i++)
            await Task.Delay(50, Token);
        Assert.InRange(OpenHandles(), 0, before + 10);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static int OpenHandles() => Directory.Exists("/proc/self/fd") ? Directory.GetFiles("/proc/self/fd").Length : 0;

    private static byte[] Pdu(params byte[] body)
    {
        var pdu = new byte[6 + body.Length];
        pdu[0] = 4;
        BinaryPrimitives.WriteInt32BigEndian(pdu.AsSpan(2), body.Length);
        body.CopyTo(pdu, 6);
        return pdu;
    }

    private StorageServer Serve(Func<DicomServerOptions, DicomServerOptions>? change = null) =>
        StorageServer.Start(new StorageServerOptions { Folder = _folder.Path, Server = (change ?? (o => o))(new DicomServerOptions()) });

    private static async Task<bool> AnswersAsync(StorageServer server)
    {
        var node = new DicomNode { AETitle = "DICOMPS", HostName = "127.0.0.1", Port = server.Port };
        return (await EchoScu.DiagnoseAsync(node, AssociationOptions.For(node), 1, Token)).Success;
    }

    // An association by hand, so that anything can be written on it afterwards.
    private static async Task<TcpClient> EstablishAsync(StorageServer server)
    {
        var request = Negotiation.Propose(new AssociationOptions
        {
            Host = "127.0.0.1",
            Port = server.Port,
            PresentationContexts =
            [
                new PresentationContextProposal(Uids.Verification, [Uids.ImplicitVRLittleEndian]),
                new PresentationContextProposal(Uids.CTImageStorage, [Uids.ImplicitVRLittleEndian]),
            ],
        });
        var client = new TcpClient("127.0.0.1", server.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(DicomPS.Pdus.PduWriter.ToArray(request), Token);
        var head = new byte[6];
        await stream.ReadExactlyAsync(head, Token);
        Assert.Equal(2, head[0]);
        await stream.ReadExactlyAsync(new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(2))], Token);
        return client;
    }
}
