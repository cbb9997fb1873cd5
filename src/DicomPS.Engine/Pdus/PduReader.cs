namespace DicomPS.Pdus;

/// <summary>Reads PDUs from bytes (PS3.8 9.3). Pure: a message, or "need more".</summary>
public static partial class PduReader
{
    /// <summary>Reads the PDU at the start of the bytes.</summary>
    /// <param name="bytes">What has come so far.</param>
    /// <param name="maximumLength">The longest P-DATA-TF or unknown PDU that is taken; 0 means no limit.</param>
    /// <param name="consumed">How many bytes the PDU took; 0 when there is none yet.</param>
    /// <returns>The PDU, or null when more bytes are needed.</returns>
    /// <exception cref="DicomNetworkException">The bytes are no PDU, or a longer one than is taken.</exception>
    public static Pdu? TryRead(ReadOnlySpan<byte> bytes, uint maximumLength, out int consumed) => throw new NotImplementedException();
}
