using DicomPS.Dictionary;
using DicomPS.Nodes;

namespace DicomPS.Queries;

/// <summary>Completes the keywords of the dictionary, those that the standard has withdrawn left out.</summary>
public sealed class KeywordCompleter : Completer
{
    private protected override IEnumerable<(string Text, string ToolTip)> Candidates() =>
        DicomDictionary.All.Where(entry => entry.Keyword.Length > 0 && !entry.IsRetired && entry.Tag.Group >= 0x0008)
            .OrderBy(entry => entry.Keyword, StringComparer.OrdinalIgnoreCase)
            .Select(entry => (entry.Keyword, $"{entry.Tag} {entry.VrText} {entry.Name}"));
}
