using DicomPS.Pdus;

namespace DicomPS.Tracing;

/// <summary>One direction of a connection: bytes to PDUs and to the messages that their PDVs make up (PS3.8 9.3 and Annex E).</summary>
internal sealed class WireStream(bool isSent, TracedAssociation owner, Func<WireMessage, int> prefixLength)
{
    private readonly PduScanner _scanner = new();
    private byte[] _rest = [];
    private int _restLength;
    private bool _isBroken;

    /// <summary>Bytes seen.</summary>
    public long Count { get; private set; }

    /// <summary>The command or dataset that has begun and not ended.</summary>
    public WireMessage? Open { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        Count += bytes.Length;
        if (_isBroken)
            return;
        var input = _restLength > 0 ? Join(bytes) : bytes;
        var at = 0;
        try
        {
            while (true)
            {
                var token = _scanner.Scan(input.Slice(at), out var consumed);
                if (token == PduToken.Data)
                    AddData(input.Slice(at + _scanner.DataOffset, consumed - _scanner.DataOffset));
                else if (token == PduToken.Pdu)
                    owner.Pdu(isSent, _scanner.Pdu!, consumed);
                at += consumed;
                if (token == PduToken.NeedMore)
                    break;
            }

            Keep(input.Slice(at));
        }
        catch (MalformedPduException problem)
        {
            // Nothing tells where the next PDU would begin.
            _isBroken = true;
            owner.Broken(isSent, problem.Message, input.Slice(at));
            _rest = [];
        }
    }

    private void AddData(ReadOnlySpan<byte> bytes)
    {
        if (Open is { } open && (open.ContextId != _scanner.ContextId || open.IsCommand != _scanner.IsCommand))
        {
            owner.LeftOpen(isSent, open);
            Open = null;
        }

        if (Open is null)
        {
            Open = new WireMessage(_scanner.ContextId, _scanner.IsCommand);
            Open.PrefixLength = prefixLength(Open);
        }

        var message = Open;
        var wasFull = message.IsFull;
        message.Add(bytes, !_scanner.IsInsidePdv);
        if (message.IsFull && !wasFull && !_scanner.IsLast)
            owner.Begun(isSent, message);
        if (!_scanner.IsLast)
            return;
        Open = null;
        owner.Ended(isSent, message);
    }

    private ReadOnlySpan<byte> Join(ReadOnlySpan<byte> bytes)
    {
        // Bounded by the longest PDU that the scanner waits for whole, and one read or write.
        if (_rest.Length < _restLength + bytes.Length)
            Array.Resize(ref _rest, Math.Max(2 * _rest.Length, _restLength + bytes.Length));
        bytes.CopyTo(_rest.AsSpan(_restLength));
        return _rest.AsSpan(0, _restLength + bytes.Length);
    }

    private void Keep(ReadOnlySpan<byte> rest)
    {
        if (_rest.Length < rest.Length)
            _rest = new byte[Math.Max(rest.Length, 1024)];
        rest.CopyTo(_rest);
        _restLength = rest.Length;
    }
}
