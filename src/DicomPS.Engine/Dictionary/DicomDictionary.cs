using System.Text;
using DicomPS.Data;

namespace DicomPS.Dictionary;

/// <summary>The data dictionary and the registry of unique identifiers (PS3.6). Looking up allocates the answer and nothing else.</summary>
public static partial class DicomDictionary
{
    /// <summary>All elements: first the single ones in tag order, then the repeating groups.</summary>
    public static IEnumerable<DictionaryEntry> All
    {
        get
        {
            for (var row = 0; row < RowTags.Length; row++)
                yield return Entry(row, new DicomTag(RowTags[row]));
        }
    }

    /// <summary>What the standard says about an element: repeating groups, group lengths and private creators included.</summary>
    /// <param name="tag">The tag.</param>
    /// <returns>The entry, or null when the standard does not know the tag. In a repeating group it carries the tag asked for.</returns>
    public static DictionaryEntry? Find(DicomTag tag)
    {
        var row = FindRow(tag);
        return row >= 0 ? Entry(row, tag)
            : tag.IsGroupLength ? new DictionaryEntry(tag, Vr.UL, "UL", "1", "", "Group Length", true)
            : tag.IsPrivateCreator ? new DictionaryEntry(tag, Vr.LO, "LO", "1", "", "Private Creator", false)
            : null;
    }

    /// <summary>What the standard says about an element.</summary>
    /// <param name="keyword">The keyword in its exact spelling, such as PatientID.</param>
    public static DictionaryEntry? Find(string keyword)
    {
        if (keyword is null)
            throw new ArgumentNullException(nameof(keyword));

        int low = 0, high = RowsByKeyword.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            int row = RowsByKeyword[middle];
            var order = CompareKeyword(row, keyword);
            if (order == 0)
                return Entry(row, new DicomTag(RowTags[row]));

            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return null;
    }

    /// <summary>The VR of an element, the first where there is a choice; <see cref="Vr.None"/> when the tag is unknown.</summary>
    /// <param name="tag">The tag; repeating groups, group lengths and private creators included.</param>
    public static Vr VrOf(DicomTag tag)
    {
        var row = FindRow(tag);
        return row >= 0 ? (Vr)FirstVrs[RowVrs[row]]
            : tag.IsGroupLength ? Vr.UL
            : tag.IsPrivateCreator ? Vr.LO
            : Vr.None;
    }

    /// <summary>The keyword of an element, or its tag as "(gggg,eeee)" when it has none.</summary>
    /// <param name="tag">The tag.</param>
    public static string KeywordOf(DicomTag tag)
    {
        var row = FindRow(tag);
        var keyword = row < 0 ? "" : Keyword(row);
        return keyword.Length > 0 ? keyword : tag.ToString();
    }

    /// <summary>What the standard says about a unique identifier, or null when it is none of the standard's.</summary>
    /// <param name="uid">The identifier.</param>
    public static UidEntry? FindUid(string uid) => UidTable.ByUid.TryGetValue(uid, out var entry) ? entry : null;

    /// <summary>What the standard says about a unique identifier.</summary>
    /// <param name="keyword">The keyword in its exact spelling, such as CTImageStorage.</param>
    public static UidEntry? FindUidByKeyword(string keyword) => UidTable.ByKeyword.TryGetValue(keyword, out var entry) ? entry : null;

    /// <summary>The name of a unique identifier, or the identifier itself when the standard has no name for it.</summary>
    /// <param name="uid">The identifier.</param>
    public static string NameOf(string uid) => FindUid(uid) is { Name.Length: > 0 } entry ? entry.Name : uid;

    /// <summary>The SOP classes of a service.</summary>
    /// <param name="service">The service.</param>
    public static IReadOnlyList<SopClassEntry> SopClasses(SopClassService service) =>
        Array.FindAll(SopClassTable.All, row => row.Service == service);

    /// <summary>The VR as it is printed, such as "US or SS"; empty when the tag is unknown.</summary>
    internal static string VrTextOf(DicomTag tag)
    {
        var row = FindRow(tag);
        return row < 0 ? "" : VrTexts(RowVrs[row]);
    }

    private static int FindRow(DicomTag tag)
    {
        int low = 0, high = ExactRows - 1;
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            var found = RowTags[middle];
            if (found == tag.Value)
                return middle;

            if (found < tag.Value)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return tag.IsPrivate ? -1 : FindRepeatingRow(tag.Value);
    }

    /// <summary>The groups 50xx, 60xx and 7Fxx and the few elements with an x of their own (PS3.5 7.6).</summary>
    private static int FindRepeatingRow(uint tag)
    {
        for (var i = 0; i < RepeatingMasks.Length; i++)
        {
            if ((tag & RepeatingMasks[i]) == RowTags[ExactRows + i])
                return ExactRows + i;
        }

        return -1;
    }

    private static DictionaryEntry Entry(int row, DicomTag tag)
    {
        var text = Texts.Slice(TextOffsets[row], TextOffsets[row + 1] - TextOffsets[row]);
        var tab = text.IndexOf((byte)'\t');
        return new DictionaryEntry(
            tag,
            (Vr)FirstVrs[RowVrs[row]],
            VrTexts(RowVrs[row]),
            VmTexts(RowVms[row] & 127),
            TextCodec.DecodeLatin1(text.Slice(0, tab)),
            TextCodec.DecodeLatin1(text.Slice(tab + 1)),
            RowVms[row] >= 128);
    }

    private static string Keyword(int row)
    {
        var text = Texts.Slice(TextOffsets[row]);
        return TextCodec.DecodeLatin1(text.Slice(0, text.IndexOf((byte)'\t')));
    }

    private static int CompareKeyword(int row, string keyword)
    {
        var text = Texts.Slice(TextOffsets[row]);
        for (var i = 0; i < keyword.Length; i++)
        {
            if (text[i] == '\t')
                return -1;

            var order = text[i] - keyword[i];
            if (order != 0)
                return order;
        }

        return text[keyword.Length] == '\t' ? 0 : 1;
    }

    /// <summary>The registry of unique identifiers, made when it is first asked for.</summary>
    private static class UidTable
    {
        public static readonly Dictionary<string, UidEntry> ByUid = Create();

        public static readonly Dictionary<string, UidEntry> ByKeyword = CreateByKeyword();

        private static Dictionary<string, UidEntry> Create()
        {
            var entries = new Dictionary<string, UidEntry>(512, StringComparer.Ordinal);
            foreach (var line in TextCodec.DecodeLatin1(Uids.Table).Split('\n'))
            {
                var cells = line.TrimEnd('\r').Split('\t');
                entries[cells[0]] = new UidEntry(cells[0], cells[1], cells[2], cells[3], cells[4].Length > 0);
            }

            return entries;
        }

        private static Dictionary<string, UidEntry> CreateByKeyword()
        {
            var entries = new Dictionary<string, UidEntry>(512, StringComparer.Ordinal);
            foreach (var entry in ByUid.Values)
            {
                if (entry.Keyword.Length > 0)
                    entries[entry.Keyword] = entry;
            }

            return entries;
        }
    }
}
