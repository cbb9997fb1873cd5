using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Serialization;

namespace DicomPS.Archiving.Index;

/// <summary>The file of an instance.</summary>
/// <param name="Path">The full path, or a path relative to whatever the index belongs to.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="LastWriteTimeUtc">When it was last written.</param>
/// <param name="TransferSyntaxUid">How its dataset is spelt.</param>
public sealed record IndexedFile(string Path, long Size, DateTime LastWriteTimeUtc, string? TransferSyntaxUid);

/// <summary>
/// Something to be put into an index: the header of an instance, or an answer to a query. It keeps nothing of the dataset that it was
/// made of.
/// </summary>
public sealed class IndexEntry
{
    private IndexEntry(QueryLevel level, bool isAnswer, IndexRow?[] rows, IndexedFile? file, string? source)
    {
        Level = level;
        IsAnswer = isAnswer;
        Rows = rows;
        File = file;
        Source = source;
    }

    /// <summary>Headers need to be read up to this tag and no further.</summary>
    public static DicomTag StopAt => IndexAttributes.StopAt;

    /// <summary>
    /// Whether an element of the outermost level may be needed: sequences that the index does not keep, and what is private, are not.
    /// </summary>
    /// <param name="tag">The tag.</param>
    public static bool IsWanted(DicomTag tag) =>
        DicomDictionary.VrOf(tag) is var vr and not Vr.None && (vr != Vr.SQ || IndexAttributes.Has(tag));

    /// <summary>Whether an element of the outermost level is all or part of what the index takes from a header.</summary>
    /// <param name="tag">The tag.</param>
    public static bool IsIndexed(DicomTag tag) => Indexed.Contains(tag);

    private static HashSet<DicomTag> Indexed { get; } = [Tags.SpecificCharacterSet, .. IndexAttributes.Carried];

    /// <summary>What it is about.</summary>
    public QueryLevel Level { get; }

    /// <summary>The instance's file, or null.</summary>
    public IndexedFile? File { get; }

    /// <summary>The node or AE title that it came from, or null.</summary>
    public string? Source { get; }

    /// <summary>
    /// Whether it is an answer of a peer, which may leave out what it was not asked for. What an instance does not say, it has not.
    /// </summary>
    internal bool IsAnswer { get; }

    /// <summary>A row for each level down to <see cref="Level"/>; none for a patient of whom nothing is said.</summary>
    internal IndexRow?[] Rows { get; }

    /// <summary>The same of another file.</summary>
    internal IndexEntry In(IndexedFile file) => new(Level, IsAnswer, Rows, file, Source);

    /// <summary>An instance.</summary>
    /// <param name="header">Its elements, at least up to <see cref="StopAt"/>.</param>
    /// <param name="file">Its file, or null when it has none here.</param>
    /// <param name="source">The node or AE title that it came from.</param>
    /// <exception cref="DicomException">The header lacks a UID of its study, its series or itself.</exception>
    public static IndexEntry ForInstance(DicomDataset header, IndexedFile? file = null, string? source = null)
    {
        ArgumentNullException.ThrowIfNull(header);
        return Create(QueryLevel.Image, header, isAnswer: false, file, source);
    }

    /// <summary>An answer to a query, which may also say what no instance carries, such as numbers and availability.</summary>
    /// <param name="level">The level of the query.</param>
    /// <param name="answer">The identifier of the answer, with the unique keys of the levels above it that were asked for.</param>
    /// <param name="source">The node that answered.</param>
    /// <exception cref="DicomException">The answer lacks a UID of its level or one above.</exception>
    public static IndexEntry ForAnswer(QueryLevel level, DicomDataset answer, string? source = null)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return Create(level, answer, isAnswer: true, null, source);
    }

    private static IndexEntry Create(QueryLevel level, DicomDataset dataset, bool isAnswer, IndexedFile? file, string? source)
    {
        var rows = new IndexRow?[(int)level + 1];
        for (var at = QueryLevel.Patient; at <= level; at++)
            rows[(int)at] = IndexRow.Of(at, dataset, withTold: isAnswer && at == level);
        Require(QueryLevel.Study, Tags.StudyInstanceUID);
        Require(QueryLevel.Series, Tags.SeriesInstanceUID);
        Require(QueryLevel.Image, Tags.SOPInstanceUID);
        if (rows[0] is { PatientID: null, PatientName: null })
            rows[0] = level == QueryLevel.Patient ? throw Incomplete("PatientID") : null;
        return new IndexEntry(level, isAnswer, rows, file, source);

        void Require(QueryLevel at, DicomTag uid)
        {
            if (at <= level && rows[(int)at]!.Uid is null)
                throw Incomplete(DicomDictionary.KeywordOf(uid));
        }

        DicomException Incomplete(string keyword) => new(
            $"What has no {keyword} cannot be put into an index{(file is null ? "" : $": {file.Path}")}.")
        {
            Stage = DicomStage.File,
            Advice = isAnswer ? $"Let the query return {keyword}, or name it as a key." : null,
        };
    }
}

