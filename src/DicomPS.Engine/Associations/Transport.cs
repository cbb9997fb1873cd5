using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace DicomPS.Associations;

/// <summary>
/// A connection: what an association writes goes in, what its peer wrote comes out. One reader and one writer at a time;
/// <see cref="Dispose"/> from any thread ends both. That of the network is <see cref="SocketTransport"/>; the simulation of the tests
/// has one in memory.
/// </summary>
internal abstract class Transport : IDisposable
{
    /// <summary>The clock by which waits on the connection are limited.</summary>
    public virtual TimeProvider Time => TimeProvider.System;

    public abstract IPEndPoint RemoteEndPoint { get; }

    public abstract IPEndPoint LocalEndPoint { get; }

    /// <summary>Whether TLS is spoken.</summary>
    public abstract bool IsSecure { get; }

    /// <summary>The certificate that the peer showed; null without TLS, and for a peer that showed none.</summary>
    public virtual X509Certificate? PeerCertificate => null;

    /// <summary>Whether the peer asked for a certificate of this side in the TLS handshake, and there was none to show.</summary>
    public bool LacksCertificate { get; init; }

    /// <summary>Whether bytes have come that nobody has read; never with TLS, which reads ahead.</summary>
    public abstract bool HasBytes { get; }

    /// <summary>Call before each read that may wait for the peer.</summary>
    public abstract void BeforeWait();

    /// <summary>Waits in the kernel until a read would not wait. Without TLS only.</summary>
    public abstract bool WaitForBytes(TimeSpan limit);

    /// <summary>Reads what has come, without TLS.</summary>
    public abstract int Read(Memory<byte> buffer);

    /// <summary>Reads what has come, or waits for something; 0 when the peer has closed.</summary>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Writes all the bytes. Cannot be canceled, because half a PDU cannot be followed by anything: dispose instead.</summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Tells the peer that nothing more comes.</summary>
    public abstract void EndSending();

    public abstract void Dispose();

    /// <summary>
    /// Whether an exception of a read or write means that the connection is gone, or was closed by <see cref="Dispose"/>.
    /// </summary>
    public static bool IsFailure(Exception problem) =>
        problem is SocketException or System.IO.IOException or ObjectDisposedException or OperationCanceledException;

    internal static IPEndPoint EndPointOf(EndPoint? endPoint)
    {
        if (endPoint is not IPEndPoint address) return new IPEndPoint(IPAddress.None, 0);
        return address.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(address.Address.MapToIPv4(), address.Port) : address;
    }
}
