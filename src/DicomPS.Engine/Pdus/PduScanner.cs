using System.Buffers.Binary;

namespace DicomPS.Pdus;

/// <summary>What <see cref="PduScanner.Scan"/> found.</summary>
internal enum PduToken
{
    /// <summary>Nothing whole yet.</summary>
    NeedMore,
    /// <summary>A piece of P-DATA-TF.</summary>
    Data,
    /// <summary>A whole PDU of another kind.</summary>
    Pdu,
}

/// <summary>
/// Reads a stream of PDUs as it comes (PS3.8 9.3). P-DATA-TF is handed on piece by piece and never gathered, however long it is; other
/// PDUs are handed on whole. Touches no socket.
/// </summary>
internal sealed class PduScanner
{
    private uint _pduLeft;
    private uint _pdvLeft;
    private bool _inPdv;
    private bool _isLastFragment;

    /// <summary>The longest P-DATA-TF that is taken; 0 means no limit.</summary>
    public uint MaximumPDataLength { get; set; }

    /// <summary>How many bytes <see cref="Scan"/> must see before it can go on, after <see cref="PduToken.NeedMore"/>.</summary>
    public int Needed { get; private set; }

    /// <summary>The PDU, after <see cref="PduToken.Pdu"/>.</summary>
    public Pdu? Pdu { get; private set; }

    /// <summary>The context, after <see cref="PduToken.Data"/>.</summary>
    public byte ContextId { get; private set; }

    /// <summary>Whether the bytes belong to a command, after <see cref="PduToken.Data"/>.</summary>
    public bool IsCommand { get; private set; }

    /// <summary>Whether they end it, after <see cref="PduToken.Data"/>.</summary>
    public bool IsLast { get; private set; }

    /// <summary>Where they begin in the input, after <see cref="PduToken.Data"/>; they end where the consumed input ends.</summary>
    public int DataOffset { get; private set; }

    /// <summary>Whether a PDV has begun and not ended.</summary>
    public bool IsInsidePdv => _inPdv;

    /// <summary>Whether a PDU has begun and not ended.</summary>
    public bool IsInsidePdu => _pduLeft > 0 || _inPdv;

    /// <summary>Reads on.</summary>
    /// <param name="input">The bytes that were not consumed yet, and those that came since.</param>
    /// <param name="consumed">How many of them are done with.</param>
    /// <exception cref="MalformedPduException">The bytes break the format; thrown as soon as they show it.</exception>
    public PduToken Scan(ReadOnlySpan<byte> input, out int consumed)
    {
        consumed = 0;
        if (!_inPdv)
        {
            if (_pduLeft == 0)
            {
                if (input.Length == 0) return More(PduConstants.HeaderLength);
                var type = input[0];
                if (type is < PduType.AssociateRq or > PduType.Abort)
                    throw new MalformedPduException($"There is no PDU of type {type:X2}H.", AbortReason.UnrecognizedPdu);
                if (input.Length < PduConstants.HeaderLength) return More(PduConstants.HeaderLength);
                var length = BinaryPrimitives.ReadUInt32BigEndian(input.Slice(2));
                PduReader.CheckLength(type, length, MaximumPDataLength);
                if (type != PduType.PData) return ScanWhole(type, (int)length, input, out consumed);
                _pduLeft = length;
                consumed = PduConstants.HeaderLength;
            }

            if (!ScanPdvHeader(input, ref consumed)) return PduToken.NeedMore;
        }

        var available = input.Length - consumed;
        if (available == 0 && _pdvLeft > 0) return More(1);
        var taken = Math.Min((uint)available, _pdvLeft);
        DataOffset = consumed;
        consumed += (int)taken;
        _pdvLeft -= taken;
        _inPdv = _pdvLeft > 0;
        IsLast = _isLastFragment && !_inPdv;
        return PduToken.Data;
    }

    // PDV (PS3.8 9.3.5.1 and E.2): length 4, context id 1, control header 1 (bit 0 command, bit 1 last), data
    private bool ScanPdvHeader(ReadOnlySpan<byte> input, ref int consumed)
    {
        if (_pduLeft < PduConstants.PdvHeaderLength)
            throw new MalformedPduException($"A P-DATA-TF ends with {_pduLeft} bytes that are too few for a PDV.",
                AbortReason.InvalidParameterValue);
        var header = input.Slice(consumed);
        if (header.Length < PduConstants.PdvHeaderLength)
        {
            More(PduConstants.PdvHeaderLength);
            return false;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(header);
        if (length < 2)
            throw new MalformedPduException($"A PDV says that it is {length} bytes long; it cannot be shorter than 2.",
                AbortReason.InvalidParameterValue);
        if (length > _pduLeft - 4)
            throw new MalformedPduException($"A PDV says that it is {length} bytes long, but only {_pduLeft - 4} are left in its PDU.",
                AbortReason.InvalidParameterValue);
        ContextId = header[4];
        IsCommand = (header[5] & 1) != 0;
        _isLastFragment = (header[5] & 2) != 0;
        _pdvLeft = length - 2;
        _pduLeft -= length + 4;
        _inPdv = true;
        consumed += PduConstants.PdvHeaderLength;
        return true;
    }

    private PduToken ScanWhole(byte type, int length, ReadOnlySpan<byte> input, out int consumed)
    {
        consumed = 0;
        var total = PduConstants.HeaderLength + length;
        if (input.Length < total) return More(total);
        Pdu = PduReader.ReadBody(type, input.Slice(PduConstants.HeaderLength, length));
        consumed = total;
        return PduToken.Pdu;
    }

    private PduToken More(int needed)
    {
        Needed = needed;
        return PduToken.NeedMore;
    }
}
