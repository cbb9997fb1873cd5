namespace DicomPS.NodeLists;

/// <summary>A row, or a whole file, that cannot be taken for what it should be.</summary>
/// <param name="line">The line; 0 for the file as a whole.</param>
/// <param name="message">What is wrong.</param>
/// <param name="advice">What to do about it.</param>
internal sealed class NodeListException(int line, string message, string advice) : DicomException(message)
{
    public int Line { get; } = line;

    public string Remedy { get; } = advice;
}
