using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using DicomPS.Associations;
using DicomPS.Engine.Tests.Support;

namespace DicomPS.Engine.Tests.Associations;

/// <summary>
/// A session that is resumed brings no certificate along (RFC 8446 2.2), and servers of one certificate share what the runtime keeps of
/// sessions: who was let in by one that asks for less is not let in by another.
/// </summary>
public sealed class TlsResumptionTests : IDisposable
{
    private readonly X509Certificate2 _server = Certificates.SelfSigned("localhost");
    private readonly X509Certificate2 _known = Certificates.SelfSigned("known");
    private readonly X509Certificate2 _other = Certificates.SelfSigned("other");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _server.Dispose();
        _known.Dispose();
        _other.Dispose();
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_session_with_a_server_that_wants_no_certificate_opens_no_other(SslProtocols version)
    {
        Assert.Null(await CallAsync(new TlsServerOptions { Certificate = _server }, null, version));
        Assert.NotNull(await CallAsync(Strict(_known), null, version));
        // And who has the certificate comes in, with or without a session.
        for (var time = 0; time < 3; time++)
            Assert.Null(await CallAsync(Strict(_known), _known, version));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task The_certificate_of_a_session_is_judged_again(SslProtocols version)
    {
        for (var time = 0; time < 2; time++)
            Assert.Null(await CallAsync(Strict(_known), _known, version));
        Assert.NotNull(await CallAsync(Strict(_other), _known, version));
        Assert.Null(await CallAsync(Strict(_known), _known, version));
    }

    private TlsServerOptions Strict(X509Certificate2 client) => new()
    {
        Certificate = _server,
        RequireClientCertificate = true,
        Validation = TlsValidation.Pinned,
        PinnedThumbprints = [client.Thumbprint],
    };

    /// <summary>Why the server refused; null when it did not.</summary>
    private static async Task<DicomException?> CallAsync(TlsServerOptions options, X509Certificate2? certificate, SslProtocols version)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        try
        {
            var accepting = listener.AcceptSocketAsync();
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, ((IPEndPoint)listener.LocalEndpoint).Port);
            using var socket = await accepting;
            var serving = TlsHandshake.AsServerAsync(socket, options, TimeSpan.FromSeconds(30), null, Token);
            using var stream = new SslStream(client.GetStream(), false, (_, _, _, _) => true);
            try
            {
                await stream.AuthenticateAsClientAsync("localhost", certificate is null ? [] : [certificate], version, false);
            }
            catch (Exception refused) when (refused is AuthenticationException or IOException)
            {
                // The server says why.
            }

            try
            {
                using var served = await serving;
                // A ticket comes behind the handshake.
                await served.WriteAsync(new byte[] { 1 }, 0, 1, Token);
                _ = await stream.ReadAsync(new byte[1], 0, 1, Token);
                return null;
            }
            catch (DicomException problem)
            {
                return problem;
            }
        }
        finally
        {
            listener.Stop();
        }
    }
}
