using System.Management.Automation;

namespace DicomPS.Files;

/// <summary>-Include and -Exclude: which names of files are meant, without regard to case. Names of folders are never looked at.</summary>
internal sealed class NameFilter
{
    private readonly WildcardPattern[] _include;
    private readonly WildcardPattern[] _exclude;
    private readonly string[] _plain;

    public NameFilter(IReadOnlyList<string>? include, IReadOnlyList<string>? exclude)
    {
        _include = Patterns(include);
        _exclude = Patterns(exclude);
        _plain = [.. (exclude ?? []).Where(pattern => !WildcardPattern.ContainsWildcardCharacters(pattern))];
    }

    /// <summary>Takes every name.</summary>
    public static NameFilter All { get; } = new(null, null);

    /// <summary>Whether there is anything to leave out.</summary>
    public bool IsOn => _include.Length + _exclude.Length > 0;

    /// <summary>Whether a file is meant, by its name.</summary>
    public bool Takes(string path)
    {
        if (!IsOn)
            return true;
        var name = Path.GetFileName(path);
        return (_include.Length == 0 || _include.Any(pattern => pattern.IsMatch(name))) && !_exclude.Any(pattern => pattern.IsMatch(name));
    }

    /// <summary>Whether somebody wrote this very name to leave it out: of a folder, that is a mistake to tell.</summary>
    public bool Names(string folder)
    {
        var name = Path.GetFileName(folder);
        return _plain.Any(plain => string.Equals(plain, name, StringComparison.OrdinalIgnoreCase));
    }

    private static WildcardPattern[] Patterns(IReadOnlyList<string>? texts) =>
        [.. (texts ?? []).Select(text => new WildcardPattern(text, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant))];
}
