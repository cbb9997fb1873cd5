using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DicomPS.Associations;
using DicomPS.Engine.Tests.Support;
using DicomPS.Pdus;

namespace DicomPS.Engine.Tests.Associations;

public sealed class TlsTests : IDisposable
{
    private readonly X509Certificate2 _server = Certificates.SelfSigned("localhost");
    private readonly X509Certificate2 _client = Certificates.SelfSigned("a client");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _server.Dispose();
        _client.Dispose();
    }

    [Fact]
    public async Task Data_goes_through_TLS_with_a_pinned_certificate()
    {
        var steps = new List<AssociationEventKind>();
        await using var both = await Loopback.OpenAsync(
            options => options with { Tls = Pinning(_server), Trace = step => steps.Add(step.Kind) },
            new AcceptorOptions { Tls = new TlsServerOptions { Certificate = _server } });
        await both.Requestor.SendDataAsync(1, true, new byte[100_000], true, Token);
        await both.Requestor.FlushAsync(Token);
        var total = 0;
        while (await both.Acceptor.ReceiveDataAsync(Token) is { } fragment)
        {
            total += fragment.Bytes.Length;
            if (fragment.IsLast) break;
        }

        Assert.Equal(100_000, total);
        Assert.Contains(AssociationEventKind.TlsEstablished, steps);
        var release = both.Requestor.ReleaseAsync(Token);
        Assert.Null(await both.Acceptor.ReceiveDataAsync(Token));
        await release;
    }

    [Fact]
    public async Task A_canceled_receive_aborts_over_TLS()
    {
        await using var both = await Loopback.OpenAsync(
            options => options with { Tls = Pinning(_server) },
            new AcceptorOptions { Tls = new TlsServerOptions { Certificate = _server } });
        using var cancel = new CancellationTokenSource();
        var receiving = both.Requestor.ReceiveDataAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving);
        var problem = await Assert.ThrowsAsync<AssociationAbortedException>(async () => await both.Acceptor.ReceiveDataAsync(Token));
        Assert.Equal((byte)0, problem.Source);
    }

    [Fact]
    public async Task A_certificate_that_the_system_does_not_trust_is_refused_with_the_reason()
    {
        var problem = await FailAsync(new TlsClientOptions(), new TlsServerOptions { Certificate = _server });
        Assert.Equal(DicomStage.Tls, problem.Stage);
        Assert.Contains("not trusted", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_other_than_the_pinned_one_is_refused_with_its_thumbprint()
    {
        var problem = await FailAsync(Pinning(_client), new TlsServerOptions { Certificate = _server });
        Assert.Contains(_server.Thumbprint, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_certificate_is_taken_when_the_caller_says_so()
    {
        await using var both = await Loopback.OpenAsync(
            options => options with { Tls = new TlsClientOptions { Validation = TlsValidation.AcceptAny } },
            new AcceptorOptions { Tls = new TlsServerOptions { Certificate = _server } });
        Assert.Equal(AssociationState.Established, both.Requestor.State);
    }

    [Fact]
    public async Task A_client_certificate_is_judged_by_the_server()
    {
        var server = new TlsServerOptions
        {
            Certificate = _server, RequireClientCertificate = true, Validation = TlsValidation.Pinned,
            PinnedThumbprints = [_client.Thumbprint]
        };
        await using (var both = await Loopback.OpenAsync(
            options => options with { Tls = Pinning(_server) with { ClientCertificates = [_client] } },
            new AcceptorOptions { Tls = server }))
            Assert.Equal(AssociationState.Established, both.Acceptor.State);

        var refused = await FailAsync(Pinning(_server), server);
        Assert.Contains("certificate", refused.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plain_port_that_is_called_with_TLS_is_recognized_by_its_abort()
    {
        await using var peer = ScriptedPeer.Listen(async peer =>
        {
            await peer.SendAsync(new Abort(2, 1));
            await peer.ReadToEndAsync();
        });
        var problem = await Assert.ThrowsAsync<DicomNetworkException>(
            () => Association.ConnectAsync(Loopback.Options(peer.Port) with { Tls = new TlsClientOptions() }, Token));
        Assert.Equal("The port speaks plain DICOM, not TLS.", problem.Message);
        Assert.Equal(DicomStage.Tls, problem.Stage);
        await peer.Script;
    }

    [Fact]
    public async Task Our_own_plain_port_that_is_called_with_TLS_is_recognized_on_both_sides()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var accepting = Loopback.AcceptAsync(listener, new AcceptorOptions());
        var options = Loopback.Options(((IPEndPoint)listener.LocalEndpoint).Port) with { Tls = new TlsClientOptions() };
        var problem = await Assert.ThrowsAsync<DicomNetworkException>(() => Association.ConnectAsync(options, Token));
        Assert.Equal("The port speaks plain DICOM, not TLS.", problem.Message);
        problem = await Assert.ThrowsAsync<DicomNetworkException>(() => accepting);
        Assert.Equal("The peer speaks TLS to a plain DICOM port.", problem.Message);
    }

    [Fact]
    public async Task A_TLS_port_that_is_called_plainly_is_recognized_on_both_sides()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var server = new AcceptorOptions { Tls = new TlsServerOptions { Certificate = _server } };
        var accepting = Loopback.AcceptAsync(listener, server);
        var acceptingAgain = Loopback.AcceptAsync(listener, server);
        var calling = await Assert.ThrowsAsync<DicomNetworkException>(
            () => Association.ConnectAsync(Loopback.Options(((IPEndPoint)listener.LocalEndpoint).Port), Token));
        Assert.Equal("The port speaks TLS, not plain DICOM.", calling.Message);
        Assert.Equal(DicomStage.Tls, calling.Stage);
        await Assert.ThrowsAnyAsync<DicomNetworkException>(() => acceptingAgain);
        var problem = await Assert.ThrowsAsync<DicomNetworkException>(() => accepting);
        Assert.Equal("The peer speaks plain DICOM to a TLS port.", problem.Message);
    }

    [Fact]
    public async Task A_port_that_does_not_answer_the_TLS_hello_ends_with_the_connect_timeout()
    {
        await using var peer = ScriptedPeer.Listen(peer => peer.StayAsync());
        var problem = await Assert.ThrowsAsync<DicomTimeoutException>(() => Association.ConnectAsync(
            Loopback.Options(peer.Port) with { Tls = new TlsClientOptions(), ConnectTimeout = TimeSpan.FromSeconds(1) }, Token));
        Assert.Equal(DicomStage.Tls, problem.Stage);
        Assert.Equal("connect", problem.Name);
        Assert.Contains("plain DICOM", problem.Advice, StringComparison.Ordinal);
    }

    private static async Task<DicomNetworkException> FailAsync(TlsClientOptions client, TlsServerOptions server)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var accepting = Loopback.AcceptAsync(listener, new AcceptorOptions { Tls = server });
        var options = Loopback.Options(((IPEndPoint)listener.LocalEndpoint).Port) with { Tls = client };
        var problem = await Assert.ThrowsAnyAsync<DicomNetworkException>(() => Association.ConnectAsync(options, Token));
        await Assert.ThrowsAnyAsync<DicomNetworkException>(() => accepting);
        return problem;
    }

    private static TlsClientOptions Pinning(X509Certificate2 certificate) => new()
    {
        Validation = TlsValidation.Pinned,
        PinnedThumbprints = [certificate.GetCertHashString(HashAlgorithmName.SHA256)],
    };
}
