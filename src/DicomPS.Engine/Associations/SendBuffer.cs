using System.Buffers;
using DicomPS.Pdus;

namespace DicomPS.Associations;

/// <summary>
/// The send buffer: frames data as P-DATA-TF PDUs that the peer can take and gathers many of them for one write. Touches no socket.
/// </summary>
internal sealed class SendBuffer
{
    private const int SmallBuffer = 16 * 1024;
    private const int LargeBuffer = 512 * 1024;

    /// <summary>The longest P-DATA-TF that is sent to a peer that takes any.</summary>
    private const uint OwnMaximum = 256 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(SmallBuffer);
    private int _length;
    private int _maximumData;
    private int _open = -1;
    private byte _openContext;
    private bool _openIsCommand;

    /// <summary>Whether a peer's maximum leaves room for any data: a PDV header and two bytes.</summary>
    public static bool IsUsable(uint peerMaximum) => peerMaximum is 0 or >= PduConstants.PdvHeaderLength + 2;

    /// <summary>The longest P-DATA-TF that the peer takes; 0 means no limit (PS3.8 D.1.1).</summary>
    public uint PeerMaximum
    {
        // A fragment has an even number of bytes unless it is the last.
        set => _maximumData = (int)((value == 0 ? OwnMaximum : Math.Min(value, OwnMaximum)) - PduConstants.PdvHeaderLength) & ~1;
    }

    /// <summary>Adds bytes to the PDU that is open, or opens PDUs for them.</summary>
    /// <returns>How many bytes were taken; fewer than were given when the buffer is full.</returns>
    public int Append(byte contextId, bool isCommand, ReadOnlySpan<byte> bytes, bool isLast, out bool isDone)
    {
        var taken = 0;
        if (_open >= 0 && (_openContext != contextId || _openIsCommand != isCommand)) Close(isLast: false);
        while (true)
        {
            var left = bytes.Length - taken;
            if (_open >= 0 && OpenData == _maximumData && left > 0) Close(isLast: false);
            if (_open < 0 && !TryOpen(contextId, isCommand, left))
            {
                isDone = false;
                return taken;
            }

            var room = Math.Min(_maximumData - OpenData, _buffer.Length - _length);
            var count = Math.Min(room, left);
            if (count < left && ((OpenData + count) & 1) != 0 && count > 0) count--;
            bytes.Slice(taken, count).CopyTo(_buffer.AsSpan(_length));
            taken += count;
            _length += count;
            if (taken == bytes.Length)
            {
                if (isLast) Close(isLast: true);
                isDone = true;
                return taken;
            }

            Close(isLast: false);
        }
    }

    /// <summary>Adds a whole PDU of another kind; the buffer grows when it must.</summary>
    public void Append(Pdu pdu)
    {
        var bytes = PduWriter.ToArray(pdu);
        if (_open >= 0) Close(isLast: false);
        if (_buffer.Length - _length < bytes.Length) Grow(_length + bytes.Length);
        bytes.CopyTo(_buffer, _length);
        _length += bytes.Length;
    }

    /// <summary>What is to be written: whole PDUs.</summary>
    public ReadOnlyMemory<byte> Ready()
    {
        if (_open >= 0) Close(isLast: false);
        return _buffer.AsMemory(0, _length);
    }

    /// <summary>Forgets what was written, or shall not be.</summary>
    public void Clear()
    {
        _length = 0;
        _open = -1;
    }

    /// <summary>Gives the buffer back. Nothing may use it any more.</summary>
    public void Return()
    {
        var buffer = _buffer;
        _buffer = [];
        Clear();
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
    }

    private int OpenData => _length - _open - PduWriter.PDataHeaderLength;

    // A PDU is not begun for a few bytes at the end of the buffer.
    private bool TryOpen(byte contextId, bool isCommand, int left)
    {
        var wanted = PduWriter.PDataHeaderLength + Math.Min(left, Math.Min(_maximumData, 4096));
        if (_buffer.Length < LargeBuffer && _buffer.Length - _length < PduWriter.PDataHeaderLength + left) Grow(LargeBuffer);
        if (_buffer.Length - _length < wanted) return false;
        _open = _length;
        _openContext = contextId;
        _openIsCommand = isCommand;
        _length += PduWriter.PDataHeaderLength;
        return true;
    }

    private void Close(bool isLast)
    {
        var data = OpenData;
        if (data == 0 && !isLast) _length = _open;
        else PduWriter.WritePDataHeader(_buffer.AsSpan(_open), _openContext, _openIsCommand, isLast, data);
        _open = -1;
    }

    private void Grow(int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(length, LargeBuffer));
        Buffer.BlockCopy(_buffer, 0, larger, 0, _length);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
