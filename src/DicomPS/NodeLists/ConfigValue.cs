namespace DicomPS.NodeLists;

/// <summary>A value of a configuration in JSON, with its line.</summary>
/// <param name="Line">The line that it begins at.</param>
/// <param name="Text">A text, number, true, false or null as it stands; null of an object or array.</param>
/// <param name="Members">The members of an object.</param>
/// <param name="Items">The items of an array.</param>
internal sealed record ConfigValue(int Line, string? Text, IReadOnlyList<ConfigMember>? Members, IReadOnlyList<ConfigValue>? Items)
{
    /// <summary>Whether it is a text in quotes.</summary>
    public bool IsText { get; init; }

    /// <summary>The last member of that name, whatever its case, as a program would have it; null when there is none.</summary>
    public ConfigValue? Find(string name) =>
        Members?.LastOrDefault(member => string.Equals(member.Name, name, StringComparison.OrdinalIgnoreCase))?.Value;
}

/// <summary>A member of an object.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Line">Its line.</param>
/// <param name="Value">Its value.</param>
internal sealed record ConfigMember(string Name, int Line, ConfigValue Value);
