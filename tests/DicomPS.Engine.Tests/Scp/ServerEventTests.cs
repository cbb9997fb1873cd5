using System.Net;
using System.Net.Sockets;
using System.Text;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;
using DicomPS.Scp;
using DicomPS.Serialization;
using DicomPS.Serving;

namespace DicomPS.Engine.Tests.Scp;

public sealed class ServerEventTests : IDisposable
{
    private const string Ct = "1.2.840.10008.5.1.4.1.1.2", StudyRootFind = "1.2.840.10008.5.1.4.1.2.2.1", Explicit = "1.2.840.10008.1.2.1";
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("CT1", "WRONG", "It called the AE title 'WRONG', and this server is 'BOX'", "-RequireCalledAETitle")]
    [InlineData("CT9", "BOX", "'CT9' is not among those that may call", "-AllowedCallingAETitle")]
    public async Task A_refused_caller_is_told_with_title_address_reason_and_advice(string calling, string called, string message,
        string advice)
    {
        await using var server = Serve(o => o with { CheckCalledAETitle = true, AllowedCallingAETitles = ["CT1"] });
        await Assert.ThrowsAsync<AssociationRejectedException>(() => ConnectAsync(server, calling, called, (Ct, Explicit)));
        var only = await EventAsync(server, ServerEventKind.Refused);
        Assert.Equal((calling, called, "127.0.0.1", "CT Image Storage"),
            (only.CallingAETitle, only.CalledAETitle, only.RemoteAddress, only.SOPClass));
        Assert.True(only.RemotePort > 0);
        Assert.Contains(message, only.Message);
        Assert.Contains(advice, only.Advice);
        Assert.Equal((1, 0), (server.Refused, server.Associations));
        Assert.True(server.LastErrorAt >= server.StartedAt);
    }

    [Fact]
    public async Task An_association_in_which_nothing_can_be_done_is_a_refusal()
    {
        await using var server = Serve();
        await using var association = await ConnectAsync(server, "WS", "BOX", (StudyRootFind, Explicit));
        var only = await EventAsync(server, ServerEventKind.Refused);
        Assert.Equal("Study Root Query/Retrieve Information Model - FIND", only.SOPClass);
        Assert.Contains("can do nothing in it", only.Message);
        Assert.Equal(1, server.Refused);
    }

    [Fact]
    public async Task A_class_that_is_not_served_beside_others_is_a_warning()
    {
        await using var server = Serve();
        await using var association = await ConnectAsync(server, "CT1", "BOX", (Ct, Explicit), ("1.2.840.99999.1", Explicit));
        var only = await EventAsync(server, ServerEventKind.Warning);
        Assert.Equal("1 of the 2 SOP classes that were proposed cannot be used; not served here: 1.2.840.99999.1.", only.Message);
        Assert.Contains("-AllowUnknownSopClass", only.Advice);
        Assert.Equal((0, (string?)null), (server.Refused, server.LastError));
    }

    [Fact]
    public async Task A_class_whose_transfer_syntax_is_not_taken_is_told_with_it()
    {
        await using var server = Serve(o => o with { TransferSyntaxes = ["1.2.840.10008.1.2"] });
        await using var association = await ConnectAsync(server, "CT1", "BOX", (Ct, "1.2.840.10008.1.2.4.70"));
        var only = await EventAsync(server, ServerEventKind.Refused);
        Assert.Contains("CT Image Storage in JPEG Lossless", only.Message);
        Assert.Contains("-TransferSyntax", only.Advice);
    }

    [Fact]
    public async Task A_class_that_the_server_s_own_choice_leaves_out_is_told_with_that_choice()
    {
        await using var server = Serve(o => o with { SopClasses = [Ct] });
        await using var association = await ConnectAsync(server, "MR1", "BOX", (Ct, Explicit), (Uids.MRImageStorage, Explicit));
        var only = await EventAsync(server, ServerEventKind.Warning);
        Assert.Contains("not served here: MR Image Storage", only.Message);
        Assert.Contains("-SOPClass", only.Advice);
    }

    [Fact]
    public async Task A_failed_request_is_told_with_its_instance_and_status()
    {
        await using var server = Serve(o => o, o => o with { Duplicates = DuplicatePolicy.Reject });
        await using var association = await ConnectAsync(server, "CT1", "BOX", (Ct, Explicit));
        var dataset = Instances.Dataset(instance: "1.2.3.4.5");
        foreach (var status in new ushort[] { 0, 0x0111 })
            Assert.Equal(status, await StoreAsync(association, dataset));

        var only = await EventAsync(server, ServerEventKind.Failed);
        Assert.Equal(("C-STORE", "1.2.3.4.5", (ushort?)0x0111, "CT1"),
            (only.Operation, only.SOPInstanceUID, only.StatusCode, only.CallingAETitle));
        Assert.Contains("-Duplicate", only.Advice);
    }

    [Fact]
    public async Task An_abort_is_a_broken_association()
    {
        await using var server = Serve();
        await using (var association = await ConnectAsync(server, "CT1", "BOX", (Ct, Explicit)))
            await association.AbortAsync();
        var only = await EventAsync(server, ServerEventKind.Broken);
        Assert.Contains("aborted", only.Message);
        Assert.Equal(("CT1", "BOX"), (only.CallingAETitle, only.CalledAETitle));
        Assert.Equal(0, server.Refused);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n", ServerEventKind.Refused, "HTTP")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001", ServerEventKind.Refused, "TLS")]
    [InlineData("", ServerEventKind.Warning, "without an association request")]
    public async Task What_is_no_DICOM_is_told_by_name(string bytes, ServerEventKind kind, string message)
    {
        await using var server = Serve();
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPAddress.Loopback, server.Port, Token);
            if (bytes.Length > 0)
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(bytes), Token);
            client.Client.Shutdown(SocketShutdown.Send);
            Assert.Contains(message, (await EventAsync(server, kind)).Message);
        }
    }

    [Fact]
    public async Task Who_says_nothing_is_told_after_the_wait()
    {
        await using var server = Serve(o => o with { AssociationTimeout = TimeSpan.FromMilliseconds(50) });
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Port, Token);
        Assert.Contains("sent no association request", (await EventAsync(server, ServerEventKind.Refused)).Message);
    }

    private StorageServer Serve(Func<DicomServerOptions, DicomServerOptions>? change = null,
        Func<StorageServerOptions, StorageServerOptions>? also = null)
    {
        var listening = new DicomServerOptions { AETitle = "BOX", Address = IPAddress.Loopback };
        var options = new StorageServerOptions { Folder = _folder.Path, Server = change?.Invoke(listening) ?? listening };
        return StorageServer.Start(also?.Invoke(options) ?? options);
    }

    private static Task<Association> ConnectAsync(StorageServer server, string calling, string called,
        params (string Class, string Syntax)[] contexts) => Association.ConnectAsync(new AssociationOptions
        {
            Host = "127.0.0.1",
            Port = server.Port,
            CallingAETitle = calling,
            CalledAETitle = called,
            PresentationContexts = [.. contexts.Select(one => new PresentationContextProposal(one.Class, [one.Syntax]))],
        }, Token);

    private static Task<ushort> StoreAsync(Association association, DicomDataset dataset) =>
        RawSender.StoreAsync(association, dataset, Token);

    private static async Task<ScpEvent> EventAsync(StorageServer server, ServerEventKind kind)
    {
        for (var i = 0; i < 3000; i++)
        {
            if (server.GetEvents().FirstOrDefault(one => one.Kind == kind.ToString()) is { } found)
                return found;
            await Task.Delay(20, Token);
        }

        throw new InvalidOperationException($"No event of the kind {kind}: {string.Join("; ", server.GetEvents())}");
    }
}
