using System.Net.Sockets;

namespace DicomPS.Compatibility;

/// <summary>Connections under TLS that let something be done before each read, which may wait there in a way of its own.</summary>
internal static class PatientStream
{
#if NET8_0_OR_GREATER
    /// <summary>Whether TLS reads in a way that lets it.</summary>
    public const bool IsPossible = true;

    /// <summary>Makes one.</summary>
    /// <param name="socket">The connection.</param>
    /// <param name="beforeRead">Called on the thread that reads. Null reads as any stream does.</param>
    public static NetworkStream Over(Socket socket, Action? beforeRead) => new Watched(socket, beforeRead);

    private sealed class Watched(Socket socket, Action? beforeRead) : NetworkStream(socket, ownsSocket: false)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!cancellationToken.IsCancellationRequested) beforeRead?.Invoke();
            return base.ReadAsync(buffer, cancellationToken);
        }
    }
#else
    /// <summary>The TLS of .NET Framework reads asynchronously only.</summary>
    public const bool IsPossible = false;

    public static NetworkStream Over(Socket socket, Action? beforeRead) => new(socket, ownsSocket: false);
#endif
}
