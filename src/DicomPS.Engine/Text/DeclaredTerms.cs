namespace DicomPS.Text;

/// <summary>
/// Makes sense of the values of Specific Character Set (0008,0005) as they stand in a dataset: misspelt, unknown, or combined in ways
/// that the standard does not allow. What was made of them is told in warnings; nothing is refused.
/// </summary>
internal static class DeclaredTerms
{
    /// <summary>An empty value 1: the default repertoire, with code extensions after it (PS3.3 C.12.1.1.2).</summary>
    internal static readonly CharacterSetTerm Empty = new(string.Empty, "Default repertoire", SingleByteSets.Ascii, null);

    /// <summary>The rows of the table that the values mean. More than one: value 1 first, and code extensions are in use.</summary>
    internal static List<CharacterSetTerm> Resolve(IEnumerable<string> values, List<string> warnings)
    {
        var entries = new List<CharacterSetTerm>();
        var isFirst = true;
        foreach (var value in values)
        {
            var entry = ResolveOne((value ?? string.Empty).Trim(' ', '\0', '\t', '\r', '\n'), isFirst, warnings);
            if (entry is not null && !entries.Contains(entry))
                entries.Add(entry);

            isFirst = false;
        }

        KeepWholeEncodingsAlone(entries, warnings);
        if (entries.Count > 0 && entries[0].IsMultiByteExtension)
        {
            warnings.Add(
                $"{entries[0].Term} may only be value 2 or later of Specific Character Set (0008,0005); read with the default repertoire "
                + "as value 1.");
            entries.Insert(0, Empty);
        }

        if (entries.Count > 1)
            AllowCodeExtensions(entries, warnings);

        return entries;
    }

    private static CharacterSetTerm? ResolveOne(string value, bool isFirst, List<string> warnings)
    {
        if (value.Length == 0)
            return isFirst ? Empty : null;

        if (CharacterSets.Find(value) is { } exact)
            return exact;

        // Names come from peers and files: what is shown of them has a limit.
        var shown = value.Length <= 32 ? value : value.Substring(0, 32) + "...";
        if (TermSpelling.Understand(value) is { } meant)
        {
            warnings.Add($"\"{shown}\" is no defined term of Specific Character Set (0008,0005); read as {meant.Term}.");
            return meant;
        }

        warnings.Add(isFirst
            ? $"\"{shown}\" is no defined term of Specific Character Set (0008,0005); read as the default repertoire."
            : $"\"{shown}\" is no defined term of Specific Character Set (0008,0005); ignored.");
        return isFirst ? Empty : null;
    }

    // PS3.5 6.1.2.5.4 and PS3.3 Table C.12-5: these replace everything else. Most readers keep the first such value if it is value 1 and
    // drop it otherwise; where the others say no more than ASCII, which each of them contains, it is kept as well.
    private static void KeepWholeEncodingsAlone(List<CharacterSetTerm> entries, List<string> warnings)
    {
        if (entries.Count < 2 || !entries.Exists(entry => entry.IsWholeEncoding))
            return;

        var first = entries.Find(entry => entry.IsWholeEncoding)!;
        if (entries[0] == first
            || entries.TrueForAll(entry => entry.IsWholeEncoding || (entry.G0 == SingleByteSets.Ascii && entry.G1 is null)))
        {
            warnings.Add(
                $"{first.Term} does not allow code extensions; the other values of Specific Character Set (0008,0005) are ignored.");
            entries.Clear();
            entries.Add(first);
            return;
        }

        warnings.Add($"{first.Term} cannot be a code extension of another character set; ignored in Specific Character Set (0008,0005).");
        entries.RemoveAll(entry => entry.IsWholeEncoding);
    }

    private static void AllowCodeExtensions(List<CharacterSetTerm> entries, List<string> warnings)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i] != Empty && !entries[i].IsCodeExtension
                && CharacterSets.Find("ISO 2022 " + entries[i].Term.Substring("ISO_".Length)) is { } extended)
            {
                warnings.Add($"{entries[i].Term} does not allow code extensions; read as {extended.Term}.");
                entries[i] = extended;
            }
        }
    }
}
