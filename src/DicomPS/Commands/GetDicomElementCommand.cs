using System.Globalization;
using System.Management.Automation;
using DicomPS.Arguments;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Part10;
using DicomPS.Queries;

namespace DicomPS.Commands;

/// <summary>Lists the elements of files or datasets as a tree, one object for each.</summary>
[Cmdlet(VerbsCommon.Get, "DicomElement", DefaultParameterSetName = ByPath)]
[OutputType(typeof(ElementRow))]
public sealed class GetDicomElementCommand : DatasetOrFileCmdlet
{
    private WildcardPattern[] _tags = [];
    private WildcardPattern[] _names = [];

    /// <summary>Only these tags, at any depth; wildcards such as 0010* or (0028,*).</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Tag { get; set; } = [];

    /// <summary>Only elements whose keyword or name is one of these, at any depth; wildcards allowed.</summary>
    [Parameter(Position = 1)]
    [Alias("Keyword")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(KeywordCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    private protected override string Activity => "Reading elements";

    private protected override void Begin()
    {
        base.Begin();
        _tags = Patterns(Tag.Select(Digits).Concat(Name.Where(IsTag).Select(Digits)).Select(Whole));
        _names = Patterns(Name.Where(name => !IsTag(name)).Select(Known));
    }

    private protected override void ProcessFile(string file, bool isFromFolder)
    {
        var opened = Open(file);
        Write(ElementTree.List(opened.MetaElements, file));
        Write(ElementTree.List(opened.Dataset, file));
    }

    private protected override void ProcessDataset(DicomDataset dataset) => Write(ElementTree.List(dataset));

    private void Write(IEnumerable<ElementRow> rows)
    {
        foreach (var row in rows)
        {
            if (StopToken.IsCancellationRequested)
                return;
            if (IsWanted(row))
                WriteObject(row);
        }
    }

    private bool IsWanted(ElementRow row) =>
        (_tags.Length == 0 && _names.Length == 0)
        || Array.Exists(_tags, pattern => pattern.IsMatch(row.Tag.Value.ToString("X8", CultureInfo.InvariantCulture)))
        || Array.Exists(_names,
            pattern => (row.Keyword is { } keyword && pattern.IsMatch(keyword)) || (row.Name is { } name && pattern.IsMatch(name)));

    private static bool IsTag(string name) => DicomTag.TryParse(name.Trim(), out _) || IsNumber(name.Trim());

    private static bool IsNumber(string text) => text.Length > 0 && text.All(c => c is >= '0' and <= '9');

    // Without quotes 00100010 loses its zeros, and 0010,0010 is a list of two numbers.
    private static string Whole(string digits)
    {
        if (digits.Length is < 1 or > 7 || !IsNumber(digits))
            return digits;
        var whole = digits.PadLeft(8, '0');
        if (digits.Length > 4 && DicomTag.TryParse(whole, out var tag) && DicomDictionary.Find(tag) is not null)
            return whole;
        throw new ModuleException(ErrorIds.KeywordUnknown, ErrorCategory.InvalidArgument,
            $"'{digits}' is no tag and no keyword. Without quotes PowerShell takes 0010,0010 for two numbers.",
            "Write the tag in quotes: '0010,0010', or its keyword: PatientName.", digits);
    }

    // A name that the dictionary does not have finds nothing, and silence would look like an answer.
    private static string Known(string name)
    {
        // Turkish and Azeri keyboards have two letters of their own for i; keywords and names have neither.
        var trimmed = name.Trim().Replace('\u0130', 'I').Replace('\u0131', 'i');
        if (!WildcardPattern.ContainsWildcardCharacters(trimmed)
            && !DicomDictionary.All.Any(entry => string.Equals(entry.Keyword, trimmed, StringComparison.OrdinalIgnoreCase)
            || string.Equals(entry.Name, trimmed, StringComparison.OrdinalIgnoreCase)))
        {
            _ = QueryKeyTable.TagOf(trimmed);
        }

        return trimmed;
    }

    private static WildcardPattern[] Patterns(IEnumerable<string> texts) =>
        [.. texts.Select(text => new WildcardPattern(text.Trim(), WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant))];

    // (0028,0010), 0028,0010 and 00280010 are one tag.
    private static string Digits(string tag) => tag.Replace("(", "").Replace(")", "").Replace(",", "").Replace(" ", "");
}
