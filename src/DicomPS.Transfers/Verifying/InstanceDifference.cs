using DicomPS.Data;
using DicomPS.Dictionary;

namespace DicomPS.Transfers.Verifying;

/// <summary>What two copies of an instance do not have alike; collected while they are compared.</summary>
internal sealed class InstanceDifference
{
    // Who differs in more is known to differ.
    private const int MostAttributes = 50;
    private const int LongestValue = 64;
    private readonly List<string> _source = [], _destination = [];

    /// <summary>The attributes that differ, by keyword; those in sequences behind the keyword and the item.</summary>
    public List<string> Attributes { get; } = [];

    /// <summary>Why something could not be compared; it is not known to be alike then.</summary>
    public List<string> Unknown { get; } = [];

    /// <summary>Whether everything was compared and is alike.</summary>
    public bool IsNone => Attributes.Count == 0 && Unknown.Count == 0;

    /// <summary>The values at the source, in the order of the attributes; null where there are none to show.</summary>
    public string? SourceValue => Joined(_source);

    /// <summary>The same at the destination.</summary>
    public string? DestinationValue => Joined(_destination);

    /// <summary>Adds an attribute.</summary>
    public void Add(string path, string? here, string? there)
    {
        if (Attributes.Count >= MostAttributes)
            return;
        Attributes.Add(path);
        _source.Add(Short(here));
        _destination.Add(Short(there));
    }

    /// <summary>The keyword of an element, of a private one its tag and its owner, behind where it stands.</summary>
    public static string PathOf(string before, DicomTag tag, DicomDataset dataset)
    {
        var name = tag.IsPrivate ? $"{tag}{(dataset.GetPrivateCreator(tag) is { } owner ? $" {owner.Trim()}" : "")}"
            : DicomDictionary.Find(tag) is { Keyword.Length: > 0 } known ? known.Keyword : $"{tag}";
        return before.Length == 0 ? name : $"{before}.{name}";
    }

    private static string Short(string? text) => text is null ? "(absent)"
        : text.Length > LongestValue ? text.Substring(0, LongestValue) + "..." : text;

    private static string? Joined(List<string> values) => values.Count == 0 ? null : string.Join("; ", values);
}
