using System.Buffers.Binary;

namespace DicomPS.Dimse;

/// <summary>
/// Command sets to bytes. They are always implicit VR little endian, in ascending order, led by the group length
/// (PS3.7 6.3.1); the elements and their VRs stand in PS3.7 E.1.
/// </summary>
internal static class CommandWriter
{
    internal const ushort NoDataset = 0x0101;

    /// <summary>Encodes a command set.</summary>
    /// <param name="command">What to encode.</param>
    /// <returns>The bytes, group length first.</returns>
    /// <exception cref="ArgumentException">A value does not fit a command set.</exception>
    public static byte[] Encode(CommandSet command)
    {
        var isCancel = command.Field == CommandField.CCancelRequest;
        var writer = new ElementWriter(384);
        writer.Text(0x0002, command.AffectedSopClassUid, 0);
        writer.Text(0x0003, command.RequestedSopClassUid, 0);
        writer.Short(0x0100, (ushort)command.Field);
        writer.Short(0x0110, command.IsResponse || isCancel ? null : command.MessageId);
        writer.Short(0x0120, command.IsResponse || isCancel ? command.RespondedTo : null);
        writer.Text(0x0600, command.MoveDestination, (byte)' ');
        writer.Short(0x0700, (ushort?)command.Priority);
        writer.Short(0x0800, command.HasDataset ? (ushort)0x0001 : NoDataset);
        writer.Short(0x0900, command.IsResponse ? command.Status : null);
        writer.Tags(0x0901, command.OffendingElements);
        writer.Text(0x0902, Shorten(command.ErrorComment, 64), (byte)' ');
        writer.Short(0x0903, command.ErrorId);
        writer.Text(0x1000, command.AffectedSopInstanceUid, 0);
        writer.Text(0x1001, command.RequestedSopInstanceUid, 0);
        writer.Short(0x1002, command.EventTypeId);
        writer.Tags(0x1005, command.AttributeIdentifiers);
        writer.Short(0x1008, command.ActionTypeId);
        writer.Short(0x1020, command.Remaining);
        writer.Short(0x1021, command.Completed);
        writer.Short(0x1022, command.Failed);
        writer.Short(0x1023, command.Warning);
        writer.Text(0x1030, command.MoveOriginatorAETitle, (byte)' ');
        writer.Short(0x1031, command.MoveOriginatorMessageId);
        return writer.Finish();
    }

    private static string? Shorten(string? text, int length) => text is { } && text.Length > length ? text[..length] : text;

    private struct ElementWriter
    {
        // Group length (0000,0000) is an element of 12 bytes, filled in at the end.
        private const int GroupLengthElement = 12;
        private byte[] _bytes;
        private int _length;

        public ElementWriter(int capacity)
        {
            _bytes = new byte[capacity];
            _length = GroupLengthElement;
        }

        public void Short(ushort element, ushort? value)
        {
            if (value is { } number)
                BinaryPrimitives.WriteUInt16LittleEndian(Begin(element, 2), number);
        }

        public void Text(ushort element, string? value, byte padding)
        {
            if (string.IsNullOrEmpty(value))
                return;
            var room = Begin(element, (value!.Length + 1) & ~1);
            for (var i = 0; i < value.Length; i++)
                room[i] = value[i] <= 0xFF ? (byte)value[i] : (byte)'?';
            if ((value.Length & 1) != 0)
                room[value.Length] = padding;
        }

        public void Tags(ushort element, IReadOnlyList<uint>? tags)
        {
            if (tags is not { Count: > 0 })
                return;
            var room = Begin(element, 4 * tags.Count);
            for (var i = 0; i < tags.Count; i++)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(room[(4 * i)..], (ushort)(tags[i] >> 16));
                BinaryPrimitives.WriteUInt16LittleEndian(room[(4 * i + 2)..], (ushort)tags[i]);
            }
        }

        public readonly byte[] Finish()
        {
            var whole = _bytes.AsSpan(0, _length);
            whole[4] = 4;
            BinaryPrimitives.WriteInt32LittleEndian(whole[8..], _length - GroupLengthElement);
            return whole.ToArray();
        }

        private Span<byte> Begin(ushort element, int length)
        {
            if (length > CommandReader.MaximumLength)
                throw new ArgumentException($"The value of (0000,{element:X4}) is too long for a command set.");
            if (_length + 8 + length > _bytes.Length)
                Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + 8 + length));
            BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(_length + 2), element);
            BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_length + 4), length);
            _length += 8 + length;
            return _bytes.AsSpan(_length - length, length);
        }
    }
}
