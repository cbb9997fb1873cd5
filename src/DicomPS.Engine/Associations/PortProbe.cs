using System.Net;
using System.Net.Sockets;
using System.Text;
using DicomPS.Compatibility;

namespace DicomPS.Associations;

/// <summary>
/// Finds out what speaks on a port that took an association request and said nothing: TLS and HTTP servers often close, or wait for
/// more, without a byte.
/// </summary>
internal static class PortProbe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    // A TLS ClientHello (RFC 5246 7.4.1.2). Its session id is a blank line, for which servers of text protocols wait before they speak.
    private static readonly byte[] Hello = BuildHello();

    /// <summary>Opens one more connection, says hello, and looks at the first bytes of the answer.</summary>
    /// <returns>What answers; <see cref="ForeignKind.Unknown"/> when nothing does.</returns>
    public static async Task<ForeignKind> AskAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endPoint, limit.Token).ConfigureAwait(false);
            await socket.SendAsync(Hello.AsMemory(), SocketFlags.None, limit.Token).ConfigureAwait(false);
            var first = new byte[64];
            var count = await socket.ReceiveAsync(first.AsMemory(), SocketFlags.None, limit.Token).ConfigureAwait(false);
            return ForeignProtocol.Recognize(first.AsSpan(0, count));
        }
        catch (Exception problem) when (Transport.IsFailure(problem))
        {
            cancellationToken.ThrowIfCancellationRequested();
            return ForeignKind.Unknown;
        }
    }

    private static byte[] BuildHello()
    {
        var session = Encoding.ASCII.GetBytes("\r\n\r\n");
        byte[] suites = [0xC0, 0x2F, 0xC0, 0x30, 0xC0, 0x2B, 0xC0, 0x2C, 0x00, 0x9C, 0x00, 0x2F];

        // supported groups: P-256, P-384, x25519; point formats: uncompressed; signatures: RSA and ECDSA with SHA-256
        byte[] extensions = [0, 10, 0, 8, 0, 6, 0, 23, 0, 24, 0, 29, 0, 11, 0, 2, 1, 0, 0, 13, 0, 8, 0, 6, 4, 1, 4, 3, 8, 4];
        byte[] body = [3, 3, .. new byte[32], (byte)session.Length, .. session, 0, (byte)suites.Length, .. suites, 1, 0, 0,
            (byte)extensions.Length, .. extensions];
        byte[] handshake = [1, 0, 0, (byte)body.Length, .. body];
        return [0x16, 3, 1, 0, (byte)handshake.Length, .. handshake];
    }
}
