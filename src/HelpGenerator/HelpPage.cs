namespace HelpGenerator;

/// <summary>What a page says of its cmdlet, as plain text: each text a list of paragraphs.</summary>
public sealed record HelpPage(
    string Synopsis,
    IReadOnlyList<string> Description,
    IReadOnlyList<HelpExample> Examples,
    IReadOnlyDictionary<string, ParameterText> Parameters,
    IReadOnlyList<HelpEntry> Inputs,
    IReadOnlyList<HelpEntry> Outputs,
    IReadOnlyList<string> Notes,
    IReadOnlyList<HelpLink> Links);

/// <summary>An example: what is told before the code, the code, and what follows it, which is mostly what it prints.</summary>
public sealed record HelpExample(string Title, IReadOnlyList<string> Introduction, string Code, IReadOnlyList<string> Remarks);

/// <summary>What a page says of a parameter.</summary>
/// <param name="Description">Its paragraphs.</param>
/// <param name="Default">The default in the words of the page; null when it has none.</param>
public sealed record ParameterText(IReadOnlyList<string> Description, string? Default);

/// <summary>A type that goes in or comes out.</summary>
public sealed record HelpEntry(string Type, IReadOnlyList<string> Description);

/// <summary>A link at the end of a page.</summary>
public sealed record HelpLink(string Text, string Target);
