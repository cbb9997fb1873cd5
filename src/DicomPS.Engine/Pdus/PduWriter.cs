using System.Buffers;

namespace DicomPS.Pdus;

/// <summary>Writes PDUs as bytes (PS3.8 9.3).</summary>
public static partial class PduWriter
{
    /// <summary>Writes a PDU.</summary>
    /// <param name="pdu">The PDU.</param>
    /// <param name="output">Where to.</param>
    public static void Write(Pdu pdu, IBufferWriter<byte> output) => throw new NotImplementedException();

    /// <summary>Writes a PDU into an array of its own.</summary>
    /// <param name="pdu">The PDU.</param>
    public static byte[] ToArray(Pdu pdu) => throw new NotImplementedException();
}
