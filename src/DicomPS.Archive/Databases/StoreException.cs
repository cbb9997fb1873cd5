namespace DicomPS.Archiving.Databases;

/// <summary>A store that cannot be opened, is away, or is none.</summary>
/// <param name="message">One sentence that says what failed.</param>
/// <param name="innerException">The cause, if there is one.</param>
internal sealed class StoreException(string message, Exception? innerException = null) : DicomException(message, innerException)
{
    /// <summary>Whether the name of the transfer is the matter, not the store.</summary>
    public bool IsName { get; init; }

    /// <summary>Whether a value that was to be written is the matter: the database takes others.</summary>
    public bool IsOfValue { get; init; }
}
