using System.Globalization;
using System.Management.Automation;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Files;
using DicomPS.Part10;
using DicomPS.Queries;

namespace DicomPS.Commands;

/// <summary>Lists the elements of files or datasets as a tree, one object for each.</summary>
[Cmdlet(VerbsCommon.Get, "DicomElement", DefaultParameterSetName = ByPath)]
[OutputType(typeof(ElementRow))]
public sealed class GetDicomElementCommand : DatasetOrFileCmdlet
{
    private WildcardPattern[] tags = [];
    private WildcardPattern[] names = [];

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
        tags = Patterns(Tag.Select(Digits));
        names = Patterns(Name);
    }

    private protected override void ProcessFile(string file, bool isFromFolder)
    {
        DicomFile opened = Open(file);
        Write(ElementTree.List(opened.MetaElements, file));
        Write(ElementTree.List(opened.Dataset, file));
    }

    private protected override void ProcessDataset(DicomDataset dataset) => Write(ElementTree.List(dataset));

    private void Write(IEnumerable<ElementRow> rows)
    {
        foreach (ElementRow row in rows)
        {
            if (StopToken.IsCancellationRequested)
                return;
            if (IsWanted(row))
                WriteObject(row);
        }
    }

    private bool IsWanted(ElementRow row) =>
        (tags.Length == 0 && names.Length == 0)
        || Array.Exists(tags, pattern => pattern.IsMatch(row.Tag.Value.ToString("X8", CultureInfo.InvariantCulture)))
        || Array.Exists(names, pattern => (row.Keyword is { } keyword && pattern.IsMatch(keyword)) || (row.Name is { } name && pattern.IsMatch(name)));

    private static WildcardPattern[] Patterns(IEnumerable<string> texts) => [.. texts.Select(text => new WildcardPattern(text.Trim(), WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant))];

    // (0028,0010), 0028,0010 and 00280010 are one tag.
    private static string Digits(string tag) => tag.Replace("(", "").Replace(")", "").Replace(",", "").Replace(" ", "");
}
