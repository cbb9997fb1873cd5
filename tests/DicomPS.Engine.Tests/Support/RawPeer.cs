using System.Buffers.Binary;
using System.Text;
using DicomPS.Dimse;
using DicomPS.Pdus;

namespace DicomPS.Engine.Tests.Support;

/// <summary>
/// Commands as a test wants them, element by element, and messages of a <see cref="ScriptedPeer"/> as they come off the wire.
/// </summary>
internal static class RawPeer
{
    public static readonly byte[] None = [0x01, 0x01], Some = [0x01, 0x00];

    /// <summary>A response; what is null is not there.</summary>
    public static byte[] Response(CommandField field, ushort? respondedTo, byte[]? status, byte[]? dataSetType = null,
        string? instance = null) => Command(
        (0x00000100, Short((ushort)field)), (0x00000120, respondedTo is { } id ? Short(id) : null), (0x00000800, dataSetType ?? None),
        (0x00000900, status), (0x00001000, instance is null ? null : Text(instance)));

    /// <summary>A command of elements in implicit VR little endian, without a group length.</summary>
    public static byte[] Command(params (uint Tag, byte[]? Value)[] elements)
    {
        var bytes = new List<byte>();
        foreach (var (tag, value) in elements)
        {
            if (value is null)
                continue;
            bytes.AddRange([.. Short((ushort)(tag >> 16)), .. Short((ushort)tag), .. Long(value.Length), .. value]);
        }

        return [.. bytes];
    }

    public static byte[] Short(ushort value) => [(byte)value, (byte)(value >> 8)];

    public static byte[] Long(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    public static byte[] Text(string text) => Encoding.Latin1.GetBytes(text.Length % 2 == 0 ? text : text + '\0');

    public static Task SendCommandAsync(this ScriptedPeer peer, byte[] command, byte context = 1) =>
        peer.SendAsync(new PData([new Pdv(context, true, true, command)]));

    public static Task SendDatasetAsync(this ScriptedPeer peer, byte[] dataset, byte context = 1) =>
        peer.SendAsync(new PData([new Pdv(context, false, true, dataset)]));

    /// <summary>The next message with its dataset; null when another PDU comes instead. A release is answered.</summary>
    public static async Task<(CommandSet Command, byte Context, byte[] Dataset)?> ReadMessageAsync(this ScriptedPeer peer)
    {
        var command = new MemoryStream();
        var dataset = new MemoryStream();
        CommandSet? read = null;
        while (await peer.ReadPduAsync() is { } pdu)
        {
            if (pdu is ReleaseRq)
                await peer.SendAsync(new ReleaseRp());
            if (pdu is not PData data)
                return null;
            foreach (var pdv in data.Values)
            {
                (pdv.IsCommand ? command : dataset).Write(pdv.Bytes.Span);
                if (pdv is { IsCommand: true, IsLast: true })
                    read = CommandReader.Decode(command.ToArray());
                if (read is { } whole && pdv.IsLast && pdv.IsCommand != whole.HasDataset)
                    return (whole, pdv.ContextId, dataset.ToArray());
            }
        }

        return null;
    }
}
