using System.Text.RegularExpressions;

namespace DicomPS.Engine.Tests.Transcripts;

/// <summary>What is another each time, by a name that stays: ports, folders, generated UIDs, the version of this engine.</summary>
internal sealed class Normal
{
    private static readonly string[] Own = [AssociationDefaults.ImplementationClassUid, AssociationDefaults.ImplementationVersionName];
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    /// <summary>Gives a text of this run, such as the path of a folder, a name.</summary>
    public void Name(string text, string name)
    {
        lock (_names)
            _names[text] = name;
    }

    /// <summary>Whether a value is one that this run made, or that another version of the engine has otherwise.</summary>
    public bool IsMade(string value) => Array.IndexOf(Own, value) >= 0 || Regex.IsMatch(value, "^2\\.25\\.[0-9]{20,}$");

    /// <summary>The text with names for what is another each time.</summary>
    public string Text(string text)
    {
        lock (_names)
        {
            foreach (var (value, name) in _names)
                text = text.Replace(value, name);
            text = text.Replace(Own[0], "<our class UID>").Replace(Own[1], "<our version>");
            text = Regex.Replace(text, "2\\.25\\.[0-9]{20,}", match =>
            {
                var name = $"<made UID {_names.Keys.Count(key => key.StartsWith("2.25.", StringComparison.Ordinal)) + 1}>";
                _names[match.Value] = name;
                return name;
            });
        }

        text = Regex.Replace(text, "(?<=127\\.0\\.0\\.1:|\\bport )[0-9]+", "<port>");
        return Regex.Replace(text, "<folder>[^\"]*", match => match.Value.Replace('\\', '/'));
    }
}