/// <summary>What a dataset says for the columns of one table.</summary>
internal sealed class IndexRow
{
    private IndexRow(object?[] values, bool isOdd, string? uid)
    {
        Values = values;
        IsOdd = isOdd;
        Uid = uid;
    }

    /// <summary>A value for each of <see cref="ColumnsOf"/>.</summary>
    public object?[] Values { get; }

    /// <summary>Whether a value that should be single has several, or a name several component groups.</summary>
    public bool IsOdd { get; }

    /// <summary>The unique key of the level; not the patient's, which may be missing.</summary>
    public string? Uid { get; }

    /// <summary>Patient ID, in rows of patients.</summary>
    public string? PatientID { get; private init; }

    /// <summary>Issuer of Patient ID, in rows of patients.</summary>
    public string? Issuer { get; private init; }

    /// <summary>Patient's Name as it is compared, in rows of patients.</summary>
    public string? PatientName { get; private init; }

    /// <summary>The columns of a level's table that come from the dataset, in the order of <see cref="Values"/>.</summary>
    public static IReadOnlyList<string> ColumnsOf(QueryLevel level) => AllColumns[(int)level];

    private static string[][] AllColumns { get; } = [
        .. Enumerable.Range(0, 4).Select(level => IndexAttributes.Of((QueryLevel)level).SelectMany(a => a.Columns).ToArray())];

    public bool SaysTheSameAs(IndexRow other)
    {
        for (var i = 0; i < Values.Length; i++)
        {
            if (!Equals(Values[i], other.Values[i])
                && !(Values[i] is byte[] a && other.Values[i] is byte[] b && a.AsSpan().SequenceEqual(b)))
                return false;
        }

        return IsOdd == other.IsOdd;
    }

    public static IndexRow Of(QueryLevel level, DicomDataset dataset, bool withTold)
    {
        var values = new object?[AllColumns[(int)level].Length];
        var isOdd = false;
        string? uid = null, patientId = null, issuer = null, patientName = null;
        var at = 0;
        foreach (var attribute in IndexAttributes.Of(level))
        {
            var isSaid = withTold || !attribute.IsTold;
            if (attribute.Vr == Vr.SQ)
            {
                values[at++] = isSaid ? StoredItems.Of(dataset, attribute.Tag) : null;
                continue;
            }

            var text = isSaid ? MatchText.Of(dataset, attribute.Tag, attribute.Vr) : null;
            values[at++] = text;
            var key = text is null || attribute.KeyColumn is null ? null
                : attribute.Vr == Vr.PN ? NameText.Normalize(text)
                : (object?)Moments.Of(attribute.Vr, text);
            if (attribute.KeyColumn is { })
                values[at++] = key;
            if (attribute.SoundColumn is { })
                values[at++] = text is null ? null : NameText.Sounds(text);
            if (text is null)
                continue;
            // SQL compares what is stored; what is not composed is left to the matcher. Names have a column of their own.
            isOdd |= attribute.Vr != Vr.PN && !MatchText.IsPlain(text);
            isOdd |= !attribute.HasMany && attribute.Vr.IsMultiValued()
                && (text.IndexOf('\\') >= 0 || (attribute.Vr == Vr.PN && ((string)key!).IndexOf('=') >= 0));
            if (attribute.Tag == QueryLevels.UniqueKeyOf(level))
                uid = text;
            if (attribute.Tag == Tags.PatientID)
                patientId = text;
            else if (attribute.Tag == Tags.IssuerOfPatientID)
                issuer = text;
            else if (attribute.Tag == Tags.PatientName)
                patientName = (string?)key;
        }

        return new IndexRow(values, isOdd, uid) { PatientID = patientId, Issuer = issuer, PatientName = patientName };
    }
}

/// <summary>Sequences as the index keeps them: a dataset with this one element, and its character set, in explicit little endian.</summary>
internal static class StoredItems
{
    public static byte[]? Of(DicomDataset dataset, DicomTag tag)
    {
        if (dataset.Find(tag) is not DicomSequence { Items.Count: > 0 } sequence)
            return null;
        var alone = new DicomDataset { Text = dataset.Text };
        if (dataset.Find(Tags.SpecificCharacterSet) is { } set)
            alone.Add(set);
        alone.Add(sequence);
        try
        {
            return DatasetWriter.ToArray(alone, TransferSyntax.ExplicitVRLittleEndian);
        }
        catch (Exception problem) when (problem is InvalidOperationException or ArgumentException or IOException or DicomDataException)
        {
            // An item that cannot be written, such as one whose value is left in a file that is gone: the rest of the header is worth
            // having.
            return null;
        }
    }

    public static IReadOnlyList<DicomDataset> Read(byte[] stored, DicomTag tag) =>
        DatasetReader.Read(stored, TransferSyntax.ExplicitVRLittleEndian).GetItems(tag);
}
