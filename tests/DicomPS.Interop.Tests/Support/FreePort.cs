using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace DicomPS.Interop.Tests.Support;

/// <summary>Loopback ports for peers that must be told theirs before they start.</summary>
internal static class FreePort
{
    // Below the range that systems hand out for outgoing connections (32768 on Linux, 49152 on Windows):
    // between the probe and the peer's own bind, nothing but another fixture could take the port.
    private const int First = 20000;
    private const int Last = 32000;

    public static int Next()
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            var port = Random.Shared.Next(First, Last);
            if (CanBind(IPAddress.Any, port) && CanBind(IPAddress.IPv6Any, port))
                return port;
        }

        throw new InvalidOperationException($"No free port between {First} and {Last}.");
    }

    /// <summary>Reads the system's table of listeners: a probing connection would be an aborted association to the peer.</summary>
    public static bool IsListening(int port) =>
        Array.Exists(IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners(), listener => listener.Port == port);

    private static bool CanBind(IPAddress address, int port)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
            return true;
        }
        catch (SocketException failure)
        {
            return failure.SocketErrorCode == SocketError.AddressFamilyNotSupported;
        }
    }
}
