using DicomPS.Pdus;

namespace DicomPS.Tracing;

/// <summary>A command or dataset on its way: its first bytes and its counts.</summary>
internal sealed class WireMessage(byte contextId, bool isCommand)
{
    private byte[] _prefix = [];
    private int _kept;
    private long _inPdv;

    public byte ContextId => contextId;

    public bool IsCommand => isCommand;

    /// <summary>How many of the first bytes are kept.</summary>
    public int PrefixLength { get; set; }

    /// <summary>Whether there are more bytes than are kept.</summary>
    public bool IsFull => Total > PrefixLength;

    /// <summary>Whether what is kept has been written down already.</summary>
    public bool IsTold { get; set; }

    /// <summary>Bytes so far.</summary>
    public long Total { get; private set; }

    /// <summary>PDVs so far.</summary>
    public long Pdvs { get; private set; }

    /// <summary>The longest PDV, in bytes of data.</summary>
    public long LongestPdv { get; private set; }

    /// <summary>The first bytes.</summary>
    public ReadOnlyMemory<byte> Prefix => _prefix.AsMemory(0, _kept);

    public void Add(ReadOnlySpan<byte> bytes, bool endsPdv)
    {
        var taken = Math.Min(PrefixLength - _kept, bytes.Length);
        if (_kept + taken > _prefix.Length)
            Array.Resize(ref _prefix, Math.Min(PrefixLength, Math.Max(2 * _prefix.Length, _kept + taken)));
        bytes.Slice(0, taken).CopyTo(_prefix.AsSpan(_kept));
        _kept += taken;
        Total += bytes.Length;
        _inPdv += bytes.Length;
        LongestPdv = Math.Max(LongestPdv, _inPdv);
        if (!endsPdv)
            return;
        Pdvs++;
        _inPdv = 0;
    }

    /// <summary>The counts in words.</summary>
    public override string ToString() => Pdvs <= 1 ? $"{TraceText.Bytes(Total)} in 1 PDV"
        : $"{TraceText.Bytes(Total)} in {Pdvs} PDVs of up to {LongestPdv}";
}
