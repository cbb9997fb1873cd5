using System.Buffers.Binary;

namespace DicomPS.Dimse;

/// <summary>Bytes to command sets (PS3.7 6.3.1, E.1): lenient in padding, strict in structure.</summary>
internal static class CommandReader
{
    /// <summary>
    /// The most bytes that a command set may have. Lawful ones are a few hundred bytes long; a list of failed instances in one
    /// (<see cref="CommandSet.FailedSopInstanceUids"/>) can have some ten thousand UIDs.
    /// </summary>
    public const int MaximumLength = 512 * 1024;

    /// <summary>Decodes a whole command set. Unknown elements and those of other groups are passed over; text padding is cut.</summary>
    /// <param name="bytes">The command set.</param>
    /// <exception cref="DicomDataException">An element reaches past the end, or Command Field is missing.</exception>
    public static CommandSet Decode(ReadOnlySpan<byte> bytes)
    {
        var fields = default(Fields);
        for (var at = 0; at < bytes.Length;)
        {
            if (bytes.Length - at < 8)
                throw new DicomDataException("The command set ends inside an element's header.", at);
            var group = BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
            var element = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(at + 2)..]);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 4)..]);
            // A sequence of undefined length has no place here either. Groups ascend (PS3.7 6.3.1): no command element is behind it.
            if (group != 0 && length == uint.MaxValue)
                break;
            if (length > bytes.Length - at - 8)
                throw new DicomDataException(
                    $"Element ({group:X4},{element:X4}) of the command set declares {length} bytes, more than there are.", at);
            var value = bytes.Slice(at + 8, (int)length);
            if (group == 0)
                fields.Set(element, value);
            else if (group == 0x0008 && element == 0x0058)
                fields.FailedUids = Uids(value);
            at += 8 + (int)length;
        }

        if (!fields.HasField)
            throw new DicomDataException("The command set has no Command Field (0000,0100).", 0);
        return fields.ToCommandSet();
    }

    private static ushort Short(ReadOnlySpan<byte> value) =>
        value.Length >= 2 ? BinaryPrimitives.ReadUInt16LittleEndian(value) : (ushort)0;

    // US has two bytes (PS3.5 6.2): what has not is no number, and certainly not 0.
    private static ushort? Exact(ReadOnlySpan<byte> value) => value.Length == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(value) : null;

    private static string[] Uids(ReadOnlySpan<byte> value) => Text(value) is { } list
        ? [.. list.Split('\\').Select(uid => uid.Trim(' ', '\0')).Where(uid => uid.Length > 0)]
        : [];

    // Commands have no character set of their own; Latin-1 keeps whatever a peer put there apart.
    private static string? Text(ReadOnlySpan<byte> value)
    {
        var from = 0;
        var to = value.Length;
        while (to > from && value[to - 1] is 0 or (byte)' ')
            to--;
        while (from < to && value[from] == (byte)' ')
            from++;
        if (from == to)
            return null;
        var text = to - from <= 256 ? stackalloc char[to - from] : new char[to - from];
        for (var i = 0; i < text.Length; i++)
            text[i] = (char)value[from + i];
        return text.ToString();
    }

    private static uint[] Tags(ReadOnlySpan<byte> value)
    {
        var tags = new uint[value.Length / 4];
        for (var i = 0; i < tags.Length; i++)
            tags[i] = ((uint)Short(value[(4 * i)..]) << 16) | Short(value[(4 * i + 2)..]);
        return tags;
    }

    private struct Fields
    {
        public string[]? FailedUids;
        private bool _isExactField;
        private ushort _field, _messageId;
        private ushort? _respondedTo, _exactRespondedTo, _status;
        private ushort? _dataSetType;
        private ushort? _priority, _errorId, _eventType, _actionType, _remaining, _completed, _failed, _warning, _originatorId;
        private string? _affectedClass, _requestedClass, _affectedInstance, _requestedInstance, _destination, _comment, _originator;
        private uint[]? _offending, _attributes;

        // Requests are taken as they come; a response is held to its form, because what it says is believed.
        public readonly bool HasField => _field != 0 && (!IsResponse || _isExactField);

        private readonly bool IsResponse => (_field & 0x8000) != 0;

        public void Set(ushort element, ReadOnlySpan<byte> value)
        {
            switch (element)
            {
                case 0x0002: _affectedClass = Text(value); break;
                case 0x0003: _requestedClass = Text(value); break;
                case 0x0100: (_field, _isExactField) = (Short(value), value.Length == 2); break;
                case 0x0110: _messageId = Short(value); break;
                case 0x0120: (_respondedTo, _exactRespondedTo) = (Short(value), Exact(value)); break;
                case 0x0600: _destination = Text(value); break;
                case 0x0700: _priority = Short(value); break;
                case 0x0800: _dataSetType = Short(value); break;
                case 0x0900: _status = Exact(value); break;
                case 0x0901: _offending = Tags(value); break;
                case 0x0902: _comment = Text(value); break;
                case 0x0903: _errorId = Exact(value); break;
                case 0x1000: _affectedInstance = Text(value); break;
                case 0x1001: _requestedInstance = Text(value); break;
                case 0x1002: _eventType = Short(value); break;
                case 0x1005: _attributes = Tags(value); break;
                case 0x1008: _actionType = Short(value); break;
                case 0x1020: _remaining = Exact(value); break;
                case 0x1021: _completed = Exact(value); break;
                case 0x1022: _failed = Exact(value); break;
                case 0x1023: _warning = Exact(value); break;
                case 0x1030: _originator = Text(value); break;
                case 0x1031: _originatorId = Short(value); break;
            }
        }

        public readonly CommandSet ToCommandSet() => new()
        {
            Field = (CommandField)_field,
            MessageId = _messageId,
            RespondedTo = IsResponse ? _exactRespondedTo : _respondedTo,
            // Every value but 0101H says that a dataset follows (PS3.7 E.1); 0000H is common.
            HasDataset = _dataSetType is { } and not CommandWriter.NoDataset,
            AffectedSopClassUid = _affectedClass,
            RequestedSopClassUid = _requestedClass,
            AffectedSopInstanceUid = _affectedInstance,
            RequestedSopInstanceUid = _requestedInstance,
            Priority = (DicomPriority?)_priority,
            MoveDestination = _destination,
            MoveOriginatorAETitle = _originator,
            MoveOriginatorMessageId = _originatorId,
            Status = _status,
            OffendingElements = _offending,
            ErrorComment = _comment,
            ErrorId = _errorId,
            Remaining = _remaining,
            Completed = _completed,
            Failed = _failed,
            Warning = _warning,
            FailedSopInstanceUids = FailedUids,
            EventTypeId = _eventType,
            ActionTypeId = _actionType,
            AttributeIdentifiers = _attributes,
        };
    }
}
