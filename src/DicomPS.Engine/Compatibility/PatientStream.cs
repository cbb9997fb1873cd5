using System.Net.Sockets;

namespace DicomPS.Compatibility;

/// <summary>
/// A connection under TLS that keeps what the peer said first, so that a failed handshake can be explained, and lets something be done
/// before each read, which may wait there in a way of its own.
/// </summary>
/// <param name="socket">The connection.</param>
/// <param name="beforeRead">Called on the thread that reads, where <see cref="IsPossible"/>. Null reads as any stream does.</param>
internal sealed class PatientStream(Socket socket, Action? beforeRead) : NetworkStream(socket, ownsSocket: false)
{
    private readonly byte[] _first = new byte[64];
    private int _count;

#if NET8_0_OR_GREATER
    /// <summary>Whether TLS reads in a way that lets something be done before.</summary>
    public const bool IsPossible = true;
#else
    /// <summary>The TLS of .NET Framework reads through the base class only.</summary>
    public const bool IsPossible = false;
#endif

    /// <summary>The first bytes that came, 64 at most, those that nobody has read yet too. Not while a read is under way.</summary>
    public ReadOnlySpan<byte> First()
    {
        try
        {
            if (_count < _first.Length && Socket.Available > 0)
                _count += Socket.Receive(_first, _count, _first.Length - _count, SocketFlags.None);
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
        {
            // Gone: what was read is all there is.
        }

        return _first.AsSpan(0, _count);
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Keep(buffer.AsSpan(offset, count), base.Read(buffer, offset, count));

#if NET8_0_OR_GREATER
    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!cancellationToken.IsCancellationRequested) beforeRead?.Invoke();
        var read = base.ReadAsync(buffer, cancellationToken);
        return _count == _first.Length ? read : KeepAsync(buffer, read);
    }

    private async ValueTask<int> KeepAsync(Memory<byte> buffer, ValueTask<int> read)
    {
        var count = await read.ConfigureAwait(false);
        return Keep(buffer.Span, count);
    }
#else
    // The TLS of .NET Framework reads by these two, that of Mono by the third, which would use them in one of the two only.
    private Memory<byte> _asked;

    /// <inheritdoc/>
    public override IAsyncResult BeginRead(byte[] buffer, int offset, int size, AsyncCallback callback, object state)
    {
        beforeRead?.Invoke();
        _asked = buffer.AsMemory(offset, size);
        return base.BeginRead(buffer, offset, size, callback, state);
    }

    /// <inheritdoc/>
    public override int EndRead(IAsyncResult asyncResult) => Keep(_asked.Span, base.EndRead(asyncResult));

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled<int>(cancellationToken)
            : Task.Factory.FromAsync((callback, state) => BeginRead(buffer, offset, count, callback, state), EndRead, state: null);
#endif

    private int Keep(ReadOnlySpan<byte> bytes, int read)
    {
        var kept = Math.Min(read, _first.Length - _count);
        bytes.Slice(0, kept).CopyTo(_first.AsSpan(_count));
        _count += kept;
        return read;
    }
}
