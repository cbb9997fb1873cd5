namespace DicomPS.Data;

/// <summary>One way of writing a person's name: five components (PS3.5 6.2.1).</summary>
public sealed record PersonNameGroup
{
    /// <summary>The family name complex.</summary>
    public string FamilyName { get; init; } = "";

    /// <summary>The given name complex.</summary>
    public string GivenName { get; init; } = "";

    /// <summary>The middle names.</summary>
    public string MiddleName { get; init; } = "";

    /// <summary>What stands before, such as Dr.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>What stands after, such as Jr.</summary>
    public string Suffix { get; init; } = "";

    /// <summary>Whether all five are empty.</summary>
    public bool IsEmpty => FamilyName.Length + GivenName.Length + MiddleName.Length + Prefix.Length + Suffix.Length == 0;

    /// <summary>Reads up to five components separated by carets; more than five stay in the last.</summary>
    /// <param name="text">The text of one group.</param>
    public static PersonNameGroup Parse(string text)
    {
        var parts = (text ?? throw new ArgumentNullException(nameof(text))).Split(['^'], 5);
        string Part(int index) => index < parts.Length ? parts[index].Trim() : "";
        return new PersonNameGroup
        {
            FamilyName = Part(0),
            GivenName = Part(1),
            MiddleName = Part(2),
            Prefix = Part(3),
            Suffix = Part(4),
        };
    }

    /// <summary>The components with carets between them, without trailing ones: "Doe^John".</summary>
    public override string ToString() => string.Join("^", FamilyName, GivenName, MiddleName, Prefix, Suffix).TrimEnd('^');
}

/// <summary>A person's name in up to three writings (PS3.5 6.2.1).</summary>
public sealed record PersonName
{
    /// <summary>In letters.</summary>
    public PersonNameGroup Alphabetic { get; init; } = new();

    /// <summary>In ideographs, such as Kanji, Hanja or Hanzi.</summary>
    public PersonNameGroup Ideographic { get; init; } = new();

    /// <summary>As it sounds, such as in Kana or Hangul.</summary>
    public PersonNameGroup Phonetic { get; init; } = new();

    /// <summary>Reads groups separated by equals signs; never fails.</summary>
    /// <param name="text">The text of one value, such as "Yamada^Tarou=山田^太郎".</param>
    public static PersonName Parse(string text)
    {
        var groups = (text ?? throw new ArgumentNullException(nameof(text))).Split(['='], 3);
        return new PersonName
        {
            Alphabetic = PersonNameGroup.Parse(groups[0]),
            Ideographic = PersonNameGroup.Parse(groups.Length > 1 ? groups[1] : ""),
            Phonetic = PersonNameGroup.Parse(groups.Length > 2 ? groups[2] : ""),
        };
    }

    /// <summary>The groups with equals signs between them, without trailing ones.</summary>
    public override string ToString() => $"{Alphabetic}={Ideographic}={Phonetic}".TrimEnd('=');
}
