namespace DicomPS.Json;

/// <summary>Text that is no JSON, or JSON that is no dataset (PS3.18 F.2).</summary>
/// <param name="message">One sentence that says what is wrong, without a full stop.</param>
/// <param name="line">The line, from 1.</param>
/// <param name="column">The character in the line, from 1.</param>
/// <param name="element">The element, such as 00400275[0].00080050; null outside of all.</param>
public sealed class DicomJsonException(string message, int line, int column, string? element)
    : DicomException($"{message} (line {line}, character {column}{(element is null ? "" : $", in {element}")})")
{
    /// <summary>The line, from 1.</summary>
    public int Line { get; } = line;

    /// <summary>The character in the line, from 1.</summary>
    public int Column { get; } = column;

    /// <summary>The element, such as 00400275[0].00080050; null outside of all.</summary>
    public string? Element { get; } = element;
}
