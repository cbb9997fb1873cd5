using System.Globalization;
using DicomPS.Data;

namespace DicomPS.Json;

/// <summary>
/// Where in a file a value is, as a URI: file:///folder/name?offset=1234&amp;length=5678 (PS3.18 F.2.6 leaves the form open).
/// </summary>
internal static class BulkDataReference
{
    /// <summary>The URI, or null when the value is in memory.</summary>
    public static string? Of(DicomElement element) => element switch
    {
        // Bytes inside a deflate stream have no place that a reader of the URI could go to.
        DicomValue { Range: { DeflateStart: >= 0 } range } =>
            $"{new Uri(range.Path).AbsoluteUri}#{element.Tag.Value.ToString("X8", CultureInfo.InvariantCulture)}",
        DicomValue { Range: { } range } => Of(range.Path, range.Offset, range.Length),
        DicomFragments fragments => Of(fragments),
        _ => null,
    };

    // From the first fragment that was left in the file to the end of the last: the items and their lengths are between.
    private static string? Of(DicomFragments fragments)
    {
        FileRange? first = null, last = null;
        foreach (var fragment in fragments.Fragments)
        {
            first ??= fragment.Range;
            last = fragment.Range ?? last;
        }

        // One that is in memory may be before or after; then only the element can be named.
        return first is null || last is null ? null
            : fragments.Fragments[0].Range == first && fragments.Fragments[fragments.Fragments.Count - 1].Range == last
                ? Of(first.Path, first.Offset, last.Offset + last.Length - first.Offset)
                : $"{new Uri(first.Path).AbsoluteUri}#{fragments.Tag.Value.ToString("X8", CultureInfo.InvariantCulture)}";
    }

    private static string Of(string path, long offset, long length) => string.Format(
        CultureInfo.InvariantCulture, "{0}?offset={1}&length={2}", new Uri(path).AbsoluteUri, offset, length);
}
