using System.Net.Sockets;
using System.Runtime.InteropServices;
using DicomPS.Compatibility;

namespace DicomPS.Associations;

/// <summary>
/// Keeps TCP from waiting. Nagle is off on this side, so that a small message leaves at once. A peer that leaves it on holds its second
/// small packet back until the first is acknowledged, and a delayed acknowledgement takes 40 ms: so acknowledgements are not delayed.
/// </summary>
internal static class SocketTuning
{
    // SIO_TCP_SET_ACK_FREQUENCY of Windows (mstcpip.h): acknowledge every segment.
    private const int SetAckFrequency = unchecked((int)0x98000017);
    private static readonly bool IsLinux = RuntimeInformation.IsOSPlatform(OSPlatform.Linux);
    private static readonly bool IsWindows = RuntimeInformation.IsOSPlatform(OSPlatform.Windows);

    /// <summary>Sets what lasts as long as the connection.</summary>
    public static void Prepare(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        if (!IsWindows) return;
        try
        {
            socket.IOControl(SetAckFrequency, BitConverter.GetBytes(1), null);
        }
        catch (SocketException)
        {
            // An old Windows, or a network stack without it: slower with some peers, and no error.
        }
    }

    /// <summary>Sets what does not last: call before each read that may wait for the peer.</summary>
    public static void BeforeWait(Socket socket)
    {
        if (!IsLinux) return;
        try
        {
            socket.AcknowledgeQuickly();
        }
        catch (SocketException)
        {
            // The connection is gone, and the read will say so.
        }
    }
}
