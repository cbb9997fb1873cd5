namespace DicomPS.Associations;

/// <summary>A piece of a command or dataset as it came from the peer.</summary>
/// <param name="contextId">The presentation context.</param>
/// <param name="isCommand">Whether the bytes belong to a command.</param>
/// <param name="isLast">Whether they end it.</param>
/// <param name="bytes">The bytes.</param>
internal readonly struct DataFragment(byte contextId, bool isCommand, bool isLast, ReadOnlyMemory<byte> bytes)
{
    /// <summary>The presentation context, one of <see cref="Association.AcceptedContexts"/>.</summary>
    public byte ContextId { get; } = contextId;

    /// <summary>Whether the bytes belong to a command; otherwise to a dataset.</summary>
    public bool IsCommand { get; } = isCommand;

    /// <summary>Whether the command or dataset ends with these bytes.</summary>
    public bool IsLast { get; } = isLast;

    /// <summary>
    /// The bytes, possibly none; a slice of the receive buffer that the next <see cref="Association.ReceiveDataAsync"/> overwrites.
    /// </summary>
    public ReadOnlyMemory<byte> Bytes { get; } = bytes;
}
