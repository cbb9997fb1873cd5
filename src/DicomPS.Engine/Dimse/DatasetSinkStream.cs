using System.Buffers;

namespace DicomPS.Dimse;

/// <summary>
/// A dataset's sink as a stream for writers that do not know the end in advance. It holds back the last bytes, so
/// that they can be marked as the last: an empty last fragment would be lawful, but not every peer expects one.
/// </summary>
internal sealed class DatasetSinkStream(DatasetSink sink, Action<int>? progress) : Stream
{
    private readonly byte[] _held = ArrayPool<byte>.Shared.Rent(128 * 1024);
    private int _count;
    private bool _isReturned;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public Task CompleteAsync(CancellationToken cancellationToken) => SendHeldAsync(true, cancellationToken);

    public override async Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        while (count > 0)
        {
            if (_count == _held.Length)
                await SendHeldAsync(false, cancellationToken).ConfigureAwait(false);
            var taken = Math.Min(count, _held.Length - _count);
            Buffer.BlockCopy(buffer, offset, _held, _count, taken);
            _count += taken;
            offset += taken;
            count -= taken;
        }
    }

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("A dataset is sent asynchronously.");

    public override void Flush()
    {
        // Nothing to do: what is held back is sent by the next write or by CompleteAsync.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (!_isReturned)
            ArrayPool<byte>.Shared.Return(_held);
        _isReturned = true;
        base.Dispose(disposing);
    }

    private async Task SendHeldAsync(bool isLast, CancellationToken cancellationToken)
    {
        await sink.WriteAsync(_held.AsMemory(0, _count), isLast, cancellationToken).ConfigureAwait(false);
        progress?.Invoke(_count);
        _count = 0;
    }
}
