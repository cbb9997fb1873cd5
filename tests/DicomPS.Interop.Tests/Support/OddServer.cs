using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace DicomPS.Interop.Tests.Support;

/// <summary>A server on a loopback port that is no DICOM peer: what a user meets with a wrong port number.</summary>
internal sealed class OddServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    private OddServer(Func<Stream, CancellationToken, Task> serve)
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync(serve);
    }

    public int Port { get; }

    /// <summary>Takes the connection, reads, and never answers.</summary>
    public static OddServer Silent() => new(async (stream, cancellation) =>
    {
        var buffer = new byte[4096];
        while (await stream.ReadAsync(buffer, cancellation) > 0)
        {
            // Read and said nothing.
        }
    });

    /// <summary>A web server: it answers whatever it gets with 400 Bad Request, as web servers do.</summary>
    public static OddServer Http() => new(async (stream, cancellation) =>
    {
        _ = await stream.ReadAsync(new byte[4096], cancellation);
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
            cancellation);
    });

    /// <summary>A TLS server that closes without a word on plain text, as .NET and Windows do.</summary>
    public static OddServer Tls()
    {
        var certificate = SelfSigned();
        return new OddServer(async (stream, cancellation) =>
        {
            using var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, cancellation);
        });
    }

    /// <summary>A TLS server that answers plain text with a fatal protocol_version alert (RFC 8446 6.2), as OpenSSL does.</summary>
    public static OddServer TlsWithAlert() => new(async (stream, cancellation) =>
    {
        _ = await stream.ReadAsync(new byte[4096], cancellation);
        await stream.WriteAsync(new byte[] { 21, 3, 1, 0, 2, 2, 70 }, cancellation);
    });

    /// <summary>Takes the connection and closes it at once.</summary>
    public static OddServer Closing() => new((_, _) => Task.CompletedTask);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var now = DateTimeOffset.UtcNow;
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), password: null);
    }

    private async Task AcceptAsync(Func<Stream, CancellationToken, Task> serve)
    {
        var serving = new List<Task>();
        try
        {
            while (true)
                serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token), serve));
        }
        catch (Exception failure) when (failure is OperationCanceledException or SocketException or InvalidOperationException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client, Func<Stream, CancellationToken, Task> serve)
    {
        using (client)
        {
            try
            {
                await serve(client.GetStream(), _stop.Token);
            }
            catch (Exception failure) when (failure is IOException or OperationCanceledException
                or System.Security.Authentication.AuthenticationException)
            {
                // The other side left, or is no TLS client: that is the point.
            }
        }
    }
}
