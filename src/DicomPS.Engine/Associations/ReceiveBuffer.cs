using System.Buffers;
using DicomPS.Pdus;

namespace DicomPS.Associations;

/// <summary>
/// What has come from the peer, and the scanner over it. Touches no socket. P-DATA comes out as slices of the buffer. Its size follows
/// the traffic, never a length that a peer declares.
/// </summary>
internal sealed class ReceiveBuffer
{
    private const int SmallBuffer = 64 * 1024;
    private const int LargeBuffer = 256 * 1024;
    private readonly PduScanner _scanner = new();
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(SmallBuffer);
    private int _start;
    private int _end;
    private bool _lastReadFilled;
    private bool _isInsideMessage;

    /// <summary>The longest P-DATA-TF that is taken; 0 means no limit.</summary>
    public uint MaximumPduLength { set => _scanner.MaximumPDataLength = value; }

    /// <summary>Bytes that came and belong to nothing whole yet.</summary>
    public ReadOnlySpan<byte> Unread => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Whether the stream stands in the middle of a PDU.</summary>
    public bool IsInsidePdu => _scanner.IsInsidePdu || _end > _start;

    /// <summary>The PDU, after <see cref="PduToken.Pdu"/>.</summary>
    public Pdu Pdu => _scanner.Pdu!;

    /// <summary>The piece of data, after <see cref="PduToken.Data"/>.</summary>
    public DataFragment Fragment { get; private set; }

    /// <summary>When more can be expected.</summary>
    public Outlook Outlook => _lastReadFilled ? Outlook.Now : _isInsideMessage || _scanner.IsInsidePdu ? Outlook.Soon : Outlook.Later;

    /// <summary>Bytes that came from the connection.</summary>
    public long Count { get; private set; }

    /// <summary>Reads on in what has come.</summary>
    /// <exception cref="MalformedPduException">It is no PDU; <see cref="Unread"/> begins with the offender.</exception>
    public PduToken Next()
    {
        var token = _scanner.Scan(Unread, out var consumed);
        if (token == PduToken.Data)
        {
            var offset = _start + _scanner.DataOffset;
            _isInsideMessage = !_scanner.IsLast || _scanner.IsCommand;
            Fragment = new DataFragment(_scanner.ContextId, _scanner.IsCommand, _scanner.IsLast,
                _buffer.AsMemory(offset, _start + consumed - offset));
        }

        _start += consumed;
        return token;
    }

    /// <summary>Room for more, after <see cref="PduToken.NeedMore"/>. What <see cref="Fragment"/> held is gone.</summary>
    public Memory<byte> MakeRoom()
    {
        var unread = _end - _start;
        var isFull = unread >= _buffer.Length / 2;
        if ((_lastReadFilled && _buffer.Length < LargeBuffer) || isFull)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(LargeBuffer, isFull ? _buffer.Length * 2 : 0));
            Buffer.BlockCopy(_buffer, _start, larger, 0, unread);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        else if (_start > 0 && unread > 0)
        {
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, unread);
        }

        _start = 0;
        _end = unread;
        return _buffer.AsMemory(_end);
    }

    /// <summary>Counts in the bytes that were put into the room that <see cref="MakeRoom"/> made.</summary>
    public void Advance(int count)
    {
        _lastReadFilled = count == _buffer.Length - _end;
        _end += count;
        Count += count;
    }

    /// <summary>Forgets what has come, when it is of no use any more.</summary>
    public void Discard() => _start = _end = 0;

    /// <summary>Gives the buffer back. Nothing may read or hold slices any more.</summary>
    public void Return()
    {
        var buffer = _buffer;
        _buffer = [];
        _start = _end = 0;
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
    }
}
